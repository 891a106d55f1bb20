//! The history checkers, one file a question, and the table of them.

mod answers;
mod content;
mod duplicates;
mod ids;
mod loss;
mod order;
mod phantoms;
mod recalls;
mod receipts;
mod refusals;
mod sequence;
#[cfg(test)]
mod story;
mod walks;

use super::{chart::Chart, finding::Finding};
use crate::history::History;

/// One question about a history.
pub struct Checker {
    /// Its id, which never changes, such as `C01`.
    pub id: &'static str,
    /// Its name, which a scenario's `checkers` may use as well.
    pub name: &'static str,
    /// What it asks, in one line.
    pub about: &'static str,
    check: fn(&Chart<'_>, &mut Finding),
}

/// Every checker, by id.
pub const CHECKERS: &[Checker] = &[
    loss::CHECKER,
    phantoms::CHECKER,
    duplicates::CHECKER,
    order::CHECKER,
    sequence::SENDER_ORDER,
    sequence::APPEND,
    ids::CHECKER,
    receipts::CHECKER,
    recalls::CHECKER,
    walks::WALK,
    content::CHECKER,
    refusals::CHECKER,
    answers::CHECKER,
    walks::DELETION,
];

impl Checker {
    /// The checker of this id or name.
    pub fn find(word: &str) -> Option<&'static Self> {
        CHECKERS.iter().find(|checker| checker.id.eq_ignore_ascii_case(word) || checker.name == word)
    }
}

impl std::fmt::Debug for Checker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checker").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// Runs every checker over a history, cast by cast: one finding each, in the order of [`CHECKERS`].
///
/// Linear in the number of records; beyond them, memory is needed for one cast at a time.
pub fn judge(history: &History) -> Vec<Finding> {
    let mut findings = vec![Finding::default(); CHECKERS.len()];
    for cast in history.records.chunk_by(|one, next| one.cast == next.cast) {
        let chart = Chart::new(&history.names, cast);
        for (checker, finding) in CHECKERS.iter().zip(&mut findings) {
            (checker.check)(&chart, finding);
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Validity;

    #[test]
    fn an_empty_history_leaves_every_checker_unknown() {
        for finding in judge(&History::default()) {
            assert_eq!((finding.validity(), finding.obligations), (Validity::Unknown, 0));
        }
    }

    #[test]
    fn ids_and_names_are_unique_and_found() {
        for (place, checker) in CHECKERS.iter().enumerate() {
            assert!(
                std::ptr::eq(Checker::find(checker.id).unwrap(), &raw const CHECKERS[place]) || {
                    Checker::find(checker.id).unwrap().name == checker.name
                }
            );
            assert_eq!(Checker::find(checker.name).unwrap().id, checker.id);
        }
        assert!(Checker::find("C99").is_none());
    }
}
