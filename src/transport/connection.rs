//! One open connection: MSync frames in and out, however they travel.

use std::{
    collections::VecDeque,
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Sink, Stream as _};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        error::{Error as WebSocketError, ProtocolError},
    },
};
use tokio_util::either::Either;

use super::TransportError;
use crate::protocol::{
    escape::Excerpt,
    generation::Wire,
    sockjs::{self, Malformed, ServerFrame},
};

/// Largest WebSocket message that is read, bytes. What a server announces beyond it ends the
/// connection before anything is allocated.
pub(super) const MAX_MESSAGE: usize = 1024 * 1024;
/// Most bytes that may wait for a server that does not read.
pub(super) const MAX_UNSENT: usize = 1024 * 1024;

/// The bytes under a WebSocket. The TLS state is boxed: it is twenty times the size of a socket.
pub(super) type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// What came from the server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Received {
    /// One MSync, bare bytes in memory of its own.
    Frame(Bytes),
    /// Something that is no frame here. The SDK drops such things without a word; the connection
    /// goes on.
    Malformed(Malformed),
}

/// Something to send that need not be an MSync, or not even a WebSocket frame.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Raw {
    /// A text frame with these characters.
    Text(String),
    /// A binary frame with these bytes.
    Binary(Bytes),
    /// These bytes, straight into the byte stream under the WebSocket.
    Bytes(Bytes),
}

/// One connection to a chat server.
///
/// Writing is queueing: [`Self::queue`] takes frames until the bound, and [`Self::receive`] writes
/// them out while it waits, so that a server that does not read cannot hold up the reader.
#[derive(Debug)]
pub struct Connection {
    socket: WebSocketStream<Stream>,
    wire: Wire,
    unflushed: bool,
    /// Messages of a SockJS frame that brought several.
    arrived: VecDeque<Received>,
}

impl Connection {
    pub(super) const fn new(socket: WebSocketStream<Stream>, wire: Wire) -> Self {
        Self { socket, wire, unflushed: false, arrived: VecDeque::new() }
    }

    /// Takes one MSync to send: bare bytes, wrapped as the wire demands.
    ///
    /// # Errors
    /// [`TransportError::Stuck`] when the server has not read for too long, or what ended the
    /// connection.
    pub fn queue(&mut self, msync: Bytes) -> Result<(), TransportError> {
        self.start(match self.wire {
            Wire::SockJs => Message::text(sockjs::client_frame(&msync)),
            Wire::Raw => Message::binary(msync),
        })
    }

    /// The next thing that the server says. Writes out meanwhile what was queued. Dropping the
    /// future loses nothing.
    ///
    /// # Errors
    /// What ended the connection; it is of no use afterwards.
    pub async fn receive(&mut self) -> Result<Received, TransportError> {
        poll_fn(|context| self.poll_receive(context)).await
    }

    /// Sends something that need not follow the protocol, behind everything queued before.
    ///
    /// # Errors
    /// What ended the connection.
    pub async fn send_raw(&mut self, raw: Raw) -> Result<(), TransportError> {
        match raw {
            Raw::Text(text) => self.start(Message::text(text))?,
            Raw::Binary(bytes) => self.start(Message::binary(bytes))?,
            Raw::Bytes(bytes) => {
                poll_fn(|context| self.poll_flush(context)).await?;
                let stream = self.socket.get_mut();
                stream.write_all(&bytes).await.map_err(broken)?;
                return stream.flush().await.map_err(broken);
            }
        }
        poll_fn(|context| self.poll_flush(context)).await
    }

    /// Ends the connection as the SDK does: a bare close frame (the server sees 1005), then the
    /// socket. Waits at most this long for the server's half.
    pub async fn close(mut self, patience: Duration) {
        // Whatever goes wrong, the socket is dropped in the end.
        if self.start(Message::Close(None)).is_ok() {
            drop(timeout(patience, async { while self.receive().await.is_ok() {} }).await);
        }
    }

    /// Waits for the SockJS open frame.
    pub(super) async fn opened(&mut self) -> Result<(), TransportError> {
        match poll_fn(|context| self.poll_message(context)).await? {
            Message::Text(text) if text.as_str() == "o" => Ok(()),
            other => Err(TransportError::Misbehaved {
                expected: "the SockJS open frame",
                got: Excerpt(&other.into_data()).to_string(),
            }),
        }
    }

    fn start(&mut self, message: Message) -> Result<(), TransportError> {
        self.unflushed = true;
        Pin::new(&mut self.socket).start_send(message).map_err(socket_error)
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        if self.unflushed {
            ready!(Pin::new(&mut self.socket).poll_flush(context)).map_err(socket_error)?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Result<Received, TransportError>> {
        if let Poll::Ready(flushed) = self.poll_flush(context) {
            flushed?;
        }
        loop {
            if let Some(received) = self.arrived.pop_front() {
                return Poll::Ready(Ok(received));
            }
            let message = ready!(self.poll_message(context))?;
            match self.wire {
                Wire::SockJs => self.unwrap_sockjs(&message)?,
                Wire::Raw => self.arrived.push_back(match message {
                    // A copy: keeping a slice would keep the whole read buffer.
                    Message::Binary(bytes) => Received::Frame(Bytes::copy_from_slice(&bytes)),
                    other => malformed("a binary frame on a raw WebSocket", &other.into_data()),
                }),
            }
        }
    }

    /// The next text or binary message; answers pings on the way.
    fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Result<Message, TransportError>> {
        loop {
            match ready!(Pin::new(&mut self.socket).poll_next(context)) {
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    return Poll::Ready(Ok(message));
                }
                Some(Ok(Message::Close(frame))) => {
                    let how = frame.map_or_else(
                        || "close frame without a code".to_owned(),
                        |frame| {
                            let said = Excerpt(frame.reason.as_bytes());
                            format!("close frame {} {said}", u16::from(frame.code))
                        },
                    );
                    return Poll::Ready(Err(TransportError::Closed { how }));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Err(error)) => return Poll::Ready(Err(socket_error(error))),
                None => return Poll::Ready(Err(ended())),
            }
        }
    }

    fn unwrap_sockjs(&mut self, message: &Message) -> Result<(), TransportError> {
        let Message::Text(text) = message else {
            let data = message.clone().into_data();
            self.arrived.push_back(malformed("a text frame on a SockJS connection", &data));
            return Ok(());
        };
        match ServerFrame::parse(text.as_str()) {
            Ok(ServerFrame::Messages(messages)) => {
                self.arrived.extend(messages.iter().map(|message| match sockjs::decode_message(message) {
                    Ok(msync) => Received::Frame(msync.into()),
                    Err(malformed) => Received::Malformed(malformed),
                }));
            }
            Ok(ServerFrame::Heartbeat) => {}
            Ok(ServerFrame::Close { code, reason }) => {
                let how = format!("SockJS close frame {code} {}", Excerpt(reason.as_bytes()));
                return Err(TransportError::Closed { how });
            }
            // The SDK closes on a second one, too.
            Ok(ServerFrame::Open) => {
                return Err(TransportError::Misbehaved {
                    expected: "one SockJS open frame",
                    got: "a second one".to_owned(),
                });
            }
            Err(malformed) => self.arrived.push_back(Received::Malformed(malformed)),
        }
        Ok(())
    }
}

fn malformed(expected: &'static str, got: &[u8]) -> Received {
    Received::Malformed(Malformed { expected, got: Excerpt(got).to_string(), offset: 0 })
}

fn broken(source: io::Error) -> TransportError {
    TransportError::Broken { source }
}

fn ended() -> TransportError {
    TransportError::Closed { how: "the stream ended".to_owned() }
}

fn socket_error(error: WebSocketError) -> TransportError {
    const EXPECTED: &str = "WebSocket frames as RFC 6455 has them, of at most 1 MiB";
    match error {
        WebSocketError::ConnectionClosed
        | WebSocketError::AlreadyClosed
        | WebSocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => ended(),
        WebSocketError::Io(source) => broken(source),
        WebSocketError::WriteBufferFull(_) => TransportError::Stuck { bound: MAX_UNSENT },
        other => TransportError::Misbehaved {
            expected: EXPECTED,
            got: Excerpt(other.to_string().as_bytes()).to_string(),
        },
    }
}
