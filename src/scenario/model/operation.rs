//! What an actor can do with messages that exist: receipts, recall, history, sessions, files.

use super::{message::File, step::Address};
use crate::{
    protocol::message::Api,
    scenario::expression::{Expression, Template},
};

/// A receipt for one message (heading 消息回执).
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Which.
    pub kind: ReceiptKind,
    /// The message.
    pub message: Expression,
    /// Where it goes; `None` is where the message came from.
    pub to: Option<Address>,
    /// `ackContent` of a group read receipt.
    pub content: Option<Template>,
}

/// The receipts for one message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReceiptKind {
    /// It was read.
    Read,
    /// It was delivered.
    Delivery,
}

impl ReceiptKind {
    /// The verb.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Delivery => "delivery",
        }
    }
}

/// A message that is taken back (heading 消息撤回).
#[derive(Clone, Debug)]
pub struct Recall {
    /// The message.
    pub message: Expression,
    /// Where it had gone; `None` is what the message itself says.
    pub to: Option<Address>,
}

/// A look into the history of a conversation (heading 消息漫游).
#[derive(Clone, Debug)]
pub struct History {
    /// The other end of the conversation.
    pub with: Address,
    /// How many messages a page.
    pub count: u32,
    /// How many pages; `None` is all.
    pub pages: Option<u32>,
    /// Where it begins; `None` is the newest, or downwards the oldest.
    pub start: Option<Expression>,
    /// In which order the server is asked for messages.
    pub order: Order,
    /// fetchHistoryMessages ([`Api::Old`]) or getHistoryMessages.
    pub api: Api,
    /// Messages that stand there one after the other, oldest first.
    pub shows: Vec<Expression>,
    /// Messages that do not stand there.
    pub hides: Vec<Expression>,
    /// The HTTP status that must come; `None` is success.
    pub status: Option<u16>,
}

/// The order of a page of history.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Order {
    /// Newest first.
    #[default]
    Up,
    /// Oldest first.
    Down,
}

/// A look at the session list (heading 会话列表).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Sessions {
    /// Which page, from 1; `None` with no `size` either is the whole list.
    pub page: Option<u32>,
    /// How many sessions a page.
    pub size: Option<u32>,
    /// The HTTP status that must come; `None` is success.
    pub status: Option<u16>,
}

/// The deletion of a session (heading 删除会话).
#[derive(Clone, Debug)]
pub struct DeleteSession {
    /// The other end of the conversation.
    pub with: Address,
    /// Whether its history goes too, for this user.
    pub delete_roam: bool,
    /// The HTTP status that must come; `None` is success.
    pub status: Option<u16>,
}

/// A look at who has read a group message (heading 消息回执).
#[derive(Clone, Debug)]
pub struct Readers {
    /// The message.
    pub message: Expression,
    /// The group; `None` is the message's own.
    pub to: Option<Address>,
    /// How many names a page.
    pub size: u32,
    /// The HTTP status that must come; `None` is success.
    pub status: Option<u16>,
}

/// An upload (heading 发送附件消息).
#[derive(Clone, Debug)]
pub struct Upload {
    /// The file.
    pub file: File,
    /// The HTTP status that must come; `None` is success.
    pub status: Option<u16>,
}

/// A download (heading 处理消息).
#[derive(Clone, Debug)]
pub struct Download {
    /// Which file.
    pub source: Source,
    /// Whether the small picture is wanted in its place.
    pub thumbnail: bool,
    /// The file that the bytes must equal.
    pub same_as: Option<File>,
    /// The HTTP status that must come; `None` is success.
    pub status: Option<u16>,
}

/// Where a download comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The file of a message.
    Message(Expression),
    /// An address.
    Url {
        /// The address.
        url: Template,
        /// Its share-secret.
        secret: Option<Template>,
    },
}
