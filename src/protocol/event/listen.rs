//! The arguments of the handlers that a page gives to `listen`.

use serde_json::{Map, Value, json};

use super::{
    Contact, Content, Detail, Event, Fault, Kick, Membership, Message, Receipt, ReceiptKind, SdkError,
    Statistic, login,
    value::{number, undefined},
};
use crate::protocol::{
    generation::Generation,
    message::ChatType,
    schema::{Jid, muc_body},
    secret::Secret,
};

/// What stands where an argument holds the page's access token, unless it is asked for.
const HIDDEN: &str = "<secret>";

/// Writes `accessToken`, or hides it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a>(pub(super) Option<&'a Secret>);

impl Token<'_> {
    pub(super) fn value(self) -> Value {
        self.0.map_or(HIDDEN, Secret::reveal).into()
    }
}

/// The argument of the `listen` handler, `None` if it is called without one.
pub(super) fn argument(event: &Event, token: Token<'_>) -> Option<Value> {
    let generation = event.generation;
    Some(match &event.detail {
        Detail::Message(message) => self::message(generation, message, token),
        Detail::Receipt(receipt) => self::receipt(generation, receipt),
        Detail::Membership(membership) => presence(generation, membership),
        Detail::Contact(contact) => self::contact(generation, contact),
        Detail::Statistic(statistic) => self::statistic(generation, statistic),
        Detail::Notice(notice) => notice.argument.clone(),
        Detail::Blocklist(names) => {
            names.iter().map(|name| (name.clone(), json!({"name": name}))).collect::<Map<_, _>>().into()
        }
        Detail::Kicked { kick, reason } => kicked(generation, *kick, reason),
        Detail::LoginRefused(answer) => login::argument(generation, answer),
        Detail::Error(error) => self::error(generation, error),
        Detail::Received { id, mid, to } => {
            let mut argument = json!({"id": id.to_string(), "mid": mid.to_string(), "to": to});
            if generation != Generation::V3_6_3 {
                argument["time"] = 0.into();
            }
            argument
        }
        Detail::Muted { mid } => json!({"mid": mid.to_string()}),
        Detail::Opened | Detail::Closed | Detail::SyncStarted | Detail::SyncFinished => return None,
    })
}

fn message(generation: Generation, message: &Message, token: Token<'_>) -> Value {
    let content = &message.content;
    let mut fields = Fields::default();
    fields
        .set("id", message.id.to_string())
        .set("type", message.chat_type.map(legacy_type))
        .set("contentsType", content.contents_type())
        .set("from", message.from.as_deref())
        .set("to", message.to.as_deref());
    let ext = || message.ext.clone();
    match content {
        Content::Text(text) => {
            fields.set("data", &**text).set("ext", ext()).set("sourceMsg", &**text);
        }
        Content::Image(image) => {
            let side = |side: fn((f64, f64)) -> f64| {
                image.size.map_or_else(|| undefined(generation), |size| number(side(size)))
            };
            fields
                .set("url", &*image.url)
                .set("secret", &*image.secret)
                .set("filename", &*image.filename)
                .set("thumb", &*image.thumbnail)
                .set("thumb_secret", &*image.thumbnail_secret)
                .set("file_length", or_empty(image.file_length))
                .set("width", side(|(width, _)| width))
                .set("height", side(|(_, height)| height))
                .set("filetype", "")
                .set("accessToken", token.value())
                .set("ext", ext());
        }
        Content::Video(video) => {
            fields
                .set("url", &*video.url)
                .set("secret", &*video.secret)
                .set("filename", &*video.filename)
                .set("length", or_empty(video.duration))
                .set("file_length", or_empty(video.file_length))
                .set("filetype", "")
                .set("accessToken", token.value())
                .set("ext", ext());
        }
        Content::Audio(audio) => {
            fields
                .set("url", &*audio.url)
                .set("secret", &*audio.secret)
                .set("filename", &*audio.filename)
                .set("file_length", or_empty(audio.file_length))
                .set("accessToken", token.value())
                .set("ext", ext())
                .set("length", audio.duration);
        }
        Content::File(file) => {
            fields
                .set("url", &*file.url)
                .set("secret", &*file.secret)
                .set("filename", &*file.filename)
                .set("file_length", file.file_length)
                .set("accessToken", token.value())
                .set("ext", ext());
        }
        Content::Location(place) => {
            fields.set("addr", place.address.as_deref().unwrap_or_default());
            if generation != Generation::V3_6_3 {
                fields.set("buildingName", place.building.as_deref().unwrap_or_default());
            }
            fields
                .set("lat", number(place.latitude.unwrap_or_default()))
                .set("lng", number(place.longitude.unwrap_or_default()))
                .set("ext", ext());
        }
        Content::Command(action) => {
            fields.set("action", &**action).set("ext", ext());
        }
        Content::Custom { event, params, exts } => {
            fields
                .set("customEvent", &**event)
                .set("params", params.clone())
                .set("customExts", exts.clone())
                .set("ext", ext());
        }
        // No `listen` handler knows this kind.
        Content::Combined { .. } => {}
    }
    fields.set("time", message.time.to_string());
    let is_custom = matches!(content, Content::Custom { .. });
    if !is_custom {
        fields.set("msgConfig", message_config(generation, message));
    }
    if generation != Generation::V3_6_3 {
        fields.set("onlineState", message.online_state);
    }
    if !is_custom {
        let (code, text) = message.fault.as_deref().map_or((0, ""), |Fault { code, reason }| (*code, reason));
        fields.set("error", code > 0).set("errorText", text).set("errorCode", code);
    }
    fields.into()
}

/// `msgConfig`: `null` if the message has none.
pub(super) fn message_config(generation: Generation, message: &Message) -> Value {
    match (message.allow_group_ack, generation) {
        (None, _) => Value::Null,
        (Some(None), Generation::V3_6_3) => json!({}),
        (Some(allow), _) => json!({"allowGroupAck": allow.unwrap_or_default()}),
    }
}

pub(super) fn receipt(generation: Generation, receipt: &Receipt) -> Value {
    let (from, to, mid) = (receipt.from.as_deref(), receipt.to.as_deref(), receipt.mid.to_string());
    let mut fields = Fields::default();
    if generation == Generation::V3_6_3 {
        match receipt.kind {
            ReceiptKind::Read => {
                fields.set("mid", mid);
                if let Some(group) = &receipt.group {
                    fields
                        .set("groupReadCount", group.counts.clone().unwrap_or_else(|| undefined(generation)))
                        .set("ackContent", &*group.content);
                }
            }
            ReceiptKind::Delivered | ReceiptKind::Recalled => {
                fields.set("from", from).set("to", to).set("mid", mid);
            }
            ReceiptKind::Channel => {
                fields.set("from", from).set("to", to);
            }
        }
        return fields.into();
    }
    fields.set("id", receipt.id.to_string());
    match receipt.kind {
        ReceiptKind::Read => {
            fields.set("type", "read").set("from", from).set("to", to).set("mid", mid);
            if let Some(group) = &receipt.group {
                fields.set("groupReadCount", group.counts.clone()).set("ackContent", &*group.content);
            }
        }
        ReceiptKind::Delivered => {
            fields.set("type", "delivery").set("from", from).set("to", to).set("mid", mid);
        }
        ReceiptKind::Recalled => {
            let from = from.filter(|name| !name.is_empty()).unwrap_or("admin");
            fields.set("from", from).set("to", to).set("mid", mid);
            if generation == Generation::V4_21_1 {
                fields.set("ext", receipt.ext.clone());
            }
        }
        ReceiptKind::Channel => {
            fields
                .set("type", "channel")
                .set("chatType", "singleChat")
                .set("from", from)
                .set("to", to)
                .set("time", receipt.time);
        }
    }
    fields.set("onlineState", receipt.online_state);
    fields.into()
}

/// The argument of `onPresence`; with what 4.x adds, of `onGroupChange` and `onChatroomChange`.
pub(super) fn presence(generation: Generation, membership: &Membership) -> Value {
    let body = &membership.body;
    let mut fields = Fields::default();
    fields
        .set("type", membership.label())
        .set("owner", membership.from())
        .set("gid", membership.conference())
        .set("from", membership.from())
        .set("fromJid", body.from.as_ref().map(|from| jid(generation, from)))
        .set("to", membership.to())
        .set("toJid", body.to.iter().map(|to| jid(generation, to)).collect::<Vec<_>>())
        .set("chatroom", membership.is_chatroom())
        .set("status", body.status.as_ref().map(|status| muc_status(generation, status)));
    let (is_later, is_latest) = (generation != Generation::V3_6_3, generation == Generation::V4_21_1);
    let reason = body.reason.as_deref().unwrap_or_default();
    match membership.operation.number {
        4 | 13 => {
            fields.set("reason", reason);
        }
        7..=10 => {
            fields.set("kicked", membership.to());
        }
        25 if is_latest => {
            fields.set("announcement", reason);
        }
        _ => {}
    }
    if is_later && matches!(membership.operation.number, 7 | 19) {
        fields.set("groupName", body.muc_name.as_deref().unwrap_or_default());
    }
    if let Some(detail) = &membership.detail {
        fields.set("detail", detail.clone());
    }
    if is_latest && let Some(ext) = membership.room_ext() {
        fields.set("ext", ext);
    }
    fields.into()
}

pub(super) fn contact(generation: Generation, contact: &Contact) -> Value {
    let label = contact.change.map(super::ContactChange::label);
    let mut fields = Fields::default();
    if generation != Generation::V3_6_3 {
        fields.set("type", label.unwrap_or_default());
    }
    fields.set("to", &*contact.to).set("from", &*contact.from).set("status", &*contact.reason);
    if let (Generation::V3_6_3, Some(label)) = (generation, label) {
        fields.set("type", label);
    }
    fields.into()
}

pub(super) fn statistic(generation: Generation, statistic: &Statistic) -> Value {
    let body = &statistic.body;
    let mut shown = Shown::default();
    shown.field("operation", body.operation, 0);
    shown.field("os", body.os, 0);
    shown.field("version", body.version.as_deref(), "");
    shown.field("network", body.network, 0);
    shown.field("imTime", body.im_time, 0);
    shown.field("chatTime", body.chat_time, 0);
    shown.field("location", body.location.as_deref(), "");
    if generation == Generation::V4_21_1 {
        shown.field("reason", body.reason.as_deref(), "");
    }
    shown.finish(generation)
}

pub(super) fn kicked(generation: Generation, kick: Kick, reason: &str) -> Value {
    let mut fields = Fields::default();
    fields.set("type", kick.code()).set("message", kick.text());
    if generation != Generation::V3_6_3 {
        let tells = generation == Generation::V4_21_1 && kick == Kick::OtherDevice && !reason.is_empty();
        let data = if tells { json!({"loginInfoCustomExt": reason}) } else { undefined(generation) };
        fields.set("data", data);
    }
    fields.into()
}

fn error(generation: Generation, error: &SdkError) -> Value {
    let mut fields = Fields::default();
    fields.set("type", error.code).set("message", error.message);
    if let Some(cause) = error.cause {
        let data = match generation {
            Generation::V3_6_3 => json!({"$error": cause.name()}),
            Generation::V4_0_8 | Generation::V4_21_1 => json!({"name": cause.name()}),
        };
        fields.set("data", data);
    } else if generation == Generation::V4_21_1 {
        fields.set("data", undefined(generation));
    }
    fields.into()
}

fn jid(generation: Generation, jid: &Jid) -> Value {
    let mut shown = Shown::default();
    shown.field("appKey", jid.app_key.as_deref(), "");
    shown.field("name", jid.name.as_deref(), "");
    shown.field("domain", jid.domain.as_deref(), "");
    shown.field("clientResource", jid.client_resource.as_deref(), "");
    shown.finish(generation)
}

fn muc_status(generation: Generation, status: &muc_body::Status) -> Value {
    let mut shown = Shown::default();
    shown.field("errorCode", status.error_code, 0);
    shown.field("description", status.description.as_deref(), "");
    if generation == Generation::V4_21_1 {
        shown.field("chatroomInfo", status.chatroom_info.as_deref(), "");
    }
    shown.finish(generation)
}

/// `type` of a message in a `listen` handler's argument.
const fn legacy_type(chat_type: ChatType) -> &'static str {
    match chat_type {
        ChatType::Single => "chat",
        ChatType::Group => "groupchat",
        ChatType::Room => "chatroom",
    }
}

/// JavaScript's `value || ""`.
fn or_empty(value: i32) -> Value {
    if value == 0 { "".into() } else { value.into() }
}

/// A protobuf object as recordings show it: the fields that came, then, since 4.x, those that read
/// as their default.
#[derive(Debug, Default)]
pub(super) struct Shown {
    come: Fields,
    absent: Fields,
}

impl Shown {
    pub(super) fn field<T: Into<Value>>(&mut self, key: &str, value: Option<T>, default: T) {
        match value {
            Some(value) => self.come.set(key, value),
            None => self.absent.set(key, default),
        };
    }

    pub(super) fn finish(mut self, generation: Generation) -> Value {
        if generation != Generation::V3_6_3 {
            self.come.0.append(&mut self.absent.0);
        }
        self.come.into()
    }
}

/// An object under construction, in the order in which its keys are set.
#[derive(Debug, Default)]
pub(super) struct Fields(pub(super) Map<String, Value>);

impl Fields {
    pub(super) fn set(&mut self, key: &str, value: impl Into<Value>) -> &mut Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }
}

impl From<Fields> for Value {
    fn from(fields: Fields) -> Self {
        Self::Object(fields.0)
    }
}
