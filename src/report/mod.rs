//! What a person or a machine reads of a run. Every report is a fold over the same events.
//!
//! A [`Reporter`] is told each [`Event`] of the engine and, at the end, the [`Judgement`]. Reporters
//! know nothing of each other; [`Desk`] hands everything to all of them.

mod console;
mod desk;
mod json;
mod summary;
mod text;

pub use console::{Colors, Console, Loudness, Manner, Progress};
pub use desk::Desk;
pub use json::JsonLines;
pub use summary::{Head, SUMMARY, Summary};

use crate::{history::Event, judge::Judgement};

/// One report in the making.
pub trait Reporter: Send {
    /// Something happened.
    fn on(&mut self, event: &Event);

    /// The run is over and judged; `exit_code` is what the process will exit with.
    fn judged(&mut self, judgement: &Judgement, exit_code: u8);
}
