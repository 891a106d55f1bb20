//! Changes to the contact list and the block list.

use bytes::Bytes;
use prost::Message;

use super::{Sender, envelope};
use crate::protocol::{
    generation::Generation,
    id::LocalId,
    schema::{CommSyncUl, Jid, Meta, RosterBody, meta, roster_body},
    trace::TraceId,
};

/// Whom the SDK addresses with roster changes: a domain with a stray `@`.
const ROSTER_DOMAIN: &str = "@easemob.com";

/// What a user does to its contact list or block list.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Contact {
    /// Asks to become a contact; `subscribe`, `addContact`.
    Invite,
    /// Drops a contact; `removeRoster`, `deleteContact`.
    Remove,
    /// Accepts an invitation; `subscribed`, `acceptInvitation`.
    Accept,
    /// Declines an invitation; `unsubscribed`, `declineInvitation`.
    Decline,
    /// Blocks users; `addToBlackList`.
    Block,
    /// Unblocks users; `removeFromBlackList`.
    Unblock,
}

/// One change to the contact list or block list; nothing answers it but an ack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RosterRequest {
    /// What is done.
    pub action: Contact,
    /// To whom.
    pub users: Vec<String>,
    /// The words that go with it. 4.x sends an empty text in place of none.
    pub reason: Option<String>,
}

/// The frame of one request.
pub(super) fn encode(sender: &Sender, id: LocalId, request: &RosterRequest, trace: Option<TraceId>) -> Bytes {
    let operation = match request.action {
        Contact::Invite => roster_body::Operation::Add,
        Contact::Remove => roster_body::Operation::Remove,
        Contact::Accept => roster_body::Operation::Accept,
        Contact::Decline => roster_body::Operation::Decline,
        Contact::Block => roster_body::Operation::Ban,
        Contact::Unblock => roster_body::Operation::Allow,
    };
    let app_key = &sender.identity.app_key;
    let body = RosterBody {
        operation: Some(operation.into()),
        from: Some(sender.identity.jid()),
        to: request.users.iter().map(|user| Jid::user(app_key, user)).collect(),
        reason: match sender.generation {
            Generation::V3_6_3 => request.reason.clone(),
            Generation::V4_0_8 | Generation::V4_21_1 => Some(request.reason.clone().unwrap_or_default()),
        },
        ..RosterBody::default()
    };
    let meta = Meta {
        id: Some(id.0),
        from: Some(sender.identity.jid()),
        to: Some(Jid { domain: Some(ROSTER_DOMAIN.to_owned()), ..Jid::default() }),
        ns: Some(meta::NameSpace::Roster.into()),
        payload: Some(body.encode_to_vec().into()),
        ..Meta::default()
    };
    envelope::sync(sender, &CommSyncUl { meta: Some(meta), ..CommSyncUl::default() }, trace)
}
