//! What a device sends: who may say what to whom, in the order of the checks, and where it goes.

use bytes::Bytes;
use prost::Message as _;

use super::{
    ConnectionId, World,
    connection::not_readable,
    delivery::{Parcel, Reach},
    fault::{Fault, Way},
    file::UnknownRecipient,
    frame::{self, Refusal},
    history::{Conversation, Said},
    mailbox::{DeviceId, Peer},
    place::{Kind, PlaceId},
    screen::Verdict,
    silence::ChatType,
    uplink,
    user::UserId,
};
use crate::protocol::{
    id::{LocalId, ServerId},
    jid::CONFERENCE_DOMAIN,
    schema::{
        message_body::{Type, content},
        meta::{NameSpace, RouteType},
        status::ErrorCode,
    },
    time::Moment,
};

/// The device that a meta came from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Sender {
    pub(super) user: UserId,
    pub(super) device: DeviceId,
}

/// A meta with its body, as far as it was read.
pub(super) struct Letter<'a> {
    pub(super) meta: &'a uplink::Meta,
    pub(super) body: uplink::Body,
    pub(super) payload: Bytes,
    /// The name that it is addressed to, as sent.
    pub(super) to: &'a str,
}

impl Letter<'_> {
    /// Whether it is addressed to a group or room.
    pub(super) fn is_to_conference(&self) -> bool {
        self.meta.to.as_ref().is_some_and(|to| to.domain.as_deref() == Some(CONFERENCE_DOMAIN))
    }

    /// Whether all of it is of that type.
    pub(super) fn is_of(&self, kind: content::Type) -> bool {
        self.body.contents.iter().all(|content| content.kind.unwrap_or_default() == kind as i32)
    }

    /// Whether its sender wants to know who reads it.
    fn asks_for_reads(&self) -> bool {
        self.body.config.as_ref().is_some_and(|config| config.allow_group_ack == Some(true))
    }

    fn reach(&self) -> Reach {
        if self.meta.route == Some(RouteType::RouteOnline as i32) { Reach::Online } else { Reach::Everybody }
    }

    /// What the history keeps of it.
    fn said(&self, at: Moment, sender: Sender, parcel: &Parcel) -> Said {
        let content = self.body.contents.first();
        Said {
            id: parcel.id,
            at,
            sender: sender.user,
            kind: content.and_then(|content| content.kind.unwrap_or_default().try_into().ok()),
            listed: true,
            meta: parcel.meta.clone(),
        }
    }

    /// The type of chat that it is said in, unless it says what became of a message.
    fn chat_type(&self, kind: Type) -> Option<ChatType> {
        match kind {
            Type::Normal if self.is_to_conference() => Some(ChatType::Group),
            Type::Normal | Type::Chat => Some(ChatType::Single),
            Type::Groupchat => Some(ChatType::Group),
            Type::Chatroom => Some(ChatType::Room),
            Type::ReadAck | Type::DeliverAck | Type::Recall | Type::ChannelAck | Type::Edit => None,
        }
    }

    /// The texts that filters read.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.body
            .contents
            .iter()
            .filter(|content| content.kind.unwrap_or_default() == content::Type::Text as i32)
            .filter_map(|content| content.text.as_deref())
    }
}

impl World {
    /// Takes one meta and answers it.
    pub(super) fn take_meta(
        &mut self,
        now: Moment,
        id: ConnectionId,
        user: UserId,
        device: DeviceId,
        meta: uplink::Meta,
    ) {
        let sender = Sender { user, device };
        let meta_id = self.faults.local_id(meta.id.unwrap_or_default());
        let is_chat = meta.ns == Some(NameSpace::Chat as i32);
        let outcome = match NameSpace::try_from(meta.ns.unwrap_or_default()) {
            Ok(NameSpace::Statistic) => Ok(self.ids.next(now)),
            Ok(NameSpace::Chat) => self.take_once(now, sender, &meta, Self::message),
            Ok(NameSpace::Muc) => self.take_once(now, sender, &meta, Self::muc),
            Ok(NameSpace::Roster) => self.take_once(now, sender, &meta, Self::roster),
            Ok(NameSpace::Conference | NameSpace::Notify | NameSpace::Query) | Err(_) => {
                Err(Refusal::new(ErrorCode::UnknownCommand as i32, "namespace is not served"))
            }
        };
        let answer = match outcome {
            Ok(server_id) if meta.ns == Some(NameSpace::Muc as i32) => {
                let state = self.room_state(now, user, &meta);
                frame::accepted_with(meta_id, server_id, state, now)
            }
            Ok(server_id) => frame::accepted(meta_id, server_id, now),
            Err(refusal) => {
                if is_chat && self.faults.strikes(Fault::OkAndFail) {
                    let accepted = frame::accepted(meta_id, self.ids.next(now), now);
                    self.send(id, accepted);
                }
                frame::refused(Some(meta_id), refusal, now)
            }
        };
        if !(is_chat && self.is_silent(sender, &meta)) {
            self.send(id, answer);
        }
    }

    /// Takes a meta unless its device sent the same id a short time ago: then the first answer
    /// stands. Ids are compared within one resource, since clients number from a clock.
    fn take_once(
        &mut self,
        now: Moment,
        sender: Sender,
        meta: &uplink::Meta,
        take: fn(&mut Self, Moment, Sender, &uplink::Meta) -> Result<ServerId, Refusal>,
    ) -> Result<ServerId, Refusal> {
        let local = LocalId(meta.id.unwrap_or_default());
        if let Some(device) = self.device(sender)
            && let Some(accepted) = device.accepted(local)
            && !self.faults.strikes(Fault::RetryAppends)
        {
            return Ok(accepted);
        }
        let accepted = take(self, now, sender, meta)?;
        let limit = self.settings.limits.duplicates_per_device;
        if let Some(device) = self.device(sender) {
            device.remember(local, accepted, limit);
        }
        Ok(accepted)
    }

    fn device(&mut self, sender: Sender) -> Option<&mut super::user::Device> {
        self.users.get_mut(sender.user)?.device(sender.device)
    }

    fn message(&mut self, now: Moment, sender: Sender, meta: &uplink::Meta) -> Result<ServerId, Refusal> {
        let payload = meta.payload.clone().unwrap_or_default();
        if payload.len() > self.settings.limits.body_bytes {
            return Err(Refusal::new(ErrorCode::PermissionDenied as i32, "Sorry, data is too large"));
        }
        let body = uplink::Body::decode(payload.clone()).map_err(|_| not_readable("a MessageBody"))?;
        let to = meta.to.as_ref().and_then(|to| to.name.as_deref()).unwrap_or_default();
        if to.is_empty() {
            return Err(Refusal::new(ErrorCode::MissingParameter as i32, "the recipient is missing"));
        }
        let mut kind = Type::try_from(body.kind.unwrap_or_default());
        if body.kind.is_none() && self.faults.strikes(Fault::DefaultGroup) {
            kind = Ok(Type::Groupchat);
        }
        let mut letter = Letter { meta, body, payload, to };
        if let Ok(kind) = kind
            && let Some(chat_type) = letter.chat_type(kind)
        {
            if !self.takes(&letter.body) {
                return Err(Refusal::new(ErrorCode::Fail as i32, "message type is not served"));
            }
            if uplink::has_no_ext(&letter.payload) && self.faults.strikes(Fault::ExtRequired) {
                return Err(Refusal::new(ErrorCode::MissingParameter as i32, "ext is missing"));
            }
            self.may_speak_at_all(now, sender.user, chat_type)?;
        }
        match kind {
            Ok(Type::Normal) if letter.is_to_conference() => {
                self.say_in_place(now, sender, &mut letter, Kind::Group)
            }
            Ok(Type::Chat | Type::Normal) => self.say_to_user(now, sender, &letter),
            Ok(Type::Groupchat) => self.say_in_place(now, sender, &mut letter, Kind::Group),
            Ok(Type::Chatroom) => self.say_in_place(now, sender, &mut letter, Kind::Room),
            Ok(Type::ReadAck | Type::DeliverAck | Type::ChannelAck) => self.receipt(now, sender, &letter),
            Ok(Type::Recall) => self.recall(now, sender, &letter),
            Ok(Type::Edit) | Err(_) => {
                Err(Refusal::new(ErrorCode::Fail as i32, "message type is not served"))
            }
        }
    }

    /// Whether the app takes every content of a body.
    fn takes(&self, body: &uplink::Body) -> bool {
        body.contents.iter().all(|content| self.settings.message_types.take(content.kind.unwrap_or_default()))
    }

    fn say_to_user(&mut self, now: Moment, sender: Sender, letter: &Letter<'_>) -> Result<ServerId, Refusal> {
        let Some(to) = self.users.find(letter.to) else {
            return match self.settings.choices.unknown_recipient {
                UnknownRecipient::Accept => {
                    self.screen(now, sender.user, ChatType::Single, letter).map(|_| self.ids.next(now))
                }
                UnknownRecipient::Refuse => Err(Refusal::new(
                    ErrorCode::Fail as i32,
                    format!("username {} doesn't exist!", letter.to),
                )),
            };
        };
        let Some(recipient) = self.users.get(to) else { return Err(gone()) };
        if self.is_blocked(sender.user, to, letter) {
            return Err(Refusal::new(ErrorCode::Fail as i32, "blocked"));
        }
        let is_friend = to == sender.user || recipient.contacts.contains(&sender.user);
        if self.settings.services.friends_only && !is_friend {
            return Err(Refusal::new(ErrorCode::Fail as i32, "nonroster"));
        }
        if self.screen(now, sender.user, ChatType::Single, letter)? == Verdict::Swallow || self.loses(sender)
        {
            return Ok(self.ids.next(now));
        }
        let parcel = self.hand_over(now, sender, to, letter)?;
        self.keep(Conversation::between(sender.user, to), letter.said(now, sender, &parcel));
        Ok(parcel.id)
    }

    /// Delivers a letter between two users, without any check.
    fn hand_over(
        &mut self,
        now: Moment,
        sender: Sender,
        to: UserId,
        letter: &Letter<'_>,
    ) -> Result<Parcel, Refusal> {
        let Some(recipient) = self.users.get(to) else { return Err(gone()) };
        let to_address = recipient.address.clone();
        let parcel = self.parcel(now, sender, letter, &to_address)?;
        if let Some(from) = self.users.get(sender.user).map(|user| user.address.clone()) {
            self.post(to, Peer::User(sender.user), &from, &parcel);
        }
        if to != sender.user {
            self.copy(sender.user, sender.device, Peer::User(to), &to_address, &parcel);
        }
        Ok(parcel)
    }

    fn say_in_place(
        &mut self,
        now: Moment,
        sender: Sender,
        letter: &mut Letter<'_>,
        kind: Kind,
    ) -> Result<ServerId, Refusal> {
        let checked = self.may_speak(now, sender.user, letter.to, kind);
        let (key, leaked) = match self.way(letter, kind, checked)? {
            Way::Open(key) => (key, None),
            Way::Leaking(key, refusal) => (key, Some(refusal)),
            Way::Nowhere => return Ok(self.ids.next(now)),
        };
        let verdict = self.screen(now, sender.user, kind.into(), letter)?;
        if verdict == Verdict::Swallow || !self.place_takes(now, key) || self.loses(sender) {
            return Ok(self.ids.next(now));
        }
        let asks = letter.asks_for_reads() && self.may_ask(sender.user, key);
        if letter.asks_for_reads() && !asks {
            // Who may not ask is not refused: the message arrives, and nobody is asked.
            letter.payload =
                uplink::without_config(&letter.payload).map_err(|_| not_readable("a MessageBody"))?;
        }
        let Some(place) = self.places.get(key) else { return Err(gone()) };
        let (peer, address) = (place.peer(key), place.address.clone());
        let directed = letter.meta.route == Some(RouteType::RouteDirect as i32);
        let recipients: Vec<UserId> = if directed {
            letter.meta.directed_users.iter().filter_map(|name| self.users.find(name)).collect()
        } else {
            Vec::new()
        };
        let members: Vec<UserId> = place
            .members
            .iter()
            .filter(|(_, member)| !member.is_shielded)
            .map(|(member, _)| *member)
            .filter(|member| *member != sender.user && (!directed || recipients.contains(member)))
            .collect();
        let parcel = self.parcel(now, sender, letter, &address)?;
        for member in self.audience(sender, key, members) {
            self.post(member, peer, &address, &parcel);
        }
        self.copy(sender.user, sender.device, peer, &address, &parcel);
        if asks {
            self.group_acks.ask(parcel.id, key, sender.user, self.settings.limits.group_acks);
        }
        if !directed {
            self.keep(Conversation::Place(key), letter.said(now, sender, &parcel));
        }
        leaked.map_or(Ok(parcel.id), Err)
    }

    /// Whether a user may speak in a group or room.
    fn may_speak(&self, now: Moment, user: UserId, id: &str, kind: Kind) -> Result<PlaceId, Refusal> {
        let found = self.places.find(id).and_then(|key| Some((key, self.places.get(key)?)));
        let Some((key, place)) = found.filter(|(_, place)| place.kind == kind) else {
            return Err(Refusal::new(ErrorCode::Fail as i32, "group not found"));
        };
        if place.is_disabled {
            return Err(Refusal::new(ErrorCode::Fail as i32, "group is disabled"));
        }
        let Some(member) = place.members.get(&user) else {
            return Err(Refusal::new(ErrorCode::Fail as i32, "not in group or chatroom"));
        };
        if member.is_muted(now) {
            return Err(Refusal { status: ErrorCode::UserMuted as i32, reason: None });
        }
        if place.mute_all && !member.is_allowed && !place.is_staff(user) {
            return Err(Refusal::new(ErrorCode::Fail as i32, "not in group or chatroom white list"));
        }
        Ok(key)
    }

    /// Whether a place can deliver one more message in this second: rooms drop what is too much,
    /// groups never do.
    pub(super) fn place_takes(&mut self, now: Moment, key: PlaceId) -> bool {
        let limit = self.settings.limits.room_messages_per_second;
        self.places.get_mut(key).is_none_or(|place| match place.kind {
            Kind::Group => true,
            Kind::Room => place.rate.admits(now, limit),
        })
    }

    /// Gives a letter its server id, and the sender and recipient that the server vouches for.
    pub(super) fn parcel(
        &mut self,
        now: Moment,
        sender: Sender,
        letter: &Letter<'_>,
        to: &super::address::Address,
    ) -> Result<Parcel, Refusal> {
        let Some(user) = self.users.get_mut(sender.user) else { return Err(gone()) };
        let name = user.address.clone();
        let from = user.device(sender.device).map_or_else(|| name.jid.clone(), |device| device.jid.clone());
        let is_trusted = letter.body.from.is_some() && self.faults.strikes(Fault::TrustBodyFrom);
        let payload =
            if is_trusted || is_named(&letter.body.from, &name.name) && is_named(&letter.body.to, &to.name) {
                letter.payload.clone()
            } else {
                uplink::with_parties(&letter.payload, &name.name, &to.name)
                    .map_err(|_| not_readable("a MessageBody"))?
            };
        let id = self.ids.next(now);
        let forged = letter.meta.from.clone().filter(|_| self.faults.strikes(Fault::TrustMetaFrom));
        let (from, payload) = (forged.unwrap_or(from), self.faults.content(payload));
        let mut meta = frame::meta(id, now, NameSpace::Chat, from, to.jid.clone(), payload);
        meta.ext.clone_from(&letter.meta.ext);
        Ok(Parcel::new(id, &meta, letter.reach()))
    }
}

fn is_named(party: &Option<uplink::Target>, name: &str) -> bool {
    party.as_ref().is_some_and(|party| party.name.as_deref() == Some(name) && party.domain.is_none())
}

/// The refusal for what vanished while it was looked at, which the checks before rule out.
pub(super) fn gone() -> Refusal {
    Refusal::new(ErrorCode::Fail as i32, "the recipient is gone")
}
