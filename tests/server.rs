//! The embedded server's port, seen from the wire: raw bytes in, raw bytes out.

mod file;
mod member;
mod raw;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use chatproof::server::{
    front::{Exposure, Limits, Options, Running, Server, StartError, TlsFiles},
    world::WorldFile,
};
use member::{Framing, Member};
use prost::Message;
use raw::{BINARY, CLOSE, PING, PONG, Raw, TEXT, assert_starts, frame, header, soon};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::Instant};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring},
};

const SOCKJS: &str = "/ws/000/abcdefgh/websocket";
const WEBSOCKET: &str = "/websocket";

fn loopback() -> Options {
    Options::new("127.0.0.1:0".parse().unwrap(), WorldFile::demo())
}

async fn start(options: Options) -> (Running, SocketAddr) {
    let running = Server::start(options).await.unwrap();
    let address = running.addresses().socket;
    (running, address)
}

async fn start_limited(limits: Limits) -> (Running, SocketAddr) {
    start(Options { limits, ..loopback() }).await
}

#[tokio::test]
async fn info_names_the_websocket_and_the_exact_origin() {
    let (_running, address) = start(loopback()).await;
    let request = "GET /ws/info?t=1 HTTP/1.1\r\nHost: x\r\nOrigin: http://page.example\r\n\r\n";
    let (head, body) = Raw::connect(address).await.exchange(request).await;
    assert_starts(&head, "HTTP/1.1 200 ");
    assert_eq!(header(&head, "access-control-allow-origin"), Some("http://page.example"));
    assert_eq!(header(&head, "access-control-allow-credentials"), Some("true"));
    let info: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(info["websocket"], true);
    assert_eq!(info["cookie_needed"], false);
    assert!(info.get("base_url").is_none(), "it would send the client elsewhere");
}

#[tokio::test]
async fn a_preflight_allows_what_the_sdk_sends() {
    let (_running, address) = start(loopback()).await;
    let mut raw = Raw::connect(address).await;
    // Twice on one connection: a preflight does not cost a connection.
    for path in ["/easemob-demo/chatdemoui/users/alice/blocks/users", "/ws/info"] {
        let (head, _) = raw
            .exchange(&format!(
                "OPTIONS {path} HTTP/1.1\r\nHost: x\r\nOrigin: http://page.example\r\n\
                 Access-Control-Request-Method: DELETE\r\nAccess-Control-Request-Headers: authorization\r\n\r\n"
            ))
            .await;
        assert_starts(&head, "HTTP/1.1 204 ");
        assert_eq!(header(&head, "access-control-allow-origin"), Some("http://page.example"));
        let allowed = header(&head, "access-control-allow-headers").unwrap().to_lowercase();
        for name in ["authorization", "content-type", "restrict-access", "share-secret", "x-requested-with"] {
            assert!(allowed.contains(name), "{name} is missing in {allowed}");
        }
        let methods = header(&head, "access-control-allow-methods").unwrap();
        for method in ["GET", "POST", "PUT", "DELETE"] {
            assert!(methods.contains(method), "{method} is missing in {methods}");
        }
    }
}

#[tokio::test]
async fn rest_answers_are_json_and_readable_by_the_page() {
    let (_running, address) = start(loopback()).await;
    let request =
        "GET /easemob-demo/chatdemoui/nowhere HTTP/1.1\r\nHost: x\r\nOrigin: http://page.example\r\n\r\n";
    let (head, body) = Raw::connect(address).await.exchange(request).await;
    assert_eq!(header(&head, "access-control-allow-origin"), Some("http://page.example"));
    assert_starts(header(&head, "content-type").unwrap(), "application/json");
    serde_json::from_str::<serde_json::Value>(&body).unwrap();
}

#[tokio::test]
async fn sockjs_opens_with_an_o_and_beats_its_heart() {
    let limits = Limits { heartbeat: Duration::from_millis(20), ..Limits::default() };
    let (_running, address) = start_limited(limits).await;
    let mut raw = Raw::websocket(address, SOCKJS).await;
    for expected in ["o", "h", "h"] {
        assert_eq!(raw.text().await, expected);
    }
}

#[tokio::test]
async fn both_transports_meet_in_one_world() {
    let (_running, address) = start(loopback()).await;
    let mut alice = Member::login(address, "alice", Framing::SockJs).await;
    let mut bob = Member::login(address, "bob", Framing::WebSocket).await;
    let hello = alice.text("bob", "hello");
    alice.send(&[hello]).await;
    let answer = alice.sync().await;
    assert_eq!(answer.status.unwrap().error_code, Some(0));
    assert_eq!(answer.meta_id, Some(1));
    assert_eq!(bob.fetch().await, ["hello"]);
    let back = bob.text("alice", "and back");
    bob.send(&[back]).await;
    assert_eq!(bob.sync().await.meta_id, Some(1));
    assert_eq!(alice.fetch().await, ["and back"]);
}

#[tokio::test]
async fn several_strings_in_one_sockjs_frame_are_served_in_order() {
    let (_running, address) = start(loopback()).await;
    let mut alice = Member::login(address, "alice", Framing::SockJs).await;
    let texts = ["one", "two", "three"].map(|text| alice.text("carol", text));
    alice.send(&texts).await;
    for id in 1..=3 {
        assert_eq!(alice.sync().await.meta_id, Some(id));
    }
}

#[tokio::test]
async fn an_msync_split_over_websocket_fragments_and_packets_is_one_msync() {
    let (_running, address) = start(loopback()).await;
    let mut alice = Member::login(address, "alice", Framing::WebSocket).await;
    let bytes = alice.text("carol", "in pieces").encode_to_vec();
    let (first, second) = bytes.split_at(7);
    let mut wire = frame(BINARY, first);
    wire[0] &= 0x7f;
    wire.extend(frame(0, second));
    for byte in wire {
        alice.raw.write([byte]).await;
    }
    assert_eq!(alice.sync().await.status.unwrap().error_code, Some(0));
}

#[tokio::test]
async fn a_stranger_is_refused_and_closed() {
    let (_running, address) = start(loopback()).await;
    let mut raw = Raw::websocket(address, WEBSOCKET).await;
    // UNREAD, the frame of every heartbeat.
    raw.send(BINARY, [0x08, 0x00, 0x40, 0x01, 0x58, 0x00]).await;
    let (opcode, _) = raw.receive().await;
    assert_eq!(opcode, BINARY);
    assert_eq!(raw.closed().await.0, 1000);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_given_up_and_the_others_are_served() {
    let limits = Limits { write: Duration::from_millis(200), ..Limits::default() };
    let (_running, address) = start_limited(limits).await;
    let mut deaf = Member::login(address, "alice", Framing::WebSocket).await;
    let mut bob = Member::login(address, "bob", Framing::WebSocket).await;
    for _ in 0..20 {
        let long = bob.text("alice", &"x".repeat(10_000));
        bob.send(&[long]).await;
        assert_eq!(bob.sync().await.status.unwrap().error_code, Some(0));
    }
    // Each fetch is answered with all of it, until the sockets between are full and the server
    // cannot write any more.
    let flood = frame(BINARY, &deaf.noticed().await.encode_to_vec()).repeat(100);
    soon(async { while deaf.raw.0.write_all(&flood).await.is_ok() {} }).await;
    let hello = bob.text("carol", "hello");
    bob.send(&[hello]).await;
    assert_eq!(bob.sync().await.status.unwrap().error_code, Some(0));
}

#[tokio::test]
async fn sockjs_sessions_have_two_parts_without_dots() {
    let (_running, address) = start(loopback()).await;
    for path in [
        "/ws/../abcdefgh/websocket",
        "/ws/0.0/abc/websocket",
        "/ws/000/abc/xhr_streaming",
        "/ws/000//websocket",
    ] {
        let mut raw = Raw::connect(address).await;
        raw.write(format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        ))
        .await;
        assert_starts(raw.head().await, "HTTP/1.1 404 ");
    }
}

#[tokio::test]
async fn a_plain_request_for_a_websocket_is_told_to_upgrade() {
    let (_running, address) = start(loopback()).await;
    for path in [SOCKJS, WEBSOCKET] {
        let (head, _) =
            Raw::connect(address).await.exchange(&format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        assert_starts(&head, "HTTP/1.1 426 ");
        assert_eq!(header(&head, "upgrade"), Some("websocket"));
    }
}

#[tokio::test]
async fn a_frame_sent_in_one_packet_with_the_handshake_is_not_lost() {
    let (_running, address) = start(loopback()).await;
    let mut raw = Raw::connect(address).await;
    let mut bytes = format!(
        "GET {WEBSOCKET} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    .into_bytes();
    bytes.extend(frame(PING, b"early"));
    raw.write(bytes).await;
    assert_starts(raw.head().await, "HTTP/1.1 101 ");
    assert_eq!(raw.receive().await, (PONG, b"early".to_vec()));
}

#[tokio::test]
async fn broken_sockjs_frames_close_with_a_reason() {
    let (_running, address) = start(loopback()).await;
    for broken in ["[", "[1]", "{}", "[\"*\"]", "garbage", "[\"CABAAVgA\", \"\\ud800\"]"] {
        let mut raw = Raw::websocket(address, SOCKJS).await;
        assert_eq!(raw.text().await, "o");
        raw.send(TEXT, broken).await;
        assert_starts(raw.text().await, "c[1007,\"broken framing");
        assert_eq!(raw.closed().await.0, 1007, "{broken}");
    }
}

#[tokio::test]
async fn an_empty_sockjs_frame_is_ignored() {
    let (_running, address) = start(loopback()).await;
    let mut raw = Raw::websocket(address, SOCKJS).await;
    assert_eq!(raw.text().await, "o");
    raw.send(TEXT, "").await;
    raw.send(TEXT, "[]").await;
    raw.send(PING, "still there").await;
    assert_eq!(raw.receive().await, (PONG, b"still there".to_vec()));
}

#[tokio::test]
async fn the_wrong_kind_of_frame_closes_with_a_reason() {
    let (_running, address) = start(loopback()).await;
    let mut raw = Raw::websocket(address, WEBSOCKET).await;
    raw.send(TEXT, "CABAAVgA").await;
    let (code, reason) = raw.closed().await;
    assert_eq!(code, 1003);
    assert_starts(reason, "text frame");

    let mut raw = Raw::websocket(address, SOCKJS).await;
    assert_eq!(raw.text().await, "o");
    raw.send(BINARY, [8, 0]).await;
    assert_starts(raw.text().await, "c[1003,\"binary frame");
    assert_eq!(raw.closed().await.0, 1003);
}

#[tokio::test]
async fn a_message_over_the_bound_closes_before_it_is_read() {
    let (_running, address) = start(loopback()).await;
    let header_only = |length: u64| {
        let mut bytes = vec![0x80 | BINARY, 0x80 | 127];
        bytes.extend(length.to_be_bytes());
        bytes.extend([0; 4]);
        bytes
    };
    for length in [1 << 62, (1 << 63) - 1, u64::MAX, 1024 * 1024 + 1] {
        let mut raw = Raw::websocket(address, WEBSOCKET).await;
        raw.write(header_only(length)).await;
        let (code, _) = raw.closed().await;
        assert!(code == 1009 || code == 1002, "{length} ended with {code}");
    }
}

#[tokio::test]
async fn fragments_are_bounded_together() {
    let limits = Limits { message_bytes: 100, ..Limits::default() };
    let (_running, address) = start_limited(limits).await;
    let mut raw = Raw::websocket(address, WEBSOCKET).await;
    let mut first = frame(BINARY, &[0; 60]);
    first[0] &= 0x7f;
    raw.write(first).await;
    raw.write(frame(0, &[0; 60])).await;
    assert_eq!(raw.closed().await.0, 1009);
}

#[tokio::test]
async fn garbage_instead_of_websocket_closes() {
    let (_running, address) = start(loopback()).await;
    let unmasked = [0x80 | BINARY, 1, 0];
    let reserved_bits = [0xf0 | BINARY, 0x80, 0, 0, 0, 0];
    let unknown_opcode = [0x80 | 5, 0x80, 0, 0, 0, 0];
    for garbage in [&unmasked[..], &reserved_bits, &unknown_opcode] {
        let mut raw = Raw::websocket(address, WEBSOCKET).await;
        raw.write(garbage).await;
        assert_eq!(raw.closed().await.0, 1002, "{garbage:?}");
    }
}

#[tokio::test]
async fn a_close_is_answered_with_a_close() {
    let (_running, address) = start(loopback()).await;
    let mut raw = Raw::websocket(address, WEBSOCKET).await;
    raw.send(CLOSE, 1000_u16.to_be_bytes()).await;
    assert_eq!(raw.closed().await.0, 1000);
    assert!(raw.rest().await.is_empty());
}

#[tokio::test]
async fn garbage_instead_of_http_is_refused() {
    let (_running, address) = start(loopback()).await;
    let mut raw = Raw::connect(address).await;
    raw.write("\u{0}\u{1}\u{2} not http\r\n\r\n").await;
    let rest = raw.rest().await;
    assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 400 "), "{rest:?}");
}

#[tokio::test]
async fn an_oversized_head_is_refused() {
    let (_running, address) = start(loopback()).await;
    for head in [
        format!("GET /ws/info HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "a".repeat(64 * 1024)),
        format!("GET /ws/info HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-Many: a\r\n".repeat(1000)),
    ] {
        let mut raw = Raw::connect(address).await;
        raw.write(head).await;
        assert_starts(raw.head().await, "HTTP/1.1 431 ");
    }
}

#[tokio::test]
async fn a_head_that_trickles_in_is_cut_off() {
    let limits = Limits { request: Duration::from_millis(100), ..Limits::default() };
    let (_running, address) = start_limited(limits).await;
    let mut raw = Raw::connect(address).await;
    raw.write("GET /ws/info HTTP/1.1\r\nHost:").await;
    raw.rest().await;
}

#[tokio::test]
async fn a_body_over_the_bound_is_refused_with_413() {
    let (_running, address) = start(loopback()).await;
    let announced = "POST /easemob-demo/chatdemoui/users HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775807\r\n\r\n";
    let chunked = format!(
        "POST /easemob-demo/chatdemoui/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
         20000\r\n{}\r\n0\r\n\r\n",
        "a".repeat(0x20000)
    );
    for request in [announced, &chunked] {
        let (head, body) = Raw::connect(address).await.exchange(request).await;
        assert_starts(&head, "HTTP/1.1 413 ");
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["error"], "Request Entity Too Large");
        assert_eq!(body["exception"], "RequestEntityTooLargeException");
        assert!(body["timestamp"].as_u64().unwrap() > 1_600_000_000_000, "{body}");
    }
}

#[tokio::test]
async fn head_is_answered_as_get_without_a_body() {
    let (_running, address) = start(loopback()).await;
    let mut raw = Raw::connect(address).await;
    raw.write("HEAD /easemob-demo/chatdemoui/users/alice HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let head = raw.head().await;
    assert_starts(&head, "HTTP/1.1 401 ");
    let (next, _) = raw.exchange("GET /ws/info HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_starts(&next, "HTTP/1.1 200 ");
}

#[tokio::test]
async fn a_body_that_never_comes_is_given_up() {
    let limits = Limits { request: Duration::from_millis(100), ..Limits::default() };
    let (_running, address) = start_limited(limits).await;
    let request = "POST /easemob-demo/chatdemoui/users HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n";
    let (head, _) = Raw::connect(address).await.exchange(request).await;
    assert_starts(&head, "HTTP/1.1 408 ");
}

#[tokio::test]
async fn stopping_tells_every_client_and_frees_the_port() {
    let (running, address) = start(loopback()).await;
    let mut sockjs = Raw::websocket(address, SOCKJS).await;
    let mut websocket = Raw::websocket(address, WEBSOCKET).await;
    let mut idle = Raw::connect(address).await;
    assert_eq!(sockjs.text().await, "o");
    let stopping = tokio::spawn(running.stop());

    assert_starts(sockjs.text().await, "c[1001,");
    assert_eq!(sockjs.closed().await.0, 1001);
    sockjs.send(CLOSE, 1001_u16.to_be_bytes()).await;
    assert_eq!(websocket.closed().await.0, 1001);
    websocket.send(CLOSE, 1001_u16.to_be_bytes()).await;
    assert!(idle.rest().await.is_empty());

    soon(stopping).await.unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn stopping_does_not_wait_for_a_client_that_will_not_close() {
    let (running, address) = start(Options {
        limits: Limits { drain: Duration::from_millis(50), ..Limits::default() },
        ..loopback()
    })
    .await;
    let mut silent = Raw::websocket(address, WEBSOCKET).await;
    let before = Instant::now();
    soon(running.stop()).await;
    assert!(before.elapsed() < Duration::from_secs(5));
    assert_eq!(silent.closed().await.0, 1001);
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused_unless_allowed() {
    let listen = "0.0.0.0:0".parse().unwrap();
    let refused = Server::start(Options::new(listen, WorldFile::demo())).await;
    assert!(matches!(refused, Err(StartError::NotLoopback { .. })));
    // Documentation addresses belong to nobody, so that allowing one binds nothing.
    let nobodys = "192.0.2.1:0".parse().unwrap();
    let allowed =
        Server::start(Options { exposure: Exposure::Remote, ..Options::new(nobodys, WorldFile::demo()) })
            .await;
    assert!(matches!(allowed, Err(StartError::Bind { .. })));
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let (_running, address) = start(loopback()).await;
    let error = Server::start(Options::new(address, WorldFile::demo())).await.unwrap_err();
    assert!(error.is_address_taken());
    assert_eq!(error.to_string(), format!("listen on {address}"));
}

#[tokio::test]
async fn the_same_port_speaks_tls_with_the_given_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = TlsFiles { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    let (running, address) = start(Options { tls: Some(files), ..loopback() }).await;
    assert_eq!(running.addresses().websocket, format!("wss://{address}/websocket"));

    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let tcp = TcpStream::connect(address).await.unwrap();
    let stream = soon(connector.connect("localhost".try_into().unwrap(), tcp)).await.unwrap();
    let mut raw = Raw(stream);
    raw.upgrade(SOCKJS).await;
    assert_eq!(raw.text().await, "o");

    // Whoever speaks plain HTTP to it gets no HTTP answer.
    let mut plain = Raw::connect(address).await;
    plain.write("GET /ws/info HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(!plain.rest().await.starts_with(b"HTTP"));
}

#[tokio::test]
async fn unusable_tls_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.pem");
    std::fs::write(&path, "").unwrap();
    let files = TlsFiles { certificate: path.clone(), key: path };
    let error = Server::start(Options { tls: Some(files), ..loopback() }).await.unwrap_err();
    assert!(error.to_string().contains("empty.pem"), "{error}");
}
