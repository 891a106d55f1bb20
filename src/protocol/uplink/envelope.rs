//! The MSync around everything, and the frames that are little more than it.

use bytes::Bytes;
use prost::Message;

use super::Sender;
use crate::protocol::{
    generation::Generation,
    schema::{CommSyncUl, EncryptType, MSync, Meta, StatisticsBody, m_sync, meta, statistics_body},
    time::Moment,
    trace::TraceId,
};

/// The fields that every frame carries.
pub(super) fn msync(
    sender: &Sender,
    command: m_sync::Command,
    payload: Option<Vec<u8>>,
    trace: Option<TraceId>,
) -> MSync {
    MSync {
        version: Some(m_sync::Version::MsyncV1.into()),
        command: Some(command.into()),
        payload: payload.map(Into::into),
        encrypt_type: vec![EncryptType::EncryptNone.into()],
        trace_id: trace.filter(|_| sender.generation == Generation::V4_21_1).map(|id| id.0),
        ..MSync::default()
    }
}

/// SYNC without the sender's address.
pub(super) fn sync(sender: &Sender, payload: &CommSyncUl, trace: Option<TraceId>) -> Bytes {
    msync(sender, m_sync::Command::Sync, Some(payload.encode_to_vec()), trace).encode_to_vec().into()
}

/// UNREAD carries nothing.
pub(super) fn unread(sender: &Sender, trace: Option<TraceId>) -> Bytes {
    msync(sender, m_sync::Command::Unread, None, trace).encode_to_vec().into()
}

/// STATISTIC has neither sender nor receiver, and the time for an id.
pub(super) fn statistic(sender: &Sender, now: Moment, trace: Option<TraceId>) -> Bytes {
    let body = StatisticsBody {
        operation: Some(statistics_body::Operation::Information.into()),
        ..StatisticsBody::default()
    };
    let meta = Meta {
        id: Some(now.as_millis()),
        ns: Some(meta::NameSpace::Statistic.into()),
        payload: Some(body.encode_to_vec().into()),
        ..Meta::default()
    };
    sync(sender, &CommSyncUl { meta: Some(meta), ..CommSyncUl::default() }, trace)
}
