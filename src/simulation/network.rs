//! The network between devices and the server: each connection keeps its order, no two keep step,
//! and a broken connection loses what is on its way.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    ops::RangeInclusive,
    time::Duration,
};

use bytes::Bytes;
use rand::RngExt;
use rand_chacha::ChaCha12Rng;

use crate::{protocol::time::Moment, server::world::ConnectionId};

/// Something that is due at a moment.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Due {
    /// A connection request, a frame or a farewell reaches the server.
    AtServer(ConnectionId, Freight),
    /// The server's consent, a frame or its farewell reaches the device.
    AtDevice(ConnectionId, Freight),
    /// The server notices that a connection is broken.
    ServerMisses(ConnectionId),
    /// The device notices that its connection is broken.
    DeviceMisses(ConnectionId),
    /// The device connects.
    Dial(usize),
    /// The next action of the workload.
    Act,
    /// Lost messages are sent again.
    Resend,
}

/// What travels on a connection.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Freight {
    /// The connection begins.
    Open,
    /// One MSync.
    Frame(Bytes),
    /// The connection ends in good order.
    Close,
}

/// When the last freight of each direction arrives: nothing overtakes it.
#[derive(Debug)]
struct Lane {
    up: Moment,
    down: Moment,
}

/// Everything that is on its way or due.
#[derive(Debug)]
pub(super) struct Network {
    latency: RangeInclusive<Duration>,
    lanes: BTreeMap<ConnectionId, Lane>,
    due: BinaryHeap<Reverse<(Moment, u64, Due)>>,
    planned: u64,
}

impl Network {
    pub(super) const fn new(latency: RangeInclusive<Duration>) -> Self {
        Self { latency, lanes: BTreeMap::new(), due: BinaryHeap::new(), planned: 0 }
    }

    /// Makes something due.
    pub(super) fn plan(&mut self, at: Moment, due: Due) {
        self.planned += 1;
        self.due.push(Reverse((at, self.planned, due)));
    }

    /// When the next thing is due.
    pub(super) fn next(&self) -> Option<Moment> {
        self.due.peek().map(|Reverse((at, ..))| *at)
    }

    /// Takes the next thing that is due, and that no broken connection has lost.
    pub(super) fn take(&mut self) -> Option<Due> {
        let Reverse((_, _, due)) = self.due.pop()?;
        let is_lost = match &due {
            Due::AtServer(connection, _) | Due::AtDevice(connection, _) => {
                !self.lanes.contains_key(connection)
            }
            _ => false,
        };
        (!is_lost).then_some(due)
    }

    /// A new connection, on which nothing has travelled.
    pub(super) fn open(&mut self, now: Moment, connection: ConnectionId) {
        self.lanes.insert(connection, Lane { up: now, down: now });
    }

    /// Forgets a connection, with all that is on its way; whether it stood.
    pub(super) fn close(&mut self, connection: ConnectionId) -> bool {
        self.lanes.remove(&connection).is_some()
    }

    /// The connections that stand.
    pub(super) fn standing(&self) -> Vec<ConnectionId> {
        self.lanes.keys().copied().collect()
    }

    /// Sends something to the server.
    pub(super) fn up(&mut self, random: &mut ChaCha12Rng, now: Moment, to: ConnectionId, freight: Freight) {
        let latency = random.random_range(self.latency.clone());
        if let Some(lane) = self.lanes.get_mut(&to) {
            lane.up = lane.up.max(now + latency);
            let at = lane.up;
            self.plan(at, Due::AtServer(to, freight));
        }
    }

    /// Sends something to the device.
    pub(super) fn down(&mut self, random: &mut ChaCha12Rng, now: Moment, to: ConnectionId, freight: Freight) {
        let latency = random.random_range(self.latency.clone());
        if let Some(lane) = self.lanes.get_mut(&to) {
            lane.down = lane.down.max(now + latency);
            let at = lane.down;
            self.plan(at, Due::AtDevice(to, freight));
        }
    }
}
