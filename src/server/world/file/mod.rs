//! World files: the YAML that sets an embedded server up.
//!
//! The model is here; [`check`] finds the mistakes that YAML and types cannot, and [`error`] shows
//! every mistake with its place.

mod check;
mod choice;
mod error;
mod fact;
mod hook;
mod limit;
mod service;

use std::{collections::BTreeSet, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;
use serde_saphyr::Spanned;

pub(super) use choice::{Choices, DeviceLimit, UnknownRecipient};
pub use error::WorldFileError;
pub(super) use hook::{Answer, Hook, OnTimeout};
pub(super) use limit::Limits;
pub(super) use service::{MessageTypes, Services};

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
    /// Users who may make chat rooms.
    #[serde(default)]
    pub(super) super_admins: Vec<Name>,
    #[serde(default)]
    pub(super) blocks: Pairs<Vec<Name>>,
    #[serde(default)]
    pub(super) filters: Vec<Filter>,
    /// Words that the name and the content of a file may not hold.
    #[serde(default)]
    pub(super) improper_files: Vec<Name>,
    #[serde(default)]
    pub(super) hook: Hook,
    #[serde(default)]
    pub(super) services: Services,
    #[serde(default)]
    pub(super) message_types: MessageTypes,
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

    /// What a target made of this world offers, by the names that scenarios require it by.
    pub fn capabilities(&self) -> BTreeSet<&'static str> {
        service::capabilities(self)
    }

    /// The longest file that may be uploaded, in bytes.
    pub const fn file_bytes(&self) -> usize {
        self.limits.file_bytes
    }

    /// The numbers and words of a target made of this world, by the paths that scenarios read them by;
    /// lengths of time are seconds.
    pub fn facts(&self) -> impl Iterator<Item = (&'static str, Value)> {
        fact::facts(self)
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
