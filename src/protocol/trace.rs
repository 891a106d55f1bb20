//! Trace ids: the number that 4.21.1 stamps on each frame it sends (`MSync.traceId`).

use super::time::Moment;

/// Bits of the sequence within one millisecond.
const SEQUENCE_BITS: u32 = 12;
/// Bits of the machine number above the sequence.
const MACHINE_BITS: u32 = 10;
/// The machine number that the SDK uses in every browser.
const MACHINE: u64 = 1;

/// The number of one frame; unique per client.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TraceId(pub u64);

/// Makes trace ids as the SDK does: milliseconds, a machine number, and a sequence.
#[derive(Clone, Debug, Default)]
pub struct TraceIds {
    millis: u64,
    sequence: u64,
}

impl TraceIds {
    /// The next id. Strictly increasing; a full millisecond borrows from the next one.
    pub const fn next(&mut self, now: Moment) -> TraceId {
        if now.as_millis() > self.millis {
            self.millis = now.as_millis();
            self.sequence = 0;
        } else if self.sequence + 1 < 1 << SEQUENCE_BITS {
            self.sequence += 1;
        } else {
            self.millis += 1;
            self.sequence = 0;
        }
        TraceId((self.millis << (MACHINE_BITS + SEQUENCE_BITS)) | (MACHINE << SEQUENCE_BITS) | self.sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_millisecond_count_up_from_the_machine_number() {
        let mut ids = TraceIds::default();
        let now = Moment::from_millis(1_640_995_200_000);
        assert_eq!(ids.next(now), TraceId(6_882_832_731_340_804_096));
        assert_eq!(ids.next(now), TraceId(6_882_832_731_340_804_097));
    }

    #[test]
    fn ids_never_repeat_when_a_millisecond_is_full_or_time_stands_still() {
        let mut ids = TraceIds::default();
        let now = Moment::from_millis(1_640_995_200_000);
        let made: Vec<TraceId> = (0..10_000).map(|_| ids.next(now)).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
