//! What servers said in the recordings is decoded to what the page was called back with.

mod answers;
mod expected;
mod page_3_6_3;
mod page_4;
mod player;
mod properties;
mod shuffle;
