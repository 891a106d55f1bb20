//! C03: nothing arrives twice, and nothing is stored twice.

use std::collections::HashMap;

use super::Checker;
use crate::{
    history::Defect,
    judge::{
        chart::{Chart, Outcome},
        finding::{Finding, Witness},
    },
};

pub(super) const CHECKER: Checker = Checker {
    id: "C03",
    name: "no-duplicate",
    about: "no item comes twice on one connection, and no message gets two ids",
    check,
};

/// An item may come again on a later connection, because the client's last acknowledgement may
/// have been lost with the one before, and at the same position, which answers two requests.
fn check(chart: &Chart<'_>, finding: &mut Finding) {
    for observer in &chart.observers {
        for _ in &observer.first {
            finding.met();
        }
        for &(first, again) in &observer.again {
            let (first, again) = (&chart.receipts[first], &chart.receipts[again]);
            let same_position = first.item.position.is_some() && first.item.position == again.item.position;
            if same_position || !chart.stays_open(observer.session, first.at, again.at) {
                finding.met();
            } else {
                finding.broken(|| Witness {
                    claim: format!("message {} arrived twice", again.item.id),
                    records: chart.tell(&[first.record, again.record]),
                });
            }
        }
    }
    for &(record, defect) in &chart.defects {
        if let Defect::Repeated(id) = defect {
            finding.broken(|| Witness {
                claim: format!("item {id} came again after it was acknowledged"),
                records: chart.tell(&[record]),
            });
        }
    }
    let mut answered = HashMap::new();
    for send in &chart.sends {
        let Outcome::Accepted { record, id, local, .. } = send.outcome else { continue };
        if local.0 == 0 || id.0 == 0 {
            continue;
        }
        let &mut (first, before) = answered.entry((send.session, local)).or_insert((record, id));
        if before != id {
            finding.broken(|| Witness {
                claim: format!("one message got two ids, {before} and {id}"),
                records: chart.tell(&[first, record]),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::{Validity, checker::story::Story};

    #[test]
    fn an_item_that_comes_twice_on_one_connection_is_a_duplicate() {
        let mut story = Story::team();
        story.alice().sends("hi").accepted(1);
        story.bob().receives(1, "hi");
        assert_eq!(story.finding("C03").validity(), Validity::Valid);
        story.bob().receives(1, "hi");
        assert_eq!(story.finding("C03").violations, 1);
    }

    #[test]
    fn an_item_may_come_again_after_a_lost_connection() {
        let mut story = Story::team();
        story.bob().receives(1, "hi");
        story.bob().closes();
        story.bob().opens();
        story.bob().receives(1, "hi");
        assert_eq!(story.finding("C03").validity(), Validity::Valid);
    }

    #[test]
    fn one_message_with_two_ids_is_a_duplicate() {
        let mut story = Story::team();
        story.alice().sends_again(40, "hi").accepted(1);
        story.alice().sends_again(40, "hi").accepted(1);
        assert_eq!(story.finding("C03").violations, 0);
        story.alice().sends_again(40, "hi").accepted(2);
        assert_eq!(story.finding("C03").violations, 1);
    }
}
