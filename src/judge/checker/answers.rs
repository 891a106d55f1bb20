//! C19: every call is answered once, and only calls are answered.

use super::Checker;
use crate::{
    history::Defect,
    judge::{
        chart::{Chart, Outcome},
        finding::{Finding, Witness},
    },
};

pub(super) const CHECKER: Checker = Checker {
    id: "C19",
    name: "one-answer",
    about: "every message is answered once, and nothing else is answered",
    check,
};

fn check(chart: &Chart<'_>, finding: &mut Finding) {
    for send in &chart.sends {
        if send.outcome != Outcome::Unknown {
            finding.met();
        }
    }
    for &(record, defect) in &chart.defects {
        let claim = match defect {
            Defect::AnsweredTwice(id) => format!("message {id} was answered twice"),
            Defect::AnsweredUnknown(id) => format!("an answer came for {id}, which was not sent"),
            Defect::Repeated(_) | Defect::Undecodable | Defect::Protocol => continue,
        };
        finding.broken(|| Witness { claim, records: chart.tell(&[record]) });
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        history::Defect,
        judge::{Validity, checker::story::Story},
        protocol::id::LocalId,
    };

    #[test]
    fn one_answer_each_is_fine_and_a_second_one_is_seen() {
        let mut story = Story::team();
        story.alice().sends("1").accepted(1);
        story.alice().sends("2").refused(602);
        let found = story.finding("C19");
        assert_eq!((found.validity(), found.obligations), (Validity::Valid, 2));
        story.alice().misbehaves(Defect::AnsweredTwice(LocalId(1)));
        assert_eq!(story.finding("C19").violations, 1);
    }
}
