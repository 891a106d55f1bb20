//! `chatproof encode`: logical messages to frames.

use clap::Args;

use super::{exit::Exit, output::Output};

/// Turn logical messages (JSON lines on stdin) into the frames that the SDK would send
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {}

const EXAMPLES: &str = "\
Examples:
  chatproof encode < messages.jsonl";

/// Runs the command.
pub(super) fn run(arguments: Arguments, _output: &Output) -> Exit {
    let Arguments {} = arguments;
    Exit::Fault.saying("`encode` is not in this build")
}
