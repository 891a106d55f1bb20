//! chatproof plays scripted conversations between simulated WebIM clients against a chat server,
//! judges what happened and measures how long it took.
//!
//! One floor a module; each knows only floors below it (`tests/floors.rs` holds that):
//!
//! | floor | what lives there |
//! |---|---|
//! | [`cli`] | the commands; the only floor that joins client and server |
//! | [`simulation`] | `session` against `server::world` in memory, under virtual time |
//! | [`report`] | what a person or a machine reads of a run |
//! | [`judge`] | history checkers, thresholds and verdicts |
//! | [`engine`] | plays scenarios with simulated clients |
//! | [`history`] | what happened, and how long it took |
//! | [`scenario`] | the scenario file format |
//! | [`client`] | one simulated client |
//! | [`server`] | the embedded reference server |
//! | [`transport`] | bytes over sockets |
//! | [`session`] | one client's protocol state machine, without I/O |
//! | [`protocol`] | bytes and their meaning |
//!
//! ```
//! use chatproof::protocol::{generation::Generation, refusal};
//!
//! // What a page built on SDK 3.6.3 sees when the server refuses a message with (1, "blocked").
//! let outcome = refusal::outcome(Generation::V3_6_3, Some(1), Some("blocked"));
//! assert_eq!(outcome.code(), Some(603));
//! ```

pub mod cli;
pub mod client;
pub mod engine;
pub mod history;
pub mod judge;
pub mod protocol;
pub mod report;
pub mod scenario;
pub mod server;
pub mod session;
pub mod simulation;
pub mod transport;
