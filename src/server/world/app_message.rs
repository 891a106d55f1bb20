//! What the app's own server says, in the name of anybody: no check of what clients send applies but
//! the mute of the app.

use prost::Message as _;

use super::{
    World,
    delivery::{Parcel, Reach},
    frame,
    history::{Conversation, Said},
    mailbox::Peer,
    place::{Kind, PlaceId},
    silence::ChatType,
    user::UserId,
};
use crate::protocol::{
    id::ServerId,
    schema::{
        Jid, KeyValue, MessageBody,
        message_body::{Content, Type},
        meta::NameSpace,
    },
    time::Moment,
};

/// One thing that the app's server says.
#[derive(Clone, Debug)]
pub(super) struct AppMessage {
    /// In whose name.
    pub(super) from: UserId,
    pub(super) content: Content,
    pub(super) ext: Vec<KeyValue>,
    pub(super) reach: Reach,
    /// Whether the devices of `from` get it too.
    pub(super) copies: Copies,
    /// When receivers think that it was said.
    pub(super) at: Moment,
}

/// Whether the devices of a sender get what the app's server says in its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Copies {
    /// They do not.
    None,
    /// Those that are online do.
    Online,
}

/// Whom it is said to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Recipient {
    /// One user.
    User(UserId),
    /// A group or room.
    Place(PlaceId),
    /// A user who does not exist: it goes nowhere.
    Nobody,
}

impl AppMessage {
    /// Bytes of its body, as far as its limit is concerned.
    pub(super) fn size(&self) -> usize {
        let body = MessageBody {
            contents: vec![self.content.clone()],
            ext: self.ext.clone(),
            ..MessageBody::default()
        };
        body.encoded_len()
    }
}

impl World {
    /// Says it to one recipient: its id.
    pub(super) fn say_for_app(&mut self, now: Moment, message: &AppMessage, to: Recipient) -> ServerId {
        let Some((conversation, parcel)) = self.written(now, message, to) else {
            return self.ids.next(now);
        };
        match to {
            Recipient::User(to) => {
                self.post_between(message.from, to, &parcel);
                let is_online = self.users.get(message.from).is_some_and(|user| user.is_online());
                if message.copies == Copies::Online && is_online && to != message.from {
                    self.post_between(to, message.from, &parcel);
                }
            }
            Recipient::Place(key) => self.post_in(now, key, message, &parcel),
            Recipient::Nobody => {}
        }
        self.keep_for_app(now, conversation, message, &parcel);
        parcel.id
    }

    /// Puts it into the history as if it had been said, without telling anybody.
    pub(super) fn import(
        &mut self,
        now: Moment,
        message: &AppMessage,
        to: Recipient,
        state: Imported,
    ) -> ServerId {
        let Some((conversation, parcel)) = self.written(now, message, to) else {
            return self.ids.next(now);
        };
        self.keep_for_app(message.at, conversation, message, &parcel);
        if state == Imported::Read {
            let newest = self.ids.next(now);
            for (reader, peer) in self.readers(conversation) {
                if let Some(user) = self.users.get_mut(reader) {
                    user.sessions.read(peer, newest);
                }
            }
        }
        parcel.id
    }

    fn written(
        &mut self,
        now: Moment,
        message: &AppMessage,
        to: Recipient,
    ) -> Option<(Conversation, Parcel)> {
        let from = self.users.get(message.from)?.address.clone();
        let (kind, address, conversation) = match to {
            Recipient::User(to) => {
                let address = self.users.get(to)?.address.clone();
                (Type::Chat, address, Conversation::between(message.from, to))
            }
            Recipient::Place(key) => {
                let place = self.places.get(key)?;
                let kind = match place.kind {
                    Kind::Group => Type::Groupchat,
                    Kind::Room => Type::Chatroom,
                };
                (kind, place.address.clone(), Conversation::Place(key))
            }
            Recipient::Nobody => return None,
        };
        let body = MessageBody {
            r#type: Some(kind as i32),
            from: Some(Jid::named(&from.name)),
            to: Some(Jid::named(&address.name)),
            contents: vec![message.content.clone()],
            ext: message.ext.clone(),
            ..MessageBody::default()
        };
        let id = self.ids.next(now);
        let payload = body.encode_to_vec().into();
        let meta =
            frame::meta(id, message.at, NameSpace::Chat, from.jid.clone(), address.jid.clone(), payload);
        Some((conversation, Parcel::new(id, &meta, message.reach)))
    }

    fn post_between(&mut self, from: UserId, to: UserId, parcel: &Parcel) {
        if let Some(queue) = self.users.get(from).map(|user| user.address.clone()) {
            self.post(to, Peer::User(from), &queue, parcel);
        }
    }

    fn post_in(&mut self, now: Moment, key: PlaceId, message: &AppMessage, parcel: &Parcel) {
        if !self.place_takes(now, key) {
            return;
        }
        let Some(place) = self.places.get(key) else { return };
        let (peer, address) = (place.peer(key), place.address.clone());
        let members: Vec<UserId> = place
            .members
            .iter()
            .filter(|(_, member)| !member.is_shielded)
            .map(|(user, _)| *user)
            .filter(|user| *user != message.from || message.copies == Copies::Online)
            .collect();
        for member in members {
            self.post(member, peer, &address, parcel);
        }
    }

    fn keep_for_app(
        &mut self,
        at: Moment,
        conversation: Conversation,
        message: &AppMessage,
        parcel: &Parcel,
    ) {
        let said = Said {
            id: parcel.id,
            at,
            sender: message.from,
            kind: message.content.r#type.and_then(|kind| kind.try_into().ok()),
            listed: self.settings.services.rest_sessions,
            meta: parcel.meta.clone(),
        };
        self.keep(conversation, said);
    }
}

/// Whether an imported message counts as unread.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Imported {
    /// Its receivers have read it, and what went before.
    Read,
    /// They have not.
    Unread,
}

/// The type of chat that a recipient is reached in.
pub(super) fn chat_type(kind: Option<Kind>) -> ChatType {
    kind.map_or(ChatType::Single, Into::into)
}
