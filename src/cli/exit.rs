//! Exit codes, in one place: what a script or a CI job may rely on.

use std::{
    error::Error,
    io::{self, ErrorKind, Write},
    process::ExitCode,
};

/// How a command ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// All good.
    Good,
    /// Judged bad: a case failed, a checker found a breach, a threshold broke, a line was refused.
    Bad,
    /// Undecided: not testable, flaky, or the harness itself was the bottleneck.
    Undecided,
    /// Wrong usage, or a mistake in a scenario, world or profile.
    Usage,
    /// The target cannot be reached, or its set-up failed.
    Unreachable,
    /// A defect of chatproof.
    Fault,
    /// Interrupted; a partial report was written.
    Interrupted,
}

impl Exit {
    /// The number that the process exits with.
    pub const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Bad => 1,
            Self::Undecided => 2,
            Self::Usage => 3,
            Self::Unreachable => 4,
            Self::Fault => 70,
            Self::Interrupted => 130,
        }
    }

    /// Success if the output was written or its reader went away, as `head` does.
    pub fn written(result: io::Result<()>) -> Self {
        match result {
            Ok(()) => Self::Good,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Self::Good,
            Err(error) => Self::Unreachable.because("write the output", &error),
        }
    }

    /// Ends here, saying on stderr what failed and why, cause by cause.
    #[must_use]
    pub fn because(self, failed_to: &str, error: &dyn Error) -> Self {
        let mut text = format!("failed to {failed_to}: {error}");
        let mut cause = error.source();
        while let Some(inner) = cause {
            text.push_str(&format!("\n  because: {inner}"));
            cause = inner.source();
        }
        self.saying(&text)
    }

    /// Ends here, saying this on stderr.
    #[must_use]
    pub fn saying(self, text: &str) -> Self {
        // Nobody is left to tell if stderr is closed.
        drop(writeln!(io::stderr().lock(), "chatproof: {text}"));
        self
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
