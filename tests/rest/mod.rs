//! Our client's REST side against servers that answer well, badly, late, too much, or not at all.

mod answer;
mod breakage;
mod file;
mod refusal;
mod request;
mod transfer;

use chatproof::{
    client::{ClientError, Clock, Method, Network, Patience, Reply, Target, Trust},
    protocol::secret::Secret,
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::hostile::script::verdict;

const TOKEN: &str = "YWMt-very-secret";
const PASSWORD: &str = "hunter2";

/// A server that answers everything so, and the way to it.
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

/// Any call, with a token.
async fn call(network: &Network) -> Result<Reply, ClientError> {
    let token = Secret::new(TOKEN);
    verdict(network.rest().call(Method::GET, "/chatgroups/1", Some(&token), None)).await
}

async fn called(response: ResponseTemplate) -> Reply {
    let (_server, network) = answering(response).await;
    call(&network).await.unwrap()
}

async fn token_error(network: &Network) -> ClientError {
    verdict(network.rest().user_token("alice", &Secret::new(PASSWORD))).await.unwrap_err()
}
