//! Whom the names of a step mean in one cast.

use std::sync::Arc;

use super::{cast::Cast, member::Member, stage::Frame};
use crate::{
    protocol::message::ChatType,
    scenario::{
        EvaluationError,
        model::{Address, Performer, Sender},
    },
};

/// Where a message goes, as the wire names it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Destination {
    pub(super) chat_type: ChatType,
    pub(super) to: String,
}

impl Cast {
    /// The clients that a step names.
    pub(super) fn performers(&self, who: Performer, frame: &Frame) -> Vec<Arc<Member>> {
        match who {
            Performer::One(actor, index) => {
                self.members[actor.0].get(index as usize).map(Arc::clone).into_iter().collect()
            }
            Performer::All(actor) => self.members[actor.0].clone(),
            // The reader lets `self` pass inside `each` only, where there is one.
            Performer::Myself => frame.myself.iter().map(Arc::clone).collect(),
        }
    }

    /// Where a message goes.
    pub(super) fn destination(&self, to: &Address, frame: &Frame) -> Result<Destination, EvaluationError> {
        Ok(match to {
            Address::Actor(who) => Destination {
                chat_type: ChatType::Single,
                to: self
                    .performers(*who, frame)
                    .first()
                    .map(|member| member.role.user.to_string())
                    .unwrap_or_default(),
            },
            Address::Group(place) => {
                Destination { chat_type: ChatType::Group, to: self.groups[*place].id.clone() }
            }
            Address::Room(place) => {
                Destination { chat_type: ChatType::Room, to: self.rooms[*place].id.clone() }
            }
            Address::Literal(name, chat_type) => {
                Destination { chat_type: *chat_type, to: name.render(&frame.scope)?.into_owned() }
            }
        })
    }

    /// The user names that a `from` allows.
    pub(super) fn senders(&self, from: &Sender, frame: &Frame) -> Result<Vec<String>, EvaluationError> {
        Ok(match from {
            Sender::Actor(who) => {
                self.performers(*who, frame).iter().map(|member| member.role.user.to_string()).collect()
            }
            Sender::Literal(name) => vec![name.render(&frame.scope)?.into_owned()],
        })
    }
}
