//! Numbers that bound a world.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error as _};

/// Numbers that bound what a world holds and takes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::server::world) struct Limits {
    #[serde(deserialize_with = "duration")]
    pub(in crate::server::world) recall_window: Duration,
    /// Bytes of one encoded message body.
    pub(in crate::server::world) body_bytes: usize,
    pub(in crate::server::world) history_per_conversation: usize,
    /// Messages of all conversations together.
    pub(in crate::server::world) history: usize,
    /// Bytes of all conversations together; past it the oldest message goes.
    pub(in crate::server::world) history_bytes: usize,
    /// Sessions in one user's list; past it the one that was quiet for longest goes.
    pub(in crate::server::world) sessions_per_user: usize,
    /// Messages that wait for one user; past it the oldest is dropped.
    pub(in crate::server::world) offline_per_user: usize,
    /// Bytes that wait for one user; past it the oldest message is dropped.
    pub(in crate::server::world) offline_bytes_per_user: usize,
    /// Messages of one chat room that wait for one online device to fetch them.
    pub(in crate::server::world) room_backlog: usize,
    /// Devices of one user online at once.
    pub(in crate::server::world) devices: usize,
    /// Accepted local ids remembered for each device, so that a repeated one is not delivered twice.
    pub(in crate::server::world) duplicates_per_device: usize,
    /// How long a device that went offline keeps its place in the user's queues.
    #[serde(deserialize_with = "duration")]
    pub(in crate::server::world) device_memory: Duration,
    /// A member of a room who is offline for this long has left it.
    #[serde(deserialize_with = "duration")]
    pub(in crate::server::world) room_absence: Duration,
    /// A connection without a frame for this long is closed.
    #[serde(deserialize_with = "duration")]
    pub(in crate::server::world) idle: Duration,
    /// Bytes of one file.
    pub(in crate::server::world) file_bytes: usize,
    /// Files that are kept; past it the oldest goes.
    pub(in crate::server::world) files: usize,
    /// Bytes of all files together; past it the oldest goes.
    pub(in crate::server::world) files_bytes: usize,
    #[serde(deserialize_with = "duration")]
    pub(in crate::server::world) token_ttl: Duration,
    pub(in crate::server::world) users: usize,
    pub(in crate::server::world) groups: usize,
    pub(in crate::server::world) members_per_group: usize,
    /// Group messages that ask for read receipts, and the readers of each, together; past it the
    /// oldest message is no longer counted for.
    pub(in crate::server::world) group_acks: usize,
    /// Groups and rooms that one user belongs to.
    pub(in crate::server::world) groups_per_user: usize,
    /// Users on one user's block list.
    pub(in crate::server::world) block_list: usize,
    /// Contacts of one user.
    pub(in crate::server::world) contacts: usize,
    /// Tokens of one holder; one more ends the oldest.
    pub(in crate::server::world) tokens: usize,
    /// Messages that one user may send in a second; 0 is no limit.
    pub(in crate::server::world) messages_per_second: usize,
    /// Messages that one room takes in a second, past which they are dropped; 0 is no limit.
    pub(in crate::server::world) room_messages_per_second: usize,
    /// REST calls that the app may make in a second; 0 is no limit.
    pub(in crate::server::world) rest_calls_per_second: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            recall_window: Duration::from_secs(120),
            body_bytes: 65_536,
            history_per_conversation: 5_000,
            history: 200_000,
            history_bytes: 256 * 1024 * 1024,
            sessions_per_user: 100,
            offline_per_user: 5_000,
            offline_bytes_per_user: 16 * 1024 * 1024,
            room_backlog: 500,
            devices: 4,
            duplicates_per_device: 128,
            device_memory: Duration::from_secs(300),
            room_absence: Duration::from_secs(300),
            // Above the slowest known client's heartbeat, 240 s.
            idle: Duration::from_secs(300),
            file_bytes: 10 * 1024 * 1024,
            files: 10_000,
            files_bytes: 256 * 1024 * 1024,
            token_ttl: Duration::from_secs(60 * 24 * 3600),
            users: 200_000,
            groups: 100_000,
            members_per_group: 8_000,
            group_acks: 1_000_000,
            groups_per_user: 10_000,
            block_list: 500,
            contacts: 3_000,
            tokens: 32,
            messages_per_second: 0,
            room_messages_per_second: 0,
            rest_calls_per_second: 0,
        }
    }
}

/// A duration as people write it: `120s`, `2m`.
pub(super) fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    humantime::parse_duration(&text).map_err(|error| {
        D::Error::custom(format!("expected a duration such as 120s or 2m, got {text:?}: {error}"))
    })
}
