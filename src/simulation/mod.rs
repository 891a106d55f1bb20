//! Several [`session`](crate::session)s against [`server::world`](crate::server::world) in memory:
//! virtual time, latency, connections that break and a server that restarts, all from one seed,
//! without a socket or a sleep.
//!
//! [`run`] plays a random workload and then lets everything settle: connections stand, messages that
//! were lost are sent again under the same id, heartbeats bring in what was forgotten. What must
//! hold by then is in [`Violation`]. The same seed gives the same [`Run::trace`].

mod action;
mod device;
mod law;
mod message;
mod network;
mod stage;
mod violation;
mod witness;
mod workload;

pub use violation::Violation;
pub use workload::{Participant, Place, Rates, Settings};

/// What happened in one simulation.
#[derive(Clone, Debug)]
pub struct Run {
    /// The seed that gives the same run again.
    pub seed: u64,
    /// Everything that reached a client or the server, in order, one line each.
    pub trace: Vec<String>,
    /// What went wrong; empty if nothing did.
    pub violations: Vec<Violation>,
    /// How much happened.
    pub counts: Counts,
}

/// How much happened in a simulation.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Messages that were written, each counted once however often it was sent.
    pub messages: usize,
    /// Sends beyond the first of a message.
    pub resends: usize,
    /// Messages that the server took, as far as their senders know.
    pub accepted: usize,
    /// Messages that reached a page, once for each page.
    pub delivered: usize,
    /// Connections that were cut.
    pub cuts: usize,
    /// Restarts of the server.
    pub restarts: usize,
}

/// Plays one random workload.
pub fn run(seed: u64, settings: &Settings) -> Run {
    stage::Stage::new(seed, settings).play()
}
