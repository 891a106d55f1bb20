//! Files on their way up and down, against servers that behave well and badly.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use chatproof::{
    client::{
        ClientError, Downloading, Fetched, Network, Patience, Progress, Rendition, Uploaded, Uploading,
    },
    protocol::{generation::Generation, secret::Secret},
};
use serde_json::json;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{any, header_exists, path},
};

use super::{TOKEN, answering, to};
use crate::hostile::script::{SHORT, Script, verdict};

const STORED: &str = "/org/app/chatfiles/5cd8fdc0";

fn stored() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "uri": "http://host/org/app/chatfiles",
        "entities": [{"uuid": "5cd8fdc0", "type": "chatfile", "share-secret": "XNj9ymquEey3"}],
    }))
}

async fn uploaded(network: &Network, name: &str, bytes: Bytes) -> Result<Uploaded, ClientError> {
    let (token, file) = (Secret::new(TOKEN), Uploading { name, bytes });
    verdict(network.rest().upload("/chatfiles", &token, &file, |_| ())).await.and_then(Uploaded::of)
}

async fn fetched(network: &Network, url: &str, secret: Option<&Secret>) -> Result<Fetched, ClientError> {
    let (token, file) = (Secret::new(TOKEN), Downloading { url, secret, rendition: Rendition::Original });
    verdict(network.rest().download(&token, &file, |_| ())).await
}

async fn requests(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn an_upload_is_the_form_that_a_browser_sends() {
    let (server, network) = answering(stored()).await;
    let place = uploaded(&network, "图 \"1\".png", "\u{1}PNG".into()).await.unwrap();
    assert_eq!(place.url, "http://host/org/app/chatfiles/5cd8fdc0");
    assert_eq!((&*place.uuid, place.secret.reveal()), ("5cd8fdc0", "XNj9ymquEey3"));
    let [request] = &*requests(&server).await else { panic!("one request") };
    assert_eq!((request.method.as_str(), request.url.path()), ("POST", "/org/app/chatfiles"));
    assert_eq!(header(request, "authorization"), format!("Bearer {TOKEN}"));
    assert_eq!(header(request, "restrict-access"), "true");
    let boundary = header(request, "content-type").strip_prefix("multipart/form-data; boundary=").unwrap();
    let form = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"图 %221%22.png\"\r\n\
         Content-Type: image/png\r\n\r\n\u{1}PNG\r\n--{boundary}--\r\n"
    );
    assert_eq!(String::from_utf8_lossy(&request.body), form);
    assert_eq!(header(request, "content-length"), form.len().to_string());
}

#[tokio::test]
async fn an_upload_tells_how_far_it_is() {
    let (_server, network) = answering(stored()).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let bytes = Bytes::from(vec![7; 200_000]);
    let (token, file) = (Secret::new(TOKEN), Uploading { name: "a.bin", bytes });
    let heard = Arc::clone(&told);
    let progress = move |progress: Progress| heard.lock().unwrap().push(progress);
    verdict(network.rest().upload("/chatfiles", &token, &file, progress)).await.unwrap();
    let told = told.lock().unwrap();
    assert!(told.len() > 1 && told.is_sorted_by_key(|progress| progress.loaded), "{told:?}");
    assert_eq!(told.last(), Some(&Progress { loaded: 200_000, total: 200_000 }));
}

#[tokio::test]
async fn a_success_that_does_not_say_where_the_file_is_misbehaves_and_is_not_shown() {
    let entities = [json!([]), json!([{"uuid": "u"}]), json!([{"uuid": "", "share-secret": "hush-hush"}])];
    for entities in entities {
        let body = json!({"uri": "http://host", "entities": entities});
        let (_server, network) = answering(ResponseTemplate::new(200).set_body_json(body)).await;
        let error = uploaded(&network, "a", "x".into()).await.unwrap_err();
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"POST /chatfiles misbehaved: expected a uri, and an entity with a uuid and a share-secret, got an object without them");
        }
    }
}

#[tokio::test]
async fn a_refused_upload_says_why() {
    let body = json!({"error": "content improper", "error_description": "x"});
    let (_server, network) = answering(ResponseTemplate::new(400).set_body_json(body)).await;
    let error = uploaded(&network, "a", "x".into()).await.unwrap_err();
    insta::assert_snapshot!(error, @r#"POST /chatfiles was refused with status 400: "content improper" ("x")"#);
}

#[tokio::test]
async fn a_download_asks_as_the_sdk_does_and_gives_the_bytes() {
    let (server, network) =
        answering(ResponseTemplate::new(200).set_body_raw(vec![0, 255, 1], "image/png")).await;
    let (url, secret) = (format!("{}{STORED}?em-redirect=true", server.uri()), Secret::new("hush"));
    let Fetched::File(file) = fetched(&network, &url, Some(&secret)).await.unwrap() else { panic!("a file") };
    assert_eq!((&*file.bytes, &*file.content_type), (&[0, 255, 1][..], "image/png"));
    let [request] = &*requests(&server).await else { panic!("one request") };
    assert_eq!((request.url.path(), request.url.query()), (STORED, Some("em-redirect=true")));
    assert_eq!(header(request, "authorization"), format!("Bearer {TOKEN}"));
    assert_eq!(header(request, "share-secret"), "hush");
    assert_eq!(header(request, "x-requested-with"), "XMLHttpRequest");
    assert_eq!(header(request, "accept"), "application/octet-stream");
}

#[tokio::test]
async fn a_refused_download_is_an_answer() {
    let refusal = json!({"error": "unauthorized"});
    let (server, network) = answering(ResponseTemplate::new(401).set_body_json(&refusal)).await;
    let url = format!("{}{STORED}", server.uri());
    let Fetched::Refused(reply) = fetched(&network, &url, None).await.unwrap() else { panic!("a refusal") };
    assert_eq!((reply.status, reply.body), (401, refusal));
}

#[tokio::test]
async fn a_redirect_is_followed_without_what_is_secret() {
    let storage = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200).set_body_string("bytes"))
        .mount(&storage)
        .await;
    let server = MockServer::start().await;
    let away = ResponseTemplate::new(302).insert_header("Location", format!("{}/blob?sig=1", storage.uri()));
    Mock::given(path(STORED)).and(header_exists("authorization")).respond_with(away).mount(&server).await;
    let network = to(&server.uri(), Patience::default());
    let secret = Secret::new("hush");
    let came = fetched(&network, &format!("{}{STORED}", server.uri()), Some(&secret)).await.unwrap();
    let Fetched::File(file) = came else { panic!("a file") };
    assert_eq!(file.bytes, "bytes");
    let [request] = &*requests(&storage).await else { panic!("one request") };
    assert_eq!(request.url.query(), Some("sig=1"));
    for name in ["authorization", "share-secret"] {
        assert_eq!(header(request, name), "", "{name} went to another server");
    }
}

#[tokio::test]
async fn redirects_end() {
    let server = MockServer::start().await;
    let again = ResponseTemplate::new(302).insert_header("Location", format!("{}{STORED}", server.uri()));
    Mock::given(any()).respond_with(again).mount(&server).await;
    let network = to(&server.uri(), Patience::default());
    let error = fetched(&network, &format!("{}{STORED}", server.uri()), None).await.unwrap_err();
    insta::assert_snapshot!(error, @"GET of a file misbehaved: expected a file after three redirects at most, got one more redirect");
    assert_eq!(requests(&server).await.len(), 4);

    let (_server, network) =
        answering(ResponseTemplate::new(302).insert_header("Location", "file:///etc/passwd?x=1")).await;
    let url = format!("{}{STORED}", network.rest().api_url());
    let error = fetched(&network, &url, None).await.unwrap_err();
    insta::assert_snapshot!(error, @r#"GET of a file was redirected with status 302 to "file:///etc/passwd": give the address that answers itself"#);
}

#[tokio::test]
async fn a_file_of_another_server_is_not_fetched() {
    let (server, network) = answering(ResponseTemplate::new(200)).await;
    let host = server.address();
    let others = [
        "http://127.0.0.1:1/x?share-secret=hush".to_owned(),
        format!("https://{host}/x"),
        format!("ftp://{host}/x"),
        "/relative".to_owned(),
        format!("http://{host}@127.0.0.1:1/x"),
    ];
    for url in others {
        let error = fetched(&network, &url, None).await.unwrap_err();
        assert!(matches!(error, ClientError::Misuse { .. }), "{url}: {error:?}");
        assert!(
            error.to_string().ends_with("is no file of this server, and files of others are not fetched")
        );
        assert!(!error.to_string().contains("hush"), "{error}");
    }
    assert!(requests(&server).await.is_empty());
}

#[tokio::test]
async fn a_file_that_breaks_off_is_no_file() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 100\r\n\r\nhalf";
    let script = Script::play(move |mut peer| async move {
        peer.head().await;
        peer.write(head).await;
    })
    .await;
    let network = script.network(Generation::V4_21_1, Patience::default());
    let url = format!("{}{STORED}?share-secret=hush", network.rest().api_url());
    let error = fetched(&network, &url, None).await.unwrap_err();
    insta::assert_snapshot!(error, @"the reply to GET of a file (4 of 100 bytes received) broke off: expected a whole one, got status 200 and a part");
}

#[tokio::test]
async fn a_file_that_stalls_and_an_upload_that_nobody_reads_run_out_of_time() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
    let script = Script::play(move |mut peer| async move {
        peer.head().await;
        peer.write(head).await;
        peer.linger().await;
    })
    .await;
    let impatient = || Patience { http: SHORT, ..Patience::default() };
    let network = script.network(Generation::V4_21_1, impatient());
    let url = format!("{}{STORED}", network.rest().api_url());
    let error = fetched(&network, &url, None).await.unwrap_err();
    insta::assert_snapshot!(error, @"progress of GET of a file (4 of 100 bytes received) did not come within 200ms");

    let script = Script::play(|mut peer| async move {
        peer.head().await;
        peer.linger().await;
    })
    .await;
    let network = script.network(Generation::V4_21_1, impatient());
    let error = uploaded(&network, "a.bin", vec![0; 8 * 1024 * 1024].into()).await.unwrap_err();
    let error = error.to_string();
    assert!(error.starts_with("progress of POST /chatfiles ("), "{error}");
    assert!(error.ends_with(" of 8388608 bytes sent) did not come within 200ms"), "{error}");
}
