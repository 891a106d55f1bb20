//! What a session reports to whoever drives it.

use std::{fmt, sync::Arc};

use crate::protocol::{
    downlink::Undecodable,
    event::{Event, Kick, ScriptError},
    id::{LocalId, ServerId},
    refusal::Outcome,
    schema::Jid,
    time::Moment,
};

/// Something that the driver of a session should know.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Logged in (`onOpened`).
    Opened {
        /// The resource that the server gave this device; empty if it gave none.
        resource: String,
    },
    /// Login did not succeed. The session sends nothing more on this connection.
    LoginFailed(LoginFailure),
    /// How something that was sent ended. Comes exactly once for each [`Session::send`].
    ///
    /// [`Session::send`]: super::Session::send
    Answered {
        /// The id that it was sent with.
        id: LocalId,
        /// How it ended.
        answer: Answer,
    },
    /// The page is called back, in the order in which it is.
    Delivered(Box<Delivered>),
    /// The server told this device to leave; the page has been told as well. The SDK leaves the
    /// socket open, and does not reconnect once it closes.
    Kicked(Kick),
    /// The SDK asks REST for the block list, and then calls `onBlacklistUpdate`.
    FetchBlocklist,
    /// The server did what it never should.
    Misbehaved(Misbehaviour),
}

/// How something that was sent ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// The server took it (`success(id, mid)`).
    Accepted {
        /// The id that the server gave it; zero if it gave none.
        mid: ServerId,
        /// The server's time, if it told.
        timestamp: Option<Moment>,
    },
    /// The server refused it.
    Refused {
        /// What a page on this generation sees; never [`Outcome::Success`].
        outcome: Outcome,
        /// `errorCode`; `None` if the answer had no status.
        status: Option<i32>,
        /// The server's reason, empty if it gave none.
        reason: String,
    },
    /// No answer came in time.
    TimedOut,
    /// It can have no answer any more, or was never sent.
    Lost(Loss),
}

/// Why something that was sent can have no answer.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Loss {
    /// The connection broke before the answer came; the server may or may not have it.
    Disconnected,
    /// There was no connection, and this generation does not keep messages for the next one.
    NotConnected,
    /// The session has never been connected.
    NotLoggedIn,
    /// Login failed before it could be sent.
    LoginFailed,
    /// More sends are unanswered than a session keeps.
    TooMany,
}

/// What a page is called back with, and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivered {
    /// The queue of the batch, as the server named it; `None` if it did not, and for what the SDK
    /// says by itself, such as `onReceivedMessage`.
    pub queue: Option<Arc<Jid>>,
    /// The position that the batch brought (`nextKey`), if any.
    pub key: Option<u64>,
    /// What the page is called back with.
    pub event: Event,
}

/// Why login did not succeed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LoginFailure {
    /// The server refused PROVISION.
    Refused {
        /// The number that a page on this generation sees.
        code: i32,
        /// `errorCode`.
        status: i32,
        /// The server's reason, empty if it gave none.
        reason: String,
    },
    /// The answer to PROVISION had no status: the SDK stumbles over it (604) and never logs in.
    WithoutStatus,
    /// No answer to PROVISION came in time.
    TimedOut,
}

/// Something that a server following the protocol never does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Misbehaviour {
    /// A frame that is not an MSync, or whose payload does not fit its command.
    Undecodable(Undecodable),
    /// An item that 4.21.1 cannot read and drops in silence.
    UnreadableItem(ScriptError),
    /// A second answer to PROVISION.
    ProvisionedTwice,
    /// An answer for an id that was answered before.
    AnsweredTwice(LocalId),
    /// An answer for an id whose time had run out, or whose connection was lost.
    AnsweredLate(LocalId),
    /// An answer for an id that was not sent.
    AnsweredUnknown(LocalId),
    /// A batch without a status.
    BatchWithoutStatus,
    /// A notice that names no queue.
    NoticeWithoutQueue,
    /// Notices of more queues than a client lists at a time.
    TooManyNotices,
    /// A queue's position went back within a connection.
    PositionWentBack {
        /// The position acknowledged before.
        acknowledged: u64,
        /// The position that came.
        got: u64,
    },
}

impl fmt::Display for Misbehaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undecodable(undecodable) => undecodable.fmt(f),
            Self::UnreadableItem(cause) => write!(f, "a queue item cannot be read ({cause:?} error)"),
            Self::ProvisionedTwice => f.write_str("PROVISION was answered twice"),
            Self::AnsweredTwice(id) => write!(f, "message {id} was answered twice"),
            Self::AnsweredLate(id) => write!(f, "message {id} was answered after it was given up"),
            Self::AnsweredUnknown(id) => write!(f, "an answer came for id {id}, which was not sent"),
            Self::BatchWithoutStatus => f.write_str("a batch came without a status"),
            Self::NoticeWithoutQueue => f.write_str("a notice came without a queue"),
            Self::TooManyNotices => f.write_str("notices came of more queues than a client can list"),
            Self::PositionWentBack { acknowledged, got } => {
                write!(f, "a queue's position went back from {acknowledged} to {got}")
            }
        }
    }
}
