//! When the SDK tries again after it lost its connection.

use std::time::Duration;

use crate::protocol::generation::Generation;

/// The step of the SDK's reconnect timer: attempt k comes k steps after the loss before it.
const STEP: Duration = Duration::from_millis(500);
/// What 4.21.1 waits before its first attempt.
const FIRST_OF_4_21_1: Duration = Duration::from_secs(2);

/// How long after a loss the attempt with this number (from 1) is made.
pub(super) fn delay(generation: Generation, attempt: u32) -> Duration {
    match (generation, attempt) {
        (Generation::V4_21_1, 1) => FIRST_OF_4_21_1,
        (Generation::V3_6_3 | Generation::V4_0_8 | Generation::V4_21_1, _) => STEP * attempt,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attempt_waits_half_a_second_longer() {
        let delays = |generation| [1, 2, 3].map(|attempt| delay(generation, attempt).as_millis());
        assert_eq!(delays(Generation::V3_6_3), [500, 1000, 1500]);
        assert_eq!(delays(Generation::V4_0_8), [500, 1000, 1500]);
        assert_eq!(delays(Generation::V4_21_1), [2000, 1000, 1500]);
    }
}
