//! The ids of the messages seen last: the SDK's guard against messages that come twice.

/// How many ids the SDK remembers.
const REMEMBERED: usize = 101;

/// The last ids, oldest overwritten first. Takes memory only once there is one.
#[derive(Debug, Default)]
pub(super) struct Seen {
    ids: Vec<u64>,
    oldest: usize,
}

impl Seen {
    /// Whether `id` is among those remembered.
    pub(super) fn contains(&self, id: u64) -> bool {
        self.ids.contains(&id)
    }

    /// Remembers `id`; the oldest is forgotten for it.
    pub(super) fn remember(&mut self, id: u64) {
        if self.ids.len() < REMEMBERED {
            self.ids.push(id);
        } else {
            self.ids[self.oldest] = id;
            self.oldest = (self.oldest + 1) % REMEMBERED;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_101_ids_are_remembered_and_no_more() {
        let mut seen = Seen::default();
        for id in 0..102 {
            seen.remember(id);
        }
        assert!(!seen.contains(0));
        assert!((1..102).all(|id| seen.contains(id)));
        assert_eq!(seen.ids.len(), REMEMBERED);
    }
}
