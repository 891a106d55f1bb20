//! Plays scenarios with simulated clients.
//!
//! [`play`] makes the casts of a [`Scenario`](crate::scenario::Scenario): accounts, world and logged-in
//! clients. It lets them play as often as the load says, records what happens and how long it takes,
//! and takes everything away again. It judges only what a step of the script says; what the history
//! as a whole says is the judge's.

mod address;
mod advice;
mod answer;
mod authority;
mod cast;
mod content;
mod dismiss;
mod disturbance;
mod errand;
mod evidence;
mod expectation;
mod fence;
mod file;
mod flights;
mod founding;
mod history;
mod inbox;
mod ledger;
mod member;
mod message;
mod metrics;
mod name;
pub mod pace;
mod perform;
mod place;
mod readers;
mod recall;
mod receipt;
mod reply;
mod rest;
mod roll_call;
mod run;
mod sequence;
mod session_list;
mod setback;
mod settle;
mod setup;
mod stage;
mod stop;
mod subject;
mod target;
mod walk;

pub use run::{Playing, play};
pub use stop::Stop;
pub use target::{App, Registration, Target};
