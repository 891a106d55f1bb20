//! `…/users`, `…/quit`, `…/shield`: who belongs there, who is brought in or put out, who goes.

use serde_json::{Value, json};

use super::{
    call::{Call, Reply},
    error::{RestError, echo},
};
use crate::{
    protocol::schema::muc_body::Operation,
    server::world::{
        membership::{Denied, Entrance},
        place::{Kind, Place, PlaceId},
        standing::Change,
        user::UserId,
    },
};

/// The members, for members to know: by page, or by cursor where the caller gives one or a limit.
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (_, place) = call.place()?;
    call.must_belong(place)?;
    if call.queried("limit").is_some() || call.queried("cursor").is_some() {
        return Ok(by_cursor(call, place));
    }
    let (skipped, size) = call.page();
    let members = place.members.keys().skip(skipped).take(size).filter_map(|id| {
        let role = if *id == place.owner { "owner" } else { "member" };
        Some(json!({role: call.world.users.get(*id)?.name()}))
    });
    Ok(Reply::list(members.collect()))
}

/// Roles here tell admins from members; the cursor is how many were given.
fn by_cursor(call: &Call<'_>, place: &Place) -> Reply {
    let given: usize = call.queried("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or_default();
    let with_time = call.is_queried("joined_time");
    let members: Vec<Value> = place
        .members
        .iter()
        .skip(given)
        .take(call.limit())
        .filter_map(|(id, member)| {
            let mut entry = json!({place.role(*id): call.world.users.get(*id)?.name()});
            if with_time {
                entry["joined_time"] = member.joined.as_millis().into();
            }
            Some(entry)
        })
        .collect();
    let end = given.saturating_add(members.len());
    let cursor = (end < place.members.len()).then(|| end.to_string());
    Reply::Enveloped { count: Some(members.len()), data: Some(members.into()), entities: Vec::new(), cursor }
}

/// Adds one member.
pub(super) fn add(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let key = staffed(call)?;
    let user = call.user_at(1)?;
    let actor = call.actor();
    let outcome = call.world.join(call.now, key, user, brought_in(actor));
    call.allowed(outcome, key, user)?;
    let mut answer = result(call, "add_member", call.known(user)?.name());
    answer["result"] = true.into();
    Ok(Reply::data(answer))
}

/// Adds members; only if none of them can be added does the call fail.
pub(super) fn add_several(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let key = staffed(call)?;
    let users: Vec<UserId> =
        call.usernames()?.iter().map(|name| call.user(name)).collect::<Result<_, _>>()?;
    let actor = call.actor();
    let mut added = Vec::new();
    let mut refused = None;
    for user in users {
        match call.world.join(call.now, key, user, brought_in(actor)) {
            Ok(()) => added.push(user),
            Err(denied) => refused = refused.or(Some((denied, user))),
        }
    }
    if let (true, Some((denied, user))) = (added.is_empty(), refused) {
        call.allowed(Err::<(), _>(denied), key, user)?;
    }
    Ok(Reply::data(json!({
        "newmembers": call.names(added), id_key(call.kind): call.parameter(0), "action": "add_member",
    })))
}

/// How somebody comes in whom another brings in without asking.
pub(super) fn brought_in(actor: Option<UserId>) -> Entrance<'static> {
    Entrance { actor, told: Some(Operation::DirectJoined), ..Entrance::default() }
}

/// Puts one member out, or several.
pub(super) fn remove(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let key = staffed(call)?;
    let names = call.users_at(1)?;
    if let [name] = &names[..] {
        put_out(call, key, name)?;
        return Ok(Reply::data(result(call, "remove_member", name)));
    }
    let mut each: Vec<Value> = Vec::new();
    for name in &names {
        let outcome = put_out(call, key, name);
        each.push(with_reason(result(call, "remove_member", name), outcome));
    }
    Ok(Reply::data(each))
}

fn put_out(call: &mut Call<'_>, key: PlaceId, name: &str) -> Result<(), RestError> {
    let user = call.user(name)?;
    let (_, place) = call.place()?;
    if place.owner != user {
        call.must_outrank(place, user)?;
    }
    let actor = call.actor();
    let outcome = call.world.put_out(call.now, key, user, actor);
    call.allowed(outcome, key, user)
}

/// The caller goes.
pub(super) fn quit(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (key, _) = call.place()?;
    let user = call.actor().ok_or(RestError::NoToken)?;
    let outcome = call.world.leave(call.now, key, user);
    call.allowed(outcome, key, user)?;
    let name = call.known(user)?.name();
    Ok(Reply::data(json!({"result": true, "action": "quit", "user": name, "id": call.parameter(0)})))
}

/// The caller, who stays a member, does not want to hear what is said there.
pub(super) fn shield(call: &mut Call<'_>) -> Result<Reply, RestError> {
    set_shield(call, Change::Add)
}

/// The caller wants to hear it again.
pub(super) fn unshield(call: &mut Call<'_>) -> Result<Reply, RestError> {
    set_shield(call, Change::Remove)
}

fn set_shield(call: &mut Call<'_>, change: Change) -> Result<Reply, RestError> {
    let (key, _) = call.place()?;
    let user = call.actor().ok_or(RestError::NoToken)?;
    let place = call.world.places.get_mut(key);
    let Some(member) = place.and_then(|place| place.members.get_mut(&user)) else {
        return call.allowed(Err(Denied::NotThere), key, user);
    };
    member.is_shielded = change == Change::Add;
    let name = call.known(user)?.name();
    Ok(Reply::data(json!({"result": true, "user": name, id_key(call.kind): call.parameter(0)})))
}

/// The place, if the caller may change who belongs to it.
pub(super) fn staffed(call: &Call<'_>) -> Result<PlaceId, RestError> {
    let (key, place) = call.place()?;
    call.must_be_staff(place)?;
    Ok(key)
}

/// What most changes of one member answer.
pub(super) fn result(call: &Call<'_>, action: &str, user: &str) -> Value {
    json!({"result": true, "action": action, "user": echo(user), id_key(call.kind): call.parameter(0)})
}

/// The same for a change that may have failed while others went through.
pub(super) fn with_reason(mut answer: Value, outcome: Result<(), RestError>) -> Value {
    if let Err(error) = outcome {
        answer["result"] = false.into();
        answer["reason"] = error.to_string().into();
    }
    answer
}

const fn id_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Group => "groupid",
        Kind::Room => "id",
    }
}
