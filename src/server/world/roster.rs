//! ROSTER frames: with them, SDKs up to 4.1.2 manage contacts and whom a user does not want to hear from.

use prost::Message as _;

use super::{
    World, connection::not_readable, contact::Answer, frame::Refusal, send::Sender, standing::Change, uplink,
    user::UserId,
};
use crate::protocol::{
    id::ServerId,
    schema::{RosterBody, roster_body::Operation, status::ErrorCode},
    time::Moment,
};

/// Users that one frame may name.
const NAMES: usize = 100;

impl World {
    /// Takes a roster frame. Unknown names in it are passed over, and answers to nobody's question, as
    /// no client is told of them.
    pub(super) fn roster(
        &mut self,
        now: Moment,
        sender: Sender,
        meta: &uplink::Meta,
    ) -> Result<ServerId, Refusal> {
        let body = RosterBody::decode(meta.payload.clone().unwrap_or_default())
            .map_err(|_| not_readable("a RosterBody"))?;
        let not_served = || Refusal::new(ErrorCode::UnknownCommand as i32, "operation is not served");
        let operation = Operation::try_from(body.operation.unwrap_or_default()).map_err(|_| not_served())?;
        let reason = body.reason.as_deref().unwrap_or_default();
        let user = sender.user;
        let others: Vec<UserId> = body
            .to
            .iter()
            .take(NAMES)
            .filter_map(|jid| self.users.find(jid.name.as_deref()?))
            .filter(|other| *other != user)
            .collect();
        self.must_serve(operation)?;
        let full = || Refusal::new(ErrorCode::Fail as i32, "the list is full");
        match operation {
            Operation::Ban if !self.block_list_takes(user, &others) => return Err(full()),
            Operation::Accept if others.iter().any(|other| !self.contact_lists_take(user, *other)) => {
                return Err(full());
            }
            Operation::Ban => self.set_blocked(now, user, &others, Change::Add),
            Operation::Allow => self.set_blocked(now, user, &others, Change::Remove),
            Operation::Add => others.iter().for_each(|other| self.ask_contact(now, user, *other, reason)),
            Operation::Accept | Operation::Decline => {
                let answer = if operation == Operation::Accept { Answer::Accept } else { Answer::Decline };
                for other in others {
                    self.answer_contact(now, user, other, answer, reason);
                }
            }
            Operation::Remove => {
                others.iter().for_each(|other| self.remove_contact(now, user, *other, reason));
            }
            Operation::GetRoster
            | Operation::GetBlacklist
            | Operation::RemoteAccept
            | Operation::RemoteDecline => return Err(not_served()),
        }
        Ok(self.ids.next(now))
    }

    /// Refuses what belongs to a closed service.
    fn must_serve(&self, operation: Operation) -> Result<(), Refusal> {
        let services = &self.settings.services;
        let (is_open, name) = match operation {
            Operation::Ban | Operation::Allow | Operation::GetBlacklist => (services.blocks, "block"),
            Operation::Add
            | Operation::Remove
            | Operation::Accept
            | Operation::Decline
            | Operation::GetRoster
            | Operation::RemoteAccept
            | Operation::RemoteDecline => (services.contacts, "contact"),
        };
        if is_open {
            Ok(())
        } else {
            Err(Refusal::new(ErrorCode::Fail as i32, format!("{name} service not open!")))
        }
    }
}
