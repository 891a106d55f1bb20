//! What was said: the newest messages of each conversation, and of all conversations together.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

use super::{place::PlaceId, user::UserId};
use crate::protocol::{id::ServerId, schema::message_body::content, time::Moment};

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
    /// What it consists of; `None` if of nothing that is known.
    pub(super) kind: Option<content::Type>,
    /// Session lists tell of it: they do not of what came by REST, unless the world says so.
    pub(super) listed: bool,
    pub(super) meta: Bytes,
}

impl Said {
    /// Whether it stays to be read. Commands are carried out, not read, and nothing is read again
    /// that has no content.
    pub(super) const fn is_lasting(&self) -> bool {
        !matches!(self.kind, None | Some(content::Type::Command))
    }

    /// Whether session lists tell of it.
    pub(super) const fn is_listed(&self) -> bool {
        self.is_lasting() && self.listed
    }
}

/// What a reader of a conversation wants of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Selection {
    /// Only what was said after this message: the rest the reader has deleted.
    pub(super) after: ServerId,
    /// Only of these types, unless empty.
    pub(super) kinds: Vec<content::Type>,
    /// Only of this sender.
    pub(super) sender: Option<UserId>,
    /// Only from then on.
    pub(super) since: Option<Moment>,
    /// Only before then.
    pub(super) until: Option<Moment>,
}

impl Selection {
    fn takes(&self, said: &Said) -> bool {
        said.is_lasting()
            && said.id > self.after
            && (self.kinds.is_empty() || said.kind.is_some_and(|kind| self.kinds.contains(&kind)))
            && self.sender.is_none_or(|sender| sender == said.sender)
            && self.since.is_none_or(|since| since <= said.at)
            && self.until.is_none_or(|until| said.at < until)
    }
}

/// The history of a world.
#[derive(Debug)]
pub(super) struct History {
    conversations: HashMap<Conversation, VecDeque<Said>>,
    /// Every conversation's messages in the order of acceptance; taken-back ones included.
    order: VecDeque<(Conversation, ServerId)>,
    /// Bytes of all metas that are kept.
    bytes: usize,
    bounds: Bounds,
}

/// How much a history keeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Messages of one conversation.
    pub(super) per_conversation: usize,
    /// Messages of all conversations together.
    pub(super) total: usize,
    /// Bytes of all conversations together.
    pub(super) bytes: usize,
}

impl History {
    /// An empty history with its bounds.
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { conversations: HashMap::new(), order: VecDeque::new(), bytes: 0, bounds }
    }

    /// Keeps a message, unless it alone is too much. The oldest of its conversation, or of all, makes
    /// room.
    pub(super) fn add(&mut self, conversation: Conversation, said: Said) {
        let size = said.meta.len();
        if self.bounds.per_conversation == 0 || self.bounds.total == 0 || size > self.bounds.bytes {
            return;
        }
        while self.order.len() >= self.bounds.total || self.bytes + size > self.bounds.bytes {
            self.drop_oldest();
        }
        self.order.push_back((conversation, said.id));
        let messages = self.conversations.entry(conversation).or_default();
        if messages.len() >= self.bounds.per_conversation
            && let Some(oldest) = messages.pop_front()
        {
            self.bytes -= oldest.meta.len();
        }
        self.bytes += size;
        messages.push_back(said);
    }

    /// A message of a conversation.
    pub(super) fn find(&self, conversation: Conversation, id: ServerId) -> Option<&Said> {
        let messages = self.conversations.get(&conversation)?;
        messages.binary_search_by_key(&id, |said| said.id).ok().map(|at| &messages[at])
    }

    /// A message by its id alone, and where it was said.
    pub(super) fn locate(&self, id: ServerId) -> Option<(Conversation, &Said)> {
        let at = self.order.binary_search_by_key(&id, |(_, id)| *id).ok()?;
        let conversation = self.order[at].0;
        Some((conversation, self.find(conversation, id)?))
    }

    /// The newest message of a conversation after another that session lists tell of.
    pub(super) fn last_listed(&self, conversation: Conversation, after: ServerId) -> Option<&Said> {
        let messages = self.conversations.get(&conversation)?;
        messages.iter().rev().take_while(|said| said.id > after).find(|said| said.is_listed())
    }

    /// The newest message of a conversation.
    pub(super) fn last(&self, conversation: Conversation) -> Option<&Said> {
        self.conversations.get(&conversation)?.back()
    }

    /// Whether anything is kept of a conversation.
    pub(super) fn has(&self, conversation: Conversation) -> bool {
        self.conversations.get(&conversation).is_some_and(|messages| !messages.is_empty())
    }

    /// Selected messages of a conversation from `start` on, which is left out, and whether they end
    /// there.
    pub(super) fn page(
        &self,
        conversation: Conversation,
        start: Option<ServerId>,
        direction: Direction,
        size: usize,
        selection: &Selection,
    ) -> (Vec<&Said>, bool) {
        let Some(messages) = self.conversations.get(&conversation) else { return (Vec::new(), true) };
        let wanted = |said: &&Said| selection.takes(said);
        let page: Vec<&Said> = match direction {
            Direction::Older => {
                let end =
                    start.map_or(messages.len(), |start| messages.partition_point(|said| said.id < start));
                messages.range(..end).rev().filter(wanted).take(size + 1).collect()
            }
            Direction::Newer => {
                let begin = start.map_or(0, |start| messages.partition_point(|said| said.id <= start));
                messages.range(begin..).filter(wanted).take(size + 1).collect()
            }
        };
        let is_last = page.len() <= size;
        (page.into_iter().take(size).collect(), is_last)
    }

    /// What was said in all conversations from then on and before then, in the order of acceptance.
    pub(super) fn said_between(
        &self,
        since: Moment,
        until: Moment,
    ) -> impl Iterator<Item = (Conversation, &Said)> {
        self.order
            .iter()
            .filter_map(|(conversation, id)| Some((*conversation, self.find(*conversation, *id)?)))
            .filter(move |(_, said)| since <= said.at && said.at < until)
    }

    /// Takes a message out.
    pub(super) fn remove(&mut self, conversation: Conversation, id: ServerId) {
        if let Some(messages) = self.conversations.get_mut(&conversation)
            && let Ok(at) = messages.binary_search_by_key(&id, |said| said.id)
        {
            self.bytes -= messages.remove(at).map_or(0, |said| said.meta.len());
        }
    }

    /// Forgets a conversation.
    pub(super) fn forget(&mut self, conversation: Conversation) {
        let messages = self.conversations.remove(&conversation).unwrap_or_default();
        self.bytes -= messages.iter().map(|said| said.meta.len()).sum::<usize>();
    }

    fn drop_oldest(&mut self) {
        let Some((conversation, id)) = self.order.pop_front() else { return };
        if let Some(messages) = self.conversations.get_mut(&conversation) {
            // Absent if it was taken back or its conversation was full.
            if messages.front().is_some_and(|said| said.id <= id)
                && let Some(oldest) = messages.pop_front()
            {
                self.bytes -= oldest.meta.len();
            }
            if messages.is_empty() {
                self.conversations.remove(&conversation);
            }
        }
    }
}
