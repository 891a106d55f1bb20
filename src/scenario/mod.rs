//! scenario floor.
