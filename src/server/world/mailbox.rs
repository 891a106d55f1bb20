//! What waits for one user: a queue for each conversation, read by each of the user's devices at
//! its own pace.
//!
//! An entry is kept once for all devices and dropped when every known device has acknowledged it.
//! A device that logs in for the first time starts behind the last entry that any other device
//! acknowledged: what one device has taken is history to the next.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use super::{
    address::{Address, Encoded},
    place::PlaceId,
    user::UserId,
};
use crate::protocol::id::ServerId;

/// Most metas of one page: fewer than the 100 ids that clients remember to drop repeated ones.
pub(super) const PAGE_METAS: usize = 50;
/// A page is closed behind the meta that passes this many bytes.
const PAGE_BYTES: usize = 64 * 1024;

/// One device of one user; never reused for that user.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct DeviceId(pub(super) u32);

/// Whom a queue is shared with.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) enum Peer {
    /// Another user.
    User(UserId),
    /// A group.
    Group(PlaceId),
    /// A chat room: nothing in it outlives the user's last connection.
    Room(PlaceId),
    /// The server itself.
    System,
}

/// One meta that waits.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its id, above that of every earlier entry.
    pub(super) id: ServerId,
    /// The encoded meta, shared between recipients.
    pub(super) meta: Bytes,
    /// The device that sent it and does not get it back.
    pub(super) not_for: Option<DeviceId>,
    /// The message whose readers it counts, if it is such a receipt.
    pub(super) read: Option<ServerId>,
}

/// The queues of one user.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    queues: HashMap<Peer, Queue>,
    /// Every device that has a place in the queues, oldest first.
    devices: Vec<DeviceId>,
    /// What all queues but those of rooms hold.
    stored: Stored,
}

/// How much is held.
#[derive(Clone, Copy, Debug, Default)]
struct Stored {
    entries: usize,
    bytes: usize,
}

impl Stored {
    fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        entries.into_iter().fold(Self::default(), |held, entry| Self {
            entries: held.entries + 1,
            bytes: held.bytes + entry.meta.len(),
        })
    }

    const fn add(&mut self, more: Self) {
        self.entries += more.entries;
        self.bytes += more.bytes;
    }

    const fn subtract(&mut self, less: Self) {
        self.entries -= less.entries;
        self.bytes -= less.bytes;
    }
}

#[derive(Debug)]
struct Queue {
    address: Address,
    entries: VecDeque<Entry>,
    /// The last entry that any device acknowledged.
    taken: ServerId,
    readers: Vec<Reader>,
}

/// Where one device is in one queue.
#[derive(Debug)]
struct Reader {
    device: DeviceId,
    acknowledged: ServerId,
    /// A NOTICE is out, and the device has not fetched the queue to its end since.
    noticed: bool,
}

/// A page for one device.
pub(super) struct Page {
    /// The encoded metas, oldest first.
    pub(super) metas: Vec<Bytes>,
    /// What acknowledges them.
    pub(super) key: ServerId,
}

/// How much a mailbox keeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capacity {
    /// Entries of users and groups together.
    pub(super) stored: usize,
    /// Bytes of these entries, of which the newest stays whatever its size.
    pub(super) bytes: usize,
    /// Entries of one room.
    pub(super) room: usize,
}

impl Mailbox {
    /// Appends an entry; at its capacity the mailbox drops its oldest.
    pub(super) fn post(&mut self, peer: Peer, address: &Address, entry: Entry, capacity: Capacity) {
        let is_room = matches!(peer, Peer::Room(_));
        let weight = Stored::of([&entry]);
        let is_full = |stored: &Stored| {
            stored.entries >= capacity.stored || stored.bytes + weight.bytes > capacity.bytes
        };
        while !is_room && self.stored.entries > 0 && is_full(&self.stored) {
            self.drop_oldest();
        }
        let queue = self.queues.entry(peer).or_insert_with(|| Queue::new(address));
        if is_room && queue.entries.len() >= capacity.room {
            queue.entries.pop_front();
        }
        let is_copy = entry.not_for.is_some();
        queue.entries.push_back(entry);
        if !is_room {
            self.stored.add(weight);
        }
        if is_copy {
            self.settle(peer);
        }
    }

    /// Whether the device must be told of this queue; it then counts as told.
    pub(super) fn notice(&mut self, peer: Peer, device: DeviceId) -> bool {
        self.queues
            .get_mut(&peer)
            .is_some_and(|queue| !std::mem::replace(&mut queue.reader(device).noticed, true))
    }

    /// Everything up to `key` has reached the device. Keys beyond the queue's end count as its end.
    pub(super) fn acknowledge(&mut self, peer: Peer, device: DeviceId, key: ServerId) {
        let Some(queue) = self.queues.get_mut(&peer) else { return };
        let Some(end) = queue.entries.back().map(|entry| entry.id) else { return };
        let key = key.min(end);
        let reader = queue.reader(device);
        reader.acknowledged = reader.acknowledged.max(key);
        queue.taken = queue.taken.max(key);
        self.settle(peer);
    }

    /// The next page of a queue for a device; `None` at its end, where the device counts as
    /// not told of it.
    pub(super) fn page(&mut self, peer: Peer, device: DeviceId) -> Option<Page> {
        let queue = self.queues.get_mut(&peer)?;
        let mut metas = Vec::new();
        let mut key = None;
        let mut bytes = 0;
        for entry in queue.pending(device) {
            if metas.len() == PAGE_METAS || bytes > PAGE_BYTES {
                break;
            }
            bytes += entry.meta.len();
            metas.push(entry.meta.clone());
            key = Some(entry.id);
        }
        if key.is_none() {
            queue.reader(device).noticed = false;
            self.settle(peer);
        }
        key.map(|key| Page { metas, key })
    }

    /// Every queue that holds something for the device, by its oldest entry, and how much; the
    /// device counts as not told of any.
    pub(super) fn unread(&mut self, device: DeviceId) -> Vec<(Address, usize)> {
        let mut found = Vec::new();
        for queue in self.queues.values_mut() {
            queue.reader(device).noticed = false;
            let mut pending = queue.pending(device);
            if let Some(first) = pending.next() {
                found.push((first.id, queue.address.clone(), 1 + pending.count()));
            }
        }
        self.queues.retain(|_, queue| queue.is_needed());
        found.sort_unstable_by_key(|(first, ..)| *first);
        found.into_iter().map(|(_, address, count)| (address, count)).collect()
    }

    /// Whether there is such a queue.
    pub(super) fn has(&self, peer: Peer) -> bool {
        self.queues.contains_key(&peer)
    }

    /// The first queue with such an address, even if its user or group is gone.
    pub(super) fn find(&self, is_it: impl Fn(&Encoded) -> bool) -> Option<Peer> {
        self.queues.iter().filter(|(_, queue)| is_it(&queue.address)).map(|(peer, _)| *peer).min()
    }

    /// Gives a device its place: behind what other devices have taken, and behind what rooms hold.
    pub(super) fn admit(&mut self, device: DeviceId) {
        self.devices.push(device);
        for (peer, queue) in &mut self.queues {
            let end = queue.entries.back().map_or(queue.taken, |entry| entry.id);
            queue.reader(device).acknowledged = if matches!(peer, Peer::Room(_)) { end } else { queue.taken };
        }
    }

    /// Takes a device's place away; what it alone had left to read goes.
    pub(super) fn forget(&mut self, device: DeviceId) {
        self.devices.retain(|known| *known != device);
        let peers: Vec<Peer> = self.queues.keys().copied().collect();
        for peer in peers {
            if let Some(queue) = self.queues.get_mut(&peer) {
                queue.readers.retain(|reader| reader.device != device);
            }
            self.settle(peer);
        }
    }

    /// A connection of this device begins: whatever it was told before is lost.
    pub(super) fn reset_notices(&mut self, device: DeviceId) {
        for queue in self.queues.values_mut() {
            queue.reader(device).noticed = false;
        }
    }

    /// Turns what waits in each queue upside down, for a fault: the newest comes first.
    pub(super) fn reverse(&mut self) {
        for queue in self.queues.values_mut() {
            let metas: Vec<Bytes> = queue.entries.iter().rev().map(|entry| entry.meta.clone()).collect();
            for (entry, meta) in queue.entries.iter_mut().zip(metas) {
                entry.meta = meta;
            }
        }
    }

    /// Drops what rooms hold.
    pub(super) fn clear_rooms(&mut self) {
        self.queues.retain(|peer, _| !matches!(peer, Peer::Room(_)));
    }

    /// Drops a whole queue.
    pub(super) fn clear(&mut self, peer: Peer) {
        if let Some(queue) = self.queues.remove(&peer)
            && !matches!(peer, Peer::Room(_))
        {
            self.stored.subtract(Stored::of(&queue.entries));
        }
    }

    /// Takes one entry back. Devices that have it already keep it.
    pub(super) fn remove(&mut self, peer: Peer, id: ServerId) {
        let Some(queue) = self.queues.get_mut(&peer) else { return };
        if let Ok(at) = queue.entries.binary_search_by_key(&id, |entry| entry.id) {
            let removed = queue.entries.remove(at);
            if !matches!(peer, Peer::Room(_)) {
                self.stored.subtract(Stored::of(&removed));
            }
            self.settle(peer);
        }
    }

    /// Takes out the receipts that count readers and have reached no device: the messages that were
    /// read.
    pub(super) fn withdraw_reads(&mut self) -> Vec<ServerId> {
        let mut messages = Vec::new();
        for queue in self.queues.values_mut() {
            let taken = queue.taken;
            queue.entries.retain(|entry| {
                let withdrawn = entry.read.filter(|_| entry.id > taken);
                if let Some(message) = withdrawn {
                    messages.push(message);
                    // Rooms hold none.
                    self.stored.subtract(Stored::of([entry]));
                }
                withdrawn.is_none()
            });
        }
        self.queues.retain(|_, queue| queue.is_needed());
        messages
    }

    /// Entries of users and groups that wait for the user's slowest device.
    pub(super) const fn stored(&self) -> usize {
        self.stored.entries
    }

    /// Whether an entry still waits for any device.
    pub(super) fn holds(&self, id: ServerId) -> bool {
        self.queues.values().any(|queue| queue.entries.binary_search_by_key(&id, |entry| entry.id).is_ok())
    }

    fn drop_oldest(&mut self) {
        let oldest = self
            .queues
            .iter()
            .filter(|(peer, _)| !matches!(peer, Peer::Room(_)))
            .filter_map(|(peer, queue)| queue.entries.front().map(|entry| (entry.id, *peer)))
            .min();
        if let Some((_, peer)) = oldest
            && let Some(queue) = self.queues.get_mut(&peer)
        {
            let dropped = queue.entries.pop_front();
            self.stored.subtract(Stored::of(&dropped));
            self.settle(peer);
        }
    }

    /// Drops what every device has, and the queue once nobody waits for its last page.
    fn settle(&mut self, peer: Peer) {
        let Some(queue) = self.queues.get_mut(&peer) else { return };
        let settled = queue.settle(&self.devices);
        if !matches!(peer, Peer::Room(_)) {
            self.stored.subtract(settled);
        }
        if !queue.is_needed() {
            self.queues.remove(&peer);
        }
    }
}

impl Queue {
    fn new(address: &Address) -> Self {
        Self { address: address.clone(), entries: VecDeque::new(), taken: ServerId(0), readers: Vec::new() }
    }

    fn reader(&mut self, device: DeviceId) -> &mut Reader {
        let at = self.readers.iter().position(|reader| reader.device == device).unwrap_or_else(|| {
            self.readers.push(Reader { device, acknowledged: ServerId(0), noticed: false });
            self.readers.len() - 1
        });
        &mut self.readers[at]
    }

    /// Something waits, or a device that was told of it has yet to hear that nothing is left.
    fn is_needed(&self) -> bool {
        !self.entries.is_empty() || self.readers.iter().any(|reader| reader.noticed)
    }

    fn acknowledged(&self, device: DeviceId) -> ServerId {
        self.readers
            .iter()
            .find(|reader| reader.device == device)
            .map_or(ServerId(0), |reader| reader.acknowledged)
    }

    fn pending(&self, device: DeviceId) -> impl Iterator<Item = &Entry> {
        let acknowledged = self.acknowledged(device);
        let start = self.entries.partition_point(|entry| entry.id <= acknowledged);
        self.entries.range(start..).filter(move |entry| entry.not_for != Some(device))
    }

    /// What every device has goes: how much that is.
    fn settle(&mut self, devices: &[DeviceId]) -> Stored {
        for device in devices {
            let acknowledged = self.acknowledged(*device);
            let start = self.entries.partition_point(|entry| entry.id <= acknowledged);
            let own = self.entries.range(start..).take_while(|entry| entry.not_for == Some(*device));
            if let Some(last) = own.last().map(|entry| entry.id) {
                self.reader(*device).acknowledged = last;
            }
        }
        let floor = devices.iter().map(|device| self.acknowledged(*device)).min().unwrap_or(self.taken);
        let end = self.entries.partition_point(|entry| entry.id <= floor);
        let settled = Stored::of(self.entries.range(..end));
        self.entries.drain(..end);
        settled
    }
}
