//! simulation floor.
