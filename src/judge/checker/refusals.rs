//! C16: what the server refused has no effect.

use std::collections::HashMap;

use super::{Checker, phantoms::lookalikes};
use crate::judge::{
    chart::{Chart, Outcome},
    finding::{Finding, Witness},
};

pub(super) const CHECKER: Checker =
    Checker { id: "C16", name: "refusals-without-effect", about: "a refused message reaches nobody", check };

/// A trace is an item with the id that came with the refusal, or one that only refused sends can
/// explain.
fn check(chart: &Chart<'_>, finding: &mut Finding) {
    if chart.messages_disturbed {
        return;
    }
    let lookalikes = lookalikes(chart);
    let mut traces = HashMap::new();
    for receipt in &chart.receipts {
        let item = receipt.item;
        if chart.accepted.contains_key(&item.id) || !chart.names.user(item.sender).exclusive {
            continue;
        }
        let Some(sends) = lookalikes.get(&(item.sender, item.conversation, item.content)) else { continue };
        if sends.iter().all(|send| send.outcome.has_no_effect() && send.at <= receipt.at) {
            traces.insert(sends[0].record, receipt.record);
        }
    }
    for send in chart.sends.iter().filter(|send| send.outcome.has_no_effect()) {
        let Outcome::Refused { record, id, .. } = send.outcome else { continue };
        let by_id = || chart.receipts.iter().find(|receipt| id.0 != 0 && receipt.item.id == id);
        let trace = traces.get(&send.record).copied().or_else(|| by_id().map(|receipt| receipt.record));
        match trace {
            None => finding.met(),
            Some(trace) => finding.broken(|| Witness {
                claim: "a refused message arrived".to_owned(),
                records: chart.tell(&[send.record, record, trace]),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::{Validity, checker::story::Story};

    #[test]
    fn a_refused_message_that_reaches_nobody_is_fine() {
        let mut story = Story::team();
        story.alice().sends("no").refused(602);
        let found = story.finding("C16");
        assert_eq!((found.validity(), found.obligations), (Validity::Valid, 1));
    }

    #[test]
    fn a_refused_message_that_arrives_is_seen() {
        let mut story = Story::team();
        story.alice().sends("no").refused(602);
        story.bob().receives(8, "no");
        let found = story.finding("C16");
        assert_eq!(found.violations, 1);
        assert_eq!(found.witness.unwrap().records.len(), 3);
    }

    #[test]
    fn the_same_text_accepted_at_another_time_explains_what_arrived() {
        let mut story = Story::team();
        story.alice().sends("no").refused(507);
        story.alice().sends("no").accepted(8);
        story.bob().receives(8, "no");
        assert_eq!(story.finding("C16").validity(), Validity::Valid);
    }

    #[test]
    fn a_refusal_that_says_nothing_of_its_effect_is_not_judged() {
        let mut story = Story::team();
        story.alice().sends("no").refused(503);
        story.bob().receives(8, "no");
        assert_eq!(story.finding("C16").obligations, 0);
    }
}
