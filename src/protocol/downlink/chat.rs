//! Items of the name space CHAT: messages, receipts, recalls.

use std::mem;

use serde_json::{Map, Value};

use super::{Delivery, Effect, Page, chat_content, chat_extras, notice};
use crate::protocol::{
    event::{
        self, Content, Detail, Event, Fault, GroupRead, Message, Receipt, ReceiptKind, ScriptError, SdkError,
    },
    generation::Generation,
    id::ServerId,
    message::ChatType,
    schema::{Jid, KeyValue, MessageBody, Meta, Status, key_value, message_body},
};

/// Reads an item's body.
pub(super) fn body(meta: &Meta) -> Result<MessageBody, ScriptError> {
    // The SDK reads on until the bytes run out, so that this is always a RangeError there.
    prost::Message::decode(meta.payload.clone().unwrap_or_default()).map_err(|_| ScriptError::Range)
}

/// Whether this device sent it to a chat room itself: 4.21.1 has shown it already.
pub(super) fn is_own_room_message(page: &Page, meta: &Meta, body: &MessageBody) -> bool {
    let own = |from: &Jid| from.name() == &*page.user && from.client_resource() == &*page.resource;
    body.r#type == Some(message_body::Type::Chatroom as i32) && meta.from.as_ref().is_some_and(own)
}

/// Calls back for one item.
pub(super) fn deliver(
    page: &Page,
    status: Option<&Status>,
    meta: &Meta,
    mut body: MessageBody,
    effects: &mut Vec<Effect>,
) -> Result<(), ScriptError> {
    use message_body::Type;

    let generation = page.generation;
    let online_state = online_state(generation, meta)?;
    let (from, to) = parties(page, meta, &mut body);
    let id = ServerId(meta.id.unwrap_or_default());
    let kind = Type::try_from(body.r#type.unwrap_or_default());
    let receipt_kind = match kind {
        Ok(Type::ReadAck) => Some(ReceiptKind::Read),
        Ok(Type::DeliverAck) => Some(ReceiptKind::Delivered),
        Ok(Type::Recall) => Some(ReceiptKind::Recalled),
        Ok(Type::ChannelAck) => Some(ReceiptKind::Channel),
        _ => None,
    };
    if let Some(kind) = receipt_kind {
        let receipt = Receipt {
            kind,
            id,
            from,
            to,
            mid: ServerId(body.ack_message_id.unwrap_or_default()),
            time: meta.timestamp.unwrap_or_default(),
            online_state,
            group: if kind == ReceiptKind::Read { group_read(generation, body)? } else { None },
            ext: if kind == ReceiptKind::Recalled { recall_ext(generation, meta)? } else { Value::Null },
        };
        effects.push(Effect::Event(Event { generation, detail: Detail::Receipt(Box::new(receipt)) }));
        return Ok(());
    }
    let chat_type = match kind {
        Ok(Type::Chat) => Some(ChatType::Single),
        Ok(Type::Groupchat) => Some(ChatType::Group),
        Ok(Type::Chatroom) => Some(ChatType::Room),
        _ if generation == Generation::V3_6_3 => None,
        _ => return Ok(()),
    };
    if let Some(acknowledge) = acknowledgement(page, chat_type, from.as_deref(), to.as_deref(), id) {
        effects.push(acknowledge);
    }
    let template = Message {
        id,
        from,
        to,
        chat_type,
        content: Content::Text(String::new()),
        ext: Map::new(),
        time: meta.timestamp.unwrap_or_default(),
        allow_group_ack: body.msg_config.as_ref().map(|config| config.allow_group_ack),
        online_state: if chat_type == Some(ChatType::Room) { 1 } else { online_state },
        fault: None,
        extras: None,
    };
    contents(page, status, meta, body, template, effects)
}

/// Calls back for the contents of one message: all in 3.6.3, else the first.
fn contents(
    page: &Page,
    status: Option<&Status>,
    meta: &Meta,
    mut body: MessageBody,
    mut template: Message,
    effects: &mut Vec<Effect>,
) -> Result<(), ScriptError> {
    let generation = page.generation;
    let audience = chat_extras::audience(generation, template.chat_type, meta)?;
    if body.contents.is_empty() {
        return Ok(());
    }
    template.fault = fault(status.ok_or(ScriptError::Type)?);
    template.ext = event::ext(&body.ext)?;
    template.extras = chat_extras::read(generation, body.meta.as_deref().unwrap_or_default(), audience)?;
    let only_first = generation != Generation::V3_6_3 || page.delivery != Delivery::Off;
    let count = if only_first { 1 } else { usize::MAX };
    let mut reader = chat_content::Reader::new(page, &body.contents);
    let mut contents = mem::take(&mut body.contents).into_iter().take(count);
    while let Some(content) = contents.next() {
        match reader.read(content) {
            Ok(None) => {}
            Ok(Some(content)) if contents.len() == 0 => {
                let message = Message { content, ..template };
                effects.push(Effect::Event(Event { generation, detail: Detail::Message(Box::new(message)) }));
                return Ok(());
            }
            Ok(Some(content)) => {
                let message = Message { content, ..template.clone() };
                effects.push(Effect::Event(Event { generation, detail: Detail::Message(Box::new(message)) }));
            }
            // 3.6.3 guards each content by itself.
            Err(cause) if generation == Generation::V3_6_3 => {
                let detail = Detail::Error(Box::new(SdkError::unreadable_content(cause)));
                effects.push(Effect::Event(Event { generation, detail }));
            }
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}

fn fault(status: &Status) -> Option<Box<Fault>> {
    let (code, reason) =
        (status.error_code.unwrap_or_default(), status.reason.as_deref().unwrap_or_default());
    (code != 0 || !reason.is_empty()).then(|| Box::new(Fault { code, reason: reason.to_owned() }))
}

/// The delivered receipt that the client sends for a message, if any.
fn acknowledgement(
    page: &Page,
    chat_type: Option<ChatType>,
    from: Option<&str>,
    to: Option<&str>,
    message: ServerId,
) -> Option<Effect> {
    let from = from.filter(|_| chat_type == Some(ChatType::Single))?;
    let acknowledges = match (page.delivery, page.generation) {
        (Delivery::Off, _) | (Delivery::AsSdk, Generation::V3_6_3) => false,
        (Delivery::AsSdk, Generation::V4_0_8) => Some(from) != to,
        (Delivery::AsSdk, Generation::V4_21_1) => Some(from) != to && from != &*page.user,
        (Delivery::AsDocument, _) => from != &*page.user,
    };
    acknowledges.then(|| Effect::Acknowledge { to: from.to_owned(), message })
}

/// Sender and addressee by the body's names. 4.21.1 adds the device when users write to themselves.
fn parties(page: &Page, meta: &Meta, body: &mut MessageBody) -> (Option<String>, Option<String>) {
    let name = |jid: Option<Jid>| jid.map(|jid| jid.name.unwrap_or_default());
    let (mut from, mut to) = (name(body.from.take()), name(body.to.take()));
    if page.generation != Generation::V4_21_1 {
        return (from, to);
    }
    let resource = |jid: &Option<Jid>| {
        jid.as_ref().and_then(|jid| jid.client_resource.clone()).filter(|resource| !resource.is_empty())
    };
    if from.as_deref() == Some(&*page.user)
        && from == to
        && let Some(other) = resource(&meta.from).filter(|other| **other != *page.resource)
    {
        from = from.map(|name| format!("{name}/{other}"));
    }
    if let Some(device) = resource(&meta.to) {
        // JavaScript writes an absent name as `null`.
        to = Some(format!("{}/{device}", to.as_deref().unwrap_or("null")));
    }
    (from, to)
}

/// `onlineState`, which `Meta.meta` tells as JSON.
fn online_state(generation: Generation, meta: &Meta) -> Result<u8, ScriptError> {
    const NOT_TOLD: u8 = 3;
    let bytes = meta.meta.as_deref().unwrap_or_default();
    if generation == Generation::V3_6_3 || bytes.is_empty() {
        return Ok(NOT_TOLD);
    }
    let told = notice::json(bytes)?;
    if told.is_null() {
        return Err(ScriptError::Type);
    }
    let is_online = told.get("is_online").unwrap_or(&Value::Null);
    Ok(match (is_online.as_f64(), generation) {
        (Some(0.0), _) => 0,
        (Some(1.0), _) => 1,
        (_, Generation::V4_21_1) if event::is_falsy(is_online) => NOT_TOLD,
        _ => 2,
    })
}

/// What a read receipt adds for a group: 3.6.3 goes by `msgConfig`, later ones by the count.
fn group_read(generation: Generation, body: MessageBody) -> Result<Option<GroupRead>, ScriptError> {
    if generation == Generation::V3_6_3 && body.msg_config.is_none() {
        return Ok(None);
    }
    let counts = match body.ext.first() {
        None => None,
        Some(KeyValue { value: Some(key_value::Value::StringValue(text)), .. }) => Some(event::parse(text)?),
        Some(_) => return Err(ScriptError::Syntax),
    };
    let content = body.ack_content.unwrap_or_default();
    let is_told =
        generation == Generation::V3_6_3 || counts.as_ref().is_some_and(|counts| !event::is_falsy(counts));
    Ok(is_told.then_some(GroupRead { counts, content }))
}

/// `ext` of a recall.
fn recall_ext(generation: Generation, meta: &Meta) -> Result<Value, ScriptError> {
    if generation != Generation::V4_21_1 {
        return Ok(Value::Null);
    }
    let told = event::ext(&meta.ext)?.remove("recallMessageExtensionInfo");
    Ok(told.filter(|told| !event::is_falsy(told)).unwrap_or_else(|| "".into()))
}
