//! What a client's inbox holds: everything that happens to it without being asked.

use std::fmt;

use crate::{
    protocol::{event::Kick, sockjs::Malformed, time::Moment},
    session::{self, Delivered, LoginFailure},
};

/// One thing that happened to a client, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// When it was read from the socket, or noticed.
    pub at: Moment,
    /// What it was.
    pub happened: Happened,
}

/// What can happen to a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    /// Logged in, at first or again.
    Opened {
        /// The resource that the server gave this device.
        resource: String,
    },
    /// The page is called back, in the order in which it is.
    Delivered(Box<Delivered>),
    /// The connection ended.
    Disconnected {
        /// Why, for people; what the peer said in it is escaped and bounded.
        cause: String,
    },
    /// A new connection could not be made.
    Unreachable {
        /// Why, for people.
        cause: String,
    },
    /// Every attempt to reconnect has failed; only a command can bring the client back.
    GaveUp {
        /// How many attempts were made.
        attempts: u32,
    },
    /// Login on a new connection did not succeed.
    LoginFailed(LoginFailure),
    /// The server told this device to leave; the page has been called back as well.
    Kicked(Kick),
    /// The inbox was full: the client has ended, because it could not tell any more what it saw.
    /// Always the last entry. It says nothing about the server.
    Overflowed,
    /// The server did what it never should.
    Misbehaved(Misbehaviour),
}

/// What the server should not have done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Misbehaviour {
    /// In MSync, as the session saw it.
    Session(session::Misbehaviour),
    /// Around MSync, as the transport saw it.
    Frame(Malformed),
}

impl fmt::Display for Misbehaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(misbehaviour) => misbehaviour.fmt(f),
            Self::Frame(malformed) => malformed.fmt(f),
        }
    }
}
