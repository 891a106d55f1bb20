//! What an event is about: one variant for each kind of thing that a server can say.

use serde_json::{Map, Value};

use super::{
    membership::{Contact, Membership},
    name::Name,
};
use crate::protocol::{
    id::{LocalId, ServerId},
    message::{ChatType, Location},
    schema::{Provision, StatisticsBody},
};

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Detail {
    /// A message of any kind (`onTextMessage`, `onPictureMessage`, ...).
    Message(Box<Message>),
    /// A receipt or a recall (`onReadMessage`, `onDeliveredMessage`, `onRecallMessage`,
    /// `onChannelMessage`).
    Receipt(Box<Receipt>),
    /// Something changed in a group or chat room (`onPresence`, `onGroupEvent`, ...).
    Membership(Box<Membership>),
    /// Something changed among the user's contacts (`onContactInvited`, ...).
    Contact(Box<Contact>),
    /// What the server reports at login, such as group receipts that came meanwhile
    /// (`onStatisticMessage`).
    Statistic(Box<Statistic>),
    /// A notice of later generations: presence, reactions, threads.
    Notice(Box<Notice>),
    /// The block list changed; these are the users on it (`onBlacklistUpdate`).
    Blocklist(Vec<String>),
    /// The server told this device to leave (`onError`).
    Kicked {
        /// Why.
        kick: Kick,
        /// What the server says of the other device; empty if nothing (4.21.1).
        reason: String,
    },
    /// The server refused the login (`onError`); this is its answer, without secrets.
    LoginRefused(Box<Provision>),
    /// The SDK stumbled (`onError`).
    Error(Box<SdkError>),
    /// The server took something that was sent (`onReceivedMessage`).
    Received {
        /// The id that it was sent with.
        id: LocalId,
        /// The id that the server gave it.
        mid: ServerId,
        /// Where it went.
        to: String,
    },
    /// The sender is muted (`onMutedMessage`; not in 4.21.1).
    Muted {
        /// The id that the server gave the refused message.
        mid: ServerId,
    },
    /// The login is complete (`onOpened`).
    Opened,
    /// The connection is closed for good (`onClosed`).
    Closed,
    /// Offline messages begin to arrive (`onOfflineMessageSyncStart`; 4.21.1).
    SyncStarted,
    /// All offline messages have arrived (`onOfflineMessageSyncFinish`; 4.21.1).
    SyncFinished,
}

/// A message that arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The id that the server gave it (`Meta.id`).
    pub id: ServerId,
    /// Who sent it, by `MessageBody.from`; `None` if that is absent.
    pub from: Option<String>,
    /// Whom or what it was sent to, by `MessageBody.to`; `None` if that is absent.
    pub to: Option<String>,
    /// Single, group or room; `None` for a body type that 3.6.3 does not know and shows anyway.
    pub chat_type: Option<ChatType>,
    /// What it says.
    pub content: Content,
    /// Its extension, in JavaScript's property order.
    pub ext: Map<String, Value>,
    /// `Meta.timestamp`, milliseconds since 1970; 0 if absent.
    pub time: u64,
    /// `msgConfig.allowGroupAck`; `None` if there is no `msgConfig`.
    pub allow_group_ack: Option<Option<bool>>,
    /// `onlineState`, since 4.0.7: 0 offline, 1 online, 2 other, 3 not told.
    pub online_state: u8,
    /// What the batch's status says, unless it is plain OK.
    pub fault: Option<Box<Fault>>,
    /// What later generations add to the handler's argument.
    pub extras: Option<Box<MessageExtras>>,
}

/// The status of a batch, which its messages carry as `error`, `errorText` and `errorCode`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// `errorCode`.
    pub code: i32,
    /// `reason`, empty if absent.
    pub reason: String,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A text.
    Text(String),
    /// An image.
    Image(Box<Attachment>),
    /// A video.
    Video(Box<Attachment>),
    /// A voice recording.
    Audio(Box<Attachment>),
    /// Any other file.
    File(Box<Attachment>),
    /// A place.
    Location(Box<Location>),
    /// A command.
    Command(String),
    /// A custom event.
    Custom {
        /// `customEvent`.
        event: String,
        /// `params`, of old clients.
        params: Map<String, Value>,
        /// `customExts`.
        exts: Map<String, Value>,
    },
    /// Several messages sent as one (4.21.1).
    Combined {
        /// The file that holds them.
        attachment: Box<Attachment>,
        /// Its title.
        title: String,
        /// Its summary.
        summary: String,
        /// What clients show that do not know the kind.
        compatible_text: String,
        /// How deep it nests.
        level: i32,
    },
}

/// A file that a message points to, as the wire describes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attachment {
    /// Where the page gets it, made of `remotePath`, the REST address and the secret.
    pub url: String,
    /// `secretKey`.
    pub secret: String,
    /// `displayName`.
    pub filename: String,
    /// `fileLength`, bytes; 0 if absent.
    pub file_length: i32,
    /// `duration`; 0 if absent.
    pub duration: i32,
    /// Width and height in pixels; `None` where 3.6.3 shows `undefined`.
    pub size: Option<(f64, f64)>,
    /// Where the page gets the thumbnail: an image's in the `listen` handler, a video's in 4.21.1.
    pub thumbnail: String,
    /// The thumbnail's secret.
    pub thumbnail_secret: String,
    /// Whether the image is a GIF (4.21.1).
    pub is_gif: bool,
}

/// What later generations tell a handler of `addEventHandler` about a message, where there is any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MessageExtras {
    /// `reactions`.
    pub reactions: Vec<Value>,
    /// `chatThread`.
    pub thread: Option<Value>,
    /// `chatThreadOverview`.
    pub thread_overview: Option<Value>,
    /// `translations`.
    pub translations: Vec<Value>,
    /// `modifiedInfo` (4.21.1).
    pub modified: Option<Value>,
    /// `priority` and `broadcast` of a chat room's message (4.21.1).
    pub audience: Option<Audience>,
    /// `isRead` (4.21.1).
    pub is_read: bool,
    /// `isDelivered` (4.21.1).
    pub is_delivered: bool,
}

/// How a chat room's message was sent (4.21.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Audience {
    /// `high`, `normal` or `low`.
    pub priority: &'static str,
    /// Whether it went to all rooms.
    pub broadcast: bool,
}

/// A receipt or a recall.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// Which.
    pub kind: ReceiptKind,
    /// Its own id (`Meta.id`).
    pub id: ServerId,
    /// Who sent it; `None` if absent.
    pub from: Option<String>,
    /// Whom or what it was sent to; `None` if absent.
    pub to: Option<String>,
    /// `ackMessageId`: the message that it is about; 0 if absent. A channel receipt has none.
    pub mid: ServerId,
    /// `Meta.timestamp`, milliseconds since 1970; 0 if absent.
    pub time: u64,
    /// `onlineState`, since 4.0.7.
    pub online_state: u8,
    /// What a group read receipt adds.
    pub group: Option<GroupRead>,
    /// `ext` of a recall (4.21.1), empty if absent.
    pub ext: Value,
}

/// Which receipt.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ReceiptKind {
    /// A message was read.
    Read,
    /// A message was delivered.
    Delivered,
    /// A message was taken back.
    Recalled,
    /// A whole conversation was read.
    Channel,
}

/// What a group read receipt adds (heading 群消息回执).
#[derive(Clone, Debug, PartialEq)]
pub struct GroupRead {
    /// `groupReadCount`: readers by message id; `None` if the receipt says none.
    pub counts: Option<Value>,
    /// `ackContent`, empty if absent.
    pub content: String,
}

/// A statistic, with the id and time that it came with.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistic {
    /// Its id (`Meta.id`).
    pub id: ServerId,
    /// What it says.
    pub body: StatisticsBody,
}

/// A notice of later generations, ready for its handler: `onPresenceStatusChange`,
/// `onReactionChange`, `onChatThreadChange`, `onMultiDeviceEvent`, or attributes of a group or room.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// The handler.
    pub name: Name,
    /// Its argument.
    pub argument: Value,
}

/// Why the server told this device to leave.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kick {
    /// The account was removed (operation 1).
    UserRemoved,
    /// The user logged in on another device (operation 2).
    OtherDevice,
    /// The password was changed (operation 3).
    PasswordChanged,
    /// Another device asked for it (operation 4).
    KickedByOtherDevice,
}

impl Kick {
    /// The kick that a statistic's operation stands for.
    pub const fn from_operation(operation: i32) -> Option<Self> {
        match operation {
            1 => Some(Self::UserRemoved),
            2 => Some(Self::OtherDevice),
            3 => Some(Self::PasswordChanged),
            4 => Some(Self::KickedByOtherDevice),
            _ => None,
        }
    }

    /// The SDK's number, as `onError` shows it.
    pub const fn code(self) -> u16 {
        match self {
            Self::UserRemoved => 207,
            Self::OtherDevice => 206,
            Self::PasswordChanged => 216,
            Self::KickedByOtherDevice => 217,
        }
    }

    /// The SDK's words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::UserRemoved => "user has been removed",
            Self::OtherDevice => "the user is already logged on another device",
            Self::PasswordChanged => "the user was kicked by changing password",
            Self::KickedByOtherDevice => "the user was kicked by other device",
        }
    }
}

/// An `onError` that is not a kick.
#[derive(Clone, Debug, PartialEq)]
pub struct SdkError {
    /// `type`: 604 undecodable, 31 callback or unexpected answer, 40 login refused, ...
    pub code: i32,
    /// `message`.
    pub message: &'static str,
    /// The JavaScript error behind it, if there is one.
    pub cause: Option<ScriptError>,
}

/// The kind of JavaScript error that the SDK runs into. Its text depends on the browser.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ScriptError {
    /// Bad JSON.
    Syntax,
    /// A field is used that is absent.
    Type,
    /// Bytes end too early.
    Range,
    /// Text is not UTF-8.
    Uri,
    /// Bytes are no protobuf for another reason.
    Other,
}

impl ScriptError {
    /// The error's `name`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Syntax => "SyntaxError",
            Self::Type => "TypeError",
            Self::Range => "RangeError",
            Self::Uri => "URIError",
            Self::Other => "Error",
        }
    }
}

impl SdkError {
    /// What the SDK says of bytes or fields that it cannot read: 604.
    pub const fn undecodable(cause: ScriptError) -> Self {
        Self { code: 604, message: "decode message error", cause: Some(cause) }
    }

    /// What 3.6.3 says of a message's content that it cannot read: 31.
    pub const fn unreadable_content(cause: ScriptError) -> Self {
        Self { code: 31, message: "parsing message error", cause: Some(cause) }
    }

    /// What the SDK says of an answer to something that it did not send: 31.
    pub const fn unexpected_answer() -> Self {
        Self { code: 31, message: "on message error", cause: None }
    }
}
