//! What sessions report, held against what was written.

use std::time::Duration;

use super::{
    Violation,
    device::Seen,
    message::{self, Fate, Persistence},
    stage::Stage,
};
use crate::{
    protocol::id::LocalId,
    session::{Answer, Delivered, Misbehaviour, Output},
};

impl Stage<'_> {
    pub(super) fn note(&mut self, number: usize, output: Output) {
        match output {
            Output::Opened { .. } => {
                self.trace(format_args!("device {number} is in"));
                self.devices[number].stable_since = Some(self.now);
            }
            Output::LoginFailed(failure) => {
                self.trace(format_args!("device {number} does not get in: {failure:?}"));
                if let Some(connection) = self.devices[number].link.connection() {
                    self.cut(connection, Duration::from_secs(1));
                }
            }
            Output::Answered { id, answer } => self.settle(number, id, answer),
            Output::Delivered(delivered) => self.see(number, &delivered),
            Output::Kicked(kick) => self.run.violations.push(Violation::Kicked { device: number, kick }),
            // An answer may be late for a send that was given up, and then come twice for the next.
            Output::Misbehaved(Misbehaviour::AnsweredLate(_) | Misbehaviour::AnsweredTwice(_)) => {}
            Output::Misbehaved(misbehaviour) => {
                self.run.violations.push(Violation::Misbehaved { device: number, misbehaviour });
            }
            Output::FetchBlocklist => {}
        }
    }

    fn settle(&mut self, number: usize, id: LocalId, answer: Answer) {
        let device = &mut self.devices[number];
        let Some(message) = device.written.get(&id).copied() else {
            return self.run.violations.push(Violation::AnsweredUnknown { device: number, id });
        };
        let unanswered = device.unanswered.entry(id).or_default();
        let Some(left) = unanswered.checked_sub(1) else {
            return self.run.violations.push(Violation::AnsweredTooOften { message });
        };
        *unanswered = left;
        self.trace(format_args!("message {message} is answered: {answer:?}"));
        let message = &mut self.messages[message];
        message.fate = match (answer, message.persistence) {
            (Answer::Accepted { mid, timestamp }, _) => Fate::Accepted { mid, at: timestamp },
            (Answer::Refused { .. }, _) => Fate::Refused,
            (Answer::TimedOut | Answer::Lost(_), Persistence::SendAgain) => Fate::Lost,
            (Answer::TimedOut | Answer::Lost(_), Persistence::GiveUp) => Fate::GivenUp,
        };
    }

    fn see(&mut self, number: usize, delivered: &Delivered) {
        let event = &delivered.event;
        let (Some(text), Some(mid)) = (event.text(), event.id()) else { return };
        let Some(message) = message::number(text).filter(|message| *message < self.messages.len()) else {
            return self.run.violations.push(Violation::Invented { device: number, text: text.to_owned() });
        };
        let own = &self.devices[number].user;
        let conversation = event.conversation(own).unwrap_or_default().to_owned();
        self.trace(format_args!("device {number} sees message {message} as {mid} in {conversation}"));
        self.run.counts.delivered += 1;
        self.devices[number].seen.push(Seen { message, mid, conversation });
    }
}
