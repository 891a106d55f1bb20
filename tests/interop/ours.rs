//! Our own client, for conversations with a genuine page.

use chatproof::{
    client::{
        Client, Clock, Credential, Entry, Happened, Login, Method, Network, Patience, Reply, Target, Trust,
    },
    protocol::{
        downlink::Delivery,
        event::{Event, Name},
        generation::{Generation, Wire},
        id::{LocalId, ServerId},
        message::{Body, ChatType, Outgoing},
        refusal::Outcome,
        secret::Secret,
    },
    session::Answer,
};
use serde_json::Value;
use tokio::time::timeout;

use super::page::PATIENCE;
use crate::serve::Serving;

pub(super) struct Ours {
    client: Client,
}

impl Ours {
    /// Logs a user of the demo world in with the wire of that generation.
    pub(super) async fn open(serving: &Serving, user: &str, generation: Generation) -> Self {
        Self::open_delivering(serving, user, generation, Delivery::Off).await
    }

    /// The same with the option that answers messages with delivered receipts.
    pub(super) async fn open_delivering(
        serving: &Serving,
        user: &str,
        generation: Generation,
        delivery: Delivery,
    ) -> Self {
        let network = network(serving, generation);
        let mut login = Login::new(generation, user, Credential::Password(Secret::new("1")));
        login.delivery = delivery;
        Self { client: Client::login(&network, login).await.unwrap() }
    }

    /// The client itself, for what goes by REST.
    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// Sends a text that is accepted: the server's id.
    pub(super) async fn send(&self, chat_type: ChatType, to: &str, text: &str) -> ServerId {
        match self.answer(chat_type, to, text).await {
            Answer::Accepted { mid, .. } => mid,
            other => panic!("{text:?} to {to} ended in {other:?}"),
        }
    }

    /// Sends a text that is refused: how.
    pub(super) async fn refused(&self, chat_type: ChatType, to: &str, text: &str) -> Outcome {
        match self.answer(chat_type, to, text).await {
            Answer::Refused { outcome, .. } => outcome,
            other => panic!("{text:?} to {to} ended in {other:?}"),
        }
    }

    /// Sends anything that is accepted: the server's id.
    pub(super) async fn accepted(&self, outgoing: Outgoing) -> ServerId {
        match self.deliver(outgoing).await {
            Answer::Accepted { mid, .. } => mid,
            other => panic!("it ended in {other:?}"),
        }
    }

    /// The text of these words; others are passed over.
    pub(super) async fn expect_text(&self, words: &str) -> Event {
        loop {
            let event = self.expect(Name::TEXT).await;
            if event.text() == Some(words) {
                return event;
            }
        }
    }

    async fn answer(&self, chat_type: ChatType, to: &str, text: &str) -> Answer {
        let body = Body::Text(Some(text.to_owned()));
        self.deliver(Outgoing { chat_type, ..Outgoing::new(LocalId(0), to, body) }).await
    }

    /// Sends anything under a fresh id: how that ended.
    pub(super) async fn deliver(&self, outgoing: Outgoing) -> Answer {
        self.client.send(outgoing).await.unwrap().answer
    }

    /// The next event with that name; others are passed over.
    pub(super) async fn expect(&self, name: Name) -> Event {
        let event = async {
            loop {
                match self.client.next().await {
                    Some(Entry { happened: Happened::Delivered(delivered), .. })
                        if delivered.event.is_called(name) =>
                    {
                        return delivered.event;
                    }
                    Some(Entry { happened: Happened::Delivered(_) | Happened::Opened { .. }, .. }) => {}
                    other => panic!("expected {name:?}, got {other:?}"),
                }
            }
        };
        timeout(PATIENCE, event).await.unwrap_or_else(|_| panic!("no {name:?} within {PATIENCE:?}"))
    }

    /// Tells the sender of a message that it was read.
    pub(super) async fn read(&self, from: &str, message: ServerId) {
        let answer =
            self.deliver(Outgoing::new(LocalId(0), from, Body::Read { message, content: None })).await;
        assert!(matches!(answer, Answer::Accepted { .. }), "{answer:?}");
    }

    /// Makes a REST call with the user's token, which succeeds.
    pub(super) async fn rest(&self, method: Method, path: &str, body: &Value) -> Reply {
        let body = (!body.is_null()).then_some(body);
        let reply = self.client.rest(method, path, body).await.unwrap();
        assert!(reply.is_success(), "{path}: {} {}", reply.status, reply.body);
        reply
    }

    /// Leaves; what had not been asked for is dropped.
    pub(super) async fn close(self) {
        self.client.logout().await;
    }
}

/// The way to the server on the wire of that generation.
fn network(serving: &Serving, generation: Generation) -> Network {
    // Refused only where another test has installed it already.
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let endpoint = match generation.wire() {
        Wire::SockJs => serving.url("sockjs"),
        Wire::Raw => serving.url("websocket"),
    };
    let target = Target {
        endpoint: endpoint.parse().unwrap(),
        rest: serving.url("rest").to_owned(),
        app_key: serving.url("appkey").to_owned(),
        trust: Trust::default(),
        patience: Patience::default(),
    };
    Network::new(target, Clock::start()).unwrap()
}

/// Waits until the server counts a user of the demo world as away. A page that says that it is closed
/// says so before the server hears of it, and what comes meanwhile goes to the closing connection.
pub(super) async fn until_away(serving: &Serving, user: &str) {
    let network = network(serving, Generation::V3_6_3);
    let rest = network.rest();
    let (token, _) = rest.app_token("demo-client", &Secret::new("demo-secret")).await.unwrap();
    let path = format!("/users/{user}/status");
    let gone = async {
        loop {
            let reply = rest.call(Method::GET, &path, Some(&token), None).await.unwrap();
            if reply.body["data"][user] == "offline" {
                return;
            }
        }
    };
    timeout(PATIENCE, gone).await.unwrap_or_else(|_| panic!("{user} did not leave within {PATIENCE:?}"));
}
