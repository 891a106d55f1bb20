//! REST servers that answer badly, late, or too much.

use std::time::Duration;

use chatproof::{
    client::{Client, ClientError, Clock, Credential, Login, Method, Network, Patience, Target, Trust},
    protocol::{generation::Generation, secret::Secret},
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use super::script::{SHORT, Script, verdict};

async fn answering(response: ResponseTemplate) -> (MockServer, Network) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(response).mount(&server).await;
    let network = to(&server.uri(), Patience::default());
    (server, network)
}

fn to(rest: &str, patience: Patience) -> Network {
    let target = Target {
        endpoint: "ws://127.0.0.1:1/websocket".parse().unwrap(),
        rest: rest.to_owned(),
        app_key: "org#app".to_owned(),
        trust: Trust::System,
        patience,
    };
    Network::new(target, Clock::start()).unwrap()
}

async fn token_error(network: &Network) -> ClientError {
    verdict(network.rest().user_token("alice", &Secret::new("hunter2"))).await.unwrap_err()
}

#[tokio::test]
async fn a_token_reply_that_holds_no_token_is_misbehaviour() {
    for response in [
        ResponseTemplate::new(200).set_body_string("<html>"),
        ResponseTemplate::new(200).set_body_string(""),
        ResponseTemplate::new(200).set_body_string(r#"{"access_token":""}"#),
        ResponseTemplate::new(200).set_body_string(r#"{"access_token":7}"#),
        ResponseTemplate::new(200).set_body_string(r#"["access_token"]"#),
    ] {
        let (_server, network) = answering(response).await;
        let error = token_error(&network).await;
        assert!(matches!(error, ClientError::Misbehaved { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn refusals_carry_status_and_the_servers_words_escaped() {
    let said = r#"{"error":"invalid_grant","error_description":"invalid \u001b[31m password"}"#;
    let (_server, network) = answering(ResponseTemplate::new(401).set_body_string(said)).await;
    let error = token_error(&network).await;
    insta::assert_snapshot!(error, @r#"POST /token was refused with status 401: "invalid_grant" ("invalid \u{1b}[31m password")"#);
    let (_server, network) =
        answering(ResponseTemplate::new(413).set_body_string("<h1>Request Entity Too Large</h1>")).await;
    insta::assert_snapshot!(token_error(&network).await, @r#"POST /token was refused with status 413: no JSON ("<h1>Request Entity Too Large</h1>")"#);
    // 201 is no success for the SDK.
    let created = ResponseTemplate::new(201).set_body_string(r#"{"access_token":"t"}"#);
    let (_server, network) = answering(created).await;
    let error = token_error(&network).await;
    assert!(matches!(error, ClientError::Rest { status: 201, .. }), "{error:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_token() {
    let (elsewhere, _) = answering(ResponseTemplate::new(200)).await;
    let moved = ResponseTemplate::new(302).insert_header("location", elsewhere.uri().as_str());
    let (_server, network) = answering(moved).await;
    let reply = verdict(network.rest().call(Method::GET, "/users/alice", Some(&Secret::new("t")), None))
        .await
        .unwrap();
    assert_eq!(reply.status, 302);
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_slow_reply_runs_out_of_time() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(600)))
        .mount(&server)
        .await;
    let network = to(&server.uri(), Patience { http: SHORT, ..Patience::default() });
    let error = token_error(&network).await;
    assert!(matches!(error, ClientError::Timeout { after, .. } if after == SHORT), "{error:?}");
}

#[tokio::test]
async fn a_reply_without_end_is_cut_off() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
        peer.write(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while peer.write(&[b' '; 64 * 1024]).await {}
    })
    .await;
    let network = script.network(Generation::V4_21_1, Patience::default());
    let error = token_error(&network).await;
    assert!(matches!(error, ClientError::Misbehaved { .. }), "{error:?}");
    assert!(script.written() < 64 * 1024 * 1024, "{}", script.written());
}

#[tokio::test]
async fn a_dead_rest_port_keeps_a_client_out_without_showing_its_password() {
    let network = to("http://127.0.0.1:1", Patience::default());
    let login = Login::new(Generation::V4_21_1, "alice", Credential::Password(Secret::new("hunter2")));
    let error = verdict(Client::login(&network, login)).await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error:?}");
    assert!(!format!("{error:?}").contains("hunter2"));
}
