//! What a client's inbox holds: everything that happens to it without being asked.

use std::fmt;

use super::mailbox::{Mailbox, Rejected};

use crate::{
    protocol::{event::Kick, sockjs::Malformed, time::Moment},
    session::{self, Delivered, LoginFailure},
};

/// Hears what happens to a client, in its task, at the moment at which it is read. Must not block.
pub trait Audience: fmt::Debug + Send + Sync {
    /// Something happened.
    ///
    /// # Errors
    /// [`Full`] if it cannot be kept. The client ends: it could no longer tell what it has seen.
    fn hear(&self, entry: Entry) -> Result<(), Full>;

    /// The client has ended; nothing more happens to it.
    fn close(&self) {}
}

/// An [`Audience`] can take no more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Full;

impl Audience for Mailbox<Entry> {
    fn hear(&self, entry: Entry) -> Result<(), Full> {
        let at = entry.at;
        match self.push(entry) {
            // Whoever has closed it wants to hear no more.
            Ok(()) | Err(Rejected::Closed) => Ok(()),
            Err(Rejected::Full) => {
                self.push_last(Entry { at, happened: Happened::Overflowed });
                Err(Full)
            }
        }
    }

    fn close(&self) {
        Self::close(self);
    }
}

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
