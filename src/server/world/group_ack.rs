//! Group messages whose sender asks who reads them, and who has (heading 消息回执).
//!
//! Bounded: each message and each reader counts, and the oldest message makes room for a new entry.

use std::{
    collections::{BTreeMap, HashSet},
    ops::Bound,
};

use super::{place::PlaceId, user::UserId};
use crate::protocol::id::ServerId;

/// One message whose readers are counted.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) place: PlaceId,
    /// Who wants to know.
    pub(super) sender: UserId,
    /// Each reader once, by the id of the receipt.
    readers: BTreeMap<ServerId, UserId>,
    counted: HashSet<UserId>,
}

impl Asked {
    /// How many members have read it.
    pub(super) fn count(&self) -> usize {
        self.readers.len()
    }

    /// Who read it last.
    pub(super) fn last_reader(&self) -> Option<UserId> {
        self.readers.last_key_value().map(|(_, user)| *user)
    }

    /// Its readers in the order of their receipts, behind that receipt.
    pub(super) fn readers(&self, behind: ServerId) -> impl Iterator<Item = (ServerId, UserId)> {
        let range = (Bound::Excluded(behind), Bound::Unbounded);
        self.readers.range(range).map(|(receipt, user)| (*receipt, *user))
    }
}

/// Every message whose readers are counted.
#[derive(Debug, Default)]
pub(super) struct GroupAcks {
    // Server ids grow, so that the first is the oldest.
    asked: BTreeMap<ServerId, Asked>,
    stored: usize,
}

impl GroupAcks {
    /// A sender asks who reads a message.
    pub(super) fn ask(&mut self, message: ServerId, place: PlaceId, sender: UserId, limit: usize) {
        if limit == 0 {
            return;
        }
        self.make_room(limit);
        let asked = Asked { place, sender, readers: BTreeMap::new(), counted: HashSet::new() };
        self.asked.insert(message, asked);
        self.stored += 1;
    }

    /// A message whose readers are counted.
    pub(super) fn find(&self, message: ServerId) -> Option<&Asked> {
        self.asked.get(&message)
    }

    /// Somebody has read a message: how many have by now; `None` if that was known or nobody asks.
    pub(super) fn read(
        &mut self,
        message: ServerId,
        user: UserId,
        receipt: ServerId,
        limit: usize,
    ) -> Option<usize> {
        if self.asked.get(&message)?.counted.contains(&user) {
            return None;
        }
        self.make_room(limit);
        // The room may have been its own.
        let asked = self.asked.get_mut(&message)?;
        asked.counted.insert(user);
        asked.readers.insert(receipt, user);
        self.stored += 1;
        Some(asked.count())
    }

    /// A message was taken back.
    pub(super) fn forget(&mut self, message: ServerId) {
        if let Some(asked) = self.asked.remove(&message) {
            self.stored -= 1 + asked.count();
        }
    }

    /// A group is gone.
    pub(super) fn forget_place(&mut self, place: PlaceId) {
        let of_place = |(message, asked): (&ServerId, &Asked)| (asked.place == place).then_some(*message);
        let messages: Vec<ServerId> = self.asked.iter().filter_map(of_place).collect();
        for message in messages {
            self.forget(message);
        }
    }

    fn make_room(&mut self, limit: usize) {
        while self.stored >= limit.max(1)
            && let Some((_, oldest)) = self.asked.pop_first()
        {
            self.stored -= 1 + oldest.count();
        }
    }
}
