//! `chatproof man`: the manual page, or one page a command in a folder.

use std::{io, path::PathBuf};

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::{
    Chatproof,
    exit::Exit,
    output::{self, Output},
};

/// Print the manual page, or write all pages into a folder
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Write chatproof.1 and a page for each command here instead
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  chatproof man > chatproof.1
  chatproof man --dir ~/.local/share/man/man1";

/// Runs the command.
pub(super) fn run(arguments: Arguments, _output: &Output) -> Exit {
    let root = Chatproof::command();
    match arguments.dir {
        None => match page(root) {
            Ok(page) => output::print(&page),
            Err(error) => Exit::Fault.because("make the manual page", &error),
        },
        Some(folder) => match write_pages(root, &folder) {
            Ok(()) => Exit::Good,
            Err(error) => {
                Exit::Unreachable.because(&format!("write manual pages to {}", folder.display()), &error)
            }
        },
    }
}

fn page(command: clap::Command) -> io::Result<String> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn write_pages(root: clap::Command, folder: &std::path::Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(root.disable_help_subcommand(true), folder)
}
