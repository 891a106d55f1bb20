//! `…/user_channels` and `…/user_channel`: the session list of a user, and taking a session off it.

use prost::Message as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    call::{Call, Reply},
    error::RestError,
};
use crate::{
    protocol::{
        payload,
        schema::{Jid, MessageBody, Meta},
    },
    server::world::{
        fault::Fault,
        history::Conversation,
        mailbox::Peer,
        place::{Kind, PlaceId},
        session_list::Session,
        user::UserId,
    },
};

/// Most sessions of a page.
pub(in crate::server::world) const LARGEST_PAGE: usize = 20;

/// Every session, newest message first.
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply, RestError> {
    page(call, 0, usize::MAX)
}

/// A page of them, `pageNum` and `pageSize`.
pub(super) fn paged(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let number = |key| call.queried(key).and_then(|text| text.parse::<usize>().ok());
    let size = number("pageSize").unwrap_or(LARGEST_PAGE).clamp(1, LARGEST_PAGE);
    let before = (number("pageNum").unwrap_or(1).max(1) - 1).saturating_mul(size);
    page(call, before, size)
}

fn page(call: &Call<'_>, before: usize, size: usize) -> Result<Reply, RestError> {
    let user = owner(call)?;
    // The service knows a user by the name in lower case only, and folds none here.
    let is_folded = !call.parameter(0).bytes().any(|byte| byte.is_ascii_uppercase());
    let sessions = call.known(user)?.sessions.newest_first();
    let shown: Vec<Value> = sessions
        .into_iter()
        .filter(|_| is_folded)
        .filter_map(|session| shown(call, session))
        .skip(before)
        .take(size)
        .collect();
    let shown = call.world.faults.sessions(user, shown);
    Ok(Reply::data(json!({"channel_infos": shown})))
}

/// The user of the path, if it may be looked at.
fn owner(call: &Call<'_>) -> Result<UserId, RestError> {
    let user = call.user_at(0)?;
    if !call.world.faults.strikes(Fault::ListOpen) {
        call.must_be(user)?;
    }
    if !call.world.settings.services.sessions {
        // The SDK takes "service not open!" for 505.
        return Err(RestError::Forbidden("session list service not open!".to_owned()));
    }
    Ok(user)
}

/// One session, unless whom it is with is gone.
fn shown(call: &Call<'_>, session: &Session) -> Option<Value> {
    let address = match session.peer {
        Peer::User(user) => &call.world.users.get(user)?.address,
        Peer::Group(key) | Peer::Room(key) => &call.world.places.get(key)?.address,
        Peer::System => return None,
    };
    let channel = Jid::decode(address.jid.clone()).ok()?.text();
    let meta = session.last.clone().and_then(|meta| last(&Meta::decode(meta).ok()?));
    Some(json!({
        "channel_id": channel,
        "meta": meta.unwrap_or_else(|| json!({})),
        "unread_num": session.unread,
    }))
}

fn last(meta: &Meta) -> Option<Value> {
    let body = MessageBody::decode(meta.payload.clone()?).ok()?;
    Some(json!({
        "from": meta.from.as_ref()?.text(),
        "id": meta.id?.to_string(),
        "payload": payload::of(&body).to_string(),
        "timestamp": meta.timestamp?,
        "to": meta.to.as_ref()?.text(),
    }))
}

#[derive(Deserialize)]
struct Deletion {
    /// The user or the group.
    channel: String,
    /// `chat` or `groupchat`, in whatever case.
    #[serde(rename = "type")]
    kind: String,
    /// Whether the caller's history goes too.
    #[serde(default)]
    delete_roam: bool,
}

/// Takes a session off the caller's list. The others notice nothing, and one that is not there is
/// no mistake.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = owner(call)?;
    let deletion: Deletion = call.json()?;
    let world = &mut *call.world;
    let found = match deletion.kind.to_ascii_lowercase().as_str() {
        "chat" => world
            .users
            .anybody(&deletion.channel)
            .map(|other| (Peer::User(other), Conversation::between(user, other))),
        "groupchat" => {
            let is_group =
                |key: &PlaceId| world.places.get(*key).is_some_and(|place| place.kind == Kind::Group);
            world
                .places
                .find(&deletion.channel)
                .filter(is_group)
                .map(|key| (Peer::Group(key), Conversation::Place(key)))
        }
        _ => return Err(RestError::IllegalArgument("type can only be chat or groupchat".to_owned())),
    };
    if let Some((peer, conversation)) = found {
        if let Some(known) = world.users.get_mut(user)
            && !world.faults.strikes(Fault::DeleteNoop)
        {
            known.sessions.remove(peer);
        }
        let goes = if deletion.delete_roam {
            !world.faults.strikes(Fault::DeleteKeepsRoam)
        } else {
            world.faults.strikes(Fault::DeleteAlwaysRoam)
        };
        if goes {
            world.delete_history(user, conversation);
            if let Peer::User(other) = peer
                && world.faults.strikes(Fault::DeleteHitsPeer)
            {
                world.delete_history(other, conversation);
            }
        }
    }
    Ok(Reply::data(json!({"result": "ok"})))
}
