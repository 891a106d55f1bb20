//! `chatproof list`: what this binary knows, by name.

use clap::{Args, ValueEnum};

use super::{exit::Exit, output::Output};

/// List what this binary knows: scenarios, cases, faults, checkers, metrics, capabilities
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// What to list
    #[arg(value_enum)]
    subject: Subject,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Subject {
    /// Scenarios shipped inside this binary.
    Scenarios,
    /// Conformance cases.
    Cases,
    /// Switchable defects of the embedded server.
    Faults,
    /// Rules that judge a history.
    Checkers,
    /// What thresholds can speak of.
    Metrics,
    /// What a target may or may not offer.
    Capabilities,
}

const EXAMPLES: &str = "\
Examples:
  chatproof list scenarios
  chatproof list checkers --json";

/// Runs the command.
pub(super) fn run(arguments: Arguments, _output: &Output) -> Exit {
    let _ = arguments.subject;
    Exit::Fault.saying("`list` is not in this build")
}
