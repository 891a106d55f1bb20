//! What has happened to one client and no step has asked for yet.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::Notify, time::Instant};

use crate::session::Delivered;

/// Most events that wait for a step; the oldest is forgotten for the next one.
const HELD: usize = 4096;

/// One event.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// Its number among all events of this client.
    number: u64,
    /// The event itself.
    pub(super) delivered: Arc<Delivered>,
}

/// The events of one client. Any number of steps can wait at the same time.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    held: VecDeque<Held>,
    heard: u64,
    forgotten: u64,
}

impl Inbox {
    /// An event came.
    pub(super) fn push(&self, delivered: Arc<Delivered>) {
        let mut state = self.state();
        if state.held.len() >= HELD {
            state.held.pop_front();
            state.forgotten += 1;
        }
        state.heard += 1;
        let number = state.heard;
        state.held.push_back(Held { number, delivered });
        drop(state);
        self.changed.notify_waiters();
    }

    /// Takes the first event that matches, waiting for it until the deadline. The others stay.
    ///
    /// # Errors
    /// What `matches` fails with. `Ok(None)` is the deadline.
    pub(super) async fn take<E>(
        &self,
        deadline: Instant,
        mut matches: impl FnMut(&Held) -> Result<bool, E>,
    ) -> Result<Option<Held>, E> {
        let mut seen = 0;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on a push is not missed, whether it comes before or during the wait.
            changed.as_mut().enable();
            if let Some(held) = self.take_now(&mut seen, &mut matches)? {
                return Ok(Some(held));
            }
            if tokio::time::timeout_at(deadline, changed).await.is_err() {
                return self.take_now(&mut seen, &mut matches);
            }
        }
    }

    /// The first event behind number `seen` that matches; `seen` moves behind all that were tried.
    fn take_now<E>(
        &self,
        seen: &mut u64,
        matches: &mut impl FnMut(&Held) -> Result<bool, E>,
    ) -> Result<Option<Held>, E> {
        let mut state = self.state();
        let begin = state.held.partition_point(|held| held.number <= *seen);
        for place in begin..state.held.len() {
            *seen = state.held[place].number;
            if matches(&state.held[place])? {
                return Ok(state.held.remove(place));
            }
        }
        Ok(None)
    }

    /// The first event that matches, which stays.
    pub(super) fn find<E>(
        &self,
        mut matches: impl FnMut(&Held) -> Result<bool, E>,
    ) -> Result<Option<Held>, E> {
        for held in &self.state().held {
            if matches(held)? {
                return Ok(Some(held.clone()));
            }
        }
        Ok(None)
    }

    /// What waits, oldest first, and how many were forgotten.
    pub(super) fn waiting(&self) -> (Vec<Held>, u64) {
        let state = self.state();
        (state.held.iter().cloned().collect(), state.forgotten)
    }

    /// Forgets what no step has asked for: a new conversation begins.
    pub(super) fn clear(&self) {
        let mut state = self.state();
        state.held.clear();
        state.forgotten = 0;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
