//! Message ids: the ones that clients make and the ones that the server gives.

use std::fmt;

use super::time::Moment;

/// Milliseconds from 1970 to 2010-02-01T00:00:00Z, the epoch of local ids (in UTC).
const LOCAL_EPOCH_MS: u64 = 1_264_982_400_000;
/// Seconds from 1970 to 2014-12-03T00:00:00Z, the epoch of server ids.
const SERVER_EPOCH_S: u64 = 1_417_564_800;

/// A message id made by a client (`Meta.id` upwards); unique per user and resource only.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LocalId(pub u64);

/// A message id given by the server (`serverId`, `Meta.id` downwards); the page's `mid`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ServerId(pub u64);

/// Makes local ids as the SDK does: milliseconds since a 2010 epoch plus a counter.
#[derive(Clone, Debug, Default)]
pub struct LocalIds {
    made: u64,
}

impl LocalIds {
    /// The next id. Strictly increasing as long as `now` does not go back.
    pub const fn next(&mut self, now: Moment) -> LocalId {
        self.made += 1;
        LocalId(now.as_millis().saturating_sub(LOCAL_EPOCH_MS) + self.made)
    }
}

/// Makes server ids: seconds since a 2014 epoch, milliseconds, and a 22-bit sequence.
#[derive(Clone, Debug, Default)]
pub struct ServerIds {
    last: u64,
}

impl ServerIds {
    /// The next id: above every id made before, near `now`.
    pub const fn next(&mut self, now: Moment) -> ServerId {
        let seconds = (now.as_millis() / 1000).saturating_sub(SERVER_EPOCH_S);
        let stamped = (seconds << 32) | ((now.as_millis() % 1000) << 22);
        self.last = if stamped > self.last { stamped } else { self.last + 1 };
        ServerId(self.last)
    }
}

impl ServerId {
    /// When a server that numbers as the real one does gave this id out, to the millisecond.
    pub const fn moment(self) -> Moment {
        let seconds = (self.0 >> 32).saturating_add(SERVER_EPOCH_S);
        Moment::from_millis(seconds.saturating_mul(1000).saturating_add((self.0 >> 22) & 0x3ff))
    }
}

impl fmt::Display for LocalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
