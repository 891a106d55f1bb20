//! What the workload does: devices write and leave, connections break, the server restarts.

use std::time::Duration;

use rand::RngExt;

use super::{
    device::Link,
    message::{Fate, Message, Persistence, Target},
    network::Freight,
    stage::Stage,
    workload::Action,
};
use crate::protocol::message::ChatType;

/// How long either end may take to notice that a connection is broken.
const BLINDNESS: Duration = Duration::from_secs(20);
/// How long a device that leaves stays away, at most.
const ABSENCE: Duration = Duration::from_secs(40);
/// One in so many messages is given up when no answer comes.
const GIVE_UP: u32 = 4;

impl Stage<'_> {
    pub(super) fn act(&mut self, action: Action) {
        let number = self.random.random_range(0..self.devices.len());
        match action {
            Action::Send => self.write(number),
            Action::Cut => {
                if let Link::Up(connection) = self.devices[number].link {
                    self.cut(connection, BLINDNESS);
                }
            }
            Action::Leave => self.leave(number),
            Action::Restart => {
                self.run.counts.restarts += 1;
                for connection in self.network.standing() {
                    self.world.disconnect(self.now, connection);
                    self.cut(connection, Duration::from_secs(1));
                }
            }
        }
    }

    /// A device writes a message to somebody.
    fn write(&mut self, number: usize) {
        let target = self.target(number);
        let device = &mut self.devices[number];
        let id = device.session.next_id(self.now);
        device.written.insert(id, self.messages.len());
        let persistence = match self.random.random_range(0..GIVE_UP) {
            0 => Persistence::GiveUp,
            _ => Persistence::SendAgain,
        };
        self.messages.push(Message {
            id,
            sender: number,
            target,
            attempts: 0,
            fate: Fate::Lost,
            persistence,
        });
        self.run.counts.messages += 1;
        self.send(self.messages.len() - 1);
    }

    fn target(&mut self, number: usize) -> Target {
        let own = &self.devices[number].user;
        let others = self.settings.participants.iter().map(|other| &other.user).filter(|other| *other != own);
        let mut targets: Vec<Target> =
            others.map(|other| Target { chat_type: ChatType::Single, to: other.clone() }).collect();
        // Places are few; they get as much traffic as all single chats together.
        for place in self.settings.places.iter().cycle().take(self.settings.places.len() * 2) {
            targets.push(Target { chat_type: place.chat_type, to: place.id.clone() });
        }
        let drawn = self.random.random_range(0..targets.len());
        targets.swap_remove(drawn)
    }

    fn send(&mut self, number: usize) {
        let message = &mut self.messages[number];
        message.attempts += 1;
        message.fate = Fate::Open;
        self.run.counts.resends += usize::from(message.attempts > 1);
        let outgoing = message.outgoing(number);
        let sender = message.sender;
        self.trace(format_args!("device {sender} sends message {number} to {}", outgoing.to));
        let device = &mut self.devices[sender];
        *device.unanswered.entry(outgoing.id).or_default() += 1;
        device.session.send(self.now, &outgoing);
        self.attend(sender);
    }

    /// Sends what was lost again, once its device is in.
    pub(super) fn send_again(&mut self) {
        for number in 0..self.messages.len() {
            let message = &self.messages[number];
            if message.fate == Fate::Lost && self.devices[message.sender].session.is_online() {
                self.send(number);
            }
        }
    }

    /// A device closes its connection and comes back later.
    fn leave(&mut self, number: usize) {
        let Link::Up(connection) = self.devices[number].link else { return };
        self.trace(format_args!("device {number} leaves"));
        self.network.up(&mut self.random, self.now, connection, Freight::Close);
        self.part(number, ABSENCE);
    }
}
