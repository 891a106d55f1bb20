//! What a page makes of the server's refusals: tables for all releases.
//!
//! An answer carries a status and a reason; what the page sees of them differs between releases of
//! the SDK. [`outcome`] looks a pair up, [`pairs`] says which pairs make a code, [`rules`] is the
//! table itself. What the server says to REST calls has a table of its own: [`rest_outcome`].

mod answer;
mod provision;
mod release;
mod rest;
mod table;

use std::collections::BTreeSet;

pub use answer::{fail_argument, keeps_pending, rejection};
pub use provision::{LoginError, login_answers, login_codes, login_error};
pub use release::Release;
pub use rest::{RestRule, Said, Subject, rest_outcome, rest_rules};
pub use table::{Pair, Reason, Rule, Status, pairs, rules};

/// The number of a login for which no token could be had, whatever the reason and the release.
pub const TOKEN_REFUSED: i32 = 1;

/// Every number that a page is told of a refusal, in any release.
pub fn codes() -> BTreeSet<i32> {
    let sent = rules().filter_map(|rule| rule.outcome.code());
    let called = rest_rules().filter_map(|rule| rule.outcome.code());
    sent.chain(called).chain(login_codes()).chain([TOKEN_REFUSED]).collect()
}

/// How an operation ended, in the eyes of a page on one release of the SDK.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// `success(id, serverId)`.
    Success,
    /// `fail({type: code})`.
    Refused(i32),
    /// The sender is muted: 3.6.3 calls `onMutedMessage` and nothing else; 4.x rejects with 507 too.
    Muted,
    /// `fail` is called, and the promise rejected, with something that has no number.
    Unnumbered,
    /// The SDK calls nothing at all, ever.
    Silent,
}

impl Outcome {
    /// The SDK's number for this outcome; `None` for success, silence and what has none. Muted is 507.
    pub const fn code(self) -> Option<i32> {
        match self {
            Self::Success | Self::Unnumbered | Self::Silent => None,
            Self::Refused(code) => Some(code),
            Self::Muted => Some(507),
        }
    }
}

/// What a page on `release` sees of an answer with this status and reason. Recalls use the same
/// table as messages.
///
/// `status` is `None` when the answer carries no status at all, else its `errorCode`.
pub fn outcome(release: impl Into<Release>, status: Option<i32>, reason: Option<&str>) -> Outcome {
    table::find(release.into(), status, reason.unwrap_or_default()).1
}
