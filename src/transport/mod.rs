//! transport floor.
