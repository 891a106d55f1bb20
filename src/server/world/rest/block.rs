//! `/users/{user}/blocks`: whom a user does not hear from.

use super::{
    call::{Call, Reply},
    error::RestError,
};
use crate::server::world::{standing::Change, user::UserId};

/// Whom a user blocks.
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    Ok(Reply::list(call.names(call.known(user)?.blocked.iter().copied())))
}

/// Blocks users: all of them or, if one is unknown, none.
pub(super) fn add(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let others = others(call, user, &call.usernames()?)?;
    if !call.world.block_list_takes(user, &others) {
        let most = call.world.settings.limits.block_list;
        return Err(RestError::Forbidden(format!("a block list holds at most {most} users")));
    }
    call.world.set_blocked(call.now, user, &others, Change::Add);
    Ok(Reply::data(call.names(others)))
}

/// Takes one user off the list.
pub(super) fn remove(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let other = call.user_at(1)?;
    call.world.set_blocked(call.now, user, &[other], Change::Remove);
    Ok(Reply::entities(vec![super::user::entity(call.known(other)?)]))
}

/// Takes users off the list.
pub(super) fn remove_several(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let others = others(call, user, &call.usernames()?)?;
    call.world.set_blocked(call.now, user, &others, Change::Remove);
    Ok(Reply::data(call.names(others)))
}

/// The user of the path, if the caller may act for that user.
pub(super) fn owner(call: &Call<'_>) -> Result<UserId, RestError> {
    let user = call.user_at(0)?;
    call.must_be(user)?;
    Ok(user)
}

fn others(call: &Call<'_>, user: UserId, names: &[String]) -> Result<Vec<UserId>, RestError> {
    let others: Vec<UserId> = names.iter().map(|name| call.user(name)).collect::<Result<_, _>>()?;
    if others.contains(&user) {
        return Err(RestError::IllegalArgument("a user cannot block itself".to_owned()));
    }
    Ok(others)
}
