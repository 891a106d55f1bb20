//! What a client can send, before it becomes bytes: messages, receipts and recalls.

use super::{
    ext::Ext,
    id::{LocalId, ServerId},
};

/// Where a message goes.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ChatType {
    /// One user; `singleChat`.
    #[default]
    Single,
    /// A group; `groupChat`.
    Group,
    /// A chat room; `chatRoom`.
    Room,
}

/// Which of the SDK's two ways makes the message: in 4.x their bytes differ.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Api {
    /// `new WebIM.message(type, id)`, `.set()`, and assignments to `.body`.
    #[default]
    Old,
    /// `WebIM.message.create()`.
    New,
}

/// One thing to send (heading 构造消息 of the document).
///
/// ```
/// use chatproof::protocol::{
///     id::LocalId,
///     message::{Body, ChatType, Outgoing},
/// };
///
/// let text = Body::Text(Some("hello".to_owned()));
/// let outgoing =
///     Outgoing { chat_type: ChatType::Group, ..Outgoing::new(LocalId(1), "93734273351681", text) };
/// assert_eq!(outgoing.group_ack, None);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// The id of this frame, made by the sender.
    pub id: LocalId,
    /// User name, group id or chat room id, in the case given.
    pub to: String,
    /// Whether `to` is a user, a group or a room.
    pub chat_type: ChatType,
    /// The message's own extension.
    pub ext: Ext,
    /// The message's `msgConfig`, where the sender gave one.
    pub group_ack: Option<GroupAck>,
    /// Which SDK call makes it.
    pub api: Api,
    /// What only later generations know; the older ones send the same bytes without it.
    pub options: Options,
    /// What it says.
    pub body: Body,
}

impl Outgoing {
    /// A message to one user, without extension or options, by [`Api::Old`].
    pub fn new(id: LocalId, to: impl Into<String>, body: Body) -> Self {
        Self {
            id,
            to: to.into(),
            chat_type: ChatType::default(),
            ext: Ext::default(),
            group_ack: None,
            api: Api::default(),
            options: Options::default(),
            body,
        }
    }
}

/// A `msgConfig`: whether members of the group should confirm that they read the message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GroupAck {
    /// `{allowGroupAck: true}`.
    Asked,
    /// `{allowGroupAck: false}`.
    Declined,
    /// A `msgConfig` without `allowGroupAck`.
    Unsaid,
}

/// What a message can ask for since 4.0.7 (`thread`) and 4.8.1 (the rest).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Options {
    /// `isChatThread`: the message belongs to a thread.
    pub thread: bool,
    /// `deliverOnlineOnly`: the server keeps it for nobody who is away.
    pub online_only: bool,
    /// `receiverList`: the members of the group or room that get it; empty means all.
    pub receivers: Vec<String>,
    /// `priority` in a chat room.
    pub priority: Priority,
}

/// How early a chat room drops a message under load.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Priority {
    /// Last.
    High,
    /// In between.
    #[default]
    Normal,
    /// First.
    Low,
}

/// What an [`Outgoing`] says.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A text; `None` is a `msg` that was never set.
    Text(Option<String>),
    /// An image.
    Image(Attachment),
    /// A file of any other kind.
    File(Attachment),
    /// A voice recording.
    Audio(Attachment),
    /// A video.
    Video(Attachment),
    /// A place.
    Location(Location),
    /// A command; `None` is an `action` that was never set.
    Command(Option<String>),
    /// A custom event with its own pairs.
    Custom {
        /// `customEvent`.
        event: Option<String>,
        /// `customExts`.
        exts: Ext,
    },
    /// A read receipt for one message.
    Read {
        /// The message that was read.
        message: ServerId,
        /// `ackContent` of a group read receipt.
        content: Option<String>,
    },
    /// A delivered receipt for one message.
    Delivery {
        /// The message that was delivered.
        message: ServerId,
    },
    /// A read receipt for a whole conversation.
    Channel,
    /// Takes a message back.
    Recall {
        /// The message to take back.
        message: ServerId,
    },
}

/// Where a file is and what is known of it; a value that is `None` does not travel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attachment {
    /// Where the file came from; it decides which values the generations send.
    pub origin: Origin,
    /// Where the file is (`remotePath`).
    pub url: Option<String>,
    /// Its share-secret.
    pub secret: Option<String>,
    /// Its name for people.
    pub filename: Option<String>,
    /// `file_length`, bytes. After an upload, only 4.21.1 sends it; the older ones send the
    /// `file_length` of the ext instead.
    pub file_length: Option<f64>,
    /// Width and height of an image, pixels.
    pub size: Option<Size>,
    /// `length`: seconds for audio, milliseconds for video, passed through as given.
    pub length: Option<f64>,
}

/// Where the file of an [`Attachment`] came from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Origin {
    /// The SDK uploaded it and made the `body` from the answer: sizes and lengths are 0 if unknown.
    #[default]
    Upload,
    /// The page gave a `body` with a URL; its values travel as they are.
    Given,
}

/// Width and height of an image, pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// Width, pixels.
    pub width: Option<f64>,
    /// Height, pixels.
    pub height: Option<f64>,
}

/// A place on earth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Location {
    /// The address as text.
    pub address: Option<String>,
    /// Degrees.
    pub latitude: Option<f64>,
    /// Degrees.
    pub longitude: Option<f64>,
    /// `buildingName`, known since 4.0.3.
    pub building: Option<String>,
}
