//! What one checker found in one history.

/// What a checker says.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Validity {
    /// Nothing to judge, or it could not decide.
    #[default]
    Unknown,
    /// Every obligation was met.
    Valid,
    /// At least one was broken.
    Invalid,
}

impl Validity {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Valid => "valid",
            Self::Invalid => "invalid",
        }
    }
}

/// The smallest evidence of a violation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Witness {
    /// What is wrong, in one line.
    pub claim: String,
    /// The records that show it, in the order of the clock.
    pub records: Vec<String>,
}

/// What a checker found, over all casts of a scenario or of a run.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Finding {
    /// How many times there was something to judge.
    pub obligations: u64,
    /// How many of them could not be decided.
    pub undecided: u64,
    /// How many of them were broken.
    pub violations: u64,
    /// The evidence of the first violation.
    pub witness: Option<Witness>,
}

impl Finding {
    /// What the checker says: one broken obligation makes it invalid, one undecided unknown.
    pub const fn validity(&self) -> Validity {
        if self.violations > 0 {
            Validity::Invalid
        } else if self.undecided > 0 || self.obligations == 0 {
            Validity::Unknown
        } else {
            Validity::Valid
        }
    }

    /// Whether it had something to judge and could not.
    pub const fn is_undecided(&self) -> bool {
        self.violations == 0 && self.undecided > 0
    }

    /// One more obligation, which was met.
    pub(super) const fn met(&mut self) {
        self.obligations += 1;
    }

    /// One more obligation, which cannot be decided.
    pub(super) const fn undecided(&mut self) {
        self.obligations += 1;
        self.undecided += 1;
    }

    /// One more obligation, which was broken. The first witness is kept.
    pub(super) fn broken(&mut self, witness: impl FnOnce() -> Witness) {
        self.obligations += 1;
        self.violations += 1;
        if self.witness.is_none() {
            self.witness = Some(witness());
        }
    }

    /// Adds what was found elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.obligations += other.obligations;
        self.undecided += other.undecided;
        self.violations += other.violations;
        if self.witness.is_none() {
            self.witness.clone_from(&other.witness);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_obligations_are_unknown_and_change_nothing() {
        let finding = Finding::default();
        assert_eq!(finding.validity(), Validity::Unknown);
        assert!(!finding.is_undecided());
    }

    #[test]
    fn one_broken_obligation_outweighs_everything() {
        let mut finding = Finding::default();
        finding.met();
        assert_eq!(finding.validity(), Validity::Valid);
        finding.undecided();
        assert_eq!(finding.validity(), Validity::Unknown);
        assert!(finding.is_undecided());
        finding.broken(|| Witness { claim: "lost".to_owned(), records: Vec::new() });
        assert_eq!(finding.validity(), Validity::Invalid);
        assert_eq!((finding.obligations, finding.undecided, finding.violations), (3, 1, 1));
    }
}
