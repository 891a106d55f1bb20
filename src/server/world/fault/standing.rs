//! Faults of who may say what to whom.

use super::Fault;
use crate::{
    protocol::schema::{
        message_body::{Type, content},
        status::ErrorCode,
    },
    server::world::{
        World,
        frame::Refusal,
        place::{Kind, PlaceId},
        send::{Letter, Sender},
        uplink,
        user::UserId,
    },
};

/// Where a message to a group or room goes.
#[derive(Clone, Debug)]
pub(in crate::server::world) enum Way {
    /// To the members.
    Open(PlaceId),
    /// Nowhere, although it is accepted.
    Nowhere,
    /// To the members, although it is refused.
    Leaking(PlaceId, Refusal),
}

impl World {
    /// What becomes of a message to a place after the checks of its sender's standing there.
    pub(in crate::server::world) fn way(
        &self,
        letter: &Letter<'_>,
        kind: Kind,
        checked: Result<PlaceId, Refusal>,
    ) -> Result<Way, Refusal> {
        let refusal = match checked {
            Ok(key) => return Ok(self.lost_way(letter, kind, key)),
            Err(refusal) if self.faults.is_off() => return Err(refusal),
            Err(refusal) => refusal,
        };
        let strikes = |fault| self.faults.strikes(fault);
        let found = self.places.find(letter.to);
        let place = found.filter(|key| self.places.get(*key).is_some_and(|place| place.kind == kind));
        let is_text = letter.is_of(content::Type::Text);
        match (refusal.reason.as_deref(), place) {
            (None, Some(key)) if refusal.status == ErrorCode::UserMuted as i32 => {
                if strikes(Fault::MuteSaysOk) {
                    Ok(Way::Nowhere)
                } else if strikes(Fault::MuteLeaks) {
                    Ok(Way::Leaking(key, refusal))
                } else {
                    Err(refusal)
                }
            }
            (Some("not in group or chatroom"), Some(key))
                if kind == Kind::Group && strikes(Fault::NonMemberMaySend)
                    || kind == Kind::Room && strikes(Fault::RoomOpen)
                    || !is_text && strikes(Fault::_602TextOnly) =>
            {
                Ok(Way::Open(key))
            }
            (Some("not in group or chatroom white list"), Some(key)) if strikes(Fault::WhitelistIgnored) => {
                Ok(Way::Open(key))
            }
            (Some("group not found"), None) => match found {
                Some(key) if strikes(Fault::RouteById) => Ok(Way::Open(key)),
                None if strikes(Fault::NoSuchGroupOk) => Ok(Way::Nowhere),
                _ => Err(refusal),
            },
            _ => Err(refusal),
        }
    }

    /// Where a message goes that may be said.
    fn lost_way(&self, letter: &Letter<'_>, kind: Kind, key: PlaceId) -> Way {
        let is_command = letter.is_of(content::Type::Command);
        if kind == Kind::Group && is_command && self.faults.strikes(Fault::CmdNotInGroups) {
            Way::Nowhere
        } else {
            Way::Open(key)
        }
    }

    /// Who of a place's members gets a message, as faults have it.
    pub(in crate::server::world) fn audience(
        &self,
        sender: Sender,
        key: PlaceId,
        mut members: Vec<UserId>,
    ) -> Vec<UserId> {
        if self.faults.is_off() {
            return members;
        }
        let is_group = self.places.get(key).is_some_and(|place| place.kind == Kind::Group);
        if !members.is_empty() && self.faults.strikes(Fault::SkipOneMember) {
            members.remove(0);
        }
        if is_group && self.faults.strikes_in(Fault::CrossDelivery, sender) {
            let is_inside =
                |user: &UserId| self.places.get(key).is_some_and(|place| place.members.contains_key(user));
            let everybody = self.users.iter().filter_map(|user| self.users.find(user.name()));
            members.extend(everybody.filter(|user| !is_inside(user)).take(1));
        }
        members
    }

    /// Whether a fault loses an accepted message of this session.
    pub(in crate::server::world) fn loses(&self, sender: Sender) -> bool {
        self.faults.strikes_in(Fault::AckBeforeStore, sender)
    }

    /// Whether a message gets no answer.
    pub(in crate::server::world) fn is_silent(&self, sender: Sender, meta: &uplink::Meta) -> bool {
        if self.faults.is_off() {
            return false;
        }
        let name = meta.to.as_ref().and_then(|to| to.name.as_deref()).unwrap_or_default();
        let place = self.places.find(name).and_then(|key| self.places.get(key));
        let fault = match place.map(|place| place.kind) {
            Some(Kind::Group) => Some(Fault::GroupSilent),
            Some(Kind::Room) => Some(Fault::RoomSilent),
            None => None,
        };
        fault.is_some_and(|fault| self.faults.strikes(fault))
            || self.faults.strikes_in(Fault::SilentSend, sender)
    }

    /// Who gets a receipt that is for `to`.
    pub(in crate::server::world) fn receiver(
        &self,
        reader: UserId,
        to: UserId,
        letter: &Letter<'_>,
    ) -> UserId {
        if letter.body.kind != Some(Type::ReadAck as i32) || !self.faults.strikes(Fault::ReceiptMisrouted) {
            return to;
        }
        let mut everybody = self.users.iter().filter_map(|user| self.users.find(user.name()));
        everybody.find(|user| *user != reader && *user != to).unwrap_or(to)
    }

    /// Whether the recipient has blocked the sender.
    pub(in crate::server::world) fn is_blocked(
        &self,
        sender: UserId,
        to: UserId,
        letter: &Letter<'_>,
    ) -> bool {
        let blocks = |one, other| self.users.get(one).is_some_and(|user| user.blocked.contains(&other));
        let (is_blocked, is_reverse) = (blocks(to, sender), blocks(sender, to));
        if is_blocked != is_reverse && self.faults.strikes(Fault::BlockReversed) {
            return is_reverse;
        }
        is_blocked && (letter.is_of(content::Type::Text) || !self.faults.strikes(Fault::BlockTextOnly))
    }
}
