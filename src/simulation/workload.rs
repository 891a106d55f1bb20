//! Who takes part in a simulation, and how much happens to them.

use std::{ops::RangeInclusive, time::Duration};

use crate::{
    protocol::{generation::Generation, message::ChatType},
    server::world::WorldFile,
};

/// One device of a user of the world.
#[derive(Clone, Debug)]
pub struct Participant {
    /// The user's name.
    pub user: String,
    /// The SDK generation that the device plays; `None` draws one.
    pub generation: Option<Generation>,
}

/// A group or chat room of the world.
#[derive(Clone, Debug)]
pub struct Place {
    /// Group or room.
    pub chat_type: ChatType,
    /// Its id.
    pub id: String,
    /// The names of all who belong to it.
    pub members: Vec<String>,
}

impl Place {
    /// A group or room with these members.
    pub fn new(chat_type: ChatType, id: &str, members: &[&str]) -> Self {
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        Self { chat_type, id: id.to_owned(), members }
    }
}

/// How often each thing happens, relative to the others.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// A device sends a text.
    pub send: u32,
    /// A connection breaks, which either end notices at its own time.
    pub cut: u32,
    /// A device goes away for a while.
    pub leave: u32,
    /// The server restarts: every connection breaks, its state stays.
    pub restart: u32,
}

/// One kind of thing that happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    Send,
    Cut,
    Leave,
    Restart,
}

impl Rates {
    pub(super) const fn total(self) -> u32 {
        self.send + self.cut + self.leave + self.restart
    }

    /// The action that a number below [`Self::total`] stands for.
    pub(super) fn action(self, drawn: u32) -> Action {
        let bounds = [
            (self.send, Action::Send),
            (self.cut, Action::Cut),
            (self.leave, Action::Leave),
            (self.restart, Action::Restart),
        ];
        let mut below = 0;
        for (rate, action) in bounds {
            below += rate;
            if drawn < below {
                return action;
            }
        }
        Action::Send
    }
}

/// What a simulation is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The world that is served.
    pub world: WorldFile,
    /// The devices.
    pub participants: Vec<Participant>,
    /// Groups and chat rooms that participants write to; who is no member is refused.
    pub places: Vec<Place>,
    /// How long a frame travels.
    pub latency: RangeInclusive<Duration>,
    /// The time between two actions, at most.
    pub pause: Duration,
    /// How long actions go on.
    pub workload: Duration,
    /// How often each thing happens.
    pub rates: Rates,
}

impl Settings {
    /// The demo world: alice and bob with two devices each, carol and dave with one, any
    /// generation, a minute of a bad network.
    pub fn demo() -> Self {
        let users = ["alice", "alice", "bob", "bob", "carol", "dave"];
        let participants =
            users.map(|user| Participant { user: user.to_owned(), generation: None }).into_iter().collect();
        Self {
            world: WorldFile::demo(),
            participants,
            places: vec![
                Place::new(ChatType::Group, "93734273351681", &["alice", "bob", "carol"]),
                Place::new(ChatType::Room, "179800091197441", &["alice", "bob"]),
            ],
            latency: Duration::from_millis(1)..=Duration::from_millis(400),
            pause: Duration::from_secs(2),
            workload: Duration::from_secs(60),
            rates: Rates { send: 70, cut: 14, leave: 10, restart: 2 },
        }
    }
}
