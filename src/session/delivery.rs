//! What the server says of its own accord: notices, batches, ends of queues, answers to UNREAD.

use std::sync::Arc;

use super::{
    Delivered, Misbehaviour, Output, Session,
    queues::{OwnDevice, Step},
};
use crate::protocol::{
    downlink::{Batch, Effect},
    event::{Detail, Event},
    generation::Generation,
    schema::Jid,
    time::Moment,
};

impl Session {
    /// The answer to UNREAD: each queue that it lists is fetched, and STATISTIC follows.
    pub(super) fn handle_unread(&mut self, now: Moment, queues: &[Option<Jid>]) {
        let generation = self.generation();
        let statistics = match generation {
            Generation::V3_6_3 => 1,
            Generation::V4_0_8 => usize::from(queues.is_empty()),
            Generation::V4_21_1 => 1 + usize::from(queues.is_empty()),
        };
        if generation == Generation::V4_21_1 && self.offline.has_begun(queues) {
            self.call_back(Some(Event { generation, detail: Detail::SyncStarted }));
        }
        for queue in queues.iter().flatten() {
            self.outbox.fetch(now, queue);
        }
        for _ in 0..statistics {
            self.outbox.statistic(now);
        }
    }

    /// NOTICE: a queue holds something.
    pub(super) fn handle_notice(&mut self, now: Moment, queue: Option<Jid>) {
        let generation = self.generation();
        let Some(queue) = queue else {
            return self.misbehaved(Misbehaviour::NoticeWithoutQueue);
        };
        if self.queues.is_full() {
            return self.misbehaved(Misbehaviour::TooManyNotices);
        }
        let identity = &self.outbox.sender.identity;
        let own = OwnDevice { user: &identity.user, resource: &identity.resource };
        let ask = self.queues.handle_notice(now, generation, queue, own);
        self.outbox.ask(now, ask);
    }

    /// A batch: its items are handed out, and what follows is asked for.
    pub(super) fn handle_batch(&mut self, now: Moment, mut batch: Batch) {
        let queue = batch.queue.take().map(Arc::new);
        self.deliver(now, &batch, queue.as_ref());
        if batch.is_last {
            let ask = self.queues.handle_last_batch(self.generation(), queue.as_deref());
            self.outbox.ask(now, ask);
            self.end_offline(queue.as_deref());
            return;
        }
        let step = self.queues.handle_batch(self.generation(), batch.next_key, queue.as_deref());
        let Step { ask, went_back } = step;
        self.outbox.ask(now, ask);
        if let Some(acknowledged) = went_back {
            let got = batch.next_key.unwrap_or(0);
            self.misbehaved(Misbehaviour::PositionWentBack { acknowledged, got });
        }
    }

    /// The end of a queue.
    pub(super) fn handle_end(&mut self, now: Moment, queue: Option<&Jid>) {
        let ask = self.queues.handle_end(self.generation(), queue);
        self.outbox.ask(now, ask);
        self.end_offline(queue);
    }

    fn end_offline(&mut self, queue: Option<&Jid>) {
        if self.offline.has_ended(queue) {
            self.call_back(Some(Event { generation: self.generation(), detail: Detail::SyncFinished }));
        }
    }

    /// The items of a batch, in the order of the wire; what has been seen is skipped.
    fn deliver(&mut self, now: Moment, batch: &Batch, queue: Option<&Arc<Jid>>) {
        if batch.status.is_none() && !batch.metas.is_empty() {
            self.misbehaved(Misbehaviour::BatchWithoutStatus);
        }
        let mut effects = Vec::with_capacity(batch.metas.len());
        batch.deliver(&self.page, &mut self.seen, &mut effects);
        for effect in effects {
            match effect {
                Effect::Event(event) => {
                    if let Detail::Kicked { kick, .. } = event.detail {
                        self.admitted = false;
                        self.outputs.push_back(Output::Kicked(kick));
                    }
                    let delivered = Delivered { queue: queue.cloned(), key: batch.next_key, event };
                    self.outputs.push_back(Output::Delivered(Box::new(delivered)));
                }
                Effect::Acknowledge { to, message } => self.acknowledge_delivery(now, to, message),
                Effect::FetchBlocklist => self.outputs.push_back(Output::FetchBlocklist),
                Effect::Unreadable(cause) => self.misbehaved(Misbehaviour::UnreadableItem(cause)),
            }
        }
    }
}
