//! How a meta reaches a user: into the mailbox once, and a NOTICE to each device that is online.

use bytes::Bytes;
use prost::Message as _;

use super::{
    Output, World,
    address::Address,
    fault::Fault,
    frame,
    mailbox::{DeviceId, Entry, Peer},
    place::{Kind, Place, PlaceId},
    user::UserId,
};
use crate::protocol::id::ServerId;

/// A meta on its way, shared by all who get it.
#[derive(Clone, Debug)]
pub(super) struct Parcel {
    pub(super) id: ServerId,
    pub(super) meta: Bytes,
    pub(super) reach: Reach,
    /// The message whose readers it counts, if it is such a receipt.
    pub(super) read: Option<ServerId>,
}

/// Who gets a parcel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reach {
    /// Also who is offline, later.
    Everybody,
    /// Only who is online.
    Online,
}

impl Parcel {
    /// Encodes a meta once for all its recipients.
    pub(super) fn new(id: ServerId, meta: &frame::Meta, reach: Reach) -> Self {
        Self { id, meta: meta.encode_to_vec().into(), reach, read: None }
    }
}

impl Place {
    /// The queue of this place in its members' mailboxes.
    pub(super) const fn peer(&self, key: PlaceId) -> Peer {
        match self.kind {
            Kind::Group => Peer::Group(key),
            Kind::Room => Peer::Room(key),
        }
    }
}

impl World {
    /// Puts a parcel into a user's queue with `peer`.
    pub(super) fn post(&mut self, to: UserId, peer: Peer, queue: &Address, parcel: &Parcel) {
        self.deliver(to, peer, queue, parcel, None);
    }

    /// Gives the sender's other devices a copy of what one of them sent.
    pub(super) fn copy(
        &mut self,
        sender: UserId,
        device: DeviceId,
        peer: Peer,
        queue: &Address,
        parcel: &Parcel,
    ) {
        let others =
            self.users.get(sender).is_some_and(|user| user.online().any(|(other, _)| other != device));
        if self.settings.choices.sender_copies && others {
            self.deliver(sender, peer, queue, parcel, Some(device));
        }
    }

    fn deliver(
        &mut self,
        to: UserId,
        peer: Peer,
        queue: &Address,
        parcel: &Parcel,
        not_for: Option<DeviceId>,
    ) {
        let Some(user) = self.users.get_mut(to) else { return };
        let waits = parcel.reach == Reach::Everybody && !matches!(peer, Peer::Room(_));
        if !waits && !user.is_online() {
            return;
        }
        let not_for = not_for.or_else(|| self.faults.missed(user));
        let entry = Entry { id: parcel.id, meta: parcel.meta.clone(), not_for, read: parcel.read };
        let capacity = self.faults.capacity(user, self.settings.capacity());
        if !user.is_online() && self.faults.strikes(Fault::OfflineTwice) {
            user.mailbox.post(peer, queue, entry.clone(), capacity);
        }
        user.mailbox.post(peer, queue, entry, capacity);
        if self.faults.strikes(Fault::NoNotice) {
            return;
        }
        for device in &user.devices {
            if let Some(connection) = device.connection
                && not_for != Some(device.id)
                && user.mailbox.notice(peer, device.id)
            {
                self.outputs.push_back((connection, Output::Send(queue.notice.clone())));
            }
        }
    }
}
