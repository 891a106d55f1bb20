//! RECALL: its sender takes a message back, for a while.

use super::{
    World,
    frame::Refusal,
    history::Conversation,
    mailbox::Peer,
    send::{Letter, Sender, gone},
    user::UserId,
};
use crate::protocol::{id::ServerId, schema::status::ErrorCode, time::Moment};

impl World {
    /// Takes a message out of the history and out of every queue, and tells everybody who has it.
    pub(super) fn recall(
        &mut self,
        now: Moment,
        sender: Sender,
        letter: &Letter<'_>,
    ) -> Result<ServerId, Refusal> {
        if !self.settings.services.recall {
            return Err(fail("message recall disabled"));
        }
        let message = ServerId(letter.body.ack_message_id.unwrap_or_default());
        let (conversation, peer, address, others) = self.parties(sender.user, letter)?;
        // Whoever did not send it has no business knowing that it exists.
        let said = self
            .history
            .find(conversation, message)
            .filter(|said| said.sender == sender.user)
            .ok_or_else(|| fail("recall message not found"))?;
        if now.since(said.at) > self.settings.limits.recall_window {
            return Err(fail("exceed recall time limit"));
        }
        let parcel = self.parcel(now, sender, letter, &address)?;
        self.history.remove(conversation, message);
        let from = self.users.get(sender.user).map(|user| user.address.clone()).ok_or_else(gone)?;
        for other in others {
            // In single chat the other side knows the queue by the sender's name.
            let (peer, queue) = match peer {
                Peer::User(_) => (Peer::User(sender.user), &from),
                Peer::Group(_) | Peer::Room(_) => (peer, &address),
            };
            if let Some(user) = self.users.get_mut(other) {
                user.mailbox.remove(peer, message);
            }
            self.post(other, peer, queue, &parcel);
        }
        if let Some(user) = self.users.get_mut(sender.user) {
            user.mailbox.remove(peer, message);
        }
        self.copy(sender.user, sender.device, peer, &address, &parcel);
        Ok(parcel.id)
    }

    /// The conversation that a letter belongs to: its queue for the sender, its address, and
    /// everybody else in it.
    fn parties(
        &self,
        sender: UserId,
        letter: &Letter<'_>,
    ) -> Result<(Conversation, Peer, super::address::Address, Vec<UserId>), Refusal> {
        if letter.is_to_conference() {
            let key = self.places.find(letter.to).ok_or_else(|| fail("group not found"))?;
            let place = self.places.get(key).ok_or_else(gone)?;
            let others = place.members.keys().copied().filter(|member| *member != sender).collect();
            Ok((Conversation::Place(key), place.peer(key), place.address.clone(), others))
        } else {
            let to = self.users.find(letter.to).ok_or_else(|| fail("recall message not found"))?;
            let address = self.users.get(to).ok_or_else(gone)?.address.clone();
            Ok((Conversation::between(sender, to), Peer::User(to), address, vec![to]))
        }
    }
}

fn fail(reason: &str) -> Refusal {
    Refusal::new(ErrorCode::Fail as i32, reason)
}
