//! Messages, receipts and recalls: their addresses, their body type, and what goes with them.

use bytes::Bytes;
use prost::Message;

use super::{Sender, address::Address, contents, envelope};
use crate::protocol::{
    ext::{self, ExtValue},
    generation::Generation,
    message::{Api, Body, ChatType, GroupAck, Outgoing, Priority},
    schema::{
        CommSyncUl, Jid, KeyValue, MSync, MessageBody, Meta, m_sync,
        message_body::{self, MessageConfig},
        meta,
    },
    trace::TraceId,
};

/// The thread mark of `MessageBody.meta`.
const THREAD: &str = r#"{"thread":{}}"#;
/// The key under which 4.21.1 says how important a chat-room message is.
const PRIORITY_KEY: &str = "chatroom_msg_tag";

/// `MessageBody.contents` as bytes, so that a Content can hold what its schema type cannot.
#[derive(Clone, PartialEq, Message)]
struct Contents {
    #[prost(bytes = "vec", repeated, tag = "4")]
    contents: Vec<Vec<u8>>,
}

/// The frame of one message.
pub(super) fn encode(sender: &Sender, outgoing: &Outgoing, trace: Option<TraceId>) -> Bytes {
    let address = Address::of(sender, outgoing);
    let anonymous = sender.generation == Generation::V4_21_1;
    let payload = CommSyncUl { meta: Some(meta(sender, outgoing, address)), ..CommSyncUl::default() };
    MSync {
        guid: Some(sender.identity.jid()).filter(|_| !anonymous),
        ..envelope::msync(sender, m_sync::Command::Sync, Some(payload.encode_to_vec()), trace)
    }
    .encode_to_vec()
    .into()
}

fn meta(sender: &Sender, outgoing: &Outgoing, address: Address) -> Meta {
    let meta = Meta {
        id: Some(outgoing.id.0),
        payload: Some(body(sender, outgoing, &address.name).into()),
        from: address.from,
        to: Some(address.to),
        ns: Some(meta::NameSpace::Chat.into()),
        ..Meta::default()
    };
    match sender.generation {
        Generation::V3_6_3 | Generation::V4_0_8 => meta,
        Generation::V4_21_1 => routed(outgoing, meta),
    }
}

/// What 4.21.1 tells the server about the way of a message.
fn routed(outgoing: &Outgoing, mut meta: Meta) -> Meta {
    let options = &outgoing.options;
    let chosen = chat_type(outgoing) != ChatType::Single && !options.receivers.is_empty();
    let route = match (chosen, options.online_only) {
        (true, _) => meta::RouteType::RouteDirect,
        (false, true) => meta::RouteType::RouteOnline,
        (false, false) => meta::RouteType::RouteAll,
    };
    meta.routetype = Some(route.into());
    if chosen {
        meta.directed_users.clone_from(&options.receivers);
    }
    if chat_type(outgoing) == ChatType::Room {
        meta.ext = priority(options.priority);
    }
    meta
}

fn priority(priority: Priority) -> Vec<KeyValue> {
    let tag = match priority {
        Priority::High => 0.0,
        Priority::Normal => 1.0,
        Priority::Low => 2.0,
    };
    ext::key_values(Generation::V4_21_1, &vec![(PRIORITY_KEY.to_owned(), ExtValue::Number(tag))])
}

/// The chat type that counts: delivered receipts always go to one user.
pub(super) fn chat_type(outgoing: &Outgoing) -> ChatType {
    match outgoing.body {
        Body::Delivery { .. } => ChatType::Single,
        _ => outgoing.chat_type,
    }
}

fn body(sender: &Sender, outgoing: &Outgoing, to: &str) -> Vec<u8> {
    let head = MessageBody {
        r#type: Some(body_type(outgoing).into()),
        from: Some(Jid::named(&sender.identity.user)),
        to: Some(Jid::named(to)),
        ..MessageBody::default()
    };
    let contents = Contents { contents: vec![contents::encode(sender, outgoing)] };
    let threaded = outgoing.options.thread && sender.generation != Generation::V3_6_3;
    let tail = MessageBody {
        meta: threaded.then(|| THREAD.to_owned()),
        ..accompaniment(sender.generation, outgoing)
    };
    [head.encode_to_vec(), contents.encode_to_vec(), tail.encode_to_vec()].concat()
}

fn body_type(outgoing: &Outgoing) -> message_body::Type {
    match (&outgoing.body, outgoing.chat_type) {
        (Body::Read { .. }, _) => message_body::Type::ReadAck,
        (Body::Delivery { .. }, _) => message_body::Type::DeliverAck,
        (Body::Recall { .. }, _) => message_body::Type::Recall,
        (Body::Channel, _) => message_body::Type::ChannelAck,
        (_, ChatType::Single) => message_body::Type::Chat,
        (_, ChatType::Group) => message_body::Type::Groupchat,
        (_, ChatType::Room) => message_body::Type::Chatroom,
    }
}

/// The fields behind the contents.
fn accompaniment(generation: Generation, outgoing: &Outgoing) -> MessageBody {
    match &outgoing.body {
        Body::Channel => MessageBody::default(),
        Body::Delivery { message } | Body::Recall { message } => {
            MessageBody { ack_message_id: Some(message.0), ..MessageBody::default() }
        }
        Body::Read { message, content } => MessageBody {
            ack_message_id: Some(message.0),
            ..group_receipt(generation, outgoing, content.as_deref())
        },
        Body::Command(_) if generation == Generation::V4_0_8 && outgoing.api == Api::New => {
            // `create` of this generation forgets the ext of a command.
            MessageBody { msg_config: config(generation, outgoing), ..MessageBody::default() }
        }
        _ => MessageBody {
            ext: ext::key_values(generation, &outgoing.ext),
            msg_config: config(generation, outgoing),
            ..MessageBody::default()
        },
    }
}

/// The `msgConfig` of a group message.
fn config(generation: Generation, outgoing: &Outgoing) -> Option<MessageConfig> {
    let asked = outgoing.group_ack.filter(|_| outgoing.chat_type == ChatType::Group)?;
    Some(MessageConfig {
        allow_group_ack: match (generation, asked) {
            (Generation::V4_0_8, _) | (_, GroupAck::Asked) => Some(true),
            (_, GroupAck::Declined) | (Generation::V4_21_1, GroupAck::Unsaid) => Some(false),
            (_, GroupAck::Unsaid) => None,
        },
    })
}

/// What a read receipt in a group carries beside the id.
fn group_receipt(generation: Generation, outgoing: &Outgoing, content: Option<&str>) -> MessageBody {
    if outgoing.chat_type != ChatType::Group {
        return MessageBody::default();
    }
    let (msg_config, content) = match (generation, outgoing.api) {
        (Generation::V3_6_3, _) => {
            let config = config(generation, outgoing);
            // `set` takes over neither an empty text nor any text without a `msgConfig`.
            let content = content.filter(|text| !text.is_empty() && config.is_some());
            (config, content)
        }
        // `set` of 4.x drops the content.
        (_, Api::Old) => (Some(MessageConfig { allow_group_ack: Some(true) }), None),
        (_, Api::New) => (Some(MessageConfig { allow_group_ack: Some(true) }), content),
    };
    MessageBody { msg_config, ack_content: content.map(str::to_owned), ..MessageBody::default() }
}
