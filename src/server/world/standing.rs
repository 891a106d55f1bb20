//! What members of a group or room are and may: owner, admins, mutes, allow list, block list.
//!
//! Who is told follows 群组成员管理 and 管理聊天室成员 of the service's documents: the member and the
//! staff but not who did it; a new owner alone in a group, everybody in a room.

use std::time::Duration;

use super::{
    World,
    announcement::Announcement,
    membership::Denied,
    place::{self, Kind, PlaceId},
    user::UserId,
};
use crate::protocol::{schema::muc_body::Operation, time::Moment};

/// A list of a place that members are put on and taken from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Roll {
    /// Admins.
    Admins,
    /// Who may speak although everybody is muted.
    AllowList,
}

/// Whether a user is put on a list or taken from it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Change {
    /// On.
    Add,
    /// Off.
    Remove,
}

impl World {
    /// Another member owns the place; the owner before stays a member.
    pub(super) fn hand_to(
        &mut self,
        now: Moment,
        key: PlaceId,
        owner: UserId,
        actor: Option<UserId>,
    ) -> Result<(), Denied> {
        let place = self.places.get_mut(key).ok_or(Denied::Gone)?;
        if place.owner == owner {
            return Err(Denied::SameOwner);
        }
        let member = place.members.get_mut(&owner).ok_or(Denied::NotMember)?;
        member.is_admin = false;
        let before = std::mem::replace(&mut place.owner, owner);
        let told = match place.kind {
            Kind::Group => vec![owner],
            Kind::Room => self.members_but(key, &[]),
        };
        let announcement = Announcement::of(Operation::AssignOwner, actor.or(Some(before)), Some(owner));
        self.announce(now, key, &told, &announcement);
        Ok(())
    }

    /// Puts a member on a list, or takes the member from it. Nobody hears of what changes nothing.
    pub(super) fn enroll(
        &mut self,
        now: Moment,
        key: PlaceId,
        user: UserId,
        actor: Option<UserId>,
        roll: Roll,
        change: Change,
    ) -> Result<(), Denied> {
        let place = self.places.get_mut(key).ok_or(Denied::Gone)?;
        let owner = place.owner;
        let member = place.members.get_mut(&user).ok_or(Denied::NotMember)?;
        let operation = match (roll, change) {
            (Roll::Admins, Change::Add) => Operation::AddAdmin,
            (Roll::Admins, Change::Remove) => Operation::RemoveAdmin,
            (Roll::AllowList, Change::Add) => Operation::AddUserWhiteList,
            (Roll::AllowList, Change::Remove) => Operation::RemoveUserWhiteList,
        };
        let on = match roll {
            Roll::Admins if owner == user => return Err(Denied::IsOwner),
            Roll::Admins => &mut member.is_admin,
            Roll::AllowList => &mut member.is_allowed,
        };
        let is_new = std::mem::replace(on, change == Change::Add) != (change == Change::Add);
        if is_new {
            self.tell_staff(now, key, user, &Announcement::of(operation, actor, Some(user)));
        }
        Ok(())
    }

    /// Mutes a member until then, or lifts the mute.
    pub(super) fn mute(
        &mut self,
        now: Moment,
        key: PlaceId,
        user: UserId,
        actor: Option<UserId>,
        until: Option<Moment>,
    ) -> Result<(), Denied> {
        let place = self.places.get_mut(key).ok_or(Denied::Gone)?;
        if place.owner == user {
            return Err(Denied::IsOwner);
        }
        let member = place.members.get_mut(&user).ok_or(Denied::NotMember)?;
        member.muted_until = until;
        let operation = if until.is_some() { Operation::AddMute } else { Operation::RemoveMute };
        let ext = until.map(|until| format!(r#"{{"user_mute_time":{}}}"#, mute_expiry(until)));
        let announcement = Announcement {
            ext: ext.as_deref().unwrap_or_default(),
            ..Announcement::of(operation, actor, Some(user))
        };
        self.tell_staff(now, key, user, &announcement);
        Ok(())
    }

    /// Mutes everybody but staff and the allow list, or lifts that.
    pub(super) fn mute_all(&mut self, now: Moment, key: PlaceId, actor: Option<UserId>, change: Change) {
        let Some(place) = self.places.get_mut(key) else { return };
        place.mute_all = change == Change::Add;
        let operation = match change {
            Change::Add => Operation::BanGroup,
            Change::Remove => Operation::RemoveBanGroup,
        };
        let told = self.members_but(key, &[actor]);
        self.announce(now, key, &told, &Announcement::of(operation, actor, None));
    }

    /// Puts a user on the block list, and out if the user is a member; or lets the user in again.
    pub(super) fn block(
        &mut self,
        now: Moment,
        key: PlaceId,
        user: UserId,
        actor: Option<UserId>,
        change: Change,
    ) -> Result<(), Denied> {
        let place = self.places.get_mut(key).ok_or(Denied::Gone)?;
        match change {
            Change::Add => {
                if place.owner == user {
                    return Err(Denied::IsOwner);
                }
                place.blocked.insert(user);
                place.applicants.remove(&user);
                place.invited.remove(&user);
                if place.members.contains_key(&user) {
                    self.put_out(now, key, user, actor)?;
                }
            }
            Change::Remove => {
                if !place.blocked.remove(&user) {
                    return Err(Denied::NotThere);
                }
                self.announce(now, key, &[user], &Announcement::of(Operation::Allow, actor, Some(user)));
            }
        }
        Ok(())
    }

    fn tell_staff(&mut self, now: Moment, key: PlaceId, user: UserId, announcement: &Announcement<'_>) {
        let Some(place) = self.places.get(key) else { return };
        let mut told: Vec<UserId> = place.staff().filter(|member| *member != user).collect();
        told.push(user);
        told.retain(|member| Some(*member) != announcement.actor);
        self.announce(now, key, &told, announcement);
    }
}

/// When a mute of so many milliseconds ends; below zero it has no end.
pub(super) fn mute_end(now: Moment, milliseconds: i64) -> Moment {
    u64::try_from(milliseconds)
        .map_or(place::FOREVER, |milliseconds| now + Duration::from_millis(milliseconds))
}

/// The end of a mute as clients read it: milliseconds since 1970, −1 if it has none.
pub(super) fn mute_expiry(until: Moment) -> i64 {
    if until == place::FOREVER { -1 } else { i64::try_from(until.as_millis()).unwrap_or(i64::MAX) }
}
