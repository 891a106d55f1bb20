//! The binary: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    chatproof::cli::main()
}
