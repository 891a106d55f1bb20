//! `chatproof completions`: a completion script for a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{
    Chatproof,
    exit::Exit,
    output::{self, Output},
};

/// Print a completion script for your shell
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  chatproof completions bash > ~/.local/share/bash-completion/completions/chatproof
  chatproof completions zsh > ~/.zfunc/_chatproof
  chatproof completions fish > ~/.config/fish/completions/chatproof.fish";

/// Runs the command.
pub(super) fn run(arguments: Arguments, _output: &Output) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Chatproof::command(), "chatproof", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}
