//! What a simulation can find wrong.

use crate::{
    protocol::{
        event::Kick,
        id::{LocalId, ServerId},
    },
    session::Misbehaviour,
};

/// Something that must not happen, whatever the network does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Violation {
    /// A message that its sender knows to be accepted did not reach a device.
    NotDelivered {
        /// The message's number.
        message: usize,
        /// The device's number.
        device: usize,
    },
    /// A page was told of a message more than once.
    DeliveredTwice {
        /// The message's number.
        message: usize,
        /// The device's number.
        device: usize,
    },
    /// A message reached a device that it was not meant for.
    DeliveredAstray {
        /// The message's number.
        message: usize,
        /// The device's number.
        device: usize,
    },
    /// A page was told of a message that nobody wrote.
    Invented {
        /// The device's number.
        device: usize,
        /// The message's text.
        text: String,
    },
    /// A page was told of an older message behind a newer one of the same conversation.
    OutOfOrder {
        /// The number of the message that came too late.
        message: usize,
        /// The device's number.
        device: usize,
    },
    /// The server ordered two messages of one device and conversation other than they were sent.
    Reordered {
        /// The number of the message that was sent first.
        first: usize,
        /// The number of the message that was sent then.
        second: usize,
    },
    /// A device and the sender know a message by different ids.
    DifferentIds {
        /// The message's number.
        message: usize,
        /// The device's number.
        device: usize,
    },
    /// Two messages have the same id.
    SharedId {
        /// The id.
        mid: ServerId,
    },
    /// A send got a second answer.
    AnsweredTooOften {
        /// The message's number.
        message: usize,
    },
    /// A send got no answer at all.
    NeverAnswered {
        /// The device's number.
        device: usize,
        /// The local id.
        id: LocalId,
    },
    /// A session reported an answer for what was never sent.
    AnsweredUnknown {
        /// The device's number.
        device: usize,
        /// The local id.
        id: LocalId,
    },
    /// A message was refused that should be accepted, or the other way round.
    WrongAnswer {
        /// The message's number.
        message: usize,
    },
    /// A message that is sent again and again was still not answered.
    Unsettled {
        /// The message's number.
        message: usize,
    },
    /// A session found the server at fault.
    Misbehaved {
        /// The device's number.
        device: usize,
        /// What the server did.
        misbehaviour: Misbehaviour,
    },
    /// The server told a device to leave.
    Kicked {
        /// The device's number.
        device: usize,
        /// Why.
        kick: Kick,
    },
    /// The simulation did not come to an end.
    Spinning,
}
