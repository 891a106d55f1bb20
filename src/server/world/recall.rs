//! Taking a message back (heading 消息撤回): by its sender over the socket, for a while, or through REST.

use super::{
    World,
    address::{self, Address},
    delivery::{Parcel, Reach},
    fault::Fault,
    frame::{self, Refusal},
    history::{Conversation, Said},
    mailbox::Peer,
    send::{Letter, Sender, gone},
    user::UserId,
};
use crate::protocol::{
    id::ServerId,
    schema::{self, Jid, message_body::Type, meta::NameSpace, status::ErrorCode},
    time::Moment,
};

/// Why a message is not taken back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum NotRecalled {
    /// The app has no such service.
    Closed,
    /// Its window is over.
    TooLate,
    /// There is none with this id that this user sent to this addressee.
    Unknown,
}

impl NotRecalled {
    fn refusal(self) -> Refusal {
        let reason = match self {
            Self::Closed => "message recall disabled",
            Self::TooLate => "exceed recall time limit",
            Self::Unknown => "recall message not found",
        };
        Refusal::new(ErrorCode::Fail as i32, reason)
    }
}

impl World {
    /// RECALL: takes a message out of the history, every queue and every session list, and tells
    /// everybody in the conversation.
    pub(super) fn recall(
        &mut self,
        now: Moment,
        sender: Sender,
        letter: &Letter<'_>,
    ) -> Result<ServerId, Refusal> {
        self.recall_is_open().map_err(NotRecalled::refusal)?;
        let message = ServerId(letter.body.ack_message_id.unwrap_or_default());
        let (conversation, peer, address) = self.addressed(sender.user, letter)?;
        let said = match self.recallable(now, sender.user, conversation, message) {
            Err(NotRecalled::TooLate) if self.faults.strikes(Fault::LateDeletesAnyway) => {
                if let Some(said) = self.history.find(conversation, message).cloned() {
                    self.take_back(conversation, &said);
                }
                return Err(NotRecalled::TooLate.refusal());
            }
            recallable => recallable.map_err(NotRecalled::refusal)?,
        };
        let parcel = self.parcel(now, sender, letter, &address)?;
        self.take_back(conversation, &said);
        if !self.faults.strikes(Fault::RecallSilent) {
            self.tell(conversation, &parcel, &[sender.user]);
        }
        self.copy(sender.user, sender.device, peer, &address, &parcel);
        Ok(parcel.id)
    }

    /// Whether the app has this service.
    pub(super) fn recall_is_open(&self) -> Result<(), NotRecalled> {
        if self.settings.services.recall || self.faults.strikes(Fault::DisabledWorks) {
            Ok(())
        } else {
            Err(NotRecalled::Closed)
        }
    }

    /// Whether a message can still be taken back.
    pub(super) fn is_in_recall_window(&self, now: Moment, said: Moment) -> Result<(), NotRecalled> {
        let window = self.settings.limits.recall_window;
        let window = if self.faults.strikes(Fault::Window60s) { window / 2 } else { window };
        let is_over = now.since(said) > window && !self.faults.strikes(Fault::NoWindow);
        if is_over { Err(NotRecalled::TooLate) } else { Ok(()) }
    }

    fn is_staff(&self, user: UserId, conversation: Conversation) -> bool {
        let Conversation::Place(key) = conversation else { return false };
        self.places.get(key).is_some_and(|place| place.is_staff(user))
    }

    /// A message that this user may take back. Whoever may not has no business knowing that it
    /// exists.
    pub(super) fn recallable(
        &self,
        now: Moment,
        sender: UserId,
        conversation: Conversation,
        message: ServerId,
    ) -> Result<Said, NotRecalled> {
        let is_staff = self.settings.choices.staff_recall && self.is_staff(sender, conversation);
        let said = self.history.find(conversation, message);
        let is_his =
            |said: &Said| said.sender == sender || is_staff || self.faults.strikes(Fault::AnyoneRecalls);
        let said = said.filter(|said| is_his(said));
        let said = said.ok_or(NotRecalled::Unknown)?.clone();
        self.is_in_recall_window(now, said.at)?;
        Ok(said)
    }

    /// The recall that the app's server makes, in the name of `from`, who need not be a user.
    pub(super) fn notice_of_recall(
        &mut self,
        now: Moment,
        from: &str,
        to: &Address,
        message: ServerId,
        ext: Option<schema::KeyValue>,
    ) -> Parcel {
        use prost::Message as _;

        let body = schema::MessageBody {
            r#type: Some(Type::Recall as i32),
            from: Some(Jid::named(from)),
            to: Some(Jid::named(&to.name)),
            contents: vec![schema::message_body::Content::default()],
            ack_message_id: Some(message.0),
            ..schema::MessageBody::default()
        };
        let from = address::user(&self.settings.app_key, from).jid.clone();
        let id = self.ids.next(now);
        let payload = body.encode_to_vec().into();
        let mut meta = frame::meta(id, now, NameSpace::Chat, from, to.jid.clone(), payload);
        meta.ext.extend(ext.map(|ext| ext.encode_to_vec().into()));
        Parcel::new(id, &meta, Reach::Everybody)
    }

    /// Puts a parcel into the queue that everybody in a conversation but some has with the others.
    pub(super) fn tell(&mut self, conversation: Conversation, parcel: &Parcel, but: &[UserId]) {
        let mut readers = self.readers(conversation);
        readers.retain(|(reader, _)| !but.contains(reader));
        if !readers.is_empty() && self.faults.strikes(Fault::RecallOneMissed) {
            readers.remove(0);
        }
        for (reader, peer) in readers {
            let queue = match peer {
                Peer::User(other) => self.users.get(other).map(|user| user.address.clone()),
                Peer::Group(key) | Peer::Room(key) => self.places.get(key).map(|place| place.address.clone()),
                Peer::System => None,
            };
            if let Some(queue) = queue {
                self.post(reader, peer, &queue, parcel);
            }
        }
    }

    /// The conversation that a letter belongs to: its queue for the sender, and its address.
    fn addressed(
        &self,
        sender: UserId,
        letter: &Letter<'_>,
    ) -> Result<(Conversation, Peer, Address), Refusal> {
        let fail = |reason| Refusal::new(ErrorCode::Fail as i32, reason);
        if letter.is_to_conference() {
            let key = self.places.find(letter.to).ok_or_else(|| fail("group not found"))?;
            let place = self.places.get(key).ok_or_else(gone)?;
            if !place.members.contains_key(&sender) {
                return Err(fail("not in group or chatroom"));
            }
            Ok((Conversation::Place(key), place.peer(key), place.address.clone()))
        } else {
            let to = self.users.find(letter.to).ok_or_else(|| NotRecalled::Unknown.refusal())?;
            let address = self.users.get(to).ok_or_else(gone)?.address.clone();
            Ok((Conversation::between(sender, to), Peer::User(to), address))
        }
    }
}
