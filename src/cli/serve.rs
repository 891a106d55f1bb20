//! `chatproof serve`: the embedded server, for people who write clients.

use clap::Args;

use super::{exit::Exit, output::Output};

/// Run the embedded chat server, for people who write clients
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {}

const EXAMPLES: &str = "\
Examples:
  chatproof serve                          on a port of its choice, demo world";

/// Runs the command.
pub(super) fn run(arguments: Arguments, _output: &Output) -> Exit {
    let Arguments {} = arguments;
    Exit::Fault.saying("`serve` is not in this build")
}
