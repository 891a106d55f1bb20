//! Receipts: delivered, read, and read receipts for whole conversations and in groups (heading
//! 消息回执).

use std::collections::BTreeSet;

use prost::Message as _;
use serde_json::{Value, json};

use super::{
    World,
    connection::not_readable,
    delivery::{Parcel, Reach},
    fault::Fault,
    frame::{self, Refusal},
    mailbox::Peer,
    place::PlaceId,
    send::{Letter, Sender, gone},
    user::UserId,
};
use crate::protocol::{
    id::ServerId,
    schema::{
        Jid, KeyValue, MessageBody, StatisticsBody, key_value,
        message_body::{MessageConfig, Type},
        meta::NameSpace,
        statistics_body::Operation,
        status::ErrorCode,
    },
    time::Moment,
};

/// The key of the one entry of a group read receipt's ext. Pages read only its value.
const COUNT_KEY: &str = "group_ack_count";
/// Messages that one summary at login names; there are as many summaries as it takes.
const SUMMED_UP: usize = 100;

impl World {
    /// Read, delivered and whole-conversation receipts go to the other user; whole-conversation
    /// ones also to the acker's other devices. In groups and rooms nobody is told, except who asks
    /// for the readers of a message.
    pub(super) fn receipt(
        &mut self,
        now: Moment,
        sender: Sender,
        letter: &Letter<'_>,
    ) -> Result<ServerId, Refusal> {
        if letter.body.kind == Some(Type::ChannelAck as i32) {
            self.mark_read(now, sender.user, letter);
        }
        if !self.settings.services.receipts {
            return Ok(self.ids.next(now));
        }
        let about = ServerId(letter.body.ack_message_id.unwrap_or_default());
        if letter.body.kind == Some(Type::ReadAck as i32) && self.group_acks.find(about).is_some() {
            return self.read_in_group(now, sender, letter, about);
        }
        if letter.body.kind == Some(Type::ReadAck as i32)
            && self.faults.strikes_in(Fault::ReadDropped, sender)
            || letter.body.kind == Some(Type::ChannelAck as i32) && self.faults.strikes(Fault::ChannelDropped)
        {
            return Ok(self.ids.next(now));
        }
        let to = (!letter.is_to_conference()).then(|| self.users.find(letter.to)).flatten();
        let to = to.map(|to| self.receiver(sender.user, to, letter));
        let Some(to) = to else { return Ok(self.ids.next(now)) };
        let Some(recipient) = self.users.get(to) else { return Err(gone()) };
        let to_address = recipient.address.clone();
        let is_blocked = recipient.blocked.contains(&sender.user);
        let parcel = self.parcel(now, sender, letter, &to_address)?;
        if let Some(from) = self.users.get(sender.user).map(|user| user.address.clone())
            && !is_blocked
        {
            self.post(to, Peer::User(sender.user), &from, &parcel);
        }
        if letter.body.kind == Some(Type::ChannelAck as i32) && to != sender.user {
            self.copy(sender.user, sender.device, Peer::User(to), &to_address, &parcel);
        }
        Ok(parcel.id)
    }

    /// A member has read a message whose sender asks for that. The group is the message's own:
    /// SDK 3.6.3 addresses the receipt to the sender, in the domain of groups.
    fn read_in_group(
        &mut self,
        now: Moment,
        sender: Sender,
        letter: &Letter<'_>,
        message: ServerId,
    ) -> Result<ServerId, Refusal> {
        let Some(asked) = self.group_acks.find(message) else { return Err(gone()) };
        let (key, asker) = (asked.place, asked.sender);
        let Some(place) = self.places.get(key) else { return Err(gone()) };
        if !place.members.contains_key(&sender.user) {
            return Err(Refusal::new(ErrorCode::Fail as i32, "not in group or chatroom"));
        }
        let (peer, address) = (place.peer(key), place.address.clone());
        let receipt = self.ids.next(now);
        if asker == sender.user {
            return Ok(receipt);
        }
        let limit = self.settings.limits.group_acks;
        let Some(count) = self.group_acks.read(message, sender.user, receipt, limit) else {
            return Ok(receipt);
        };
        let offline_limit = self.settings.limits.offline_per_user;
        let Some(user) = self.users.get_mut(asker) else { return Ok(receipt) };
        if !user.is_online() {
            remember(&mut user.read_while_away, message, offline_limit);
            return Ok(receipt);
        }
        let told = MessageBody::decode(letter.payload.clone()).map_err(|_| not_readable("a MessageBody"))?;
        let Some(reader) = self.users.get_mut(sender.user) else { return Err(gone()) };
        let body = MessageBody {
            from: Some(Jid::named(reader.name())),
            to: Some(Jid::named(&address.name)),
            ext: vec![counted(message, count - usize::from(self.faults.strikes(Fault::GroupCountWrong)))],
            msg_config: Some(MessageConfig { allow_group_ack: Some(true) }),
            ..told
        };
        let from = reader.address.jid.clone();
        let from = reader.device(sender.device).map_or(from, |device| device.jid.clone());
        let body = body.encode_to_vec().into();
        let meta = frame::meta(receipt, now, NameSpace::Chat, from, address.jid.clone(), body);
        let parcel = Parcel { read: Some(message), ..Parcel::new(receipt, &meta, Reach::Everybody) };
        self.post(asker, peer, &address, &parcel);
        Ok(receipt)
    }

    /// Whether the sender of a message may ask who reads it.
    pub(super) fn may_ask(&self, sender: UserId, key: PlaceId) -> bool {
        let services = &self.settings.services;
        services.group_ack
            && services.receipts
            && self
                .places
                .get(key)
                .is_some_and(|place| matches!(place.peer(key), Peer::Group(_)) && place.is_staff(sender))
    }

    /// Tells a user who was away, and comes in on a first device, whose messages were read meanwhile.
    pub(super) fn sum_up_reads(&mut self, now: Moment, user_id: UserId) {
        let Some(user) = self.users.get_mut(user_id) else { return };
        if user.is_online() {
            return;
        }
        // What was on its way when the last device left belongs to the summary as well.
        user.read_while_away.extend(user.mailbox.withdraw_reads());
        if user.read_while_away.is_empty() || self.faults.strikes(Fault::NoOfflineStat) {
            user.read_while_away.clear();
            return;
        }
        let to = user.address.jid.clone();
        let read = std::mem::take(&mut user.read_while_away);
        let lines: Vec<Value> = read.iter().filter_map(|message| self.summary(*message)).collect();
        for some in lines.chunks(SUMMED_UP) {
            let body = StatisticsBody {
                operation: Some(Operation::Information as i32),
                location: Some(json!({"group_ack": some}).to_string()),
                ..StatisticsBody::default()
            };
            let (id, system) = (self.ids.next(now), self.system.clone());
            let body = body.encode_to_vec().into();
            let meta = frame::meta(id, now, NameSpace::Statistic, system.jid.clone(), to.clone(), body);
            self.post(user_id, Peer::System, &system, &Parcel::new(id, &meta, Reach::Everybody));
        }
    }

    /// What a summary says of one message. Nothing documents its fields: pages have been written
    /// for `mid` and for `msg_id`.
    fn summary(&self, message: ServerId) -> Option<Value> {
        let asked = self.group_acks.find(message)?;
        let from = self.users.get(asked.last_reader()?).map(|user| user.name().to_owned());
        Some(json!({
            "from": from.unwrap_or_default(),
            "to": self.places.get(asked.place)?.id(),
            "mid": message.to_string(),
            "msg_id": message.to_string(),
            "count": asked.count(),
        }))
    }
}

fn counted(message: ServerId, count: usize) -> KeyValue {
    let counts = json!({ message.to_string(): count });
    KeyValue {
        key: Some(COUNT_KEY.to_owned()),
        r#type: Some(key_value::ValueType::JsonString as i32),
        value: Some(key_value::Value::StringValue(counts.to_string())),
    }
}

/// Keeps the newest.
fn remember(messages: &mut BTreeSet<ServerId>, message: ServerId, limit: usize) {
    messages.insert(message);
    while messages.len() > limit {
        messages.pop_first();
    }
}
