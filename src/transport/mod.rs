//! Bytes over sockets: MSync frames through SockJS or a raw WebSocket, with or without TLS.
//!
//! [`Dialer::dial`] turns an [`Endpoint`] into a [`Connection`], which carries bare MSync frames and
//! hides how they travel. This floor alone names tungstenite; it knows nothing of what frames mean.

mod connection;
mod dial;
mod endpoint;
mod error;
mod tls;

pub use connection::{Connection, Raw, Received};
pub use dial::{Dialer, Patience, Security};
pub use endpoint::{BadEndpoint, Endpoint};
pub use error::TransportError;
pub use tls::Trust;
