//! What any recorded frame says, and saying it again.

use chatproof::protocol::{
    ext::{self, Ext, ExtValue},
    generation::Generation,
    id::{LocalId, ServerId},
    message::{
        Api, Attachment, Body, ChatType, GroupAck, Location, Options, Origin, Outgoing, Priority, Size,
    },
    schema::{
        CommSyncUl, Jid, KeyValue, MSync, MessageBody, Meta, MucBody, Provision, RosterBody, m_sync,
        message_body::{self, content},
        meta, muc_body, roster_body,
    },
    time::Moment,
    uplink::{Contact, Device, RoomRequest, RosterRequest, Sender},
};
use prost::Message;

use super::decoded;

/// Says again what the frame says.
pub(super) fn again(generation: Generation, frame: &[u8]) -> Vec<u8> {
    let msync = MSync::decode(frame).unwrap();
    let trace = decoded::trace(frame);
    let sender = sender(generation, &msync);
    match m_sync::Command::try_from(msync.command.unwrap()).unwrap() {
        m_sync::Command::Provision => {
            let payload = Provision::decode(msync.payload.unwrap()).unwrap();
            let (device, now) = device(generation, &payload);
            sender.provision(&decoded::token(frame), &device, now, trace)
        }
        m_sync::Command::Unread => sender.unread(trace),
        m_sync::Command::Sync => {
            let payload = CommSyncUl::decode(msync.payload.unwrap()).unwrap();
            match (&payload.meta, payload.key, &payload.queue) {
                (None, None, Some(queue)) => sender.fetch(queue, trace),
                (None, Some(key), queue) => sender.acknowledge(key, queue.as_ref(), trace),
                (Some(meta), None, None) => match meta::NameSpace::try_from(meta.ns.unwrap()).unwrap() {
                    meta::NameSpace::Statistic => {
                        sender.statistic(Moment::from_millis(meta.id.unwrap()), trace)
                    }
                    meta::NameSpace::Chat => sender.message(&outgoing(generation, meta), trace),
                    meta::NameSpace::Roster => sender.roster(LocalId(meta.id.unwrap()), &roster(meta), trace),
                    meta::NameSpace::Muc => room(&sender, meta, trace),
                    other => panic!("{other:?}"),
                },
                other => panic!("{other:?}"),
            }
        }
        other => panic!("{other:?}"),
    }
    .to_vec()
}

/// Who the frame says that it comes from; where it does not say, the recording's usual user.
fn sender(generation: Generation, msync: &MSync) -> Sender {
    let usual = Device::Stamped(Moment::from_millis(1_640_995_200_000)).resource(generation);
    match &msync.guid {
        Some(guid) => decoded::sender(
            generation,
            guid.name.as_deref().unwrap(),
            guid.client_resource.as_deref().unwrap(),
        ),
        None => decoded::sender(generation, "alice", &usual),
    }
}

/// The device and the clock behind a login.
fn device(generation: Generation, payload: &Provision) -> (Device, Moment) {
    let name = payload.device_name.as_deref().unwrap();
    let now = match &payload.session_id {
        Some(id) => id.strip_suffix(':').unwrap().parse().unwrap(),
        None => 0,
    };
    let device = if name == "webim" {
        let uuid = payload.device_uuid.as_deref().unwrap();
        let stamp = uuid.strip_prefix(generation.resource_infix()).unwrap();
        Device::Stamped(Moment::from_millis(stamp.parse().unwrap()))
    } else {
        Device::Fixed(name.strip_prefix("webim_").unwrap().to_owned())
    };
    (device, Moment::from_millis(now))
}

fn roster(meta: &Meta) -> RosterRequest {
    let body = RosterBody::decode(meta.payload.clone().unwrap()).unwrap();
    RosterRequest {
        action: match roster_body::Operation::try_from(body.operation.unwrap()).unwrap() {
            roster_body::Operation::Add => Contact::Invite,
            roster_body::Operation::Remove => Contact::Remove,
            roster_body::Operation::Accept => Contact::Accept,
            roster_body::Operation::Decline => Contact::Decline,
            roster_body::Operation::Ban => Contact::Block,
            roster_body::Operation::Allow => Contact::Unblock,
            other => panic!("{other:?}"),
        },
        users: body.to.into_iter().map(|user| user.name.unwrap()).collect(),
        reason: body.reason,
    }
}

fn room(sender: &Sender, meta: &Meta, trace: Option<chatproof::protocol::trace::TraceId>) -> bytes::Bytes {
    let body = MucBody::decode(meta.payload.clone().unwrap()).unwrap();
    let request = match muc_body::Operation::try_from(body.operation.unwrap()).unwrap() {
        muc_body::Operation::Join => {
            RoomRequest::Join { ext: body.ext.unwrap(), leave_others: body.leave_other_rooms.unwrap() }
        }
        muc_body::Operation::Leave => RoomRequest::Leave,
        other => panic!("{other:?}"),
    };
    sender.room(LocalId(meta.id.unwrap()), &body.muc_id.unwrap().name.unwrap(), &request, trace)
}

/// What a message, receipt or recall says.
fn outgoing(generation: Generation, meta: &Meta) -> Outgoing {
    let body = MessageBody::decode(meta.payload.clone().unwrap()).unwrap();
    let id = LocalId(meta.id.unwrap());
    let to = meta.to.as_ref().unwrap();
    let message = ServerId(body.ack_message_id.unwrap_or_default());
    let kind = message_body::Type::try_from(body.r#type.unwrap()).unwrap();
    let said = match kind {
        message_body::Type::ReadAck => Body::Read { message, content: body.ack_content.clone() },
        message_body::Type::DeliverAck => Body::Delivery { message },
        message_body::Type::Recall => Body::Recall { message },
        message_body::Type::ChannelAck => Body::Channel,
        _ => content_of(&body.contents[0]),
    };
    let chat_type = match kind {
        message_body::Type::Groupchat => ChatType::Group,
        message_body::Type::Chatroom => ChatType::Room,
        message_body::Type::Chat => ChatType::Single,
        // 4.x always asks for more in a group's read receipt.
        message_body::Type::ReadAck
            if to.is_conference() && body.msg_config.is_none() && generation != Generation::V3_6_3 =>
        {
            ChatType::Room
        }
        // Receipts and recalls tell a room from a group only by its tag.
        _ if !to.is_conference() => ChatType::Single,
        _ if !meta.ext.is_empty() => ChatType::Room,
        _ => ChatType::Group,
    };
    let to = match (generation, to) {
        (Generation::V4_21_1, Jid { client_resource: Some(resource), name: Some(name), .. }) => {
            format!("{name}/{resource}")
        }
        (_, to) => to.name.clone().unwrap(),
    };
    Outgoing {
        chat_type,
        ext: pairs(&body.ext),
        group_ack: body.msg_config.map(|config| match config.allow_group_ack {
            Some(true) => GroupAck::Asked,
            Some(false) => GroupAck::Declined,
            None => GroupAck::Unsaid,
        }),
        options: Options {
            thread: body.meta.is_some(),
            online_only: meta.routetype == Some(meta::RouteType::RouteOnline.into()),
            receivers: meta.directed_users.clone(),
            priority: match meta.ext.first().map(|tag| ext::read(tag).unwrap().unwrap()) {
                Some(ExtValue::Number(tag)) if tag < 0.5 => Priority::High,
                Some(ExtValue::Number(tag)) if tag > 1.5 => Priority::Low,
                _ => Priority::Normal,
            },
        },
        // `set` of 4.x drops the content of a receipt, `create` does not.
        api: if body.ack_content.is_some() { Api::New } else { Api::Old },
        ..Outgoing::new(id, to, said)
    }
}

fn pairs(pairs: &[KeyValue]) -> Ext {
    let value = |pair: &KeyValue| match pair.value {
        None => ExtValue::Undefined,
        Some(_) => ext::read(pair).unwrap().unwrap(),
    };
    pairs.iter().map(|pair| (pair.key.clone().unwrap(), value(pair))).collect()
}

fn content_of(content: &message_body::Content) -> Body {
    let file = || Attachment {
        origin: Origin::Given,
        url: content.remote_path.clone(),
        secret: content.secret_key.clone(),
        filename: content.display_name.clone(),
        file_length: content.file_length.map(f64::from),
        size: content.size.map(|size| Size { width: size.width, height: size.height }),
        length: content.duration.map(f64::from),
    };
    match content::Type::try_from(content.r#type.unwrap()).unwrap() {
        content::Type::Text => Body::Text(content.text.clone()),
        content::Type::Image => Body::Image(file()),
        content::Type::Video => Body::Video(file()),
        content::Type::Location => Body::Location(Location {
            address: content.address.clone(),
            latitude: content.latitude,
            longitude: content.longitude,
            building: content.building_name.clone(),
        }),
        content::Type::Voice => Body::Audio(file()),
        content::Type::File => Body::File(file()),
        content::Type::Command => Body::Command(content.action.clone()),
        content::Type::Custom => {
            Body::Custom { event: content.custom_event.clone(), exts: pairs(&content.custom_exts) }
        }
        other @ content::Type::Combine => panic!("{other:?}"),
    }
}
