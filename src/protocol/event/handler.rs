//! The arguments of the handlers that a page gives to `addEventHandler` (4.x).

use serde_json::{Value, json};

use super::{
    Attachment, Content, Membership, Message, MessageExtras, Name,
    listen::{Fields, Token, message_config, presence},
    value::number,
};
use crate::protocol::{generation::Generation, message::ChatType};

/// The argument that tells a message in the later way.
pub(super) fn message(generation: Generation, message: &Message, token: Token<'_>) -> Value {
    let content = &message.content;
    let chat_type = message.chat_type.map(|chat_type| match chat_type {
        ChatType::Single => "singleChat",
        ChatType::Group => "groupChat",
        ChatType::Room => "chatRoom",
    });
    let (from, to) = (message.from.as_deref(), message.to.as_deref());
    let mut fields = Fields::default();
    fields.set("id", message.id.to_string()).set("type", content.kind()).set("chatType", chat_type);
    match content {
        Content::Text(text) => fields.set("msg", &**text).set("to", to).set("from", from),
        Content::Combined { .. } => fields.set("to", to).set("from", from),
        _ => fields.set("from", from).set("to", to),
    };
    match content {
        Content::Text(_) | Content::Combined { .. } => {}
        Content::Image(image) => self::image(&mut fields, generation, image),
        Content::Video(file) | Content::Audio(file) | Content::File(file) => {
            let is_video = matches!(content, Content::Video(_));
            self::file(&mut fields, file, is_video, generation, token);
        }
        Content::Location(place) => {
            fields
                .set("buildingName", place.building.as_deref().unwrap_or_default())
                .set("addr", place.address.as_deref().unwrap_or_default())
                .set("lat", number(place.latitude.unwrap_or_default()))
                .set("lng", number(place.longitude.unwrap_or_default()));
        }
        Content::Command(action) => {
            fields.set("action", &**action);
        }
        Content::Custom { event, params, exts } => {
            fields.set("customEvent", &**event).set("params", params.clone()).set("customExts", exts.clone());
        }
    }
    #[allow(clippy::cast_precision_loss, reason = "JavaScript loses it as well")]
    let time = number(message.time as f64);
    fields.set("ext", message.ext.clone()).set("time", time).set("onlineState", message.online_state);
    if let Content::Combined { attachment, title, summary, compatible_text, level } = content {
        fields
            .set("title", &**title)
            .set("summary", &**summary)
            .set("url", &*attachment.url)
            .set("secret", &*attachment.secret)
            .set("file_length", attachment.file_length)
            .set("filename", &*attachment.filename)
            .set("compatibleText", &**compatible_text)
            .set("combineLevel", *level);
    }
    let has_config = !matches!(content, Content::Custom { .. } | Content::Combined { .. });
    if has_config && message.allow_group_ack.is_some() {
        fields.set("msgConfig", message_config(generation, message));
    }
    if let Some(extras) = &message.extras {
        self::extras(&mut fields, content, extras);
    }
    if matches!(content, Content::Image(image) if image.is_gif) {
        fields.set("isGif", true);
    }
    fields.into()
}

fn image(fields: &mut Fields, generation: Generation, image: &Attachment) {
    let (width, height) = image.size.unwrap_or_default();
    fields.set("url", &*image.url);
    if generation == Generation::V4_0_8 {
        fields.set("file", json!({}));
    }
    fields
        .set("width", number(width))
        .set("height", number(height))
        .set("secret", &*image.secret)
        .set("thumb", &*image.thumbnail)
        .set("thumb_secret", &*image.thumbnail_secret);
    if generation == Generation::V4_21_1 {
        fields.set("file_length", image.file_length);
    }
}

fn file(fields: &mut Fields, file: &Attachment, is_video: bool, generation: Generation, token: Token<'_>) {
    fields.set("url", &*file.url).set("secret", &*file.secret);
    if is_video {
        if generation == Generation::V4_21_1 {
            fields.set("thumb", &*file.thumbnail).set("thumb_secret", &*file.thumbnail_secret);
        }
        fields.set("filename", &*file.filename).set("length", file.duration).set("file", json!({}));
    } else {
        fields.set("file", json!({})).set("filename", &*file.filename).set("length", file.duration);
    }
    fields.set("file_length", file.file_length).set("filetype", "").set("accessToken", token.value());
}

fn extras(fields: &mut Fields, content: &Content, extras: &MessageExtras) {
    if !extras.reactions.is_empty() {
        fields.set("reactions", extras.reactions.clone());
    }
    if let Some(thread) = &extras.thread {
        fields.set("chatThread", thread.clone());
    }
    if let Some(overview) = &extras.thread_overview {
        fields.set("chatThreadOverview", overview.clone());
    }
    let (is_text, is_custom) =
        (matches!(content, Content::Text(_)), matches!(content, Content::Custom { .. }));
    if is_text && !extras.translations.is_empty() {
        fields.set("translations", extras.translations.clone());
    }
    // Texts and custom events tell the modification before the audience, other kinds after it.
    let mut modified = extras.modified.as_ref();
    if (is_text || is_custom)
        && let Some(modified) = modified.take()
    {
        fields.set("modifiedInfo", modified.clone());
    }
    if let Some(audience) = extras.audience {
        fields.set("priority", audience.priority).set("broadcast", audience.broadcast);
    }
    if let Some(modified) = modified {
        fields.set("modifiedInfo", modified.clone());
    }
    if extras.is_read {
        fields.set("isRead", true);
    }
    if extras.is_delivered {
        fields.set("isDelivered", true);
    }
}

/// The calls that tell a change of a group or room: `onGroupChange`, then `onGroupEvent`s.
pub(super) fn membership(generation: Generation, membership: &Membership) -> Vec<(Name, Value)> {
    let mut calls = Vec::new();
    if !membership.label().is_empty() {
        let mut change = presence(generation, membership);
        if let Some(until) = &membership.mute_until {
            change["muteTimestamp"] = until.clone();
        }
        calls.push((membership.change_name(), change));
    }
    let operation = membership.operation.event_label(generation);
    if operation.is_empty() {
        return calls;
    }
    if generation == Generation::V4_0_8 {
        let mut fields = event(operation, membership);
        fields.set("to", membership.to());
        calls.push((membership.event_name(), fields.into()));
        return calls;
    }
    calls.extend(
        later_events(operation, membership).into_iter().map(|argument| (membership.event_name(), argument)),
    );
    calls
}

fn event(operation: &str, membership: &Membership) -> Fields {
    let mut fields = Fields::default();
    fields.set("operation", operation).set("id", membership.conference()).set("from", membership.from());
    fields
}

/// What 4.21.1 tells: with more about each operation, and members that come and go in numbers.
fn later_events(operation: &str, membership: &Membership) -> Vec<Value> {
    let body = &membership.body;
    let number = membership.operation.number;
    let reason = body.reason.as_deref().unwrap_or_default();
    let mut fields = event(operation, membership);
    match number {
        4 | 13 if !reason.is_empty() => {
            fields.set("reason", reason);
        }
        6 if !membership.is_chatroom() => {
            fields.set("userId", membership.to());
        }
        7 | 19 => {
            fields.set("name", body.muc_name.as_deref().unwrap_or_default());
        }
        21 | 24 | 29 | 30 => {
            fields.set("userId", membership.to());
        }
        23 => {
            if let Some(until) = &membership.mute_until {
                fields.set("muteTimestamp", until.clone());
            }
            fields.set("userId", membership.to());
        }
        25 => {
            fields.set("announcement", reason);
        }
        _ => {}
    }
    if let Some(detail) = &membership.detail {
        fields.set("detail", detail.clone());
    }
    if let Some(ext) = membership.room_ext() {
        fields.set("ext", ext);
    }
    if !matches!(number, 17 | 18) {
        return vec![fields.into()];
    }
    if let Some(count) = body.muc_member_count.filter(|count| *count != 0) {
        fields.set("memberCount", count);
    }
    if body.members.is_empty() {
        return vec![fields.into()];
    }
    if membership.is_chatroom() {
        let told = |member: &String| {
            let mut argument = fields.0.clone();
            argument.insert("from".to_owned(), member.as_str().into());
            Value::Object(argument)
        };
        return body.members.iter().map(told).collect();
    }
    let many = if number == 17 { "membersPresence" } else { "membersAbsence" };
    fields.set("operation", many).set("members", body.members.clone()).0.shift_remove("from");
    vec![fields.into()]
}
