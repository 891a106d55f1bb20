//! One integration crate, so that the library is linked once; each module proves one subject.

#![allow(clippy::unwrap_used, reason = "a failed setup is a failed test")]

mod client;
mod commands;
mod coverage;
mod decode;
mod engine;
mod feature;
mod floors;
mod golden;
mod hostile;
mod interop;
mod refusal;
mod rest;
mod run;
mod scenarios;
mod schema;
mod serve;
mod server;
mod session;
mod simulation;
mod target;
