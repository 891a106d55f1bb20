//! Connections that are slow, stalled, cut, endless, shared, or no HTTP at all.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chatproof::{
    client::{Client, ClientError, Credential, Login, Network, Patience},
    protocol::{generation::Generation, secret::Secret},
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use super::{PASSWORD, call, to, token_error};
use crate::hostile::script::{Peer, SHORT, Script, verdict};

fn impatient() -> Patience {
    Patience { http: SHORT, ..Patience::default() }
}

fn way(script: &Script, patience: Patience) -> Network {
    script.network(Generation::V4_21_1, patience)
}

/// A server that reads the request, writes these bytes, and goes.
async fn saying(bytes: &'static [u8]) -> Script {
    Script::play(move |mut peer| async move {
        peer.head().await;
        peer.write(bytes).await;
    })
    .await
}

#[tokio::test]
async fn a_slow_reply_runs_out_of_time() {
    let server = MockServer::start().await;
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(600));
    Mock::given(any()).respond_with(slow).mount(&server).await;
    let network = to(&server.uri(), impatient());
    let error = token_error(&network).await;
    assert!(matches!(error, ClientError::Timeout { after, .. } if after == SHORT), "{error:?}");
    insta::assert_snapshot!(error, @"the reply to POST /token did not come within 200ms");
}

#[tokio::test]
async fn a_reply_that_stalls_runs_out_of_time() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
        peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":").await;
        peer.linger().await;
    })
    .await;
    let error = call(&way(&script, impatient())).await.unwrap_err();
    insta::assert_snapshot!(error, @"the rest of the reply to GET /chatgroups/1 did not come within 200ms");
}

#[tokio::test]
async fn a_reply_that_drips_for_ever_runs_out_of_time() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
        peer.write(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while peer.write(b" ").await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let error = call(&way(&script, impatient())).await.unwrap_err();
    assert!(matches!(error, ClientError::Timeout { .. }), "{error:?}");
}

#[tokio::test]
async fn hints_without_a_reply_run_out_of_time() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
        while peer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n").await {}
    })
    .await;
    let error = call(&way(&script, impatient())).await.unwrap_err();
    assert!(matches!(error, ClientError::Timeout { .. }), "{error:?}");
}

#[tokio::test]
async fn a_reply_that_breaks_off_is_no_reply() {
    for bytes in [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}".as_slice(),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    ] {
        let script = saying(bytes).await;
        let error = call(&way(&script, Patience::default())).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the reply to GET /chatgroups/1 broke off: expected a whole one, got status 200 and a part"
        );
    }
}

#[tokio::test]
async fn a_server_that_answers_nothing_or_no_http_is_told_from_one_that_is_not_there() {
    let endless_head = [b"HTTP/1.1 200 OK\r\n".as_slice(), &b"x: y\r\n".repeat(200)].concat().leak();
    for bytes in
        [b"".as_slice(), b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 200", b"\x15\x03\x01\x00\x02\x02", endless_head]
    {
        let script = saying(bytes).await;
        let error = call(&way(&script, Patience::default())).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the reply to GET /chatgroups/1 broke off: expected a whole one, got nothing that is HTTP"
        );
    }
    let error = call(&to("http://127.0.0.1:1", Patience::default())).await.unwrap_err();
    insta::assert_snapshot!(error, @"GET /chatgroups/1 cannot reach the REST server");
}

#[tokio::test]
async fn a_reply_without_end_is_cut_off() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
        peer.write(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while peer.write(&[b' '; 64 * 1024]).await {}
    })
    .await;
    let error = call(&way(&script, Patience::default())).await.unwrap_err();
    insta::assert_snapshot!(error, @"GET /chatgroups/1 misbehaved: expected a reply of at most 8 MiB, got more");
    assert!(script.written() < 64 * 1024 * 1024, "{}", script.written());
}

#[tokio::test]
async fn a_reply_of_8_mib_is_read() {
    let text = "x".repeat(8 * 1024 * 1024 - 2);
    let response = ResponseTemplate::new(200).set_body_string(format!("\"{text}\""));
    let (_server, network) = super::answering(response).await;
    assert_eq!(call(&network).await.unwrap().body.as_str().map(str::len), Some(text.len()));
}

/// Answers requests on one connection, at most that many.
async fn serve(mut peer: Peer, most: usize) {
    for _ in 0..most {
        if peer.head().await.is_empty() {
            return;
        }
        peer.answer("200 OK", "{}").await;
    }
}

#[tokio::test]
async fn calls_after_each_other_share_a_connection() {
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    let script = Script::play(move |peer| {
        counter.fetch_add(1, Ordering::SeqCst);
        serve(peer, usize::MAX)
    })
    .await;
    let network = way(&script, Patience::default());
    for _ in 0..20 {
        call(&network).await.unwrap();
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_not_used_again() {
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    let script = Script::play(move |mut peer| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move {
            peer.head().await;
            peer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}").await;
        }
    })
    .await;
    let network = way(&script, Patience::default());
    for _ in 0..5 {
        call(&network).await.unwrap();
    }
    assert_eq!(connections.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn a_call_is_made_once_even_if_its_reply_is_lost() {
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    let script = Script::play(move |mut peer| {
        let counter = Arc::clone(&counter);
        async move {
            // The first on a connection is answered, the second not.
            for answered in [true, false] {
                if peer.head().await.is_empty() {
                    return;
                }
                counter.fetch_add(1, Ordering::SeqCst);
                if answered {
                    peer.answer("200 OK", "{}").await;
                }
            }
        }
    })
    .await;
    let network = way(&script, Patience::default());
    call(&network).await.unwrap();
    let error = call(&network).await.unwrap_err();
    assert!(matches!(error, ClientError::BrokenOff { .. }), "{error:?}");
    assert_eq!(requests.load(Ordering::SeqCst), 2, "a second attempt could send a message twice");
}

#[tokio::test]
async fn a_dead_rest_port_keeps_a_client_out_without_showing_its_password() {
    let network = to("http://127.0.0.1:1", Patience::default());
    let login = Login::new(Generation::V4_21_1, "alice", Credential::Password(Secret::new(PASSWORD)));
    let error = verdict(Client::login(&network, login)).await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error:?}");
    assert!(!format!("{error:?}").contains(PASSWORD));
}
