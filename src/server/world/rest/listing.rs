//! Which groups and rooms there are, and which a user belongs to.

use serde_json::{Value, json};

use super::{
    call::{Call, Reply},
    error::RestError,
};
use crate::server::world::place::{Kind, Place};

/// The groups that a user belongs to.
pub(super) fn joined_groups(call: &mut Call<'_>) -> Result<Reply, RestError> {
    joined(call, Kind::Group)
}

/// The rooms that a user belongs to.
pub(super) fn joined_rooms(call: &mut Call<'_>) -> Result<Reply, RestError> {
    joined(call, Kind::Room)
}

fn joined(call: &Call<'_>, kind: Kind) -> Result<Reply, RestError> {
    let user = call.user_at(0)?;
    call.must_be(user)?;
    let places = call.known(user)?.places.iter().filter_map(|key| call.world.places.get(*key));
    Ok(Reply::list(places.filter(|place| place.kind == kind).map(|place| line(call, place)).collect()))
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
        Kind::Group => json!({"groupid": place.id(), "groupname": place.title}),
        Kind::Room => {
            let owner = call.world.users.get(place.owner).map_or("", |owner| owner.name());
            json!({
                "id": place.id(), "name": place.title, "owner": owner, "affiliations_count": place.members.len(),
            })
        }
    }
}
