//! Which queue items a page has been told of already.

use std::collections::VecDeque;

use crate::protocol::id::ServerId;

/// How many ids an SDK remembers, over all queues and name spaces.
const REMEMBERED: usize = 101;

/// The ids of the last 101 queue items; what comes again is skipped.
///
/// Bounded: under 1 KiB for a client that has received that many.
#[derive(Clone, Debug, Default)]
pub struct Seen(VecDeque<ServerId>);

impl Seen {
    /// Whether this item is among those remembered.
    pub fn contains(&self, id: ServerId) -> bool {
        // What comes again mostly comes soon.
        self.0.iter().rev().any(|seen| *seen == id)
    }

    /// Remembers an item, and forgets the oldest beyond 101.
    pub fn insert(&mut self, id: ServerId) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(id);
    }

    /// How many items are remembered.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_101st_item_back_is_remembered_and_the_102nd_is_not() {
        let mut seen = Seen::default();
        (0..102).map(ServerId).for_each(|id| seen.insert(id));
        assert!(!seen.contains(ServerId(0)));
        assert!((1..102).all(|id| seen.contains(ServerId(id))));
    }
}
