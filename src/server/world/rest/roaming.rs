//! `…/messageroaming`: the history of one conversation, page by page.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    call::{Call, Reply},
    error::RestError,
};
use crate::{
    protocol::{
        id::ServerId,
        jid::{CONFERENCE_DOMAIN, USER_DOMAIN},
        payload,
        schema::message_body::content,
        time::Moment,
    },
    server::world::{
        fault::Fault,
        history::{Conversation, Direction, Selection},
        user::UserId,
    },
};

/// Messages of a page if the caller does not say.
const PAGE: usize = 20;
/// Most messages of a page.
pub(in crate::server::world) const LARGEST_PAGE: usize = 50;
/// What a history keeps.
const CONTENTS: [content::Type; 7] = [
    content::Type::Text,
    content::Type::Image,
    content::Type::Video,
    content::Type::Location,
    content::Type::Voice,
    content::Type::File,
    content::Type::Custom,
];

#[derive(Deserialize)]
struct Request {
    /// `bob@easemob.com` or `93734273351681@conference.easemob.com`, or the name alone.
    queue: String,
    /// Of which kind a name alone is.
    #[serde(rename = "isGroup")]
    is_group: Option<bool>,
    /// A message id, as a number or a text; -1, empty and null are the end.
    start: Option<Value>,
    pull_number: Option<usize>,
    #[serde(default)]
    is_positive: bool,
    /// Message types, separated by commas; empty for all.
    #[serde(default, rename = "msgType")]
    kinds: Option<String>,
    /// Milliseconds since 1970, inclusive.
    #[serde(default, rename = "startTime")]
    since: Option<u64>,
    /// Milliseconds since 1970, exclusive.
    #[serde(default, rename = "endTime")]
    until: Option<u64>,
    /// Only what this user sent.
    #[serde(default, rename = "userId")]
    sender: Option<String>,
}

/// One page, newest first unless asked otherwise; `start` itself is not in it.
pub(super) fn page(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let user = call.user_at(0)?;
    if !call.world.faults.strikes(Fault::RoamOpen) {
        call.must_be(user)?;
    }
    if !call.world.settings.services.roaming {
        return Err(RestError::Forbidden("messageroaming function not open!".to_owned()));
    }
    let request: Request = call.json()?;
    let direction = if request.is_positive { Direction::Newer } else { Direction::Older };
    let size = request.pull_number.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let size = call.world.faults.page_size(size);
    let mut start = start(request.start.as_ref())?;
    let faults = &call.world.faults;
    if start.is_some() && faults.strikes(Fault::StartIgnored) {
        start = None;
    }
    if faults.strikes(Fault::PageOverlap) {
        start = start.map(|start| ServerId(start.0 + 1));
    }
    let mut messages: Vec<Value> = Vec::new();
    let (said, is_last) = match (conversation(call, user, &request), selection(call, &request)) {
        (Some(conversation), Some(mut selection)) => {
            selection.after = call.known(user)?.deleted_up_to(conversation);
            selection.since = selection.since.max(joined(call, user, conversation));
            let history = &call.world.history;
            let (rows, mut is_last) = history.page(conversation, start, direction, size, &selection);
            let all = || history.page(conversation, None, direction, usize::MAX - 1, &selection).0;
            let rows = call.world.faults.history(user, rows, &mut is_last, all);
            let reader = call.known(user)?;
            messages.extend(
                rows.iter()
                    .map(|said| json!({"msg": call.world.faults.row(reader, conversation, &said.meta)})),
            );
            (rows, is_last)
        }
        (None, _) | (_, None) => (Vec::new(), true),
    };
    let next_key = said.last().map_or_else(String::new, |said| said.id.to_string());
    Ok(Reply::data(json!({"msgs": messages, "is_last": is_last, "next_key": next_key})))
}

/// What is asked for of a conversation; `None` if that can only be nothing.
fn selection(call: &Call<'_>, request: &Request) -> Option<Selection> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let kinds: Vec<content::Type> = given(&request.kinds).map_or_else(Vec::new, |kinds| {
        let named = |word: &str| CONTENTS.into_iter().find(|kind| payload::kind(*kind) == Some(word.trim()));
        kinds.split(',').filter_map(named).collect()
    });
    let sender = match given(&request.sender) {
        Some(name) => Some(call.world.users.find(&name)?),
        None => None,
    };
    if kinds.is_empty() && given(&request.kinds).is_some() {
        return None;
    }
    Some(Selection {
        kinds,
        sender,
        since: request.since.map(Moment::from_millis),
        until: request.until.map(Moment::from_millis),
        ..Selection::default()
    })
}

/// When a user joined a group or room, if what was said before is not for newcomers.
fn joined(call: &Call<'_>, user: UserId, conversation: Conversation) -> Option<Moment> {
    let Conversation::Place(key) = conversation else { return None };
    if call.world.settings.choices.history_before_joining {
        return None;
    }
    Some(call.world.places.get(key)?.members.get(&user)?.joined)
}

fn start(given: Option<&Value>) -> Result<Option<ServerId>, RestError> {
    let text = match given {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match text.as_str() {
        "" | "-1" => Ok(None),
        id => id
            .parse()
            .map(|id| Some(ServerId(id)))
            .map_err(|_| RestError::IllegalArgument("start is no message id".to_owned())),
    }
}

/// The conversation of a queue. Names in another case than they are kept in are not folded here:
/// the service answers them with nothing.
fn conversation(call: &Call<'_>, user: UserId, request: &Request) -> Option<Conversation> {
    let alone = if request.is_group == Some(true) { CONFERENCE_DOMAIN } else { USER_DOMAIN };
    let (name, domain) = request.queue.rsplit_once('@').unwrap_or((&request.queue, alone));
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    match domain {
        USER_DOMAIN => Some(Conversation::between(user, call.world.users.anybody(name)?)),
        CONFERENCE_DOMAIN => {
            let key = call.world.places.find(name)?;
            let is_member = call.world.places.get(key)?.members.contains_key(&user);
            (is_member || call.world.faults.strikes(Fault::GroupRoamOpen)).then_some(Conversation::Place(key))
        }
        _ => None,
    }
}
