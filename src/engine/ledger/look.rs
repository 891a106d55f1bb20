//! What clients read of the past: pages of a history, session lists, and the readers of messages.

use super::{Exclusive, Ledger};
use crate::{
    engine::{content, place::Place},
    history::{Call, ConversationId, Item, OperationId, SessionId, What},
    protocol::{
        event::{Detail, Event},
        id::{LocalId, ServerId},
        message::ChatType,
        session_list,
        time::Moment,
    },
};

impl Ledger {
    /// A call begins; what it asks for may name its own number.
    pub(in crate::engine) fn begin_asking(
        &self,
        session: SessionId,
        call: impl FnOnce(OperationId) -> Call,
    ) -> OperationId {
        let operation = self.recorder.next_operation();
        self.record(session, self.clock.now(), What::Invoke { operation, call: call(operation) });
        operation
    }

    /// The number of a conversation.
    pub(in crate::engine) fn conversation(&self, place: &Place) -> ConversationId {
        self.conversation_in(&mut self.state(), place)
    }

    /// A page of a history was answered, with these messages in the order of the answer.
    pub(in crate::engine) fn page(
        &self,
        session: SessionId,
        at: Moment,
        operation: OperationId,
        conversation: ConversationId,
        messages: &[Event],
        last: bool,
    ) {
        let rows = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        self.record(session, at, What::Page { operation, rows, last });
        for event in messages {
            let Detail::Message(message) = &event.detail else { continue };
            let sender = self.user(message.from.as_deref().unwrap_or_default(), Exclusive::No);
            let content = content::heard(&message.content);
            let item = Item { conversation, sender, id: message.id, content, position: None };
            self.record(session, at, What::Row { operation, item });
        }
        self.done(session, at, operation);
    }

    /// A session list was answered.
    pub(in crate::engine) fn listed(
        &self,
        session: SessionId,
        at: Moment,
        operation: OperationId,
        own: &str,
        list: &[session_list::Session],
    ) {
        for listed in list {
            let place = match listed.chat_type {
                ChatType::Single => Place::single(own, &listed.name),
                chat_type => Place::of(chat_type, own, &listed.name),
            };
            let last = listed.last.as_ref().map_or(ServerId(0), |last| last.id);
            let (conversation, unread) = (self.conversation(&place), listed.unread);
            self.record(session, at, What::Listed { operation, conversation, unread, last });
        }
        self.done(session, at, operation);
    }

    /// A page of the readers of a message was answered.
    pub(in crate::engine) fn readers(
        &self,
        session: SessionId,
        at: Moment,
        operation: OperationId,
        users: &[String],
    ) {
        for user in users {
            let user = self.user(user, Exclusive::No);
            self.record(session, at, What::Reader { operation, user });
        }
        self.done(session, at, operation);
    }

    fn done(&self, session: SessionId, at: Moment, operation: OperationId) {
        self.record(session, at, What::Ok { operation, id: ServerId(0), local: LocalId(0) });
    }
}
