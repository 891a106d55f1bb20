//! The one clock of a running server.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::protocol::time::Moment;

/// One reading of the wall clock, carried on by monotonic time, so that the world never sees time
/// go back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    started: Instant,
    epoch: Moment,
}

impl Clock {
    pub(super) fn start() -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self { started: Instant::now(), epoch: Moment::from_micros(0) + since_1970 }
    }

    pub(super) fn now(&self) -> Moment {
        self.epoch + self.started.elapsed()
    }
}
