//! Users whom the app has muted everywhere, for each type of chat.

use std::time::Duration;

use super::{World, frame::Refusal, place, place::Kind, user::UserId};
use crate::protocol::{schema::status::ErrorCode, time::Moment};

/// The three types of chat.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ChatType {
    /// Between two users.
    Single,
    /// In a group.
    Group,
    /// In a chat room.
    Room,
}

impl From<Kind> for ChatType {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Group => Self::Group,
            Kind::Room => Self::Room,
        }
    }
}

/// Until when one user may not speak, for each type of chat.
#[derive(Debug, Default)]
pub(super) struct Silence([Option<Moment>; 3]);

impl Silence {
    /// Mutes for that many seconds from `now` on: below 0 for ever, 0 lifts the mute.
    pub(super) fn set(&mut self, now: Moment, chat_type: ChatType, seconds: i64) {
        self.0[chat_type as usize] = match u64::try_from(seconds) {
            Ok(0) => None,
            Ok(seconds) => Some(now + Duration::from_secs(seconds)),
            Err(_) => Some(place::FOREVER),
        };
    }

    fn holds(&self, now: Moment, chat_type: ChatType) -> bool {
        self.0[chat_type as usize].is_some_and(|until| now < until)
    }
}

impl World {
    /// Whether the app lets a user speak in that type of chat at all.
    pub(super) fn may_speak_at_all(
        &self,
        now: Moment,
        user: UserId,
        chat_type: ChatType,
    ) -> Result<(), Refusal> {
        if self.users.get(user).is_some_and(|user| user.silence.holds(now, chat_type)) {
            return Err(Refusal::new(ErrorCode::PermissionDenied as i32, "user is mute"));
        }
        Ok(())
    }
}
