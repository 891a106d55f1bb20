//! `chatproof decode`: frames to trees.

use clap::Args;

use super::{exit::Exit, output::Output};

/// Show what is inside MSync frames read from stdin
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {}

const EXAMPLES: &str = "\
Examples:
  chatproof decode < frames.txt";

/// Runs the command.
pub(super) fn run(arguments: Arguments, _output: &Output) -> Exit {
    let Arguments {} = arguments;
    Exit::Fault.saying("`decode` is not in this build")
}
