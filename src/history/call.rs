//! What clients ask a server for.

use super::record::{Content, ConversationId, OperationId};
use crate::protocol::id::ServerId;

/// What a call asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Call {
    /// Connect and log in.
    Login,
    /// Close in good order.
    Logout,
    /// Send a message.
    Send {
        /// Where it goes.
        conversation: ConversationId,
        /// What it says.
        content: Content,
    },
    /// Call REST.
    Rest,
    /// Send a receipt.
    Acknowledge {
        /// Which.
        kind: NoticeKind,
        /// Where the message, or for [`NoticeKind::Channel`] the receipt, belongs.
        conversation: ConversationId,
        /// The message; zero for [`NoticeKind::Channel`].
        message: ServerId,
    },
    /// Take a message back.
    Recall {
        /// Where it was sent.
        conversation: ConversationId,
        /// The message.
        message: ServerId,
    },
    /// Read one page of the history.
    History {
        /// Of which conversation.
        conversation: ConversationId,
        /// The first call of the walk that the page belongs to.
        walk: OperationId,
        /// The row, exclusive, behind which it begins; `None` is the newest.
        start: Option<ServerId>,
        /// How many rows were asked for; zero if the server chooses.
        count: u32,
    },
    /// Read the session list.
    Sessions,
    /// Delete a session from the list.
    DeleteSession {
        /// The conversation.
        conversation: ConversationId,
        /// Whether its history goes too, for this user.
        roaming: bool,
    },
    /// Read who has read a group message.
    Readers {
        /// The message.
        message: ServerId,
    },
    /// Store a file.
    Upload,
    /// Fetch a file.
    Download,
}

/// What is said about a message, or about a whole conversation, that was there before.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum NoticeKind {
    /// It was read.
    Read,
    /// It was delivered.
    Delivered,
    /// Everything of the conversation was read.
    Channel,
    /// It was taken back.
    Recalled,
}

impl NoticeKind {
    /// The verb that sends it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Delivered => "delivery",
            Self::Channel => "channel",
            Self::Recalled => "recall",
        }
    }
}
