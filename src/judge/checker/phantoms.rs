//! C02: nothing arrives that nobody sent.

use std::collections::HashMap;

use super::Checker;
use crate::{
    history::{Content, ConversationId, UserId},
    judge::{
        chart::{Chart, Outcome, Send},
        finding::{Finding, Witness},
    },
};

pub(super) const CHECKER: Checker = Checker {
    id: "C02",
    name: "no-phantom",
    about: "nothing arrives that nobody sent, or as somebody else's, elsewhere or changed",
    check,
};

/// Sends by what a receiver can tell of them.
pub(super) type Lookalikes<'a> = HashMap<(UserId, ConversationId, Content), Vec<&'a Send>>;

pub(super) fn lookalikes<'a>(chart: &'a Chart<'_>) -> Lookalikes<'a> {
    let mut lookalikes = Lookalikes::new();
    for send in &chart.sends {
        lookalikes.entry((send.sender, send.conversation, send.content)).or_default().push(send);
    }
    lookalikes
}

/// Items of accounts that others may use as well are not judged, nor is anything once messages may
/// have been sent by hand.
fn check(chart: &Chart<'_>, finding: &mut Finding) {
    if chart.messages_disturbed {
        return;
    }
    let lookalikes = lookalikes(chart);
    for receipt in &chart.receipts {
        let item = receipt.item;
        if !chart.names.user(item.sender).exclusive {
            continue;
        }
        if let Some(&send) = chart.accepted.get(&item.id) {
            let send = &chart.sends[send];
            let differs = [
                (send.sender != item.sender).then_some("sender"),
                (send.conversation != item.conversation).then_some("conversation"),
                (send.content != item.content).then_some("content"),
            ];
            let differs: Vec<_> = differs.into_iter().flatten().collect();
            if differs.is_empty() {
                finding.met();
            } else {
                finding.broken(|| Witness {
                    claim: format!("message {} arrived with another {}", item.id, differs.join(" and ")),
                    records: chart.tell(&[send.record, receipt.record]),
                });
            }
            continue;
        }
        let same = lookalikes.get(&(item.sender, item.conversation, item.content));
        let may_be_one = |send: &&Send| match send.outcome {
            Outcome::Unknown => true,
            // An acceptance without an id cannot be told apart.
            Outcome::Accepted { id, .. } => id.0 == 0,
            Outcome::Refused { .. } => !send.outcome.has_no_effect(),
        };
        if same.is_some_and(|sends| sends.iter().any(may_be_one)) {
            finding.met();
        } else {
            finding.broken(|| Witness {
                claim: format!("message {} arrived, which nobody sent", item.id),
                records: chart.tell(&[receipt.record]),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::{Validity, checker::story::Story};

    #[test]
    fn what_was_sent_is_no_phantom() {
        let mut story = Story::team();
        story.alice().sends("hi").accepted(1);
        story.bob().receives(1, "hi");
        let found = story.finding("C02");
        assert_eq!((found.validity(), found.obligations), (Validity::Valid, 1));
    }

    #[test]
    fn a_message_that_nobody_sent_is_a_phantom() {
        let mut story = Story::team();
        story.bob().receives(9, "boo");
        assert_eq!(story.finding("C02").violations, 1);
    }

    #[test]
    fn a_changed_text_is_seen() {
        let mut story = Story::team();
        story.alice().sends("hi").accepted(1);
        story.bob().receives(1, "ho");
        assert!(story.finding("C02").witness.unwrap().claim.contains("another content"));
    }

    #[test]
    fn an_unanswered_message_may_arrive() {
        let mut story = Story::team();
        story.alice().sends("maybe").unanswered();
        story.bob().receives(5, "maybe");
        assert_eq!(story.finding("C02").validity(), Validity::Valid);
    }

    #[test]
    fn messages_of_accounts_that_others_use_are_not_judged() {
        let mut story = Story::team();
        story.bob().receives_from_a_stranger(7, "spam");
        assert_eq!(story.finding("C02").obligations, 0);
    }
}
