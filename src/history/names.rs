//! Whose the numbers in a record are.

use super::record::{Cast, ConversationId, SessionId, UserId};
use crate::protocol::message::ChatType;

/// The names of a run's users, clients and conversations.
#[derive(Clone, Debug, Default)]
pub struct Names {
    users: Vec<User>,
    sessions: Vec<Member>,
    conversations: Vec<Conversation>,
}

/// An account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct User {
    /// Its name on the target.
    pub name: String,
    /// Whether nobody but this cast can use it. Checkers believe nothing of the others.
    pub exclusive: bool,
}

/// A simulated client.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    /// The cast it plays in.
    pub cast: Cast,
    /// The account that it logs in with.
    pub user: UserId,
    /// What a person calls it, such as `member[3]`.
    pub label: String,
}

/// A conversation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Conversation {
    /// Single chat, group or room.
    pub chat_type: ChatType,
    /// What a person calls it, such as `alice-bob` or `team`.
    pub label: String,
}

impl Names {
    /// Adds an account.
    pub fn add_user(&mut self, user: User) -> UserId {
        self.users.push(user);
        UserId(last(self.users.len()))
    }

    /// Adds a client.
    pub fn add_session(&mut self, member: Member) -> SessionId {
        self.sessions.push(member);
        SessionId(last(self.sessions.len()))
    }

    /// Adds a conversation.
    pub fn add_conversation(&mut self, conversation: Conversation) -> ConversationId {
        self.conversations.push(conversation);
        ConversationId(last(self.conversations.len()))
    }

    /// The account of this id.
    ///
    /// # Panics
    /// When the id comes from another run; so do the other two.
    pub fn user(&self, id: UserId) -> &User {
        &self.users[id.0 as usize]
    }

    /// The client of this id.
    pub fn session(&self, id: SessionId) -> &Member {
        &self.sessions[id.0 as usize]
    }

    /// The conversation of this id.
    pub fn conversation(&self, id: ConversationId) -> &Conversation {
        &self.conversations[id.0 as usize]
    }
}

fn last(length: usize) -> u32 {
    u32::try_from(length - 1).expect("a run has fewer than four thousand million names")
}
