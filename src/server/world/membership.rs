//! Who belongs to a group or room: who comes and goes, and who is told.
//!
//! REST calls and MUC frames (`muc`) both come here. Whether the caller may ask for a change is theirs to
//! check; whether it makes sense is checked here.

use rand::Rng as _;

use super::{
    World,
    announcement::Announcement,
    delivery::{Parcel, Reach},
    history::{Conversation, Direction, Selection},
    place::{Kind, Member, Place, PlaceId},
    user::UserId,
};
use crate::protocol::{schema::muc_body::Operation, time::Moment};

/// The smallest id that is given to a new group or room.
const FIRST_PLACE_ID: u64 = 100_000_000_000_000;

/// Messages of a room that a new member gets (聊天室概述).
const ROOM_HISTORY: usize = 10;

/// Why a change to a group or room is not made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Denied {
    /// There is no such place any more.
    Gone,
    /// The user belongs to it already.
    AlreadyMember,
    /// The user, to whom something is to be done, does not belong to it.
    NotMember,
    /// The user, who wants to leave it or a list of it, is not there.
    NotThere,
    /// It has as many members as it may.
    Full,
    /// The user is on its block list.
    Blocked,
    /// The user belongs to as many places as a user may.
    TooManyPlaces,
    /// Not with its owner.
    IsOwner,
    /// It belongs to the user already.
    SameOwner,
}

/// How somebody comes in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entrance<'a> {
    /// Who brings the user in, if somebody does.
    pub(super) actor: Option<UserId>,
    /// What the user is told.
    pub(super) told: Option<Operation>,
    /// What the user says to the others on coming in (4.21.1).
    pub(super) ext: &'a str,
}

impl World {
    /// Makes a user a member. Everybody else there hears of it, who brought the user in as well.
    pub(super) fn join(
        &mut self,
        now: Moment,
        key: PlaceId,
        user: UserId,
        entrance: Entrance<'_>,
    ) -> Result<(), Denied> {
        self.take_in(now, key, user)?;
        self.bring_up_to_date(key, user);
        if let Some(operation) = entrance.told {
            self.announce(now, key, &[user], &Announcement::of(operation, entrance.actor, Some(user)));
        }
        let others = self.members_but(key, &[Some(user)]);
        let arrival =
            Announcement { ext: entrance.ext, ..Announcement::of(Operation::Presence, Some(user), None) };
        self.announce(now, key, &others, &arrival);
        Ok(())
    }

    /// Makes a user one of the first members. Only that user is told: the others come in at the same time.
    pub(super) fn found_with(
        &mut self,
        now: Moment,
        key: PlaceId,
        owner: UserId,
        member: UserId,
    ) -> Result<(), Denied> {
        self.take_in(now, key, member)?;
        let announcement = Announcement::of(Operation::DirectJoined, Some(owner), Some(member));
        self.announce(now, key, &[member], &announcement);
        Ok(())
    }

    fn take_in(&mut self, now: Moment, key: PlaceId, user: UserId) -> Result<(), Denied> {
        let place = self.places.get_mut(key).ok_or(Denied::Gone)?;
        place.admits(user)?;
        if self.users.get(user).is_none_or(|user| user.places.len() >= self.settings.limits.groups_per_user) {
            return Err(Denied::TooManyPlaces);
        }
        place.members.insert(user, Member::new(now));
        place.applicants.remove(&user);
        place.invited.remove(&user);
        if let Some(user) = self.users.get_mut(user) {
            user.places.insert(key);
        }
        Ok(())
    }

    /// Gives who has come into a room what was said last there, where the world does that.
    fn bring_up_to_date(&mut self, key: PlaceId, user: UserId) {
        let Some(place) = self.places.get(key) else { return };
        let (peer, address) = (place.peer(key), place.address.clone());
        let is_served = place.kind == Kind::Room && self.settings.services.room_history;
        // Behind what waits already, older messages would not be found.
        if !is_served || self.users.get(user).is_none_or(|user| user.mailbox.has(peer)) {
            return;
        }
        let (said, _) = self.history.page(
            Conversation::Place(key),
            None,
            Direction::Older,
            ROOM_HISTORY,
            &Selection::default(),
        );
        let parcels: Vec<Parcel> = said
            .into_iter()
            .rev()
            .map(|said| Parcel { id: said.id, meta: said.meta.clone(), reach: Reach::Online, read: None })
            .collect();
        for parcel in parcels {
            self.post(user, peer, &address, &parcel);
        }
    }

    /// A member goes. The owner of a room may, too, and owns it still; the owner of a group may not.
    pub(super) fn leave(&mut self, now: Moment, key: PlaceId, user: UserId) -> Result<(), Denied> {
        let place = self.places.get(key).ok_or(Denied::Gone)?;
        if place.kind == Kind::Group && place.owner == user {
            return Err(Denied::IsOwner);
        }
        self.strike(key, user).map_err(|_| Denied::NotThere)?;
        let others = self.members_but(key, &[]);
        self.announce(now, key, &others, &Announcement::of(Operation::Absence, Some(user), None));
        Ok(())
    }

    /// A member is put out; the others hear that the member is gone.
    pub(super) fn put_out(
        &mut self,
        now: Moment,
        key: PlaceId,
        user: UserId,
        actor: Option<UserId>,
    ) -> Result<(), Denied> {
        if self.places.get(key).ok_or(Denied::Gone)?.owner == user {
            return Err(Denied::IsOwner);
        }
        self.strike(key, user)?;
        self.announce(now, key, &[user], &Announcement::of(Operation::Kick, actor, Some(user)));
        let others = self.members_but(key, &[]);
        self.announce(now, key, &others, &Announcement::of(Operation::Absence, Some(user), None));
        Ok(())
    }

    fn strike(&mut self, key: PlaceId, user: UserId) -> Result<(), Denied> {
        let place = self.places.get_mut(key).ok_or(Denied::Gone)?;
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
        self.files.forget(key);
        self.group_acks.forget_place(key);
        self.history.forget(Conversation::Place(key));
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
    /// Whether a user may become a member, as far as the place itself is concerned.
    pub(super) fn admits(&self, user: UserId) -> Result<(), Denied> {
        if self.members.contains_key(&user) {
            Err(Denied::AlreadyMember)
        } else if self.blocked.contains(&user) {
            Err(Denied::Blocked)
        } else if self.members.len() >= self.rules.max_users {
            Err(Denied::Full)
        } else {
            Ok(())
        }
    }

    /// Whether anybody may join without being asked or let in.
    pub(super) const fn is_open(&self) -> bool {
        match self.kind {
            Kind::Room => true,
            Kind::Group => self.rules.is_public && !self.rules.members_only,
        }
    }
}
