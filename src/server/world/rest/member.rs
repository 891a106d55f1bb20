//! `…/users`, `…/invite`, `…/apply`, `…/quit`: who comes and goes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    call::{Call, Reply},
    error::{RestError, echo},
};
use crate::{
    protocol::schema::muc_body::Operation,
    server::world::{
        announcement::Announcement,
        membership::Denied,
        place::{Kind, PlaceId},
        user::UserId,
    },
};

/// The members, page by page.
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (_, place) = call.place()?;
    let (skipped, size) = call.page();
    let members = place.members.keys().skip(skipped).take(size).filter_map(|id| {
        let role = if *id == place.owner { "owner" } else { "member" };
        Some(json!({role: call.world.users.get(*id)?.name()}))
    });
    Ok(Reply::list(members.collect()))
}

/// Adds one member.
pub(super) fn add(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let key = staffed(call)?;
    let user = call.user_at(1)?;
    let actor = call.actor();
    let outcome = call.world.join(call.now, key, user, actor, Some(Operation::DirectJoined));
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
        match call.world.join(call.now, key, user, actor, Some(Operation::DirectJoined)) {
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

/// Puts one member out, or several.
pub(super) fn remove(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let key = staffed(call)?;
    let names = call.users_at(1)?;
    let actor = call.actor();
    if let [name] = &names[..] {
        let user = call.user(name)?;
        let outcome = call.world.put_out(call.now, key, user, actor);
        call.allowed(outcome, key, user)?;
        return Ok(Reply::data(result(call, "remove_member", name)));
    }
    let each = names.iter().map(|name| {
        let outcome = call.user(name).and_then(|user| {
            let outcome = call.world.put_out(call.now, key, user, actor);
            call.allowed(outcome, key, user)
        });
        with_reason(result(call, "remove_member", name), outcome)
    });
    let each: Vec<Value> = each.collect();
    Ok(Reply::data(each))
}

/// Invites users: they are members at once unless the group asks them first.
pub(super) fn invite(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (key, place) = call.place()?;
    let rules = place.rules;
    if rules.allow_invites {
        call.must_be_member(place)?
    } else {
        call.must_be_staff(place)?
    }
    let actor = call.actor();
    let mut each = Vec::new();
    for name in call.usernames()? {
        let outcome = call.user(&name).and_then(|user| {
            let outcome = if rules.invite_needs_confirm {
                ask(call, key, user, actor)
            } else {
                call.world.join(call.now, key, user, actor, Some(Operation::DirectJoined))
            };
            call.allowed(outcome, key, user)
        });
        let answer =
            json!({"action": "invite", "id": call.parameter(0), "user": echo(&name), "result": true});
        each.push(with_reason(answer, outcome));
    }
    Ok(Reply::data(each))
}

fn ask(call: &mut Call<'_>, key: PlaceId, user: UserId, actor: Option<UserId>) -> Result<(), Denied> {
    let place = call.world.places.get_mut(key).ok_or(Denied::Gone)?;
    if place.members.contains_key(&user) {
        return Err(Denied::AlreadyMember);
    }
    place.invited.insert(user);
    call.world.announce(call.now, key, &[user], &Announcement::of(Operation::Invite, actor, Some(user)));
    Ok(())
}

/// What somebody answers who was invited, or who decides on an application.
#[derive(Deserialize)]
struct Verdict {
    #[serde(alias = "invitee")]
    applicant: String,
    #[serde(rename = "verifyResult")]
    verify_result: bool,
    reason: Option<String>,
}

/// The invited user answers.
pub(super) fn answer_invitation(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let verdict: Verdict = call.json()?;
    let user = call.user(&verdict.applicant)?;
    call.must_be(user)?;
    let (key, place) = call.place()?;
    let owner = place.owner;
    if !place.invited.contains(&user) {
        return Err(RestError::Forbidden("the user was not invited".to_owned()));
    }
    let operation = if verdict.verify_result {
        let outcome = call.world.join(call.now, key, user, None, None);
        call.allowed(outcome, key, user)?;
        Operation::InviteAccept
    } else {
        if let Some(place) = call.world.places.get_mut(key) {
            place.invited.remove(&user);
        }
        Operation::InviteDecline
    };
    tell(call, key, owner, Some(user), owner, operation, verdict.reason.as_deref());
    Ok(Reply::data(json!({"result": true, "action": "invite_verify", "user": verdict.applicant})))
}

#[derive(Deserialize)]
struct Application {
    message: Option<String>,
}

/// Joins, or asks the owner to be let in.
pub(super) fn apply(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let application: Application = call.json()?;
    let (key, place) = call.place()?;
    let (owner, is_open, is_public) = (place.owner, place.is_open(), place.rules.is_public);
    let user = call.actor().ok_or(RestError::NoToken)?;
    if is_open {
        match call.world.join(call.now, key, user, None, None) {
            // A page joins its room again after a reconnect.
            Err(Denied::AlreadyMember) if call.kind == Kind::Room => {}
            outcome => call.allowed(outcome, key, user)?,
        }
    } else if !is_public {
        return Err(RestError::Forbidden("can not join this group, reason: the group is private".to_owned()));
    } else {
        let Some(place) = call.world.places.get_mut(key) else { return Err(RestError::NoSuchResource) };
        if place.members.contains_key(&user) {
            return call.allowed(Err(Denied::AlreadyMember), key, user);
        }
        place.applicants.insert(user);
        tell(call, key, owner, Some(user), owner, Operation::Apply, application.message.as_deref());
    }
    let name = call.known(user)?.name();
    Ok(Reply::data(json!({"result": true, "action": "apply", "user": name, "id": call.parameter(0)})))
}

/// The owner or an admin decides on an application.
pub(super) fn answer_application(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let verdict: Verdict = call.json()?;
    let key = staffed(call)?;
    let user = call.user(&verdict.applicant)?;
    let is_applicant = call.world.places.get(key).is_some_and(|place| place.applicants.contains(&user));
    if !is_applicant {
        return Err(RestError::Forbidden("the user has not applied".to_owned()));
    }
    let actor = call.actor();
    let operation = if verdict.verify_result {
        let outcome = call.world.join(call.now, key, user, actor, None);
        call.allowed(outcome, key, user)?;
        Operation::ApplyAccept
    } else {
        if let Some(place) = call.world.places.get_mut(key) {
            place.applicants.remove(&user);
        }
        Operation::ApplyDecline
    };
    tell(call, key, user, actor, user, operation, verdict.reason.as_deref());
    Ok(Reply::data(json!({"result": true, "action": "apply_verify", "user": verdict.applicant})))
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

fn tell(
    call: &mut Call<'_>,
    key: PlaceId,
    to: UserId,
    actor: Option<UserId>,
    affected: UserId,
    operation: Operation,
    reason: Option<&str>,
) {
    let reason = reason.map(echo).unwrap_or_default();
    let announcement = Announcement { operation, actor, affected: Some(affected), reason: &reason };
    call.world.announce(call.now, key, &[to], &announcement);
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
