//! Every key and verb of the scenario language, as data: the one source of the reader's checks, the
//! JSON Schema for editors and the test that `docs/scenarios.md` speaks of each.

mod capability;
mod checker;
mod event;
mod file;
mod message;
mod metric;
mod operand;
mod profile;
mod step;

pub use capability::CAPABILITIES;
pub use checker::CHECKERS;
pub use event::event_fields;
pub use file::{ACTOR, FILE, GROUP, LOAD, ROOM, STAGE, WORLD};
pub use message::{MESSAGE_TYPES, MessageType};
pub use metric::{METRICS, Measure, Metric};
pub use operand::{
    CHANNEL, DELETE_SESSION, DELIVERY, DOWNLOAD, HISTORY, MADE, READ, READERS, RECALL, REPEAT, REST, SEND,
    SESSIONS, UPLOAD,
};
pub use profile::{NUMBERS, PROFILE, WORDS, facts};
pub use step::{BOUND, STATEMENTS, Statement, VERBS, Verb};

/// What may stand in a place of the file.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Any scalar, taken as text.
    Text,
    /// Letters, digits, `-`, `_` and `/`.
    Slug,
    /// A name that expressions can use: letters, digits and `_`.
    Name,
    /// A text with `{{ expressions }}` in it.
    Template,
    /// An expression.
    Expression,
    /// A length of time such as `100ms`, `2s` or `1m30s`.
    Duration(Zero),
    /// A whole number within limits.
    Whole(u32, u32),
    /// `true` or `false`.
    Flag,
    /// Conversations in a time, such as `10/s`.
    Rate,
    /// A statement such as `send.txt.p99 < 50ms`.
    Threshold,
    /// A refusal code, or `muted`.
    Refusal,
    /// The name of an event.
    Event,
    /// The type of a message.
    MessageType,
    /// The name of a capability.
    Capability,
    /// The id or name of a checker.
    Checker,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Anything, its texts being templates.
    Pattern,
    /// Anything, taken as it is.
    Constant,
    /// A list of the kind.
    List(&'static Self),
    /// Names of the file's own, each with a value of the kind.
    Map(&'static Self),
    /// A mapping with these keys.
    Object(&'static Table),
    /// A scalar of the first kind, or a mapping of the second.
    Short(&'static Self, &'static Table),
    /// A list of steps.
    Steps,
}

/// Whether a length of time may be nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Zero {
    /// `0s` is fine.
    Allowed,
    /// `0s` is a mistake.
    Refused,
}

/// The keys of one kind of mapping.
#[derive(Debug)]
pub struct Table {
    /// What the mapping is, for messages: `an actor`.
    pub name: &'static str,
    /// The keys.
    pub keys: &'static [Key],
}

/// One key of a mapping.
#[derive(Debug)]
pub struct Key {
    /// The key as written.
    pub name: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// Whether the mapping is incomplete without it.
    pub need: Need,
    /// What it says, for the schema: one sentence.
    pub about: &'static str,
}

/// Whether a key must be there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Need {
    /// It must be there.
    Required,
    /// It may be left out.
    Optional,
}

impl Table {
    /// The key of that name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// Whether nothing at all says enough.
    pub fn may_be_empty(&self) -> bool {
        self.keys.iter().all(|key| key.need == Need::Optional)
    }

    /// The names of all keys.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.name)
    }
}

const fn required(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { name, kind, need: Need::Required, about }
}

const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { name, kind, need: Need::Optional, about }
}
