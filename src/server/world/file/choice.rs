//! What the documents leave to the server.

use std::time::Duration;

use serde::Deserialize;

use super::limit::duration;

/// What the documents leave to the server.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::server::world) struct Choices {
    /// A message to a user who does not exist.
    pub(in crate::server::world) unknown_recipient: UnknownRecipient,
    /// A login beyond `limits.devices`.
    pub(in crate::server::world) device_limit: DeviceLimit,
    /// The sender's other devices get a copy.
    pub(in crate::server::world) sender_copies: bool,
    /// PROVISION may carry a password instead of a token.
    pub(in crate::server::world) password_login: bool,
    /// Who joins a group or room reads what was said there before.
    pub(in crate::server::world) history_before_joining: bool,
    /// Owner and admins of a group or room may take back what others said there.
    pub(in crate::server::world) staff_recall: bool,
    /// How long PROVISION waits for its answer; frames that come meanwhile are held.
    #[serde(deserialize_with = "duration")]
    pub(in crate::server::world) provision_delay: Duration,
}

/// What becomes of a message to a user who does not exist.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(in crate::server::world) enum UnknownRecipient {
    /// It is acknowledged and goes nowhere.
    Accept,
    /// It is refused with (1, `username x doesn't exist!`).
    Refuse,
}

/// What becomes of a login beyond the number of devices.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(in crate::server::world) enum DeviceLimit {
    /// It is refused with status 13.
    Refuse,
    /// The device that logged in first is kicked (STATISTIC 4).
    KickOldest,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            unknown_recipient: UnknownRecipient::Accept,
            device_limit: DeviceLimit::Refuse,
            sender_copies: true,
            password_login: true,
            history_before_joining: true,
            staff_recall: false,
            provision_delay: Duration::ZERO,
        }
    }
}
