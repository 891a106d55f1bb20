//! The clock of a run: one reading of the wall clock, then monotonic time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::protocol::time::Moment;

/// Tells the time to every client of a run, so that their moments can be compared and never go
/// back, whatever happens to the wall clock meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Moment,
    origin: Instant,
}

impl Clock {
    /// Starts at the system's wall-clock time.
    pub fn start() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self { wall: Moment::default() + wall, origin: Instant::now() }
    }

    /// The time.
    pub fn now(&self) -> Moment {
        self.wall + self.origin.elapsed()
    }

    /// The runtime's instant of a moment; moments before the start count as the start.
    pub fn instant(&self, moment: Moment) -> Instant {
        self.origin + moment.since(self.wall)
    }
}

/// When something was begun and when it was over.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Span {
    /// When it was begun.
    pub started: Moment,
    /// When it was over.
    pub ended: Moment,
}

impl Span {
    /// How long it took.
    pub const fn duration(self) -> Duration {
        self.ended.since(self.started)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn moments_and_instants_belong_together() {
        let clock = Clock::start();
        let before = clock.now();
        tokio::time::advance(Duration::from_millis(1500)).await;
        assert_eq!(clock.now().since(before), Duration::from_millis(1500));
        assert_eq!(clock.instant(clock.now()), Instant::now());
    }
}
