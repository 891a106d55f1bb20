//! One TCP connection: HTTP requests first, then perhaps a WebSocket, all in one task.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{Router, body::Body};
use hyper::{body::Incoming, server::conn::http1, service::Service, upgrade::OnUpgrade};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{framing::Framing, hub::Hub, server::Stopping, socket};

/// hyper refuses to read with less.
const LEAST_BUFFER: usize = 8 * 1024;
const MOST_HEADERS: usize = 64;

/// Where a request handler leaves the upgrade that it has promised, for the task that owns the
/// connection.
#[derive(Clone, Default)]
pub(super) struct Upgrade(Arc<Mutex<Option<(OnUpgrade, Framing)>>>);

impl Upgrade {
    pub(super) fn promise(&self, upgrade: OnUpgrade, framing: Framing) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((upgrade, framing));
    }

    fn take(&self) -> Option<(OnUpgrade, Framing)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Serves one connection to its end.
pub(super) async fn serve<IO>(stream: IO, router: Router, hub: Arc<Hub>, stopping: Stopping)
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let upgrade = Upgrade::default();
    // Boxed so that hyper's state is freed when a WebSocket takes over: that one lives for hours.
    if Box::pin(speak_http(stream, router, upgrade.clone(), Arc::clone(&hub), stopping)).await.is_err() {
        return;
    }
    if let Some((upgraded, framing)) = upgrade.take()
        && let Ok(upgraded) = upgraded.await
    {
        socket::serve::<IO>(upgraded, framing, hub).await;
    }
}

async fn speak_http<IO>(
    stream: IO,
    router: Router,
    upgrade: Upgrade,
    hub: Arc<Hub>,
    mut stopping: Stopping,
) -> hyper::Result<()>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let limits = hub.limits();
    let router = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(upgrade.clone());
        router.call(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.request)
        .max_headers(MOST_HEADERS)
        .max_header_size(limits.head_bytes)
        .max_buf_size(limits.head_bytes.max(LEAST_BUFFER))
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        end = connection.as_mut() => return end,
        () = stopping.told() => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}
