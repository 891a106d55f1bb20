//! The embedded server in a child process, for benchmarks that read each side's cost apart.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use chatproof::{
    client::{Clock, Method, Network, Patience, Target, Trust},
    protocol::{
        generation::{Generation, Wire},
        secret::Secret,
    },
};
use futures_util::{StreamExt, stream};
use serde_json::Value;

/// Most users that one call registers.
const BATCH: usize = 60;
/// How many calls are under way at the same time.
const CALLS: usize = 64;

/// A server that ends with the benchmark, whatever happens.
pub(crate) struct Server {
    child: Child,
    places: Value,
}

impl Server {
    /// Starts it.
    pub(crate) fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_chatproof"))
            .args(["serve", "--listen", "127.0.0.1:0", "--json", "--until-stdin-closes"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, places: serde_json::from_str(&line).unwrap() }
    }

    /// What `serve --json` says of itself, such as `websocket`.
    pub(crate) fn place(&self, key: &str) -> String {
        self.places[key].as_str().unwrap().to_owned()
    }

    /// The way to it for clients of this generation.
    pub(crate) fn network(&self, generation: Generation) -> Network {
        let endpoint = self.place(match generation.wire() {
            Wire::SockJs => "sockjs",
            Wire::Raw => "websocket",
        });
        let target = Target {
            endpoint: endpoint.parse().unwrap(),
            rest: self.place("rest"),
            app_key: self.place("appkey"),
            trust: Trust::System,
            patience: Patience::default(),
        };
        Network::new(target, Clock::start()).unwrap()
    }

    /// What it has used so far.
    pub(crate) fn usage(&self) -> Usage {
        Usage::of(&self.child.id().to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Registers users and gets a token for each.
pub(crate) async fn register(network: &Network, names: &[String]) -> Vec<Secret> {
    let rest = network.rest();
    let (app, _) = rest.app_token("demo-client", &Secret::new("demo-secret")).await.unwrap();
    for some in names.chunks(BATCH) {
        let user = |name| serde_json::json!({"username": name, "password": "idle"});
        let users: Vec<Value> = some.iter().map(user).collect();
        let reply = rest.call(Method::POST, "/users", Some(&app), Some(&users.into())).await.unwrap();
        reply.success().unwrap();
    }
    let password = Secret::new("idle");
    stream::iter(names)
        .map(|name| async { rest.user_token(name, &password).await.unwrap().0 })
        .buffered(CALLS)
        .collect()
        .await
}

/// What a process has used, as Linux tells it.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    /// Resident memory, KiB.
    pub(crate) resident_kib: i64,
    /// CPU time, user and system.
    pub(crate) cpu: Duration,
}

impl Usage {
    /// Of a process by its number, or of `self`.
    pub(crate) fn of(process: &str) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
        // Fields 14 and 15, user and system time in ticks of 10 ms, counted behind the name.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        Self {
            resident_kib: resident.trim().trim_end_matches(" kB").trim().parse().unwrap(),
            cpu: Duration::from_millis(ticks * 10),
        }
    }
}
