//! Files at the server's port: forms in, files and their headers out.

use serde_json::Value;

use super::{
    loopback,
    raw::{Raw, assert_starts, header},
    start,
};

const FILES: &str = "/easemob-demo/chatdemoui/chatfiles";

/// A form with one part.
fn form(part: &str, bytes: &str) -> String {
    format!(
        "--B\r\nContent-Disposition: form-data; name={part}\r\nContent-Type: text/html\r\n\r\n{bytes}\r\n--B--\r\n"
    )
}

struct Caller {
    raw: Raw<tokio::net::TcpStream>,
    token: String,
    host: &'static str,
}

impl Caller {
    async fn log_in(address: std::net::SocketAddr) -> Self {
        let mut raw = Raw::connect(address).await;
        let grant = r#"{"grant_type":"password","username":"alice","password":"1"}"#;
        let request = format!(
            "POST /easemob-demo/chatdemoui/token HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{grant}",
            grant.len()
        );
        let (_, body) = raw.exchange(&request).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        Self { raw, token: body["access_token"].as_str().unwrap().to_owned(), host: "chat.test:8080" }
    }

    /// Status line and body of an upload.
    async fn upload(&mut self, content_type: &str, body: &str) -> (String, Value) {
        let (host, token, length) = (self.host, &self.token, body.len());
        let request = format!(
            "POST {FILES} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let (head, body) = self.raw.exchange(&request).await;
        (head.lines().next().unwrap().to_owned(), serde_json::from_str(&body).unwrap())
    }
}

const FORM: &str = "multipart/form-data; boundary=B";

#[tokio::test]
async fn a_file_is_found_where_its_uploader_reached_the_server() {
    let (_running, address) = start(loopback()).await;
    let mut alice = Caller::log_in(address).await;
    let page = form("\"file\"; filename=\"a.html\"", "<script>alert(1)</script>");
    let (_, stored) = alice.upload(FORM, &page).await;
    assert_eq!(stored["uri"], format!("http://chat.test:8080{FILES}"));
    // What is no host is not repeated.
    alice.host = "a b\"<c>";
    let (_, other) = alice.upload(FORM, &page).await;
    assert_eq!(other["uri"], format!("http://{address}{FILES}"));

    let uuid = stored["entities"][0]["uuid"].as_str().unwrap();
    let request = format!("GET {FILES}/{uuid}?em-redirect=true HTTP/1.1\r\nHost: x\r\n\r\n");
    let (head, body) = alice.raw.exchange(&request).await;
    assert_starts(&head, "HTTP/1.1 200 ");
    assert_eq!(body, "<script>alert(1)</script>");
    assert_eq!(header(&head, "content-type"), Some("text/html"));
    // A browser saves it: it never runs as a page of this server.
    assert_eq!(header(&head, "content-disposition"), Some("attachment"));
    assert_eq!(header(&head, "x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn what_is_no_form_with_a_file_is_refused() {
    let (_running, address) = start(loopback()).await;
    let mut alice = Caller::log_in(address).await;
    let whole = form("\"file\"; filename=\"a\"", "x");
    for (content_type, body, status, error) in [
        ("application/json", "{}", 415, "web_application"),
        (FORM, &*form("\"other\"", "x"), 415, "web_application"),
        (FORM, &whole[..60], 400, "illegal_argument"),
        (FORM, "", 400, "illegal_argument"),
        ("multipart/form-data", &whole, 400, "illegal_argument"),
    ] {
        let (line, answer) = alice.upload(content_type, body).await;
        assert_starts(&line, &format!("HTTP/1.1 {status} "));
        assert_eq!(answer["error"], error, "{content_type} {body:?} {answer}");
    }
    let (line, _) = alice.upload(FORM, &whole).await;
    assert_starts(&line, "HTTP/1.1 200 ");
}

#[tokio::test]
async fn a_file_that_is_too_long_is_answered_although_it_is_still_coming() {
    let (_running, address) = start(loopback()).await;
    let mut alice = Caller::log_in(address).await;
    let most = 10 * 1024 * 1024;
    let long = form("\"file\"; filename=\"a\"", &"x".repeat(most + 1));
    let (line, answer) = alice.upload(FORM, &long).await;
    assert_starts(&line, "HTTP/1.1 413 ");
    assert_eq!(answer["error"], "Request Entity Too Large");
    let mut again = Caller::log_in(address).await;
    let (line, _) = again.upload(FORM, &form("\"file\"; filename=\"a\"", &"x".repeat(most))).await;
    assert_starts(&line, "HTTP/1.1 200 ");
    let (line, answer) = again.upload(FORM, &form("\"file\"; filename=\"a\"", &"x".repeat(most * 2))).await;
    assert_starts(&line, "HTTP/1.1 413 ");
    assert_eq!(answer["error"], "Request Entity Too Large");
}
