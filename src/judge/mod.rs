//! judge floor.
