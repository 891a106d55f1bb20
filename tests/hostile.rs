//! Servers that break the rules: each ends in a clear verdict, in bounded time and memory.

pub(crate) mod script;

use chatproof::{
    client::{ClientError, Happened, Misbehaviour, Patience, TransportError},
    protocol::{
        generation::{Generation, Wire},
        id::LocalId,
        message::{Body, Outgoing},
    },
    session::{self, Answer, LoginFailure, Loss},
};
use script::{SHORT, Script, network, token_login, until_disconnected, verdict};
use tokio::net::{TcpListener, TcpSocket};

const SOCKJS: Generation = Generation::V3_6_3;
const RAW: Generation = Generation::V4_21_1;
/// Far more than a client may take before it sees through an endless server.
const ENOUGH: usize = 16 * 1024 * 1024;

/// The transport's verdict, or a panic with what came in its place.
fn transport(outcome: Result<chatproof::client::Client, ClientError>) -> TransportError {
    match outcome {
        Err(ClientError::Transport(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn text(says: String) -> Outgoing {
    Outgoing::new(LocalId::default(), "bob", Body::Text(Some(says)))
}

#[tokio::test]
async fn a_dead_port_is_unreachable() {
    // Bound and not listening: nobody else can take the port meanwhile.
    let dead = TcpSocket::new_v4().unwrap();
    dead.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = dead.local_addr().unwrap().port();
    for generation in [SOCKJS, RAW] {
        let network = network(port, generation, Patience::default());
        let outcome = verdict(chatproof::client::Client::login(&network, token_login(generation))).await;
        let error = transport(outcome);
        assert!(matches!(error, TransportError::Unreachable { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_port_that_takes_connections_and_nothing_else_runs_out_of_time() {
    // The kernel completes the connections; nobody accepts them.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for (generation, awaited) in
        [(SOCKJS, "the reply to /info"), (RAW, "the answer to the WebSocket upgrade")]
    {
        let network = network(port, generation, Patience::uniform(SHORT));
        let outcome = verdict(chatproof::client::Client::login(&network, token_login(generation))).await;
        let error = transport(outcome);
        assert!(
            matches!(error, TransportError::Timeout { waited_for, .. } if waited_for == awaited),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn an_upgrade_that_trickles_in_runs_out_of_time() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
        peer.write(b"HTTP/1.1 101 Switching Protocols\r\nX-Slow: ").await;
        let mut tick = tokio::time::interval(SHORT / 8);
        while peer.write(b"z").await {
            tick.tick().await;
        }
    })
    .await;
    let patience = Patience { upgrade: SHORT, ..Patience::default() };
    let error = transport(script.login_within(RAW, patience).await);
    assert!(matches!(error, TransportError::Timeout { .. }), "{error:?}");
}

#[tokio::test]
async fn headers_without_end_are_cut_off() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
        peer.write(b"HTTP/1.1 101 Switching Protocols\r\n").await;
        while peer.write(b"X-More: and more and more and more and more and more\r\n").await {}
    })
    .await;
    let error = transport(script.login(RAW).await);
    assert!(matches!(error, TransportError::Misbehaved { .. }), "{error:?}");
    assert!(script.written() < ENOUGH);
}

#[tokio::test]
async fn an_upgrade_can_be_refused_answered_wrongly_or_with_garbage() {
    let refusing = Script::play(|mut peer| async move {
        peer.head().await;
        peer.answer("403 Forbidden", "").await;
    })
    .await;
    let error = transport(refusing.login(RAW).await);
    assert!(matches!(error, TransportError::Refused { status: 403, .. }), "{error:?}");
    for answer in [
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
        "\x16\x03\x01 \x1b[31m this is not HTTP\r\n\r\n",
        "",
    ] {
        let script = Script::play(move |mut peer| async move {
            peer.head().await;
            peer.write(answer.as_bytes()).await;
        })
        .await;
        let error = transport(script.login(RAW).await);
        assert!(
            matches!(error, TransportError::Misbehaved { .. } | TransportError::Closed { .. }),
            "{answer:?}: {error:?}"
        );
        assert!(!error.to_string().contains('\x1b'), "{error}");
    }
}

#[tokio::test]
async fn info_that_refuses_never_ends_or_offers_no_websocket_keeps_a_client_out() {
    let failing = Script::play(|mut peer| async move {
        peer.head().await;
        peer.answer("500 Internal Server Error", "{}").await;
    })
    .await;
    let error = transport(failing.login(SOCKJS).await);
    assert!(matches!(error, TransportError::Refused { status: 500, .. }), "{error:?}");

    let endless = Script::play(|mut peer| async move {
        peer.head().await;
        peer.write(b"HTTP/1.1 200 OK\r\n\r\n{\"websocket\":true,\"x\":\"").await;
        while peer.write(&[b'x'; 4096]).await {}
    })
    .await;
    let error = transport(endless.login(SOCKJS).await);
    assert!(matches!(error, TransportError::Misbehaved { .. }), "{error:?}");
    assert!(endless.written() < ENOUGH);

    let half = Script::play(|mut peer| async move {
        peer.head().await;
        peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"web").await;
        peer.linger().await;
    })
    .await;
    let patience = Patience { http: SHORT, ..Patience::default() };
    let error = transport(half.login_within(SOCKJS, patience).await);
    assert!(matches!(error, TransportError::Timeout { .. }), "{error:?}");

    let without = Script::play(|mut peer| async move {
        peer.head().await;
        peer.answer("200 OK", r#"{"websocket":false}"#).await;
    })
    .await;
    let error = transport(without.login(SOCKJS).await);
    assert!(matches!(error, TransportError::Misbehaved { .. }), "{error:?}");
}

#[tokio::test]
async fn info_that_is_not_json_counts_as_empty_as_in_the_sdk() {
    let script = Script::play(|mut peer| async move {
        let head = peer.head().await;
        if head.starts_with("GET /ws/info") {
            return peer.answer("200 OK", "<html>").await;
        }
        peer.answer("418 I'm a teapot", "").await;
    })
    .await;
    let error = transport(script.login(SOCKJS).await);
    assert!(matches!(error, TransportError::Refused { status: 418, .. }), "{error:?}");
}

#[tokio::test]
async fn a_sockjs_session_that_does_not_open_is_given_up() {
    let silent = Script::play(|mut peer| async move {
        peer.upgrade().await;
        peer.linger().await;
    })
    .await;
    let patience = Patience { open: SHORT, ..Patience::default() };
    let error = transport(silent.login_within(SOCKJS, patience).await);
    assert!(
        matches!(error, TransportError::Timeout { waited_for: "the SockJS open frame", .. }),
        "{error:?}"
    );
    let wrong = Script::play(|mut peer| async move {
        peer.upgrade().await;
        peer.text("a[]").await;
        peer.linger().await;
    })
    .await;
    let error = transport(wrong.login(SOCKJS).await);
    assert!(matches!(error, TransportError::Misbehaved { .. }), "{error:?}");
}

#[tokio::test]
async fn silence_after_the_upgrade_is_a_login_that_timed_out() {
    let script = Script::play(|mut peer| async move {
        peer.upgrade().await;
        peer.linger().await;
    })
    .await;
    let mut login = token_login(RAW);
    login.provision_timeout = SHORT;
    let network = script.network(RAW, Patience::default());
    let error = verdict(chatproof::client::Client::login(&network, login)).await.unwrap_err();
    assert!(matches!(error, ClientError::LoginFailed { failure: LoginFailure::TimedOut, .. }), "{error:?}");
}

#[tokio::test]
async fn a_length_of_two_to_the_63_ends_the_connection_before_anything_is_allocated() {
    let script = Script::play(|mut peer| async move {
        peer.let_in(Wire::Raw).await;
        peer.write(&[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]).await;
        peer.linger().await;
    })
    .await;
    let client = script.login(RAW).await.unwrap();
    let (_, cause) = until_disconnected(&client).await;
    assert!(cause.contains("at most 1 MiB"), "{cause}");
}

#[tokio::test]
async fn fragments_without_end_end_the_connection() {
    for piece in [&b""[..], &[b'x'; 1000]] {
        let script = Script::play(move |mut peer| async move {
            peer.let_in(Wire::Raw).await;
            peer.frame(0x02, b"begin").await;
            while peer.frame(0x00, piece).await {}
        })
        .await;
        let client = script.login(RAW).await.unwrap();
        if piece.is_empty() {
            // They add up to nothing: the client stays alive and obeys.
            let sent = verdict(client.send(text("still there".to_owned()))).await.unwrap();
            assert_eq!(sent.answer, Answer::TimedOut);
            verdict(client.logout()).await;
        } else {
            let (_, cause) = until_disconnected(&client).await;
            assert!(cause.contains("at most 1 MiB"), "{cause}");
            assert!(script.written() < ENOUGH);
        }
    }
}

#[tokio::test]
async fn frames_that_come_byte_by_byte_are_put_together() {
    for (generation, wire) in [(SOCKJS, Wire::SockJs), (RAW, Wire::Raw)] {
        let script = Script::play(move |mut peer| async move {
            peer.upgrade().await;
            let mut peer = peer.dripping();
            peer.admit(wire).await;
            peer.msync(wire, &[0xff; 40]).await;
            peer.linger().await;
        })
        .await;
        let client = script.login(generation).await.unwrap();
        let mut seen = Vec::new();
        while !matches!(seen.last(), Some(Happened::Misbehaved(_))) {
            seen.push(verdict(client.next()).await.expect("the client ended").happened);
        }
        assert!(seen.contains(&Happened::Opened { resource: "webim_here".to_owned() }), "{seen:?}");
    }
}

#[tokio::test]
async fn half_a_frame_and_the_end_of_the_stream_is_a_lost_connection() {
    let script = Script::play(|mut peer| async move {
        peer.let_in(Wire::SockJs).await;
        peer.write(&[0x81, 100, b'a', b'[']).await;
    })
    .await;
    let client = script.login(SOCKJS).await.unwrap();
    let (_, cause) = until_disconnected(&client).await;
    assert!(cause.contains("the stream ended"), "{cause}");
}

#[tokio::test]
async fn what_is_no_sockjs_frame_is_reported_and_survived() {
    let script = Script::play(|mut peer| async move {
        peer.let_in(Wire::SockJs).await;
        peer.text("xyz\u{1b}[2J").await;
        peer.text("a[\"not base64!\"]").await;
        peer.frame(0x82, b"binary").await;
        peer.text("").await;
        peer.text("h").await;
        peer.text("c[3000,\"Go away!\"]").await;
        peer.linger().await;
    })
    .await;
    let client = script.login(SOCKJS).await.unwrap();
    let (before, cause) = until_disconnected(&client).await;
    let reported: Vec<String> = before
        .iter()
        .filter_map(|happened| match happened {
            Happened::Misbehaved(misbehaviour @ Misbehaviour::Frame(_)) => Some(misbehaviour.to_string()),
            _ => None,
        })
        .collect();
    insta::assert_snapshot!(reported.join("\n"), @r#"
    expected a SockJS frame (o, h, a[…], m"…" or c[…]), got "xyz\u{1b}[2J" (byte 0)
    expected standard base64 with padding, got "not base64!" (byte 3)
    expected a text frame on a SockJS connection, got "binary" (byte 0)
    expected a SockJS frame (o, h, a[…], m"…" or c[…]), got "" (byte 0)
    "#);
    insta::assert_snapshot!(cause, @r#"the server closed the connection (SockJS close frame 3000 "Go away!")"#);
}

#[tokio::test]
async fn a_second_open_frame_ends_the_connection_as_in_the_sdk() {
    let script = Script::play(|mut peer| async move {
        peer.let_in(Wire::SockJs).await;
        peer.text("o").await;
        peer.linger().await;
    })
    .await;
    let client = script.login(SOCKJS).await.unwrap();
    let (_, cause) = until_disconnected(&client).await;
    assert!(cause.contains("one SockJS open frame"), "{cause}");
}

#[tokio::test]
async fn bytes_that_are_no_msync_are_reported_by_the_session() {
    for (generation, wire) in [(SOCKJS, Wire::SockJs), (RAW, Wire::Raw)] {
        let script = Script::play(move |mut peer| async move {
            peer.let_in(wire).await;
            peer.msync(wire, &[0xff; 40]).await;
            peer.msync(wire, &[0x4a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]).await;
        })
        .await;
        let client = script.login(generation).await.unwrap();
        let (before, _) = until_disconnected(&client).await;
        let reported = before.iter().filter(|happened| {
            matches!(
                happened,
                Happened::Misbehaved(Misbehaviour::Session(session::Misbehaviour::Undecodable(_)))
            )
        });
        assert_eq!(reported.count(), 2, "{before:?}");
    }
}

#[tokio::test]
async fn a_reset_in_mid_session_leaves_no_send_without_an_answer() {
    for (generation, wire) in [(SOCKJS, Wire::SockJs), (RAW, Wire::Raw)] {
        let script = Script::play(move |mut peer| async move {
            peer.let_in(wire).await;
            // UNREAD comes first, in a segment of its own or with what follows.
            peer.read_some().await;
            #[expect(deprecated, reason = "a zero linger does not block, and nothing else makes a reset")]
            peer.stream.set_linger(Some(std::time::Duration::ZERO)).unwrap();
        })
        .await;
        let client = script.login(generation).await.unwrap();
        let sent = verdict(client.send(text("anyone?".to_owned()))).await.unwrap();
        assert!(
            matches!(sent.answer, Answer::TimedOut | Answer::Lost(Loss::Disconnected | Loss::NotConnected)),
            "{sent:?}"
        );
        until_disconnected(&client).await;
    }
}

#[tokio::test]
async fn a_server_that_never_answers_a_send_runs_out_of_time() {
    let script = Script::play(|mut peer| async move {
        peer.let_in(Wire::Raw).await;
        peer.linger().await;
    })
    .await;
    let client = script.login(RAW).await.unwrap();
    let sent = verdict(client.send(text("anyone?".to_owned()))).await.unwrap();
    assert_eq!(sent.answer, Answer::TimedOut);
    assert!(sent.ended.since(sent.started) >= SHORT);
}

#[tokio::test]
async fn a_server_that_does_not_read_is_left_when_too_much_waits_for_it() {
    let script = Script::play(|mut peer| async move {
        peer.let_in(Wire::Raw).await;
        std::future::pending::<()>().await;
    })
    .await;
    let client = script.login(RAW).await.unwrap();
    let big = "x".repeat(256 * 1024);
    let sends = (0..64).map(|_| client.send(text(big.clone())));
    for sent in verdict(futures_util::future::join_all(sends)).await {
        let sent = sent.unwrap();
        assert!(matches!(sent.answer, Answer::TimedOut | Answer::Lost(_)), "{sent:?}");
    }
    let (_, cause) = until_disconnected(&client).await;
    assert!(cause.contains("does not read"), "{cause}");
}

#[tokio::test]
async fn pings_without_end_do_not_keep_a_client_from_its_commands() {
    let script = Script::play(|mut peer| async move {
        peer.let_in(Wire::Raw).await;
        // Unread, the answers would fill both buffers and end the flood.
        let (mut from_client, mut to_client) = peer.stream.into_split();
        tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut tokio::io::sink()).await });
        while tokio::io::AsyncWriteExt::write_all(&mut to_client, &[0x89, 0]).await.is_ok() {}
    })
    .await;
    let client = script.login(RAW).await.unwrap();
    let sent = verdict(client.send(text("anyone?".to_owned()))).await.unwrap();
    assert_eq!(sent.answer, Answer::TimedOut);
    verdict(client.logout()).await;
}
