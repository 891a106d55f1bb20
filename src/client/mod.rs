//! client floor.
