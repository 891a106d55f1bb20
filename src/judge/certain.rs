//! What every correct server must have: messages that were accepted, are kept, and were seen.

use std::collections::{HashMap, HashSet};

use super::chart::{Chart, Outcome, Send};
use crate::{
    history::{ConversationId, MessageKind},
    protocol::{id::ServerId, time::Moment},
};

/// A message that a history and a session list must know.
#[derive(Clone, Copy)]
pub(super) struct Sure<'a> {
    pub(super) send: &'a Send,
    pub(super) id: ServerId,
    /// When the server had certainly taken it.
    pub(super) accepted: Moment,
}

/// The certain messages of each conversation, in the order in which their sending began.
///
/// Left out are messages that may have been taken back, commands, which targets need not keep, and
/// what no client ever saw: an app's own server may take a message in and let nobody have it.
pub(super) struct Certain<'a>(HashMap<ConversationId, Vec<Sure<'a>>>);

impl<'a> Certain<'a> {
    pub(super) fn new(chart: &'a Chart<'_>) -> Self {
        let mut seen: HashSet<ServerId> = chart.receipts.iter().map(|receipt| receipt.item.id).collect();
        seen.extend(chart.deeds.all.iter().flat_map(|deed| &deed.rows).map(|(_, item)| item.id));
        let mut certain: HashMap<_, Vec<_>> = HashMap::new();
        for send in &chart.sends {
            let Outcome::Accepted { at, id, .. } = send.outcome else { continue };
            let kept = send.content.kind != MessageKind::Command && id.0 != 0 && seen.contains(&id);
            if kept && !chart.may_be_recalled(id) {
                certain.entry(send.conversation).or_default().push(Sure { send, id, accepted: at });
            }
        }
        Self(certain)
    }

    /// Those of a conversation.
    pub(super) fn of(&self, conversation: ConversationId) -> &[Sure<'a>] {
        self.0.get(&conversation).map_or(&[], Vec::as_slice)
    }

    /// Those of a conversation whose sending began behind one moment and before another.
    pub(super) fn between(&self, conversation: ConversationId, from: Moment, to: Moment) -> &[Sure<'a>] {
        let all = self.of(conversation);
        let begin = all.partition_point(|sure| sure.send.at <= from);
        let end = all.partition_point(|sure| sure.send.at < to);
        all.get(begin..end).unwrap_or_default()
    }
}
