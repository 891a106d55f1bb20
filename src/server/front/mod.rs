//! The embedded server on a port: HTTP, SockJS and raw WebSocket in front of one
//! [`World`](crate::server::world::World).
//!
//! Sockets, clocks and tasks live here and only here; what a frame or a request means is the
//! world's business. A connection is one task, one socket and an outbox that holds nothing while
//! there is nothing to say, because tens of thousands of them live in one process.

mod address;
mod body;
mod clock;
mod connection;
mod cors;
mod error;
mod framing;
mod handshake;
mod hub;
mod limits;
mod multipart;
mod outbox;
mod route;
mod server;
mod socket;
mod thumbnail;
mod tls;

pub use address::{Addresses, Exposure};
pub use error::StartError;
pub use limits::Limits;
pub use server::{Options, Running, Server};
pub use tls::TlsFiles;
