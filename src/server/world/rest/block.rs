//! `/users/{user}/blocks` and `/users/{user}/contacts`: whom a user does not hear from, and knows.

use serde_json::json;

use super::{
    call::{Call, Reply},
    error::RestError,
};
use crate::server::world::{membership::Change, user::UserId};

/// Most users on one block list.
const LONGEST: usize = 500;

/// Whom a user blocks.
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    Ok(Reply::list(call.names(call.known(user)?.blocked.iter().copied())))
}

/// Blocks users: all of them or, if one is unknown, none.
pub(super) fn add(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let others = others(call, user, &call.usernames()?)?;
    if call.known(user)?.blocked.len() + others.len() > LONGEST {
        return Err(RestError::Forbidden(format!("a block list holds at most {LONGEST} users")));
    }
    for other in &others {
        call.world.set_blocked(user, *other, Change::Add);
    }
    Ok(Reply::data(call.names(others)))
}

/// Takes one user off the list.
pub(super) fn remove(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let other = call.user_at(1)?;
    call.world.set_blocked(user, other, Change::Remove);
    Ok(Reply::entities(vec![super::user::entity(call.known(other)?)]))
}

/// Takes users off the list.
pub(super) fn remove_several(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let others = others(call, user, &call.usernames()?)?;
    for other in &others {
        call.world.set_blocked(user, *other, Change::Remove);
    }
    Ok(Reply::data(call.names(others)))
}

/// The user's contacts.
pub(super) fn contacts(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    Ok(Reply::list(call.names(call.known(user)?.contacts.iter().copied())))
}

/// Makes two users contacts of each other.
pub(super) fn add_contact(call: &mut Call<'_>) -> Result<Reply, RestError> {
    change_contact(call, Change::Add)
}

/// Ends that two users are contacts.
pub(super) fn remove_contact(call: &mut Call<'_>) -> Result<Reply, RestError> {
    change_contact(call, Change::Remove)
}

fn change_contact(call: &mut Call<'_>, change: Change) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let other = call.user_at(1)?;
    if user == other {
        return Err(RestError::IllegalArgument("a user is no contact of itself".to_owned()));
    }
    call.world.set_contact(user, other, change);
    Ok(Reply::Enveloped {
        data: Some(json!({})),
        entities: vec![super::user::entity(call.known(other)?)],
        count: None,
        cursor: None,
    })
}

fn owner(call: &Call<'_>) -> Result<UserId, RestError> {
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
