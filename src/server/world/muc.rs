//! MUC frames: since SDK 4.x chat rooms are joined and left with them.

use prost::Message as _;

use super::{
    World, connection::not_readable, frame::Refusal, membership::Denied, place::Place, send::Sender, uplink,
};
use crate::protocol::{
    id::ServerId,
    schema::{MucBody, muc_body::Operation, status::ErrorCode},
    time::Moment,
};

impl World {
    /// Joins or leaves for the sender; the refusals are texts that the SDK tells apart.
    pub(super) fn muc(
        &mut self,
        now: Moment,
        sender: Sender,
        meta: &uplink::Meta,
    ) -> Result<ServerId, Refusal> {
        let body = MucBody::decode(meta.payload.clone().unwrap_or_default())
            .map_err(|_| not_readable("a MUCBody"))?;
        let id = body.muc_id.and_then(|jid| jid.name).unwrap_or_default();
        let missing = || fail(format!("grpID {id} does not exist!"));
        let key = self.places.find(&id).ok_or_else(missing)?;
        let is_open = self.places.get(key).is_some_and(Place::is_open);
        let outcome = match Operation::try_from(body.operation.unwrap_or_default()) {
            // Joining again is what a page does after a reconnect.
            Ok(Operation::Join) if is_open => match self.join(now, key, sender.user, None, None) {
                Err(Denied::AlreadyMember) => Ok(()),
                outcome => outcome,
            },
            Ok(Operation::Join) => return Err(fail("Sorry, You do not have permission".to_owned())),
            Ok(Operation::Leave) => self.leave(now, key, sender.user),
            _ => return Err(fail("operation is not served".to_owned())),
        };
        match outcome {
            Ok(()) => Ok(self.ids.next(now)),
            Err(Denied::Gone) => Err(missing()),
            Err(Denied::Full) => Err(fail("group member list is full!".to_owned())),
            Err(Denied::Blocked) => Err(fail("can not join this group, is in the blacklist".to_owned())),
            Err(Denied::NotMember) => Err(fail("not in group or chatroom".to_owned())),
            Err(Denied::IsOwner | Denied::AlreadyMember) => {
                Err(fail("forbidden operation on group owner!".to_owned()))
            }
        }
    }
}

fn fail(reason: String) -> Refusal {
    Refusal::new(ErrorCode::Fail as i32, reason)
}
