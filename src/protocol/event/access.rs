//! What an engine asks about an event, without looking at its JSON.

use serde_json::Value;

use super::{ContactChange, Content, Detail, Event, GroupRead, Name, Receipt, ReceiptKind, login};
use crate::protocol::{generation::Generation, id::ServerId, message::ChatType};

impl Event {
    /// The name of the first handler that is called back, as `listen` knows it.
    pub const fn name(&self) -> Name {
        match &self.detail {
            Detail::Message(message) => message.content.name(),
            Detail::Receipt(receipt) => match receipt.kind {
                ReceiptKind::Read => Name::READ,
                ReceiptKind::Delivered => Name::DELIVERED,
                ReceiptKind::Recalled => Name::RECALL,
                ReceiptKind::Channel => Name::CHANNEL,
            },
            Detail::Membership(membership) => membership.name(),
            Detail::Contact(contact) => match contact.change {
                None => Name::PRESENCE,
                Some(ContactChange::Invited) => Name::CONTACT_INVITED,
                Some(ContactChange::Deleted) => Name::CONTACT_DELETED,
                Some(ContactChange::Added) => Name::CONTACT_ADDED,
                Some(ContactChange::Refused) => Name::CONTACT_REFUSED,
                Some(ContactChange::Agreed) => Name::CONTACT_AGREED,
            },
            Detail::Statistic(_) => Name::STATISTIC,
            Detail::Notice(notice) => notice.name,
            Detail::Blocklist(_) => Name::BLOCKLIST,
            Detail::Kicked { .. } | Detail::LoginRefused(_) | Detail::Error(_) => Name::ERROR,
            Detail::Received { .. } => Name::RECEIVED,
            Detail::Muted { .. } => Name::MUTED,
            Detail::Opened => Name::OPENED,
            Detail::Closed => Name::CLOSED,
            Detail::SyncStarted => Name::SYNC_STARTED,
            Detail::SyncFinished => Name::SYNC_FINISHED,
        }
    }

    /// Whether a handler of this name is called back: some events have several.
    pub fn is_called(&self, name: Name) -> bool {
        let also = match &self.detail {
            Detail::Contact(contact) => contact.change.is_some() && name == Name::PRESENCE,
            Detail::Membership(membership) => membership.is_called(self.generation, name),
            Detail::Message(message) => {
                self.generation == Generation::V4_21_1
                    && !matches!(message.content, Content::Command(_))
                    && name == Name::MESSAGE
            }
            _ => false,
        };
        also || self.name() == name
    }

    /// The id that the server gave it: of the message, receipt or notice itself.
    pub fn id(&self) -> Option<ServerId> {
        match &self.detail {
            Detail::Message(message) => Some(message.id),
            Detail::Receipt(receipt) => Some(receipt.id),
            Detail::Membership(membership) => Some(membership.id),
            Detail::Contact(contact) => Some(contact.id),
            Detail::Statistic(statistic) => Some(statistic.id),
            _ => None,
        }
    }

    /// The message that it is about: the one that was read, delivered, taken back or accepted.
    pub fn mid(&self) -> Option<ServerId> {
        match &self.detail {
            Detail::Receipt(receipt) if receipt.kind != ReceiptKind::Channel => Some(receipt.mid),
            Detail::Received { mid, .. } | Detail::Muted { mid } => Some(*mid),
            _ => None,
        }
    }

    /// Who it comes from.
    pub fn from(&self) -> Option<&str> {
        match &self.detail {
            Detail::Message(message) => message.from.as_deref(),
            Detail::Receipt(receipt) => receipt.from.as_deref(),
            Detail::Membership(membership) => Some(membership.from()),
            Detail::Contact(contact) => Some(&contact.from),
            _ => None,
        }
    }

    /// Whom or what it is addressed to: a user, a group or a room.
    pub fn to(&self) -> Option<&str> {
        match &self.detail {
            Detail::Message(message) => message.to.as_deref(),
            Detail::Receipt(receipt) => receipt.to.as_deref(),
            Detail::Membership(membership) => Some(membership.to()),
            Detail::Contact(contact) => Some(&contact.to),
            Detail::Received { to, .. } => Some(to),
            _ => None,
        }
    }

    /// The conversation that it belongs to, seen by this user: the other user, the group or the room.
    pub fn conversation(&self, own: &str) -> Option<&str> {
        match &self.detail {
            Detail::Membership(membership) => Some(membership.conference()),
            Detail::Message(message)
                if matches!(message.chat_type, Some(ChatType::Group | ChatType::Room)) =>
            {
                self.to()
            }
            _ if self.to() == Some(own) => self.from(),
            _ => self.to(),
        }
    }

    /// Single, group or room, where the event says so: receipts do not.
    pub fn chat_type(&self) -> Option<ChatType> {
        match &self.detail {
            Detail::Message(message) => message.chat_type,
            Detail::Membership(membership) if membership.is_chatroom() => Some(ChatType::Room),
            Detail::Membership(_) => Some(ChatType::Group),
            _ => None,
        }
    }

    /// A message's type, as the `send` verb names it: txt, img, file, audio, video, loc, cmd, custom.
    /// For receipts: read, delivery, recall, channel.
    pub const fn kind(&self) -> Option<&'static str> {
        match &self.detail {
            Detail::Message(message) => Some(message.content.kind()),
            Detail::Receipt(receipt) => Some(match receipt.kind {
                ReceiptKind::Read => "read",
                ReceiptKind::Delivered => "delivery",
                ReceiptKind::Recalled => "recall",
                ReceiptKind::Channel => "channel",
            }),
            _ => None,
        }
    }

    /// A text message's text.
    pub fn text(&self) -> Option<&str> {
        match &self.detail {
            Detail::Message(message) => match &message.content {
                Content::Text(text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// When the server says that it happened, milliseconds since 1970; 0 if the server did not say.
    pub fn time(&self) -> Option<u64> {
        match &self.detail {
            Detail::Message(message) => Some(message.time),
            Detail::Receipt(receipt) => Some(receipt.time),
            Detail::Membership(membership) => Some(membership.time),
            _ => None,
        }
    }

    /// How many members have read the message of a group read receipt.
    pub fn group_read_count(&self) -> Option<u64> {
        let receipt = self.receipt()?;
        let counts = receipt.group.as_ref()?.counts.as_ref()?;
        counts.get(receipt.mid.to_string()).and_then(Value::as_u64)
    }

    /// `ackContent` of a group read receipt.
    pub fn ack_content(&self) -> Option<&str> {
        self.receipt()?.group.as_ref().map(|GroupRead { content, .. }| content.as_str())
    }

    /// `location` of a statistic: JSON such as `{"group_ack":[...]}`.
    pub fn location(&self) -> Option<&str> {
        match &self.detail {
            Detail::Statistic(statistic) => Some(statistic.body.location.as_deref().unwrap_or_default()),
            _ => None,
        }
    }

    /// `type` of an `onError`: a kick's, a refused login's or an error's.
    pub fn error_type(&self) -> Option<i32> {
        match &self.detail {
            Detail::Kicked { kick, .. } => Some(kick.code().into()),
            Detail::LoginRefused(answer) => Some(login::code(self.generation, answer)),
            Detail::Error(error) => Some(error.code),
            _ => None,
        }
    }

    fn receipt(&self) -> Option<&Receipt> {
        match &self.detail {
            Detail::Receipt(receipt) => Some(receipt),
            _ => None,
        }
    }
}

impl Content {
    /// The handler that a message of this kind is called back on.
    pub const fn name(&self) -> Name {
        match self {
            Self::Text(_) => Name::TEXT,
            Self::Image(_) => Name::PICTURE,
            Self::Video(_) => Name::VIDEO,
            Self::Audio(_) => Name::AUDIO,
            Self::File(_) => Name::FILE,
            Self::Location(_) => Name::LOCATION,
            Self::Command(_) => Name::COMMAND,
            Self::Custom { .. } => Name::CUSTOM,
            Self::Combined { .. } => Name::COMBINED,
        }
    }

    /// The type as `WebIM.message.create` names it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "txt",
            Self::Image(_) => "img",
            Self::Video(_) => "video",
            Self::Audio(_) => "audio",
            Self::File(_) => "file",
            Self::Location(_) => "loc",
            Self::Command(_) => "cmd",
            Self::Custom { .. } => "custom",
            Self::Combined { .. } => "combine",
        }
    }

    /// `contentsType` in a `listen` handler's argument.
    pub(super) const fn contents_type(&self) -> &'static str {
        match self {
            Self::Text(_) => "TEXT",
            Self::Image(_) => "IMAGE",
            Self::Video(_) => "VIDEO",
            Self::Audio(_) => "VOICE",
            Self::File(_) => "FILE",
            Self::Location(_) => "LOCATION",
            Self::Command(_) => "COMMAND",
            Self::Custom { .. } => "CUSTOM",
            Self::Combined { .. } => "COMBINE",
        }
    }
}
