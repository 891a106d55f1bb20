//! Sending, and the server's answers to it.

use super::{
    Answer, Loss, Misbehaviour, Output, Session,
    machine::State,
    sending::{Origin, Settled},
};
use crate::protocol::{
    downlink,
    event::{Detail, Event},
    generation::Generation,
    id::{LocalId, ServerId},
    message::Outgoing,
    refusal::{self, Outcome},
    time::Moment,
};

/// Where a frame to send goes now.
enum Route {
    Wire,
    /// Behind the next PROVISION in 3.6.3, behind its answer in 4.21.1.
    NextLogin,
    Nowhere(Loss),
}

impl Session {
    pub(super) fn send_from(&mut self, now: Moment, outgoing: &Outgoing, origin: Origin) {
        let route = self.route();
        if let Route::Nowhere(loss) = route {
            return self.report(outgoing.id, origin, Answer::Lost(loss));
        }
        let frame = self.outbox.message(now, outgoing);
        let deadline = now + self.patience.operation;
        let (written, held) = match route {
            Route::NextLogin => (None, Some(frame)),
            Route::Wire | Route::Nowhere(_) => (Some(frame), None),
        };
        match self.sending.expect(outgoing.id, &outgoing.to, origin, deadline, held) {
            Ok(()) => self.outbox.resume(written.into_iter()),
            Err(loss) => self.report(outgoing.id, origin, Answer::Lost(loss)),
        }
    }

    /// The SDK looks at the socket alone, and 4.x also at whether it was ever logged in.
    fn route(&self) -> Route {
        let generation = self.generation();
        if generation != Generation::V3_6_3 && !self.admitted {
            return Route::Nowhere(match self.state {
                State::LoginFailed => Loss::LoginFailed,
                _ => Loss::NotLoggedIn,
            });
        }
        match (&self.state, generation) {
            (State::AwaitProvision { .. }, Generation::V4_21_1) => Route::NextLogin,
            (State::AwaitProvision { .. } | State::Online, _) => Route::Wire,
            (State::LoginFailed, _) => Route::Nowhere(Loss::LoginFailed),
            (State::Closed, _) => Route::Nowhere(Loss::NotLoggedIn),
            (State::AwaitConnection, Generation::V3_6_3 | Generation::V4_21_1) => Route::NextLogin,
            // 4.0.8 keeps it too, but sends an empty frame in its place.
            (State::AwaitConnection, Generation::V4_0_8) => Route::Nowhere(Loss::NotConnected),
        }
    }

    /// An answer to something that was sent.
    pub(super) fn handle_answer(&mut self, answer: downlink::Answer) {
        let id = answer.id;
        match self.sending.settle(id) {
            Settled::Awaited { origin, to } => {
                let mid = answer.mid;
                let answer = self.read_answer(answer);
                let detail = self.told_besides(id, mid, to, &answer);
                self.report(id, origin, answer);
                self.call_back(detail.map(|detail| Event { generation: self.generation(), detail }));
            }
            Settled::Again => self.misbehaved(Misbehaviour::AnsweredTwice(id)),
            Settled::Late => self.misbehaved(Misbehaviour::AnsweredLate(id)),
            Settled::Unknown if self.outbox.has_said_statistic(id.0) => {}
            Settled::Unknown => self.misbehaved(Misbehaviour::AnsweredUnknown(id)),
        }
    }

    /// What the page is called back with, beside the callbacks of the send itself.
    fn told_besides(&self, id: LocalId, mid: ServerId, to: Box<str>, answer: &Answer) -> Option<Detail> {
        match (answer, self.generation()) {
            (Answer::Accepted { .. }, _) => Some(Detail::Received { id, mid, to: to.into() }),
            (Answer::Refused { outcome: Outcome::Muted, .. }, Generation::V3_6_3 | Generation::V4_0_8) => {
                Some(Detail::Muted { mid })
            }
            _ => None,
        }
    }

    fn read_answer(&self, answer: downlink::Answer) -> Answer {
        match refusal::outcome(self.generation(), answer.status, answer.reason.as_deref()) {
            Outcome::Success => {
                Answer::Accepted { mid: answer.mid, timestamp: answer.timestamp.map(Moment::from_millis) }
            }
            outcome @ (Outcome::Refused(_) | Outcome::Muted | Outcome::Unnumbered | Outcome::Silent) => {
                Answer::Refused { outcome, status: answer.status, reason: answer.reason.unwrap_or_default() }
            }
        }
    }

    pub(super) fn report(&mut self, id: LocalId, origin: Origin, answer: Answer) {
        match origin {
            Origin::Driver => self.outputs.push_back(Output::Answered { id, answer }),
            Origin::Receipt => {}
        }
    }

    pub(super) fn report_lost(&mut self, lost: Vec<(LocalId, Origin)>, loss: Loss) {
        for (id, origin) in lost {
            self.report(id, origin, Answer::Lost(loss));
        }
    }
}
