//! The words of a step: what an actor can do, and what holds steps together.

use super::{
    Key, Kind, Need, Table, Zero,
    operand::{
        CHANNEL, DELETE_SESSION, DELIVERY, DOWNLOAD, HISTORY, NOTHING, READ, READERS, RECALL, REPEAT, REST,
        SEND, SESSIONS, UPLOAD,
    },
    optional, required,
};

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
