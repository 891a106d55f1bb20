//! The simulated client against the embedded server: both wires, TLS, loss and recovery.

mod place;

use std::time::Duration;

use chatproof::{
    client::{
        Client, ClientError, Credential, Endpoint, Happened, Login, Method, Network, Patience, Raw, Trust,
    },
    protocol::{
        event::{Content, Detail},
        generation::Generation,
        id::LocalId,
        message::{Body, ChatType, Outgoing},
        secret::Secret,
    },
    server::{
        front::{Options, TlsFiles},
        world::WorldFile,
    },
    session::{Answer, Loss},
};
use place::{GENEROUS, Place};

fn text(to: &str, chat_type: ChatType, says: &str) -> Outgoing {
    let body = Body::Text(Some(says.to_owned()));
    Outgoing { chat_type, ..Outgoing::new(LocalId::default(), to, body) }
}

async fn next(client: &Client) -> Happened {
    tokio::time::timeout(GENEROUS, client.next()).await.expect("nothing happens").expect("ended").happened
}

/// Waits for a text; whatever else happens before is passed over.
async fn next_text(client: &Client) -> String {
    loop {
        if let Happened::Delivered(delivered) = next(client).await
            && let Detail::Message(message) = delivered.event.detail
            && let Content::Text(text) = message.content
        {
            return text;
        }
    }
}

async fn next_disconnect(client: &Client) -> String {
    loop {
        if let Happened::Disconnected { cause } = next(client).await {
            return cause;
        }
    }
}

#[tokio::test]
async fn texts_travel_between_generations_in_both_directions() {
    let place = Place::start().await;
    for (here, there) in [
        (Generation::V3_6_3, Generation::V4_21_1),
        (Generation::V4_21_1, Generation::V4_0_8),
        (Generation::V4_0_8, Generation::V3_6_3),
    ] {
        let alice = place.login("alice", here).await;
        let bob = place.login("bob", there).await;
        let sent = alice.send(text("bob", ChatType::Single, "hi 你好")).await.unwrap();
        assert!(matches!(sent.answer, Answer::Accepted { .. }), "{sent:?}");
        assert!(sent.started <= sent.ended);
        assert_eq!(next_text(&bob).await, "hi 你好");
        let sent = bob.send(text("93734273351681", ChatType::Group, "to all")).await.unwrap();
        assert!(matches!(sent.answer, Answer::Accepted { .. }), "{sent:?}");
        assert_eq!(next_text(&alice).await, "to all");
        alice.logout().await;
        bob.logout().await;
    }
}

#[tokio::test]
async fn sends_in_parallel_each_get_their_own_answer() {
    let place = Place::start().await;
    let alice = place.login("alice", Generation::V4_21_1).await;
    let sends = (0..50).map(|n| alice.send(text("bob", ChatType::Single, &n.to_string())));
    let mut ids = std::collections::BTreeSet::new();
    for sent in futures_util::future::join_all(sends).await {
        let sent = sent.unwrap();
        assert!(matches!(sent.answer, Answer::Accepted { .. }), "{sent:?}");
        ids.insert(sent.id);
    }
    assert_eq!(ids.len(), 50);
}

#[tokio::test]
async fn the_same_id_is_answered_with_the_same_server_id() {
    let place = Place::start().await;
    let alice = place.login("alice", Generation::V3_6_3).await;
    let first = alice.send(text("bob", ChatType::Single, "once")).await.unwrap();
    let again = Outgoing { id: first.id, ..text("bob", ChatType::Single, "once") };
    let second = alice.resend(again).await.unwrap();
    assert_eq!(second.id, first.id);
    let (Answer::Accepted { mid: one, .. }, Answer::Accepted { mid: two, .. }) =
        (&first.answer, &second.answer)
    else {
        panic!("{first:?} {second:?}")
    };
    assert_eq!(one, two);
}

#[tokio::test]
async fn what_came_while_the_socket_was_cut_arrives_after_reconnecting() {
    let place = Place::start().await;
    for generation in Generation::ALL {
        let alice = place.login("alice", Generation::V3_6_3).await;
        let bob = place.login("bob", generation).await;
        bob.drop_socket().await.unwrap();
        assert_eq!(next_disconnect(&bob).await, "cut by the client");
        assert!(matches!(
            alice.send(text("bob", ChatType::Single, "missed")).await.unwrap().answer,
            Answer::Accepted { .. }
        ));
        let opening = bob.reconnect().await.unwrap();
        assert!(opening.connect.ended <= opening.provision.started);
        assert_eq!(next_text(&bob).await, "missed");
    }
}

#[tokio::test]
async fn a_client_that_may_reconnects_by_itself_when_the_server_goes() {
    let place = Place::start().await;
    let mut login = place.alice(Generation::V3_6_3);
    login.reconnects = 3;
    let alice = Client::login(&place.network(Generation::V3_6_3), login).await.unwrap();
    alice.drop_socket().await.unwrap();
    next_disconnect(&alice).await;
    loop {
        if let Happened::Opened { .. } = next(&alice).await {
            break;
        }
    }
    assert!(matches!(
        alice.send(text("bob", ChatType::Single, "back")).await.unwrap().answer,
        Answer::Accepted { .. }
    ));
}

#[tokio::test]
async fn a_client_gives_up_after_the_attempts_it_may_make() {
    let place = Place::start().await;
    let mut login = place.alice(Generation::V3_6_3);
    login.reconnects = 1;
    let alice = Client::login(&place.network(Generation::V3_6_3), login).await.unwrap();
    place.stop().await;
    let cause = next_disconnect(&alice).await;
    assert!(cause.contains("closed"), "{cause}");
    loop {
        match next(&alice).await {
            Happened::GaveUp { attempts } => {
                assert_eq!(attempts, 1);
                break;
            }
            Happened::Opened { .. } => panic!("there is no server"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_wrong_password_and_a_wrong_token_keep_a_client_out() {
    let place = Place::start().await;
    let network = place.network(Generation::V4_21_1);
    let with = |credential| Login::new(Generation::V4_21_1, "alice", credential);
    let wrong =
        Client::login(&network, with(Credential::Password(Secret::new("hunter2")))).await.unwrap_err();
    assert!(matches!(wrong, ClientError::Rest { status: 400, .. }), "{wrong}");
    assert!(!format!("{wrong} {wrong:?}").contains("hunter2"));
    let wrong = Client::login(&network, with(Credential::Token(Secret::new("hunter3")))).await.unwrap_err();
    assert!(matches!(wrong, ClientError::LoginFailed { .. }), "{wrong}");
    assert!(!format!("{wrong} {wrong:?}").contains("hunter3"));
}

#[tokio::test]
async fn a_generation_on_the_wrong_wire_is_a_misuse() {
    let place = Place::start().await;
    let network = place.network(Generation::V3_6_3);
    let login = Login::new(Generation::V4_21_1, "alice", Credential::Password(Secret::new("1")));
    let error = Client::login(&network, login).await.unwrap_err();
    assert!(matches!(error, ClientError::Misuse { .. }), "{error}");
}

#[tokio::test]
async fn users_register_and_act_by_rest_with_their_own_token() {
    let place = Place::start().await;
    let network = place.network(Generation::V3_6_3);
    network.rest().register("erin", &Secret::new("2"), None).await.unwrap();
    let erin = place.login_as("erin", "2", Generation::V3_6_3).await;
    let reply = erin.rest(Method::GET, "/users/erin/joined_chatgroups", None).await.unwrap();
    assert!(reply.is_success(), "{reply:?}");
    assert_eq!(reply.body["data"], serde_json::json!([]));
    let again = network.rest().register("erin", &Secret::new("2"), None).await.unwrap_err();
    assert!(matches!(again, ClientError::Rest { status: 400, .. }), "{again}");
    let (app, _) = network.rest().app_token("demo-client", &Secret::new("demo-secret")).await.unwrap();
    let reply = network.rest().call(Method::GET, "/users/erin", Some(&app), None).await.unwrap();
    assert!(reply.is_success(), "{reply:?}");
}

#[tokio::test]
async fn raw_frames_reach_the_server_and_a_misfit_ends_the_connection() {
    let place = Place::start().await;
    let alice = place.login("alice", Generation::V3_6_3).await;
    // The heartbeat of the SDK, written by hand.
    alice.send_raw(Raw::Text(r#"["CABAAVgA"]"#.to_owned())).await.unwrap();
    // Unmasked, which no client may send.
    alice.send_raw(Raw::Bytes([0x81, 0x01, b'x'].as_slice().into())).await.unwrap();
    next_disconnect(&alice).await;
    let late = alice.send_raw(Raw::Binary([1].as_slice().into())).await.unwrap_err();
    assert!(matches!(late, ClientError::Misuse { .. }), "{late}");
}

#[tokio::test]
async fn a_send_without_a_connection_ends_as_the_generation_has_it() {
    let place = Place::start().await;
    let alice = place.login("alice", Generation::V4_0_8).await;
    alice.drop_socket().await.unwrap();
    let sent = alice.send(text("bob", ChatType::Single, "into the void")).await.unwrap();
    assert!(matches!(sent.answer, Answer::Lost(Loss::NotConnected) | Answer::TimedOut), "{sent:?}");
}

#[tokio::test]
async fn a_dropped_client_leaves_the_server() {
    let place = Place::start().await;
    let network = place.network(Generation::V4_21_1);
    let (app, _) = network.rest().app_token("demo-client", &Secret::new("demo-secret")).await.unwrap();
    let alice = place.login("alice", Generation::V4_21_1).await;
    drop(alice);
    let gone = async {
        loop {
            let reply =
                network.rest().call(Method::GET, "/users/alice/status", Some(&app), None).await.unwrap();
            if reply.body["data"]["alice"] == "offline" {
                break;
            }
        }
    };
    tokio::time::timeout(GENEROUS, gone).await.expect("still online");
}

#[tokio::test]
async fn certificates_are_verified_and_a_custom_authority_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let (ca, certificate, key) =
        (folder.path().join("ca.pem"), folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let mut authority = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let issuer_key = rcgen::KeyPair::generate().unwrap();
    let issuer_certificate = authority.self_signed(&issuer_key).unwrap();
    let issuer = rcgen::Issuer::new(authority, issuer_key);
    let server_key = rcgen::KeyPair::generate().unwrap();
    let signed = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()])
        .unwrap()
        .signed_by(&server_key, &issuer)
        .unwrap();
    std::fs::write(&ca, issuer_certificate.pem()).unwrap();
    std::fs::write(&certificate, signed.pem()).unwrap();
    std::fs::write(&key, server_key.serialize_pem()).unwrap();
    let place = Place::open(Options {
        tls: Some(TlsFiles { certificate, key }),
        ..Options::new("127.0.0.1:0".parse().unwrap(), WorldFile::demo())
    })
    .await;

    for generation in [Generation::V3_6_3, Generation::V4_21_1] {
        let trusting = place.network_with(generation, Trust::File(ca.clone()), Patience::default());
        let alice = Client::login(&trusting, place.alice(generation)).await.unwrap();
        let sent = alice.send(text("bob", ChatType::Single, "in private")).await.unwrap();
        assert!(matches!(sent.answer, Answer::Accepted { .. }), "{sent:?}");
    }
    // With the right token, only the missing trust can keep the client out.
    let token = Credential::Token(Secret::new("any"));
    let doubting = place.network_with(Generation::V4_21_1, Trust::System, Patience::default());
    let error = Client::login(&doubting, Login::new(Generation::V4_21_1, "alice", token)).await.unwrap_err();
    assert!(
        matches!(&error, ClientError::Transport(chatproof::client::TransportError::Tls { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_inbox_that_overflows_ends_the_client_and_says_so() {
    let place = Place::start().await;
    let mut login = place.alice(Generation::V4_21_1);
    login.inbox = 8;
    let alice = Client::login(&place.network(Generation::V4_21_1), login).await.unwrap();
    let bob = place.login("bob", Generation::V4_21_1).await;
    let flood = async {
        loop {
            drop(bob.send(text("alice", ChatType::Single, "more")).await);
            if alice.send(text("bob", ChatType::Single, "x")).await.is_err() {
                break;
            }
        }
    };
    tokio::time::timeout(GENEROUS, flood).await.expect("the client goes on");
    let mut last = None;
    while let Some(entry) = alice.next().await {
        last = Some(entry.happened);
    }
    assert_eq!(last, Some(Happened::Overflowed));
}

#[test]
fn an_endpoint_shows_itself_as_it_was_given() {
    let endpoint: Endpoint = "http://127.0.0.1:7070/ws".parse().unwrap();
    assert_eq!(endpoint.to_string(), "http://127.0.0.1:7070/ws");
}

#[tokio::test]
async fn a_network_without_an_app_is_a_misuse() {
    let place = Place::start().await;
    let mut target =
        place.target(Generation::V3_6_3, Trust::System, Patience::uniform(Duration::from_secs(1)));
    target.app_key = "no-hash".to_owned();
    let error = Network::new(target, place.clock()).unwrap_err();
    assert!(matches!(error, ClientError::Misuse { .. }), "{error}");
}
