//! The frames that go up, made in the voice of the played generation.

use std::collections::VecDeque;

use bytes::Bytes;

use super::queues::Ask;
use crate::protocol::{
    generation::Generation,
    message::Outgoing,
    schema::Jid,
    secret::Secret,
    time::Moment,
    trace::{TraceId, TraceIds},
    uplink::{Device, Sender},
};

/// Who speaks, and what has been said and not yet been polled.
#[derive(Debug)]
pub(super) struct Outbox {
    pub(super) sender: Sender,
    traces: TraceIds,
    frames: VecDeque<Bytes>,
    /// The first and last id that a STATISTIC carried; they are times.
    statistics: Option<(u64, u64)>,
}

impl Outbox {
    pub(super) fn new(sender: Sender) -> Self {
        Self { sender, traces: TraceIds::default(), frames: VecDeque::new(), statistics: None }
    }

    /// The next frame to write. Gives the memory of a burst back once all are written.
    pub(super) fn poll(&mut self) -> Option<Bytes> {
        let frame = self.frames.pop_front();
        if frame.is_none() {
            self.clear();
        }
        frame
    }

    /// Forgets what has not been polled.
    pub(super) fn clear(&mut self) {
        self.frames = VecDeque::new();
    }

    /// Frames made earlier.
    pub(super) fn resume(&mut self, frames: impl Iterator<Item = Bytes>) {
        self.frames.extend(frames);
    }

    pub(super) fn provision(&mut self, now: Moment, token: &Secret, device: &Device) {
        let trace = self.trace(now);
        self.frames.push_back(self.sender.provision(token, device, now, trace));
    }

    pub(super) fn unread(&mut self, now: Moment) {
        let trace = self.trace(now);
        self.frames.push_back(self.sender.unread(trace));
    }

    pub(super) fn statistic(&mut self, now: Moment) {
        let id = now.as_millis();
        self.statistics = Some((self.statistics.map_or(id, |(first, _)| first), id));
        let trace = self.trace(now);
        self.frames.push_back(self.sender.statistic(now, trace));
    }

    /// Whether a STATISTIC may have gone out with this id.
    pub(super) fn has_said_statistic(&self, id: u64) -> bool {
        self.statistics.is_some_and(|(first, last)| (first..=last).contains(&id))
    }

    pub(super) fn fetch(&mut self, now: Moment, queue: &Jid) {
        let trace = self.trace(now);
        self.frames.push_back(self.sender.fetch(queue, trace));
    }

    /// What the queues want to be asked, if anything.
    pub(super) fn ask(&mut self, now: Moment, ask: Option<Ask<'_>>) {
        match ask {
            None => {}
            Some(Ask::Fetch(queue)) => self.fetch(now, queue),
            Some(Ask::Acknowledge(key, queue)) => {
                let trace = self.trace(now);
                self.frames.push_back(self.sender.acknowledge(key, queue, trace));
            }
        }
    }

    /// The frame of a message, which the caller puts where it belongs.
    pub(super) fn message(&mut self, now: Moment, outgoing: &Outgoing) -> Bytes {
        let trace = self.trace(now);
        self.sender.message(outgoing, trace)
    }

    const fn trace(&mut self, now: Moment) -> Option<TraceId> {
        match self.sender.generation {
            Generation::V3_6_3 | Generation::V4_0_8 => None,
            Generation::V4_21_1 => Some(self.traces.next(now)),
        }
    }
}
