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
    /// `new WebIM.message(type, id)` and `.set()`.
    #[default]
    Old,
    /// `WebIM.message.create()`.
    New,
}

/// One thing to send (heading 构造消息 of the document).
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
    /// `msgConfig.allowGroupAck`, where the sender gave a `msgConfig`.
    pub allow_group_ack: Option<bool>,
    /// Which SDK call makes it.
    pub api: Api,
    /// What it says.
    pub body: Body,
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

/// What the upload of a file gave, or a URL that needs none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attachment {
    /// Where the file is (`remotePath`).
    pub url: Option<String>,
    /// Its share-secret.
    pub secret: Option<String>,
    /// Its name for people.
    pub filename: Option<String>,
    /// `file_length`, bytes.
    pub file_length: Option<f64>,
    /// Width of an image, pixels.
    pub width: Option<f64>,
    /// Height of an image, pixels.
    pub height: Option<f64>,
    /// `length`: seconds for audio, milliseconds for video, passed through as given.
    pub length: Option<f64>,
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
