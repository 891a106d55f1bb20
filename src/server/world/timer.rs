//! What the world waits for.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{ConnectionId, mailbox::DeviceId, user::UserId};
use crate::protocol::time::Moment;

/// Something that falls due. A timer that has become pointless fires and does nothing.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Timer {
    /// The connection may have been silent for too long.
    Idle(ConnectionId),
    /// The answer to the connection's PROVISION.
    Provision(ConnectionId),
    /// The device may have been offline for too long.
    Forget(UserId, DeviceId),
    /// The user may have been away from rooms for too long.
    Absence(UserId),
}

/// Every timer that runs.
#[derive(Debug, Default)]
pub(super) struct Timers(BinaryHeap<Reverse<(Moment, Timer)>>);

impl Timers {
    /// Starts a timer.
    pub(super) fn start(&mut self, at: Moment, timer: Timer) {
        self.0.push(Reverse((at, timer)));
    }

    /// When the next one falls due.
    pub(super) fn next(&self) -> Option<Moment> {
        self.0.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes one that has fallen due.
    pub(super) fn due(&mut self, now: Moment) -> Option<Timer> {
        let Reverse((at, _)) = self.0.peek()?;
        if *at > now {
            return None;
        }
        self.0.pop().map(|Reverse((_, timer))| timer)
    }
}
