//! Files that do not get through: refused before they are up, stalled, cut, endless.

use bytes::Bytes;
use chatproof::{
    client::{ClientError, Downloading, Fetched, Network, Patience, Rendition, Reply, Uploading},
    protocol::{generation::Generation, secret::Secret},
};

use super::TOKEN;
use crate::hostile::script::{SHORT, Script, verdict};

/// More than what fits into the buffers between the ends.
const LARGE: usize = 16 * 1024 * 1024;

fn way(script: &Script, patience: Patience) -> Network {
    script.network(Generation::V4_21_1, patience)
}

fn impatient() -> Patience {
    Patience { http: SHORT, ..Patience::default() }
}

async fn upload(network: &Network) -> Result<Reply, ClientError> {
    let (token, file) = (Secret::new(TOKEN), Uploading { name: "a.bin", bytes: Bytes::from(vec![0; LARGE]) });
    verdict(network.rest().upload("/chatfiles", &token, &file, |_| ())).await
}

async fn download(network: &Network) -> Result<Fetched, ClientError> {
    let url = format!("{}/org/app/chatfiles/1", network.rest().api_url());
    let (token, file) =
        (Secret::new(TOKEN), Downloading { url: &url, secret: None, rendition: Rendition::Original });
    verdict(network.rest().download(&token, &file)).await
}

#[tokio::test]
async fn a_refusal_that_comes_before_the_file_is_up_is_heard() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
        peer.answer("413 Request Entity Too Large", r#"{"error":"Request Entity Too Large"}"#).await;
        peer.linger().await;
    })
    .await;
    let reply = upload(&way(&script, Patience::default())).await.unwrap();
    assert_eq!((reply.status, reply.body["error"].as_str()), (413, Some("Request Entity Too Large")));
}

#[tokio::test]
async fn an_upload_that_nobody_takes_runs_out_of_time() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
        // Held open, read no further.
        std::future::pending::<()>().await;
    })
    .await;
    let error = upload(&way(&script, impatient())).await.unwrap_err();
    insta::assert_snapshot!(error, @"the reply to POST /chatfiles did not come within 200ms");
}

#[tokio::test]
async fn an_upload_that_is_cut_is_no_reply() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
    })
    .await;
    let error = upload(&way(&script, Patience::default())).await.unwrap_err();
    assert!(matches!(error, ClientError::BrokenOff { .. }), "{error:?}");
}

#[tokio::test]
async fn a_download_that_is_cut_is_no_file() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
        peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf").await;
    })
    .await;
    let error = download(&way(&script, Patience::default())).await.unwrap_err();
    insta::assert_snapshot!(error, @"the reply to GET of a file broke off: expected a whole one, got status 200 and a part");
}

#[tokio::test]
async fn a_download_that_stalls_runs_out_of_time() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
        peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf").await;
        peer.linger().await;
    })
    .await;
    let error = download(&way(&script, impatient())).await.unwrap_err();
    insta::assert_snapshot!(error, @"the rest of the reply to GET of a file did not come within 200ms");
}

#[tokio::test]
async fn a_download_without_end_is_cut_off() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
        peer.write(b"HTTP/1.1 200 OK\r\n\r\n").await;
        let piece = vec![0; 1024 * 1024];
        while peer.write(&piece).await {}
    })
    .await;
    let error = download(&way(&script, Patience::default())).await.unwrap_err();
    insta::assert_snapshot!(error, @"GET of a file misbehaved: expected a file of at most 64 MiB, got more");
    assert!(script.written() < 128 * 1024 * 1024, "{}", script.written());
}
