//! Who belongs to a group or room, and with what rights: the changes themselves and who is told.
//!
//! REST calls and MUC frames (`muc`) both come here. Whether the caller may ask for a change is theirs to
//! check; whether it makes sense is checked here.

use std::time::Duration;

use rand::Rng as _;

use super::{
    World,
    announcement::Announcement,
    place::{self, Kind, Member, Place, PlaceId},
    user::UserId,
};
use crate::protocol::{schema::muc_body::Operation, time::Moment};

/// The smallest id that is given to a new group or room.
const FIRST_PLACE_ID: u64 = 100_000_000_000_000;

/// Why a change to a group or room is not made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Denied {
    /// There is no such place any more.
    Gone,
    /// The user belongs to it already.
    AlreadyMember,
    /// The user does not belong to it.
    NotMember,
    /// It has as many members as it may.
    Full,
    /// The user is on its block list.
    Blocked,
    /// Not with its owner.
    IsOwner,
}

/// A list of a place that users are put on and taken from.
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
    /// Makes a user a member. `actor` is who brings the user in, if somebody does.
    pub(super) fn join(
        &mut self,
        now: Moment,
        key: PlaceId,
        user: UserId,
        actor: Option<UserId>,
        operation: Option<Operation>,
    ) -> Result<(), Denied> {
        let place = self.places.get_mut(key).ok_or(Denied::Gone)?;
        if place.members.contains_key(&user) {
            return Err(Denied::AlreadyMember);
        }
        if place.blocked.contains(&user) {
            return Err(Denied::Blocked);
        }
        if place.members.len() >= place.rules.max_users {
            return Err(Denied::Full);
        }
        place.members.insert(user, Member::new(now));
        place.applicants.remove(&user);
        place.invited.remove(&user);
        if let Some(user) = self.users.get_mut(user) {
            user.places.insert(key);
        }
        if let Some(operation) = operation {
            self.announce(now, key, &[user], &Announcement::of(operation, actor, Some(user)));
        }
        let others = self.members_but(key, &[Some(user), actor]);
        self.announce(now, key, &others, &Announcement::of(Operation::Presence, Some(user), None));
        Ok(())
    }

    /// A member goes.
    pub(super) fn leave(&mut self, now: Moment, key: PlaceId, user: UserId) -> Result<(), Denied> {
        self.strike(key, user)?;
        let others = self.members_but(key, &[]);
        self.announce(now, key, &others, &Announcement::of(Operation::Absence, Some(user), None));
        Ok(())
    }

    /// A member is put out.
    pub(super) fn put_out(
        &mut self,
        now: Moment,
        key: PlaceId,
        user: UserId,
        actor: Option<UserId>,
    ) -> Result<(), Denied> {
        self.strike(key, user)?;
        self.announce(now, key, &[user], &Announcement::of(Operation::Kick, actor, Some(user)));
        let others = self.members_but(key, &[actor]);
        self.announce(now, key, &others, &Announcement::of(Operation::Absence, Some(user), None));
        Ok(())
    }

    fn strike(&mut self, key: PlaceId, user: UserId) -> Result<(), Denied> {
        let place = self.places.get_mut(key).ok_or(Denied::Gone)?;
        if place.owner == user {
            return Err(Denied::IsOwner);
        }
        place.members.remove(&user).ok_or(Denied::NotMember)?;
        let (kind, peer) = (place.kind, place.peer(key));
        if let Some(user) = self.users.get_mut(user) {
            user.places.remove(&key);
            if kind == Kind::Room {
                user.mailbox.clear(peer);
            }
        }
        Ok(())
    }

    /// The place ends.
    pub(super) fn destroy(&mut self, now: Moment, key: PlaceId, actor: Option<UserId>) {
        let members = self.members_but(key, &[]);
        let told: Vec<UserId> = members.iter().copied().filter(|member| Some(*member) != actor).collect();
        self.announce(now, key, &told, &Announcement::of(Operation::Destroy, actor, None));
        for member in members {
            if let Some(user) = self.users.get_mut(member) {
                user.places.remove(&key);
            }
        }
        self.places.remove(key);
        self.history.forget(super::history::Conversation::Place(key));
    }

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
            return Err(Denied::IsOwner);
        }
        let member = place.members.get_mut(&owner).ok_or(Denied::NotMember)?;
        member.is_admin = false;
        place.owner = owner;
        let told = self.members_but(key, &[actor]);
        self.announce(now, key, &told, &Announcement::of(Operation::AssignOwner, actor, Some(owner)));
        Ok(())
    }

    /// Puts a member on a list, or takes the member from it.
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
        let member = place.members.get_mut(&user).ok_or(Denied::NotMember)?;
        let on = change == Change::Add;
        let operation = match (roll, change) {
            (Roll::Admins, Change::Add) => Operation::AddAdmin,
            (Roll::Admins, Change::Remove) => Operation::RemoveAdmin,
            (Roll::AllowList, Change::Add) => Operation::AddUserWhiteList,
            (Roll::AllowList, Change::Remove) => Operation::RemoveUserWhiteList,
        };
        match roll {
            Roll::Admins if place.owner == user => return Err(Denied::IsOwner),
            Roll::Admins => member.is_admin = on,
            Roll::AllowList => member.is_allowed = on,
        }
        self.tell_staff(now, key, user, actor, operation);
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
        let member = place.members.get_mut(&user).ok_or(Denied::NotMember)?;
        member.muted_until = until;
        let operation = if until.is_some() { Operation::AddMute } else { Operation::RemoveMute };
        self.tell_staff(now, key, user, actor, operation);
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
                if place.members.contains_key(&user) {
                    self.put_out(now, key, user, actor)?;
                }
                self.announce(now, key, &[user], &Announcement::of(Operation::Ban, actor, Some(user)));
            }
            Change::Remove => {
                if !place.blocked.remove(&user) {
                    return Err(Denied::NotMember);
                }
                self.announce(now, key, &[user], &Announcement::of(Operation::Allow, actor, Some(user)));
            }
        }
        Ok(())
    }

    fn tell_staff(
        &mut self,
        now: Moment,
        key: PlaceId,
        user: UserId,
        actor: Option<UserId>,
        operation: Operation,
    ) {
        let Some(place) = self.places.get(key) else { return };
        let mut told: Vec<UserId> = place.staff().filter(|member| *member != user).collect();
        told.push(user);
        told.retain(|member| Some(*member) != actor);
        self.announce(now, key, &told, &Announcement::of(operation, actor, Some(user)));
    }

    /// The members of a place without some.
    pub(super) fn members_but(&self, key: PlaceId, left_out: &[Option<UserId>]) -> Vec<UserId> {
        let members = self.places.get(key).into_iter().flat_map(|place| place.members.keys().copied());
        members.filter(|member| !left_out.contains(&Some(*member))).collect()
    }

    /// An id that no group or room bears.
    pub(super) fn new_place_id(&mut self) -> String {
        loop {
            // Fifteen digits, as the service's own ids have.
            let id = (FIRST_PLACE_ID + self.random.next_u64() % FIRST_PLACE_ID).to_string();
            if self.places.find(&id).is_none() {
                return id;
            }
        }
    }

    /// Takes a user, who belongs nowhere any more, out of every list.
    pub(super) fn forget_user(&mut self, user: UserId) {
        self.places.strike(user);
        self.users.remove(user);
    }
}

impl Place {
    /// Whether anybody may join without being asked or let in.
    pub(super) const fn is_open(&self) -> bool {
        match self.kind {
            Kind::Room => true,
            Kind::Group => self.rules.is_public && !self.rules.members_only,
        }
    }
}

/// When a mute of so many milliseconds ends; below zero it has no end.
pub(super) fn mute_end(now: Moment, milliseconds: i64) -> Moment {
    u64::try_from(milliseconds)
        .map_or(place::FOREVER, |milliseconds| now + Duration::from_millis(milliseconds))
}
