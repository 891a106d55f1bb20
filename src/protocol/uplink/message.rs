//! Messages, receipts and recalls.

use bytes::Bytes;
use prost::Message;

use super::{Sender, envelope};
use crate::protocol::{
    message::{Body, ChatType, Outgoing},
    schema::{CommSyncUl, Jid, MSync, MessageBody, Meta, m_sync, message_body, meta},
    trace::TraceId,
};

/// The frame of one message.
pub(super) fn encode(sender: &Sender, outgoing: &Outgoing, trace: Option<TraceId>) -> Bytes {
    let identity = &sender.identity;
    let text = match &outgoing.body {
        Body::Text(text) => text.clone(),
        _ => None,
    };
    let body = MessageBody {
        r#type: Some(message_body::Type::Chat.into()),
        from: Some(Jid::named(&identity.user)),
        to: Some(Jid::named(&outgoing.to)),
        contents: vec![message_body::Content {
            r#type: Some(message_body::content::Type::Text.into()),
            text,
            ..Default::default()
        }],
        ..MessageBody::default()
    };
    let to = match outgoing.chat_type {
        ChatType::Single => Jid::user(&identity.app_key, &outgoing.to),
        ChatType::Group | ChatType::Room => Jid::conference(&identity.app_key, &outgoing.to),
    };
    let meta = Meta {
        id: Some(outgoing.id.0),
        from: Some(identity.jid()),
        to: Some(to),
        ns: Some(meta::NameSpace::Chat.into()),
        payload: Some(body.encode_to_vec().into()),
        ..Meta::default()
    };
    let payload = CommSyncUl { meta: Some(meta), ..CommSyncUl::default() };
    MSync {
        guid: Some(identity.jid()),
        ..envelope::msync(sender, m_sync::Command::Sync, Some(payload.encode_to_vec()), trace)
    }
    .encode_to_vec()
    .into()
}
