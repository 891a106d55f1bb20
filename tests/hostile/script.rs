//! Servers that follow a script instead of the protocol, on raw sockets.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chatproof::{
    client::{Client, ClientError, Clock, Credential, Happened, Login, Network, Patience, Target, Trust},
    protocol::{
        generation::{Generation, Wire},
        schema::{MSync, Provision, Status},
        secret::Secret,
        sockjs,
    },
};
use prost::Message;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// How long a test waits for a verdict before it counts as a hang.
pub(crate) const BOUND: Duration = Duration::from_secs(20);
/// The patience that a script exhausts.
pub(crate) const SHORT: Duration = Duration::from_millis(200);

/// A port that plays the same script to each who connects.
pub(crate) struct Script {
    port: u16,
    written: Arc<AtomicUsize>,
}

/// One connection of a script.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    /// Most bytes that go out in one write.
    piece: usize,
    written: Arc<AtomicUsize>,
}

impl Script {
    pub(crate) async fn play<F, P>(part: F) -> Self
    where
        F: Fn(Peer) -> P + Send + 'static,
        P: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let written = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&written);
        // Ends with the test's runtime.
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(part(Peer { stream, piece: usize::MAX, written: Arc::clone(&counter) }));
            }
        });
        Self { port, written }
    }

    /// How many bytes the client has taken so far, at most.
    pub(crate) fn written(&self) -> usize {
        self.written.load(Ordering::SeqCst)
    }

    pub(crate) fn network(&self, generation: Generation, patience: Patience) -> Network {
        network(self.port, generation, patience)
    }

    /// Logs in with patience for everything.
    pub(crate) async fn login(&self, generation: Generation) -> Result<Client, ClientError> {
        self.login_within(generation, Patience::default()).await
    }

    pub(crate) async fn login_within(
        &self,
        generation: Generation,
        patience: Patience,
    ) -> Result<Client, ClientError> {
        verdict(Client::login(&self.network(generation, patience), token_login(generation))).await
    }
}

pub(crate) fn network(port: u16, generation: Generation, patience: Patience) -> Network {
    let endpoint = match generation.wire() {
        Wire::SockJs => format!("http://127.0.0.1:{port}/ws"),
        Wire::Raw => format!("ws://127.0.0.1:{port}/websocket"),
    };
    let target = Target {
        endpoint: endpoint.parse().unwrap(),
        rest: format!("http://127.0.0.1:{port}"),
        app_key: "org#app".to_owned(),
        trust: Trust::System,
        patience,
    };
    Network::new(target, Clock::start()).unwrap()
}

pub(crate) fn token_login(generation: Generation) -> Login {
    let mut login = Login::new(generation, "alice", Credential::Token(Secret::new("YWMt-very-secret")));
    login.operation_timeout = SHORT;
    login
}

/// Waits for what must end in bounded time.
pub(crate) async fn verdict<T>(outcome: impl Future<Output = T>) -> T {
    tokio::time::timeout(BOUND, outcome).await.expect("it hangs")
}

/// The cause of the next loss of the connection; everything that happens before is collected.
pub(crate) async fn until_disconnected(client: &Client) -> (Vec<Happened>, String) {
    let mut before = Vec::new();
    loop {
        match verdict(client.next()).await.expect("the client ended").happened {
            Happened::Disconnected { cause } => return (before, cause),
            other => before.push(other),
        }
    }
}

impl Peer {
    /// Writes as long as the client takes it; false once it is gone.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> bool {
        for piece in bytes.chunks(self.piece) {
            if self.stream.write_all(piece).await.is_err() {
                return false;
            }
            self.written.fetch_add(piece.len(), Ordering::SeqCst);
        }
        true
    }

    /// The same peer, which writes one byte at a time, each in a packet of its own.
    pub(crate) fn dripping(self) -> Self {
        self.stream.set_nodelay(true).unwrap();
        Self { piece: 1, ..self }
    }

    /// Reads one HTTP head.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match self.stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => break,
            }
        }
        String::from_utf8_lossy(&head).into_owned()
    }

    /// Reads that many bytes, or as many as come: how many.
    pub(crate) async fn read_bytes(&mut self, count: usize) -> usize {
        let mut bytes = Vec::with_capacity(count);
        let mut some = (&mut self.stream).take(u64::try_from(count).unwrap());
        some.read_to_end(&mut bytes).await.map_or(bytes.len(), |read| read)
    }

    /// Accepts the WebSocket upgrade; a request to `/info` is answered well before.
    pub(crate) async fn upgrade(&mut self) {
        loop {
            let head = self.head().await;
            if head.starts_with("GET /ws/info") {
                self.answer("200 OK", r#"{"websocket":true}"#).await;
                continue;
            }
            let key = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase().starts_with("sec-websocket-key:").then(|| line[18..].trim())
                })
                .unwrap_or_default();
            let accept = derive_accept_key(key.as_bytes());
            self.write(
                format!(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                     Sec-WebSocket-Accept: {accept}\r\n\r\n"
                )
                .as_bytes(),
            )
            .await;
            return;
        }
    }

    pub(crate) async fn answer(&mut self, status: &str, body: &str) {
        let length = body.len();
        self.write(format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}").as_bytes()).await;
    }

    /// Upgrades and lets the client in.
    pub(crate) async fn let_in(&mut self, wire: Wire) {
        self.upgrade().await;
        self.admit(wire).await;
    }

    /// Opens SockJS where it is spoken, reads PROVISION and answers it.
    pub(crate) async fn admit(&mut self, wire: Wire) {
        if wire == Wire::SockJs {
            self.text("o").await;
        }
        self.read_some().await;
        let answer = Provision {
            status: Some(Status { error_code: Some(0), ..Status::default() }),
            resource: Some("webim_here".to_owned()),
            ..Provision::default()
        };
        let answer =
            MSync { command: Some(3), payload: Some(answer.encode_to_vec().into()), ..MSync::default() };
        self.msync(wire, &answer.encode_to_vec()).await;
    }

    pub(crate) async fn msync(&mut self, wire: Wire, bytes: &[u8]) {
        match wire {
            Wire::SockJs => self.text(&sockjs::server_frame(bytes)).await,
            Wire::Raw => self.frame(0x82, bytes).await,
        };
    }

    pub(crate) async fn text(&mut self, text: &str) -> bool {
        self.frame(0x81, text.as_bytes()).await
    }

    /// One WebSocket frame with this first byte (FIN, reserved bits, opcode), unmasked.
    pub(crate) async fn frame(&mut self, first: u8, payload: &[u8]) -> bool {
        let mut frame = vec![first];
        match payload.len() {
            length @ 0..126 => frame.push(length as u8),
            length @ 126..65536 => {
                frame.push(126);
                frame.extend((length as u16).to_be_bytes());
            }
            length => {
                frame.push(127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend(payload);
        self.write(&frame).await
    }

    /// Waits until the client has written something.
    pub(crate) async fn read_some(&mut self) -> bool {
        matches!(self.stream.read(&mut [0; 4096]).await, Ok(1..))
    }

    /// Reads until the client goes.
    pub(crate) async fn linger(mut self) {
        while self.read_some().await {}
    }
}
