//! The records of a history: the vocabulary that checkers judge.
//!
//! A history is a list of records in the order of one monotonic clock inside the harness.
//! Names are numbers here; [`super::Names`] tells whose they are.

use std::hash::{BuildHasher, Hash};

use super::call::{Call, NoticeKind};
use crate::protocol::{
    id::{LocalId, ServerId},
    time::Moment,
};

/// One cast of a scenario; casts share no users, so each can be judged alone.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Cast(pub u32);

/// One simulated client, over all its connections.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SessionId(pub u32);

/// One account.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UserId(pub u32);

/// A single chat between two users, a group or a chat room.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ConversationId(pub u32);

/// One call of one session: pairs an invocation with its outcome.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct OperationId(pub u64);

/// One thing that happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    /// When, by the harness's clock.
    pub at: Moment,
    /// In which cast.
    pub cast: Cast,
    /// To which client.
    pub session: SessionId,
    /// What.
    pub what: What,
}

/// What happened to a client.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What {
    /// The first byte of a call may leave from here on.
    Invoke {
        /// The call.
        operation: OperationId,
        /// What it asks for.
        call: Call,
    },
    /// The server did what was asked.
    Ok {
        /// The call.
        operation: OperationId,
        /// The id that a sent message got; zero if none was given or the call is not a send.
        id: ServerId,
        /// The id that the client gave a sent message; zero if the call is not a send.
        local: LocalId,
    },
    /// The server refused it.
    Fail {
        /// The call.
        operation: OperationId,
        /// How.
        refusal: Refusal,
        /// The id that came with the refusal; zero if none.
        id: ServerId,
    },
    /// The outcome is unknown: the effect may happen at any later time, or never.
    Info {
        /// The call.
        operation: OperationId,
        /// Why it is unknown.
        unknown: Unknown,
    },
    /// A queue item was handed to this client.
    Receive(Item),
    /// A receipt or recall was handed to this client.
    Notice(Notice),
    /// A page of the history was answered; its rows follow.
    Page {
        /// The call.
        operation: OperationId,
        /// How many rows it has.
        rows: u32,
        /// Whether the server says that nothing is behind it.
        last: bool,
    },
    /// A row of a page of the history, in the order of the answer.
    Row {
        /// The call.
        operation: OperationId,
        /// The message; it has no queue position.
        item: Item,
    },
    /// A session of an answered session list, in the order of the answer.
    Listed {
        /// The call.
        operation: OperationId,
        /// The conversation.
        conversation: ConversationId,
        /// How many of its messages are unread.
        unread: u32,
        /// Its last message; zero if the list names none.
        last: ServerId,
    },
    /// A reader of a group message, as REST lists them.
    Reader {
        /// The call.
        operation: OperationId,
        /// Who has read it.
        user: UserId,
    },
    /// Logged in on a connection.
    Opened,
    /// The connection is gone, on purpose or not.
    Closed,
    /// A user certainly became or ceased to be a member of a conversation.
    Membership {
        /// Where.
        conversation: ConversationId,
        /// Who.
        user: UserId,
        /// Which.
        change: Change,
    },
    /// Something was done by hand that is not followed: checkers are silent about what it may touch.
    Disturbed(Disturbance),
    /// The conversation was given the time to come to rest, because this client still misses
    /// something of it.
    Rest {
        /// Where.
        conversation: ConversationId,
        /// A marker was sent at this moment, behind everything that had been accepted before, and
        /// it has arrived. `None` if none did: nothing is known.
        proved: Option<Moment>,
    },
    /// The server did what it never should.
    Misbehaved(Defect),
}

/// What a message says, as far as two views of it can be compared.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Content {
    /// Its type.
    pub kind: MessageKind,
    /// A digest of what it says. Equal within a run of one build only.
    pub digest: u64,
}

impl Content {
    /// The digest of a content.
    pub fn new(kind: MessageKind, says: impl Hash) -> Self {
        Self { kind, digest: foldhash::fast::FixedState::with_seed(0).hash_one(says) }
    }
}

/// The types of messages, as the SDK spells them.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MessageKind {
    /// `txt`
    Text,
    /// `img`
    Image,
    /// `file`
    File,
    /// `audio`
    Audio,
    /// `video`
    Video,
    /// `loc`
    Location,
    /// `cmd`
    Command,
    /// `custom`
    Custom,
}

impl MessageKind {
    /// The type as the SDK spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Image => "img",
            Self::File => "file",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Location => "loc",
            Self::Command => "cmd",
            Self::Custom => "custom",
        }
    }
}

/// A message as a client received it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// Which conversation it belongs to.
    pub conversation: ConversationId,
    /// Who sent it, by its own account.
    pub sender: UserId,
    /// Its id.
    pub id: ServerId,
    /// What it says.
    pub content: Content,
    /// The position of its queue after the batch that brought it, if told.
    pub position: Option<u64>,
}

/// A receipt or recall as a client received it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Notice {
    /// Which.
    pub kind: NoticeKind,
    /// Its own id.
    pub id: ServerId,
    /// The message that it is about; zero for [`NoticeKind::Channel`].
    pub message: ServerId,
    /// Whose it is, by its own account; `None` if it does not say.
    pub from: Option<UserId>,
    /// How many members have read the message, where a group read receipt says so.
    pub readers: Option<u32>,
}

/// How a call was refused, as a page sees it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Refusal {
    /// The SDK's code.
    Code(i32),
    /// The sender is muted.
    Muted,
    /// A page would learn nothing at all.
    Silent,
}

/// Why the outcome of a call is unknown.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Unknown {
    /// No answer came in time.
    TimedOut,
    /// The connection broke before the answer.
    Disconnected,
}

/// How a membership changed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Change {
    /// Is a member from here on.
    Joined,
    /// Is no member from here on.
    Left,
}

/// What something done by hand may have changed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Disturbance {
    /// Who is a member of what, or which accounts there are.
    Members,
    /// Which messages were sent.
    Messages,
    /// Who blocks whom, and who is whose contact.
    Relations,
}

/// Something that a server following the protocol never does.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Defect {
    /// Two answers for this local id, which was sent once.
    AnsweredTwice(LocalId),
    /// An answer for an id that was never sent.
    AnsweredUnknown(u64),
    /// An item came again that the client had acknowledged.
    Repeated(ServerId),
    /// A frame that cannot be understood.
    Undecodable,
    /// Anything else that breaks the protocol.
    Protocol,
}
