//! `/users`: registration, and what is known of a user.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    call::{self, Call, Caller, Reply},
    error::RestError,
};
use crate::{
    protocol::{schema::statistics_body::Operation, secret::Secret},
    server::world::{
        token::Holder,
        user::{User, UserId},
    },
};

/// Users that one call may register.
const BATCH: usize = 60;

#[derive(Deserialize)]
struct Registration {
    username: Option<String>,
    password: Option<Secret>,
    nickname: Option<String>,
}

/// Registers one user, or several for the app.
pub(super) fn register(call: &mut Call<'_>) -> Result<Reply, RestError> {
    if call.is_list() {
        if call.caller != Caller::App {
            return Err(RestError::NoToken);
        }
        let registrations = call.list()?;
        return register_several(call, registrations);
    }
    if call.caller != Caller::App && !call.world.settings.open_registration {
        return Err(RestError::RegistrationClosed);
    }
    let registration = call.json()?;
    let id = register_one(call, registration)?;
    Ok(Reply::entities(vec![entity(call.known(id)?)]))
}

fn register_several(call: &mut Call<'_>, registrations: Vec<Registration>) -> Result<Reply, RestError> {
    if registrations.is_empty() || registrations.len() > BATCH {
        return Err(RestError::IllegalArgument(format!(
            "expected 1 to {BATCH} users, got {}",
            registrations.len()
        )));
    }
    let mut entities = Vec::new();
    let mut failed = Vec::new();
    for registration in registrations {
        let name = registration.username.clone().unwrap_or_default();
        match register_one(call, registration) {
            Ok(id) => entities.push(entity(call.known(id)?)),
            Err(error) => failed.push(json!({
                "username": super::error::echo(&name), "registerUserFailReason": error.to_string(),
            })),
        }
    }
    Ok(Reply::Enveloped { data: Some(failed.into()), entities, count: None, cursor: None })
}

fn register_one(call: &mut Call<'_>, registration: Registration) -> Result<UserId, RestError> {
    let illegal = |what: &str| RestError::IllegalArgument(what.to_owned());
    let name =
        registration.username.ok_or_else(|| illegal("Entity user requires a property named username"))?;
    let password = registration
        .password
        .filter(|password| !password.reveal().is_empty())
        .ok_or_else(|| illegal("password or pin must provided"))?;
    add(call, &name, password, registration.nickname)
}

/// Adds a user.
pub(super) fn add(
    call: &mut Call<'_>,
    name: &str,
    password: Secret,
    nickname: Option<String>,
) -> Result<UserId, RestError> {
    let name = call::legal(name)?;
    if call.world.users.find(&name).is_some() {
        return Err(RestError::NameTaken(name));
    }
    if call.world.users.len() >= call.world.settings.limits.users {
        return Err(RestError::LimitReached("this app has as many users as it may"));
    }
    let id = call.world.users.add(&call.world.settings.app_key, &name, password, call.now);
    if let Some(user) = call.world.users.get_mut(id) {
        user.nickname = nickname;
    }
    Ok(id)
}

/// What is known of a user.
pub(super) fn show(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = call.user_at(0)?;
    call.must_be(user)?;
    Ok(Reply::entities(vec![entity(call.known(user)?)]))
}

/// Sets what clients keep with a user; of that only the nickname is of use here.
pub(super) fn modify(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let id = call.user_at(0)?;
    call.must_be(id)?;
    let fields: Map<String, Value> = call.json()?;
    if let Some(user) = call.world.users.get_mut(id)
        && let Some(nickname) = fields.get("nickname").and_then(Value::as_str)
    {
        user.nickname = Some(super::error::echo(nickname));
    }
    Ok(Reply::entities(vec![entity(call.known(id)?)]))
}

/// Removes a user from everything.
pub(super) fn remove(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let id = call.user_at(0)?;
    let removed = entity(call.known(id)?);
    call.world.kick_all(call.now, id, Operation::UserRemoved);
    call.world.tokens.revoke(Holder::User(id));
    for key in call.world.places.owned_by(id) {
        call.world.destroy(call.now, key, Some(id));
    }
    let places: Vec<_> = call.known(id)?.places.iter().copied().collect();
    for key in places {
        let left = call.world.leave(call.now, key, id);
        call.allowed(left, key, id)?;
    }
    call.world.forget_user(id);
    Ok(Reply::entities(vec![removed]))
}

/// A user, as REST shows it.
pub(super) fn entity(user: &User) -> Value {
    let created = user.created.as_millis();
    let mut entity = json!({
        "uuid": user.uuid(),
        "type": "user",
        "created": created,
        "modified": created,
        "username": user.name(),
        "activated": user.is_active,
    });
    if let (Some(nickname), Value::Object(fields)) = (&user.nickname, &mut entity) {
        fields.insert("nickname".to_owned(), nickname.as_str().into());
    }
    entity
}
