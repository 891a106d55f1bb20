//! Files that do not get through: refused before they are up, stalled, cut, endless.

use std::time::Duration;

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
    verdict(network.rest().download(&token, &file, |_| ())).await
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
    let error = upload(&way(&script, impatient())).await.unwrap_err().to_string();
    let (begin, end) =
        ("progress of POST /chatfiles (", " of 16777216 bytes sent) did not come within 200ms");
    assert!(error.starts_with(begin) && error.ends_with(end), "{error}");
}

#[tokio::test]
async fn an_upload_that_is_cut_is_no_reply() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
    })
    .await;
    let error = upload(&way(&script, Patience::default())).await.unwrap_err();
    assert!(matches!(error, ClientError::BrokenOff { .. }), "{error:?}");
    assert!(error.to_string().contains(" of 16777216 bytes sent) broke off"), "{error}");
}

#[tokio::test]
async fn transfers_may_take_longer_than_a_call_while_they_go_on() {
    const PIECES: u32 = 8;
    let (pause, enough) = (Duration::from_millis(150), Duration::from_millis(600));
    let patience = Patience { http: enough, ..Patience::default() };
    let script = Script::play(move |mut peer| async move {
        peer.head().await;
        peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 80\r\n\r\n").await;
        for _ in 0..PIECES {
            tokio::time::sleep(pause).await;
            peer.write(b"ten bytes.").await;
        }
        peer.linger().await;
    })
    .await;
    let Fetched::File(file) = download(&way(&script, patience)).await.unwrap() else { panic!("a file") };
    assert_eq!(file.bytes.len(), 80);
    assert!(file.span.duration() > enough, "{:?}", file.span);

    let script = Script::play(move |mut peer| async move {
        peer.head().await;
        let mut left = LARGE;
        while left > 0 {
            tokio::time::sleep(pause / 5).await;
            left = left.saturating_sub(peer.read_bytes(LARGE / 32).await.max(1));
        }
        peer.answer("200 OK", "{}").await;
        peer.linger().await;
    })
    .await;
    let reply = upload(&way(&script, patience)).await.unwrap();
    assert!(reply.is_success() && reply.span.duration() > enough, "{:?}", reply.span);
}

#[tokio::test]
async fn a_file_that_is_announced_as_too_large_is_not_read() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
        peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 68719476736\r\n\r\nx").await;
        peer.linger().await;
    })
    .await;
    let error = download(&way(&script, Patience::default())).await.unwrap_err();
    insta::assert_snapshot!(error, @"GET of a file misbehaved: expected a file of at most 64 MiB, got 68719476736 bytes announced");
}

#[tokio::test]
async fn a_download_that_is_cut_is_no_file() {
    let script = Script::play(|mut peer| async move {
        peer.head().await;
        peer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf").await;
    })
    .await;
    let error = download(&way(&script, Patience::default())).await.unwrap_err();
    insta::assert_snapshot!(error, @"the reply to GET of a file (4 of 100 bytes received) broke off: expected a whole one, got status 200 and a part");
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
    insta::assert_snapshot!(error, @"progress of GET of a file (4 of 100 bytes received) did not come within 200ms");
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
