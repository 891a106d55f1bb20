//! The commands, one file each: typed arguments become a plan once, and nothing below knows clap.
//!
//! Each command file has its `Arguments` and a `run` that ends in an [`exit::Exit`]; what every
//! command shares is in `output` (how results are shown) and `target` (which server is tested).

use std::process::ExitCode;

use clap::{Parser, Subcommand, error::ErrorKind};

pub mod completions;
pub mod decode;
pub mod encode;
pub mod exit;
pub mod list;
pub mod man;
pub mod output;
pub mod process;
pub mod profile;
pub mod run;
pub mod scenarios;
pub mod schema;
pub mod serve;
pub mod shipped;
pub mod target;
pub mod world;

use exit::Exit;

/// The command line, as typed.
#[derive(Debug, Parser)]
#[command(
    name = "chatproof",
    version,
    about = "Conformance, load and fuzz testing for the Easemob WebIM chat protocol (MSync)",
    long_about = "Conformance, load and fuzz testing for the Easemob WebIM chat protocol (MSync).\n\n\
        A scenario file scripts one conversation between a few actors. chatproof plays it with \
        simulated clients, records what happened, judges whether the server was right and measures \
        how long it took.",
    after_help = AFTER_HELP,
    propagate_version = true,
    max_term_width = 100
)]
pub struct Chatproof {
    #[command(flatten)]
    output: output::Output,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  chatproof run tour                       play the tour against the embedded server
  chatproof serve                          a chat server on 127.0.0.1 for client developers
  chatproof list scenarios                 what is shipped inside this binary

Exit codes:
    0  all good
    1  judged bad: a case failed, a checker found a breach, a threshold broke
    2  undecided: not testable, flaky, or the harness itself was the bottleneck
    3  usage, or a mistake in a scenario, world or profile
    4  the target cannot be reached, or its set-up failed
   70  a defect of chatproof
  130  interrupted; a partial report was written";

#[derive(Debug, Subcommand)]
enum Command {
    Run(Box<run::Arguments>),
    Serve(serve::Arguments),
    Encode(encode::Arguments),
    Decode(decode::Arguments),
    List(list::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    process::guarded(|| match Chatproof::try_parse() {
        Ok(parsed) => {
            parsed.output.start_log();
            parsed.execute()
        }
        Err(error) => {
            let shown = error.print();
            match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::written(shown),
                _ => Exit::Usage,
            }
        }
    })
}

impl Chatproof {
    fn execute(self) -> Exit {
        let output = &self.output;
        match self.command {
            Command::Run(arguments) => run::run(*arguments, output),
            Command::Serve(arguments) => serve::run(arguments, output),
            Command::Encode(arguments) => encode::run(arguments, output),
            Command::Decode(arguments) => decode::run(arguments, output),
            Command::List(arguments) => list::run(arguments, output),
            Command::Schema(arguments) => schema::run(arguments, output),
            Command::Completions(arguments) => completions::run(arguments, output),
            Command::Man(arguments) => man::run(arguments, output),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Chatproof::command().debug_assert();
    }

    #[test]
    fn every_command_has_examples_and_each_example_parses() {
        let root = Chatproof::command();
        for command in root.get_subcommands().chain([&root]) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let examples: Vec<&str> =
                help.lines().map(str::trim).filter(|line| line.starts_with("chatproof ")).collect();
            assert!(!examples.is_empty(), "{} has no examples", command.get_name());
            for example in examples {
                let typed = example.split("  ").next().unwrap().split(['|', '>', '<']).next().unwrap();
                if let Err(error) = Chatproof::try_parse_from(typed.split_whitespace()) {
                    panic!("{typed}: {error}");
                }
            }
        }
    }
}
