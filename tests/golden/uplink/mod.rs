//! What clients send: each recorded frame comes out of its logical input, byte for byte.

mod again;
mod command;
mod decoded;
mod page;
mod page_3_6_3;
mod page_4;
mod property;
mod session;
mod transcript;
