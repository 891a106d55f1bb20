//! The messages of a simulation, and what became of each.

use crate::protocol::{
    id::{LocalId, ServerId},
    message::{Body, ChatType, Outgoing},
    time::Moment,
};

/// Where a message goes.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Target {
    pub(super) chat_type: ChatType,
    pub(super) to: String,
}

/// What its sender knows of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Fate {
    /// Sent, and no answer yet.
    Open,
    /// No answer came: to be sent again under the same id.
    Lost,
    /// No answer came, and the sender leaves it at that. The server may have it or not.
    GivenUp,
    /// The server took it.
    Accepted { mid: ServerId, at: Option<Moment> },
    /// The server refused it.
    Refused,
}

/// One text message.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: LocalId,
    /// The device that sent it.
    pub(super) sender: usize,
    pub(super) target: Target,
    pub(super) attempts: u32,
    pub(super) fate: Fate,
    /// Whether its sender sends it again until it is answered.
    pub(super) persistence: Persistence,
}

/// What a sender does when no answer comes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Persistence {
    SendAgain,
    GiveUp,
}

impl Message {
    /// The message as its sender hands it to the session. Its text is its number.
    pub(super) fn outgoing(&self, number: usize) -> Outgoing {
        let text = Body::Text(Some(text(number)));
        Outgoing { chat_type: self.target.chat_type, ..Outgoing::new(self.id, &self.target.to, text) }
    }
}

/// The text of a message.
pub(super) fn text(number: usize) -> String {
    format!("message {number}")
}

/// The number of the message with this text.
pub(super) fn number(text: &str) -> Option<usize> {
    text.strip_prefix("message ")?.parse().ok()
}
