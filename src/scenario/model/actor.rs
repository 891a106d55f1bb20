//! Who takes part.

use crate::protocol::generation::{Generation, Wire};

/// The place of an actor in [`super::Scenario::actors`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ActorId(pub usize);

/// One role, played by one client or by several.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Actor {
    /// Its name in the file.
    pub name: String,
    /// How many clients play it, at least 1.
    pub count: u32,
    /// Whether steps address it as a group: it was declared with a `count`, even of 1.
    pub is_group: bool,
    /// Which account its clients use.
    pub account: Account,
    /// Whether its clients are logged in before the first step.
    pub login: bool,
    /// Whether its clients answer each message with a delivered receipt, as the SDK's `delivery` option does.
    pub delivery: bool,
    /// The SDK generation that its clients play, where the file says so.
    pub generation: Option<Generation>,
    /// How its frames travel, where the file says so; agrees with `generation` where both are given.
    pub wire: Option<Wire>,
}

impl Actor {
    /// The generation that its clients play in a run of generation `run`: its own, else the run's
    /// if that speaks its wire, else the oldest that does.
    pub fn generation_in(&self, run: Generation) -> Generation {
        let fits = |generation: &Generation| self.wire.is_none_or(|wire| wire == generation.wire());
        self.generation
            .or_else(|| Some(run).filter(fits))
            .or_else(|| Generation::ALL.into_iter().find(fits))
            .unwrap_or(run)
    }
}

/// Which account the clients of an actor use.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Account {
    /// One made for this run and each client.
    Made,
    /// One that the target has already; its password comes from the world or the profile.
    Known(String),
    /// The account of another actor, on a device of its own.
    DeviceOf(ActorId),
}
