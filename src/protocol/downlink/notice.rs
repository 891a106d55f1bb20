//! Items of the name space NOTIFY, which 4.0.7 brought: JSON about presence, reactions, threads.

use std::str;

use serde_json::{Map, Value, json};

use super::{Effect, Page};
use crate::protocol::{
    event::{self, Detail, Event, Name, Notice, ScriptError},
    generation::Generation,
    schema::Meta,
};

/// Reads bytes as the SDK does, which writes each as `%` and its hexadecimal digits without a
/// leading zero: control characters, even a line break, are an error.
pub(super) fn json(bytes: &[u8]) -> Result<Value, ScriptError> {
    if bytes.iter().any(|byte| *byte < 0x10) {
        return Err(ScriptError::Uri);
    }
    event::parse(str::from_utf8(bytes).map_err(|_| ScriptError::Uri)?)
}

/// Calls back for one item.
pub(super) fn deliver(page: &Page, meta: &Meta, effects: &mut Vec<Effect>) -> Result<(), ScriptError> {
    let generation = page.generation;
    if generation == Generation::V3_6_3 {
        return Ok(());
    }
    let told = json(meta.payload.as_deref().unwrap_or_default())?;
    if told.is_null() || (generation == Generation::V4_0_8 && meta.to.is_none()) {
        return Err(ScriptError::Type);
    }
    let data = told.get("data").filter(|data| !event::is_falsy(data));
    let notices = match told.get("type").and_then(Value::as_str) {
        Some("presence") => vec![Notice { name: Name::PRESENCE_STATUS, argument: presence(data)? }],
        Some("reaction") => reactions(data.ok_or(ScriptError::Type)?)?,
        Some("thread") => data.and_then(thread).into_iter().collect(),
        Some("roaming_delete") if generation == Generation::V4_21_1 => {
            roaming_deleted(page, data.ok_or(ScriptError::Type)?).into_iter().collect()
        }
        _ => Vec::new(),
    };
    effects.extend(
        notices
            .into_iter()
            .map(|notice| Effect::Event(Event { generation, detail: Detail::Notice(Box::new(notice)) })),
    );
    Ok(())
}

/// Users whose presence changed. All of them show the devices of all: a slip of the SDK.
fn presence(data: Option<&Value>) -> Result<Value, ScriptError> {
    let values = data.and_then(|data| data.get("values")).and_then(Value::as_array);
    let values = values.map_or(&[][..], Vec::as_slice);
    let mut devices = Vec::new();
    for value in values {
        let status = value.get("status").filter(|status| !status.is_null()).ok_or(ScriptError::Type)?;
        devices.extend(
            status
                .as_object()
                .into_iter()
                .flatten()
                .map(|(device, status)| json!({"device": device, "status": event::to_number(Some(status))})),
        );
    }
    let shown = values.iter().map(|value| {
        let mut user = Map::new();
        user.extend(value.get("uid").map(|id| ("userId".to_owned(), id.clone())));
        user.insert("lastTime".to_owned(), event::to_number(value.get("last_time")));
        user.insert("expire".to_owned(), event::to_number(value.get("expiry")));
        user.extend(value.get("ext").map(|ext| ("ext".to_owned(), ext.clone())));
        user.insert("statusDetails".to_owned(), devices.clone().into());
        Value::Object(user)
    });
    Ok(shown.collect())
}

fn reactions(data: &Value) -> Result<Vec<Notice>, ScriptError> {
    let changes = data.as_array().ok_or(ScriptError::Type)?;
    Ok(changes
        .iter()
        .map(|change| {
            let is_single = change.get("channel_type").and_then(Value::as_str) == Some("chat");
            let mut argument = Map::new();
            let mut copy =
                |key: &str| argument.extend(change.get(key).map(|told| (key.to_owned(), told.clone())));
            copy("from");
            copy("to");
            argument.insert("chatType".to_owned(), if is_single { "singleChat" } else { "groupChat" }.into());
            let mut copy =
                |key: &str| argument.extend(change.get(key).map(|told| (key.to_owned(), told.clone())));
            copy("messageId");
            copy("reactions");
            copy("ts");
            Notice { name: Name::REACTION, argument: argument.into() }
        })
        .collect())
}

fn thread(data: &Value) -> Option<Notice> {
    let told = |key: &str, absent: Value| {
        data.get(key).filter(|value| !event::is_falsy(value)).cloned().unwrap_or(absent)
    };
    let operation = data.get("operation").and_then(Value::as_str)?;
    let shown = match operation {
        "create" => "create",
        "update" | "update_msg" => "update",
        "delete" => "destroy",
        _ => return None,
    };
    let mut argument = json!({
        "id": told("id", "".into()),
        "name": told("name", "".into()),
        "parentId": told("muc_parent_id", "".into()),
        "messageId": told("msg_parent_id", "".into()),
        "timestamp": told("timestamp", 0.into()),
        "operator": told("from", "".into()),
        "operation": shown,
    });
    match operation {
        "create" => {
            argument["createTimestamp"] = argument["timestamp"].clone();
            argument["messageCount"] = 0.into();
        }
        "update" | "update_msg" => {
            if let Some(count) = data.get("message_count") {
                argument["messageCount"] = count.clone();
            }
            if data.get("last_message") == Some(&json!({})) && operation == "update_msg" {
                argument["lastMessage"] = json!({});
            }
        }
        _ => {}
    }
    Some(Notice { name: Name::THREAD, argument })
}

/// Another device of the user deleted history.
fn roaming_deleted(page: &Page, data: &Value) -> Option<Notice> {
    let resource = data.get("resource").and_then(Value::as_str);
    if resource == Some(&*page.resource) {
        return None;
    }
    let is_single = data.get("chatType").and_then(Value::as_str) == Some("chat");
    let argument = json!({
        "operation": "deleteRoaming",
        "conversationId": data.get("to"),
        "chatType": if is_single { "singleChat" } else { "groupChat" },
        "resource": resource,
    });
    Some(Notice { name: Name::MULTI_DEVICE, argument })
}
