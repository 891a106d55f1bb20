//! Which server is tested: flags as typed, and the plan that they and a profile make.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    path::PathBuf,
};

use clap::Args;
use serde_json::Value;

use super::{
    exit::Exit,
    profile::{Profile, ProfileError},
};
use crate::{
    engine::Registration,
    protocol::{generation::Generation, secret::Secret},
    scenario::Ink,
    server::world::FaultSwitch,
    transport::{Endpoint, Trust},
};

/// Flags that name the server under test.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Target (none: the embedded server on a free loopback port)")]
pub struct Target {
    /// Target profile: where the server is, how to authenticate, what it can do
    #[arg(long, value_name = "PROFILE.yaml", conflicts_with_all = ["ws", "rest", "appkey"])]
    pub target: Option<PathBuf>,
    /// World file of the embedded server [default: the demo world]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["target", "ws"])]
    pub world: Option<PathBuf>,
    /// Switch on a named defect of the embedded server (`chatproof list faults`); may be repeated
    #[arg(long = "fault", value_name = "NAME[=N]", conflicts_with_all = ["target", "ws"])]
    pub faults: Vec<FaultSwitch>,
    /// Chat endpoint: http(s)://HOST/ws is SockJS, ws(s)://HOST/websocket is raw WebSocket
    #[arg(long, value_name = "URL", requires = "rest", requires = "appkey")]
    pub ws: Option<Endpoint>,
    /// REST endpoint: http(s)://HOST
    #[arg(long, value_name = "URL", requires = "ws")]
    pub rest: Option<String>,
    /// The app: ORG#APP
    #[arg(long, value_name = "ORG#APP", requires = "ws")]
    pub appkey: Option<String>,
    /// SDK generation that the clients play: 3.6.3, 4.0.8 or 4.21.1 [default: what the URL speaks, else 3.6.3]
    #[arg(long, value_name = "VERSION")]
    pub generation: Option<Generation>,
    /// Trust the certificates in this PEM file instead of the system's
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// What is tested, and as which generation.
#[derive(Debug)]
pub struct Plan {
    /// The SDK generation that clients play unless a scenario says otherwise.
    pub generation: Generation,
    /// The server.
    pub server: Server,
}

/// Which server is tested.
#[derive(Debug)]
pub enum Server {
    /// Our own.
    Embedded(Own),
    /// One that is there already.
    Remote(Box<Remote>),
}

/// What our own server is started with.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// World file [default: the demo world].
    pub world: Option<PathBuf>,
    /// Its defects.
    pub faults: Vec<FaultSwitch>,
}

/// A server that is there already.
#[derive(Debug)]
pub struct Remote {
    /// What reports call it.
    pub name: String,
    /// Chat endpoints, at least one.
    pub endpoints: Vec<Endpoint>,
    /// REST endpoint.
    pub rest: String,
    /// `ORG#APP`.
    pub app_key: String,
    /// Which certificates it may show.
    pub trust: Trust,
    /// Passwords of accounts that it has already, by name.
    pub accounts: BTreeMap<String, Secret>,
    /// What speaks for the app.
    pub authority: Option<Authority>,
    /// What it claims to have; `None` is everything.
    pub capabilities: Option<BTreeSet<String>>,
    /// Who may register the accounts of a run.
    pub registration: Registration,
    /// Numbers and words by their path behind `target.` in expressions.
    pub facts: BTreeMap<String, Value>,
}

/// What speaks for the app, from the environment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Authority {
    /// `CHATPROOF_TOKEN`: an app token.
    Token(Secret),
    /// `CHATPROOF_CLIENT_ID` and `CHATPROOF_CLIENT_SECRET`: what an app token is had for.
    Client {
        /// `client_id`.
        id: String,
        /// `client_secret`.
        secret: Secret,
    },
}

impl Authority {
    /// Reads the environment through `variable`.
    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Exit> {
        let filled = |name| variable(name).filter(|value| !value.is_empty());
        if let Some(token) = filled("CHATPROOF_TOKEN") {
            return Ok(Some(Self::Token(Secret::new(token))));
        }
        let lone = |here: &str, missing: &str| {
            Exit::Usage.saying(&format!("{here} is set and {missing} is not: set both, or neither"))
        };
        match (filled("CHATPROOF_CLIENT_ID"), filled("CHATPROOF_CLIENT_SECRET")) {
            (None, None) => Ok(None),
            (Some(id), Some(secret)) => Ok(Some(Self::Client { id, secret: Secret::new(secret) })),
            (Some(_), None) => Err(lone("CHATPROOF_CLIENT_ID", "CHATPROOF_CLIENT_SECRET")),
            (None, Some(_)) => Err(lone("CHATPROOF_CLIENT_SECRET", "CHATPROOF_CLIENT_ID")),
        }
    }
}

impl Target {
    /// Makes the plan: reads the profile and the environment, and refuses contradictions.
    ///
    /// # Errors
    /// The exit that the command must end with; everything has been said.
    pub fn plan(&self) -> Result<Plan, Exit> {
        let remote = match (&self.target, &self.ws, &self.rest, &self.appkey) {
            (Some(path), ..) => {
                let profile = Profile::open(path).map_err(|error| refuse(&error))?;
                return self.with_profile(profile);
            }
            (None, Some(endpoint), Some(rest), Some(app_key)) => Remote {
                name: rest.clone(),
                endpoints: vec![endpoint.clone()],
                rest: rest.clone(),
                app_key: app_key.clone(),
                trust: self.trust(None),
                accounts: BTreeMap::new(),
                authority: authority()?,
                capabilities: None,
                registration: Registration::default(),
                facts: BTreeMap::new(),
            },
            _ => {
                let generation = self.generation.unwrap_or_default();
                let own = Own { world: self.world.clone(), faults: self.faults.clone() };
                return Ok(Plan { generation, server: Server::Embedded(own) });
            }
        };
        self.fitting(remote, None)
    }

    /// The flags as typed, but the generation, which a report names by itself.
    pub fn typed(&self) -> String {
        let path = |path: &PathBuf| path.display().to_string();
        let flags = [
            ("--target", self.target.as_ref().map(path)),
            ("--world", self.world.as_ref().map(path)),
            ("--ws", self.ws.as_ref().map(ToString::to_string)),
            ("--rest", self.rest.clone()),
            ("--appkey", self.appkey.clone()),
            ("--ca", self.ca.as_ref().map(path)),
        ];
        let typed = flags.into_iter().filter_map(|(flag, value)| Some(format!(" {flag} {}", value?)));
        typed.chain(self.faults.iter().map(|fault| format!(" --fault {fault}"))).collect()
    }

    fn with_profile(&self, profile: Profile) -> Result<Plan, Exit> {
        let remote = Remote {
            name: profile.name,
            endpoints: profile.endpoints,
            rest: profile.rest,
            app_key: profile.app_key,
            trust: self.trust(profile.ca),
            accounts: profile.accounts,
            authority: authority()?,
            capabilities: profile.capabilities,
            registration: profile.registration,
            facts: profile.facts,
        };
        self.fitting(remote, profile.generation)
    }

    fn trust(&self, of_profile: Option<PathBuf>) -> Trust {
        self.ca.clone().or(of_profile).map_or(Trust::System, Trust::File)
    }

    /// The generation asked for must travel one of the ways that the target has.
    fn fitting(&self, remote: Remote, of_profile: Option<Generation>) -> Result<Plan, Exit> {
        let asked = self.generation.or(of_profile);
        let first = remote.endpoints.first().map(Endpoint::generation).unwrap_or_default();
        let generation = asked.unwrap_or(first);
        let refusals: Vec<_> =
            remote.endpoints.iter().filter_map(|endpoint| endpoint.fits(generation).err()).collect();
        match refusals.first() {
            Some(error) if refusals.len() == remote.endpoints.len() => {
                Err(Exit::Usage.saying(&error.to_string()))
            }
            _ => Ok(Plan { generation, server: Server::Remote(Box::new(remote)) }),
        }
    }
}

fn authority() -> Result<Option<Authority>, Exit> {
    Authority::from_variables(|name| std::env::var(name).ok())
}

fn refuse(error: &ProfileError) -> Exit {
    match error {
        ProfileError::Mistakes(mistakes) => {
            Exit::Usage.saying(&format!("{}\n\nchatproof: {mistakes}", mistakes.render(Ink::Plain)))
        }
        _ => {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            Exit::Usage.saying(&format!("failed to {error}{cause}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(endpoint: &str, generation: Option<Generation>) -> Target {
        Target {
            ws: Some(endpoint.parse().unwrap()),
            rest: Some("http://127.0.0.1:1".to_owned()),
            appkey: Some("o#a".to_owned()),
            generation,
            ..Target::default()
        }
    }

    #[test]
    fn no_flags_are_the_embedded_server() {
        let plan = Target::default().plan().unwrap();
        assert_eq!(plan.generation, Generation::V3_6_3);
        assert!(matches!(plan.server, Server::Embedded(Own { world: None, .. })));
    }

    #[test]
    fn the_endpoint_says_which_generation_is_played() {
        assert_eq!(target("http://h/ws", None).plan().unwrap().generation, Generation::V3_6_3);
        assert_eq!(target("ws://h/websocket", None).plan().unwrap().generation, Generation::V4_21_1);
        let asked = target("http://h/ws", Some(Generation::V4_0_8)).plan().unwrap();
        assert_eq!(asked.generation, Generation::V4_0_8);
    }

    #[test]
    fn a_generation_that_travels_the_other_way_is_wrong_usage() {
        let plan = target("ws://h/websocket", Some(Generation::V3_6_3)).plan();
        assert_eq!(plan.err(), Some(Exit::Usage));
    }

    #[test]
    fn a_token_goes_before_client_credentials() {
        let variables =
            [("CHATPROOF_TOKEN", "t"), ("CHATPROOF_CLIENT_ID", "i"), ("CHATPROOF_CLIENT_SECRET", "s")];
        let among = |from: usize| {
            Authority::from_variables(|name| {
                variables[from..]
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(among(0), Ok(Some(Authority::Token(Secret::new("t")))));
        let client = Authority::Client { id: "i".to_owned(), secret: Secret::new("s") };
        assert_eq!(among(1), Ok(Some(client)));
        assert_eq!(among(2), Err(Exit::Usage), "half of the credentials");
        assert_eq!(among(3), Ok(None));
    }
}
