//! Frames that go down. Parts that many recipients share stay encoded: an embedded message and a
//! byte string look the same on the wire, so these types carry addresses and metas as bytes.

use bytes::Bytes;
use prost::Message;

use crate::protocol::{
    id::ServerId,
    schema::{self, Status, m_sync::Command, meta::NameSpace},
    time::Moment,
};

/// `MSync` around a `CommSyncDL`.
#[derive(Clone, PartialEq, Message)]
struct SyncFrame {
    #[prost(int32, optional, tag = "1")]
    version: Option<i32>,
    #[prost(int32, optional, tag = "8")]
    command: Option<i32>,
    #[prost(message, optional, tag = "9")]
    payload: Option<Sync>,
}

/// `CommSyncDL`: the answer to a meta, or a page of a queue.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Sync {
    #[prost(message, optional, tag = "1")]
    pub(super) status: Option<Status>,
    #[prost(uint64, optional, tag = "2")]
    pub(super) meta_id: Option<u64>,
    #[prost(uint64, optional, tag = "3")]
    pub(super) server_id: Option<u64>,
    #[prost(bytes = "bytes", repeated, tag = "4")]
    pub(super) metas: Vec<Bytes>,
    #[prost(uint64, optional, tag = "5")]
    pub(super) next_key: Option<u64>,
    #[prost(bytes = "bytes", optional, tag = "6")]
    pub(super) queue: Option<Bytes>,
    #[prost(bool, optional, tag = "7")]
    pub(super) is_last: Option<bool>,
    #[prost(uint64, optional, tag = "8")]
    pub(super) timestamp: Option<u64>,
}

/// `Meta`, one entry of a queue.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Meta {
    #[prost(uint64, optional, tag = "1")]
    pub(super) id: Option<u64>,
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub(super) from: Option<Bytes>,
    #[prost(bytes = "bytes", optional, tag = "3")]
    pub(super) to: Option<Bytes>,
    #[prost(uint64, optional, tag = "4")]
    pub(super) timestamp: Option<u64>,
    #[prost(int32, optional, tag = "5")]
    pub(super) ns: Option<i32>,
    #[prost(bytes = "bytes", optional, tag = "6")]
    pub(super) payload: Option<Bytes>,
    #[prost(bytes = "bytes", repeated, tag = "8")]
    pub(super) ext: Vec<Bytes>,
}

/// `MetaQueue`, one line of an UNREAD answer.
#[derive(Clone, PartialEq, Message)]
pub(super) struct UnreadQueue {
    #[prost(bytes = "bytes", optional, tag = "1")]
    pub(super) queue: Option<Bytes>,
    #[prost(uint32, optional, tag = "2")]
    pub(super) n: Option<u32>,
}

#[derive(Clone, PartialEq, Message)]
struct Unread {
    #[prost(message, optional, tag = "1")]
    status: Option<Status>,
    #[prost(message, repeated, tag = "2")]
    unread: Vec<UnreadQueue>,
    #[prost(uint64, optional, tag = "3")]
    timestamp: Option<u64>,
}

/// Why something is refused, as the client is told: a status that is not 0, and a reason.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Refusal {
    /// `Status.errorCode`.
    pub(super) status: i32,
    /// `Status.reason`.
    pub(super) reason: Option<String>,
}

impl Refusal {
    /// A status with a reason.
    pub(super) fn new(status: i32, reason: impl Into<String>) -> Self {
        Self { status, reason: Some(reason.into()) }
    }

    pub(super) fn into_status(self) -> Status {
        Status { error_code: Some(self.status), reason: self.reason, redirect_info: Vec::new() }
    }
}

/// The status of everything that went well.
pub(super) const fn ok() -> Status {
    Status { error_code: Some(0), reason: None, redirect_info: Vec::new() }
}

impl Sync {
    /// The whole frame.
    pub(super) fn into_frame(self) -> Bytes {
        let frame = SyncFrame { version: Some(0), command: Some(Command::Sync as i32), payload: Some(self) };
        Bytes::from(frame.encode_to_vec())
    }
}

/// The answer to one meta: accepted under a server id.
pub(super) fn accepted(meta_id: u64, id: ServerId, now: Moment) -> Bytes {
    accepted_with(meta_id, id, Vec::new(), now)
}

/// The same with metas beside it, which only SDK 4.21.1 takes for part of the answer.
pub(super) fn accepted_with(meta_id: u64, id: ServerId, metas: Vec<Bytes>, now: Moment) -> Bytes {
    Sync {
        metas,
        status: Some(ok()),
        meta_id: Some(meta_id),
        server_id: Some(id.0),
        timestamp: Some(now.as_millis()),
        ..Sync::default()
    }
    .into_frame()
}

/// The answer to one meta, or to a frame that has none: refused.
pub(super) fn refused(meta_id: Option<u64>, refusal: Refusal, now: Moment) -> Bytes {
    Sync { status: Some(refusal.into_status()), meta_id, timestamp: Some(now.as_millis()), ..Sync::default() }
        .into_frame()
}

/// The last page of a queue.
pub(super) fn last_page(queue: Bytes, now: Moment) -> Bytes {
    Sync {
        status: Some(ok()),
        queue: Some(queue),
        is_last: Some(true),
        timestamp: Some(now.as_millis()),
        ..Sync::default()
    }
    .into_frame()
}

/// An empty page of a queue that is not the last, as a fault sends it.
pub(super) fn unfinished_page(queue: Bytes, now: Moment) -> Bytes {
    page(Vec::new(), ServerId(0), queue, now)
}

/// A page of a queue that asks for the key in return.
pub(super) fn page(metas: Vec<Bytes>, next_key: ServerId, queue: Bytes, now: Moment) -> Bytes {
    Sync {
        status: Some(ok()),
        metas,
        next_key: Some(next_key.0),
        queue: Some(queue),
        is_last: Some(false),
        timestamp: Some(now.as_millis()),
        ..Sync::default()
    }
    .into_frame()
}

/// A meta that is pushed once, without a queue to fetch it from.
pub(super) fn push(meta: Bytes, queue: Bytes, now: Moment) -> Bytes {
    Sync {
        status: Some(ok()),
        metas: vec![meta],
        queue: Some(queue),
        is_last: Some(true),
        timestamp: Some(now.as_millis()),
        ..Sync::default()
    }
    .into_frame()
}

/// The answer to UNREAD.
pub(super) fn unread(status: Status, unread: Vec<UnreadQueue>, now: Moment) -> Bytes {
    let payload = Unread { status: Some(status), unread, timestamp: Some(now.as_millis()) };
    envelope(Command::Unread, payload.encode_to_vec())
}

/// NOTICE: this queue holds something.
pub(super) fn notice(queue: &Bytes) -> Bytes {
    let payload = UnreadQueue { queue: Some(queue.clone()), n: None };
    envelope(Command::Notice, payload.encode_to_vec())
}

/// The answer to PROVISION.
pub(super) fn provision(answer: &schema::Provision) -> Bytes {
    envelope(Command::Provision, answer.encode_to_vec())
}

/// One encoded meta.
pub(super) fn meta(
    id: ServerId,
    now: Moment,
    namespace: NameSpace,
    from: Bytes,
    to: Bytes,
    payload: Bytes,
) -> Meta {
    Meta {
        id: Some(id.0),
        from: Some(from),
        to: Some(to),
        timestamp: Some(now.as_millis()),
        ns: Some(namespace as i32),
        payload: Some(payload),
        ext: Vec::new(),
    }
}

fn envelope(command: Command, payload: Vec<u8>) -> Bytes {
    let frame = schema::MSync {
        version: Some(0),
        command: Some(command as i32),
        payload: Some(payload.into()),
        ..schema::MSync::default()
    };
    Bytes::from(frame.encode_to_vec())
}
