//! Handing out the items of a batch, one generation at a time.

use super::{Page, Seen, chat, notice, other};
use crate::protocol::{
    event::{Detail, Event, ScriptError, SdkError},
    generation::Generation,
    id::ServerId,
    schema::{Jid, Meta, Status, meta::NameSpace},
};

/// Items of a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The batch's status; without one the SDK loses its messages.
    pub status: Option<Status>,
    /// The items, in the server's order.
    pub metas: Vec<Meta>,
    /// The position behind the items.
    pub next_key: Option<u64>,
    /// The queue, if the server says.
    pub queue: Option<Jid>,
    /// Whether the queue ends here.
    pub is_last: bool,
}

/// What the items of a batch lead to.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The page is called back.
    Event(Event),
    /// The SDK sends a delivered receipt.
    Acknowledge {
        /// Whom to.
        to: String,
        /// For which message.
        message: ServerId,
    },
    /// The SDK asks REST for the block list, then calls `onBlacklistUpdate`.
    FetchBlocklist,
    /// 4.21.1 could not read an item: it says nothing, and does not tell the batch as a whole
    /// (`onMessage`).
    Unreadable(ScriptError),
}

impl Batch {
    /// Hands out the items as the page's generation does.
    ///
    /// An item that cannot be read ends the batch up to 4.0.8, with `onError` 604; 4.21.1 skips it.
    pub fn deliver(&self, page: &Page, seen: &mut Seen, effects: &mut Vec<Effect>) {
        for meta in &self.metas {
            let outcome = match page.generation {
                Generation::V3_6_3 => self.take_then_remember(page, seen, meta, effects),
                Generation::V4_0_8 => self.remember_then_take(page, seen, meta, effects),
                Generation::V4_21_1 => self.take_alone(page, seen, meta, effects),
            };
            match (outcome, page.generation) {
                (Ok(()), _) => {}
                (Err(cause), Generation::V4_21_1) => {
                    effects.push(Effect::Unreadable(cause));
                    // Messages are read side by side; anything else stops what comes behind it.
                    if meta.ns != Some(NameSpace::Chat as i32) {
                        return;
                    }
                }
                (Err(cause), generation) => {
                    let detail = Detail::Error(Box::new(SdkError::undecodable(cause)));
                    effects.push(Effect::Event(Event { generation, detail }));
                    return;
                }
            }
        }
    }

    /// 3.6.3 notices a missing sender only after it has told the page.
    fn take_then_remember(
        &self,
        page: &Page,
        seen: &mut Seen,
        meta: &Meta,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ScriptError> {
        let id = ServerId(meta.id.unwrap_or_default());
        if seen.contains(id) {
            return Ok(());
        }
        self.take(page, meta, effects)?;
        meta.from.as_ref().ok_or(ScriptError::Type)?;
        seen.insert(id);
        Ok(())
    }

    fn remember_then_take(
        &self,
        page: &Page,
        seen: &mut Seen,
        meta: &Meta,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ScriptError> {
        let id = ServerId(meta.id.unwrap_or_default());
        if seen.contains(id) {
            return Ok(());
        }
        meta.from.as_ref().ok_or(ScriptError::Type)?;
        seen.insert(id);
        self.take(page, meta, effects)
    }

    /// 4.21.1 remembers messages only, once their bytes are read.
    fn take_alone(
        &self,
        page: &Page,
        seen: &mut Seen,
        meta: &Meta,
        effects: &mut Vec<Effect>,
    ) -> Result<(), ScriptError> {
        if meta.ns != Some(NameSpace::Chat as i32) {
            return self.take(page, meta, effects);
        }
        let id = ServerId(meta.id.unwrap_or_default());
        let body = chat::body(meta)?;
        if chat::is_own_room_message(page, meta, &body) || seen.contains(id) {
            return Ok(());
        }
        seen.insert(id);
        chat::deliver(page, self.status.as_ref(), meta, body, effects)
    }

    fn take(&self, page: &Page, meta: &Meta, effects: &mut Vec<Effect>) -> Result<(), ScriptError> {
        let known = NameSpace::try_from(meta.ns.unwrap_or_default());
        match known {
            Ok(NameSpace::Chat) => {
                chat::deliver(page, self.status.as_ref(), meta, chat::body(meta)?, effects)
            }
            Ok(NameSpace::Statistic) => other::statistic(page, meta, effects),
            Ok(NameSpace::Muc) => other::membership(page, meta, effects),
            Ok(NameSpace::Roster) => other::contact(page, meta, effects),
            Ok(NameSpace::Notify) => notice::deliver(page, meta, effects),
            Ok(NameSpace::Conference | NameSpace::Query) | Err(_) => Ok(()),
        }
    }
}
