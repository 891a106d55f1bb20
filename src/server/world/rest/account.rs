//! `/users/{user}/…`: passwords, bans, kicks, and whether a user is there.

use serde::Deserialize;
use serde_json::json;

use super::{
    call::{Call, Caller, Reply},
    error::RestError,
};
use crate::{
    protocol::{id::ServerId, schema::statistics_body::Operation, secret::Secret},
    server::world::{login::is_same, token::Holder},
};

#[derive(Deserialize)]
struct NewPassword {
    newpassword: Secret,
    /// What a user who changes it himself must know.
    oldpassword: Option<Secret>,
}

/// Changes a password; whoever came in with the old one is put out.
pub(super) fn change_password(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let id = call.user_at(0)?;
    call.must_be(id)?;
    let NewPassword { newpassword, oldpassword } = call.json()?;
    if newpassword.reveal().is_empty() {
        return Err(RestError::IllegalArgument("newpassword is empty".to_owned()));
    }
    let user = call.known(id)?;
    if call.caller != Caller::App && !oldpassword.is_some_and(|old| is_same(&old, &user.password)) {
        return Err(RestError::InvalidGrant("invalid username or password"));
    }
    if let Some(user) = call.world.users.get_mut(id) {
        user.password = newpassword;
    }
    call.world.tokens.revoke(Holder::User(id));
    call.world.kick_all(call.now, id, Operation::UserKickedByChangePassword);
    Ok(Reply::entities(Vec::new()))
}

/// Whether any device of the user is online.
pub(super) fn status(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = call.known(call.user_at(0)?)?;
    let status = if user.is_online() { "online" } else { "offline" };
    Ok(Reply::data(json!({user.name(): status})))
}

/// Puts every device of a user out.
pub(super) fn disconnect(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let id = call.user_at(0)?;
    call.world.kick_all(call.now, id, Operation::UserKickedByOtherDevice);
    Ok(Reply::data(json!({"result": true})))
}

/// Bans an account: its devices are put out and its tokens end.
pub(super) fn deactivate(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let id = call.user_at(0)?;
    if let Some(user) = call.world.users.get_mut(id) {
        user.is_active = false;
    }
    call.world.tokens.revoke(Holder::User(id));
    call.world.kick_all(call.now, id, Operation::UserKickedByOtherDevice);
    Ok(Reply::entities(vec![super::user::entity(call.known(id)?)]))
}

/// Lifts the ban of an account.
pub(super) fn activate(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let id = call.user_at(0)?;
    if let Some(user) = call.world.users.get_mut(id) {
        user.is_active = true;
    }
    Ok(Reply::entities(Vec::new()))
}

/// How many messages wait for a user.
pub(super) fn offline_count(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = call.known(call.user_at(0)?)?;
    Ok(Reply::data(json!({user.name(): user.mailbox.stored()})))
}

/// Whether a message still waits for any of a user's devices.
pub(super) fn offline_status(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = call.known(call.user_at(0)?)?;
    let text = call.parameter(1);
    let id: u64 =
        text.parse().map_err(|_| RestError::IllegalArgument("the message id is no number".to_owned()))?;
    let status = if user.mailbox.holds(ServerId(id)) { "undelivered" } else { "delivered" };
    Ok(Reply::data(json!({text: status})))
}
