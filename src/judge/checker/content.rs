//! C15: one id, one content, whoever looks.

use std::collections::HashMap;

use super::Checker;
use crate::judge::{
    chart::Chart,
    finding::{Finding, Witness},
};

pub(super) const CHECKER: Checker = Checker {
    id: "C15",
    name: "one-content",
    about: "everybody sees the same sender, conversation and content under one id",
    check,
};

fn check(chart: &Chart<'_>, finding: &mut Finding) {
    let mut views = HashMap::new();
    for (place, receipt) in chart.receipts.iter().enumerate() {
        let item = receipt.item;
        let &mut first = views.entry(item.id).or_insert(place);
        if first == place {
            continue;
        }
        let other = &chart.receipts[first];
        let agree = (other.item.sender, other.item.conversation, other.item.content)
            == (item.sender, item.conversation, item.content);
        if agree {
            finding.met();
        } else {
            finding.broken(|| Witness {
                claim: format!("message {} is not the same to all who received it", item.id),
                records: chart.tell(&[other.record, receipt.record]),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::{Validity, checker::story::Story};

    #[test]
    fn views_that_differ_are_seen() {
        let mut story = Story::team();
        story.bob().receives(1, "a");
        story.carol().receives(1, "a");
        assert_eq!(story.finding("C15").validity(), Validity::Valid);
        story.dave().receives(1, "b");
        assert_eq!(story.finding("C15").violations, 1);
    }
}
