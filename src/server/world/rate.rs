//! How often something may happen.

use std::time::Duration;

use crate::protocol::time::Moment;

/// What limits are counted in.
const SPAN: Duration = Duration::from_secs(1);

/// Counts what happened in the second that began with the first of it.
#[derive(Debug, Default)]
pub(super) struct Rate {
    began: Moment,
    count: usize,
}

impl Rate {
    /// Whether one more is within the limit, and counts it if so. A limit of 0 is none.
    pub(super) fn admits(&mut self, now: Moment, limit: usize) -> bool {
        if limit == 0 {
            return true;
        }
        if now.since(self.began) >= SPAN {
            *self = Self { began: now, count: 0 };
        }
        if self.count >= limit {
            return false;
        }
        self.count += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_takes_no_more_than_its_limit_and_the_next_one_begins_anew() {
        let mut rate = Rate::default();
        let at = |milliseconds: u64| Moment::from_millis(1_000_000 + milliseconds);
        let admitted: Vec<bool> = [0, 0, 999, 1000, 1001, 1500].map(|time| rate.admits(at(time), 2)).into();
        assert_eq!(admitted, [true, true, false, true, true, false]);
        assert!((0..1000).all(|_| rate.admits(at(1500), 0)));
    }
}
