//! What was said: the newest messages of each conversation, and of all conversations together.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use super::{place::PlaceId, user::UserId};
use crate::protocol::{id::ServerId, time::Moment};

/// Who talks with whom.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Conversation {
    /// Two users, the smaller id first.
    Single(UserId, UserId),
    /// A group or room.
    Place(PlaceId),
}

impl Conversation {
    /// The conversation of two users.
    pub(super) fn between(one: UserId, other: UserId) -> Self {
        Self::Single(one.min(other), one.max(other))
    }
}

/// Which way a history is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Direction {
    /// From the newest back.
    Older,
    /// From the oldest on.
    Newer,
}

/// One message that was accepted.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) id: ServerId,
    pub(super) at: Moment,
    pub(super) sender: UserId,
    pub(super) meta: Bytes,
}

/// The history of a world.
#[derive(Debug)]
pub(super) struct History {
    conversations: HashMap<Conversation, VecDeque<Said>>,
    /// Every conversation's messages in the order of acceptance; taken-back ones included.
    order: VecDeque<(Conversation, ServerId)>,
    per_conversation: usize,
    total: usize,
}

impl History {
    /// An empty history with its bounds.
    pub(super) fn new(per_conversation: usize, total: usize) -> Self {
        Self { conversations: HashMap::new(), order: VecDeque::new(), per_conversation, total }
    }

    /// Keeps a message. The oldest of its conversation, or of all, makes room.
    pub(super) fn add(&mut self, conversation: Conversation, said: Said) {
        if self.per_conversation == 0 || self.total == 0 {
            return;
        }
        while self.order.len() >= self.total {
            self.drop_oldest();
        }
        self.order.push_back((conversation, said.id));
        let messages = self.conversations.entry(conversation).or_default();
        if messages.len() >= self.per_conversation {
            messages.pop_front();
        }
        messages.push_back(said);
    }

    /// A message of a conversation.
    pub(super) fn find(&self, conversation: Conversation, id: ServerId) -> Option<&Said> {
        let messages = self.conversations.get(&conversation)?;
        messages.binary_search_by_key(&id, |said| said.id).ok().map(|at| &messages[at])
    }

    /// Messages of a conversation from `start` on, which is left out, and whether they end there.
    pub(super) fn page(
        &self,
        conversation: Conversation,
        start: Option<ServerId>,
        direction: Direction,
        size: usize,
    ) -> (Vec<&Said>, bool) {
        let Some(messages) = self.conversations.get(&conversation) else { return (Vec::new(), true) };
        let page: Vec<&Said> = match direction {
            Direction::Older => {
                let end =
                    start.map_or(messages.len(), |start| messages.partition_point(|said| said.id < start));
                messages.range(..end).rev().take(size + 1).collect()
            }
            Direction::Newer => {
                let begin = start.map_or(0, |start| messages.partition_point(|said| said.id <= start));
                messages.range(begin..).take(size + 1).collect()
            }
        };
        let is_last = page.len() <= size;
        (page.into_iter().take(size).collect(), is_last)
    }

    /// Takes a message out.
    pub(super) fn remove(&mut self, conversation: Conversation, id: ServerId) {
        if let Some(messages) = self.conversations.get_mut(&conversation)
            && let Ok(at) = messages.binary_search_by_key(&id, |said| said.id)
        {
            messages.remove(at);
        }
    }

    /// Forgets a conversation.
    pub(super) fn forget(&mut self, conversation: Conversation) {
        self.conversations.remove(&conversation);
    }

    fn drop_oldest(&mut self) {
        let Some((conversation, id)) = self.order.pop_front() else { return };
        if let Some(messages) = self.conversations.get_mut(&conversation) {
            // Absent if it was taken back or its conversation was full.
            if messages.front().is_some_and(|said| said.id <= id) {
                messages.pop_front();
            }
            if messages.is_empty() {
                self.conversations.remove(&conversation);
            }
        }
    }
}
