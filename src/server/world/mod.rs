//! The embedded server's world: users, devices, queues, groups, rooms and the rules between them.
//!
//! A plain state machine. Frames, REST calls, connections and the time go in; frames to send and
//! connections to close come out. It owns no socket, clock or source of randomness: its driver
//! (`server::front`, or a simulation under virtual time) passes the time and a seed in.
//!
//! After every call the driver drains [`World::poll_output`] and asks [`World::poll_timeout`].
//! Output is bounded by design, not by a cut: a connection gets one answer for each frame that it
//! sends, and one NOTICE for each queue until it fetches that queue. A driver that stops reading
//! from a client that does not read bounds both.

mod absence;
mod address;
mod announcement;
mod app_message;
mod attachment;
mod connection;
mod contact;
mod delivery;
mod fault;
mod file;
mod frame;
mod group_ack;
mod history;
mod login;
mod mailbox;
mod membership;
mod muc;
mod name;
mod place;
mod pull;
mod rate;
mod recall;
mod receipt;
mod rest;
mod roster;
mod screen;
mod send;
mod session_list;
mod setting;
mod silence;
mod standing;
mod timeline;
mod timer;
mod token;
mod uplink;
mod user;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use rand::SeedableRng as _;
use rand_chacha::ChaCha12Rng;

use crate::protocol::{id::ServerIds, time::Moment};

use address::Address;
use attachment::Files;
use connection::Connection;
use fault::Faults;
use group_ack::GroupAcks;
use history::History;
use place::Places;
use rate::Rate;
use setting::Settings;
use timer::Timers;
use token::Tokens;
use user::Users;

pub use attachment::{Access, Bounds, Upload};
pub use fault::{FAULTS, Fault, FaultEntry, FaultSwitch, UnknownFault};
pub use file::{AppCredentials, WorldFile, WorldFileError};
pub use rest::{Attachment, Content, Rendition, RestRequest, RestResponse};

/// One client's connection, named by whoever accepted it; never reused within one world.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ConnectionId(pub u64);

/// What the world wants done with a connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Output {
    /// Send one bare MSync.
    Send(Bytes),
    /// Close the connection after what was sent before; [`World::disconnect`] need not follow.
    Close,
}

/// A whole server without its sockets.
///
/// Users, groups, rooms, tokens, queues and histories are kept within the limits of the world
/// file. Nothing that it does depends on the order of a hash map: the same seed and the same calls
/// give the same outputs.
#[derive(Debug)]
pub struct World {
    settings: Settings,
    /// What speaks when the server itself does.
    system: Address,
    users: Users,
    places: Places,
    tokens: Tokens,
    /// REST calls that were made a moment ago.
    calls: Rate,
    history: History,
    files: Files,
    group_acks: GroupAcks,
    connections: HashMap<ConnectionId, Connection>,
    outputs: VecDeque<(ConnectionId, Output)>,
    timers: Timers,
    ids: ServerIds,
    random: ChaCha12Rng,
    faults: Faults,
}

impl World {
    /// The world that `file` describes. Tokens and ids follow from `seed`.
    pub fn new(file: &WorldFile, seed: u64) -> Self {
        Self::with_faults(file, seed, &[])
    }

    /// The same world with defects.
    pub fn with_faults(file: &WorldFile, seed: u64, faults: &[FaultSwitch]) -> Self {
        let settings = Settings::new(file);
        let mut world = Self {
            system: address::user(&settings.app_key, "easemob"),
            users: Users::default(),
            places: Places::default(),
            tokens: Tokens::new(settings.limits.tokens),
            calls: Rate::default(),
            history: History::new(settings.history_bounds()),
            files: Files::new(settings.limits.files, settings.limits.files_bytes),
            group_acks: GroupAcks::default(),
            connections: HashMap::new(),
            outputs: VecDeque::new(),
            timers: Timers::default(),
            ids: ServerIds::default(),
            random: ChaCha12Rng::seed_from_u64(seed),
            faults: Faults::new(faults),
            settings,
        };
        world.populate(file);
        world
    }

    /// The app that this world serves, `org#app`.
    pub fn app_key(&self) -> &str {
        &self.settings.app_key
    }

    /// A client has connected. It has not said who it is.
    pub fn connect(&mut self, now: Moment, connection: ConnectionId) {
        self.open(now, connection);
    }

    /// One bare MSync has arrived. Frames of connections that are not known are ignored.
    pub fn handle_frame(&mut self, now: Moment, connection: ConnectionId, frame: &Bytes) {
        self.receive(now, connection, frame);
    }

    /// The connection is gone. Unknown connections are ignored.
    pub fn disconnect(&mut self, now: Moment, connection: ConnectionId) {
        self.part(now, connection);
    }

    /// The moment of [`World::poll_timeout`] has come. Early and late calls do no harm.
    pub fn handle_timeout(&mut self, now: Moment) {
        while let Some(timer) = self.timers.due(now) {
            self.fire(now, timer);
        }
    }

    /// When [`World::handle_timeout`] is due next, unless something else happens first.
    pub fn poll_timeout(&self) -> Option<Moment> {
        self.timers.next()
    }

    /// The next thing to do, in order for each connection.
    pub fn poll_output(&mut self) -> Option<(ConnectionId, Output)> {
        self.outputs.pop_front()
    }

    /// Answers one REST call. Preflights (`OPTIONS`) and cross-origin headers are the driver's.
    pub fn rest(&mut self, now: Moment, request: &RestRequest) -> RestResponse {
        rest::answer(self, now, request)
    }
}
