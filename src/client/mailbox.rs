//! A bounded queue between a client's handle and its task.
//!
//! It is here because an idle client owns two of them: a channel of tokio allocates a block of 32
//! slots and two padded cache lines before its first item, about as much as the session itself.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// A queue with one reader. Allocates nothing while it is empty.
#[derive(Debug)]
pub(super) struct Mailbox<T> {
    state: Mutex<State<T>>,
    changed: Notify,
    bound: usize,
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
    closed: bool,
}

/// Why an item was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Rejected {
    /// As many items wait as the mailbox holds.
    Full,
    /// Nobody will read it.
    Closed,
}

impl<T> Mailbox<T> {
    /// An empty mailbox for at most this many items.
    pub(super) fn new(bound: usize) -> Self {
        let state = Mutex::new(State { items: VecDeque::new(), closed: false });
        Self { state, changed: Notify::new(), bound }
    }

    /// Adds an item behind all others.
    pub(super) fn push(&self, item: T) -> Result<(), Rejected> {
        let mut state = self.state();
        if state.closed {
            return Err(Rejected::Closed);
        }
        if state.items.len() >= self.bound {
            return Err(Rejected::Full);
        }
        state.items.push_back(item);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Adds one item more than fit, and closes.
    pub(super) fn push_last(&self, item: T) {
        let mut state = self.state();
        if !state.closed {
            state.items.push_back(item);
        }
        drop(state);
        self.close();
    }

    /// Takes the first item, if there is one.
    pub(super) fn take(&self) -> Option<T> {
        self.state().items.pop_front()
    }

    /// Waits for an item; `None` once the mailbox is closed and empty. Dropping the future loses
    /// nothing.
    pub(super) async fn next(&self) -> Option<T> {
        loop {
            {
                let mut state = self.state();
                if let Some(item) = state.items.pop_front() {
                    return Some(item);
                }
                if state.closed {
                    return None;
                }
            }
            // A push between the look and this wait leaves a permit, so it is not missed.
            self.changed.notified().await;
        }
    }

    /// Takes nothing more; what is there can still be read.
    pub(super) fn close(&self) {
        self.state().closed = true;
        // One permit for a reader that is about to wait; the queue has a single reader.
        self.changed.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        // No code that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn items_arrive_in_order_and_a_closed_mailbox_is_read_to_its_end() {
        let mailbox = Arc::new(Mailbox::new(3));
        let reader = tokio::spawn({
            let mailbox = Arc::clone(&mailbox);
            async move {
                let mut read = Vec::new();
                while let Some(item) = mailbox.next().await {
                    read.push(item);
                }
                read
            }
        });
        tokio::task::yield_now().await;
        for item in 0..3 {
            mailbox.push(item).unwrap();
        }
        mailbox.close();
        assert_eq!(mailbox.push(3), Err(Rejected::Closed));
        assert_eq!(reader.await.unwrap(), [0, 1, 2]);
    }

    #[test]
    fn a_full_mailbox_takes_nothing_more_until_something_is_read() {
        let mailbox = Mailbox::new(1);
        mailbox.push('a').unwrap();
        assert_eq!(mailbox.push('b'), Err(Rejected::Full));
        assert_eq!(mailbox.take(), Some('a'));
        assert_eq!(mailbox.push('b'), Ok(()));
        mailbox.push_last('z');
        assert_eq!((mailbox.take(), mailbox.take(), mailbox.take()), (Some('b'), Some('z'), None));
    }
}
