//! Reading a request body that may be longer than it should.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::time::timeout;

/// A client that is still sending when the connection is closed sees a reset in place of its
/// answer, so what comes beyond the bound is read and thrown away: twice the bound, or this if
/// that is more, …
const LEAST_DISCARDED: usize = 32 * 1024 * 1024;
/// … and only while it keeps coming.
const QUIET: Duration = Duration::from_millis(100);

/// Why a body was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unread {
    #[error("the body is longer than {bound} bytes")]
    TooLong { bound: usize },
    #[error("the body ended early")]
    Broken,
}

/// Reads a body of at most `bound` bytes.
pub(super) async fn read(body: Body, bound: usize) -> Result<Bytes, Unread> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut chunks = body.into_data_stream();
    if announced <= bound {
        let mut read = BytesMut::with_capacity(announced);
        loop {
            match chunks.next().await {
                None => return Ok(read.freeze()),
                Some(Err(_)) => return Err(Unread::Broken),
                Some(Ok(chunk)) if read.len() + chunk.len() <= bound => read.extend_from_slice(&chunk),
                Some(Ok(_)) => break,
            }
        }
    }
    let most = bound.saturating_mul(2).max(LEAST_DISCARDED);
    let mut discarded = 0;
    while discarded < most
        && let Ok(Some(Ok(chunk))) = timeout(QUIET, chunks.next()).await
    {
        discarded += chunk.len();
    }
    Err(Unread::TooLong { bound })
}
