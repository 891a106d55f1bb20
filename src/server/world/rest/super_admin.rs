//! `/chatrooms/super_admin`: which users may make chat rooms (聊天室管理).

use serde::Deserialize;
use serde_json::json;

use super::{
    call::{Call, Reply},
    error::RestError,
};

#[derive(Deserialize)]
struct Nomination {
    superadmin: String,
}

/// The super admins, by page.
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (skipped, size) = call.page();
    let admins = call.world.users.iter().filter(|user| user.is_super_admin);
    Ok(Reply::list(admins.skip(skipped).take(size).map(|user| user.name().into()).collect()))
}

/// Lets a user make rooms.
pub(super) fn add(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let Nomination { superadmin } = call.json()?;
    let user = call.user(&superadmin)?;
    if let Some(user) = call.world.users.get_mut(user) {
        user.is_super_admin = true;
    }
    Ok(Reply::data(json!({"result": "success", "resource": ""})))
}

/// Lets a user make no more rooms.
pub(super) fn remove(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = call.user_at(0)?;
    if let Some(user) = call.world.users.get_mut(user) {
        user.is_super_admin = false;
    }
    // The service calls the one who was one `newSuperAdmin`.
    Ok(Reply::data(json!({"newSuperAdmin": call.known(user)?.name(), "resource": ""})))
}
