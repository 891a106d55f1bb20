//! What happened in a run, and how long it took.
//!
//! While a scenario is played, three streams leave the engine: [`Record`]s (who invoked what, how
//! it ended, what arrived) for the checkers, times per metric for percentiles and thresholds, and
//! [`Event`]s for whoever watches. A [`Recorder`] takes the first two, a [`Listener`] the third.
//! [`file::Writer`] follows a recorder and appends to `history.jsonl.zst`.

mod call;
pub mod event;
pub mod file;
mod latency;
mod names;
mod record;
mod recorder;
mod secrets;

pub use call::{Call, NoticeKind};
pub use event::{Ending, Event, Failure, Listener};
pub use latency::{Clock, Figures, Latencies, Latency};
pub use names::{Conversation, Member, Names, User};
pub use record::{
    Cast, Change, Content, ConversationId, Defect, Disturbance, Item, MessageKind, Notice, OperationId,
    Record, Refusal, SessionId, Unknown, UserId, What,
};
pub use recorder::{Counter, History, Instrument, Recorder};
pub use secrets::Secrets;
