//! Where a server listens, and the URLs that its clients are given.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Who may reach the server.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Exposure {
    /// Only this machine: an address that is not loopback is refused.
    #[default]
    Loopback,
    /// Whoever can reach the address.
    Remote,
}

impl Exposure {
    /// Whether a server that is exposed like this may listen there.
    pub fn allows(self, listen: SocketAddr) -> bool {
        match self {
            Self::Loopback => listen.ip().is_loopback(),
            Self::Remote => true,
        }
    }
}

/// Whether the port speaks TLS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scheme {
    Plain,
    Tls,
}

/// The address of a running server and the URLs of its three doors.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Addresses {
    /// What is bound.
    pub socket: SocketAddr,
    /// Base of the REST calls, without a trailing slash: the SDK's `apiUrl`.
    pub rest: String,
    /// The SockJS base: the SDK's `url` up to 4.8.
    pub sockjs: String,
    /// The raw WebSocket: the `url` of SDK 4.21.
    pub websocket: String,
}

impl Addresses {
    pub(super) fn new(socket: SocketAddr, scheme: Scheme) -> Self {
        let host = SocketAddr::new(reachable(socket.ip()), socket.port());
        let (http, ws) = match scheme {
            Scheme::Plain => ("http", "ws"),
            Scheme::Tls => ("https", "wss"),
        };
        Self {
            socket,
            rest: format!("{http}://{host}"),
            sockjs: format!("{http}://{host}/ws"),
            websocket: format!("{ws}://{host}/websocket"),
        }
    }
}

/// An address that a client on this machine can connect to.
fn reachable(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(v4) if v4.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(v6) if v6.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_an_address_that_can_be_connected_to() {
        let addresses = Addresses::new("0.0.0.0:7070".parse().unwrap(), Scheme::Plain);
        assert_eq!(addresses.rest, "http://127.0.0.1:7070");
        assert_eq!(addresses.sockjs, "http://127.0.0.1:7070/ws");
        let addresses = Addresses::new("[::1]:443".parse().unwrap(), Scheme::Tls);
        assert_eq!(addresses.websocket, "wss://[::1]:443/websocket");
    }

    #[test]
    fn only_loopback_is_allowed_unless_told() {
        for (listen, loopback) in [
            ("127.0.0.1:0", true),
            ("127.8.9.1:1", true),
            ("[::1]:0", true),
            ("0.0.0.0:0", false),
            ("[::]:0", false),
        ] {
            let listen = listen.parse().unwrap();
            assert_eq!(Exposure::Loopback.allows(listen), loopback, "{listen}");
            assert!(Exposure::Remote.allows(listen));
        }
    }
}
