//! Who takes part.

use crate::protocol::generation::Generation;

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
    /// The SDK generation that its clients play; `None` is the run's.
    pub generation: Option<Generation>,
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
