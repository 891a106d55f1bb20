//! The server under test, as the engine needs to know it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::{
    client::{Network, Rest},
    protocol::{
        generation::{Generation, Wire},
        secret::Secret,
    },
    scenario::{Value, value},
};

/// The app's own credentials: with them REST makes worlds and takes them away.
#[derive(Clone, Debug)]
pub enum App {
    /// Client id and client secret.
    Credentials {
        /// The client id.
        id: String,
        /// The client secret.
        secret: Secret,
    },
    /// A token that is there already.
    Token(Secret),
}

/// The server under test.
#[derive(Clone, Debug)]
pub struct Target {
    /// The way to its SockJS endpoint, if it has one.
    pub sockjs: Option<Network>,
    /// The way to its raw WebSocket endpoint, if it has one.
    pub raw: Option<Network>,
    /// The generation that clients play, unless their actor says otherwise.
    pub generation: Generation,
    /// `org#app`.
    pub app_key: String,
    /// What it offers; `None` if nothing is known and everything is tried.
    pub capabilities: Option<BTreeSet<String>>,
    /// Accounts that are there already, with their passwords.
    pub accounts: BTreeMap<String, Secret>,
    /// The app's credentials, where known.
    pub app: Option<App>,
    /// Who may register the accounts of a run.
    pub registration: Registration,
    /// What scenarios read as `target.PATH`, by path, such as `words.sensitive`.
    pub facts: BTreeMap<String, Json>,
}

/// Who may register the accounts of a run.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Registration {
    /// The app where its credentials are known, else anybody.
    #[default]
    Either,
    /// Anybody.
    Open,
    /// The app alone.
    App,
    /// Nobody: only accounts that are there already can play.
    Closed,
}

impl Target {
    /// The way to the endpoint that a generation speaks to.
    pub fn network(&self, generation: Generation) -> Option<&Network> {
        match generation.wire() {
            Wire::SockJs => self.sockjs.as_ref(),
            Wire::Raw => self.raw.as_ref(),
        }
    }

    /// The REST side, whichever way the frames travel.
    pub(super) fn rest(&self) -> Option<&Rest> {
        self.sockjs.as_ref().or(self.raw.as_ref()).map(Network::rest)
    }

    /// The first of these facts that nobody has told of the target.
    pub(super) fn does_not_tell<'a>(&self, facts: &'a BTreeSet<String>) -> Option<&'a str> {
        facts.iter().map(String::as_str).find(|fact| !self.facts.contains_key(*fact))
    }

    /// What expressions see as `target`.
    pub(super) fn value(&self) -> Value {
        let mut told = json!({});
        for (path, fact) in &self.facts {
            let place = path.split('.').fold(&mut told, |place, part| &mut place[part]);
            *place = fact.clone();
        }
        value(&told)
    }

    /// The first of these capabilities that the target is known to lack.
    pub(super) fn lacks<'a>(&self, required: &[&'a str]) -> Option<&'a str> {
        let offered = self.capabilities.as_ref()?;
        required.iter().copied().find(|capability| !offered.contains(*capability))
    }
}
