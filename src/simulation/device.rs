//! One device in a simulation: its session, its connection, and what its page has seen.

use std::collections::BTreeMap;

use crate::{
    protocol::{
        id::{LocalId, ServerId},
        time::Moment,
    },
    server::world::ConnectionId,
    session::Session,
};

/// One device.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) user: String,
    pub(super) session: Session,
    pub(super) link: Link,
    /// Since when it has been logged in on a connection that nothing has happened to.
    pub(super) stable_since: Option<Moment>,
    /// Sends whose answer is due, by id.
    pub(super) unanswered: BTreeMap<LocalId, usize>,
    /// The message of each id.
    pub(super) written: BTreeMap<LocalId, usize>,
    /// The messages that its page was told of, in order.
    pub(super) seen: Vec<Seen>,
}

/// A device's connection, as the device knows it: one that is broken still seems to stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Link {
    Down,
    Dialling(ConnectionId),
    Up(ConnectionId),
}

impl Link {
    /// The connection that is there, or will be.
    pub(super) const fn connection(self) -> Option<ConnectionId> {
        match self {
            Self::Down => None,
            Self::Dialling(connection) | Self::Up(connection) => Some(connection),
        }
    }
}

/// A message that a page was told of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Seen {
    pub(super) message: usize,
    pub(super) mid: ServerId,
    /// The other user, the group or the room.
    pub(super) conversation: String,
}

impl Device {
    pub(super) const fn new(user: String, session: Session) -> Self {
        Self {
            user,
            session,
            link: Link::Down,
            stable_since: None,
            unanswered: BTreeMap::new(),
            written: BTreeMap::new(),
            seen: Vec::new(),
        }
    }
}
