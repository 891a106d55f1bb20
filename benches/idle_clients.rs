//! What an idle logged-in client costs, in this process and in the embedded server's.
//!
//! `cargo bench --bench idle_clients -- [CLIENTS] [GENERATION]`, by default 15000 and 4.21.1. The
//! server is a child process, so that each side's memory and CPU time can be read apart.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![allow(clippy::unwrap_used, reason = "a benchmark whose set-up fails has nothing to say")]

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use chatproof::{
    client::{Client, Clock, Credential, Login, Method, Network, Patience, Target, Trust},
    protocol::{
        generation::{Generation, Wire},
        secret::Secret,
    },
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

const CLIENTS: usize = 15_000;
/// Most users that one call registers.
const BATCH: usize = 60;
/// How many logins are under way at the same time.
const LOGINS: usize = 64;
/// How long both sides are left alone before they are measured.
const REST: Duration = Duration::from_secs(3);

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let clients = arguments.next().map_or(CLIENTS, |text| text.parse().unwrap());
    let generation = arguments.next().map_or(Generation::V4_21_1, |text| text.parse().unwrap());
    tokio_rustls::rustls::crypto::ring::default_provider().install_default().unwrap();
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(measure(clients, generation));
}

async fn measure(clients: usize, generation: Generation) {
    let (server, places) = serve();
    let text = |key: &str| places[key].as_str().unwrap().to_owned();
    let endpoint = match generation.wire() {
        Wire::SockJs => text("sockjs"),
        Wire::Raw => text("websocket"),
    };
    let target = Target {
        endpoint: endpoint.parse().unwrap(),
        rest: text("rest"),
        app_key: text("appkey"),
        trust: Trust::System,
        patience: Patience::default(),
    };
    let network = Network::new(target, Clock::start()).unwrap();
    let names: Vec<String> = (0..clients).map(|number| format!("idle-{number}")).collect();
    let tokens = register(&network, &names).await;

    let before = (Usage::of("self"), Usage::of(&server.0.id().to_string()));
    let begun = Instant::now();
    let held: Vec<Client> = stream::iter(names.into_iter().zip(tokens))
        .map(|(name, token)| {
            let login = Login::new(generation, Arc::<str>::from(name), Credential::Token(token));
            async { Client::login(&network, login).await.unwrap() }
        })
        .buffer_unordered(LOGINS)
        .collect()
        .await;
    let took = begun.elapsed();
    tokio::time::sleep(REST).await;
    let after = (Usage::of("self"), Usage::of(&server.0.id().to_string()));

    println!("{clients} idle clients of SDK {generation}, one process, the server in another");
    println!("logins: {:.0} per second, {took:.2?} in all", clients as f64 / took.as_secs_f64());
    for (side, before, after) in [("client", before.0, after.0), ("server", before.1, after.1)] {
        let memory = (after.resident_kib - before.resident_kib) as f64;
        let cpu = after.cpu - before.cpu;
        println!(
            "{side}: {:.2} KiB per client ({:.0} MiB in all), {:.0} µs CPU per login",
            memory / clients as f64,
            after.resident_kib as f64 / 1024.0,
            cpu.as_secs_f64() * 1e6 / clients as f64,
        );
    }
    assert_eq!(held.len(), clients);
}

/// Ends with the benchmark, whatever happens.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn serve() -> (Server, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_chatproof"))
        .args(["serve", "--listen", "127.0.0.1:0", "--json", "--until-stdin-closes"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (Server(child), serde_json::from_str(&line).unwrap())
}

/// Registers the users and gets a token for each, so that only logins are measured.
async fn register(network: &Network, names: &[String]) -> Vec<Secret> {
    let rest = network.rest();
    let (app, _) = rest.app_token("demo-client", &Secret::new("demo-secret")).await.unwrap();
    for some in names.chunks(BATCH) {
        let users: Vec<Value> =
            some.iter().map(|name| json!({"username": name, "password": "idle"})).collect();
        let reply = rest.call(Method::POST, "/users", Some(&app), Some(&users.into())).await.unwrap();
        reply.success().unwrap();
    }
    let password = Secret::new("idle");
    stream::iter(names)
        .map(|name| async { rest.user_token(name, &password).await.unwrap().0 })
        .buffered(LOGINS)
        .collect()
        .await
}

/// What a process has used, as Linux tells it.
#[derive(Clone, Copy)]
struct Usage {
    resident_kib: i64,
    cpu: Duration,
}

impl Usage {
    fn of(process: &str) -> Self {
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
