//! `…/admin`, `…/mute`, `…/ban`: who may do more, and who may say less.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    call::{Call, Reply},
    error::{RestError, echo},
    member::{staffed, with_reason},
};
use crate::{
    protocol::time::Moment,
    server::world::{
        place::PlaceId,
        standing::{Change, Roll, mute_end, mute_expiry},
        user::UserId,
    },
};

/// Most admins besides the owner.
const ADMINS: usize = 99;

#[derive(Deserialize)]
struct NewAdmin {
    newadmin: String,
}

/// The admins: for members to know.
pub(super) fn admins(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (_, place) = call.place()?;
    call.must_belong(place)?;
    let admins = place.members.iter().filter(|(_, member)| member.is_admin).map(|(user, _)| *user);
    Ok(Reply::list(call.names(admins)))
}

/// Makes a member an admin.
pub(super) fn add_admin(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let NewAdmin { newadmin } = call.json()?;
    let (_, place) = call.place()?;
    call.must_own(place)?;
    if place.members.values().filter(|member| member.is_admin).count() >= ADMINS {
        return Err(RestError::Forbidden(format!("a group has at most {ADMINS} admins")));
    }
    let name = change_admin(call, &newadmin, Change::Add)?;
    Ok(Reply::data(json!({"result": "success", "newadmin": name})))
}

/// Makes an admin a member like others.
pub(super) fn remove_admin(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let admin = call.parameter(1).to_owned();
    let name = change_admin(call, &admin, Change::Remove)?;
    Ok(Reply::data(json!({"result": "success", "oldadmin": name})))
}

/// The name, as the user is known by it.
fn change_admin(call: &mut Call<'_>, name: &str, change: Change) -> Result<String, RestError> {
    let (key, place) = call.place()?;
    call.must_own(place)?;
    let user = call.user(name)?;
    let actor = call.actor();
    let outcome = call.world.enroll(call.now, key, user, actor, Roll::Admins, change);
    call.allowed(outcome, key, user)?;
    Ok(call.known(user)?.name().to_owned())
}

#[derive(Deserialize)]
struct Mute {
    /// Milliseconds; below zero has no end.
    #[serde(default = "forever")]
    mute_duration: i64,
}

const fn forever() -> i64 {
    -1
}

/// Who is muted, and until when: for staff to know.
pub(super) fn muted(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (_, place) = call.place()?;
    call.must_be_staff(place)?;
    let muted =
        place.members.iter().filter(|(_, member)| member.is_muted(call.now)).filter_map(|(id, member)| {
            let user = call.world.users.get(*id)?.name();
            Some(json!({"user": user, "expire": mute_expiry(member.muted_until?)}))
        });
    Ok(Reply::list(muted.collect()))
}

/// Mutes members for a while.
pub(super) fn mute(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let key = staffed(call)?;
    let Mute { mute_duration } = call.json()?;
    let until = mute_end(call.now, mute_duration);
    change_mutes(call, key, &call.usernames()?, Some(until)).map(Reply::data)
}

/// Lifts the mute of members.
pub(super) fn unmute(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let key = staffed(call)?;
    change_mutes(call, key, &call.users_at(1)?, None).map(Reply::data)
}

/// A single name that fails is the whole call's failure.
fn change_mutes(
    call: &mut Call<'_>,
    key: PlaceId,
    names: &[String],
    until: Option<Moment>,
) -> Result<Vec<Value>, RestError> {
    let mut each = Vec::new();
    for name in names {
        let mut answer = json!({"result": true, "user": echo(name)});
        if let Some(until) = until {
            answer["expire"] = mute_expiry(until).into();
        }
        match call.user(name).and_then(|user| change_mute(call, key, user, until)) {
            Err(error) if names.len() == 1 => return Err(error),
            outcome => each.push(with_reason(answer, outcome)),
        }
    }
    Ok(each)
}

fn change_mute(
    call: &mut Call<'_>,
    key: PlaceId,
    user: UserId,
    until: Option<Moment>,
) -> Result<(), RestError> {
    call.must_outrank(call.place()?.1, user)?;
    let actor = call.actor();
    let outcome = call.world.mute(call.now, key, user, actor, until);
    call.allowed(outcome, key, user)
}

/// Whether the user of the path is muted: for staff and that user to know.
pub(super) fn is_muted(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (_, place) = call.place()?;
    let user = call.user_at(1)?;
    call.must_be(user).or_else(|_| call.must_be_staff(place))?;
    Ok(Reply::data(place.members.get(&user).is_some_and(|member| member.is_muted(call.now))))
}

/// Only the owner, admins and the allow list may speak.
pub(super) fn mute_all(call: &mut Call<'_>) -> Result<Reply, RestError> {
    set_mute_all(call, Change::Add)
}

/// Everybody may speak again who is not muted alone.
pub(super) fn unmute_all(call: &mut Call<'_>) -> Result<Reply, RestError> {
    set_mute_all(call, Change::Remove)
}

fn set_mute_all(call: &mut Call<'_>, change: Change) -> Result<Reply, RestError> {
    let key = staffed(call)?;
    let actor = call.actor();
    call.world.mute_all(call.now, key, actor, change);
    Ok(Reply::data(json!({"mute": change == Change::Add})))
}
