//! `…/invite` and `…/apply`: who asks whom to come in, and what is answered.

use serde::Deserialize;
use serde_json::json;

use super::{
    call::{Call, Reply},
    error::{RestError, echo},
    member::{brought_in, staffed, with_reason},
};
use crate::{
    protocol::schema::muc_body::Operation,
    server::world::{
        announcement::Announcement,
        membership::{Denied, Entrance},
        place::{Kind, PlaceId},
        user::UserId,
    },
};

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
                call.world.join(call.now, key, user, brought_in(actor))
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
    let most = call.world.settings.limits.members_per_group;
    let place = call.world.places.get_mut(key).ok_or(Denied::Gone)?;
    place.admits(user)?;
    if place.invited.len() >= most && !place.invited.contains_key(&user) {
        return Err(Denied::Full);
    }
    place.invited.insert(user, actor.unwrap_or(place.owner));
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

/// The invited user answers; who invited hears of it.
pub(super) fn answer_invitation(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let verdict: Verdict = call.json()?;
    let user = call.user(&verdict.applicant)?;
    call.must_be(user)?;
    let (key, place) = call.place()?;
    let Some(inviter) = place.invited.get(&user).copied() else {
        return Err(RestError::Forbidden("the user was not invited".to_owned()));
    };
    let operation = if verdict.verify_result {
        let outcome = call.world.join(call.now, key, user, Entrance::default());
        call.allowed(outcome, key, user)?;
        Operation::InviteAccept
    } else {
        if let Some(place) = call.world.places.get_mut(key) {
            place.invited.remove(&user);
        }
        Operation::InviteDecline
    };
    tell(call, key, Some(user), inviter, operation, verdict.reason.as_deref());
    Ok(Reply::data(json!({
        "result": true, "action": "invite_verify", "user": echo(&verdict.applicant), "id": call.parameter(0),
    })))
}

#[derive(Deserialize)]
struct Application {
    message: Option<String>,
}

/// Joins, or asks the owner and the admins to be let in.
pub(super) fn apply(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let application: Application = call.json()?;
    let (key, place) = call.place()?;
    let user = call.actor().ok_or(RestError::NoToken)?;
    if place.is_open() {
        match call.world.join(call.now, key, user, Entrance::default()) {
            // A page joins its room again after a reconnect.
            Err(Denied::AlreadyMember) if call.kind == Kind::Room => {}
            outcome => call.allowed(outcome, key, user)?,
        }
    } else if !place.rules.is_public {
        return Err(RestError::Forbidden("can not join this group, reason: the group is private".to_owned()));
    } else {
        call.allowed(place.admits(user), key, user)?;
        if place.applicants.len() >= call.world.settings.limits.members_per_group {
            return call.allowed(Err(Denied::Full), key, user);
        }
        let staff: Vec<UserId> = place.staff().collect();
        if let Some(place) = call.world.places.get_mut(key) {
            place.applicants.insert(user);
        }
        for decider in staff {
            tell(call, key, Some(user), decider, Operation::Apply, application.message.as_deref());
        }
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
    if verdict.verify_result {
        let entrance = Entrance { actor, told: Some(Operation::ApplyAccept), ..Entrance::default() };
        let outcome = call.world.join(call.now, key, user, entrance);
        call.allowed(outcome, key, user)?;
    } else {
        if let Some(place) = call.world.places.get_mut(key) {
            place.applicants.remove(&user);
        }
        tell(call, key, actor, user, Operation::ApplyDecline, verdict.reason.as_deref());
    }
    Ok(Reply::data(json!({
        "result": true, "action": "apply_verify", "user": echo(&verdict.applicant), "id": call.parameter(0),
    })))
}

fn tell(
    call: &mut Call<'_>,
    key: PlaceId,
    actor: Option<UserId>,
    to: UserId,
    operation: Operation,
    reason: Option<&str>,
) {
    let reason = reason.map(echo).unwrap_or_default();
    let announcement = Announcement { reason: &reason, ..Announcement::of(operation, actor, Some(to)) };
    call.world.announce(call.now, key, &[to], &announcement);
}
