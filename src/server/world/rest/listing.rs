//! Which groups and rooms there are, and which a user belongs to.

use serde_json::{Value, json};

use super::{
    block::owner,
    call::{Call, Reply},
    error::RestError,
};
use crate::server::world::{
    place::{Kind, Place},
    user::UserId,
};

/// Most places of a user that are shown at once, if the caller asks for no page.
const PLACES_AT_ONCE: usize = 1_000;

/// The groups that a user belongs to, by page if the caller asks for one.
pub(super) fn joined_groups(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let lines = joined(call, Kind::Group)?.into_iter().map(|(user, place)| {
        if call.is_version_3() {
            json!({
                "id": place.id(), "name": place.title, "disabled": place.is_disabled,
                "permission": place.role(user),
            })
        } else {
            line(call, place)
        }
    });
    Ok(Reply::list(lines.collect()))
}

/// The same with what the user may there, as SDK 4.21.1 asks for it.
pub(super) fn groups_of(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let entities: Vec<Value> = joined(call, Kind::Group)?
        .into_iter()
        .map(|(user, place)| {
            json!({
                "groupId": place.id(),
                "name": place.title,
                "description": place.description,
                "disabled": place.is_disabled,
                "public": place.rules.is_public,
                "membersonly": place.rules.members_only,
                "allowinvites": place.rules.allow_invites,
                "maxusers": place.rules.max_users,
                "affiliations_count": place.members.len(),
                "permission": place.role(user),
            })
        })
        .collect();
    Ok(Reply::Enveloped { data: None, count: Some(entities.len()), entities, cursor: None })
}

/// How many groups a user belongs to.
pub(super) fn count_of_groups(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let places = call.known(user)?.places.iter().filter_map(|key| call.world.places.get(*key));
    Ok(Reply::data(places.filter(|place| place.kind == Kind::Group).count()))
}

/// The rooms that a user belongs to, with details if the caller asks for them.
pub(super) fn joined_rooms(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let with_details = call.is_queried("detail");
    let app_key = &call.world.settings.app_key;
    let lines = joined(call, Kind::Room)?.into_iter().map(|(_, place)| {
        if with_details {
            let owner = call.world.users.get(place.owner).map_or("", |owner| owner.name());
            json!({
                "id": place.id(),
                "title": place.title,
                "owner": format!("{app_key}_{owner}"),
                "created": place.created.as_millis(),
                "description": place.description,
                "max_users": place.rules.max_users,
            })
        } else {
            line(call, place)
        }
    });
    Ok(Reply::list(lines.collect()))
}

/// The user of the path, with each place that the user belongs to and the caller's page shows.
fn joined<'a>(call: &'a Call<'_>, kind: Kind) -> Result<Vec<(UserId, &'a Place)>, RestError> {
    let user = owner(call)?;
    let places = call.known(user)?.places.iter().filter_map(|key| call.world.places.get(*key));
    let (skipped, size) = if call.queried("pagesize").is_some() { call.page() } else { (0, PLACES_AT_ONCE) };
    let places = places.filter(|place| place.kind == kind).skip(skipped).take(size);
    Ok(places.map(|place| (user, place)).collect())
}

/// The groups that anybody may find, page by page; the cursor is the last id given.
pub(super) fn public_groups(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let groups = call.world.places.iter(Kind::Group).filter(|place| place.rules.is_public);
    Ok(after_cursor(call, groups))
}

/// Every room, by page or by cursor; every group for the app.
pub(super) fn all(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let places = call.world.places.iter(call.kind);
    if call.kind == Kind::Group && call.actor().is_some() {
        return Ok(after_cursor(call, places.filter(|place| place.rules.is_public)));
    }
    if call.queried("pagenum").is_none() {
        return Ok(after_cursor(call, places));
    }
    let (skipped, size) = call.page();
    Ok(Reply::list(places.skip(skipped).take(size).map(|place| line(call, place)).collect()))
}

fn after_cursor<'a>(call: &'a Call<'_>, places: impl Iterator<Item = &'a Place>) -> Reply {
    let limit = call.limit();
    let cursor = call.queried("cursor");
    let is_passed = |place: &&Place| cursor.as_ref().is_some_and(|cursor| cursor != place.id());
    let mut rest = places.skip_while(is_passed).skip(usize::from(cursor.is_some())).peekable();
    let mut given: Vec<Value> = Vec::new();
    let mut last = None;
    while given.len() < limit
        && let Some(place) = rest.next()
    {
        given.push(line(call, place));
        last = Some(place.id().to_owned());
    }
    let cursor = last.filter(|_| rest.peek().is_some());
    let count = Some(given.len());
    Reply::Enveloped { data: Some(given.into()), entities: Vec::new(), count, cursor }
}

fn line(call: &Call<'_>, place: &Place) -> Value {
    match place.kind {
        Kind::Group if call.is_version_3() => json!({"id": place.id(), "name": place.title}),
        Kind::Group => json!({"groupid": place.id(), "groupname": place.title}),
        Kind::Room => {
            let owner = call.world.users.get(place.owner).map_or("", |owner| owner.name());
            json!({
                "id": place.id(), "name": place.title, "owner": owner, "affiliations_count": place.members.len(),
            })
        }
    }
}
