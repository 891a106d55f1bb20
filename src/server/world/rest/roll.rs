//! `…/white/users` and `…/blocks/users`: the allow list and the block list of a group or room.

use serde_json::{Value, json};

use super::{
    call::{Call, Reply},
    error::RestError,
    member::{result, staffed, with_reason},
};
use crate::server::world::{
    place::PlaceId,
    standing::{Change, Roll},
    user::UserId,
};

/// One of the two lists and what is done to it.
#[derive(Clone, Copy)]
struct Task {
    list: List,
    change: Change,
}

#[derive(Clone, Copy)]
enum List {
    Allow,
    Block,
}

const ALLOW: Task = Task { list: List::Allow, change: Change::Add };
const DISALLOW: Task = Task { list: List::Allow, change: Change::Remove };
const BLOCK: Task = Task { list: List::Block, change: Change::Add };
const UNBLOCK: Task = Task { list: List::Block, change: Change::Remove };

/// Who may speak although everybody is muted: for staff to know.
pub(super) fn allowed(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (_, place) = call.place()?;
    call.must_be_staff(place)?;
    let allowed = place.members.iter().filter(|(_, member)| member.is_allowed).map(|(user, _)| *user);
    Ok(Reply::list(call.names(allowed)))
}

/// Whether one user may: for staff and that user to know.
pub(super) fn is_allowed(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (_, place) = call.place()?;
    let user = call.user_at(1)?;
    call.must_be(user).or_else(|_| call.must_be_staff(place))?;
    let on = place.members.get(&user).is_some_and(|member| member.is_allowed);
    Ok(Reply::data(json!({"member": call.known(user)?.name(), "white": on})))
}

/// Puts members on the allow list.
pub(super) fn allow_several(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let names = call.usernames()?;
    change(call, &names, ALLOW).map(Reply::data)
}

/// The same, named in the path.
pub(super) fn allow(call: &mut Call<'_>) -> Result<Reply, RestError> {
    change_named(call, ALLOW)
}

/// Takes members off the allow list.
pub(super) fn disallow(call: &mut Call<'_>) -> Result<Reply, RestError> {
    change_named(call, DISALLOW)
}

/// Who may not come in: for staff to know.
pub(super) fn blocked(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let (_, place) = call.place()?;
    call.must_be_staff(place)?;
    Ok(Reply::list(call.names(place.blocked.iter().copied())))
}

/// Puts users on the block list; members among them are put out.
pub(super) fn block_several(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let names = call.usernames()?;
    change(call, &names, BLOCK).map(Reply::data)
}

/// The same, named in the path.
pub(super) fn block(call: &mut Call<'_>) -> Result<Reply, RestError> {
    change_named(call, BLOCK)
}

/// Takes users off the block list.
pub(super) fn unblock(call: &mut Call<'_>) -> Result<Reply, RestError> {
    change_named(call, UNBLOCK)
}

/// One name in the path is answered with an object, several with an array; version 3 knows only arrays.
fn change_named(call: &mut Call<'_>, task: Task) -> Result<Reply, RestError> {
    let names = call.users_at(1)?;
    let mut each = change(call, &names, task)?;
    Ok(if each.len() == 1 && !call.is_version_3() { Reply::data(each.remove(0)) } else { Reply::data(each) })
}

fn change(call: &mut Call<'_>, names: &[String], task: Task) -> Result<Vec<Value>, RestError> {
    let key = staffed(call)?;
    let mut each = Vec::new();
    for name in names {
        let outcome = call.user(name).and_then(|user| change_one(call, key, user, task));
        // A single name that fails is the whole call's failure.
        match outcome {
            Err(error) if names.len() == 1 => return Err(error),
            outcome => each.push(with_reason(result(call, action(task), name), outcome)),
        }
    }
    Ok(each)
}

fn change_one(call: &mut Call<'_>, key: PlaceId, user: UserId, task: Task) -> Result<(), RestError> {
    let actor = call.actor();
    let outcome = match task.list {
        List::Allow => call.world.enroll(call.now, key, user, actor, Roll::AllowList, task.change),
        List::Block => {
            if task.change == Change::Add && call.place()?.1.owner != user {
                call.must_outrank(call.place()?.1, user)?;
            }
            call.world.block(call.now, key, user, actor, task.change)
        }
    };
    call.allowed(outcome, key, user)
}

const fn action(task: Task) -> &'static str {
    match (task.list, task.change) {
        (List::Allow, Change::Add) => "add_user_whitelist",
        (List::Allow, Change::Remove) => "remove_user_whitelist",
        (List::Block, Change::Add) => "add_blocks",
        (List::Block, Change::Remove) => "remove_blocks",
    }
}
