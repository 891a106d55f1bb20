//! What can go wrong between two sockets, and whose fault it is.

use std::{io, path::PathBuf, time::Duration};

/// Why a connection could not be made, or ended.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The connection ended: by a close frame, a SockJS `c` frame, or an end of the stream.
    #[error("the server closed the connection ({how})")]
    Closed {
        /// Which of these it was, with code and reason where there are any.
        how: String,
    },
    /// The socket failed while in use.
    #[error("the connection broke")]
    Broken {
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The server said something that no server following the protocol says.
    #[error("the server misbehaved: expected {expected}, got {got}")]
    Misbehaved {
        /// What should have come.
        expected: &'static str,
        /// What came, escaped and bounded.
        got: String,
    },
    /// The server answered with an HTTP status that refuses.
    #[error("{url} answered with HTTP status {status}")]
    Refused {
        /// What was asked.
        url: String,
        /// The status it gave.
        status: u16,
    },
    /// The server takes nothing more, and what waits for it has reached its bound.
    #[error("the server does not read: more than {bound} bytes wait for it")]
    Stuck {
        /// How much may wait, bytes.
        bound: usize,
    },
    /// Something did not come in time.
    #[error("{waited_for} did not come within {after:?}")]
    Timeout {
        /// What was awaited.
        waited_for: &'static str,
        /// How long.
        after: Duration,
    },
    /// No secure connection: the certificate is not trusted, or the two sides share no version.
    #[error("no TLS connection to {host}")]
    Tls {
        /// The server's name or address.
        host: String,
        /// What was wrong.
        #[source]
        source: io::Error,
    },
    /// The certificates to trust cannot be used.
    #[error("the certificates to trust cannot be used ({})", path.as_ref().map_or_else(|| "the system's".into(), |path| path.display().to_string()))]
    Trust {
        /// The file; `None` for the system's own.
        path: Option<PathBuf>,
        /// What was wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Nothing answers at that address.
    #[error("{address} cannot be reached")]
    Unreachable {
        /// Host and port, or a URL.
        address: String,
        /// What the system says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
