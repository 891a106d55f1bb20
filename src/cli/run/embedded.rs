//! The server of a run that names none: our own, in this process or, where one process has not
//! enough descriptors for both sides, in a child.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use serde::Deserialize;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{
    cli::target::Own,
    protocol::secret::Secret,
    server::{
        front::{Options, Running, Server, StartError},
        world::WorldFile,
    },
};

/// Descriptors that a process needs beside its connections: files, the runtime, REST.
const SPARE_DESCRIPTORS: u64 = 128;
/// How long the child may take to listen, and to end once it is told.
const PATIENCE: Duration = Duration::from_secs(10);

/// Our own server, running.
#[derive(Debug)]
pub(super) struct Embedded {
    /// Where it is.
    pub(super) places: Places,
    /// Passwords of the accounts that its world has, by name.
    pub(super) accounts: BTreeMap<String, Secret>,
    /// Client id and secret of its app.
    pub(super) credentials: Option<(String, Secret)>,
    /// What scenarios may require of its world.
    pub(super) capabilities: BTreeSet<String>,
    /// What scenarios read of it as `target`.
    pub(super) facts: BTreeMap<String, Value>,
    home: Home,
}

/// Where a server listens, as `serve --json` says it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Places {
    pub(super) rest: String,
    pub(super) sockjs: String,
    pub(super) websocket: String,
    pub(super) appkey: String,
}

#[derive(Debug)]
enum Home {
    Here(Running),
    Child(Box<Child>),
}

/// Why there is no embedded server.
#[derive(Debug, thiserror::Error)]
pub(super) enum EmbeddedError {
    /// It could not be started in this process.
    #[error("start the embedded server")]
    Start(#[from] StartError),
    /// Not even a process of its own would do.
    #[error(
        "start the embedded server: {clients} clients need {needed} open files and a process may have \
         {allowed}; raise `ulimit -n`, play fewer casts, or spread them over several runs"
    )]
    Descriptors {
        /// How many clients the scenarios have at most.
        clients: u64,
        /// How many descriptors they need.
        needed: u64,
        /// How many a process may have.
        allowed: u64,
    },
    /// The child could not be started or spoken to.
    #[error("start the embedded server in a child process")]
    Child(#[source] std::io::Error),
    /// The child said something else than where it listens.
    #[error("start the embedded server in a child process: it {0}")]
    Silent(String),
}

impl Embedded {
    /// Starts a server for this many clients. `world` is what the file of `own` says, or the demo world.
    pub(super) async fn start(clients: u64, world: WorldFile, own: &Own) -> Result<Self, EmbeddedError> {
        let accounts = world.users().map(|(name, password)| (name.to_owned(), password.clone())).collect();
        let credentials =
            world.app_credentials().map(|app| (app.client_id.clone(), app.client_secret.clone()));
        let capabilities = world.capabilities().into_iter().map(str::to_owned).collect();
        let facts = world.facts().map(|(path, fact)| (path.to_owned(), fact)).collect();
        let appkey = world.app_key().to_owned();
        let allowed = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(u64::MAX);
        let needed = clients + SPARE_DESCRIPTORS;
        if needed > allowed {
            return Err(EmbeddedError::Descriptors { clients, needed, allowed });
        }
        // Here each connection takes two descriptors, one for each side.
        let (home, places) = if needed + clients <= allowed {
            let mut options = Options::new(([127, 0, 0, 1], 0).into(), world);
            options.faults.clone_from(&own.faults);
            let running = Server::start(options).await?;
            let addresses = running.addresses();
            let places = Places {
                rest: addresses.rest.clone(),
                sockjs: addresses.sockjs.clone(),
                websocket: addresses.websocket.clone(),
                appkey,
            };
            (Home::Here(running), places)
        } else {
            let (child, places) = start_child(own).await?;
            (Home::Child(Box::new(child)), places)
        };
        Ok(Self { places, accounts, credentials, capabilities, facts, home })
    }

    /// Stops it in good order.
    pub(super) async fn stop(self) {
        match self.home {
            Home::Here(running) => running.stop().await,
            Home::Child(mut child) => {
                // The end of its standard input is its sign to stop.
                drop(child.stdin.take());
                let ended: Result<std::io::Result<ExitStatus>, _> =
                    tokio::time::timeout(PATIENCE, child.wait()).await;
                if ended.is_err() {
                    tracing::warn!("the embedded server did not stop in time and is killed");
                    drop(child.kill().await);
                }
            }
        }
    }
}

async fn start_child(own: &Own) -> Result<(Child, Places), EmbeddedError> {
    let program = std::env::current_exe().map_err(EmbeddedError::Child)?;
    let mut child = Command::new(program)
        .args(["serve", "--listen", "127.0.0.1:0", "--json", "--until-stdin-closes"])
        .args(own.world.iter().flat_map(|file| [OsStr::new("--world"), file.as_os_str()]))
        .args(own.faults.iter().map(|fault| format!("--fault={fault}")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(EmbeddedError::Child)?;
    let Some(stdout) = child.stdout.take() else {
        return Err(EmbeddedError::Silent("has no standard output".to_owned()));
    };
    let mut lines = BufReader::new(stdout).lines();
    let first = match tokio::time::timeout(PATIENCE, lines.next_line()).await {
        Ok(line) => line.map_err(EmbeddedError::Child)?,
        Err(_) => return Err(EmbeddedError::Silent(format!("said nothing within {PATIENCE:?}"))),
    };
    let Some(first) = first else { return Err(EmbeddedError::Silent("ended at once".to_owned())) };
    let places = serde_json::from_str(&first)
        .map_err(|error| EmbeddedError::Silent(format!("did not say where it listens: {error}")))?;
    // It writes nothing more, but a full pipe must never stop it.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok((child, places))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::vocabulary::CAPABILITIES;

    #[test]
    fn what_a_world_offers_is_what_scenarios_can_require() {
        let known: BTreeSet<&str> = CAPABILITIES.iter().map(|(name, _)| *name).collect();
        let offered = WorldFile::demo().capabilities();
        assert!(offered.is_subset(&known), "{:?}", offered.difference(&known));
    }

    #[tokio::test]
    async fn more_clients_than_any_process_can_hold_are_refused_with_the_numbers() {
        let error = Embedded::start(u64::MAX / 4, WorldFile::demo(), &Own::default()).await.unwrap_err();
        assert!(error.to_string().contains("open files"), "{error}");
    }
}
