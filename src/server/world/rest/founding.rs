//! `POST /chatgroups` and `/chatrooms`: making them.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::{
    call::{Call, Caller, Reply},
    error::RestError,
    place::{CUSTOM_CHARS, DESCRIPTION_CHARS, Flag, TITLE_CHARS, bounded},
};
use crate::server::world::{
    place::{Kind, Rules},
    user::UserId,
};

/// Members that a group may have from its beginning.
const FIRST_MEMBERS: usize = 100;
/// Members that a group may have if its creator does not say.
const MAX_USERS: usize = 200;

/// A new place. The documents and the SDK spell some fields differently.
#[derive(Deserialize)]
struct Founding {
    #[serde(alias = "name")]
    groupname: Option<String>,
    #[serde(alias = "desc")]
    description: Option<String>,
    owner: Option<String>,
    #[serde(default)]
    members: Vec<String>,
    custom: Option<String>,
    public: Option<Flag>,
    #[serde(alias = "approval")]
    membersonly: Option<Flag>,
    allowinvites: Option<Flag>,
    invite_need_confirm: Option<Flag>,
    maxusers: Option<usize>,
}

/// Makes a group or room. A user owns what the user makes; the app says who does. Among users only super
/// admins make rooms.
pub(super) fn create(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let founding: Founding = call.json()?;
    if call.kind == Kind::Room
        && let Some(actor) = call.actor()
        && !call.known(actor)?.is_super_admin
    {
        return Err(RestError::Forbidden("only super admins create chat rooms".to_owned()));
    }
    let owner = match (call.caller, &founding.owner) {
        (Caller::User(user), None) => user,
        (Caller::User(user), Some(owner)) => {
            call.must_be(call.user(owner)?)?;
            user
        }
        (_, Some(owner)) => call.user(owner)?,
        (_, None) => return Err(RestError::IllegalArgument("owner is missing".to_owned())),
    };
    let members = first_members(call, owner, &founding.members)?;
    let limits = call.world.settings.limits;
    if call.world.places.len() >= limits.groups {
        return Err(RestError::Forbidden("this appKey has create too many groups/chatrooms!".to_owned()));
    }
    for user in members.iter().chain([&owner]) {
        let user = call.known(*user)?;
        if user.places.len() >= limits.groups_per_user {
            let name = user.name();
            return Err(RestError::Forbidden(format!("user {name} has joined too many groups/chatroom!")));
        }
    }
    let max_users = founding.maxusers.unwrap_or(MAX_USERS).clamp(1, limits.members_per_group);
    if members.len() > FIRST_MEMBERS || members.len() >= max_users {
        return Err(RestError::Forbidden("members size is greater than max user size !".to_owned()));
    }
    let id = call.world.new_place_id();
    let key = call.world.places.add(&call.world.settings.app_key, call.kind, &id, owner, call.now);
    let flag = |flag: Option<Flag>, otherwise| flag.map_or(otherwise, |Flag(flag)| flag);
    if let Some(place) = call.world.places.get_mut(key) {
        place.title = bounded(founding.groupname.unwrap_or_default(), TITLE_CHARS);
        place.description = bounded(founding.description.unwrap_or_default(), DESCRIPTION_CHARS);
        place.custom = bounded(founding.custom.unwrap_or_default(), CUSTOM_CHARS);
        place.rules = Rules {
            is_public: flag(founding.public, true),
            members_only: flag(founding.membersonly, false),
            allow_invites: flag(founding.allowinvites, false),
            invite_needs_confirm: flag(founding.invite_need_confirm, false),
            max_users,
        };
    }
    if let Some(user) = call.world.users.get_mut(owner) {
        user.places.insert(key);
    }
    for member in members {
        let outcome = call.world.found_with(call.now, key, owner, member);
        call.allowed(outcome, key, member)?;
    }
    if let Some(creator) = call.actor() {
        let resource = call.queried("resource").unwrap_or_default().into_owned();
        call.world.announce_creation(call.now, key, creator, &resource);
    }
    Ok(Reply::data(match call.kind {
        Kind::Group => json!({"groupid": id}),
        Kind::Room => json!({"id": id}),
    }))
}

/// Naming the owner or anybody twice changes nothing.
fn first_members(call: &Call<'_>, owner: UserId, names: &[String]) -> Result<BTreeSet<UserId>, RestError> {
    let mut members = BTreeSet::new();
    for name in names {
        let member = call.user(name).map_err(|_| {
            RestError::IllegalArgument(format!("group member {} doesn't exist", super::error::echo(name)))
        })?;
        members.insert(member);
    }
    members.remove(&owner);
    Ok(members)
}
