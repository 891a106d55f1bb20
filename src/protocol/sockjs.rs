//! SockJS frames, both ways: what a server writes, what a client writes, `/info`, session paths.
//!
//! Pure text work; sockets live in `transport` and in `server::front`. A message inside a frame is
//! one MSync in standard base64 with padding.

use std::{borrow::Cow, fmt};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::escape::Excerpt;

/// The characters of a session's name, as the SDK's SockJS client draws them: `a`–`z` and `0`–`5`.
const SESSION_ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz012345";
/// How many characters a session's name has.
const SESSION_LENGTH: usize = 8;

/// One text frame from a server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServerFrame<'a> {
    /// `o`: the session is open. Comes once, first.
    Open,
    /// `h`: the server lives. Never answered.
    Heartbeat,
    /// `a["…","…"]` or `m"…"`: messages, to be handled in this order.
    Messages(Vec<Cow<'a, str>>),
    /// `c[code,"reason"]`: the server ends the session.
    Close {
        /// The close code, such as 3000 (`Go away!`).
        code: u16,
        /// The reason, for people.
        reason: Cow<'a, str>,
    },
}

/// A text that is none of the frames that its side may send.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected {expected}, got {got} (byte {offset})")]
pub struct Malformed {
    /// What may stand there.
    pub expected: &'static str,
    /// The beginning of what stands there, escaped and bounded.
    pub got: String,
    /// Where reading stopped: bytes from the beginning of the text.
    pub offset: usize,
}

/// A JSON string that borrows from its source where it holds no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> ServerFrame<'a> {
    /// Reads one text frame from a server.
    ///
    /// # Errors
    /// [`Malformed`] for anything else. The SDK drops such a frame without a word.
    pub fn parse(text: &'a str) -> Result<Self, Malformed> {
        match text.as_bytes().first() {
            Some(b'o') if text.len() == 1 => Ok(Self::Open),
            Some(b'h') if text.len() == 1 => Ok(Self::Heartbeat),
            Some(b'a') => messages(text, 1, "a[\"…\"] with a JSON array of strings").map(Self::Messages),
            Some(b'm') => {
                let Text(message) = json(text, 1, "m\"…\" with one JSON string")?;
                Ok(Self::Messages(vec![message]))
            }
            Some(b'c') => {
                let (code, Text(reason)) = json(text, 1, "c[code,\"reason\"]")?;
                Ok(Self::Close { code, reason })
            }
            _ => Err(Malformed {
                expected: "a SockJS frame (o, h, a[…], m\"…\" or c[…])",
                got: Excerpt(text.as_bytes()).to_string(),
                offset: 0,
            }),
        }
    }
}

impl fmt::Display for ServerFrame<'_> {
    /// Writes the frame as it goes over the wire.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("o"),
            Self::Heartbeat => f.write_str("h"),
            Self::Messages(messages) => write!(f, "a{}", array(messages)),
            Self::Close { code, reason } => write!(f, "c[{code},{}]", serde_json::Value::from(&**reason)),
        }
    }
}

/// The one-message frame `a["…"]` for these MSync bytes.
pub fn server_frame(msync: &[u8]) -> String {
    framed("a[\"", msync)
}

/// The one-message frame `["…"]` for these MSync bytes, as the SDK writes it.
pub fn client_frame(msync: &[u8]) -> String {
    framed("[\"", msync)
}

/// Reads one text frame from a client: `["…"]`, with one message from the SDK and any number from
/// other clients.
///
/// # Errors
/// [`Malformed`] for anything else.
pub fn parse_client_frame(text: &str) -> Result<Vec<Cow<'_, str>>, Malformed> {
    messages(text, 0, "a JSON array of strings")
}

/// The MSync bytes of one message.
///
/// # Errors
/// [`Malformed`] if the message is not standard base64 with padding.
pub fn decode_message(message: &str) -> Result<Vec<u8>, Malformed> {
    STANDARD.decode(message).map_err(|error| Malformed {
        expected: "standard base64 with padding",
        got: Excerpt(message.as_bytes()).to_string(),
        offset: match error {
            base64::DecodeError::InvalidByte(offset, _)
            | base64::DecodeError::InvalidLastSymbol(offset, _) => offset,
            base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => message.len(),
        },
    })
}

/// The answer to `GET <base>/info`. The SDK looks at `websocket` and `base_url` only.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Info {
    /// Whether the WebSocket transport may be tried; absent counts as true.
    #[serde(default = "yes")]
    pub websocket: bool,
    /// Unused by the SDK; servers send `["*:*"]`.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Unused by the SDK.
    #[serde(default)]
    pub cookie_needed: bool,
    /// Unused by the SDK; a random number.
    #[serde(default)]
    pub entropy: u32,
    /// Replaces the base URL for the transport.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
}

impl Info {
    /// What a server with WebSocket answers.
    pub fn new(entropy: u32) -> Self {
        Self {
            websocket: true,
            origins: vec!["*:*".to_owned()],
            cookie_needed: false,
            entropy,
            base_url: None,
        }
    }

    /// What the SDK makes of a reply's body: one that cannot be read counts as empty.
    pub fn read(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or(Self {
            websocket: true,
            origins: Vec::new(),
            cookie_needed: false,
            entropy: 0,
            base_url: None,
        })
    }
}

/// The part of a session's URL behind the base: `/<server>/<session>/websocket`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SessionPath {
    server: u16,
    session: [u8; SESSION_LENGTH],
}

impl SessionPath {
    /// A path from 64 bits of randomness, fresh ones for each attempt.
    pub fn from_randomness(bits: u64) -> Self {
        let mut session = [0; SESSION_LENGTH];
        for (at, character) in session.iter_mut().enumerate() {
            *character = SESSION_ALPHABET[(bits >> (5 * at)) as usize % SESSION_ALPHABET.len()];
        }
        Self { server: ((bits >> 40) % 1000) as u16, session }
    }
}

impl fmt::Display for SessionPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{:03}/{}/websocket", self.server, self.session.escape_ascii())
    }
}

const fn yes() -> bool {
    true
}

fn framed(before: &str, msync: &[u8]) -> String {
    let mut frame = String::with_capacity(before.len() + msync.len().div_ceil(3) * 4 + 2);
    frame.push_str(before);
    STANDARD.encode_string(msync, &mut frame);
    frame.push_str("\"]");
    frame
}

fn array(messages: &[Cow<'_, str>]) -> serde_json::Value {
    messages.iter().map(|message| &**message).collect()
}

fn messages<'a>(text: &'a str, from: usize, expected: &'static str) -> Result<Vec<Cow<'a, str>>, Malformed> {
    let read: Vec<Text<'a>> = json(text, from, expected)?;
    Ok(read.into_iter().map(|Text(message)| message).collect())
}

fn json<'a, T: Deserialize<'a>>(text: &'a str, from: usize, expected: &'static str) -> Result<T, Malformed> {
    serde_json::from_str(&text[from..]).map_err(|error| Malformed {
        expected,
        got: Excerpt(text.as_bytes()).to_string(),
        offset: match error.is_eof() {
            true => text.len(),
            false => from + offset_of(&text[from..], error.line(), error.column()),
        },
    })
}

/// Bytes before this place; lines and columns count from one, columns in bytes.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column.saturating_sub(1)).min(text.len())
}

#[cfg(test)]
mod tests;
