//! Target profiles: a file that says where a server is and what is known of it.
//!
//! A profile holds nothing secret. Passwords are in the file that `users` names; a mistake in that
//! one is told by its place alone, never by its text.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{
    engine::Registration,
    protocol::{
        generation::{Generation, Wire},
        secret::Secret,
    },
    scenario::{self, Mistakes},
    transport::Endpoint,
};

/// A target profile that has been read and checked.
#[derive(Debug)]
pub struct Profile {
    /// What reports call the target.
    pub name: String,
    /// REST endpoint.
    pub rest: String,
    /// Chat endpoints, at least one.
    pub endpoints: Vec<Endpoint>,
    /// `ORG#APP`.
    pub app_key: String,
    /// The SDK generation to play.
    pub generation: Option<Generation>,
    /// Certificates to trust.
    pub ca: Option<PathBuf>,
    /// Passwords of accounts that are there already, by name.
    pub accounts: BTreeMap<String, Secret>,
    /// Who may register the accounts of a run.
    pub registration: Registration,
    /// What the server claims to have; `None` is everything.
    pub capabilities: Option<BTreeSet<String>>,
    /// Numbers and words by their path behind `target.` in expressions.
    pub facts: BTreeMap<String, Value>,
}

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// A file cannot be read.
    #[error("read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The users file cannot be read.
    #[error("read {}, which the profile names under `users`", path.display())]
    NoUsers {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The profile has mistakes.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
    /// The users file is not a list of names and passwords.
    #[error("read the users in {}: expected `name: password` in each line, line {line} has something else", path.display())]
    Users {
        /// The file.
        path: PathBuf,
        /// The line, or 0 where it is unknown.
        line: u64,
    },
}

impl Profile {
    /// Reads the profile in the file at `path`, and the users file that it names.
    ///
    /// # Errors
    /// When a file cannot be read or says what a profile cannot mean.
    pub fn open(path: &Path) -> Result<Self, ProfileError> {
        let text = text_of(path)?;
        let read = scenario::read_profile(&path.display().to_string(), &text, endpoint)?;
        let beside =
            |other: PathBuf| path.parent().map_or_else(|| other.clone(), |folder| folder.join(&other));
        Ok(Self {
            name: read.target,
            rest: read.rest,
            endpoints: read.endpoints,
            app_key: read.app_key,
            // The reader takes no generation that is not played.
            generation: read.generation.and_then(|version| version.parse().ok()),
            ca: read.ca.map(beside),
            accounts: match read.users {
                Some(users) => read_users(&beside(users))?,
                None => BTreeMap::new(),
            },
            registration: match read.registration {
                Some("open") => Registration::Open,
                Some("app") => Registration::App,
                Some("none") => Registration::Closed,
                _ => Registration::Either,
            },
            capabilities: read.capabilities.map(|words| words.into_iter().collect()),
            facts: read.facts,
        })
    }
}

/// The endpoint at an address, which must be of the wire that its key names.
fn endpoint(key: &'static str, text: &str) -> Result<Endpoint, String> {
    let endpoint: Endpoint = text.parse().map_err(|error| format!("{error}"))?;
    let wanted = if key == "sockjs" { Wire::SockJs } else { Wire::Raw };
    if endpoint.wire() == wanted {
        return Ok(endpoint);
    }
    Err(match wanted {
        Wire::SockJs => "`sockjs` is an http(s) address; ws(s) belongs under `websocket`".to_owned(),
        Wire::Raw => "`websocket` is a ws(s) address; http(s) belongs under `sockjs`".to_owned(),
    })
}

fn read_users(path: &Path) -> Result<BTreeMap<String, Secret>, ProfileError> {
    let text =
        fs::read_to_string(path).map_err(|source| ProfileError::NoUsers { path: path.to_owned(), source })?;
    serde_saphyr::from_str(&text).map_err(|error| ProfileError::Users {
        path: path.to_owned(),
        line: error.location().map_or(0, |location| location.line()),
    })
}

fn text_of(path: &Path) -> Result<String, ProfileError> {
    fs::read_to_string(path).map_err(|source| ProfileError::Io { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Ink, vocabulary};

    fn open(profile: &str, users: &str) -> Result<Profile, ProfileError> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("users.yaml"), users).unwrap();
        let path = folder.path().join("profile.yaml");
        fs::write(&path, profile).unwrap();
        Profile::open(&path)
    }

    fn said(error: &ProfileError) -> String {
        match error {
            ProfileError::Mistakes(mistakes) => mistakes.render(Ink::Plain),
            other => other.to_string(),
        }
    }

    const GOOD: &str = "target: t\nrest: http://127.0.0.1:1\nsockjs: http://127.0.0.1:1/ws\nappkey: o#a\nusers: users.yaml\n";

    #[test]
    fn the_template_is_a_profile_and_documents_every_line() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/targets/template.yaml");
        let profile = Profile::open(&path).unwrap();
        let wires: Vec<Wire> = profile.endpoints.iter().map(Endpoint::wire).collect();
        assert_eq!(wires, [Wire::SockJs, Wire::Raw]);
        assert_eq!((profile.name.as_str(), profile.generation), ("staging", Some(Generation::V3_6_3)));
        let text = fs::read_to_string(&path).unwrap();
        let keys = [&vocabulary::PROFILE, &vocabulary::NUMBERS, &vocabulary::WORDS];
        for key in keys.into_iter().flat_map(|table| table.names()) {
            assert!(text.contains(&format!("{key}:")), "the template does not speak of `{key}`");
        }
        assert_eq!(profile.facts.len(), vocabulary::facts().count());
    }

    #[test]
    fn passwords_come_from_the_file_beside_it() {
        let profile = open(GOOD, "alice: hunter2\nbob: '1'\n").unwrap();
        assert_eq!(profile.accounts["alice"].reveal(), "hunter2");
        assert!(!format!("{profile:?}").contains("hunter2"));
    }

    #[test]
    fn a_mistake_in_the_users_file_shows_no_password() {
        let error = open(GOOD, "alice: hunter2\nbob: [hunter3]\n").unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(said.contains("line 2"), "{said}");
        assert!(!said.contains("hunter"), "{said}");
    }

    #[test]
    fn a_users_file_that_is_not_there_is_told_with_its_key() {
        let error = open(&GOOD.replace("users.yaml", "nowhere.yaml"), "").unwrap_err();
        let said = error.to_string();
        assert!(said.ends_with("nowhere.yaml, which the profile names under `users`"), "{said}");
    }

    #[test]
    fn an_address_belongs_under_the_key_of_its_wire() {
        for (from, to, words) in [
            ("sockjs: http://127.0.0.1:1/ws", "sockjs: ws://h/websocket", "belongs under `websocket`"),
            ("sockjs: http://127.0.0.1:1/ws", "websocket: http://h/ws", "belongs under `sockjs`"),
            ("sockjs: http://127.0.0.1:1/ws", "sockjs: nowhere", "profile.yaml:3"),
        ] {
            let said = said(&open(&GOOD.replace(from, to), "").unwrap_err());
            assert!(said.contains(words), "{said}");
        }
    }
}
