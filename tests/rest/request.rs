//! What our client asks: method, path, headers and body of each call that it makes by itself.

use chatproof::{
    client::{Method, segment},
    protocol::secret::Secret,
};
use serde_json::{Value, json};
use wiremock::{MockServer, Request, ResponseTemplate};

use super::{PASSWORD, TOKEN, answering};
use crate::hostile::script::verdict;

fn granting() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"access_token": TOKEN, "data": []}))
}

/// Method, path with query, authorization, content type, body.
async fn only_request(server: &MockServer) -> (String, String, String, Value) {
    let requests = server.received_requests().await.unwrap();
    let [request] = &*requests else { panic!("{requests:?}") };
    let target = request
        .url
        .query()
        .map_or_else(|| request.url.path().to_owned(), |query| format!("{}?{query}", request.url.path()));
    let body = if request.body.is_empty() { Value::Null } else { request.body_json().unwrap() };
    (
        format!("{} {target}", request.method),
        header(request, "authorization"),
        header(request, "content-type"),
        body,
    )
}

fn header(request: &Request, name: &str) -> String {
    request.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn a_login_asks_for_a_token_as_the_sdk_does() {
    let (server, network) = answering(granting()).await;
    let before = network.clock().now();
    let password = Secret::new(PASSWORD);
    let asked = network.rest().user_token("Alice", &password);
    let (token, _) = verdict(asked).await.unwrap();
    assert_eq!(token.reveal(), TOKEN);
    let (target, authorization, content_type, body) = only_request(&server).await;
    assert_eq!((&*target, &*authorization), ("POST /org/app/token", ""));
    assert_eq!(content_type, "application/json");
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["grant_type", "username", "password", "timestamp"], "in the order of the SDK");
    assert_eq!(
        (&body["grant_type"], &body["username"], &body["password"]),
        (&json!("password"), &json!("Alice"), &json!(PASSWORD))
    );
    assert!(body["timestamp"].as_u64().unwrap() >= before.as_millis());
}

#[tokio::test]
async fn the_apps_token_is_bought_with_client_credentials() {
    let (server, network) = answering(granting()).await;
    let (token, _) = verdict(network.rest().app_token("id", &Secret::new("hush"))).await.unwrap();
    assert_eq!(token.reveal(), TOKEN);
    let expected = json!({"grant_type": "client_credentials", "client_id": "id", "client_secret": "hush"});
    assert_eq!(
        only_request(&server).await,
        ("POST /org/app/token".into(), String::new(), "application/json".into(), expected)
    );
}

#[tokio::test]
async fn users_are_registered_with_and_without_the_apps_token() {
    for (authority, authorization) in [(None, String::new()), (Some(TOKEN), format!("Bearer {TOKEN}"))] {
        let (server, network) = answering(granting()).await;
        let authority = authority.map(Secret::new);
        let password = Secret::new(PASSWORD);
        let registered = network.rest().register("zoe", &password, authority.as_ref());
        verdict(registered).await.unwrap();
        let expected = json!({"username": "zoe", "password": PASSWORD});
        assert_eq!(
            only_request(&server).await,
            ("POST /org/app/users".into(), authorization, "application/json".into(), expected)
        );
    }
}

#[tokio::test]
async fn any_call_goes_out_as_it_was_given() {
    let token = Secret::new(TOKEN);
    let long = "x".repeat(100_000);
    for (method, path, body) in [
        (Method::GET, "/chatgroups/1/users?pagenum=1&pagesize=20".to_owned(), None),
        (
            Method::DELETE,
            "/users/alice/user_channel".to_owned(),
            Some(json!({"channel": "bob", "delete_roam": true})),
        ),
        (Method::PUT, "/chatgroups/1".to_owned(), Some(json!({"newowner": "bob"}))),
        (Method::POST, "/chatgroups/1/ban".to_owned(), None),
        (Method::POST, "/messages/users".to_owned(), Some(json!({"msg": long}))),
        (Method::GET, format!("/users/{}", segment("../a b?c#d/é")), None),
    ] {
        let (server, network) = answering(granting()).await;
        verdict(network.rest().call(method.clone(), &path, Some(&token), body.as_ref())).await.unwrap();
        let (target, authorization, content_type, sent) = only_request(&server).await;
        assert_eq!(target, format!("{method} /org/app{path}"));
        assert_eq!(authorization, format!("Bearer {TOKEN}"));
        assert_eq!(content_type, if body.is_some() { "application/json" } else { "" });
        assert_eq!(sent, body.unwrap_or_default());
    }
}

#[tokio::test]
async fn every_call_says_who_we_are_and_asks_for_nothing_compressed() {
    let (server, network) = answering(granting()).await;
    super::call(&network).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    assert_eq!(header(&requests[0], "user-agent"), concat!("chatproof/", env!("CARGO_PKG_VERSION")));
    assert_eq!(header(&requests[0], "accept-encoding"), "");
    assert_eq!(header(&requests[0], "cookie"), "");
}

#[tokio::test]
async fn a_path_that_leads_out_of_the_app_is_not_asked_for() {
    let (server, network) = answering(granting()).await;
    for path in ["/../other/users", "/users/%2e%2e/%2e%2e/x", "users", "/users/\u{1b}[2J", "/a#b", r"/a\b"] {
        let error = verdict(network.rest().call(Method::GET, path, None, None)).await.unwrap_err();
        assert!(error.to_string().contains("is not a path below /ORG/APP"), "{error}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_token_that_no_header_can_hold_is_a_mistake_of_the_caller_and_not_shown() {
    let (server, network) = answering(granting()).await;
    let token = Secret::new("YWMt\nX-Admin: 1");
    let error = verdict(network.rest().call(Method::GET, "/users", Some(&token), None)).await.unwrap_err();
    insta::assert_snapshot!(error, @"GET /users cannot be sent: its token does not fit into an HTTP header");
    assert!(server.received_requests().await.unwrap().is_empty());
}
