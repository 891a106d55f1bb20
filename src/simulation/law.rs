//! What must hold once a simulation has settled.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Place, Run,
    device::Device,
    message::{Fate, Message},
};
use crate::{
    protocol::{
        event::Kick,
        id::{LocalId, ServerId},
        message::ChatType,
        time::Moment,
    },
    session::Misbehaviour,
};

/// Something that must not happen, whatever the network does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Violation {
    /// A message that its sender knows to be accepted did not reach a device.
    NotDelivered {
        /// The message's number.
        message: usize,
        /// The device's number.
        device: usize,
    },
    /// A page was told of a message more than once.
    DeliveredTwice {
        /// The message's number.
        message: usize,
        /// The device's number.
        device: usize,
    },
    /// A message reached a device that it was not meant for.
    DeliveredAstray {
        /// The message's number.
        message: usize,
        /// The device's number.
        device: usize,
    },
    /// A page was told of a message that nobody wrote.
    Invented {
        /// The device's number.
        device: usize,
        /// The message's text.
        text: String,
    },
    /// A page was told of an older message behind a newer one of the same conversation.
    OutOfOrder {
        /// The number of the message that came too late.
        message: usize,
        /// The device's number.
        device: usize,
    },
    /// The server ordered two messages of one device and conversation other than they were sent.
    Reordered {
        /// The number of the message that was sent first.
        first: usize,
        /// The number of the message that was sent then.
        second: usize,
    },
    /// A device and the sender know a message by different ids.
    DifferentIds {
        /// The message's number.
        message: usize,
        /// The device's number.
        device: usize,
    },
    /// Two messages have the same id.
    SharedId {
        /// The id.
        mid: ServerId,
    },
    /// A send got a second answer.
    AnsweredTooOften {
        /// The message's number.
        message: usize,
    },
    /// A send got no answer at all.
    NeverAnswered {
        /// The device's number.
        device: usize,
        /// The local id.
        id: LocalId,
    },
    /// A session reported an answer for what was never sent.
    AnsweredUnknown {
        /// The device's number.
        device: usize,
        /// The local id.
        id: LocalId,
    },
    /// A message was refused that should be accepted, or the other way round.
    WrongAnswer {
        /// The message's number.
        message: usize,
    },
    /// A message that is sent again and again was still not answered.
    Unsettled {
        /// The message's number.
        message: usize,
    },
    /// A session found the server at fault.
    Misbehaved {
        /// The device's number.
        device: usize,
        /// What the server did.
        misbehaviour: Misbehaviour,
    },
    /// The server told a device to leave.
    Kicked {
        /// The device's number.
        device: usize,
        /// Why.
        kick: Kick,
    },
    /// The simulation did not come to an end.
    Spinning,
}

/// Judges a simulation that has settled.
pub(super) fn judge(places: &[Place], devices: &[Device], messages: &[Message], run: &mut Run) {
    let law = Law { places, devices, messages };
    for (number, device) in devices.iter().enumerate() {
        law.judge_page(number, device, &mut run.violations);
        let unanswered = device.unanswered.iter().filter(|(_, count)| **count > 0);
        run.violations.extend(unanswered.map(|(id, _)| Violation::NeverAnswered { device: number, id: *id }));
    }
    law.judge_ids(&mut run.violations);
    law.judge_senders(&mut run.violations);
    for (number, message) in messages.iter().enumerate() {
        let is_right = match message.fate {
            Fate::Open | Fate::Lost => {
                run.violations.push(Violation::Unsettled { message: number });
                continue;
            }
            Fate::GivenUp => continue,
            Fate::Accepted { at, .. } => {
                run.counts.accepted += 1;
                law.judge_delivery(number, message, at, &mut run.violations);
                law.may_write(message)
            }
            Fate::Refused => !law.may_write(message),
        };
        if !is_right {
            run.violations.push(Violation::WrongAnswer { message: number });
        }
    }
}

struct Law<'a> {
    places: &'a [Place],
    devices: &'a [Device],
    messages: &'a [Message],
}

impl Law<'_> {
    fn sender(&self, message: &Message) -> &str {
        &self.devices[message.sender].user
    }

    fn is_member(&self, place: &str, user: &str) -> bool {
        self.places.iter().any(|known| known.id == place && known.members.iter().any(|member| member == user))
    }

    fn may_write(&self, message: &Message) -> bool {
        message.target.chat_type == ChatType::Single
            || self.is_member(&message.target.to, self.sender(message))
    }

    /// Whether a user has a part in the conversation that a message belongs to.
    fn is_party(&self, message: &Message, user: &str) -> bool {
        match message.target.chat_type {
            ChatType::Single => message.target.to == user || self.sender(message) == user,
            ChatType::Group | ChatType::Room => self.is_member(&message.target.to, user),
        }
    }

    /// One page: everything once, in order, and only what is its user's.
    fn judge_page(&self, number: usize, device: &Device, violations: &mut Vec<Violation>) {
        let mut told = BTreeSet::new();
        let mut last: BTreeMap<&str, ServerId> = BTreeMap::new();
        for seen in &device.seen {
            let message = &self.messages[seen.message];
            if !told.insert(seen.message) {
                violations.push(Violation::DeliveredTwice { message: seen.message, device: number });
            }
            if message.sender == number || !self.is_party(message, &device.user) {
                violations.push(Violation::DeliveredAstray { message: seen.message, device: number });
            }
            if last.insert(&seen.conversation, seen.mid).is_some_and(|earlier| earlier >= seen.mid) {
                violations.push(Violation::OutOfOrder { message: seen.message, device: number });
            }
            if matches!(message.fate, Fate::Accepted { mid, .. } if mid != seen.mid) {
                violations.push(Violation::DifferentIds { message: seen.message, device: number });
            }
        }
    }

    fn judge_ids(&self, violations: &mut Vec<Violation>) {
        let mut known = BTreeSet::new();
        for message in self.messages {
            if let Fate::Accepted { mid, .. } = message.fate
                && !known.insert(mid)
            {
                violations.push(Violation::SharedId { mid });
            }
        }
    }

    /// What one device says in one conversation keeps its order, unless it had to be repeated.
    fn judge_senders(&self, violations: &mut Vec<Violation>) {
        let mut last: BTreeMap<(usize, &str), (usize, ServerId)> = BTreeMap::new();
        for (number, message) in self.messages.iter().enumerate() {
            let Fate::Accepted { mid, .. } = message.fate else { continue };
            if message.attempts > 1 {
                continue;
            }
            let place = (message.sender, message.target.to.as_str());
            if let Some((first, earlier)) = last.insert(place, (number, mid))
                && earlier >= mid
            {
                violations.push(Violation::Reordered { first, second: number });
            }
        }
    }

    /// An accepted message is with everybody it was meant for. What is said in rooms, and copies for
    /// the sender's other devices, reach those who were there all the time.
    fn judge_delivery(
        &self,
        number: usize,
        message: &Message,
        at: Option<Moment>,
        violations: &mut Vec<Violation>,
    ) {
        for (receiver, device) in self.devices.iter().enumerate() {
            if receiver == message.sender || !self.is_party(message, &device.user) {
                continue;
            }
            let was_there = message.attempts == 1
                && device.stable_since.zip(at).is_some_and(|(since, accepted)| since < accepted);
            let is_fleeting =
                message.target.chat_type == ChatType::Room || device.user == self.sender(message);
            if (was_there || !is_fleeting) && !device.seen.iter().any(|seen| seen.message == number) {
                violations.push(Violation::NotDelivered { message: number, device: receiver });
            }
        }
    }
}
