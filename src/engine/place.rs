//! A conversation as the wire names it.

use crate::protocol::message::ChatType;

/// Where messages go: two users, a group or a chat room.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Place {
    /// Two users, in alphabetical order.
    Single(String, String),
    /// A group's id.
    Group(String),
    /// A chat room's id.
    Room(String),
}

impl Place {
    /// The single chat of two users.
    pub(super) fn single(one: &str, other: &str) -> Self {
        let (first, second) = if one <= other { (one, other) } else { (other, one) };
        Self::Single(first.to_owned(), second.to_owned())
    }

    /// Where `from` writes to when it writes to `to`.
    pub(super) fn of(chat_type: ChatType, from: &str, to: &str) -> Self {
        match chat_type {
            ChatType::Single => Self::single(from, to),
            ChatType::Group => Self::Group(to.to_owned()),
            ChatType::Room => Self::Room(to.to_owned()),
        }
    }

    /// Which of the three it is.
    pub(super) const fn chat_type(&self) -> ChatType {
        match self {
            Self::Single(..) => ChatType::Single,
            Self::Group(_) => ChatType::Group,
            Self::Room(_) => ChatType::Room,
        }
    }

    /// What a person calls it.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Single(one, other) => format!("{one}-{other}"),
            Self::Group(id) | Self::Room(id) => id.clone(),
        }
    }
}
