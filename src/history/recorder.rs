//! Takes records and measurements from many tasks at once, cheaply.
//!
//! Casts are spread over a few shards, each with a lock, a list of records and one histogram pair a
//! metric: the cost does not grow with the number of clients. Records of one client stay in order;
//! those of different clients are put into the order of their clock by [`Recorder::history`].

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{
    latency::{Latencies, Latency},
    names::Names,
    record::{Cast, OperationId, Record, SessionId, What},
};
use crate::protocol::time::Moment;

/// A metric with times, registered with [`Recorder::instrument`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Instrument(usize);

/// A metric that is counted, registered with [`Recorder::counter`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Counter(usize);

/// Takes what happens while one scenario is played. Clones share everything.
#[derive(Clone, Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    names: RwLock<Names>,
    instruments: Mutex<Vec<&'static str>>,
    counters: Mutex<Vec<&'static str>>,
    operations: AtomicU64,
    shards: Box<[Mutex<Shard>]>,
}

#[derive(Debug, Default)]
struct Shard {
    records: Vec<Record>,
    times: Vec<Latency>,
    counts: Vec<u64>,
}

/// All that was recorded of one scenario.
#[derive(Debug, Default)]
pub struct History {
    /// Whose the numbers in the records are.
    pub names: Names,
    /// What happened, cast by cast, each in the order of its clock.
    pub records: Vec<Record>,
}

impl Recorder {
    /// A recorder that this many threads will use at the same time.
    pub fn new(threads: usize) -> Self {
        let shards = (0..threads.max(1)).map(|_| Mutex::default()).collect();
        Self {
            shared: Arc::new(Shared {
                names: RwLock::default(),
                instruments: Mutex::default(),
                counters: Mutex::default(),
                operations: AtomicU64::new(0),
                shards,
            }),
        }
    }

    /// Registers a metric with times; the same name gives the same instrument.
    pub fn instrument(&self, name: &'static str) -> Instrument {
        Instrument(register(&self.shared.instruments, name))
    }

    /// Registers a metric that is counted; the same name gives the same counter.
    pub fn counter(&self, name: &'static str) -> Counter {
        Counter(register(&self.shared.counters, name))
    }

    /// Changes the names.
    pub fn name<Added>(&self, add: impl FnOnce(&mut Names) -> Added) -> Added {
        add(&mut self.shared.names.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the names.
    pub fn with_names<Read>(&self, read: impl FnOnce(&Names) -> Read) -> Read {
        read(&self.shared.names.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// An id for the next call.
    pub fn next_operation(&self) -> OperationId {
        OperationId(self.shared.operations.fetch_add(1, Ordering::Relaxed))
    }

    /// Something happened.
    pub fn record(&self, cast: Cast, session: SessionId, at: Moment, what: What) {
        self.shard(cast).records.push(Record { at, cast, session, what });
    }

    /// Something took this long: from its start, and from the moment at which it was meant to start.
    pub fn time(&self, cast: Cast, instrument: Instrument, service: Duration, response: Duration) {
        let mut shard = self.shard(cast);
        if shard.times.len() <= instrument.0 {
            shard.times.resize_with(instrument.0 + 1, Latency::default);
        }
        shard.times[instrument.0].record(service, response);
    }

    /// Something that is counted happened once more.
    pub fn count(&self, cast: Cast, counter: Counter) {
        let mut shard = self.shard(cast);
        if shard.counts.len() <= counter.0 {
            shard.counts.resize(counter.0 + 1, 0);
        }
        shard.counts[counter.0] += 1;
    }

    /// The measurements so far, merged. Every registered counter is among them.
    pub fn latencies(&self) -> Latencies {
        let mut merged = Latencies::default();
        let instruments = lock(&self.shared.instruments).clone();
        let counters = lock(&self.shared.counters).clone();
        for name in &counters {
            merged.add_count(name, 0);
        }
        for shard in &self.shared.shards {
            let shard = lock(shard);
            for (name, latency) in instruments.iter().zip(&shard.times) {
                merged.add_times(name, latency);
            }
            for (name, count) in counters.iter().zip(&shard.counts) {
                merged.add_count(name, *count);
            }
        }
        merged
    }

    /// The count of a metric so far.
    pub fn counted(&self, counter: Counter) -> u64 {
        self.shared.shards.iter().map(|shard| lock(shard).counts.get(counter.0).copied().unwrap_or(0)).sum()
    }

    /// Copies the records of a shard from a position on. `None` when there is no such shard.
    pub(super) fn tail(&self, shard: usize, from: usize) -> Option<Vec<Record>> {
        let shard = self.shared.shards.get(shard)?;
        Some(lock(shard).records.get(from..).unwrap_or_default().to_vec())
    }

    /// Everything recorded, taken out, cast by cast in the order of the clock.
    pub fn history(&self) -> History {
        let mut records = Vec::new();
        for shard in &self.shared.shards {
            records.append(&mut lock(shard).records);
        }
        // Stable, so that what one client does within a microsecond keeps its order.
        records.sort_by_key(|record| (record.cast, record.at));
        History { names: self.with_names(Clone::clone), records }
    }

    fn shard(&self, cast: Cast) -> MutexGuard<'_, Shard> {
        lock(&self.shared.shards[cast.0 as usize % self.shared.shards.len()])
    }
}

fn register(known: &Mutex<Vec<&'static str>>, name: &'static str) -> usize {
    let mut known = lock(known);
    known.iter().position(|one| *one == name).unwrap_or_else(|| {
        known.push(name);
        known.len() - 1
    })
}

/// A panic elsewhere leaves whole records behind, which are worth keeping.
fn lock<Inner>(mutex: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_cast_by_cast_in_the_order_of_the_clock() {
        let recorder = Recorder::new(2);
        for (cast, at) in [(1, 30), (0, 20), (1, 10), (2, 5)] {
            recorder.record(Cast(cast), SessionId(0), Moment::from_micros(at), What::Opened);
        }
        let order: Vec<_> =
            recorder.history().records.iter().map(|record| (record.cast.0, record.at.as_micros())).collect();
        assert_eq!(order, [(0, 20), (1, 10), (1, 30), (2, 5)]);
    }

    #[test]
    fn measurements_of_all_shards_are_merged() {
        let recorder = Recorder::new(3);
        let (login, errors) = (recorder.instrument("login"), recorder.counter("errors"));
        for cast in 0..9 {
            recorder.time(Cast(cast), login, Duration::from_micros(5), Duration::from_micros(7));
            recorder.count(Cast(cast), errors);
        }
        let merged = recorder.latencies();
        assert_eq!(merged.times_of("login").map(Latency::count), Some(9));
        assert_eq!(merged.count_of("errors"), Some(9));
        assert_eq!(recorder.counted(errors), 9);
    }

    #[test]
    fn a_record_stays_small() {
        assert!(
            size_of::<Record>() <= 72,
            "{} bytes; ten million must fit two gibibytes",
            size_of::<Record>()
        );
    }
}
