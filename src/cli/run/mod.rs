//! `chatproof run`: plays scenarios and judges them.

mod embedded;
mod folder;
mod play;
mod seed;

use std::{path::PathBuf, sync::Arc};

use clap::Args;

use super::{exit::Exit, output::Output, process::block_on, scenarios, target::Target};
use play::{Run, Script};

/// Play scenarios and judge what happened
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Scenario files, or names of shipped scenarios (`chatproof list scenarios`)
    #[arg(required = true, value_name = "SCENARIO")]
    pub scenarios: Vec<PathBuf>,
    /// Where the report goes [default: reports/TIME-NAME/]
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
    let Arguments { scenarios, out, seed, target } = arguments;
    let opened = match scenarios::open_all(&scenarios, output) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let plan = match target.plan() {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    let again = target.typed();
    let names = scenarios.iter().map(|path| path.display().to_string());
    let scripts = names.zip(opened).map(|(file, scenario)| Script { file, scenario: Arc::new(scenario) });
    // Small enough to be typed again, and for every JSON reader.
    let seed = seed.unwrap_or_else(|| rand::random::<u32>().into());
    let run = Run { scripts: scripts.collect(), plan, seed, folder: out, output: output.clone(), again };
    block_on(run.play())
}
