//! Why a step or a set-up did not go as it should, before it is known where in which file.

use crate::{client::ClientError, scenario::EvaluationError};

/// What kept a step from going as the script says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Setback {
    /// What should have happened.
    pub(super) expected: String,
    /// What happened.
    pub(super) observed: String,
    /// Events that came instead, oldest first.
    pub(super) also_seen: Vec<String>,
    /// Whose trouble it is.
    pub(super) blame: Blame,
}

/// Whose trouble a [`Setback`] is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Blame {
    /// The server did not do what the script says.
    Target,
    /// The step could not be tried, or its own expressions have no value.
    Script,
}

impl Setback {
    /// The server did something else.
    pub(super) fn target(expected: impl Into<String>, observed: impl Into<String>) -> Self {
        Self::new(expected, observed, Blame::Target)
    }

    /// The step makes no sense at this point.
    pub(super) fn script(expected: impl Into<String>, observed: impl Into<String>) -> Self {
        Self::new(expected, observed, Blame::Script)
    }

    fn new(expected: impl Into<String>, observed: impl Into<String>, blame: Blame) -> Self {
        Self { expected: expected.into(), observed: observed.into(), also_seen: Vec::new(), blame }
    }

    pub(super) fn with_also_seen(mut self, also_seen: Vec<String>) -> Self {
        self.also_seen = also_seen;
        self
    }

    /// A client or REST call failed where `expected` should have happened.
    pub(super) fn client(expected: impl Into<String>, error: &ClientError) -> Self {
        let blame = match error {
            ClientError::Misuse { .. } | ClientError::Ended => Blame::Script,
            _ => Blame::Target,
        };
        Self::new(expected, chain(error), blame)
    }
}

impl From<EvaluationError> for Setback {
    fn from(error: EvaluationError) -> Self {
        Self::script(format!("a value for `{}`", error.text), error.reason)
    }
}

/// An error and its causes, in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
