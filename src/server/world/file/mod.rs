//! World files: the YAML that sets an embedded server up.
//!
//! The model is here; [`check`] finds the mistakes that YAML and types cannot, and [`error`] shows
//! every mistake with its place.

mod check;
mod error;

use std::{fmt, marker::PhantomData, time::Duration};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_saphyr::Spanned;

pub use error::WorldFileError;

use crate::protocol::secret::Secret;

/// A text and its place in the world file.
pub(super) type Name = Spanned<String>;

/// What one world file says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldFile {
    #[serde(rename = "world")]
    name: String,
    #[serde(rename = "appkey")]
    app_key: Name,
    app_credentials: Option<AppCredentials>,
    #[serde(default)]
    pub(super) open_registration: bool,
    #[serde(default)]
    pub(super) users: Vec<UserFile>,
    #[serde(default)]
    pub(super) groups: Vec<PlaceFile>,
    #[serde(default)]
    pub(super) rooms: Vec<PlaceFile>,
    #[serde(default)]
    pub(super) blocks: Pairs<Vec<Name>>,
    #[serde(default)]
    pub(super) filters: Vec<Filter>,
    #[serde(default)]
    pub(super) services: Services,
    #[serde(default)]
    pub(super) limits: Limits,
    #[serde(default)]
    pub(super) choices: Choices,
}

/// What an app server logs in with (`grant_type: client_credentials`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppCredentials {
    /// The app's public id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: Secret,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserFile {
    pub(super) name: Name,
    pub(super) password: Secret,
}

/// A group or a chat room.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceFile {
    pub(super) id: Name,
    #[serde(default)]
    pub(super) name: String,
    pub(super) owner: Name,
    #[serde(default)]
    pub(super) members: Vec<Name>,
    #[serde(default)]
    pub(super) admins: Vec<Name>,
    #[serde(default)]
    pub(super) muted: Vec<Name>,
    #[serde(default)]
    pub(super) mute_all: bool,
    #[serde(default)]
    pub(super) allow_list: Vec<Name>,
    /// Only the owner, admins and the allow list may speak; the same state as `mute_all`.
    #[serde(default)]
    pub(super) allow_list_only: bool,
    #[serde(default)]
    pub(super) blocks: Vec<Name>,
}

/// Refuses each text that contains a word.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    pub(super) contains: Name,
    pub(super) status: Spanned<i32>,
    pub(super) reason: Option<String>,
}

/// Optional services of an app, open unless the file closes them.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Services {
    pub(super) recall: bool,
    pub(super) roaming: bool,
    pub(super) sessions: bool,
    pub(super) group_ack: bool,
    /// Several devices of a user may be online at once.
    pub(super) multi_device: bool,
}

/// Numbers that bound what a world holds and takes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Limits {
    #[serde(deserialize_with = "duration")]
    pub(super) recall_window: Duration,
    /// Bytes of one encoded message body.
    pub(super) body_bytes: usize,
    pub(super) history_per_conversation: usize,
    /// Messages of all conversations together.
    pub(super) history: usize,
    /// Messages that wait for one user; past it the oldest is dropped.
    pub(super) offline_per_user: usize,
    /// Messages of one chat room that wait for one online device to fetch them.
    pub(super) room_backlog: usize,
    /// Devices of one user online at once.
    pub(super) devices: usize,
    /// Accepted local ids remembered for each device, so that a repeated one is not delivered twice.
    pub(super) duplicates_per_device: usize,
    /// How long a device that went offline keeps its place in the user's queues.
    #[serde(deserialize_with = "duration")]
    pub(super) device_memory: Duration,
    /// A connection without a frame for this long is closed.
    #[serde(deserialize_with = "duration")]
    pub(super) idle: Duration,
    #[serde(deserialize_with = "duration")]
    pub(super) token_ttl: Duration,
    pub(super) users: usize,
    pub(super) groups: usize,
    pub(super) members_per_group: usize,
}

/// What the documents leave to the server.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Choices {
    /// A message to a user who does not exist.
    pub(super) unknown_recipient: UnknownRecipient,
    /// A login beyond `limits.devices`.
    pub(super) device_limit: DeviceLimit,
    /// The sender's other devices get a copy.
    pub(super) sender_copies: bool,
    /// PROVISION may carry a password instead of a token.
    pub(super) password_login: bool,
    /// How long PROVISION waits for its answer; frames that come meanwhile are held.
    #[serde(deserialize_with = "duration")]
    pub(super) provision_delay: Duration,
}

/// What becomes of a message to a user who does not exist.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(super) enum UnknownRecipient {
    /// It is acknowledged and goes nowhere.
    Accept,
    /// It is refused with (1, `username x doesn't exist!`).
    Refuse,
}

/// What becomes of a login beyond the number of devices.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(super) enum DeviceLimit {
    /// It is refused with status 13.
    Refuse,
    /// The device that logged in first is kicked (STATISTIC 4).
    KickOldest,
}

impl Default for Services {
    fn default() -> Self {
        Self { recall: true, roaming: true, sessions: true, group_ack: true, multi_device: true }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            recall_window: Duration::from_secs(120),
            body_bytes: 65_536,
            history_per_conversation: 5_000,
            history: 200_000,
            offline_per_user: 5_000,
            room_backlog: 500,
            devices: 4,
            duplicates_per_device: 128,
            device_memory: Duration::from_secs(300),
            // Above the slowest known client's heartbeat, 240 s.
            idle: Duration::from_secs(300),
            token_ttl: Duration::from_secs(60 * 24 * 3600),
            users: 200_000,
            groups: 100_000,
            members_per_group: 8_000,
        }
    }
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            unknown_recipient: UnknownRecipient::Accept,
            device_limit: DeviceLimit::Refuse,
            sender_copies: true,
            password_login: true,
            provision_delay: Duration::ZERO,
        }
    }
}

impl WorldFile {
    /// Reads a world file. `source` is its name for people.
    ///
    /// # Errors
    /// Shows where the text is no world: one mistake of form, or every mistake of meaning at once.
    pub fn parse(source: &str, text: &str) -> Result<Self, WorldFileError> {
        let file: Self =
            serde_saphyr::from_str(text).map_err(|error| WorldFileError::form(source, text, &error))?;
        let mistakes = check::mistakes(&file);
        if mistakes.is_empty() { Ok(file) } else { Err(WorldFileError::meaning(source, text, &mistakes)) }
    }

    /// The world that is served when none is given.
    pub fn demo() -> Self {
        let text = include_str!("../../../../fixtures/worlds/demo.yaml");
        Self::parse("demo.yaml", text).expect("a test parses the embedded demo world")
    }

    /// What the world calls itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The app that it serves, `org#app`.
    pub fn app_key(&self) -> &str {
        &self.app_key.value
    }

    /// What gets an app token, where the world has an app server.
    pub const fn app_credentials(&self) -> Option<&AppCredentials> {
        self.app_credentials.as_ref()
    }

    /// The longest body of one message or one REST call, in bytes.
    pub const fn body_bytes(&self) -> usize {
        self.limits.body_bytes
    }

    /// The users and passwords that the world starts with.
    pub fn users(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.users.iter().map(|user| (user.name.value.as_str(), &user.password))
    }
}

/// A mapping as pairs, so that each key keeps its place in the file.
#[derive(Clone, Debug)]
pub(super) struct Pairs<V>(pub(super) Vec<(Name, V)>);

impl<V> Default for Pairs<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Pairs<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Reader<V> {
            type Value = Pairs<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(Reader(PhantomData))
    }
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    humantime::parse_duration(&text).map_err(|error| {
        D::Error::custom(format!("expected a duration such as 120s or 2m, got {text:?}: {error}"))
    })
}
