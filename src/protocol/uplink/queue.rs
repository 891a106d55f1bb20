//! Frames that drain queues: fetch, and acknowledgement by key.

use bytes::Bytes;

use super::{Sender, envelope};
use crate::protocol::{
    schema::{CommSyncUl, Jid},
    trace::TraceId,
};

/// Asks for what the queue holds.
pub(super) fn fetch(sender: &Sender, queue: &Jid, trace: Option<TraceId>) -> Bytes {
    let payload = CommSyncUl { queue: Some(queue.clone()), ..CommSyncUl::default() };
    envelope::sync(sender, &payload, trace)
}

/// Acknowledges everything up to the key.
pub(super) fn acknowledge(sender: &Sender, key: u64, queue: Option<&Jid>, trace: Option<TraceId>) -> Bytes {
    let payload = CommSyncUl { key: Some(key), queue: queue.cloned(), ..CommSyncUl::default() };
    envelope::sync(sender, &payload, trace)
}
