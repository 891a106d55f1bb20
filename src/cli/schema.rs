//! `chatproof schema`: the JSON Schema of the scenario file.

use clap::Args;

use super::{
    exit::Exit,
    output::{self, Output},
};
use crate::scenario;

/// Print the JSON Schema of the scenario file, for editors
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {}

const EXAMPLES: &str = "\
Examples:
  chatproof schema > scenario.schema.json

Then start each scenario file with
  # yaml-language-server: $schema=scenario.schema.json";

/// Runs the command.
pub(super) fn run(arguments: Arguments, _output: &Output) -> Exit {
    let Arguments {} = arguments;
    output::print(&scenario::schema_text())
}
