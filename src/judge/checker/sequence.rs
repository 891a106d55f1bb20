//! C05 and C06: what was sent after something else was accepted does not arrive before it.

use std::collections::HashMap;

use super::Checker;
use crate::{
    history::SessionId,
    judge::{
        chart::{Chart, Outcome},
        finding::{Finding, Witness},
    },
    protocol::time::Moment,
};

pub(super) const SENDER_ORDER: Checker = Checker {
    id: "C05",
    name: "sender-order",
    about: "messages of one sender arrive in the order in which they were sent",
    check: |chart, finding| check(chart, finding, |sender| sender),
};

pub(super) const APPEND: Checker = Checker {
    id: "C06",
    name: "real-time-append",
    about: "a message sent after another was accepted does not arrive before it, whoever sent them",
    check: |chart, finding| check(chart, finding, |_| SessionId(u32::MAX)),
};

/// For each observer, the latest invocation among what arrived so far must not be later than the
/// acceptance of what arrives next; per sender, or over all of them.
fn check(chart: &Chart<'_>, finding: &mut Finding, group: fn(SessionId) -> SessionId) {
    for observer in &chart.observers {
        let mut latest: HashMap<SessionId, (Moment, usize)> = HashMap::new();
        for &receipt in &observer.first {
            let receipt = &chart.receipts[receipt];
            let Some(&place) = chart.accepted.get(&receipt.item.id) else { continue };
            let send = &chart.sends[place];
            let Outcome::Accepted { at: accepted, record: answer, .. } = send.outcome else { continue };
            let group = group(send.session);
            match latest.get(&group) {
                Some(&(invoked, overtaker)) if accepted < invoked => finding.broken(|| Witness {
                    claim: format!(
                        "message {} was accepted before another was sent, and arrived after it",
                        receipt.item.id
                    ),
                    records: chart.tell(&[
                        send.record,
                        answer,
                        chart.sends[overtaker].record,
                        receipt.record,
                    ]),
                }),
                Some(_) => finding.met(),
                None => {}
            }
            if latest.get(&group).is_none_or(|(invoked, _)| send.at > *invoked) {
                latest.insert(group, (send.at, place));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::{Validity, checker::story::Story};

    #[test]
    fn messages_in_the_order_of_sending_are_fine() {
        let mut story = Story::team();
        story.alice().sends("1").accepted(1);
        story.alice().sends("2").accepted(2);
        story.bob().receives(1, "1");
        story.bob().receives(2, "2");
        let found = story.finding("C05");
        assert_eq!((found.validity(), found.obligations), (Validity::Valid, 1));
    }

    #[test]
    fn a_message_that_overtakes_an_accepted_one_is_seen() {
        let mut story = Story::team();
        story.alice().sends("1").accepted(1);
        story.alice().sends("2").accepted(2);
        story.bob().receives(2, "2");
        story.bob().receives(1, "1");
        assert_eq!(story.finding("C05").violations, 1);
        assert_eq!(story.finding("C06").violations, 1);
    }

    #[test]
    fn messages_of_two_senders_are_compared_by_the_clock_only() {
        let mut story = Story::team();
        story.alice().sends("1").accepted(1);
        story.carol().sends("2").accepted(2);
        story.bob().receives(2, "2");
        story.bob().receives(1, "1");
        assert_eq!(story.finding("C05").obligations, 0);
        assert_eq!(story.finding("C06").violations, 1);
    }

    #[test]
    fn messages_that_overlap_may_come_in_any_order() {
        let mut story = Story::team();
        let first = story.alice().begins("1");
        let second = story.carol().begins("2");
        story.accept(first, 1);
        story.accept(second, 2);
        story.bob().receives(2, "2");
        story.bob().receives(1, "1");
        assert_eq!(story.finding("C06").validity(), Validity::Valid);
    }
}
