//! What waits to be written to one client: bounded, and empty-handed while there is nothing.

use std::{
    collections::VecDeque,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::Notify;

use super::{Limits, framing::Farewell};

/// The queue between the world and one client's task. Only one task may wait on it.
#[derive(Debug)]
pub(super) struct Outbox {
    most_frames: usize,
    most_bytes: usize,
    waiting: Mutex<Waiting>,
    ready: Notify,
}

/// What the client's task takes in one go.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) frames: VecDeque<Bytes>,
    bytes: usize,
    /// Set once nothing more is to be written after `frames`.
    pub(super) farewell: Option<Farewell>,
}

impl Outbox {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            most_frames: limits.waiting_frames,
            most_bytes: limits.waiting_bytes,
            waiting: Mutex::default(),
            ready: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds one MSync frame. Over the bound, what waits is dropped and the client is to be closed.
    pub(super) fn push(&self, frame: Bytes) {
        let mut waiting = self.lock();
        if waiting.farewell.is_some() {
            return;
        }
        let bytes = waiting.bytes.saturating_add(frame.len());
        if waiting.frames.len() >= self.most_frames || bytes > self.most_bytes {
            *waiting = Waiting { farewell: Some(Farewell::TooSlow), ..Waiting::default() };
        } else {
            waiting.frames.push_back(frame);
            waiting.bytes = bytes;
        }
        drop(waiting);
        self.ready.notify_one();
    }

    /// Ends the queue: what waits is still written, then the connection is closed like this. The
    /// first farewell stays.
    pub(super) fn close(&self, farewell: Farewell) {
        self.lock().farewell.get_or_insert(farewell);
        self.ready.notify_one();
    }

    /// Waits until there is something to take.
    pub(super) async fn ready(&self) {
        self.ready.notified().await;
    }

    /// Takes all that waits; the farewell stays for whoever asks again.
    pub(super) fn take(&self) -> Waiting {
        let mut waiting = self.lock();
        let farewell = waiting.farewell;
        mem::replace(&mut *waiting, Waiting { farewell, ..Waiting::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(waiting_frames: usize, waiting_bytes: usize) -> Outbox {
        Outbox::new(&Limits { waiting_frames, waiting_bytes, ..Limits::default() })
    }

    #[test]
    fn frames_come_out_in_the_order_they_went_in_and_once() {
        let outbox = outbox(4, 100);
        outbox.push(Bytes::from_static(b"a"));
        outbox.push(Bytes::from_static(b"b"));
        outbox.close(Farewell::Stopping);
        outbox.push(Bytes::from_static(b"after the end"));
        let taken = outbox.take();
        assert_eq!(taken.frames, [Bytes::from_static(b"a"), Bytes::from_static(b"b")]);
        assert_eq!(taken.farewell, Some(Farewell::Stopping));
        assert!(outbox.take().frames.is_empty());
    }

    #[test]
    fn a_client_with_too_much_waiting_is_closed_and_what_waited_is_freed() {
        for outbox in [outbox(2, 100), outbox(100, 2)] {
            for _ in 0..3 {
                outbox.push(Bytes::from_static(b"x"));
            }
            let taken = outbox.take();
            assert!(taken.frames.is_empty());
            assert_eq!(taken.farewell, Some(Farewell::TooSlow));
        }
    }

    #[tokio::test]
    async fn a_push_before_the_wait_is_not_missed() {
        let outbox = outbox(2, 100);
        outbox.push(Bytes::from_static(b"x"));
        outbox.ready().await;
        assert_eq!(outbox.take().frames.len(), 1);
    }
}
