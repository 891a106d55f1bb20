//! When the heartbeat is due.

use std::time::Duration;

use crate::protocol::{generation::Generation, time::Moment};

/// The least period of 3.6.3.
const LEAST: Duration = Duration::from_secs(5);
/// How long 4.21.1 must have heard nothing before its heartbeat is sent.
const SILENCE: Duration = Duration::from_secs(30);

/// The SDK's heartbeat timer. It starts with the first login, starts again with each further one,
/// and is not stopped by a lost connection.
#[derive(Debug)]
pub(super) struct Heartbeat {
    next: Option<Moment>,
    heard: Moment,
}

/// The period of this generation, given `heartBeatWait`.
pub(super) fn period(generation: Generation, wait: Duration) -> Duration {
    let least = match generation {
        Generation::V3_6_3 => LEAST,
        // Nothing is gained by a timer that never rests.
        Generation::V4_0_8 | Generation::V4_21_1 => Duration::from_millis(1),
    };
    wait.max(least)
}

impl Heartbeat {
    /// A timer that has not been started.
    pub(super) const fn new() -> Self {
        Self { next: None, heard: Moment::from_micros(0) }
    }

    /// Login succeeded.
    pub(super) fn start(&mut self, now: Moment, period: Duration) {
        self.next = Some(now + period);
    }

    /// A frame came from the server.
    pub(super) const fn hear(&mut self, now: Moment) {
        self.heard = now;
    }

    /// When the timer fires next.
    pub(super) const fn next(&self) -> Option<Moment> {
        self.next
    }

    /// Lets the timer fire as often as it should have until `now`; answers whether to send UNREAD.
    pub(super) fn is_due(&mut self, now: Moment, period: Duration, generation: Generation) -> bool {
        let Some(next) = self.next.filter(|next| *next <= now) else { return false };
        let missed = now.since(next).as_micros() / period.as_micros().max(1);
        let ahead = period.saturating_mul(u32::try_from(missed).unwrap_or(u32::MAX)).saturating_add(period);
        self.next = Some(next + ahead);
        match generation {
            Generation::V3_6_3 | Generation::V4_0_8 => true,
            Generation::V4_21_1 if now.since(self.heard) >= SILENCE => {
                self.heard = now;
                true
            }
            Generation::V4_21_1 => false,
        }
    }
}
