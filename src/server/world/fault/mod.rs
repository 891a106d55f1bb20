//! Named defects of the embedded server, which show that cases and checkers notice them.
//!
//! A fault changes one kind of operation and knows nothing of who looks for it. It counts and
//! throws no dice: the first operation that it can change is changed, and then every n-th. Where a
//! fault counts by session, user or queue, the first operation of each is changed.

mod content;
mod counter;
mod delivery;
mod page;
mod rest;
mod standing;
mod switch;
mod table;
mod wire;

pub(super) use counter::Faults;
pub(super) use standing::Way;
pub use switch::{FaultSwitch, UnknownFault};
pub use table::{FAULTS, Fault, FaultEntry};
