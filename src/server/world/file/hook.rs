//! The app's own server, which is asked before a message is delivered.

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::Name;

/// What the app's own server answers. It is asked about what clients send in single and group chat.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::server::world) struct Hook {
    /// What becomes of a message about which it says nothing in time.
    pub(in crate::server::world) on_timeout: OnTimeout,
    /// The first rule whose word a text contains is its answer; without one the message may pass.
    pub(in crate::server::world) rules: Vec<Rule>,
}

/// What becomes of a message that the app's server has not answered for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(in crate::server::world) enum OnTimeout {
    /// It is delivered.
    #[default]
    Pass,
    /// It is refused with (19, `custom internal error`).
    Block,
}

/// One answer of the app's server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server::world) struct Rule {
    pub(in crate::server::world) contains: Name,
    pub(in crate::server::world) answer: Answer,
    /// What the sender is told as the reason of a rejection.
    pub(in crate::server::world) code: Option<Spanned<String>>,
}

/// What the app's server says of a message.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(in crate::server::world) enum Answer {
    /// It is refused with 19.
    Reject,
    /// It is taken, and reaches nobody.
    Swallow,
    /// Nothing, in time.
    None,
}
