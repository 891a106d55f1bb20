//! history floor.
