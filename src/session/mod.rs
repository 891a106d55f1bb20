//! One client as a state machine without I/O: login, queues, sending, receipts, kicks.
//!
//! A [`Session`] is told what happens (`handle_*`, [`Session::send`]), always with the moment at
//! which it happens, and is then asked what to do next (`poll_*`) until each answers `None`. It
//! owns no socket, clock or randomness, so the same inputs always give the same outputs. It
//! outlives its connections: what the SDK keeps over a reconnect, it keeps too.

mod answers;
mod config;
mod delivery;
mod heartbeat;
mod login;
mod machine;
mod offline;
mod outbox;
mod output;
mod queues;
mod receipts;
mod sending;

pub use config::Config;
pub use machine::Session;
pub use output::{Answer, Delivered, LoginFailure, Loss, Misbehaviour, Output};
