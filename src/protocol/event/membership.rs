//! Changes of groups, chat rooms and contacts.

use serde_json::Value;

use super::name::Name;
use crate::protocol::{
    generation::Generation,
    id::ServerId,
    schema::{Jid, MucBody},
};

/// Something changed in a group or chat room.
#[derive(Clone, Debug, PartialEq)]
pub struct Membership {
    /// Its id (`Meta.id`).
    pub id: ServerId,
    /// `Meta.timestamp`, milliseconds since 1970; 0 if absent.
    pub time: u64,
    /// What changed.
    pub operation: &'static Operation,
    /// What the server says; `mucId` and `from` are present.
    pub body: MucBody,
    /// `detail` of a changed group (4.21.1).
    pub detail: Option<Value>,
    /// `muteTimestamp` of a muted member, where the server tells it (4.21.1).
    pub mute_until: Option<Value>,
}

/// One operation of `MUCBody`, and what pages know it as.
#[derive(Debug, Eq, PartialEq)]
pub struct Operation {
    /// Its number.
    pub number: i32,
    /// `type` of `onPresence` and `onGroupChange`; empty if those are not called.
    pub group: &'static str,
    /// `type` of `onPresence` and `onChatroomChange`; empty if those are not called.
    pub room: &'static str,
    /// `operation` of `onGroupEvent` and `onChatroomEvent` in 4.0.8; empty if those are not called.
    pub event: &'static str,
    /// The same in 4.21.1.
    pub later_event: &'static str,
}

const fn operation(
    number: i32,
    group: &'static str,
    room: &'static str,
    event: &'static str,
    later_event: &'static str,
) -> Operation {
    Operation { number, group, room, event, later_event }
}

/// An operation that a page hears of by one name only.
const fn same(number: i32, label: &'static str, event: &'static str) -> Operation {
    operation(number, label, label, event, event)
}

/// An operation with one name for groups and one for rooms.
const fn apart(number: i32, group: &'static str, room: &'static str, event: &'static str) -> Operation {
    operation(number, group, room, event, event)
}

/// The operations on groups and rooms, in the order of their numbers.
const OPERATIONS: [Operation; 33] = [
    operation(0, "", "", "", "create"),
    same(1, "deleteGroupChat", "destroy"),
    same(2, "join", ""),
    same(3, "leave", ""),
    same(4, "joinGroupNotifications", "requestToJoin"),
    same(5, "joinPublicGroupSuccess", "acceptRequest"),
    operation(6, "joinPublicGroupDeclined", "joinPublicGroupDeclined", "", "joinPublicGroupDeclined"),
    same(7, "invite", "inviteToJoin"),
    same(8, "invite_accept", "acceptInvite"),
    same(9, "invite_decline", "rejectInvite"),
    same(10, "removedFromGroup", "removeMember"),
    same(11, "getBlackList", ""),
    same(12, "ban", ""),
    same(13, "allow", "unblockMember"),
    same(14, "update", "updateInfo"),
    same(15, "block", ""),
    same(16, "unblock", ""),
    apart(17, "memberJoinPublicGroupSuccess", "memberJoinChatRoomSuccess", "memberPresence"),
    apart(18, "leaveGroup", "leaveChatRoom", "memberAbsence"),
    same(19, "direct_joined", "directJoined"),
    same(20, "changeOwner", "changeOwner"),
    same(21, "addAdmin", "setAdmin"),
    same(22, "removeAdmin", "removeAdmin"),
    same(23, "addMute", "muteMember"),
    same(24, "removeMute", "unmuteMember"),
    same(25, "updateAnnouncement", "updateAnnouncement"),
    same(26, "deleteAnnouncement", "deleteAnnouncement"),
    same(27, "uploadFile", "uploadFile"),
    same(28, "deleteFile", "deleteFile"),
    apart(29, "addUserToGroupWhiteList", "addUserToChatRoomWhiteList", "addUserToAllowlist"),
    apart(30, "rmUserFromGroupWhiteList", "rmUserFromChatRoomWhiteList", "removeAllowlistMember"),
    apart(31, "muteGroup", "muteChatRoom", "muteAllMembers"),
    apart(32, "rmGroupMute", "rmChatRoomMute", "unmuteAllMembers"),
];

impl Operation {
    /// The operation of this number that pages on `generation` hear of.
    pub fn find(generation: Generation, number: i32) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| {
            operation.number == number
                && (!operation.group.is_empty() || !operation.event_label(generation).is_empty())
        })
    }

    /// `operation` of `onGroupEvent` and `onChatroomEvent`; empty if those are not called.
    pub const fn event_label(&self, generation: Generation) -> &'static str {
        match generation {
            Generation::V3_6_3 => "",
            Generation::V4_0_8 => self.event,
            Generation::V4_21_1 => self.later_event,
        }
    }
}

impl Membership {
    /// The group or chat room.
    pub fn conference(&self) -> &str {
        self.body.muc_id.as_ref().and_then(|jid| jid.name.as_deref()).unwrap_or_default()
    }

    /// Who did it.
    pub fn from(&self) -> &str {
        self.body.from.as_ref().and_then(|jid| jid.name.as_deref()).unwrap_or_default()
    }

    /// Whom it concerns; empty if nobody is named.
    pub fn to(&self) -> &str {
        self.body.to.first().and_then(|jid: &Jid| jid.name.as_deref()).unwrap_or_default()
    }

    /// Whether it concerns a chat room, not a group.
    pub const fn is_chatroom(&self) -> bool {
        matches!(self.body.is_chatroom, Some(true))
    }

    /// `ext` with which somebody joined a chat room, if any (4.21.1).
    pub(super) fn room_ext(&self) -> Option<&str> {
        let joined_room = self.operation.number == 17 && self.is_chatroom();
        self.body.ext.as_deref().filter(|ext| joined_room && !ext.is_empty())
    }

    /// `type` of `onPresence`; empty if that is not called.
    pub const fn label(&self) -> &'static str {
        if self.is_chatroom() { self.operation.room } else { self.operation.group }
    }

    /// The handler of the first way in which 4.x tells a change.
    pub(super) const fn change_name(&self) -> Name {
        if self.is_chatroom() { Name::ROOM_CHANGE } else { Name::GROUP_CHANGE }
    }

    /// The handler of the second way in which 4.0.8 tells a change.
    pub(super) const fn event_name(&self) -> Name {
        if self.is_chatroom() { Name::ROOM_EVENT } else { Name::GROUP_EVENT }
    }

    pub(super) const fn name(&self) -> Name {
        if self.label().is_empty() { self.event_name() } else { Name::PRESENCE }
    }

    pub(super) fn is_called(&self, generation: Generation, name: Name) -> bool {
        let told = generation != Generation::V3_6_3 && !self.label().is_empty();
        (told && name == self.change_name())
            || (!self.operation.event_label(generation).is_empty() && name == self.event_name())
    }
}

/// Something changed among the user's contacts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Contact {
    /// Its id (`Meta.id`).
    pub id: ServerId,
    /// What changed; `None` for operations that only 3.6.3 shows, and only as presence.
    pub change: Option<ContactChange>,
    /// Who did it.
    pub from: String,
    /// Whom it concerns.
    pub to: String,
    /// The words that came with it, empty if none.
    pub reason: String,
}

/// What changed among the contacts.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ContactChange {
    /// Somebody asks to become a contact.
    Invited,
    /// A contact is no longer one.
    Deleted,
    /// Somebody became a contact.
    Added,
    /// Somebody declined.
    Refused,
    /// Somebody agreed.
    Agreed,
}

impl ContactChange {
    /// The change that a roster operation stands for.
    pub const fn from_operation(operation: i32) -> Option<Self> {
        match operation {
            2 => Some(Self::Invited),
            3 => Some(Self::Deleted),
            4 => Some(Self::Added),
            5 | 9 => Some(Self::Refused),
            8 => Some(Self::Agreed),
            _ => None,
        }
    }

    /// `type` in the callback's argument.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Invited => "subscribe",
            Self::Deleted | Self::Refused => "unsubscribed",
            Self::Added | Self::Agreed => "subscribed",
        }
    }
}
