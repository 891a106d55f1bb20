//! What a device asks of its queues: which hold something, and page by page what.

use bytes::Bytes;
use prost::Message as _;

use super::{
    ConnectionId, World,
    connection::not_readable,
    fault::Fault,
    frame::{self, UnreadQueue},
    mailbox::{DeviceId, Peer},
    place::Kind,
    uplink::Target,
    user::UserId,
};
use crate::protocol::{id::ServerId, jid::CONFERENCE_DOMAIN, time::Moment};

impl World {
    /// UNREAD: every queue that holds something is named, whether or not it was before.
    pub(super) fn unread(&mut self, now: Moment, id: ConnectionId, user: UserId, device: DeviceId) {
        let Some(user) = self.users.get_mut(user) else { return };
        let queues: Vec<_> = user
            .mailbox
            .unread(device)
            .into_iter()
            .map(|(address, count)| UnreadQueue {
                queue: Some(address.jid.clone()),
                n: Some(u32::try_from(count).unwrap_or(u32::MAX)),
            })
            .collect();
        let answer = frame::unread(frame::ok(), self.faults.unread(queues), now);
        self.send(id, answer);
    }

    /// SYNC of a queue: a key acknowledges everything up to it; the answer is what is left, or an
    /// empty last page.
    pub(super) fn fetch(
        &mut self,
        now: Moment,
        id: ConnectionId,
        user: UserId,
        device: DeviceId,
        queue: Bytes,
        key: Option<u64>,
    ) {
        let Ok(target) = Target::decode(queue.clone()) else {
            self.send(id, frame::refused(None, not_readable("a JID"), now));
            return;
        };
        let peer = self.peer(user, &target);
        let reader = (user, device, peer);
        let before = peer.and_then(|peer| self.item_before(user, peer, key));
        let Some(user) = self.users.get_mut(user) else { return };
        let mut page = None;
        if let Some(peer) = peer {
            if let Some(key) = key {
                user.mailbox.acknowledge(peer, device, ServerId(key));
            }
            page = user.mailbox.page(peer, device);
            if let Some(page) = &mut page {
                self.faults.page(page, key, before);
                if self.faults.strikes(Fault::PurgeOnSend) {
                    user.mailbox.acknowledge(peer, device, page.key);
                }
            }
        }
        let page = page.or_else(|| self.open_queue(reader.0, &target, key));
        let answer = match page {
            Some(page) => frame::page(page.metas, self.faults.next_key(reader, page.key, key), queue, now),
            None if self.faults.strikes_in(Fault::EmptyNotLast, reader) => frame::unfinished_page(queue, now),
            None => frame::last_page(queue, now),
        };
        self.send(id, answer);
    }

    fn peer(&self, user: UserId, queue: &Target) -> Option<Peer> {
        let name = queue.name.as_deref()?;
        let is_conference = queue.domain.as_deref() == Some(CONFERENCE_DOMAIN);
        let mailbox = &self.users.get(user)?.mailbox;
        let live = if is_conference {
            self.places.find(name).and_then(|key| Some((key, self.places.get(key)?.kind))).map(
                |(key, kind)| match kind {
                    Kind::Group => Peer::Group(key),
                    Kind::Room => Peer::Room(key),
                },
            )
        } else {
            self.users.find(name).map(Peer::User)
        };
        // The queue of a group that is gone, or of one whose successor bears its id, is still read.
        live.filter(|peer| mailbox.has(*peer)).or_else(|| {
            mailbox.find(|address| &*address.name == name && address.is_conference == is_conference)
        })
    }
}
