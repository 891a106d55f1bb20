//! Verdicts: of a scenario, from how it ended and what the checkers found, and of a whole run.

use std::time::Duration;

use super::{
    checker::CHECKERS,
    finding::{Finding, Validity},
    threshold::Measured,
};
use crate::history::{Ending, Failure, Latencies};

/// What is said of a case.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Verdict {
    /// It is as it should be.
    Pass,
    /// It is not as it should be, where it only should.
    NonStrict,
    /// It is not as it must be.
    Fail,
    /// Something was learned that nobody demands.
    Info,
    /// The target does not claim to have it.
    NotApplicable,
    /// It could not be tried, or not be decided.
    NotTestable,
    /// It failed once and passed once.
    Flaky,
    /// A defect of this program.
    Error,
}

impl Verdict {
    /// Every verdict, in the order of reports.
    pub const ALL: [Self; 8] = [
        Self::Pass,
        Self::NonStrict,
        Self::Fail,
        Self::Info,
        Self::NotApplicable,
        Self::NotTestable,
        Self::Flaky,
        Self::Error,
    ];

    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NonStrict => "non-strict",
            Self::Fail => "fail",
            Self::Info => "info",
            Self::NotApplicable => "not-applicable",
            Self::NotTestable => "not-testable",
            Self::Flaky => "flaky",
            Self::Error => "error",
        }
    }
}

/// How a run ended as a whole; the command turns it into its exit code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Conclusion {
    /// Nothing to complain of.
    Good,
    /// A case failed.
    Bad,
    /// A case could not be decided.
    Undecided,
    /// The target could not be reached or set up.
    Unreachable,
    /// A defect of this program.
    Broken,
    /// The run was interrupted.
    Interrupted,
}

/// One scenario, judged.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name or case id.
    pub id: String,
    /// The file, as given.
    pub file: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in one line; empty for a plain pass.
    pub reason: String,
    /// Steps that did not go as the script says.
    pub failures: Vec<Failure>,
    /// How many conversations failed.
    pub failed_conversations: u64,
    /// Its thresholds.
    pub thresholds: Vec<Measured>,
    /// What the checkers found, in the order of [`CHECKERS`].
    pub findings: Vec<Finding>,
    /// How long it took.
    pub took: Duration,
    conclusion: Conclusion,
}

/// What a case is judged by.
#[derive(Debug)]
pub struct Evidence {
    /// The scenario's name or case id.
    pub id: String,
    /// Its file, as given.
    pub file: String,
    /// How its playing ended.
    pub ending: Ending,
    /// What the checkers found, in the order of [`CHECKERS`]; empty if nothing was played.
    pub findings: Vec<Finding>,
    /// Checkers, by id or name, that must have had something to judge.
    pub required: Vec<String>,
    /// Its thresholds.
    pub thresholds: Vec<Measured>,
    /// How long it took.
    pub took: Duration,
}

impl Case {
    /// Judges the evidence.
    pub fn new(evidence: Evidence) -> Self {
        let Evidence { id, file, ending, findings, required, thresholds, took } = evidence;
        let (mut failures, mut failed_conversations) = (Vec::new(), 0);
        let (mut verdict, mut conclusion, mut reason) = match ending {
            Ending::Passed => (Verdict::Pass, Conclusion::Good, String::new()),
            Ending::Failed { conversations, failures: first } => {
                (failures, failed_conversations) = (first, conversations);
                let blamed = failures.iter().find(|failure| failure.blames_target);
                let told = blamed.or_else(|| failures.first()).map(Failure::headline).unwrap_or_default();
                match blamed {
                    Some(_) => (Verdict::Fail, Conclusion::Bad, told),
                    None => (Verdict::NotTestable, Conclusion::Undecided, told),
                }
            }
            Ending::NotApplicable { reason } => (Verdict::NotApplicable, Conclusion::Good, reason),
            Ending::NotTestable { reason } => (Verdict::NotTestable, Conclusion::Undecided, reason),
            Ending::Unreachable { reason } => (Verdict::NotTestable, Conclusion::Unreachable, reason),
            Ending::Interrupted => (Verdict::NotTestable, Conclusion::Interrupted, "interrupted".to_owned()),
            Ending::Broken { reason } => (Verdict::Error, Conclusion::Broken, reason),
        };
        let found = checkers_and_thresholds(&findings, &required, &thresholds, conclusion);
        if let Some((worse, because)) = found {
            let raise = match worse {
                Conclusion::Bad => matches!(conclusion, Conclusion::Good | Conclusion::Undecided),
                _ => conclusion == Conclusion::Good,
            };
            if raise {
                conclusion = worse;
                verdict = if worse == Conclusion::Bad { Verdict::Fail } else { Verdict::NotTestable };
                reason = because;
            }
        }
        Self {
            id,
            file,
            verdict,
            reason,
            failures,
            failed_conversations,
            thresholds,
            findings,
            took,
            conclusion,
        }
    }
}

/// The worst that checkers and thresholds have to say. What was required is only missed where the
/// scenario was played to its end.
fn checkers_and_thresholds(
    findings: &[Finding],
    required: &[String],
    thresholds: &[Measured],
    so_far: Conclusion,
) -> Option<(Conclusion, String)> {
    let named = || CHECKERS.iter().zip(findings);
    if let Some((checker, finding)) = named().find(|(_, finding)| finding.validity() == Validity::Invalid) {
        let claim = finding.witness.as_ref().map_or("", |witness| witness.claim.as_str());
        return Some((Conclusion::Bad, format!("{} {}: {claim}", checker.id, checker.name)));
    }
    if so_far == Conclusion::Good
        && let Some(broken) = thresholds.iter().find(|measured| measured.holds == Some(false))
    {
        return Some((Conclusion::Bad, format!("threshold {}: {}", broken.text, broken.observed)));
    }
    if let Some((checker, finding)) = named().find(|(_, finding)| finding.is_undecided()) {
        let of = format!("{} of {}", finding.undecided, finding.obligations);
        return Some((
            Conclusion::Undecided,
            format!("{} {}: could not decide {of}", checker.id, checker.name),
        ));
    }
    let unmet = required.iter().find(|word| {
        named().any(|(checker, finding)| {
            (checker.id.eq_ignore_ascii_case(word) || checker.name == *word) && finding.obligations == 0
        })
    });
    if let Some(word) = unmet {
        return Some((Conclusion::Undecided, format!("checker {word} is required and had nothing to judge")));
    }
    let unmeasured = thresholds.iter().find(|measured| measured.holds.is_none())?;
    Some((Conclusion::Undecided, format!("threshold {}: {}", unmeasured.text, unmeasured.observed)))
}

/// How many cases have each verdict.
pub type Counts = [(Verdict, usize); Verdict::ALL.len()];

/// A whole run, judged.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// Its scenarios, in the order of playing.
    pub cases: Vec<Case>,
    /// Everything that was measured.
    pub latencies: Latencies,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
}

impl Judgement {
    /// How the run ended as a whole: what says most about this program first, then about the server.
    pub fn conclusion(&self) -> Conclusion {
        let any = |conclusion| self.cases.iter().any(|case| case.conclusion == conclusion);
        if any(Conclusion::Broken) {
            Conclusion::Broken
        } else if self.interrupted || any(Conclusion::Interrupted) {
            Conclusion::Interrupted
        } else {
            let worst = [Conclusion::Unreachable, Conclusion::Bad, Conclusion::Undecided];
            worst.into_iter().find(|conclusion| any(*conclusion)).unwrap_or(Conclusion::Good)
        }
    }

    /// The verdict of the run as a whole.
    pub fn verdict(&self) -> Verdict {
        match self.conclusion() {
            Conclusion::Broken => Verdict::Error,
            Conclusion::Bad => Verdict::Fail,
            Conclusion::Undecided | Conclusion::Unreachable | Conclusion::Interrupted => Verdict::NotTestable,
            Conclusion::Good => {
                let has = |verdict| self.cases.iter().any(|case| case.verdict == verdict);
                let mild = [Verdict::NonStrict, Verdict::Pass, Verdict::Info, Verdict::NotApplicable];
                mild.into_iter().find(|verdict| has(*verdict)).unwrap_or(Verdict::Pass)
            }
        }
    }

    /// How many cases have each verdict.
    pub fn counts(&self) -> Counts {
        Verdict::ALL
            .map(|verdict| (verdict, self.cases.iter().filter(|case| case.verdict == verdict).count()))
    }

    /// What the checkers found over all scenarios, in the order of [`CHECKERS`].
    pub fn findings(&self) -> Vec<Finding> {
        let mut merged = vec![Finding::default(); CHECKERS.len()];
        for case in &self.cases {
            for (into, finding) in merged.iter_mut().zip(&case.findings) {
                into.merge(finding);
            }
        }
        merged
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Witness;

    fn case(ending: Ending, change: impl FnOnce(&mut Evidence)) -> Case {
        let mut evidence = Evidence {
            id: "a".to_owned(),
            file: "a.yaml".to_owned(),
            ending,
            findings: vec![Finding::default(); CHECKERS.len()],
            required: Vec::new(),
            thresholds: Vec::new(),
            took: Duration::ZERO,
        };
        change(&mut evidence);
        Case::new(evidence)
    }

    fn run(cases: Vec<Case>) -> Judgement {
        Judgement { cases, ..Judgement::default() }
    }

    #[test]
    fn checkers_without_obligations_change_nothing() {
        let judgement = run(vec![case(Ending::Passed, |_| {})]);
        assert_eq!((judgement.verdict(), judgement.conclusion()), (Verdict::Pass, Conclusion::Good));
    }

    #[test]
    fn an_invalid_checker_fails_a_scenario_that_passed() {
        let judged = case(Ending::Passed, |evidence| {
            evidence.findings[0].broken(|| Witness { claim: "m was lost".to_owned(), records: Vec::new() });
        });
        assert_eq!((judged.verdict, judged.reason.as_str()), (Verdict::Fail, "C01 no-loss: m was lost"));
        assert_eq!(run(vec![judged]).conclusion(), Conclusion::Bad);
    }

    #[test]
    fn what_could_not_be_decided_leaves_the_run_undecided() {
        let judged = case(Ending::Passed, |evidence| evidence.findings[0].undecided());
        assert_eq!(judged.verdict, Verdict::NotTestable);
        let required = case(Ending::Passed, |evidence| evidence.required.push("no-phantom".to_owned()));
        assert!(required.reason.contains("no-phantom is required"), "{}", required.reason);
        assert_eq!(run(vec![required]).conclusion(), Conclusion::Undecided);
    }

    #[test]
    fn a_broken_threshold_fails_and_an_unmeasured_one_is_undecided() {
        let with = |holds| {
            case(Ending::Passed, |evidence| {
                let (text, observed) = ("errors == 0".to_owned(), "2".to_owned());
                evidence.thresholds.push(Measured { text, observed, holds });
            })
        };
        assert_eq!(with(Some(false)).verdict, Verdict::Fail);
        assert_eq!(with(None).verdict, Verdict::NotTestable);
        assert_eq!(with(Some(true)).verdict, Verdict::Pass);
    }

    #[test]
    fn what_the_harness_could_not_do_does_not_blame_the_server() {
        let unreachable = Ending::Unreachable { reason: "connection refused".to_owned() };
        let judgement = run(vec![case(unreachable, |_| {}), case(Ending::Passed, |_| {})]);
        assert_eq!(
            (judgement.verdict(), judgement.conclusion()),
            (Verdict::NotTestable, Conclusion::Unreachable)
        );
        let broken = case(Ending::Broken { reason: "panicked".to_owned() }, |_| {});
        assert_eq!(run(vec![broken]).verdict(), Verdict::Error);
    }

    #[test]
    fn a_scenario_that_does_not_apply_is_no_trouble() {
        let absent = case(Ending::NotApplicable { reason: "no rooms".to_owned() }, |_| {});
        let judgement = run(vec![absent]);
        assert_eq!((judgement.verdict(), judgement.conclusion()), (Verdict::NotApplicable, Conclusion::Good));
    }
}
