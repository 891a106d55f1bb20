//! The messages of a page of history, as the SDK shows them (heading 消息漫游).

use super::{Delivery, Effect, Page, chat};
use crate::protocol::{
    event::{Detail, Event, ScriptError},
    schema::{Meta, Status, meta::NameSpace},
};

/// What a page of history leads to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Roamed {
    /// The messages, in the order of the entries.
    pub messages: Vec<Event>,
    /// Receipts and recalls among the entries: the SDK calls back for them as if they had just come.
    pub live: Vec<Event>,
    /// Why reading ended before the last entry.
    pub broken: Option<ScriptError>,
}

/// Reads the entries of a page of history. Entries that are no messages or receipts are passed over;
/// of several contents the first counts; an entry that cannot be read ends the page.
pub fn roamed(page: &Page, metas: &[Meta]) -> Roamed {
    let page = Page { delivery: Delivery::Off, ..page.clone() };
    let fine = Status { error_code: Some(0), ..Status::default() };
    let mut roamed = Roamed::default();
    for meta in metas.iter().filter(|meta| meta.ns == Some(NameSpace::Chat as i32)) {
        let mut effects = Vec::new();
        let read =
            chat::body(meta).and_then(|body| chat::deliver(&page, Some(&fine), meta, body, &mut effects));
        let mut messages = 0;
        for effect in effects {
            match effect {
                Effect::Event(event) if matches!(event.detail, Detail::Message(_)) => {
                    if messages == 0 {
                        roamed.messages.push(event);
                    }
                    messages += 1;
                }
                Effect::Event(event) => roamed.live.push(event),
                Effect::Acknowledge { .. } | Effect::FetchBlocklist | Effect::Unreadable(_) => {}
            }
        }
        if let Err(cause) = read {
            roamed.broken = Some(cause);
            break;
        }
    }
    roamed
}
