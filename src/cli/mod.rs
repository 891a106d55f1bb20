//! The commands, one file each: typed arguments become a plan once, and nothing below knows clap.

use std::process::ExitCode;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
