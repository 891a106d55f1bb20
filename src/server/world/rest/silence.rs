//! `/mutes`: the app mutes a user everywhere, for each type of chat.

use serde::Deserialize;
use serde_json::json;

use super::{
    call::{Call, Reply},
    error::RestError,
};
use crate::server::world::silence::ChatType;

/// A mute that has no end.
const FOREVER: i64 = -1;

/// Seconds for each type of chat: -1 is for ever, 0 lifts the mute; what is left out stays as it is.
#[derive(Deserialize)]
struct Mutes {
    username: String,
    chat: Option<i64>,
    groupchat: Option<i64>,
    chatroom: Option<i64>,
}

/// Mutes a user, or lets the user speak again.
pub(super) fn mute(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let mutes: Mutes = call.json()?;
    let id = call.user(&mutes.username)?;
    let each = [
        (ChatType::Single, mutes.chat),
        (ChatType::Group, mutes.groupchat),
        (ChatType::Room, mutes.chatroom),
    ];
    if each.iter().any(|(_, seconds)| seconds.is_some_and(|seconds| seconds < FOREVER)) {
        return Err(RestError::IllegalArgument(format!("expected seconds, or {FOREVER} for ever")));
    }
    let now = call.now;
    if let Some(user) = call.world.users.get_mut(id) {
        for (chat_type, seconds) in each {
            if let Some(seconds) = seconds {
                user.silence.set(now, chat_type, seconds);
            }
        }
    }
    Ok(Reply::data(json!({"result": "ok"})))
}
