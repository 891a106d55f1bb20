//! What the server says of its own accord: notices, batches, ends of queues, answers to UNREAD.

use std::sync::Arc;

use super::{
    Delivered, Misbehaviour, Output, Session,
    queues::{OwnDevice, Step},
};
use crate::protocol::{
    generation::Generation,
    id::ServerId,
    schema::{CommNotice, CommSyncDl, CommUnreadDl, Jid},
    time::Moment,
};

impl Session {
    /// The answer to UNREAD: each queue that it lists is fetched, and STATISTIC follows.
    pub(super) fn handle_unread(&mut self, now: Moment, unread: &CommUnreadDl) {
        for queue in unread.unread.iter().filter_map(|entry| entry.queue.as_ref()) {
            self.outbox.fetch(now, queue);
        }
        let statistics = match self.generation() {
            Generation::V3_6_3 => 1,
            Generation::V4_0_8 => usize::from(unread.unread.is_empty()),
            Generation::V4_21_1 => 1 + usize::from(unread.unread.is_empty()),
        };
        for _ in 0..statistics {
            self.outbox.statistic(now);
        }
    }

    /// NOTICE: a queue holds something.
    pub(super) fn handle_notice(&mut self, now: Moment, notice: CommNotice) {
        let generation = self.generation();
        let Some(queue) = notice.queue else {
            return self.misbehaved(Misbehaviour::NoticeWithoutQueue);
        };
        let identity = &self.outbox.sender.identity;
        let own = OwnDevice { user: &identity.user, resource: &identity.resource };
        let ask = self.queues.handle_notice(now, generation, queue, own);
        self.outbox.ask(now, ask);
    }

    /// SYNC: an answer to something sent, a batch, or the end of a queue.
    pub(super) fn handle_sync(&mut self, now: Moment, mut sync: CommSyncDl) {
        let generation = self.generation();
        if generation == Generation::V4_21_1 && sync.meta_id.unwrap_or(0) != 0 {
            return self.handle_answer(sync);
        }
        let last = sync.is_last.unwrap_or(false);
        let queue = sync.queue.take();
        if !sync.metas.is_empty() {
            let (key, queue) = (sync.next_key, queue.map(Arc::new));
            self.deliver(sync, queue.as_ref());
            if last {
                let ask = self.queues.handle_last_batch(generation, queue.as_deref());
                self.outbox.ask(now, ask);
            } else {
                self.acknowledge(now, key, queue.as_deref());
            }
        } else if last {
            let ask = self.queues.handle_end(generation, queue.as_ref());
            self.outbox.ask(now, ask);
        } else if generation == Generation::V4_21_1 {
            self.acknowledge(now, sync.next_key, queue.as_ref());
        } else {
            self.handle_answer(sync);
        }
    }

    fn acknowledge(&mut self, now: Moment, key: Option<u64>, queue: Option<&Jid>) {
        let Step { ask, went_back } = self.queues.handle_batch(self.generation(), key, queue);
        self.outbox.ask(now, ask);
        if let Some(acknowledged) = went_back {
            self.misbehaved(Misbehaviour::PositionWentBack { acknowledged, got: key.unwrap_or(0) });
        }
    }

    /// A batch: each item that has not been seen is delivered, in the order of the wire.
    fn deliver(&mut self, batch: CommSyncDl, queue: Option<&Arc<Jid>>) {
        if batch.status.is_none() {
            self.misbehaved(Misbehaviour::BatchWithoutStatus);
        }
        for meta in batch.metas {
            let id = meta.id.unwrap_or(0);
            if self.seen.contains(id) {
                continue;
            }
            self.seen.remember(id);
            let delivered = Delivered { queue: queue.cloned(), key: batch.next_key, id: ServerId(id) };
            self.outputs.push_back(Output::Delivered(Box::new(delivered)));
        }
    }
}
