//! `POST /token`: a user's password, or the app's secret, for a token.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::{
    call::{Call, Caller, Reply},
    error::RestError,
    user,
};
use crate::{
    protocol::secret::Secret,
    server::world::{
        login::is_same,
        token::{Holder, unguessable},
        user::UserId,
    },
};

#[derive(Deserialize)]
struct Grant {
    grant_type: String,
    username: Option<String>,
    password: Option<Secret>,
    client_id: Option<String>,
    client_secret: Option<Secret>,
    #[serde(default, rename = "autoCreateUser")]
    auto_create_user: bool,
    /// Seconds; 0 has no end.
    ttl: Option<u64>,
}

/// Gives a token. The answer has no envelope.
pub(super) fn issue(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let grant: Grant = call.json()?;
    let life = grant.ttl.map_or(call.world.settings.limits.token_ttl, Duration::from_secs);
    match grant.grant_type.as_str() {
        "password" => {
            let wrong = RestError::InvalidGrant("invalid username or password");
            let name = grant.username.as_deref().unwrap_or_default();
            let id = call.world.users.find(name).ok_or_else(|| wrong.clone())?;
            let user = call.known(id)?;
            if !grant.password.is_some_and(|password| is_same(&password, &user.password)) {
                return Err(wrong);
            }
            for_user(call, id, life)
        }
        "client_credentials" => {
            let Some(app) = call.world.settings.app_credentials.clone() else {
                return Err(RestError::InvalidGrant("client_id does not match"));
            };
            if grant.client_id.as_deref() != Some(&app.client_id) {
                return Err(RestError::InvalidGrant("client_id does not match"));
            }
            if !grant.client_secret.is_some_and(|secret| is_same(&secret, &app.client_secret)) {
                return Err(RestError::InvalidGrant("client_secret does not match"));
            }
            let (_, name) = call.world.settings.organization_and_app();
            let name = name.to_owned();
            let token = call.world.tokens.issue(&mut call.world.random, Holder::App, call.now, life);
            Ok(Reply::Bare(json!({
                "access_token": token.reveal(), "expires_in": life.as_secs(), "application": name,
            })))
        }
        "inherit" => {
            if call.caller != Caller::App {
                return Err(RestError::NoToken);
            }
            let name = grant.username.as_deref().unwrap_or_default();
            let id = match call.world.users.find(name) {
                Some(id) => id,
                None if grant.auto_create_user => {
                    // Nobody knows this password: such a user comes in by token alone.
                    let password = unguessable(&mut call.world.random);
                    user::add(call, name, password, None)?
                }
                None => return Err(RestError::NoSuchUser),
            };
            for_user(call, id, life)
        }
        _ => {
            Err(RestError::InvalidGrant("grant_type is not one of password, client_credentials and inherit"))
        }
    }
}

fn for_user(call: &mut Call<'_>, id: UserId, life: Duration) -> Result<Reply, RestError> {
    if !call.known(id)?.is_active {
        return Err(RestError::InvalidGrant("user not activated"));
    }
    let token = call.world.tokens.issue(&mut call.world.random, Holder::User(id), call.now, life);
    let user = user::entity(call.known(id)?);
    Ok(Reply::Bare(json!({"access_token": token.reveal(), "expires_in": life.as_secs(), "user": user})))
}
