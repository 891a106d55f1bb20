//! A server that knows nothing but queues, and keeps to the rules for them: a key says that
//! everything up to it has arrived, what is not acknowledged comes again, and every answer to
//! UNREAD lists the queues that hold something.

use std::collections::VecDeque;

use bytes::Bytes;
use chatproof::protocol::schema::{
    CommNotice, CommSyncDl, CommUnreadDl, Jid, MSync, MessageBody, Meta, MetaQueue, Provision, Status,
    m_sync, message_body,
};
use prost::Message;

use super::transcript::Uplink;

/// Items per batch at most.
const BATCH: usize = 3;

/// The queues of one user, and what is on its way to them.
#[derive(Default)]
pub(crate) struct QueueServer {
    queues: Vec<Queue>,
    down: VecDeque<Bytes>,
}

struct Queue {
    name: Jid,
    items: Vec<u64>,
    acknowledged: u64,
}

impl QueueServer {
    /// A server with these queues, all empty.
    pub(crate) fn new(names: impl IntoIterator<Item = Jid>) -> Self {
        let queues = names.into_iter().map(|name| Queue { name, items: Vec::new(), acknowledged: 0 });
        Self { queues: queues.collect(), down: VecDeque::new() }
    }

    /// Something new: the queue's owner is told.
    pub(crate) fn add(&mut self, queue: usize, item: u64) {
        let queue = &mut self.queues[queue];
        queue.items.push(item);
        let notice = CommNotice { queue: Some(queue.name.clone()) };
        self.say(m_sync::Command::Notice, &notice);
    }

    /// A frame of the client arrives.
    pub(crate) fn handle(&mut self, frame: &Bytes) {
        let Uplink { msync, sync } = Uplink::read(frame);
        match m_sync::Command::try_from(msync.command.unwrap()).unwrap() {
            m_sync::Command::Provision => self.say(
                m_sync::Command::Provision,
                &Provision { status: ok(), resource: Some("webim_1".to_owned()), ..Provision::default() },
            ),
            m_sync::Command::Unread => {
                let full = self.queues.iter().filter(|queue| !queue.rest().is_empty());
                let unread = full.map(|queue| MetaQueue { queue: Some(queue.name.clone()), n: Some(1) });
                let answer = CommUnreadDl { status: ok(), unread: unread.collect(), timestamp: Some(1) };
                self.say(m_sync::Command::Unread, &answer);
            }
            _ => {
                if let Some(name) = sync.queue {
                    self.synchronise(&name, sync.key);
                }
            }
        }
    }

    /// The next frame that reaches the client.
    pub(crate) fn poll(&mut self) -> Option<Bytes> {
        self.down.pop_front()
    }

    /// The connection breaks: what is on its way is lost.
    pub(crate) fn cut(&mut self) {
        self.down.clear();
    }

    fn synchronise(&mut self, name: &Jid, key: Option<u64>) {
        let queue = self.queues.iter_mut().find(|queue| queue.name == *name).unwrap();
        if let Some(key) = key {
            assert!(key >= queue.acknowledged, "the client's position went back");
            assert!(key == 0 || queue.items.contains(&key), "the client acknowledges what never was");
            queue.acknowledged = key;
        }
        let batch: Vec<u64> = queue.rest().iter().copied().take(BATCH).collect();
        let answer = CommSyncDl {
            status: ok(),
            next_key: batch.last().copied(),
            is_last: Some(batch.is_empty()),
            metas: batch.into_iter().map(text).collect(),
            queue: Some(name.clone()),
            ..CommSyncDl::default()
        };
        self.say(m_sync::Command::Sync, &answer);
    }

    fn say(&mut self, command: m_sync::Command, payload: &impl Message) {
        self.down.push_back(down(command, payload));
    }
}

impl Queue {
    fn rest(&self) -> &[u64] {
        let first = self.items.iter().position(|item| *item > self.acknowledged);
        first.map_or(&[], |first| &self.items[first..])
    }
}

/// A frame of a server.
pub(crate) fn down(command: m_sync::Command, payload: &impl Message) -> Bytes {
    let msync = MSync {
        version: Some(0),
        command: Some(command.into()),
        payload: Some(payload.encode_to_vec().into()),
        ..MSync::default()
    };
    msync.encode_to_vec().into()
}

/// A plain OK.
pub(crate) fn ok() -> Option<Status> {
    Some(Status { error_code: Some(0), ..Status::default() })
}

/// A text message with this id.
pub(crate) fn text(id: u64) -> Meta {
    let body = MessageBody {
        r#type: Some(message_body::Type::Chat.into()),
        from: Some(Jid::named("bob")),
        to: Some(Jid::named("alice")),
        contents: vec![message_body::Content {
            r#type: Some(message_body::content::Type::Text.into()),
            text: Some(id.to_string()),
            ..message_body::Content::default()
        }],
        ..MessageBody::default()
    };
    Meta {
        id: Some(id),
        from: Some(Jid::user("easemob-demo#chatdemoui", "bob")),
        to: Some(Jid::user("easemob-demo#chatdemoui", "alice")),
        timestamp: Some(1),
        ns: Some(1),
        payload: Some(body.encode_to_vec().into()),
        ..Meta::default()
    }
}
