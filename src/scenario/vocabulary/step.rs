//! The words of a step: what an actor can do, and what holds steps together.

use super::{Key, Kind, Need, Table, Zero, optional, required};
use crate::scenario::media::LARGEST_FILE;

/// Something that an actor can do.
#[derive(Debug)]
pub struct Verb {
    /// The verb, and what its value may be.
    pub key: Key,
    /// Keys that may stand beside it.
    pub beside: &'static [Key],
    /// Whether the verb alone is a whole step, as in `alice: logout`.
    pub alone: bool,
    /// Whether this version plays it.
    pub ready: bool,
    /// Fields of what `as` binds; none where they are not known before the answer.
    pub fields: &'static [&'static str],
}

/// Something that is no actor's doing.
#[derive(Debug)]
pub struct Statement {
    /// The word, and what its value may be.
    pub key: Key,
    /// Keys that may stand beside it.
    pub beside: &'static [Key],
}

const AS: Key = optional("as", Kind::Name, "The name of the result, for later steps.");
const REFUSED: Key =
    optional("refused", Kind::Refusal, "The refusal that must come: a code of the generation, or `muted`.");
const WITHIN: Key =
    optional("within", Kind::Duration(Zero::Refused), "The deadline [`within` of the file, else 5s].");
const WHERE: Key = optional("where", Kind::Expression, "A statement about `event`.");
const FROM: Key = optional("from", Kind::Template, "Whose event: an actor or a user name.");
const TEXT: Key = optional("text", Kind::Template, "The text of the message, exactly.");

const fn verb(
    name: &'static str,
    kind: Kind,
    about: &'static str,
    beside: &'static [Key],
    fields: &'static [&'static str],
) -> Verb {
    Verb { key: required(name, kind, about), beside, alone: false, ready: true, fields }
}

const fn alone(
    name: &'static str,
    about: &'static str,
    beside: &'static [Key],
    fields: &'static [&'static str],
) -> Verb {
    Verb { alone: true, ..verb(name, Kind::Object(&NOTHING), about, beside, fields) }
}

/// A verb whose mapping may be left out.
const fn alone_with(
    name: &'static str,
    table: &'static Table,
    about: &'static str,
    beside: &'static [Key],
    fields: &'static [&'static str],
) -> Verb {
    Verb { alone: true, ..verb(name, Kind::Object(table), about, beside, fields) }
}

/// A verb of the language that this version cannot play.
const fn later(name: &'static str, about: &'static str) -> Verb {
    Verb { ready: false, ..verb(name, Kind::Pattern, about, &[AS, REFUSED, WITHIN], &[]) }
}

/// Every verb.
pub static VERBS: &[Verb] = &[
    alone("login", "Connects and logs in.", &[AS, REFUSED, WITHIN], &["user", "resource"]),
    alone("logout", "Closes the connection in good order.", &[WITHIN], &[]),
    alone("drop", "Cuts the socket, as a dead network does.", &[WITHIN], &[]),
    alone("reconnect", "Connects again, as the SDK does.", &[AS, REFUSED, WITHIN], &["user", "resource"]),
    verb(
        "send",
        Kind::Object(&SEND),
        "Sends a message and waits for the server's answer.",
        &[AS, REFUSED, WITHIN],
        BOUND,
    ),
    verb(
        "expect",
        Kind::Event,
        "Waits for an event.",
        &[
            WHERE,
            FROM,
            TEXT,
            optional("count", Kind::Whole(1, 100_000), "How many such events must come [1]."),
            AS,
            WITHIN,
        ],
        &[],
    ),
    verb(
        "never",
        Kind::Event,
        "Proves that an event did not come: a later marker arrived before it.",
        &[
            WHERE,
            FROM,
            TEXT,
            optional("fence", Kind::Text, "Who sends the marker [chosen by the engine]."),
            WITHIN,
        ],
        &[],
    ),
    verb("pause", Kind::Duration(Zero::Refused), "Waits a fixed time.", &[], &[]),
    verb(
        "rest",
        Kind::Object(&REST),
        "Calls REST, by default with the actor's token.",
        &[AS, WITHIN],
        &["status", "body"],
    ),
    verb(
        "read",
        Kind::Short(&Kind::Expression, &READ),
        "Sends a read receipt for a message; in a group, a group read receipt.",
        &[AS, REFUSED, WITHIN],
        ANSWERED,
    ),
    verb(
        "delivery",
        Kind::Short(&Kind::Expression, &DELIVERY),
        "Sends a delivered receipt for a message.",
        &[AS, REFUSED, WITHIN],
        ANSWERED,
    ),
    verb(
        "channel",
        Kind::Short(&Kind::Template, &CHANNEL),
        "Sends a read receipt for a whole conversation.",
        &[AS, REFUSED, WITHIN],
        ANSWERED,
    ),
    verb(
        "recall",
        Kind::Short(&Kind::Expression, &RECALL),
        "Takes a message back.",
        &[AS, REFUSED, WITHIN],
        ANSWERED,
    ),
    verb(
        "history",
        Kind::Short(&Kind::Template, &HISTORY),
        "Reads the history of a conversation, page by page.",
        &[AS, REFUSED, WITHIN],
        &["messages", "pages", "last", "cursor", "code", "status", "error"],
    ),
    alone_with(
        "sessions",
        &SESSIONS,
        "Reads the session list.",
        &[AS, REFUSED, WITHIN],
        &["list", "of", "code", "status", "error"],
    ),
    verb(
        "delete_session",
        Kind::Short(&Kind::Template, &DELETE_SESSION),
        "Deletes a session from the list.",
        &[AS, REFUSED, WITHIN],
        &["code", "status", "error"],
    ),
    verb(
        "readers",
        Kind::Short(&Kind::Expression, &READERS),
        "Reads who has read a group message.",
        &[AS, REFUSED, WITHIN],
        &["users", "count", "total", "pages", "code", "status", "error"],
    ),
    verb(
        "upload",
        Kind::Short(&Kind::Text, &UPLOAD),
        "Uploads a file.",
        &[AS, REFUSED, WITHIN],
        &["url", "uuid", "secret", "filename", "code", "status", "error"],
    ),
    verb(
        "download",
        Kind::Short(&Kind::Expression, &DOWNLOAD),
        "Downloads the file of a message.",
        &[AS, REFUSED, WITHIN],
        &["bytes", "sha256", "type", "code", "status", "error"],
    ),
    later("raw", "Sends bytes as they are."),
];

/// Fields of what `as` binds after `send`.
pub const BOUND: &[&str] = &[
    "id", "mid", "from", "to", "chatType", "type", "text", "url", "secret", "filename", "code", "status",
    "reason", "time",
];

/// Fields of what `as` binds after a receipt or a recall.
const ANSWERED: &[&str] = &["id", "mid", "to", "code", "status", "reason", "time"];

/// A message type and the keys of `send` that belong to it.
#[derive(Debug)]
pub struct MessageType {
    /// The type as the SDK spells it.
    pub name: &'static str,
    /// Keys that it cannot be without.
    pub needs: &'static [&'static str],
    /// Keys that it may have.
    pub takes: &'static [&'static str],
    /// The file types that the document allows (heading 发送附件消息), where the message carries a file.
    pub files: Option<&'static [&'static str]>,
}

impl MessageType {
    /// The message type of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        MESSAGE_TYPES.iter().find(|known| known.name == name)
    }

    /// Whether a key of `send` belongs to some message types only, and not to this one.
    pub fn is_foreign(&self, key: &str) -> bool {
        let has = |of: &Self| of.needs.contains(&key) || of.takes.contains(&key);
        !has(self) && MESSAGE_TYPES.iter().any(has)
    }
}

const PICTURE: &[&str] = &["file", "url", "secret", "filename", "file_length", "width", "height", "anyType"];
const RECORDING: &[&str] = &["file", "url", "secret", "filename", "file_length", "length", "anyType"];

/// Every message type.
pub static MESSAGE_TYPES: &[MessageType] = &[
    MessageType { name: "txt", needs: &["msg"], takes: &[], files: None },
    MessageType { name: "img", needs: &[], takes: PICTURE, files: Some(&["jpg", "gif", "png", "bmp"]) },
    MessageType {
        name: "file",
        needs: &[],
        takes: PICTURE,
        files: Some(&["jpg", "gif", "png", "bmp", "zip", "txt", "doc", "pdf"]),
    },
    MessageType { name: "audio", needs: &[], takes: RECORDING, files: Some(&["mp3", "amr", "wmv"]) },
    MessageType {
        name: "video",
        needs: &[],
        takes: RECORDING,
        files: Some(&["mp4", "wmv", "avi", "rmvb", "mkv"]),
    },
    MessageType { name: "loc", needs: &["addr", "lat", "lng"], takes: &["buildingName"], files: None },
    MessageType { name: "cmd", needs: &["action"], takes: &[], files: None },
    MessageType { name: "custom", needs: &["customEvent"], takes: &["customExts"], files: None },
];

/// Every statement.
pub static STATEMENTS: &[Statement] = &[
    Statement {
        key: required(
            "each",
            Kind::Name,
            "Every client of an actor plays the steps as `self`, at the same time.",
        ),
        beside: &[required("steps", Kind::Steps, "What each client does.")],
    },
    Statement { key: required("parallel", Kind::Steps, "All steps at the same time."), beside: &[] },
    Statement {
        key: required("repeat", Kind::Object(&REPEAT), "The steps several times, one pass after the other."),
        beside: &[],
    },
    Statement { key: required("check", Kind::Expression, "A statement that must hold."), beside: &[] },
    Statement {
        key: required("set", Kind::Map(&Kind::Expression), "Names bound to the values of expressions."),
        beside: &[],
    },
    Statement {
        key: required("pause", Kind::Duration(Zero::Refused), "The conversation waits a fixed time."),
        beside: &[],
    },
    Statement {
        key: required("rest", Kind::Object(&REST), "Calls REST, by default with the app's token."),
        beside: &[AS, WITHIN],
    },
];

static NOTHING: Table = Table { name: "a verb without arguments", keys: &[] };

const TO: Key = required(
    "to",
    Kind::Template,
    "An actor, a group or room of the world, or, with `chatType`, any name or id.",
);
const WITH: Key =
    required("with", Kind::Template, "The other end of the conversation, as `to` of `send` has it.");
const CHAT_TYPE: Key = optional(
    "chatType",
    Kind::Choice(&["singleChat", "groupChat", "chatRoom"]),
    "What the address names, where it is not of this scenario.",
);
const MESSAGE: Key = required(
    "message",
    Kind::Expression,
    "The message: the name of its `send` or of its event, or the text of its server id.",
);
const TO_OF_MESSAGE: Key =
    optional("to", Kind::Template, "Where it goes [the message's sender, group or room].");
const STATUS: Key = optional("status", Kind::Whole(100, 599), "The HTTP status that must come [200].");

/// What `send` takes.
pub static SEND: Table = Table {
    name: "a message",
    keys: &[
        optional("type", Kind::MessageType, "The message type as the SDK spells it [txt]."),
        TO,
        CHAT_TYPE,
        optional("msg", Kind::Template, "The text of a `txt`."),
        optional(
            "file",
            Kind::Short(&Kind::Text, &MADE),
            "The file that is uploaded first: beside the scenario, else one that the binary has.",
        ),
        optional("anyType", Kind::Flag, "Whether a file of a type that the document does not allow may go."),
        optional("url", Kind::Template, "Where a file is that needs no upload."),
        optional("secret", Kind::Template, "The share-secret of `url`."),
        optional("filename", Kind::Template, "The file's name for people [that of `file`]."),
        optional("file_length", Kind::Template, "Its length, bytes [that of `file`]."),
        optional("width", Kind::Template, "An image's width, pixels."),
        optional("height", Kind::Template, "An image's height, pixels."),
        optional("length", Kind::Template, "How long it lasts: seconds of audio, milliseconds of video."),
        optional("addr", Kind::Template, "The address of a `loc`."),
        optional("lat", Kind::Template, "Degrees of latitude."),
        optional("lng", Kind::Template, "Degrees of longitude."),
        optional("buildingName", Kind::Template, "The building, known since 4.0.3."),
        optional("action", Kind::Template, "What a `cmd` asks for."),
        optional("customEvent", Kind::Template, "The event of a `custom`."),
        optional("customExts", Kind::Map(&Kind::Pattern), "The pairs of a `custom`."),
        optional("ext", Kind::Map(&Kind::Pattern), "The message's extension."),
        optional("allowGroupAck", Kind::Flag, "Whether members are to answer with group read receipts."),
        optional(
            "api",
            Kind::Choice(&["old", "new"]),
            "Which of the SDK's two ways makes the message [old].",
        ),
    ],
};

/// A file that is made up.
pub static MADE: Table = Table {
    name: "a file that is made up",
    keys: &[
        required("name", Kind::Template, "Its name."),
        required("size", Kind::Whole(0, LARGEST_FILE), "Its length, bytes."),
    ],
};

/// What `read` takes.
pub static READ: Table = Table {
    name: "a read receipt",
    keys: &[
        MESSAGE,
        TO_OF_MESSAGE,
        CHAT_TYPE,
        optional("ackContent", Kind::Template, "What a group read receipt says."),
    ],
};

/// What `delivery` takes.
pub static DELIVERY: Table =
    Table { name: "a delivered receipt", keys: &[MESSAGE, TO_OF_MESSAGE, CHAT_TYPE] };

/// What `channel` takes.
pub static CHANNEL: Table = Table { name: "a read receipt for a conversation", keys: &[TO, CHAT_TYPE] };

/// What `recall` takes.
pub static RECALL: Table = Table { name: "a recall", keys: &[MESSAGE, TO_OF_MESSAGE, CHAT_TYPE] };

/// What `history` takes.
pub static HISTORY: Table = Table {
    name: "a look into the history",
    keys: &[
        WITH,
        CHAT_TYPE,
        optional("count", Kind::Whole(1, 50), "How many messages a page [20]."),
        optional("pages", Kind::Whole(1, 100_000), "How many pages [all]."),
        optional("start", Kind::Expression, "Where it begins: a message, an id or a cursor [the newest]."),
        optional("order", Kind::Choice(&["up", "down"]), "From newest to oldest, or the other way [up]."),
        optional(
            "api",
            Kind::Choice(&["old", "new"]),
            "fetchHistoryMessages, or getHistoryMessages, whose request names the size of a page [old].",
        ),
        optional(
            "shows",
            Kind::List(&Kind::Expression),
            "Messages that stand there one after the other, oldest first.",
        ),
        optional("hides", Kind::List(&Kind::Expression), "Messages that do not stand there."),
        STATUS,
    ],
};

/// What `sessions` takes.
pub static SESSIONS: Table = Table {
    name: "a look at the session list",
    keys: &[
        optional("page", Kind::Whole(1, 100_000), "Which page, from 1, as 4.21.1 asks [the whole list]."),
        optional("size", Kind::Whole(1, 1_000), "How many sessions a page [20]."),
        STATUS,
    ],
};

/// What `delete_session` takes.
pub static DELETE_SESSION: Table = Table {
    name: "the deletion of a session",
    keys: &[
        WITH,
        CHAT_TYPE,
        optional("deleteRoam", Kind::Flag, "Whether its history goes too, for this user [false]."),
        STATUS,
    ],
};

/// What `readers` takes.
pub static READERS: Table = Table {
    name: "a look at a message's readers",
    keys: &[
        MESSAGE,
        optional("to", Kind::Template, "The group [that of the message]."),
        CHAT_TYPE,
        optional("size", Kind::Whole(1, 500), "How many names a page [500]."),
        STATUS,
    ],
};

/// What `upload` takes.
pub static UPLOAD: Table = Table {
    name: "an upload",
    keys: &[
        required(
            "file",
            Kind::Short(&Kind::Text, &MADE),
            "The file: beside the scenario, else one that the binary has.",
        ),
        STATUS,
    ],
};

/// What `download` takes.
pub static DOWNLOAD: Table = Table {
    name: "a download",
    keys: &[
        optional(
            "message",
            Kind::Expression,
            "The message whose file it is, by the name of its event or `send`.",
        ),
        optional("url", Kind::Template, "Where the file is."),
        optional("secret", Kind::Template, "The share-secret of `url`."),
        optional("thumbnail", Kind::Flag, "Whether the small picture is wanted [false]."),
        optional("file", Kind::Short(&Kind::Text, &MADE), "The file that the bytes must equal."),
        STATUS,
    ],
};

/// What `rest` takes.
pub static REST: Table = Table {
    name: "a REST call",
    keys: &[
        required("method", Kind::Choice(&["GET", "POST", "PUT", "DELETE"]), "The HTTP method."),
        required("path", Kind::Template, "The path below `/ORG/APP`, such as `/chatgroups/{{ team.id }}`."),
        optional("body", Kind::Pattern, "The JSON body."),
        optional("auth", Kind::Choice(&["user", "app", "none"]), "Whose token goes with it."),
        optional("status", Kind::Whole(100, 599), "The HTTP status that must come [any 2xx]."),
    ],
};

/// What `repeat` takes.
pub static REPEAT: Table = Table {
    name: "a repetition",
    keys: &[
        required("times", Kind::Whole(1, 1_000_000), "How many passes."),
        optional("as", Kind::Name, "The name of the pass's number, which counts from 1."),
        required("steps", Kind::Steps, "What each pass does."),
    ],
};

impl Verb {
    /// The verb of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        VERBS.iter().find(|verb| verb.key.name == name)
    }

    /// The key of that name beside the verb.
    pub fn beside(&self, name: &str) -> Option<&'static Key> {
        self.beside.iter().find(|key| key.name == name)
    }
}

impl Statement {
    /// The statement of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        STATEMENTS.iter().find(|statement| statement.key.name == name)
    }

    /// The keys that must stand beside it.
    pub fn needs(&self) -> impl Iterator<Item = &'static Key> {
        self.beside.iter().filter(|key| key.need == Need::Required)
    }
}
