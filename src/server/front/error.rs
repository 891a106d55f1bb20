//! Why a server could not start.

use std::{io, net::SocketAddr, path::PathBuf};

/// Why a server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not loopback and nobody said that others may connect.
    #[error(
        "listen on {listen}: it is not a loopback address, and anyone who can reach it could use this server; \
         say so explicitly if that is meant"
    )]
    NotLoopback {
        /// The address that was asked for.
        listen: SocketAddr,
    },
    /// A server with defects is for this machine alone.
    #[error(
        "listen on {listen} with a fault: --fault only works on a loopback address, and {listen} is none; \
         a broken server stays at home"
    )]
    FaultyAbroad {
        /// The address that was asked for.
        listen: SocketAddr,
    },
    /// The address could not be bound.
    #[error("listen on {listen}")]
    Bind {
        /// The address that was asked for.
        listen: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A certificate or key file could not be used.
    #[error("use {} for TLS: {problem}", path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl StartError {
    /// Whether the address was already taken by another process.
    pub fn is_address_taken(&self) -> bool {
        matches!(self, Self::Bind { source, .. } if source.kind() == io::ErrorKind::AddrInUse)
    }
}
