//! What a message leaves behind for those who talk: its place in the history and in their session
//! lists, until it is taken back or deleted.

use super::{
    World,
    fault::Fault,
    history::{Conversation, Said},
    mailbox::Peer,
    place::Kind,
    send::Letter,
    session_list::Author,
    user::UserId,
};
use crate::protocol::time::Moment;

impl World {
    /// Keeps what was said.
    pub(super) fn keep(&mut self, conversation: Conversation, said: Said) {
        if self.settings.services.sessions && said.is_listed() && !self.is_room(conversation) {
            let limit = self.settings.limits.sessions_per_user;
            for (reader, peer) in self.readers(conversation) {
                if let Some(user) = self.users.get_mut(reader) {
                    let mut author = author(said.sender, reader);
                    if author == Author::Owner && self.faults.strikes(Fault::CountsOwn) {
                        author = Author::Other;
                    }
                    user.sessions.add(peer, said.id, &said.meta, author, limit);
                }
            }
        }
        self.history.add(conversation, said);
    }

    /// Takes a message out of the history, and out of every queue and session list that has it.
    pub(super) fn take_back(&mut self, conversation: Conversation, said: &Said) {
        if !self.faults.strikes(Fault::HistoryKeeps) {
            self.history.remove(conversation, said.id);
        }
        self.group_acks.forget(said.id);
        for (reader, peer) in self.readers(conversation) {
            let Some(user) = self.users.get_mut(reader) else { continue };
            if user.is_online() || !self.faults.strikes(Fault::LateDelivery) {
                user.mailbox.remove(peer, said.id);
            }
            if said.is_listed() && !self.faults.strikes(Fault::RecallKeepsCount) {
                let last = self
                    .history
                    .last_listed(conversation, user.deleted_up_to(conversation))
                    .map(|last| (last.id, last.meta.clone()));
                user.sessions.recall(peer, said.id, author(said.sender, reader), last);
            }
        }
    }

    /// A user says that the whole conversation with the addressee of a letter is read.
    pub(super) fn mark_read(&mut self, now: Moment, user: UserId, letter: &Letter<'_>) {
        let peer = if letter.is_to_conference() {
            self.places.find(letter.to).and_then(|key| Some(self.places.get(key)?.peer(key)))
        } else {
            self.users.find(letter.to).map(Peer::User)
        };
        let newest = self.ids.next(now);
        if let (Some(peer), Some(user)) = (peer, self.users.get_mut(user))
            && !self.faults.strikes(Fault::AckIgnored)
        {
            user.sessions.read(peer, newest);
        }
    }

    /// Hides what was said so far in a conversation from one user. The others keep it.
    pub(super) fn delete_history(&mut self, user: UserId, conversation: Conversation) {
        let Some(last) = self.history.last(conversation).map(|said| said.id) else { return };
        if let Some(user) = self.users.get_mut(user) {
            // What nobody can read any more needs no mark.
            user.deleted.retain(|conversation, _| self.history.has(*conversation));
            user.deleted.insert(conversation, last);
        }
    }

    /// Everybody in whose session list a conversation is, and what it is called there.
    pub(super) fn readers(&self, conversation: Conversation) -> Vec<(UserId, Peer)> {
        match conversation {
            Conversation::Single(one, other) if one == other => vec![(one, Peer::User(one))],
            Conversation::Single(one, other) => vec![(one, Peer::User(other)), (other, Peer::User(one))],
            Conversation::Place(key) => self.places.get(key).map_or_else(Vec::new, |place| {
                place.members.keys().map(|member| (*member, place.peer(key))).collect()
            }),
        }
    }

    fn is_room(&self, conversation: Conversation) -> bool {
        let Conversation::Place(key) = conversation else { return false };
        self.places.get(key).is_some_and(|place| place.kind == Kind::Room)
    }
}

fn author(sender: UserId, reader: UserId) -> Author {
    if sender == reader { Author::Owner } else { Author::Other }
}
