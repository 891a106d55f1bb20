//! The embedded reference server.

pub mod front;
pub mod world;
