//! Which queues the client knows to hold something, and what it asks the server for next.
//!
//! The list is the SDK's own, with its habits: a queue that is listed is not listed again, only the
//! head of the list is fetched, and the list outlives connections. 3.6.3 strikes out the head
//! whichever listed queue has ended. What such a list forgets comes back with the next answer to
//! UNREAD, whose queues are fetched without being listed.

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use crate::protocol::{generation::Generation, schema::Jid, time::Moment};

/// How long after a notice the SDK fetches its queue again if it is still listed (up to 4.1.2).
const REFETCH: Duration = Duration::from_secs(10);
/// How many queues may be listed at a time. More notices than that come from no honest server; an
/// answer to UNREAD brings their queues in all the same.
const LISTED: usize = 4_096;
/// How many queues' positions are kept per connection; older ones are taken for new queues.
const POSITIONS: usize = 8;

/// What to send next for the queues.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Ask<'a> {
    /// SYNC with the queue.
    Fetch(&'a Jid),
    /// SYNC with the key, and the queue that the batch named.
    Acknowledge(u64, Option<&'a Jid>),
}

/// The SDK's list of queues, its timers and positions.
#[derive(Debug, Default)]
pub(super) struct Queues {
    listed: Vec<Jid>,
    refetches: Vec<Refetch>,
    positions: VecDeque<Position>,
    last: Option<Box<LastKey>>,
    connection: u32,
}

/// A fetch to repeat once, unless its queue has ended by then.
#[derive(Debug)]
struct Refetch {
    at: Moment,
    queue: Jid,
    connection: u32,
}

/// How far a queue was acknowledged on this connection.
#[derive(Debug)]
struct Position {
    /// A hash of the queue's address, to keep this small.
    queue: u64,
    key: u64,
}

/// The key that 4.21.1 acknowledged last, which it does not acknowledge twice in a row.
#[derive(Debug)]
struct LastKey {
    key: u64,
    name: Option<String>,
}

fn name(queue: &Jid) -> &str {
    queue.name.as_deref().unwrap_or_default()
}

impl Queues {
    /// A connection begins. The list and the timers of earlier connections stay.
    ///
    /// The key acknowledged last does not, other than in the SDK: if the acknowledgement was lost
    /// with the connection, its page comes again, and a client that keeps silent about it never
    /// sees what lies behind.
    pub(super) fn handle_connected(&mut self) {
        self.connection = self.connection.wrapping_add(1);
        self.positions = VecDeque::new();
        self.last = None;
    }

    /// NOTICE for `queue`.
    pub(super) fn handle_notice(
        &mut self,
        now: Moment,
        generation: Generation,
        queue: Jid,
        own: OwnDevice<'_>,
    ) -> Option<Ask<'_>> {
        let known = self.listed.iter().any(|listed| name(listed) == name(&queue));
        if known || (generation != Generation::V3_6_3 && own.is(&queue)) {
            return None;
        }
        if generation != Generation::V4_21_1 {
            self.cancel_refetch();
            self.refetches.push(Refetch {
                at: now + REFETCH,
                queue: queue.clone(),
                connection: self.connection,
            });
        }
        self.listed.push(queue);
        match self.listed.as_slice() {
            [only] => Some(Ask::Fetch(only)),
            _ => None,
        }
    }

    /// Whether no more queues can be listed.
    pub(super) fn is_full(&self) -> bool {
        self.listed.len() >= LISTED
    }

    /// A batch that is the last of its queue has been delivered.
    pub(super) fn handle_last_batch(
        &mut self,
        generation: Generation,
        queue: Option<&Jid>,
    ) -> Option<Ask<'_>> {
        match generation {
            Generation::V3_6_3 => self.strike_head(queue),
            // 4.x compares with a field that does not exist: nothing goes, and the head is asked again.
            Generation::V4_0_8 => self.fetch_head_and_wait_no_more(),
            Generation::V4_21_1 => self.head(),
        }
    }

    /// A queue has ended: the answer had no metas and was the last.
    pub(super) fn handle_end(&mut self, generation: Generation, queue: Option<&Jid>) -> Option<Ask<'_>> {
        match generation {
            Generation::V3_6_3 => self.strike_head(queue),
            Generation::V4_0_8 => {
                self.strike(queue)?;
                self.fetch_head_and_wait_no_more()
            }
            Generation::V4_21_1 => {
                self.strike(queue)?;
                self.head()
            }
        }
    }

    /// A batch that is not the last has been delivered, or 4.21.1 got an empty one.
    ///
    /// The SDK echoes whatever key it got, be it behind one that it has acknowledged already. A
    /// server that answers in order never brings that about; one that does is found out.
    pub(super) fn handle_batch<'a>(
        &'a mut self,
        generation: Generation,
        key: Option<u64>,
        queue: Option<&'a Jid>,
    ) -> Step<'a> {
        let key = key.unwrap_or(0);
        if generation == Generation::V4_21_1 {
            let same = self
                .last
                .as_ref()
                .is_some_and(|last| last.key == key && last.name.as_deref() == queue.map(name));
            if same {
                let ask = if self.strike(queue).is_some() { self.head() } else { None };
                return Step { ask, went_back: None };
            }
            self.last = Some(Box::new(LastKey { key, name: queue.map(|queue| name(queue).to_owned()) }));
        }
        let acknowledged = self.advance(key, queue);
        let went_back = (acknowledged > key && key != 0).then_some(acknowledged);
        Step { ask: Some(Ask::Acknowledge(key, queue)), went_back }
    }

    /// The next fetch to repeat now, if its queue is still listed.
    pub(super) fn due_refetch(&mut self, now: Moment) -> Option<Jid> {
        while let Some(at) = self.refetches.iter().position(|refetch| refetch.at <= now) {
            let refetch = self.refetches.remove(at);
            if self.listed.iter().any(|listed| name(listed) == name(&refetch.queue)) {
                return Some(refetch.queue);
            }
        }
        if self.refetches.is_empty() {
            self.refetches = Vec::new();
        }
        None
    }

    /// When [`Self::due_refetch`] has something to say.
    pub(super) fn next_refetch(&self) -> Option<Moment> {
        self.refetches.iter().map(|refetch| refetch.at).min()
    }

    /// Notes that `queue` is acknowledged up to `key`; answers how far it is.
    fn advance(&mut self, key: u64, queue: Option<&Jid>) -> u64 {
        let mut hasher = DefaultHasher::new();
        queue.hash(&mut hasher);
        let queue = hasher.finish();
        if let Some(position) = self.positions.iter_mut().find(|position| position.queue == queue) {
            position.key = position.key.max(key);
            return position.key;
        }
        if self.positions.len() == POSITIONS {
            self.positions.pop_front();
        }
        self.positions.push_back(Position { queue, key });
        key
    }

    /// 3.6.3: the head goes, if any listed queue has the name of the one that ended.
    fn strike_head(&mut self, queue: Option<&Jid>) -> Option<Ask<'_>> {
        if !self.listed.is_empty() {
            // Without a queue the SDK stumbles over the comparison, and does nothing more.
            let ended = queue?;
            if self.listed.iter().any(|listed| name(listed) == name(ended)) {
                self.listed.remove(0);
            }
        }
        self.fetch_head_and_wait_no_more()
    }

    /// 4.x: the queue that ended goes. `None` if the SDK stumbles over a missing queue.
    fn strike(&mut self, queue: Option<&Jid>) -> Option<()> {
        if !self.listed.is_empty() {
            let ended = queue?;
            if let Some(at) = self.listed.iter().position(|listed| name(listed) == name(ended)) {
                self.listed.remove(at);
            }
        }
        Some(())
    }

    fn fetch_head_and_wait_no_more(&mut self) -> Option<Ask<'_>> {
        if self.listed.is_empty() {
            self.listed = Vec::new();
        } else {
            self.cancel_refetch();
        }
        self.head()
    }

    fn head(&self) -> Option<Ask<'_>> {
        self.listed.first().map(Ask::Fetch)
    }

    /// The SDK keeps one timer per connection.
    fn cancel_refetch(&mut self) {
        self.refetches.retain(|refetch| refetch.connection != self.connection);
    }
}

/// What follows a batch.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Step<'a> {
    /// What to send.
    pub(super) ask: Option<Ask<'a>>,
    /// How far the queue had been acknowledged, if the batch's key lies before that.
    pub(super) went_back: Option<u64>,
}

/// This device, whose own queue 4.x does not fetch on notice.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwnDevice<'a> {
    /// The user's name.
    pub(super) user: &'a str,
    /// The resource.
    pub(super) resource: &'a str,
}

impl OwnDevice<'_> {
    fn is(self, queue: &Jid) -> bool {
        name(queue) == self.user && queue.client_resource.as_deref().unwrap_or_default() == self.resource
    }
}
