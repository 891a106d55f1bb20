//! Where a chat server listens, and which of the two ways frames travel there.

use std::{fmt, str::FromStr};

use reqwest::Url;

use crate::protocol::{
    generation::{Generation, Wire},
    sockjs::SessionPath,
};

/// A chat endpoint: `http(s)://HOST/ws` is SockJS, `ws(s)://HOST/websocket` is raw WebSocket.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    wire: Wire,
    url: Url,
}

/// A text that names no chat endpoint, or one that the generation cannot use.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadEndpoint {
    /// Neither SockJS nor raw WebSocket.
    #[error("`{text}` is not a chat endpoint: {problem}")]
    Unreadable {
        /// What was given.
        text: String,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
    /// A generation that travels the other way.
    #[error("SDK {generation} speaks {}, but `{url}` is {}", described(generation.wire()), described(*wire))]
    Contradiction {
        /// The generation asked for.
        generation: Generation,
        /// How frames travel at the endpoint.
        wire: Wire,
        /// The endpoint.
        url: String,
    },
}

const fn described(wire: Wire) -> &'static str {
    match wire {
        Wire::SockJs => "SockJS (http(s)://HOST/ws)",
        Wire::Raw => "raw WebSocket (ws(s)://HOST/websocket)",
    }
}

impl Endpoint {
    /// How frames travel here.
    pub const fn wire(&self) -> Wire {
        self.wire
    }

    /// Whether the connection is encrypted.
    pub fn is_secure(&self) -> bool {
        matches!(self.url.scheme(), "https" | "wss")
    }

    /// Refuses a generation that travels the other way.
    ///
    /// # Errors
    /// [`BadEndpoint::Contradiction`].
    pub fn fits(&self, generation: Generation) -> Result<(), BadEndpoint> {
        if generation.wire() == self.wire {
            return Ok(());
        }
        Err(BadEndpoint::Contradiction { generation, wire: self.wire, url: self.to_string() })
    }

    /// The generation to play where none was asked for: the oldest that travels this way.
    pub fn generation(&self) -> Generation {
        Generation::ALL.into_iter().find(|generation| generation.wire() == self.wire).unwrap_or_default()
    }

    /// Where SockJS asks before it connects; `millis` is the time, as the SDK adds it.
    pub(super) fn info_url(&self, millis: u64) -> Url {
        let mut url = self.below("/info");
        url.set_query(Some(&format!("t={millis}")));
        url
    }

    /// This endpoint with another SockJS base, as `base_url` of `/info` asks.
    pub(super) fn rebased(&self, base: &str) -> Option<Self> {
        let url = self.url.join(base).ok()?;
        matches!(url.scheme(), "http" | "https").then_some(Self { wire: self.wire, url })
    }

    /// The WebSocket URL of one SockJS session, or the raw one.
    pub(super) fn websocket_url(&self, randomness: u64) -> Url {
        let mut url = match self.wire {
            Wire::Raw => return self.url.clone(),
            Wire::SockJs => self.below(&SessionPath::from_randomness(randomness).to_string()),
        };
        // Both schemes are special ones with a host, between which the change is allowed.
        let changed = url.set_scheme(if self.is_secure() { "wss" } else { "ws" });
        debug_assert!(changed.is_ok(), "http and ws are interchangeable");
        url
    }

    fn below(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        url
    }
}

impl FromStr for Endpoint {
    type Err = BadEndpoint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unreadable = |problem: String| BadEndpoint::Unreadable { text: text.to_owned(), problem };
        let url = Url::parse(text).map_err(|error| unreadable(format!("{error}; write {EXAMPLES}")))?;
        let wire = match url.scheme() {
            "http" | "https" => Wire::SockJs,
            "ws" | "wss" => Wire::Raw,
            other => return Err(unreadable(format!("unknown scheme `{other}`; write {EXAMPLES}"))),
        };
        if url.username() != "" || url.password().is_some() {
            return Err(BadEndpoint::Unreadable {
                text: format!("{}://…@{}", url.scheme(), url.host_str().unwrap_or_default()),
                problem: "user and password do not belong into the URL".to_owned(),
            });
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(unreadable("it ends with its path, without `?` or `#`".to_owned()));
        }
        let path = url.path().trim_end_matches('/');
        let mistaken = match wire {
            Wire::SockJs => path.is_empty() || path.ends_with("/websocket"),
            Wire::Raw => path.is_empty() || path.ends_with("/ws"),
        };
        if mistaken {
            return Err(unreadable(format!("write {EXAMPLES}")));
        }
        Ok(Self { wire, url })
    }
}

const EXAMPLES: &str = "http(s)://HOST/ws for SockJS or ws(s)://HOST/websocket for raw WebSocket";

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(text: &str) -> Endpoint {
        text.parse().unwrap()
    }

    #[test]
    fn the_scheme_tells_how_frames_travel() {
        assert_eq!(endpoint("http://127.0.0.1:7070/ws").wire(), Wire::SockJs);
        assert_eq!(endpoint("https://im.example/im/ws/").generation(), Generation::V3_6_3);
        assert_eq!(endpoint("wss://im.example/websocket").wire(), Wire::Raw);
        assert_eq!(endpoint("ws://127.0.0.1:7070/websocket").generation(), Generation::V4_21_1);
        assert!(endpoint("wss://im.example/websocket").is_secure());
    }

    #[test]
    fn what_names_no_endpoint_is_refused_with_a_way_out() {
        let mut said = String::new();
        for text in [
            "im.example/ws",
            "ftp://im.example/ws",
            "http://im.example/",
            "http://im.example/websocket",
            "ws://im.example/ws",
            "http://alice:secret@im.example/ws",
            "http://im.example/ws?x=1",
        ] {
            said.push_str(&format!("{}\n", text.parse::<Endpoint>().unwrap_err()));
        }
        assert!(!said.contains("secret"), "{said}");
        insta::assert_snapshot!(said, @r"
        `im.example/ws` is not a chat endpoint: relative URL without a base; write http(s)://HOST/ws for SockJS or ws(s)://HOST/websocket for raw WebSocket
        `ftp://im.example/ws` is not a chat endpoint: unknown scheme `ftp`; write http(s)://HOST/ws for SockJS or ws(s)://HOST/websocket for raw WebSocket
        `http://im.example/` is not a chat endpoint: write http(s)://HOST/ws for SockJS or ws(s)://HOST/websocket for raw WebSocket
        `http://im.example/websocket` is not a chat endpoint: write http(s)://HOST/ws for SockJS or ws(s)://HOST/websocket for raw WebSocket
        `ws://im.example/ws` is not a chat endpoint: write http(s)://HOST/ws for SockJS or ws(s)://HOST/websocket for raw WebSocket
        `http://…@im.example` is not a chat endpoint: user and password do not belong into the URL
        `http://im.example/ws?x=1` is not a chat endpoint: it ends with its path, without `?` or `#`
        ");
    }

    #[test]
    fn a_generation_that_travels_the_other_way_is_refused() {
        let sockjs = endpoint("http://127.0.0.1:7070/ws");
        assert!(sockjs.fits(Generation::V4_0_8).is_ok());
        insta::assert_snapshot!(sockjs.fits(Generation::V4_21_1).unwrap_err(), @"SDK 4.21.1 speaks raw WebSocket (ws(s)://HOST/websocket), but `http://127.0.0.1:7070/ws` is SockJS (http(s)://HOST/ws)");
    }

    #[test]
    fn session_urls_lie_below_the_base() {
        let sockjs = endpoint("https://im.example:8443/im/ws/");
        assert_eq!(sockjs.info_url(17).as_str(), "https://im.example:8443/im/ws/info?t=17");
        assert_eq!(sockjs.websocket_url(0).as_str(), "wss://im.example:8443/im/ws/000/aaaaaaaa/websocket");
        let rebased = sockjs.rebased("http://other.example/base").unwrap();
        assert_eq!(rebased.websocket_url(0).as_str(), "ws://other.example/base/000/aaaaaaaa/websocket");
        let raw = endpoint("ws://127.0.0.1:1/websocket");
        assert_eq!(raw.websocket_url(5).as_str(), "ws://127.0.0.1:1/websocket");
    }
}
