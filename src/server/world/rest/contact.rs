//! `/users/{user}/contacts`: whom a user knows. SDK 4.21.1 asks and answers here, earlier ones by frames.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    block::owner,
    call::{Call, Reply},
    error::RestError,
};
use crate::server::world::{contact::Answer, user::UserId};

/// Most characters of what a user calls a contact.
const REMARK_CHARS: usize = 100;
/// Most contacts of one page.
const LARGEST_PAGE: usize = 50;

/// Every contact at once: names, and what the user calls them if asked.
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let contacts = &call.known(user)?.contacts;
    let names = call.names(contacts.iter().copied());
    let entities = if call.is_queried("needReturnRemark") {
        contacts.iter().filter_map(|contact| remarked(call, user, *contact)).collect()
    } else {
        Vec::new()
    };
    Ok(Reply::Enveloped { count: Some(names.len()), data: Some(names.into()), entities, cursor: None })
}

/// Contacts by page; the cursor is the last name given.
pub(super) fn page(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let limit = call.limit().min(LARGEST_PAGE);
    let mut contacts: Vec<(&str, UserId)> = call
        .known(user)?
        .contacts
        .iter()
        .filter_map(|contact| Some((call.world.users.get(*contact)?.name(), *contact)))
        .collect();
    contacts.sort_unstable();
    let count = contacts.len();
    let cursor = call.queried("cursor");
    let rest = contacts.iter().skip_while(|(name, _)| cursor.as_ref().is_some_and(|last| *name <= &**last));
    let given: Vec<&(&str, UserId)> = rest.take(limit).collect();
    let last = contacts.last().map(|(name, _)| *name);
    let next = given.last().map(|(name, _)| *name).filter(|name| Some(*name) != last).unwrap_or_default();
    let given: Vec<Value> = given.iter().filter_map(|(_, contact)| remarked(call, user, *contact)).collect();
    Ok(Reply::Enveloped {
        data: Some(json!({"contacts": given, "cursor": next})),
        entities: Vec::new(),
        count: Some(count),
        cursor: None,
    })
}

/// A contact by name, with what the user calls it.
fn remarked(call: &Call<'_>, user: UserId, contact: UserId) -> Option<Value> {
    let remark = call.world.users.get(user)?.remarks.get(&contact);
    Some(json!({"username": call.world.users.get(contact)?.name(), "remark": remark}))
}

#[derive(Deserialize)]
struct Request {
    usernames: Vec<String>,
    #[serde(default)]
    reason: Option<String>,
}

/// Asks others to become contacts.
pub(super) fn ask(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let request: Request = call.json()?;
    let others: Vec<UserId> = super::call::checked(request.usernames)?
        .iter()
        .map(|name| other(call, user, name))
        .collect::<Result<_, _>>()?;
    for asked in &others {
        call.world.ask_contact(call.now, user, *asked, request.reason.as_deref().unwrap_or_default());
    }
    Ok(Reply::data(call.names(others)))
}

/// Agrees to become a contact of who asked.
pub(super) fn accept(call: &mut Call<'_>) -> Result<Reply, RestError> {
    answer(call, Answer::Accept)
}

/// Declines to become a contact of who asked.
pub(super) fn decline(call: &mut Call<'_>) -> Result<Reply, RestError> {
    answer(call, Answer::Decline)
}

fn answer(call: &mut Call<'_>, answer: Answer) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let other = other(call, user, call.parameter(1))?;
    if answer == Answer::Accept {
        must_fit(call, user, other)?;
    }
    if !call.world.answer_contact(call.now, user, other, answer, "") {
        return Err(RestError::Forbidden("the user has not asked to become a contact".to_owned()));
    }
    entity(call, other)
}

fn must_fit(call: &Call<'_>, user: UserId, other: UserId) -> Result<(), RestError> {
    if call.world.contact_lists_take(user, other) {
        return Ok(());
    }
    let most = call.world.settings.limits.contacts;
    Err(RestError::Forbidden(format!("a user has at most {most} contacts")))
}

/// Makes two users contacts of each other.
pub(super) fn add(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let other = other(call, user, call.parameter(1))?;
    must_fit(call, user, other)?;
    call.world.add_contact(call.now, user, other);
    entity(call, other)
}

/// Ends that two users are contacts.
pub(super) fn remove(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let other = other(call, user, call.parameter(1))?;
    call.world.remove_contact(call.now, user, other, "");
    entity(call, other)
}

#[derive(Deserialize)]
struct Naming {
    remark: String,
}

/// What the user calls a contact.
pub(super) fn remark(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let other = other(call, user, call.parameter(1))?;
    let Naming { remark } = call.json()?;
    if remark.chars().count() > REMARK_CHARS {
        return Err(RestError::IllegalArgument(format!("remark is longer than {REMARK_CHARS} characters")));
    }
    if !call.known(user)?.contacts.contains(&other) {
        return Err(RestError::Forbidden("the user is not a contact".to_owned()));
    }
    if let Some(user) = call.world.users.get_mut(user) {
        user.remarks.insert(other, remark);
    }
    Ok(Reply::data(json!({"status": "ok"})))
}

fn other(call: &Call<'_>, user: UserId, name: &str) -> Result<UserId, RestError> {
    let other = call.user(name)?;
    if other == user {
        return Err(RestError::IllegalArgument("a user is no contact of itself".to_owned()));
    }
    Ok(other)
}

fn entity(call: &Call<'_>, user: UserId) -> Result<Reply, RestError> {
    let entities = vec![super::user::entity(call.known(user)?)];
    Ok(Reply::Enveloped { data: Some(json!({})), entities, count: None, cursor: None })
}
