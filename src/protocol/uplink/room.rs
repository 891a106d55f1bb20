//! Joining and leaving chat rooms over the connection, as 4.21.1 does it; the others use REST.

use bytes::Bytes;
use prost::Message;

use super::{Sender, envelope};
use crate::protocol::{
    id::LocalId,
    jid::USER_DOMAIN,
    schema::{CommSyncUl, Jid, Meta, MucBody, meta, muc_body},
    trace::TraceId,
};

/// What a user does to its membership of a chat room.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RoomRequest {
    /// `joinChatRoom`.
    Join {
        /// Words for the other members, `ext`.
        ext: String,
        /// `leaveOtherRooms`: leaves every other room as well.
        leave_others: bool,
    },
    /// `leaveChatRoom`, `quitChatRoom`.
    Leave,
}

/// The frame of one request; its sender is named without a device.
pub(super) fn encode(
    sender: &Sender,
    id: LocalId,
    room: &str,
    request: &RoomRequest,
    trace: Option<TraceId>,
) -> Bytes {
    let identity = &sender.identity;
    let named = MucBody {
        muc_id: Some(Jid::conference(&identity.app_key, room)),
        from: Some(Jid::named(&identity.user)),
        is_chatroom: Some(true),
        ..MucBody::default()
    };
    let body = match request {
        RoomRequest::Join { ext, leave_others } => MucBody {
            operation: Some(muc_body::Operation::Join.into()),
            ext: Some(ext.clone()),
            leave_other_rooms: Some(*leave_others),
            ..named
        },
        RoomRequest::Leave => MucBody { operation: Some(muc_body::Operation::Leave.into()), ..named },
    };
    let meta = Meta {
        id: Some(id.0),
        from: Some(Jid::user(&identity.app_key, &identity.user)),
        to: Some(Jid { domain: Some(USER_DOMAIN.to_owned()), ..Jid::default() }),
        ns: Some(meta::NameSpace::Muc.into()),
        payload: Some(body.encode_to_vec().into()),
        ..Meta::default()
    };
    envelope::sync(sender, &CommSyncUl { meta: Some(meta), ..CommSyncUl::default() }, trace)
}
