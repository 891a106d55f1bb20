//! Contacts and block lists: what one user does about another, and which of the two hears of it.
//!
//! Who hears what follows 用户关系管理 of the service's documents: who is asked `onContactInvited`, who asked
//! `onContactAgreed` or `onContactRefuse`, who agreed `onContactAdded`, who was removed `onContactDeleted`.
//! Of a block list only its owner's devices hear, and read it again.

use prost::Message as _;

use super::{
    World,
    delivery::{Parcel, Reach},
    frame,
    mailbox::Peer,
    standing::Change,
    user::UserId,
};
use crate::protocol::{
    schema::{Jid, RosterBody, meta::NameSpace, roster_body::Operation},
    time::Moment,
};

/// Most requests that wait for one user; past it the oldest account's is dropped.
const REQUESTS: usize = 500;
/// Most characters of a reason that are passed on.
const REASON_CHARS: usize = 512;

/// What somebody answers who was asked to become a contact.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Answer {
    /// They are contacts now.
    Accept,
    /// They are not.
    Decline,
}

/// What a ROSTER meta says.
struct News<'a> {
    from: UserId,
    to: &'a [UserId],
    operation: Operation,
    reason: &'a str,
}

impl World {
    /// One user asks another to become a contact. Who is blocked asks in vain.
    pub(super) fn ask_contact(&mut self, now: Moment, from: UserId, to: UserId, reason: &str) {
        let Some(asked) = self.users.get_mut(to) else { return };
        if asked.blocked.contains(&from) {
            return;
        }
        asked.requests.insert(from);
        if asked.requests.len() > REQUESTS {
            asked.requests.pop_first();
        }
        self.tell_contact(now, to, from, Operation::Add, reason);
    }

    /// A user answers another who had asked; `false` if that one had not.
    pub(super) fn answer_contact(
        &mut self,
        now: Moment,
        from: UserId,
        to: UserId,
        answer: Answer,
        reason: &str,
    ) -> bool {
        if !self.users.get_mut(from).is_some_and(|user| user.requests.remove(&to)) {
            return false;
        }
        match answer {
            Answer::Accept => {
                self.set_contact(from, to, Change::Add);
                self.tell_contact(now, to, from, Operation::RemoteAccept, reason);
                self.tell_contact(now, from, to, Operation::Accept, "");
            }
            Answer::Decline => self.tell_contact(now, to, from, Operation::RemoteDecline, reason),
        }
        true
    }

    /// Whether a user's block list has room for these beside those that are on it.
    pub(super) fn block_list_takes(&self, owner: UserId, others: &[UserId]) -> bool {
        self.users.get(owner).is_some_and(|user| {
            let added = others.iter().filter(|other| !user.blocked.contains(other)).count();
            user.blocked.len() + added <= self.settings.limits.block_list
        })
    }

    /// Whether two users can become contacts: neither has as many as a user may.
    pub(super) fn contact_lists_take(&self, one: UserId, other: UserId) -> bool {
        let limit = self.settings.limits.contacts;
        [one, other].iter().all(|user| self.users.get(*user).is_some_and(|user| user.contacts.len() < limit))
    }

    /// The app makes two users contacts.
    pub(super) fn add_contact(&mut self, now: Moment, one: UserId, other: UserId) {
        if self.set_contact(one, other, Change::Add) {
            self.tell_contact(now, one, other, Operation::Accept, "");
            self.tell_contact(now, other, one, Operation::Accept, "");
        }
    }

    /// A user removes a contact; for both it ends.
    pub(super) fn remove_contact(&mut self, now: Moment, from: UserId, to: UserId, reason: &str) {
        if self.set_contact(from, to, Change::Remove) {
            self.tell_contact(now, to, from, Operation::Remove, reason);
        }
    }

    /// Makes two users contacts of each other, or ends that; `false` if nothing changed.
    fn set_contact(&mut self, one: UserId, other: UserId, change: Change) -> bool {
        let mut has_changed = false;
        for (owner, contact) in [(one, other), (other, one)] {
            if let Some(owner) = self.users.get_mut(owner) {
                has_changed |= match change {
                    Change::Add => owner.contacts.insert(contact),
                    Change::Remove => owner.contacts.remove(&contact),
                };
                owner.requests.remove(&contact);
                if change == Change::Remove {
                    owner.remarks.remove(&contact);
                }
            }
        }
        has_changed
    }

    /// Puts users on another's block list or takes them off, and tells the owner's devices once.
    pub(super) fn set_blocked(&mut self, now: Moment, owner: UserId, others: &[UserId], change: Change) {
        let Some(user) = self.users.get_mut(owner) else { return };
        for other in others {
            match change {
                Change::Add => user.blocked.insert(*other),
                Change::Remove => user.blocked.remove(other),
            };
        }
        let operation = match change {
            Change::Add => Operation::Ban,
            Change::Remove => Operation::Allow,
        };
        // Where it is told matters to nobody: in the queue of the first, which the owner reads anyway.
        if let Some(first) = others.first() {
            self.tell_roster(now, owner, *first, &News { from: owner, to: others, operation, reason: "" });
        }
    }

    fn tell_contact(&mut self, now: Moment, told: UserId, about: UserId, operation: Operation, reason: &str) {
        self.tell_roster(now, told, about, &News { from: about, to: &[told], operation, reason });
    }

    /// Puts a ROSTER meta into one user's queue with another.
    fn tell_roster(&mut self, now: Moment, told: UserId, queue: UserId, news: &News<'_>) {
        let app_key = &self.settings.app_key;
        let jid = |user: UserId| self.users.get(user).map(|user| Jid::user(app_key, user.name()));
        let Some(queue_of) = self.users.get(queue).map(|user| user.address.clone()) else { return };
        let Some(reader) = self.users.get(told).map(|user| user.address.jid.clone()) else { return };
        let reason: String = news.reason.chars().take(REASON_CHARS).collect();
        let body = RosterBody {
            operation: Some(news.operation as i32),
            from: jid(news.from),
            to: news.to.iter().filter_map(|user| jid(*user)).collect(),
            reason: Some(reason).filter(|reason| !reason.is_empty()),
            ..RosterBody::default()
        };
        let id = self.ids.next(now);
        let payload = body.encode_to_vec().into();
        let meta = frame::meta(id, now, NameSpace::Roster, queue_of.jid.clone(), reader, payload);
        self.post(told, Peer::User(queue), &queue_of, &Parcel::new(id, &meta, Reach::Everybody));
    }
}
