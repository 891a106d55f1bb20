//! Which operations are changed: the first of each subject, and then every n-th.

use std::{
    cell::RefCell,
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{Fault, FaultSwitch};

/// Subjects that one fault counts apart; past it counting starts anew.
const SUBJECTS: usize = 65_536;

/// The faults that are switched on, and how often each could have struck.
#[derive(Debug, Default)]
pub(in crate::server::world) struct Faults {
    on: Vec<Counter>,
}

#[derive(Debug)]
struct Counter {
    switch: FaultSwitch,
    /// Operations by the hash of their subject.
    seen: RefCell<HashMap<u64, u32>>,
}

impl Faults {
    /// These are on. Of one that is named twice the first counts.
    pub(in crate::server::world) fn new(switches: &[FaultSwitch]) -> Self {
        let counter = |switch: &FaultSwitch| Counter { switch: *switch, seen: RefCell::default() };
        Self { on: switches.iter().map(counter).collect() }
    }

    /// Whether none is on, which spares what only faults need.
    pub(in crate::server::world) const fn is_off(&self) -> bool {
        self.on.is_empty()
    }

    /// Whether this operation is changed: the first of all is, and then every n-th.
    pub(in crate::server::world) fn strikes(&self, fault: Fault) -> bool {
        self.strikes_in(fault, ())
    }

    /// The same, counted for each subject by itself: a session, a user, a queue.
    pub(in crate::server::world) fn strikes_in(&self, fault: Fault, subject: impl Hash) -> bool {
        self.count(fault, subject).is_some_and(|(before, every)| before.is_multiple_of(every))
    }

    /// The same for what goes well once for each subject: the second operation is the first that
    /// can be changed.
    pub(in crate::server::world) fn strikes_after_first(&self, fault: Fault, subject: impl Hash) -> bool {
        self.count(fault, subject)
            .is_some_and(|(before, every)| before > 0 && (before - 1).is_multiple_of(every))
    }

    /// How many operations of the subject came before this one, and how often the fault strikes.
    fn count(&self, fault: Fault, subject: impl Hash) -> Option<(u32, u32)> {
        let counter = self.on.iter().find(|counter| counter.switch.fault == fault)?;
        let mut hasher = DefaultHasher::new();
        subject.hash(&mut hasher);
        let mut seen = counter.seen.borrow_mut();
        if seen.len() >= SUBJECTS {
            seen.clear();
        }
        let seen = seen.entry(hasher.finish()).or_default();
        let before = *seen;
        *seen = seen.wrapping_add(1);
        Some((before, counter.switch.every.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(typed: &str) -> Faults {
        Faults::new(&[typed.parse().unwrap()])
    }

    #[test]
    fn the_first_operation_is_changed_and_then_every_nth() {
        let faults = faults("no-notice=3");
        let struck: Vec<bool> = (0..7).map(|_| faults.strikes(Fault::NoNotice)).collect();
        assert_eq!(struck, [true, false, false, true, false, false, true]);
    }

    #[test]
    fn each_subject_is_counted_by_itself() {
        let faults = faults("no-notice=2");
        let struck = [1, 2, 1, 2, 1].map(|subject| faults.strikes_in(Fault::NoNotice, subject));
        assert_eq!(struck, [true, true, false, false, true]);
        let struck = [3, 3, 3, 3].map(|subject| faults.strikes_after_first(Fault::NoNotice, subject));
        assert_eq!(struck, [false, true, false, true]);
    }

    #[test]
    fn what_is_off_never_strikes() {
        assert!(!Faults::default().strikes(Fault::NoNotice));
        assert!(!faults("sync-unsorted").strikes(Fault::NoNotice));
    }
}
