//! What was sent and awaits its answer, and what waits for a connection to be sent on.

use std::{collections::VecDeque, mem};

use bytes::Bytes;

use super::Loss;
use crate::protocol::{id::LocalId, time::Moment};

/// How many ids are kept once they have ended, to tell a second or late answer from a foreign one.
const ENDED: usize = 64;
/// How many sends may be unanswered at a time; more are refused, so that memory stays bounded.
const UNANSWERED: usize = 10_000;

/// Who asked for something to be sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Origin {
    /// The driver, who wants the answer.
    Driver,
    /// The session itself: a delivered receipt.
    Receipt,
}

/// Something whose answer is due.
#[derive(Debug)]
struct Pending {
    id: LocalId,
    to: Box<str>,
    origin: Origin,
    deadline: Moment,
    /// The frame, as long as it waits for a connection.
    frame: Option<Bytes>,
}

/// How an id ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Answered,
    GivenUp,
}

/// What an answer was for.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Settled {
    /// Something that awaited it.
    Awaited {
        /// Who sent it.
        origin: Origin,
        /// Where it went.
        to: Box<str>,
    },
    /// Something answered before.
    Again,
    /// Something given up before.
    Late,
    /// Nothing that this session remembers.
    Unknown,
}

/// Everything that has no answer yet.
#[derive(Debug, Default)]
pub(super) struct Sending {
    /// Oldest first, hence in the order of their deadlines.
    pending: VecDeque<Pending>,
    ended: VecDeque<(LocalId, End)>,
}

impl Sending {
    /// Notes that `id` awaits an answer; with a `frame`, that it waits to be written as well.
    pub(super) fn expect(
        &mut self,
        id: LocalId,
        to: &str,
        origin: Origin,
        deadline: Moment,
        frame: Option<Bytes>,
    ) -> Result<(), Loss> {
        if self.pending.len() >= UNANSWERED {
            return Err(Loss::TooMany);
        }
        self.pending.push_back(Pending { id, to: to.into(), origin, deadline, frame });
        Ok(())
    }

    /// The frames that wait for a connection, oldest first.
    pub(super) fn release(&mut self) -> impl Iterator<Item = Bytes> {
        self.pending.iter_mut().filter_map(|pending| pending.frame.take())
    }

    /// An answer for `id` came.
    pub(super) fn settle(&mut self, id: LocalId) -> Settled {
        let awaited = self.pending.iter().position(|pending| pending.id == id && pending.frame.is_none());
        if let Some(pending) = awaited.and_then(|at| self.pending.remove(at)) {
            if self.pending.is_empty() {
                self.pending = VecDeque::new();
            }
            self.remember(id, End::Answered);
            return Settled::Awaited { origin: pending.origin, to: pending.to };
        }
        match self.ended.iter().rev().find(|(ended, _)| *ended == id) {
            Some((_, End::Answered)) => Settled::Again,
            Some((_, End::GivenUp)) => Settled::Late,
            None => Settled::Unknown,
        }
    }

    /// The next send whose answer is overdue.
    pub(super) fn expire(&mut self, now: Moment) -> Option<(LocalId, Origin)> {
        if self.next_deadline()? > now {
            return None;
        }
        let pending = self.pending.pop_front()?;
        self.remember(pending.id, End::GivenUp);
        Some((pending.id, pending.origin))
    }

    /// When [`Self::expire`] has something to say.
    pub(super) fn next_deadline(&self) -> Option<Moment> {
        self.pending.front().map(|pending| pending.deadline)
    }

    /// Gives up what was written and has no answer; what waits for a connection stays.
    pub(super) fn give_up_written(&mut self) -> Vec<(LocalId, Origin)> {
        let (kept, written) =
            mem::take(&mut self.pending).into_iter().partition(|pending| pending.frame.is_some());
        self.pending = kept;
        self.give_up(written)
    }

    /// Gives up everything.
    pub(super) fn give_up_all(&mut self) -> Vec<(LocalId, Origin)> {
        let pending = mem::take(&mut self.pending);
        self.give_up(pending)
    }

    fn give_up(&mut self, lost: VecDeque<Pending>) -> Vec<(LocalId, Origin)> {
        lost.into_iter()
            .map(|pending| {
                self.remember(pending.id, End::GivenUp);
                (pending.id, pending.origin)
            })
            .collect()
    }

    fn remember(&mut self, id: LocalId, end: End) {
        if self.ended.len() == ENDED {
            self.ended.pop_front();
        }
        self.ended.push_back((id, end));
    }
}
