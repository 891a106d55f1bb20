//! How MSync frames ride on a WebSocket, in both shapes that SDK generations use.

use bytes::Bytes;
use tokio_tungstenite::tungstenite::{
    Message, Utf8Bytes,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::protocol::sockjs::{self, ServerFrame};

/// The shape of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Framing {
    /// Text frames of the SockJS protocol, base64 inside: the SDK up to 4.8.
    SockJs,
    /// One bare MSync in each binary frame: SDK 4.21.
    Raw,
}

/// Why the server ends a connection: a WebSocket close code and what the client is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Farewell {
    /// The world has nothing more to say to this session.
    Ended,
    /// The server shuts down.
    Stopping,
    /// More waits for this client than may wait.
    TooSlow,
    /// A text frame that is not a JSON array of base64 strings.
    BrokenFraming,
    /// A text frame where only binary ones belong, or the other way round.
    WrongKind(Framing),
    /// A message over the bound.
    TooLong,
    /// Something that is not WebSocket.
    BrokenWebSocket,
}

impl Farewell {
    pub(super) const fn code(self) -> u16 {
        match self {
            Self::Ended => 1000,
            Self::Stopping => 1001,
            Self::BrokenWebSocket => 1002,
            Self::WrongKind(_) => 1003,
            Self::BrokenFraming => 1007,
            Self::TooSlow => 1008,
            Self::TooLong => 1009,
        }
    }

    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Ended => "session ended by the server",
            Self::Stopping => "the server is stopping",
            Self::TooSlow => "too slow: more frames wait than may wait",
            Self::BrokenFraming => "broken framing: expected a JSON array of base64 strings",
            Self::WrongKind(Framing::SockJs) => {
                "binary frame: SockJS is text, one JSON array of base64 strings a frame"
            }
            Self::WrongKind(Framing::Raw) => "text frame: this endpoint takes binary frames, one MSync each",
            Self::TooLong => "message too long",
            Self::BrokenWebSocket => "broken WebSocket frame",
        }
    }
}

impl Framing {
    /// What is sent as soon as the WebSocket is open.
    pub(super) fn opening(self) -> Option<Message> {
        match self {
            Self::SockJs => Some(Message::text(ServerFrame::Open.to_string())),
            Self::Raw => None,
        }
    }

    /// What is sent from time to time so that the client, and proxies between, see life.
    pub(super) fn heartbeat(self) -> Option<Message> {
        match self {
            Self::SockJs => Some(Message::text(ServerFrame::Heartbeat.to_string())),
            Self::Raw => None,
        }
    }

    /// One MSync on its way to the client.
    pub(super) fn wrap(self, frame: Bytes) -> Message {
        match self {
            Self::SockJs => Message::text(sockjs::server_frame(&frame)),
            Self::Raw => Message::Binary(frame),
        }
    }

    /// What a client is told before the WebSocket itself is closed.
    pub(super) fn closing(self, farewell: Farewell) -> Option<Message> {
        match self {
            Self::SockJs => {
                let close = ServerFrame::Close { code: farewell.code(), reason: farewell.reason().into() };
                Some(Message::text(close.to_string()))
            }
            Self::Raw => None,
        }
    }

    /// The MSync frames in a text frame of the client.
    pub(super) fn unwrap_text(self, text: &str) -> Result<Vec<Bytes>, Farewell> {
        match self {
            // SockJS servers ignore an empty frame.
            Self::SockJs if text.is_empty() => Ok(Vec::new()),
            Self::SockJs => sockjs::parse_client_frame(text)
                .and_then(|messages| {
                    messages.iter().map(|message| sockjs::decode_message(message).map(Bytes::from)).collect()
                })
                .map_err(|_| Farewell::BrokenFraming),
            Self::Raw => Err(Farewell::WrongKind(self)),
        }
    }

    /// The MSync frame in a binary frame of the client.
    pub(super) fn unwrap_binary(self, binary: Bytes) -> Result<Bytes, Farewell> {
        match self {
            Self::SockJs => Err(Farewell::WrongKind(self)),
            Self::Raw => Ok(binary),
        }
    }
}

impl From<Farewell> for CloseFrame {
    fn from(farewell: Farewell) -> Self {
        Self { code: CloseCode::from(farewell.code()), reason: Utf8Bytes::from_static(farewell.reason()) }
    }
}
