//! What must hold once a simulation has settled.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Place, Run, Violation,
    device::Device,
    message::{Fate, Message},
};
use crate::protocol::{id::ServerId, message::ChatType, time::Moment};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        protocol::{generation::Generation, id::LocalId, secret::Secret},
        session::{Config, Session},
        simulation::{
            Counts,
            device::Seen,
            message::{Persistence, Target},
        },
    };

    const EARLY: Moment = Moment::from_millis(1_000);
    const LATE: Moment = Moment::from_millis(2_000);

    /// Two devices of alice and one of bob; two messages of alice's first device to bob, which all
    /// is well with.
    struct Case {
        places: Vec<Place>,
        devices: Vec<Device>,
        messages: Vec<Message>,
    }

    impl Case {
        fn new() -> Self {
            let device = |user: &str| {
                let config = Config::new(Generation::V3_6_3, "org#app", user, Secret::new("token"));
                let mut device = Device::new(user.to_owned(), Session::new(config));
                device.stable_since = Some(EARLY);
                device
            };
            let mut case = Self {
                places: vec![Place::new(ChatType::Group, "1", &["alice", "bob"])],
                devices: vec![device("alice"), device("alice"), device("bob")],
                messages: vec![message(1, 10), message(2, 20)],
            };
            for (number, mid) in [(0, 10), (1, 20)] {
                case.see(1, number, mid);
                case.see(2, number, mid);
            }
            case
        }

        fn see(&mut self, device: usize, message: usize, mid: u64) {
            let conversation = "conversation".to_owned();
            self.devices[device].seen.push(Seen { message, mid: ServerId(mid), conversation });
        }

        fn violations(&self) -> Vec<Violation> {
            let mut run =
                Run { seed: 0, trace: Vec::new(), violations: Vec::new(), counts: Counts::default() };
            judge(&self.places, &self.devices, &self.messages, &mut run);
            run.violations
        }
    }

    fn message(id: u64, mid: u64) -> Message {
        Message {
            id: LocalId(id),
            sender: 0,
            target: Target { chat_type: ChatType::Single, to: "bob".to_owned() },
            attempts: 1,
            fate: Fate::Accepted { mid: ServerId(mid), at: Some(LATE) },
            persistence: Persistence::SendAgain,
        }
    }

    #[test]
    fn a_run_in_which_all_is_well_has_no_violation() {
        assert_eq!(Case::new().violations(), []);
    }

    #[test]
    fn a_message_that_is_missing_is_found() {
        let mut case = Case::new();
        case.devices[2].seen.pop();
        assert_eq!(case.violations(), [Violation::NotDelivered { message: 1, device: 2 }]);
    }

    #[test]
    fn a_copy_is_missed_only_where_its_device_was_there_all_the_time() {
        let mut case = Case::new();
        case.devices[1].seen.clear();
        let missing = [0, 1].map(|message| Violation::NotDelivered { message, device: 1 });
        assert_eq!(case.violations(), missing);
        case.devices[1].stable_since = Some(LATE);
        assert_eq!(case.violations(), []);
        case.devices[1].stable_since = None;
        assert_eq!(case.violations(), []);
    }

    #[test]
    fn a_message_told_twice_is_found() {
        let mut case = Case::new();
        case.see(2, 1, 20);
        let twice = [
            Violation::DeliveredTwice { message: 1, device: 2 },
            Violation::OutOfOrder { message: 1, device: 2 },
        ];
        assert_eq!(case.violations(), twice);
    }

    #[test]
    fn messages_told_in_the_wrong_order_are_found() {
        let mut case = Case::new();
        case.devices[2].seen.reverse();
        assert_eq!(case.violations(), [Violation::OutOfOrder { message: 0, device: 2 }]);
    }

    #[test]
    fn a_message_that_went_astray_is_found() {
        let mut case = Case::new();
        case.messages[1].target.to = "carol".to_owned();
        assert_eq!(case.violations(), [Violation::DeliveredAstray { message: 1, device: 2 }]);
        let mut case = Case::new();
        case.see(0, 0, 10);
        assert_eq!(case.violations(), [Violation::DeliveredAstray { message: 0, device: 0 }]);
    }

    #[test]
    fn ids_that_differ_or_are_shared_are_found() {
        let mut case = Case::new();
        case.devices[2].seen[1].mid = ServerId(21);
        assert_eq!(case.violations(), [Violation::DifferentIds { message: 1, device: 2 }]);
        let mut case = Case::new();
        case.messages[1].fate = Fate::Accepted { mid: ServerId(10), at: Some(LATE) };
        assert!(case.violations().contains(&Violation::SharedId { mid: ServerId(10) }));
    }

    #[test]
    fn a_server_that_turns_two_messages_round_is_found_unless_one_was_repeated() {
        let mut case = Case::new();
        for device in &mut case.devices {
            device.seen.clear();
        }
        case.messages = vec![message(1, 20), message(2, 10)];
        for device in [1, 2] {
            case.see(device, 1, 10);
            case.see(device, 0, 20);
        }
        assert_eq!(case.violations(), [Violation::Reordered { first: 0, second: 1 }]);
        case.messages[0].attempts = 2;
        assert_eq!(case.violations(), []);
    }

    #[test]
    fn sends_without_an_answer_are_found() {
        let mut case = Case::new();
        case.devices[0].unanswered.insert(LocalId(1), 1);
        assert_eq!(case.violations(), [Violation::NeverAnswered { device: 0, id: LocalId(1) }]);
        let mut case = Case::new();
        case.messages[0].fate = Fate::Lost;
        assert_eq!(case.violations(), [Violation::Unsettled { message: 0 }]);
    }

    #[test]
    fn a_member_who_is_refused_and_a_stranger_who_is_not_are_found() {
        let mut case = Case::new();
        case.messages[1].fate = Fate::Refused;
        assert_eq!(case.violations(), [Violation::WrongAnswer { message: 1 }]);
        let mut case = Case::new();
        case.messages[1].target = Target { chat_type: ChatType::Group, to: "1".to_owned() };
        assert_eq!(case.violations(), []);
        case.places[0].members.remove(0);
        assert!(case.violations().contains(&Violation::WrongAnswer { message: 1 }));
    }
}
