//! engine floor.
