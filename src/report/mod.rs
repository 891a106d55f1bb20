//! report floor.
