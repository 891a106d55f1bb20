//! Members of rooms who stay away: after a while they have left, and the others hear of it.
//!
//! The owner, admins and the allow list stay, and so does who was never there: a member is missed only
//! from the moment at which the last of the user's devices went offline (聊天室概述).

use super::{
    World,
    place::{Kind, Place, PlaceId},
    timer::Timer,
    user::UserId,
};
use crate::protocol::time::Moment;

impl World {
    /// The last device of a user went offline.
    pub(super) fn begin_absence(&mut self, now: Moment, user: UserId) {
        let Some(missed) = self.users.get_mut(user) else { return };
        missed.absent_since = Some(now);
        if missed.places.iter().any(|key| self.places.get(*key).is_some_and(|place| place.kind == Kind::Room))
        {
            self.timers.start(now + self.settings.limits.room_absence, Timer::Absence(user));
        }
    }

    /// A user may have been away for too long.
    pub(super) fn end_absence(&mut self, now: Moment, user: UserId) {
        let limit = self.settings.limits.room_absence;
        let Some(missed) = self.users.get(user) else { return };
        if missed.absent_since.is_none_or(|since| since + limit > now) {
            return;
        }
        let rooms: Vec<PlaceId> = missed
            .places
            .iter()
            .copied()
            .filter(|key| self.places.get(*key).is_some_and(|place| place.is_left_by_absence(user)))
            .collect();
        for key in rooms {
            // Whoever is no longer a member has nothing to leave.
            let _left = self.leave(now, key, user);
        }
    }
}

impl Place {
    fn is_left_by_absence(&self, user: UserId) -> bool {
        let is_allowed = self.members.get(&user).is_some_and(|member| member.is_allowed);
        self.kind == Kind::Room && !is_allowed && !self.is_staff(user)
    }
}
