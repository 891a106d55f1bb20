//! Who a message comes from and goes to, in the eyes of each generation.

use super::{Sender, message::chat_type};
use crate::protocol::{
    generation::Generation,
    jid::CONFERENCE_DOMAIN,
    message::{Body, ChatType, Outgoing},
    schema::Jid,
};

/// The addresses of one message.
pub(super) struct Address {
    /// `Meta.from`; the server knows the sender anyway.
    pub(super) from: Option<Jid>,
    /// `Meta.to`.
    pub(super) to: Jid,
    /// The name in `MessageBody.to`.
    pub(super) name: String,
}

impl Address {
    /// The addresses of `outgoing`.
    pub(super) fn of(sender: &Sender, outgoing: &Outgoing) -> Self {
        let app_key = &sender.identity.app_key;
        let (name, resource) = match (sender.generation, outgoing.to.split_once('/')) {
            (Generation::V4_21_1, Some((name, resource))) => (name, Some(resource)),
            _ => (outgoing.to.as_str(), None),
        };
        let to = if is_conference(sender.generation, outgoing) {
            Jid::conference(app_key, name)
        } else {
            Jid::user(app_key, name)
        };
        Self {
            from: from(sender, outgoing),
            to: Jid { client_resource: resource.map(str::to_owned), ..to },
            name: name.to_owned(),
        }
    }
}

fn from(sender: &Sender, outgoing: &Outgoing) -> Option<Jid> {
    let identity = &sender.identity;
    match (sender.generation, &outgoing.body, outgoing.chat_type) {
        (Generation::V4_21_1, ..) => None,
        (Generation::V4_0_8, ..)
        | (_, Body::Read { .. } | Body::Delivery { .. } | Body::Channel | Body::Recall { .. }, _)
        | (_, _, ChatType::Single) => Some(identity.jid()),
        // 3.6.3 puts the sender of a group message into the groups' domain, without a device.
        (Generation::V3_6_3, _, ChatType::Group | ChatType::Room) => Some(Jid {
            domain: Some(CONFERENCE_DOMAIN.to_owned()),
            ..Jid::user(&identity.app_key, &identity.user)
        }),
    }
}

/// Whether the message goes to the domain of groups and rooms.
fn is_conference(generation: Generation, outgoing: &Outgoing) -> bool {
    match (chat_type(outgoing), &outgoing.body) {
        (ChatType::Single, _) => false,
        (ChatType::Group, _) => true,
        // 3.6.3 sends these two to a user of the room's name.
        (ChatType::Room, Body::Read { .. } | Body::Channel) => generation != Generation::V3_6_3,
        (ChatType::Room, _) => true,
    }
}
