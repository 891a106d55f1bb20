//! The names of all events, as pages know them.

use std::{fmt, str::FromStr};

/// An event's name, such as `onTextMessage`.
///
/// Names that only `addEventHandler` knows and that mean the same as a `listen` name are aliases:
/// `onImageMessage` is read as `onPictureMessage`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Name(&'static str);

/// A name that no SDK generation calls back.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown event {name:?}{}", .suggestion.map(|known| format!("; did you mean {known}?")).unwrap_or_default())]
pub struct UnknownName {
    /// What was asked for.
    pub name: String,
    /// The known name that is nearest, if one is near.
    pub suggestion: Option<Name>,
}

/// Names that mean the same as another: (alias, name).
const ALIASES: [(&str, &str); 4] = [
    ("onImageMessage", "onPictureMessage"),
    ("onConnected", "onOpened"),
    ("onDisconnected", "onClosed"),
    ("onDeliverdMessage", "onDeliveredMessage"),
];

macro_rules! names {
    ($($(#[$docs:meta])* $constant:ident = $text:literal;)+) => {
        impl Name {
            $($(#[$docs])* pub const $constant: Self = Self($text);)+

            /// Every name, in the order of the document, later ones last.
            pub const ALL: &'static [Self] = &[$(Self::$constant),+];
        }
    };
}

names! {
    /// The login is complete.
    OPENED = "onOpened";
    /// The connection is closed for good.
    CLOSED = "onClosed";
    /// A text.
    TEXT = "onTextMessage";
    /// A text with emoji codes; no generation calls it unless the page defines `WebIM.Emoji`, and
    /// 3.6.3 not even then.
    EMOJI = "onEmojiMessage";
    /// An image.
    PICTURE = "onPictureMessage";
    /// A command.
    COMMAND = "onCmdMessage";
    /// A voice recording.
    AUDIO = "onAudioMessage";
    /// A place.
    LOCATION = "onLocationMessage";
    /// A file.
    FILE = "onFileMessage";
    /// A custom event.
    CUSTOM = "onCustomMessage";
    /// A video.
    VIDEO = "onVideoMessage";
    /// Something changed in a group or chat room, or among the contacts.
    PRESENCE = "onPresence";
    /// The contact list changed.
    ROSTER = "onRoster";
    /// An invitation to a group.
    INVITE = "onInviteMessage";
    /// The network is back.
    ONLINE = "onOnline";
    /// The network is gone.
    OFFLINE = "onOffline";
    /// Something failed.
    ERROR = "onError";
    /// The block list changed.
    BLOCKLIST = "onBlacklistUpdate";
    /// A message was taken back.
    RECALL = "onRecallMessage";
    /// The server took what was sent.
    RECEIVED = "onReceivedMessage";
    /// A message was delivered.
    DELIVERED = "onDeliveredMessage";
    /// A message was read.
    READ = "onReadMessage";
    /// A group was created.
    CREATE_GROUP = "onCreateGroup";
    /// The sender is muted.
    MUTED = "onMutedMessage";
    /// A whole conversation was read.
    CHANNEL = "onChannelMessage";
    /// What the server reports at login.
    STATISTIC = "onStatisticMessage";
    /// Somebody asks to become a contact.
    CONTACT_INVITED = "onContactInvited";
    /// A contact is no longer one.
    CONTACT_DELETED = "onContactDeleted";
    /// Somebody became a contact.
    CONTACT_ADDED = "onContactAdded";
    /// Somebody declined.
    CONTACT_REFUSED = "onContactRefuse";
    /// Somebody agreed.
    CONTACT_AGREED = "onContactAgreed";
    /// Any messages but commands, all of one batch at once (4.21.1).
    MESSAGE = "onMessage";
    /// Several messages sent as one (4.21.1).
    COMBINED = "onCombineMessage";
    /// Something changed in a group (4.x).
    GROUP_CHANGE = "onGroupChange";
    /// The same, told in the later way (4.0.8).
    GROUP_EVENT = "onGroupEvent";
    /// Something changed in a chat room (4.x).
    ROOM_CHANGE = "onChatroomChange";
    /// The same, told in the later way (4.0.8).
    ROOM_EVENT = "onChatroomEvent";
    /// Somebody's presence changed (4.0.7).
    PRESENCE_STATUS = "onPresenceStatusChange";
    /// Somebody reacted to a message (4.0.7).
    REACTION = "onReactionChange";
    /// Something changed in a thread (4.0.7).
    THREAD = "onChatThreadChange";
    /// Another device of the user did something (4.0.7).
    MULTI_DEVICE = "onMultiDeviceEvent";
    /// Offline messages begin to arrive (4.21.1).
    SYNC_STARTED = "onOfflineMessageSyncStart";
    /// All offline messages have arrived (4.21.1).
    SYNC_FINISHED = "onOfflineMessageSyncFinish";
}

impl Name {
    /// The name itself.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for Name {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = ALIASES.iter().find(|(alias, _)| *alias == text).map_or(text, |(_, name)| *name);
        Self::ALL
            .iter()
            .copied()
            .find(|name| name.0 == wanted)
            .ok_or_else(|| UnknownName { name: text.to_owned(), suggestion: nearest(text) })
    }
}

/// The known name that is most like this text, if any is like it at all.
fn nearest(text: &str) -> Option<Name> {
    Name::ALL
        .iter()
        .copied()
        .map(|name| (strsim::jaro_winkler(&name.0.to_lowercase(), &text.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for name in Name::ALL {
            assert_eq!(name.as_str().parse(), Ok(*name));
        }
    }

    #[test]
    fn a_handler_name_reads_as_the_listen_name() {
        assert_eq!("onImageMessage".parse(), Ok(Name::PICTURE));
    }

    #[test]
    fn a_misspelt_name_is_told_its_neighbour() {
        let error = "onTextMesage".parse::<Name>().unwrap_err();
        assert_eq!(error.to_string(), r#"unknown event "onTextMesage"; did you mean onTextMessage?"#);
        assert_eq!("bananas".parse::<Name>().unwrap_err().to_string(), r#"unknown event "bananas""#);
    }
}
