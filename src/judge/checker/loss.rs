//! C01: nothing that the server accepted is lost.

use super::Checker;
use crate::judge::{
    chart::{Chart, Missing, Outcome},
    finding::{Finding, Witness},
};

pub(super) const CHECKER: Checker = Checker {
    id: "C01",
    name: "no-loss",
    about: "every accepted message reaches every member that stayed",
    check,
};

/// A message counts once for each member that neither joined nor left since it was sent, is not its
/// sender, and either received it or was given the time to. That it is lost, and not late, is
/// proved by a marker behind it.
fn check(chart: &Chart<'_>, finding: &mut Finding) {
    for send in &chart.sends {
        let Outcome::Accepted { record: answer, at: accepted, id, .. } = send.outcome else { continue };
        for user in chart.stable_members(send.conversation, send.at) {
            if user == send.sender {
                continue;
            }
            if chart.has_received(user, id) {
                finding.met();
                continue;
            }
            match chart.missing(user, send, accepted) {
                Missing::Excused => {}
                Missing::Unproved => finding.undecided(),
                Missing::Lost => finding.broken(|| Witness {
                    claim: format!(
                        "message {id} was accepted, {} never received it, and a later one arrived",
                        chart.user(user)
                    ),
                    records: chart.tell(&[send.record, answer]),
                }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::{
        Validity,
        checker::story::{Story, TEAM},
    };

    #[test]
    fn a_message_that_everybody_received_is_not_lost() {
        let mut story = Story::team();
        story.alice().sends("hi").accepted(1);
        story.bob().receives(1, "hi");
        story.carol().receives(1, "hi");
        let found = story.finding("C01");
        assert_eq!((found.validity(), found.obligations), (Validity::Valid, 2));
    }

    #[test]
    fn a_message_that_a_later_marker_overtook_is_lost() {
        let mut story = Story::team();
        story.alice().sends("hi").accepted(1);
        story.carol().receives(1, "hi");
        story.bob().rests(TEAM, true);
        let found = story.finding("C01");
        assert_eq!((found.validity(), found.violations), (Validity::Invalid, 1));
        assert!(found.witness.unwrap().claim.contains("bob never received it"));
    }

    #[test]
    fn a_message_that_nothing_overtook_is_undecided() {
        let mut story = Story::team();
        story.alice().sends("hi").accepted(1);
        story.bob().rests(TEAM, false);
        assert!(story.finding("C01").is_undecided());
    }

    #[test]
    fn a_message_is_not_owed_to_who_left_or_joined_later() {
        let mut story = Story::team();
        story.alice().sends("hi").accepted(1);
        story.bob().leaves(TEAM);
        story.bob().rests(TEAM, true);
        story.dave().joins(TEAM);
        story.dave().rests(TEAM, true);
        assert_eq!(story.finding("C01").obligations, 0);
    }

    #[test]
    fn a_refused_or_unanswered_message_is_owed_to_nobody() {
        let mut story = Story::team();
        story.alice().sends("no").refused(602);
        story.alice().sends("maybe").unanswered();
        story.bob().rests(TEAM, true);
        assert_eq!(story.finding("C01").obligations, 0);
    }

    #[test]
    fn a_message_that_was_taken_back_is_owed_to_nobody() {
        let mut story = Story::team();
        story.alice().sends("oops").accepted(1);
        story.alice().recalls(1);
        story.bob().rests(TEAM, true);
        assert_eq!(story.finding("C01").violations, 0);
    }

    #[test]
    fn a_room_owes_nothing_to_who_was_offline() {
        let mut story = Story::room();
        story.bob().closes();
        story.alice().sends("hi").accepted(1);
        story.bob().opens();
        story.bob().rests(TEAM, true);
        assert_eq!(story.finding("C01").violations, 0);
    }

    #[test]
    fn nothing_is_owed_once_the_world_was_changed_by_hand() {
        let mut story = Story::team();
        story.alice().sends("hi").accepted(1);
        story.alice().disturbs();
        story.bob().rests(TEAM, true);
        assert_eq!(story.finding("C01").violations, 0);
    }
}
