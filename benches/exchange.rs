//! What a driver pays for one text and its acknowledgement, beside a bare loop over the same
//! WebSocket library that sends frames built beforehand and looks at nothing that comes back.
//!
//! `cargo bench --bench exchange -- [TEXTS]`, by default 100,000 over 100 clients on one thread.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![allow(clippy::unwrap_used, reason = "a benchmark whose set-up fails has nothing to say")]

mod embedded;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use chatproof::{
    client::{Client, Credential, Login, Network},
    protocol::{
        generation::Generation,
        id::LocalId,
        message::{Body, Outgoing},
        secret::Secret,
        time::Moment,
        uplink::{Device, Identity, Sender},
    },
    session::Answer,
};
use embedded::{Server, Usage, register};
use futures_util::{SinkExt, StreamExt, future::join_all};
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, client_async_with_config, tungstenite};
use tungstenite::protocol::{Message, WebSocketConfig};

const GENERATION: Generation = Generation::V4_21_1;
const CLIENTS: usize = 100;
const TEXTS: usize = 100_000;
/// Nobody of that name: the server takes the text, answers, and is done with it.
const TO: &str = "nobody-in-particular";
/// Bytes of each text.
const LENGTH: usize = 100;

fn main() {
    let texts = std::env::args().skip(1).find_map(|text| text.parse().ok()).unwrap_or(TEXTS);
    tokio_rustls::rustls::crypto::ring::default_provider().install_default().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(compare(texts / CLIENTS));
}

async fn compare(each: usize) {
    let server = Server::start();
    let network = server.network(GENERATION);
    let names: Vec<String> = (0..CLIENTS).map(|number| format!("writer-{number}")).collect();
    let tokens = register(&network, &names).await;

    let bare =
        join_all(names.iter().zip(&tokens).map(|(name, token)| Bare::open(&server, name, token, each))).await;
    let bare = measure(&server, each, bare.into_iter().map(Bare::exchange)).await;
    let clients = join_all(names.iter().zip(tokens).map(|(name, token)| open(&network, name, token))).await;
    let ours = measure(&server, each, clients.into_iter().map(|client| exchange(client, each))).await;

    println!("{} texts of {LENGTH} bytes, {CLIENTS} clients, one in flight each, one thread", each * CLIENTS);
    for (name, cost) in [("bare loop", &bare), ("chatproof", &ours)] {
        println!(
            "{name}: {:.2} CPU-s per 100,000 texts (server {:.2}), {:.0} texts per second",
            cost.driver, cost.server, cost.rate
        );
    }
    println!("ratio: {:.2}", ours.driver / bare.driver);
    println!("driver process: {} MiB resident at the end", Usage::of("self").resident_kib / 1024);
}

struct Cost {
    driver: f64,
    server: f64,
    rate: f64,
}

async fn measure(
    server: &Server,
    each: usize,
    loops: impl Iterator<Item = impl Future<Output = ()>>,
) -> Cost {
    let (own, other, begun) = (Usage::of("self"), server.usage(), Instant::now());
    join_all(loops).await;
    let took = begun.elapsed();
    let texts = (each * CLIENTS) as f64;
    let per_100_000 = |cpu: Duration| cpu.as_secs_f64() * 1e5 / texts;
    Cost {
        driver: per_100_000(Usage::of("self").cpu - own.cpu),
        server: per_100_000(server.usage().cpu - other.cpu),
        rate: texts / took.as_secs_f64(),
    }
}

fn text(number: usize) -> Outgoing {
    let body = Body::Text(Some(format!("{number:0>LENGTH$}")));
    Outgoing::new(LocalId(number as u64 + 1), TO, body)
}

async fn open(network: &Network, name: &str, token: Secret) -> Client {
    let login = Login::new(GENERATION, Arc::<str>::from(name), Credential::Token(token));
    Client::login(network, login).await.unwrap()
}

async fn exchange(client: Client, each: usize) {
    for number in 0..each {
        let sent = client.send(text(number)).await.unwrap();
        assert!(matches!(sent.answer, Answer::Accepted { .. }), "{:?}", sent.answer);
        while client.try_next().is_some() {}
    }
}

/// The yardstick: a socket and the frames that it will send.
struct Bare {
    socket: WebSocketStream<TcpStream>,
    frames: Vec<Bytes>,
}

impl Bare {
    async fn open(server: &Server, name: &str, token: &Secret, each: usize) -> Self {
        let url = server.place("websocket");
        let address = url.trim_start_matches("ws://").split('/').next().unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let config = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(4096);
        let (mut socket, _) = client_async_with_config(&url, stream, Some(config)).await.unwrap();
        let device = Device::Stamped(Moment::from_millis(1_640_995_200_000));
        let resource = device.resource(GENERATION);
        let identity = Identity { app_key: server.place("appkey"), user: name.into(), resource };
        let sender = Sender { generation: GENERATION, identity };
        let provision = sender.provision(token, &device, Moment::from_millis(1_640_995_200_000), None);
        socket.send(Message::Binary(provision)).await.unwrap();
        socket.next().await.unwrap().unwrap();
        let frames = (0..each).map(|number| sender.message(&text(number), None)).collect();
        Self { socket, frames }
    }

    async fn exchange(mut self) {
        for frame in self.frames {
            self.socket.send(Message::Binary(frame)).await.unwrap();
            self.socket.next().await.unwrap().unwrap();
        }
    }
}
