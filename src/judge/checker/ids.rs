//! C07: the ids that the server gives are there and are its own.

use std::collections::HashMap;

use super::Checker;
use crate::judge::{
    chart::{Chart, Outcome},
    finding::{Finding, Witness},
};

pub(super) const CHECKER: Checker =
    Checker { id: "C07", name: "server-ids", about: "every accepted message gets an id of its own", check };

fn check(chart: &Chart<'_>, finding: &mut Finding) {
    let mut owners: HashMap<_, (usize, (_, _))> = HashMap::new();
    for send in &chart.sends {
        let Outcome::Accepted { record, id, local, .. } = send.outcome else { continue };
        if id.0 == 0 {
            finding.broken(|| Witness {
                claim: "a message was accepted without an id".to_owned(),
                records: chart.tell(&[send.record, record]),
            });
            continue;
        }
        // The same local id again is the same message, which keeps its id.
        let message = (send.session, local);
        match owners.get(&id) {
            Some(&(first, owner)) if owner != message || local.0 == 0 => finding.broken(|| Witness {
                claim: format!("two messages got the id {id}"),
                records: chart.tell(&[first, record]),
            }),
            Some(_) => finding.met(),
            None => {
                owners.insert(id, (record, message));
                finding.met();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::{Validity, checker::story::Story};

    #[test]
    fn ids_of_their_own_are_fine() {
        let mut story = Story::team();
        story.alice().sends("1").accepted(1);
        story.bob().sends("2").accepted(2);
        assert_eq!(story.finding("C07").validity(), Validity::Valid);
    }

    #[test]
    fn an_id_given_twice_and_an_id_of_zero_are_seen() {
        let mut story = Story::team();
        story.alice().sends("1").accepted(1);
        story.bob().sends("2").accepted(1);
        assert_eq!(story.finding("C07").violations, 1);
        story.bob().sends("3").accepted(0);
        assert_eq!(story.finding("C07").violations, 2);
    }
}
