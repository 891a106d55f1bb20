//! What the SDK calls back when the server says something.
//!
//! An [`Event`] is one thing that happened, typed and cheap to make: a text message costs no JSON.
//! [`Event::name`] and [`Event::args`] say what a page's `listen` handler is called back with,
//! [`Event::calls`] every handler of either kind, and the accessors what an engine asks about.

mod access;
mod call;
mod detail;
mod handler;
mod listen;
mod login;
mod membership;
mod name;
mod value;

pub use call::{Call, Via, calls};
pub use detail::{
    Attachment, Audience, Content, Detail, Fault, GroupRead, Kick, Message, MessageExtras, Notice, Receipt,
    ReceiptKind, ScriptError, SdkError, Statistic,
};
pub use membership::{Contact, ContactChange, Membership, Operation};
pub use name::{Name, UnknownName};
pub(super) use value::{ext, is_falsy, number, parse, to_number};

use super::generation::Generation;

/// One thing that a page is called back for.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The SDK generation that calls back.
    pub generation: Generation,
    /// What happened.
    pub detail: Detail,
}
