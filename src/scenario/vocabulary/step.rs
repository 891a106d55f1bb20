//! The words of a step: what an actor can do, and what holds steps together.

use super::{Key, Kind, Need, Table, Zero, optional, required};

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
    later("read", "Sends a read receipt."),
    later("delivery", "Sends a delivered receipt."),
    later("channel", "Sends a read receipt for a whole conversation."),
    later("recall", "Takes a message back."),
    later("history", "Reads the history of a conversation."),
    later("sessions", "Reads the session list."),
    later("delete_session", "Deletes a session from the list."),
    later("readers", "Reads who has read a group message."),
    later("upload", "Uploads a file."),
    later("download", "Downloads a file."),
    later("raw", "Sends bytes as they are."),
];

/// Fields of what `as` binds after `send`.
pub const BOUND: &[&str] = &["id", "mid", "to", "text", "code", "status", "reason", "time"];

/// Message types: each with whether this version sends it.
pub const MESSAGE_TYPES: &[(&str, bool)] = &[
    ("txt", true),
    ("img", false),
    ("file", false),
    ("audio", false),
    ("video", false),
    ("loc", false),
    ("cmd", false),
    ("custom", false),
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

/// What `send` takes.
pub static SEND: Table = Table {
    name: "a message",
    keys: &[
        optional("type", Kind::Text, "The message type as the SDK spells it [txt]."),
        required(
            "to",
            Kind::Template,
            "An actor, a group or room of the world, or, with `chatType`, any name or id.",
        ),
        optional(
            "chatType",
            Kind::Choice(&["singleChat", "groupChat", "chatRoom"]),
            "What `to` names, where it is not of this scenario.",
        ),
        optional("msg", Kind::Template, "The text of a `txt`."),
        optional("ext", Kind::Map(&Kind::Pattern), "The message's extension."),
        optional("allowGroupAck", Kind::Flag, "Whether members are to answer with group read receipts."),
        optional(
            "api",
            Kind::Choice(&["old", "new"]),
            "Which of the SDK's two ways makes the message [old].",
        ),
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
