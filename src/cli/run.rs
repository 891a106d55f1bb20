//! `chatproof run`: plays scenarios and judges them.

use std::path::PathBuf;

use clap::Args;

use super::{exit::Exit, output::Output, scenarios, target::Target};

/// Play scenarios and judge what happened
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Scenario files, or names of shipped scenarios (`chatproof list scenarios`)
    #[arg(required = true, value_name = "SCENARIO")]
    pub scenarios: Vec<PathBuf>,
    /// Where the report goes [default: reports/<time>-<name>/]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Repeat a run: the same seed makes the same choices
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// The server under test.
    #[command(flatten)]
    pub target: Target,
}

const EXAMPLES: &str = "\
Examples:
  chatproof run tour                       a shipped scenario, against the embedded server
  chatproof run my.yaml --json             one JSON object a line, for scripts
  chatproof run my.yaml --ws https://im.example/ws --rest https://a1.example --appkey org#app
  chatproof run my.yaml --target staging.yaml --out reports/staging --seed 7

Secrets come from the environment (CHATPROOF_CLIENT_ID, CHATPROOF_CLIENT_SECRET,
CHATPROOF_TOKEN) or from the profile's files, never from the command line.";

/// Runs the command.
pub(super) fn run(arguments: Arguments, output: &Output) -> Exit {
    match scenarios::open_all(&arguments.scenarios, output) {
        Ok(_scenarios) => Exit::Fault.saying("`run` is not in this build"),
        Err(exit) => exit,
    }
}
