//! Target profiles: a file that says where a server is and what is known of it.
//!
//! A profile holds nothing secret. Passwords are in the file that `users` names; a mistake in that
//! one is told by its place alone, never by its text.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{
    protocol::{
        generation::{Generation, UnknownGeneration},
        secret::Secret,
    },
    scenario::vocabulary::CAPABILITIES,
    transport::{BadEndpoint, Endpoint},
};

/// A profile as its file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    target: String,
    rest: String,
    sockjs: Option<String>,
    websocket: Option<String>,
    appkey: String,
    generation: Option<String>,
    ca: Option<PathBuf>,
    users: Option<PathBuf>,
    capabilities: Option<BTreeSet<String>>,
}

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
    /// What the server claims to have; `None` is everything.
    pub capabilities: Option<BTreeSet<String>>,
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
    /// The profile is not the YAML of a profile.
    #[error("read the target profile {}:\n{report}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// The place, and what is wrong there.
        report: String,
    },
    /// The users file is not a list of names and passwords.
    #[error("read the users in {}: expected `name: password` in each line, line {line} has something else", path.display())]
    Users {
        /// The file.
        path: PathBuf,
        /// The line, or 0 where it is unknown.
        line: u64,
    },
    /// An endpoint that is none.
    #[error("use the endpoints of the target profile {}", path.display())]
    Endpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: BadEndpoint,
    },
    /// A generation that is none.
    #[error("use the target profile {}", path.display())]
    Generation {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: UnknownGeneration,
    },
    /// Values that do not fit.
    #[error("use the target profile {}: {problem}", path.display())]
    Meaning {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

impl Profile {
    /// Reads the profile in the file at `path`, and the users file that it names.
    ///
    /// # Errors
    /// When a file cannot be read or says what a profile cannot mean.
    pub fn open(path: &Path) -> Result<Self, ProfileError> {
        let text = text_of(path)?;
        let file: File = serde_saphyr::from_str(&text)
            .map_err(|error| ProfileError::Form { path: path.to_owned(), report: error.to_string() })?;
        let meaning = |problem: String| ProfileError::Meaning { path: path.to_owned(), problem };
        let beside =
            |other: PathBuf| path.parent().map_or_else(|| other.clone(), |folder| folder.join(&other));
        let mut endpoints = Vec::new();
        for text in [&file.sockjs, &file.websocket].into_iter().flatten() {
            let endpoint =
                text.parse().map_err(|source| ProfileError::Endpoint { path: path.to_owned(), source })?;
            endpoints.push(endpoint);
        }
        if endpoints.is_empty() {
            return Err(meaning("`sockjs` or `websocket` must name a chat endpoint".to_owned()));
        }
        if file.appkey.split('#').filter(|part| !part.is_empty()).count() != 2 {
            return Err(meaning(format!("expected `appkey: ORG#APP`, got `{}`", file.appkey.escape_debug())));
        }
        let known = |word: &&String| CAPABILITIES.iter().any(|(name, _)| name == word);
        if let Some(word) = file.capabilities.iter().flatten().find(|word| !known(word)) {
            return Err(meaning(format!(
                "unknown capability `{}`; `chatproof list capabilities` shows all",
                word.escape_debug()
            )));
        }
        let generation = file.generation.map(|text| text.parse()).transpose();
        Ok(Self {
            name: file.target,
            rest: file.rest,
            endpoints,
            app_key: file.appkey,
            generation: generation
                .map_err(|source| ProfileError::Generation { path: path.to_owned(), source })?,
            ca: file.ca.map(beside),
            accounts: match file.users {
                Some(users) => read_users(&beside(users))?,
                None => BTreeMap::new(),
            },
            capabilities: file.capabilities,
        })
    }
}

fn read_users(path: &Path) -> Result<BTreeMap<String, Secret>, ProfileError> {
    let text = text_of(path)?;
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
    use crate::protocol::generation::Wire;

    fn open(profile: &str, users: &str) -> Result<Profile, ProfileError> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("users.yaml"), users).unwrap();
        let path = folder.path().join("profile.yaml");
        fs::write(&path, profile).unwrap();
        Profile::open(&path)
    }

    const GOOD: &str = "target: t\nrest: http://127.0.0.1:1\nsockjs: http://127.0.0.1:1/ws\nappkey: o#a\nusers: users.yaml\n";

    #[test]
    fn the_template_is_a_profile() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/targets/template.yaml");
        let profile = Profile::open(&path).unwrap();
        let wires: Vec<Wire> = profile.endpoints.iter().map(Endpoint::wire).collect();
        assert_eq!(wires, [Wire::SockJs, Wire::Raw]);
        assert_eq!((profile.name.as_str(), profile.generation), ("staging", Some(Generation::V3_6_3)));
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
    fn a_mistake_names_its_place_and_what_is_known() {
        let said = open(&GOOD.replace("rest", "rset"), "").unwrap_err().to_string();
        assert!(said.contains("rset") && said.contains("line 2") && said.contains("rest"), "{said}");
        for (from, to, word) in [
            ("o#a", "oa", "ORG#APP"),
            ("/ws", "/ws\ncapabilities: [flying]", "flying"),
            ("/ws", "/ws\ngeneration: '1'", "target profile"),
            ("http://127.0.0.1:1/ws", "nowhere", "endpoints"),
            ("sockjs: http://127.0.0.1:1/ws\n", "", "chat endpoint"),
        ] {
            let said = open(&GOOD.replace(from, to), "").unwrap_err().to_string();
            assert!(said.contains(word), "{said}");
        }
    }
}
