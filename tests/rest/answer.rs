//! Answers of all sorts: what is a success, what a body is, and what an error shows of it.

use chatproof::client::ClientError;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::{PASSWORD, TOKEN, answering, called, token_error};

fn ok(body: impl Into<Vec<u8>>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_bytes(body)
}

#[tokio::test]
async fn a_body_is_its_json_whatever_the_content_type_says() {
    for content_type in ["application/json", "text/plain;charset=UTF-8", "text/html", "image/png", "nonsense"]
    {
        let response = ok(r#"{"data":["é"]}"#).insert_header("content-type", content_type);
        let reply = called(response).await.success().unwrap();
        assert_eq!(reply.body, json!({"data": ["é"]}), "{content_type}");
    }
    let marked = called(ok("\u{feff}{\"data\":1}")).await.success().unwrap();
    assert_eq!(marked.body, json!({"data": 1}), "a byte order mark is no part of it, as in a browser");
}

#[tokio::test]
async fn the_span_of_a_call_reaches_to_its_last_byte() {
    let (_server, network) = answering(ok("{}")).await;
    let before = network.clock().now();
    let reply = super::call(&network).await.unwrap();
    assert!(before <= reply.span.started && reply.span.started <= reply.span.ended);
    assert!(reply.span.ended <= network.clock().now());
}

#[tokio::test]
async fn a_success_that_is_no_json_is_misbehaviour_as_the_sdk_has_it() {
    let deep = "[".repeat(100_000);
    for (body, got) in [
        (b"<html>".to_vec(), r#""<html>""#),
        (b"".to_vec(), "nothing"),
        (b"{\"data\":".to_vec(), r#""{\"data\":""#),
        (b"\xff\xfe\x1b[2J".to_vec(), "\"��\\u{1b}[2J\""),
        (format!("{TOKEN} is yours").into_bytes(), r#""<secret> is yours""#),
        (deep.into_bytes(), &*format!("\"{}\"… (100000 bytes)", "[".repeat(80))),
    ] {
        let reply = called(ok(body)).await;
        assert!(reply.is_success());
        let error = reply.success().unwrap_err().to_string();
        assert_eq!(error, format!("GET /chatgroups/1 misbehaved: expected a body of JSON, got {got}"));
    }
}

#[tokio::test]
async fn no_status_but_200_is_a_success() {
    for status in [201, 202, 204, 206, 304, 404, 500, 599] {
        let body = if status == 204 || status == 304 { "" } else { "{}" };
        let reply = called(ResponseTemplate::new(status).set_body_string(body)).await;
        assert!(!reply.is_success());
        let error = reply.success().unwrap_err();
        assert!(matches!(error, ClientError::Rest { status: seen, .. } if seen == status), "{error:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_token() {
    for status in [301, 302, 303, 307, 308] {
        let (elsewhere, _) = answering(ok("{}")).await;
        let to = format!("{}/{TOKEN}\u{202e}", elsewhere.uri());
        let moved = ResponseTemplate::new(status).insert_header("location", to.as_str());
        let (server, network) = answering(moved).await;
        let reply = super::call(&network).await.unwrap();
        assert_eq!(reply.status, status);
        assert!(elsewhere.received_requests().await.unwrap().is_empty());
        assert_eq!(server.received_requests().await.unwrap().len(), 1, "nor to the same origin");
        let error = reply.success().unwrap_err().to_string();
        let expected = format!(
            "GET /chatgroups/1 was redirected with status {status} to \"{}/<secret>\\u{{202e}}\": give the \
             address that answers itself",
            elsewhere.uri()
        );
        assert_eq!(error, expected);
    }
}

#[tokio::test]
async fn a_token_reply_that_holds_no_token_is_misbehaviour_and_not_shown() {
    for (body, got) in [
        ("<html>", "text that is no JSON"),
        ("", "nothing"),
        ("null", "null"),
        (r#"{"access_token":""}"#, "an object without it"),
        (r#"{"access_token":7}"#, "an object without it"),
        (r#"{"access_token":"two\nlines"}"#, "an object without it"),
        (r#"{"access_token":"é"}"#, "an object without it"),
        (r#"["YWMt-very-secret"]"#, "an array"),
        (r#""YWMt-very-secret""#, "a string"),
        ("access_token=YWMt-very-secret", "text that is no JSON"),
    ] {
        let (_server, network) = answering(ok(body)).await;
        let error = token_error(&network).await;
        assert!(matches!(error, ClientError::Misbehaved { .. }), "{body}: {error:?}");
        let expected = "POST /token misbehaved: expected a JSON object with an access_token";
        assert_eq!(error.to_string(), format!("{expected}, got {got}"), "{body}");
    }
}

#[tokio::test]
async fn what_was_secret_in_a_call_is_not_shown_where_the_server_repeats_it() {
    let repeated = json!({"error": PASSWORD, "error_description": format!("no {PASSWORD} for {TOKEN}")});
    let response = ResponseTemplate::new(400).set_body_json(repeated);
    let (_server, network) = answering(response.clone()).await;
    let error = token_error(&network).await;
    assert!(!format!("{error} {error:?}").contains(PASSWORD), "{error}");
    let error = called(response).await.success().unwrap_err();
    assert!(!format!("{error} {error:?}").contains(TOKEN), "{error}");
    let reply = called(ok(r#"{"access_token":"YWMt-other"}"#)).await;
    assert!(!format!("{reply:?}").contains("YWMt"), "{reply:?}");
    insta::assert_snapshot!(format!("{reply:?}"), @r#"Reply { request: "GET /chatgroups/1", status: 200, body: <an object>, .. }"#);
}

#[tokio::test]
async fn the_servers_words_are_escaped_and_bounded() {
    let words = json!({"error": "\u{1b}]0;title\u{7}", "error_description": "x".repeat(100_000)});
    let error = called(ResponseTemplate::new(403).set_body_json(words)).await.success().unwrap_err();
    let shown = error.to_string();
    assert!(shown.len() < 300 && !shown.contains(char::is_control), "{shown}");
    insta::assert_snapshot!(shown, @r#"GET /chatgroups/1 was refused with status 403: "\u{1b}]0;title\u{7}" ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"… (100000 bytes))"#);
}

#[tokio::test]
async fn errors_without_words_say_what_came() {
    let said = |body: Value| async move {
        called(ResponseTemplate::new(500).set_body_json(body)).await.success().unwrap_err().to_string()
    };
    insta::assert_snapshot!(said(json!(null)).await, @r#"GET /chatgroups/1 was refused with status 500: no error object ("null")"#);
    insta::assert_snapshot!(said(json!(["x"])).await, @r#"GET /chatgroups/1 was refused with status 500: no error object ("[\"x\"]")"#);
    insta::assert_snapshot!(said(json!({"error": 7})).await, @r#"GET /chatgroups/1 was refused with status 500: no error object ("{\"error\":7}")"#);
    let html = ResponseTemplate::new(502).set_body_string("<h1>Bad Gateway</h1>");
    insta::assert_snapshot!(called(html).await.success().unwrap_err(), @r#"GET /chatgroups/1 was refused with status 502: no JSON ("<h1>Bad Gateway</h1>")"#);
}
