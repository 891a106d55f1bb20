//! The lines of the script.

use std::{sync::Arc, time::Duration};

use super::{
    actor::ActorId,
    message::Send,
    operation::{DeleteSession, Download, History, Readers, Recall, Receipt, Sessions, Upload},
};
use crate::{
    protocol::{event::Name, message::ChatType},
    scenario::expression::{Expression, Pattern, Template},
};

/// Where something stands in the file; both count from 1.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

/// One line of the script.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it stands in the file.
    pub place: Place,
    /// What happens.
    pub action: Action,
}

/// What happens in a step.
#[derive(Clone, Debug)]
pub enum Action {
    /// An actor does something.
    Perform(Box<Perform>),
    /// Every client of an actor plays the steps as `self`, all at the same time.
    Each {
        /// The actor.
        group: ActorId,
        /// What each client does. Names bound inside are its own and end with the step.
        steps: Vec<Step>,
    },
    /// All steps at the same time; ends when the last one ends.
    Parallel(Vec<Step>),
    /// The steps several times, one pass after the other.
    Repeat {
        /// How many passes.
        times: u32,
        /// The name of the pass's number, which counts from 1.
        counter: Option<Arc<str>>,
        /// What each pass does.
        steps: Vec<Step>,
    },
    /// The conversation waits.
    Pause(Duration),
    /// A statement that must hold.
    Check(Expression),
    /// Names bound to values, in the order of the file.
    Set(Vec<(Arc<str>, Expression)>),
    /// A REST call that no actor makes.
    Rest {
        /// The call.
        call: Rest,
        /// The name of its answer.
        bind: Option<Arc<str>>,
        /// The deadline.
        within: Duration,
    },
}

/// An actor does something.
#[derive(Clone, Debug)]
pub struct Perform {
    /// Who.
    pub who: Performer,
    /// What.
    pub deed: Deed,
    /// The name of the result; never with [`Performer::All`].
    pub bind: Option<Arc<str>>,
    /// The refusal that must come instead of success.
    pub refused: Option<Refused>,
    /// The deadline.
    pub within: Duration,
}

/// Whom a step or a list of members names.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Performer {
    /// One client of an actor, counted from 0.
    One(ActorId, u32),
    /// All clients of an actor, at the same time.
    All(ActorId),
    /// The client that plays the enclosing [`Action::Each`].
    Myself,
}

/// What an actor can do.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Connects and logs in.
    Login,
    /// Closes the connection in good order.
    Logout,
    /// Cuts the socket.
    Drop,
    /// Connects again as the SDK does after a lost socket.
    Reconnect,
    /// Sends a message.
    Send(Box<Send>),
    /// Waits for events.
    Expect(Box<Expect>),
    /// Proves that an event did not happen.
    Never(Box<Never>),
    /// Waits a fixed time.
    Pause(Duration),
    /// Calls REST, by default with the actor's own token.
    Rest(Box<Rest>),
    /// Sends a receipt for one message.
    Receipt(Box<Receipt>),
    /// Sends a read receipt for a whole conversation.
    Channel(Address),
    /// Takes a message back.
    Recall(Box<Recall>),
    /// Reads the history of a conversation.
    History(Box<History>),
    /// Reads the session list.
    Sessions(Sessions),
    /// Deletes a session from the list.
    DeleteSession(Box<DeleteSession>),
    /// Reads who has read a group message.
    Readers(Box<Readers>),
    /// Uploads a file.
    Upload(Box<Upload>),
    /// Downloads a file.
    Download(Box<Download>),
}

impl Deed {
    /// The verb as the file spells it.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Logout => "logout",
            Self::Drop => "drop",
            Self::Reconnect => "reconnect",
            Self::Send(_) => "send",
            Self::Expect(_) => "expect",
            Self::Never(_) => "never",
            Self::Pause(_) => "pause",
            Self::Rest(_) => "rest",
            Self::Receipt(receipt) => receipt.kind.verb(),
            Self::Channel(_) => "channel",
            Self::Recall(_) => "recall",
            Self::History(_) => "history",
            Self::Sessions(_) => "sessions",
            Self::DeleteSession(_) => "delete_session",
            Self::Readers(_) => "readers",
            Self::Upload(_) => "upload",
            Self::Download(_) => "download",
        }
    }
}

/// A refusal as a page sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refused {
    /// This code of the client's generation.
    Code(i32),
    /// The sender is muted, however the client's generation says so.
    Muted,
}

/// Where a message goes.
#[derive(Clone, Debug)]
pub enum Address {
    /// One client's user.
    Actor(Performer),
    /// A group of the scenario's world: its place in [`super::World::groups`].
    Group(usize),
    /// A chat room of the scenario's world: its place in [`super::World::rooms`].
    Room(usize),
    /// A name or id that is not of this scenario.
    Literal(Template, ChatType),
}

/// Events to wait for.
#[derive(Clone, Debug)]
pub struct Expect {
    /// The event's name, such as `onTextMessage`.
    pub event: Name,
    /// Which of them.
    pub filter: Filter,
    /// How many; with more than one, the bound name is the list of them.
    pub count: u32,
}

/// An event that must not happen.
#[derive(Clone, Debug)]
pub struct Never {
    /// The event's name.
    pub event: Name,
    /// Which of them.
    pub filter: Filter,
    /// Who sends the marker behind which the event can no longer come; `None` leaves it to the engine.
    pub fence: Option<Performer>,
}

/// Which events count.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Whose.
    pub from: Option<Sender>,
    /// The text of the message, exactly.
    pub text: Option<Template>,
    /// A statement about `event`.
    pub condition: Option<Expression>,
}

/// Whose event it is.
#[derive(Clone, Debug)]
pub enum Sender {
    /// A client's user.
    Actor(Performer),
    /// A user name.
    Literal(Template),
}

/// A REST call.
#[derive(Clone, Debug)]
pub struct Rest {
    /// The HTTP method.
    pub method: Method,
    /// The path below `/ORG/APP`, with its leading slash and its query.
    pub path: Template,
    /// The JSON body.
    pub body: Option<Pattern>,
    /// Whose token goes with it.
    pub authorization: Authorization,
    /// The HTTP status that must come; `None` is any 2xx.
    pub status: Option<u16>,
}

/// HTTP methods that the REST interface knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The method as HTTP spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// Whose token goes with a REST call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Authorization {
    /// The acting client's.
    User,
    /// The app's.
    App,
    /// None at all.
    Nobody,
}
