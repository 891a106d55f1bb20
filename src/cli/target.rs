//! Which server is tested, as typed: nothing means the embedded one.

use std::path::PathBuf;

use clap::Args;

use crate::protocol::generation::Generation;

/// Flags that name the server under test.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Target (none: the embedded server on a free loopback port)")]
pub struct Target {
    /// Target profile: where the server is, how to authenticate, what it can do
    #[arg(long, value_name = "PROFILE.yaml", conflicts_with_all = ["ws", "rest", "appkey"])]
    pub target: Option<PathBuf>,
    /// Chat endpoint: http(s)://HOST/ws is SockJS, ws(s)://HOST/websocket is raw WebSocket
    #[arg(long, value_name = "URL", requires = "rest", requires = "appkey")]
    pub ws: Option<String>,
    /// REST endpoint, such as https://a1.easemob.com
    #[arg(long, value_name = "URL", requires = "ws")]
    pub rest: Option<String>,
    /// The app: ORG#APP
    #[arg(long, value_name = "ORG#APP", requires = "ws")]
    pub appkey: Option<String>,
    /// SDK generation that the clients play: 3.6.3, 4.0.8 or 4.21.1 [default: what the URL speaks, else 3.6.3]
    #[arg(long, value_name = "VERSION")]
    pub generation: Option<Generation>,
    /// Trust the certificates in this PEM file instead of the system's
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}
