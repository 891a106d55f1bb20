//! What later generations read beside a message's contents: reactions, threads, audience.

use serde_json::{Map, Value, json};

use crate::protocol::{
    event::{self, Audience, MessageExtras, ScriptError},
    generation::Generation,
    message::ChatType,
    schema::Meta,
};

/// To whom a chat room's message went, and how urgently (4.21.1).
pub(super) fn audience(
    generation: Generation,
    chat_type: Option<ChatType>,
    meta: &Meta,
) -> Result<Option<Audience>, ScriptError> {
    if generation != Generation::V4_21_1 || chat_type != Some(ChatType::Room) {
        return Ok(None);
    }
    let ext = event::ext(&meta.ext)?;
    let priority = match ext.get("chatroom_msg_tag").and_then(Value::as_f64) {
        Some(0.0) => "high",
        Some(2.0) => "low",
        _ => "normal",
    };
    let broadcast = ext.get("is_broadcast").is_some_and(|told| !event::is_falsy(told));
    Ok(Some(Audience { priority, broadcast }))
}

/// What `MessageBody.meta` tells, a JSON text.
pub(super) fn read(
    generation: Generation,
    text: &str,
    audience: Option<Audience>,
) -> Result<Option<Box<MessageExtras>>, ScriptError> {
    if generation == Generation::V3_6_3 || (text.is_empty() && audience.is_none()) {
        return Ok(None);
    }
    let mut extras = MessageExtras { audience, ..MessageExtras::default() };
    if text.is_empty() {
        // 4.0.8 skips an empty text, 4.21.1 as well.
        return Ok(Some(Box::new(extras)));
    }
    let told = event::parse(text)?;
    if told.is_null() {
        return Err(ScriptError::Type);
    }
    let is_latest = generation == Generation::V4_21_1;
    let list = |key: &str| told.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    extras.reactions = list("reaction").into_iter().map(reaction).collect();
    extras.translations = list("translations");
    extras.thread = filled(&told, "thread").map(|thread| {
        picked(
            thread,
            &[
                ("messageId", "msg_parent_id"),
                ("parentId", "muc_parent_id"),
                ("chatThreadName", "thread_name"),
            ],
        )
    });
    extras.thread_overview = filled(&told, "thread_overview").map(|overview| {
        let mut shown = picked(overview, &[("id", "id"), ("parentId", "muc_parent_id"), ("name", "name")]);
        // The last message is shown as a message of its own, which nothing here asks for.
        shown["lastMessage"] = Value::Null;
        for (key, from) in [("createTimestamp", "create_timestamp"), ("updateTimestamp", "update_timestamp")]
        {
            if let Some(value) = overview.get(from) {
                shown[key] = value.clone();
            }
        }
        let count = overview.get("message_count").cloned();
        shown["messageCount"] = count.unwrap_or_else(|| if is_latest { 0.into() } else { Value::Null });
        shown
    });
    if is_latest {
        extras.modified = told
            .get("edit_msg")
            .filter(|edit| edit.get("count").and_then(Value::as_f64).is_some_and(|count| count > 0.0))
            .map(|edit| {
                picked(
                    edit,
                    &[
                        ("operationTime", "edit_time"),
                        ("operatorId", "operator"),
                        ("operationCount", "count"),
                    ],
                )
            });
        let truthy = |key: &str| told.get(key).is_some_and(|told| !event::is_falsy(told));
        (extras.is_read, extras.is_delivered) = (truthy("isRead"), truthy("isDelivered"));
    }
    Ok(Some(Box::new(extras)))
}

/// A reaction tells `isAddedBySelf` where the server says `state`.
fn reaction(reaction: Value) -> Value {
    let Value::Object(mut fields) = reaction else { return reaction };
    if let Some(state) = fields.shift_remove("state") {
        fields.insert("isAddedBySelf".to_owned(), state);
    }
    Value::Object(fields)
}

/// A field that is neither absent nor `{}`.
fn filled<'a>(told: &'a Value, key: &str) -> Option<&'a Value> {
    told.get(key).filter(|value| !event::is_falsy(value) && **value != json!({}))
}

/// The fields that the page sees, under the names that it knows; absent ones are left out.
fn picked(from: &Value, names: &[(&str, &str)]) -> Value {
    let field = |(shown, told): &(&str, &str)| Some(((*shown).to_owned(), from.get(*told)?.clone()));
    names.iter().filter_map(field).collect::<Map<_, _>>().into()
}
