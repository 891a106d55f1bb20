//! What one frame is, before its items are looked at.

use bytes::Bytes;

use super::Batch;
use crate::protocol::{
    event::{Detail, Event, ScriptError, SdkError},
    generation::Generation,
    id::{LocalId, ServerId},
    schema::{CommNotice, CommSyncDl, CommUnreadDl, Jid, MSync, Provision, Status, m_sync::Command},
};

/// What a server's frame is.
#[derive(Clone, Debug, PartialEq)]
pub enum Downlink {
    /// Items of a queue; in 4.21.1 also a position without items.
    Batch(Batch),
    /// The end of a queue.
    EndOfQueue {
        /// Which queue, if the server says.
        queue: Option<Jid>,
    },
    /// The answer to something that was sent.
    Answer(Answer),
    /// Something new is in a queue.
    Notice {
        /// Which queue, if the server says.
        queue: Option<Jid>,
    },
    /// The answer to UNREAD: the queues that are not empty.
    Unread {
        /// The queues, in the server's order.
        queues: Vec<Option<Jid>>,
    },
    /// The answer to PROVISION.
    Provisioned(Box<Provisioned>),
    /// A command that the SDK does not know and ignores.
    Ignored {
        /// Its number.
        command: i32,
    },
}

/// The answer to something that was sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// The id that it was sent with; 0 if absent.
    pub id: LocalId,
    /// The id that the server gave it; 0 if absent.
    pub mid: ServerId,
    /// The server's time, milliseconds since 1970, if it tells.
    pub timestamp: Option<u64>,
    /// `errorCode`; `None` if the answer has no status.
    pub status: Option<i32>,
    /// The server's reason, if it gives one.
    pub reason: Option<String>,
}

/// The answer to PROVISION.
#[derive(Clone, Debug, PartialEq)]
pub struct Provisioned {
    /// `errorCode`; `None` if the answer has no status, over which the SDK stumbles.
    pub status: Option<i32>,
    /// The server's reason, empty if absent.
    pub reason: String,
    /// The resource that the server gives this device, empty if absent.
    pub resource: String,
    /// All that the server said, without secrets.
    pub answer: Provision,
}

impl Provisioned {
    fn new(mut answer: Provision) -> Self {
        for secret in [&mut answer.password, &mut answer.auth, &mut answer.auth_token].into_iter().flatten() {
            "<secret>".clone_into(secret);
        }
        let (status, reason) = split(answer.status.clone());
        Self {
            status,
            reason: reason.unwrap_or_default(),
            resource: answer.resource.clone().unwrap_or_default(),
            answer,
        }
    }

    /// What the page is called back with: nothing where the SDK stumbles in silence.
    pub fn event(&self, generation: Generation) -> Option<Event> {
        let detail = match self.status {
            Some(0) => Detail::Opened,
            Some(_) => Detail::LoginRefused(Box::new(self.answer.clone())),
            None if generation == Generation::V3_6_3 => {
                Detail::Error(Box::new(SdkError::undecodable(ScriptError::Type)))
            }
            None => return None,
        };
        Some(Event { generation, detail })
    }
}

/// A frame that is no MSync, or whose payload does not fit its command.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected {expected}, got {length} bytes that are none")]
pub struct Undecodable {
    /// What was expected.
    pub expected: &'static str,
    /// Length of the bytes.
    pub length: usize,
}

impl Undecodable {
    /// What the page is called back with: 3.6.3 says 604, later ones nothing.
    pub fn event(self, generation: Generation) -> Option<Event> {
        (generation == Generation::V3_6_3).then(|| Event {
            generation,
            detail: Detail::Error(Box::new(SdkError::undecodable(ScriptError::Range))),
        })
    }
}

/// Says what a frame is: one MSync, bare bytes.
///
/// A SYNC is taken for a batch if it has items, else for the end of a queue if it says so, else for
/// an answer. 4.21.1 looks first whether it names a sent id.
///
/// # Errors
/// [`Undecodable`] if the bytes are no MSync or its payload does not fit its command.
pub fn decode(generation: Generation, frame: &Bytes) -> Result<Downlink, Undecodable> {
    let sync: MSync = message("an MSync", frame.clone())?;
    let payload = sync.payload.unwrap_or_default();
    let command = sync.command.unwrap_or_default();
    Ok(match Command::try_from(command) {
        Ok(Command::Sync) => classify(generation, message("a CommSyncDL", payload)?),
        Ok(Command::Unread) => {
            let unread: CommUnreadDl = message("a CommUnreadDL", payload)?;
            Downlink::Unread { queues: unread.unread.into_iter().map(|entry| entry.queue).collect() }
        }
        Ok(Command::Notice) => {
            Downlink::Notice { queue: message::<CommNotice>("a CommNotice", payload)?.queue }
        }
        Ok(Command::Provision) => {
            Downlink::Provisioned(Box::new(Provisioned::new(message("a Provision", payload)?)))
        }
        Ok(Command::Logout) | Err(_) => Downlink::Ignored { command },
    })
}

fn classify(generation: Generation, sync: CommSyncDl) -> Downlink {
    let names_a_sent_id = sync.meta_id.is_some_and(|id| id > 0);
    let is_last = sync.is_last.unwrap_or_default();
    let is_answer = match generation {
        Generation::V3_6_3 | Generation::V4_0_8 => sync.metas.is_empty() && !is_last,
        Generation::V4_21_1 => names_a_sent_id,
    };
    if is_answer {
        let (status, reason) = split(sync.status);
        return Downlink::Answer(Answer {
            id: LocalId(sync.meta_id.unwrap_or_default()),
            mid: ServerId(sync.server_id.unwrap_or_default()),
            timestamp: sync.timestamp,
            status,
            reason,
        });
    }
    if sync.metas.is_empty() && is_last {
        return Downlink::EndOfQueue { queue: sync.queue };
    }
    Downlink::Batch(Batch {
        status: sync.status,
        metas: sync.metas,
        next_key: sync.next_key,
        queue: sync.queue,
        is_last,
    })
}

/// `errorCode` and reason; an empty status counts as OK.
fn split(status: Option<Status>) -> (Option<i32>, Option<String>) {
    status.map_or((None, None), |status| (Some(status.error_code.unwrap_or_default()), status.reason))
}

fn message<M: prost::Message + Default>(expected: &'static str, bytes: Bytes) -> Result<M, Undecodable> {
    let length = bytes.len();
    M::decode(bytes).map_err(|_| Undecodable { expected, length })
}
