//! One simulated client: a session on a transport, its REST calls, and reconnecting.
//!
//! All clients of a run share one [`Network`]. Each [`Client`] is a handle on one task, which owns
//! the socket and the session; the handle sends commands and takes what happened from an inbox.
//! Nothing here waits without a deadline.

mod clock;
mod driver;
mod error;
mod handle;
mod happened;
mod link;
mod login;
mod mailbox;
mod network;
mod reconnect;
mod rest;

pub use clock::{Clock, Span};
pub use error::ClientError;
pub use handle::{Client, Sent};
pub use happened::{Audience, Entry, Full, Happened, Misbehaviour};
pub use login::{Credential, Login, Opening};
pub use network::{Network, Target};
pub use reqwest::Method;
pub use rest::{
    Downloaded, Downloading, Fetched, Progress, Rendition, Reply, Rest, Uploaded, Uploading, segment,
};

pub use crate::transport::{BadEndpoint, Endpoint, Patience, Raw, TransportError, Trust};
