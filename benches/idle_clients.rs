//! What an idle logged-in client costs, in this process and in the embedded server's.
//!
//! `cargo bench --bench idle_clients -- [CLIENTS] [GENERATION]`, by default 15000 and 4.21.1. The
//! server is a child process, so that each side's memory and CPU time can be read apart.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![allow(clippy::unwrap_used, reason = "a benchmark whose set-up fails has nothing to say")]

mod embedded;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chatproof::{
    client::{Client, Credential, Login},
    protocol::generation::Generation,
};
use embedded::{Server, Usage, register};
use futures_util::{StreamExt, stream};

const CLIENTS: usize = 15_000;
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
    let server = Server::start();
    let network = server.network(generation);
    let names: Vec<String> = (0..clients).map(|number| format!("idle-{number}")).collect();
    let tokens = register(&network, &names).await;

    let before = (Usage::of("self"), server.usage());
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
    let after = (Usage::of("self"), server.usage());

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
