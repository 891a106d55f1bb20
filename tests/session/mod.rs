//! One client's state machine: against recordings of the genuine SDK, and against anything at all.

mod flow;
mod golden;
mod property;
mod queue_server;
mod transcript;
