//! The embedded server's world: users, devices, queues, groups, rooms and the rules between them.
//!
//! A plain state machine. Frames, REST calls, connections and the time go in; frames to send and
//! connections to close come out. It owns no socket, clock or source of randomness: its driver
//! (`server::front`, or a simulation under virtual time) passes the time and a seed in.
//!
//! After every call the driver drains [`World::poll_output`] and asks [`World::poll_timeout`].

#[expect(dead_code, reason = "the world reads these once it keeps users and groups")]
mod file;
#[expect(dead_code, reason = "the world folds names once it keeps them")]
mod name;
mod rest;

use bytes::Bytes;

use crate::protocol::time::Moment;

pub use file::{AppCredentials, WorldFile, WorldFileError};
pub use rest::{RestRequest, RestResponse};

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
#[derive(Debug)]
pub struct World {}

impl World {
    /// The world that `file` describes. Tokens and ids follow from `seed`.
    pub fn new(file: &WorldFile, seed: u64) -> Self {
        let _ = (file, seed);
        Self {}
    }

    /// A client has connected. It has not said who it is.
    pub fn connect(&mut self, now: Moment, connection: ConnectionId) {
        let _ = (now, connection);
    }

    /// One bare MSync has arrived. Frames of connections that are not known are ignored.
    pub fn handle_frame(&mut self, now: Moment, connection: ConnectionId, frame: &Bytes) {
        let _ = (now, connection, frame);
    }

    /// The connection is gone. Unknown connections are ignored.
    pub fn disconnect(&mut self, now: Moment, connection: ConnectionId) {
        let _ = (now, connection);
    }

    /// The moment of [`World::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Moment) {
        let _ = now;
    }

    /// When [`World::handle_timeout`] is due next, unless something else happens first.
    pub fn poll_timeout(&self) -> Option<Moment> {
        None
    }

    /// The next thing to do, in order for each connection.
    pub fn poll_output(&mut self) -> Option<(ConnectionId, Output)> {
        None
    }

    /// Answers one REST call. Preflights (`OPTIONS`) and cross-origin headers are the driver's.
    pub fn rest(&mut self, now: Moment, request: &RestRequest) -> RestResponse {
        rest::answer(self, now, request)
    }
}
