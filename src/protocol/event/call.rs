//! Every call that a page sees, of both kinds of handlers, in the order in which they come.

use serde_json::{Value, json};

use super::{Content, Detail, Event, Name, ReceiptKind, handler, listen, listen::Token};
use crate::protocol::{generation::Generation, secret::Secret};

/// How a handler was registered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Via {
    /// `conn.listen({...})`.
    Listen,
    /// `conn.addEventHandler(id, {...})`, since 4.0.1.
    EventHandler,
}

/// One call of one handler.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// How the handler was registered.
    pub via: Via,
    /// The handler's name there: `addEventHandler` says `onImageMessage`, `listen` says
    /// `onPictureMessage`.
    pub name: &'static str,
    /// Its arguments.
    pub args: Vec<Value>,
}

/// What is told at once, and what only after the current turn of JavaScript's event loop.
#[derive(Debug, Default)]
struct Turn {
    at_once: Vec<Call>,
    later: Vec<Call>,
}

impl Event {
    /// The arguments of the call that [`Self::name`] names; the page's access token is hidden.
    pub fn args(&self) -> Vec<Value> {
        if self.name() == Name::COMBINED
            && let Detail::Message(message) = &self.detail
        {
            return vec![handler::message(self.generation, message, Token(None))];
        }
        if let Detail::Membership(membership) = &self.detail
            && membership.label().is_empty()
        {
            let calls = handler::membership(self.generation, membership);
            return calls.into_iter().map(|(_, argument)| argument).collect();
        }
        listen::argument(self, Token(None)).into_iter().collect()
    }

    /// Every call that a page with all handlers sees for this event alone.
    ///
    /// `token` is what `accessToken` shows; `None` hides it.
    pub fn calls(&self, token: Option<&Secret>) -> Vec<Call> {
        let mut turn = Turn::default();
        turn.take(self, Token(token));
        turn.at_once.into_iter().chain(turn.later).collect()
    }
}

/// Every call that a page sees for the batches that arrive in one turn of JavaScript's event loop.
///
/// 4.21.1 postpones the handlers of `addEventHandler`, and tells each batch as a whole
/// (`onMessage`) unless one of its messages could not be read: `None` stands for such a message.
pub fn calls(batches: &[Vec<Option<Event>>], token: Option<&Secret>) -> Vec<Call> {
    let mut turn = Turn::default();
    let mut wholes = Vec::new();
    for batch in batches {
        let mut messages = Vec::new();
        for event in batch.iter().flatten() {
            turn.take(event, Token(token));
            if let Detail::Message(message) = &event.detail
                && event.is_called(Name::MESSAGE)
            {
                messages.push(handler::message(event.generation, message, Token(token)));
            }
        }
        if !messages.is_empty() && batch.iter().all(Option::is_some) {
            let args = vec![Value::Array(messages)];
            wholes.push(Call { via: Via::EventHandler, name: Name::MESSAGE.as_str(), args });
        }
    }
    turn.at_once.into_iter().chain(turn.later).chain(wholes).collect()
}

impl Turn {
    fn take(&mut self, event: &Event, token: Token<'_>) {
        let generation = event.generation;
        let listened = is_listened(event).then(|| Call {
            via: Via::Listen,
            name: event.name().as_str(),
            args: listen::argument(event, token).into_iter().collect(),
        });
        let is_recall =
            matches!(&event.detail, Detail::Receipt(receipt) if receipt.kind == ReceiptKind::Recalled);
        if is_recall && generation == Generation::V4_21_1 {
            self.later.extend(listened);
        } else {
            self.at_once.extend(listened);
        }
        if generation != Generation::V3_6_3 {
            self.dispatch(event, token);
        }
        if let Detail::Contact(contact) = &event.detail
            && contact.change.is_some()
        {
            let args = vec![listen::contact(generation, contact)];
            self.at_once.push(Call { via: Via::Listen, name: Name::PRESENCE.as_str(), args });
        }
    }

    /// Calls the handlers of `addEventHandler`.
    fn dispatch(&mut self, event: &Event, token: Token<'_>) {
        let generation = event.generation;
        let call = |name, args| Call { via: Via::EventHandler, name, args };
        let name = event.name().as_str();
        let listened = || listen::argument(event, token).into_iter().collect();
        match &event.detail {
            Detail::Message(message) => {
                let args = vec![handler::message(generation, message, token)];
                let name = if event.name() == Name::PICTURE { "onImageMessage" } else { name };
                let waits = generation == Generation::V4_21_1
                    && !matches!(message.content, Content::Command(_) | Content::Combined { .. });
                if waits { &mut self.later } else { &mut self.at_once }.push(call(name, args));
            }
            Detail::Receipt(receipt) => {
                let waits = generation == Generation::V4_21_1 && receipt.kind == ReceiptKind::Recalled;
                if waits { &mut self.later } else { &mut self.at_once }.push(call(name, listened()));
            }
            Detail::Membership(membership) => {
                let calls = handler::membership(generation, membership);
                self.at_once
                    .extend(calls.into_iter().map(|(name, argument)| call(name.as_str(), vec![argument])));
            }
            Detail::Contact(contact) if contact.change.is_none() => {}
            Detail::Contact(_) | Detail::Statistic(_) | Detail::Notice(_) | Detail::Kicked { .. } => {
                self.at_once.push(call(name, listened()));
            }
            Detail::Error(_) | Detail::LoginRefused(_) if generation == Generation::V4_21_1 => {
                self.at_once.push(call(name, listened()))
            }
            Detail::Received { id, mid, to } => {
                let argument = json!({"id": id.to_string(), "mid": mid.to_string(), "to": to});
                self.at_once.push(call(name, vec![argument]));
            }
            Detail::Opened => self.at_once.push(call("onConnected", undefined_argument(generation))),
            Detail::Closed => self.at_once.push(call("onDisconnected", undefined_argument(generation))),
            Detail::SyncStarted | Detail::SyncFinished => {
                self.at_once.push(call(name, undefined_argument(generation)));
            }
            Detail::Blocklist(_) | Detail::Error(_) | Detail::LoginRefused(_) | Detail::Muted { .. } => {}
        }
    }
}

/// Whether there is a `listen` handler for this event.
fn is_listened(event: &Event) -> bool {
    match &event.detail {
        Detail::Message(message) => !matches!(message.content, Content::Combined { .. }),
        Detail::Membership(membership) => !membership.label().is_empty(),
        // Roster operations without a name are presence in 3.6.3 and nothing in 4.x.
        Detail::Contact(contact) => contact.change.is_some() || event.generation == Generation::V3_6_3,
        Detail::Notice(notice) => notice.name == Name::PRESENCE_STATUS,
        Detail::LoginRefused(_) => event.generation != Generation::V4_21_1,
        Detail::SyncStarted | Detail::SyncFinished => false,
        Detail::Receipt(_)
        | Detail::Statistic(_)
        | Detail::Blocklist(_)
        | Detail::Kicked { .. }
        | Detail::Error(_)
        | Detail::Received { .. }
        | Detail::Muted { .. }
        | Detail::Opened
        | Detail::Closed => true,
    }
}

/// `dispatch(name)` without data still passes one argument.
fn undefined_argument(generation: Generation) -> Vec<Value> {
    vec![super::value::undefined(generation)]
}
