//! From an endpoint to a connection: `/info`, TCP, TLS, the WebSocket upgrade, `o`.

use std::{io, sync::Arc, time::Duration};

use reqwest::{Url, redirect};
use rustls_pki_types::ServerName;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, rustls::ClientConfig};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        client::IntoClientRequest,
        error::{CapacityError, Error as WebSocketError, ProtocolError},
        protocol::WebSocketConfig,
    },
};

use super::{
    Connection, Endpoint, TransportError, Trust,
    connection::{MAX_MESSAGE, MAX_UNSENT, Stream},
};
use crate::protocol::{escape::Excerpt, generation::Wire, sockjs::Info};

/// Read and write buffer of each connection. tungstenite's own 128 KiB cost 131 KiB of resident
/// memory per idle client and half the speed, because it zeroes the buffer before each read.
const BUFFER: usize = 4 * 1024;
/// Largest `/info` reply that is read; a genuine one has about 80 bytes.
const MAX_INFO: usize = 64 * 1024;
/// Idle HTTP connections kept for the next REST call. All clients of a process share them.
const IDLE_HTTP: usize = 64;
/// How long one is kept. Some servers close theirs after 5 s, and a call that meets the closing is
/// lost: it may have been made, so it is not made again.
const IDLE_HTTP_FOR: Duration = Duration::from_secs(4);
/// Headers of an HTTP reply.
const MAX_HEADERS: usize = 100;

/// How long each step of connecting may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Patience {
    /// Any HTTP exchange: `/info` here, REST calls above.
    pub http: Duration,
    /// The TCP connection, name look-up included.
    pub connect: Duration,
    /// The TLS handshake.
    pub tls: Duration,
    /// The WebSocket upgrade.
    pub upgrade: Duration,
    /// The `o` frame of SockJS.
    pub open: Duration,
    /// The server's half of a close handshake, after which the socket is dropped.
    pub close: Duration,
}

impl Default for Patience {
    /// 8 s for HTTP as the SDK, 10 s for each other step, 1 s for a close.
    fn default() -> Self {
        let step = Duration::from_secs(10);
        Self {
            http: Duration::from_secs(8),
            connect: step,
            tls: step,
            upgrade: step,
            open: step,
            close: Duration::from_secs(1),
        }
    }
}

impl Patience {
    /// The same patience for every step.
    pub const fn uniform(each: Duration) -> Self {
        Self { http: each, connect: each, tls: each, upgrade: each, open: each, close: each }
    }
}

/// Opens connections. One for all clients of a run: they share its TLS settings and HTTP pool.
#[derive(Clone, Debug)]
pub struct Dialer {
    http: reqwest::Client,
    tls: Arc<ClientConfig>,
    patience: Patience,
}

impl Dialer {
    /// A dialer with this trust. The system's certificates are loaded only if `secure` says that
    /// some URL of the target needs them.
    ///
    /// # Errors
    /// [`TransportError::Trust`] if the certificates to trust cannot be used.
    pub fn new(trust: &Trust, secure: Security, patience: Patience) -> Result<Self, TransportError> {
        let tls = match secure {
            Security::Tls => trust.verified()?,
            Security::Plain => Trust::nobody()?,
        };
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .no_proxy()
            .redirect(redirect::Policy::none())
            .http1_only()
            .http1_max_headers(MAX_HEADERS)
            .tcp_nodelay(true)
            .pool_max_idle_per_host(IDLE_HTTP)
            .pool_idle_timeout(IDLE_HTTP_FOR)
            .connect_timeout(patience.connect)
            .timeout(patience.http)
            .user_agent(concat!("chatproof/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| TransportError::Trust { path: None, source: error.into() })?;
        Ok(Self { http, tls: Arc::new(tls), patience })
    }

    /// The HTTP client that the process shares.
    pub const fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// How long each step may take.
    pub const fn patience(&self) -> Patience {
        self.patience
    }

    /// Connects: SockJS asks `/info` first and waits for `o`. `millis` is the wall-clock time, which
    /// SockJS sends along; the session's name is random.
    ///
    /// # Errors
    /// Any [`TransportError`], each within its [`Patience`].
    pub async fn dial(&self, endpoint: &Endpoint, millis: u64) -> Result<Connection, TransportError> {
        let url = match endpoint.wire() {
            Wire::Raw => endpoint.websocket_url(0),
            Wire::SockJs => {
                let info = self.info(endpoint, millis).await?;
                if !info.websocket {
                    return Err(TransportError::Misbehaved {
                        expected: "a server with the WebSocket transport",
                        got: "\"websocket\":false from /info".to_owned(),
                    });
                }
                let rebased = match info.base_url.as_deref() {
                    None => None,
                    Some(base) => Some(endpoint.rebased(base).ok_or_else(|| TransportError::Misbehaved {
                        expected: "an http(s) URL as base_url of /info",
                        got: Excerpt(base.as_bytes()).to_string(),
                    })?),
                };
                rebased.as_ref().unwrap_or(endpoint).websocket_url(rand::random())
            }
        };
        let socket = self.upgrade(&url).await?;
        let mut connection = Connection::new(socket, endpoint.wire());
        if endpoint.wire() == Wire::SockJs {
            let after = self.patience.open;
            timeout(after, connection.opened())
                .await
                .map_err(|_| TransportError::Timeout { waited_for: "the SockJS open frame", after })??;
        }
        Ok(connection)
    }

    async fn info(&self, endpoint: &Endpoint, millis: u64) -> Result<Info, TransportError> {
        let url = endpoint.info_url(millis);
        let mut reply = self
            .http
            .get(url.clone())
            .send()
            .await
            .map_err(|error| http_error(error, &url, "the reply to /info", self.patience.http))?;
        if reply.status() != reqwest::StatusCode::OK {
            return Err(TransportError::Refused { url: url.into(), status: reply.status().as_u16() });
        }
        let mut body = Vec::new();
        while let Some(chunk) = reply
            .chunk()
            .await
            .map_err(|error| http_error(error, &url, "the rest of the reply to /info", self.patience.http))?
        {
            if body.len() + chunk.len() > MAX_INFO {
                return Err(TransportError::Misbehaved {
                    expected: "a reply to /info of at most 64 KiB",
                    got: Excerpt(&chunk).to_string(),
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Info::read(&body))
    }

    async fn upgrade(&self, url: &Url) -> Result<WebSocketStream<Stream>, TransportError> {
        let stream = self.stream(url).await?;
        let request = url.as_str().into_client_request().map_err(|error| TransportError::Unreachable {
            address: url.to_string(),
            source: error.into(),
        })?;
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(BUFFER)
            .max_write_buffer_size(MAX_UNSENT)
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        let after = self.patience.upgrade;
        match timeout(after, client_async_with_config(request, stream, Some(config))).await {
            Ok(Ok((socket, _response))) => Ok(socket),
            Ok(Err(error)) => Err(upgrade_error(error, url)),
            Err(_) => {
                Err(TransportError::Timeout { waited_for: "the answer to the WebSocket upgrade", after })
            }
        }
    }

    async fn stream(&self, url: &Url) -> Result<Stream, TransportError> {
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or(80);
        let unreachable = |source: io::Error| TransportError::Unreachable {
            address: format!("{host}:{port}"),
            source: source.into(),
        };
        let after = self.patience.connect;
        // An IPv6 address stands in brackets in a URL, but not in a socket address.
        let address = (host.trim_start_matches('[').trim_end_matches(']'), port);
        let tcp = timeout(after, TcpStream::connect(address))
            .await
            .map_err(|_| TransportError::Timeout { waited_for: "a TCP connection", after })?
            .map_err(unreachable)?;
        tcp.set_nodelay(true).map_err(unreachable)?;
        if url.scheme() != "wss" {
            return Ok(Stream::Left(tcp));
        }
        let failed = |source: io::Error| TransportError::Tls { host: host.to_owned(), source };
        let name = ServerName::try_from(address.0.to_owned())
            .map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidInput, error)))?;
        let after = self.patience.tls;
        let secured = timeout(after, TlsConnector::from(Arc::clone(&self.tls)).connect(name, tcp))
            .await
            .map_err(|_| TransportError::Timeout { waited_for: "the TLS handshake", after })?
            .map_err(failed)?;
        Ok(Stream::Right(Box::new(secured)))
    }
}

/// Whether any URL of a target needs TLS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Security {
    /// None does.
    Plain,
    /// Some do.
    Tls,
}

fn http_error(error: reqwest::Error, url: &Url, waited_for: &'static str, after: Duration) -> TransportError {
    if error.is_timeout() {
        return TransportError::Timeout { waited_for, after };
    }
    TransportError::Unreachable { address: url.to_string(), source: error.without_url().into() }
}

fn upgrade_error(error: WebSocketError, url: &Url) -> TransportError {
    const EXPECTED: &str = "an answer to the WebSocket upgrade";
    match error {
        WebSocketError::Http(response) => {
            TransportError::Refused { url: url.to_string(), status: response.status().as_u16() }
        }
        WebSocketError::Io(source) => TransportError::Broken { source },
        WebSocketError::Protocol(ProtocolError::HandshakeIncomplete) | WebSocketError::ConnectionClosed => {
            TransportError::Closed { how: "before it answered the WebSocket upgrade".to_owned() }
        }
        WebSocketError::AttackAttempt | WebSocketError::Capacity(CapacityError::TooManyHeaders) => {
            TransportError::Misbehaved {
                expected: EXPECTED,
                got: "headers without end, or in too small pieces".to_owned(),
            }
        }
        other => TransportError::Misbehaved {
            expected: EXPECTED,
            got: Excerpt(other.to_string().as_bytes()).to_string(),
        },
    }
}
