//! Faults of reading queues.

use bytes::Bytes;

use super::{Fault, Faults};
use crate::{
    protocol::{id::ServerId, jid::CONFERENCE_DOMAIN, time::Moment},
    server::world::{
        World,
        frame::UnreadQueue,
        history::Conversation,
        mailbox::{DeviceId, PAGE_METAS, Page, Peer},
        uplink::Target,
        user::UserId,
    },
};

/// Whose queue is read, for faults that count by queue.
type Reader = (UserId, DeviceId, Option<Peer>);

impl Faults {
    /// The lines of an UNREAD answer.
    pub(in crate::server::world) fn unread(&self, mut queues: Vec<UnreadQueue>) -> Vec<UnreadQueue> {
        if !queues.is_empty() && self.strikes(Fault::UnreadOmitsQueue) {
            queues.remove(0);
        }
        queues
    }

    /// A page that is on its way. `before` is the item that the request acknowledges.
    pub(in crate::server::world) fn page(&self, page: &mut Page, key: Option<u64>, before: Option<Bytes>) {
        if key.is_some() && self.strikes(Fault::ResumeSkipsOne) {
            page.metas.remove(0);
        }
        if page.metas.len() == PAGE_METAS && self.strikes(Fault::PageDropsLast) {
            page.metas.pop();
        }
        if page.metas.len() > 1 && self.strikes(Fault::SyncUnsorted) {
            page.metas.reverse();
        }
        if let Some(before) = before
            && self.strikes(Fault::PageRepeatsFirst)
        {
            page.metas.insert(0, before);
        }
    }

    /// The key that a page asks for in return.
    pub(in crate::server::world) fn next_key(
        &self,
        reader: Reader,
        next: ServerId,
        key: Option<u64>,
    ) -> ServerId {
        if self.strikes_in(Fault::NextkeyStuck, reader) { ServerId(key.unwrap_or_default()) } else { next }
    }
}

impl World {
    /// The item that a request acknowledges, for a fault that sends it again.
    pub(in crate::server::world) fn item_before(
        &self,
        reader: UserId,
        peer: Peer,
        key: Option<u64>,
    ) -> Option<Bytes> {
        if self.faults.is_off() {
            return None;
        }
        let conversation = match peer {
            Peer::User(other) => Conversation::between(reader, other),
            Peer::Group(key) | Peer::Room(key) => Conversation::Place(key),
            Peer::System => return None,
        };
        self.history.find(conversation, ServerId(key?)).map(|said| said.meta.clone())
    }

    /// What somebody reads in a queue that is not theirs: what was said to or by whom it names.
    pub(in crate::server::world) fn open_queue(
        &self,
        reader: UserId,
        target: &Target,
        key: Option<u64>,
    ) -> Option<Page> {
        if self.faults.is_off() {
            return None;
        }
        let name = target.name.as_deref()?;
        let is_conference = target.domain.as_deref() == Some(CONFERENCE_DOMAIN);
        let place = self.places.find(name).filter(|_| is_conference);
        let other = self.users.find(name).filter(|_| !is_conference);
        let is_foreign = |conversation: Conversation| match conversation {
            Conversation::Place(key) => {
                place == Some(key)
                    && self.places.get(key).is_some_and(|place| !place.members.contains_key(&reader))
            }
            Conversation::Single(one, two) => {
                other.is_some_and(|other| other == one || other == two) && one != reader && two != reader
            }
        };
        let after = ServerId(key.unwrap_or_default());
        let said = self.history.said_between(Moment::default(), Moment::from_micros(u64::MAX));
        let items: Vec<_> = said
            .filter(|(conversation, said)| is_foreign(*conversation) && said.id > after)
            .take(PAGE_METAS)
            .collect();
        let key = items.last()?.1.id;
        let page = Page { metas: items.into_iter().map(|(_, said)| said.meta.clone()).collect(), key };
        self.faults.strikes(Fault::OpenQueues).then_some(page)
    }
}
