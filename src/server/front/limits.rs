//! How much one connection may ask of the server, and how long it may take.
//!
//! What the app allows (length of a body, how long a client may be silent) is the world's.

use std::time::Duration;

/// Bounds and deadlines of every connection.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest WebSocket message that is read, in bytes; a longer one closes the connection.
    pub message_bytes: usize,
    /// Longest request head that is read, in bytes; a longer one is answered with 431.
    pub head_bytes: usize,
    /// How long a client may take for a TLS handshake, a request head or a request body.
    pub request: Duration,
    /// How often a SockJS client is sent `h`.
    pub heartbeat: Duration,
    /// How long one write to a client may stall before the connection is given up.
    pub write: Duration,
    /// Frames that may wait for one client; one more and the client is closed as too slow.
    pub waiting_frames: usize,
    /// Bytes that may wait for one client; more and the client is closed as too slow.
    pub waiting_bytes: usize,
    /// How long a stopping server waits for its clients to finish.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 1024 * 1024,
            head_bytes: 16 * 1024,
            request: Duration::from_secs(30),
            heartbeat: Duration::from_secs(25),
            write: Duration::from_secs(30),
            waiting_frames: 4096,
            waiting_bytes: 4 * 1024 * 1024,
            drain: Duration::from_secs(5),
        }
    }
}
