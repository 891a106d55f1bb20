//! ROSTER frames: contacts, and whom a user does not want to hear from.

use prost::Message as _;

use super::{
    World,
    connection::not_readable,
    delivery::{Parcel, Reach},
    frame::{self, Refusal},
    mailbox::Peer,
    membership::Change,
    send::{Sender, gone},
    uplink,
    user::UserId,
};
use crate::protocol::{
    id::ServerId,
    schema::{Jid, RosterBody, meta::NameSpace, roster_body::Operation, status::ErrorCode},
    time::Moment,
};

/// Users that one frame may name.
const NAMES: usize = 100;

impl World {
    /// Takes a roster frame. Unknown names in it are passed over, as no client is told of them.
    pub(super) fn roster(
        &mut self,
        now: Moment,
        sender: Sender,
        meta: &uplink::Meta,
    ) -> Result<ServerId, Refusal> {
        let body = RosterBody::decode(meta.payload.clone().unwrap_or_default())
            .map_err(|_| not_readable("a RosterBody"))?;
        let operation = Operation::try_from(body.operation.unwrap_or_default())
            .map_err(|_| Refusal::new(ErrorCode::UnknownCommand as i32, "operation is not served"))?;
        let others: Vec<UserId> = body
            .to
            .iter()
            .take(NAMES)
            .filter_map(|jid| self.users.find(jid.name.as_deref()?))
            .filter(|other| *other != sender.user)
            .collect();
        for other in others {
            match operation {
                Operation::Ban => self.set_blocked(sender.user, other, Change::Add),
                Operation::Allow => self.set_blocked(sender.user, other, Change::Remove),
                Operation::Add | Operation::Decline => {}
                Operation::Accept => self.set_contact(sender.user, other, Change::Add),
                Operation::Remove => self.set_contact(sender.user, other, Change::Remove),
                Operation::GetRoster
                | Operation::GetBlacklist
                | Operation::RemoteAccept
                | Operation::RemoteDecline => {
                    return Err(Refusal::new(ErrorCode::UnknownCommand as i32, "operation is not served"));
                }
            }
            if !matches!(operation, Operation::Ban | Operation::Allow) {
                self.pass_on(now, sender.user, other, operation, body.reason.clone())?;
            }
        }
        Ok(self.ids.next(now))
    }

    fn pass_on(
        &mut self,
        now: Moment,
        from: UserId,
        to: UserId,
        operation: Operation,
        reason: Option<String>,
    ) -> Result<(), Refusal> {
        let (Some(sender), Some(recipient)) = (self.users.get(from), self.users.get(to)) else {
            return Err(gone());
        };
        if recipient.blocked.contains(&from) {
            return Ok(());
        }
        let app_key = &self.settings.app_key;
        let body = RosterBody {
            operation: Some(operation as i32),
            from: Some(Jid::user(app_key, sender.name())),
            to: vec![Jid::user(app_key, recipient.name())],
            reason,
            ..RosterBody::default()
        };
        let (queue, to_jid) = (sender.address.clone(), recipient.address.jid.clone());
        let id = self.ids.next(now);
        let meta =
            frame::meta(id, now, NameSpace::Roster, queue.jid.clone(), to_jid, body.encode_to_vec().into());
        self.post(to, Peer::User(from), &queue, &Parcel::new(id, &meta, Reach::Everybody));
        Ok(())
    }

    /// Puts a user on another's block list or takes the user off.
    pub(super) fn set_blocked(&mut self, owner: UserId, other: UserId, change: Change) {
        if let Some(owner) = self.users.get_mut(owner) {
            match change {
                Change::Add => owner.blocked.insert(other),
                Change::Remove => owner.blocked.remove(&other),
            };
        }
    }

    /// Makes two users contacts of each other, or ends that.
    pub(super) fn set_contact(&mut self, one: UserId, other: UserId, change: Change) {
        for (owner, contact) in [(one, other), (other, one)] {
            if let Some(owner) = self.users.get_mut(owner) {
                match change {
                    Change::Add => owner.contacts.insert(contact),
                    Change::Remove => owner.contacts.remove(&contact),
                };
            }
        }
    }
}
