//! What goes over the socket: messages and receipts, to the server's answer and to their receivers.

use crate::{
    client::{Entry, Happened, Sent},
    engine::{content, fence::is_marker, flights::Delay, metrics::Exchange, place::Place},
    history::{
        Call, Change, ConversationId, Instrument, Item, Notice, NoticeKind, OperationId, Refusal, SessionId,
        Unknown, What,
    },
    protocol::{
        event::{Detail, Message, Receipt, ReceiptKind},
        id::ServerId,
        message::{Body, ChatType},
        refusal::Outcome,
        time::Moment,
    },
    session::{Answer, Delivered},
};

use super::{Exclusive, Ledger, State, defect};

/// Something on its way to the server.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Sending {
    operation: OperationId,
    /// What is measured of it; nothing of a marker.
    measured: Option<Exchange>,
}

impl Ledger {
    /// A message, receipt or recall is about to be sent, which belongs to that conversation.
    pub(in crate::engine) fn sending(&self, session: SessionId, place: &Place, body: &Body) -> Sending {
        let conversation = self.written_to(session, place);
        let acknowledge = |kind, message| Call::Acknowledge { kind, conversation, message };
        let notice = |kind| Some(self.metrics.notice(kind));
        let (call, measured) = match (content::sent(body), body) {
            (Some(content), _) => {
                let measured = (!is_marked(body)).then(|| self.metrics.message(content.kind));
                (Call::Send { conversation, content }, measured)
            }
            (None, Body::Read { message, .. }) => {
                (acknowledge(NoticeKind::Read, *message), notice(NoticeKind::Read))
            }
            (None, Body::Delivery { message }) => {
                (acknowledge(NoticeKind::Delivered, *message), notice(NoticeKind::Delivered))
            }
            (None, Body::Recall { message }) => {
                (Call::Recall { conversation, message: *message }, notice(NoticeKind::Recalled))
            }
            (None, _) => (acknowledge(NoticeKind::Channel, ServerId::default()), notice(NoticeKind::Channel)),
        };
        Sending { operation: self.invoke(session, self.clock.now(), call), measured }
    }

    /// A conversation that somebody writes to.
    fn written_to(&self, session: SessionId, place: &Place) -> ConversationId {
        let mut state = self.state();
        let conversation = self.conversation_in(&mut state, place);
        if let Place::Single(one, other) = place
            && state.singles.insert(conversation)
        {
            // The two of a single chat are its members for good.
            for name in [one, other] {
                let user = self.user_in(&mut state, name, Exclusive::No);
                let change = Change::Joined;
                self.record(session, self.clock.now(), What::Membership { conversation, user, change });
            }
        }
        conversation
    }

    /// What was sent is answered. Markers are recorded and not measured.
    pub(in crate::engine) fn sent(&self, session: SessionId, sending: Sending, sent: &Sent) {
        let Sending { operation, measured } = sending;
        match &sent.answer {
            Answer::Accepted { mid, .. } => {
                if let Some(exchange) = measured {
                    let mut state = self.state();
                    let service = sent.ended.since(sent.started);
                    self.recorder.time(self.cast, exchange.answer, service, service + state.lag);
                    let intended = sent.started - state.lag;
                    for delay in state.flights.launched(*mid, sent.started, intended) {
                        self.arrived(exchange.arrival, delay);
                    }
                }
                self.record(session, sent.ended, What::Ok { operation, id: *mid, local: sent.id });
            }
            Answer::Refused { outcome, .. } => {
                let refusal = match outcome {
                    Outcome::Muted => Refusal::Muted,
                    Outcome::Unnumbered | Outcome::Silent | Outcome::Success => Refusal::Silent,
                    Outcome::Refused(code) => Refusal::Code(*code),
                };
                self.refused(session, sent.ended, operation, refusal);
            }
            Answer::TimedOut => self.unanswered(session, sending, sent.ended, Unknown::TimedOut),
            Answer::Lost(_) => self.unanswered(session, sending, sent.ended, Unknown::Disconnected),
        }
    }

    /// Nobody knows what became of what was sent.
    pub(in crate::engine) fn unanswered(
        &self,
        session: SessionId,
        sending: Sending,
        at: Moment,
        unknown: Unknown,
    ) {
        self.unknown(session, at, sending.operation, unknown);
    }

    /// Something happened to a client by itself.
    pub(in crate::engine) fn hear(&self, session: SessionId, own: &str, entry: &Entry) {
        let what = match &entry.happened {
            Happened::Opened { .. } => What::Opened,
            Happened::Disconnected { .. } => What::Closed,
            Happened::Misbehaved(misbehaviour) => What::Misbehaved(defect(misbehaviour)),
            Happened::Delivered(delivered) => match &delivered.event.detail {
                Detail::Message(message) => match self.item(own, message, delivered, entry.at) {
                    Some(item) => What::Receive(item),
                    None => return,
                },
                Detail::Receipt(receipt) => What::Notice(self.notice(own, receipt, delivered, entry.at)),
                _ => return,
            },
            Happened::Unreachable { .. }
            | Happened::GaveUp { .. }
            | Happened::LoginFailed(_)
            | Happened::Kicked(_)
            | Happened::Overflowed => return,
        };
        self.record(session, entry.at, what);
    }

    /// A received message as the history knows it; settles its delivery time on the way.
    fn item(&self, own: &str, message: &Message, delivered: &Delivered, at: Moment) -> Option<Item> {
        let from = message.from.as_deref()?;
        let to = message.to.as_deref()?;
        let place = match message.chat_type? {
            ChatType::Single => Place::single(own, if from == own { to } else { from }),
            chat_type => Place::of(chat_type, from, to),
        };
        let content = content::heard(&message.content);
        let mut state = self.state();
        let conversation = self.conversation_in(&mut state, &place);
        let sender = self.user_in(&mut state, from, Exclusive::No);
        if from != own && !is_marker(delivered.event.text()) {
            self.land(&mut state, message.id, at, self.metrics.message(content.kind).arrival);
        }
        drop(state);
        Some(Item { conversation, sender, id: message.id, content, position: delivered.key })
    }

    /// A receipt or recall as the history knows it; settles how long it took on the way.
    fn notice(&self, own: &str, receipt: &Receipt, delivered: &Delivered, at: Moment) -> Notice {
        let kind = match receipt.kind {
            ReceiptKind::Read => NoticeKind::Read,
            ReceiptKind::Delivered => NoticeKind::Delivered,
            ReceiptKind::Channel => NoticeKind::Channel,
            ReceiptKind::Recalled => NoticeKind::Recalled,
        };
        let mut state = self.state();
        // A copy for the sender's other devices is no delivery.
        if receipt.from.as_deref() != Some(own) {
            self.land(&mut state, receipt.id, at, self.metrics.notice(kind).arrival);
        }
        let from = receipt.from.as_deref().map(|from| self.user_in(&mut state, from, Exclusive::No));
        let readers = delivered.event.group_read_count().and_then(|count| u32::try_from(count).ok());
        Notice { kind, id: receipt.id, message: receipt.mid, from, readers }
    }

    fn land(&self, state: &mut State, id: ServerId, at: Moment, instrument: Instrument) {
        if let Some(delay) = state.flights.arrived(id, at) {
            self.arrived(instrument, delay);
        }
    }

    fn arrived(&self, instrument: Instrument, delay: Delay) {
        self.recorder.time(self.cast, instrument, delay.service, delay.response);
    }
}

fn is_marked(body: &Body) -> bool {
    match body {
        Body::Text(text) => is_marker(text.as_deref()),
        _ => false,
    }
}
