//! How results are shown: flags that every command takes, and the log on stderr.

use std::io::{self, IsTerminal, Write};

use clap::{ArgAction, Args};
use tracing_subscriber::EnvFilter;

use super::exit::Exit;

/// Environment variable with a log filter that overrides `-v`, such as `chatproof::session=trace`.
const LOG_VARIABLE: &str = "CHATPROOF_LOG";

/// Flags of every command that say how results are shown.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// Print one JSON object a line on stdout instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Never colour the output (also: the environment variable NO_COLOR)
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Show problems only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Log more on stderr: -v what happens, -vv details, -vvv everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

impl Output {
    /// Whether text on stdout may be coloured.
    pub fn colors_stdout(&self) -> bool {
        self.allows_color() && io::stdout().is_terminal()
    }

    /// Whether text on stderr may be coloured.
    pub fn colors_stderr(&self) -> bool {
        self.allows_color() && io::stderr().is_terminal()
    }

    fn allows_color(&self) -> bool {
        !self.no_color && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }

    /// Sends the log to stderr at the level asked for.
    pub(super) fn start_log(&self) {
        let level = match (self.quiet, self.verbose) {
            (true, _) => "error",
            (false, 0) => "warn",
            (false, 1) => "warn,chatproof=info",
            (false, 2) => "info,chatproof=debug",
            (false, _) => "trace",
        };
        let filter = std::env::var(LOG_VARIABLE)
            .ok()
            .and_then(|text| EnvFilter::try_new(text).ok())
            .unwrap_or_else(|| EnvFilter::new(level));
        // A second subscriber is refused; the first one stays.
        drop(
            tracing_subscriber::fmt()
                .with_env_filter(filter)
                .with_ansi(self.colors_stderr())
                .with_writer(io::stderr)
                .try_init(),
        );
    }
}

/// Writes `text` to stdout in one go.
pub(super) fn print(text: &str) -> Exit {
    let mut stdout = io::stdout().lock();
    Exit::written(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}
