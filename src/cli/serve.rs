//! `chatproof serve`: the embedded server, for people who write clients.

use std::{fmt::Write, io, net::SocketAddr, path::PathBuf, thread};

use clap::Args;
use serde_json::json;
use tokio::sync::oneshot;

use super::{
    exit::Exit,
    output::{self, Output},
    process::block_on,
    world,
};
use crate::server::{
    front::{Addresses, Exposure, Options, Server, StartError, TlsFiles},
    world::{FaultSwitch, WorldFile},
};

/// Run the embedded chat server, for people who write clients
///
/// REST, SockJS and raw WebSocket share one port. Everything is kept in memory and forgotten when
/// the server stops. Without --world it serves the demo world: users alice, bob, carol and dave,
/// each with password 1, a group and a chat room.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Address and port; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7070", value_parser = parse_address)]
    listen: SocketAddr,
    /// World file: users, groups, rooms, filters, limits
    #[arg(long, value_name = "FILE")]
    world: Option<PathBuf>,
    /// Switch on a named defect (`chatproof list faults`); only on a loopback address
    #[arg(long = "fault", value_name = "NAME[=N]")]
    faults: Vec<FaultSwitch>,
    /// What the world's ids and tokens follow from [default: random]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// PEM file with the certificate chain: serve https and wss
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// PEM file with the certificate's private key
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Listen on an address that other machines can reach
    #[arg(long)]
    allow_remote: bool,
    /// Stop when standard input is closed, so that a parent process never leaves the server behind
    #[arg(long)]
    until_stdin_closes: bool,
}

const EXAMPLES: &str = "\
Examples:
  chatproof serve                          the demo world on 127.0.0.1:7070
  chatproof serve --listen 127.0.0.1:0 --json
  chatproof serve --world my-world.yaml
  chatproof serve --fault no-notice=3      broken on purpose: every third notice is not sent
  chatproof serve --tls-cert cert.pem --tls-key key.pem

With --json the first line on stdout is
  {\"event\":\"listening\",\"rest\":…,\"sockjs\":…,\"websocket\":…,\"appkey\":…}
(and \"faults\" if there are any)

Ctrl-C and SIGTERM stop the server: clients are told, and the exit code is 0.";

/// Runs the command.
pub(super) fn run(arguments: Arguments, output: &Output) -> Exit {
    match Plan::new(arguments) {
        Ok(plan) => block_on(plan.serve(output)),
        Err(exit) => exit,
    }
}

fn parse_address(typed: &str) -> Result<SocketAddr, String> {
    let numeric = match typed.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => typed.to_owned(),
    };
    numeric
        .parse()
        .map_err(|_| "expected an IP address and a port, such as 127.0.0.1:7070 or [::1]:0".to_owned())
}

/// What is to be served, with every file read.
struct Plan {
    options: Options,
    origin: Origin,
    stdin: Stdin,
}

/// Where the world comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Origin {
    /// It is the demo world, whose passwords everyone knows.
    Demo,
    File,
}

/// What the end of standard input means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stdin {
    Ignored,
    StopsTheServer,
}

impl Plan {
    fn new(arguments: Arguments) -> Result<Self, Exit> {
        let Arguments { listen, world, faults, seed, tls_cert, tls_key, allow_remote, until_stdin_closes } =
            arguments;
        let (file, origin) = match world {
            Some(path) => (world::open(&path)?, Origin::File),
            None => (WorldFile::demo(), Origin::Demo),
        };
        let mut options = Options::new(listen, file);
        options.faults = faults;
        if let Some(seed) = seed {
            options.seed = seed;
        }
        if allow_remote {
            options.exposure = Exposure::Remote;
        }
        options.tls = tls_cert.zip(tls_key).map(|(certificate, key)| TlsFiles { certificate, key });
        let stdin = if until_stdin_closes { Stdin::StopsTheServer } else { Stdin::Ignored };
        Ok(Self { options, origin, stdin })
    }

    async fn serve(self, output: &Output) -> Exit {
        let Self { options, origin, stdin } = self;
        let screen = Screen::new(&options.world, &options.faults, origin);
        // Before anyone learns that the server is up, so that no signal is missed.
        let end = match End::listen(stdin) {
            Ok(end) => end,
            Err(error) => return Exit::Unreachable.because("listen for signals", &error),
        };
        let running = match Server::start(options).await {
            Ok(running) => running,
            Err(error) => return refuse_start(&error),
        };
        let text =
            if output.json { screen.line(running.addresses()) } else { screen.text(running.addresses()) };
        let shown = output::print(&text);
        if shown == Exit::Good {
            end.come().await;
        }
        running.stop().await;
        if output.json { output::print("{\"event\":\"stopped\"}\n") } else { shown }
    }
}

fn refuse_start(error: &StartError) -> Exit {
    match error {
        StartError::NotLoopback { .. } => {
            Exit::Usage.because("start the server", error).saying("add --allow-remote if that is meant")
        }
        StartError::Tls { .. } | StartError::FaultyAbroad { .. } => {
            Exit::Usage.because("start the server", error)
        }
        StartError::Bind { .. } if error.is_address_taken() => Exit::Unreachable
            .because("start the server", error)
            .saying("--listen 127.0.0.1:0 picks a free port"),
        StartError::Bind { .. } => Exit::Unreachable.because("start the server", error),
    }
}

/// What is shown once the server is up.
struct Screen {
    world: String,
    app_key: String,
    users: Vec<String>,
    faults: Vec<String>,
    origin: Origin,
}

/// More users than this are counted, not named.
const USERS_NAMED: usize = 8;

impl Screen {
    fn new(world: &WorldFile, faults: &[FaultSwitch], origin: Origin) -> Self {
        Self {
            world: world.name().to_owned(),
            app_key: world.app_key().to_owned(),
            users: world.users().map(|(name, _)| name.to_owned()).collect(),
            faults: faults.iter().map(ToString::to_string).collect(),
            origin,
        }
    }

    fn line(&self, addresses: &Addresses) -> String {
        let Addresses { rest, sockjs, websocket, .. } = addresses;
        let mut line = json!({
            "event": "listening",
            "rest": rest,
            "sockjs": sockjs,
            "websocket": websocket,
            "appkey": self.app_key,
        });
        if !self.faults.is_empty() {
            line["faults"] = json!(self.faults);
        }
        format!("{line}\n")
    }

    fn text(&self, addresses: &Addresses) -> String {
        let Addresses { rest, sockjs, websocket, .. } = addresses;
        let mut users = self.users.iter().take(USERS_NAMED).cloned().collect::<Vec<_>>().join(", ");
        if self.users.len() > USERS_NAMED {
            // Writing to a string cannot fail.
            let _ = write!(users, " and {} more", self.users.len() - USERS_NAMED);
        }
        let (hint, password) = match self.origin {
            Origin::Demo => (" (password of each: 1)", "1"),
            Origin::File => ("", "PASSWORD"),
        };
        let faults = match &self.faults[..] {
            [] => String::new(),
            faults => format!("  faults     {}: this server is broken on purpose\n", faults.join(", ")),
        };
        let user = self.users.first().map_or("NAME", String::as_str);
        let path = self.app_key.replacen('#', "/", 1);
        format!(
            "Serving the world {world:?}, in memory, until Ctrl-C.\n\n  \
               appkey     {app_key}\n  \
               REST       {rest}\n  \
               SockJS     {sockjs}         `url` of SDK 3.x to 4.8\n  \
               WebSocket  {websocket}    `url` of SDK 4.21\n  \
               users      {users}{hint}\n{faults}\n\
             Try it:\n  \
               curl -H 'Content-Type: application/json' \\\n    \
                 -d '{{\"grant_type\":\"password\",\"username\":\"{user}\",\"password\":\"{password}\"}}' \\\n    \
                 {rest}/{path}/token\n",
            world = self.world,
            app_key = self.app_key,
        )
    }
}

/// What ends the server from outside.
struct End {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    stdin_closed: oneshot::Receiver<()>,
}

impl End {
    #[cfg(unix)]
    fn listen(stdin: Stdin) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            stdin_closed: watch_stdin(stdin),
        })
    }

    #[cfg(not(unix))]
    fn listen(stdin: Stdin) -> io::Result<Self> {
        Ok(Self { stdin_closed: watch_stdin(stdin) })
    }

    #[cfg(unix)]
    async fn come(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            Ok(()) = self.stdin_closed => {}
        }
    }

    #[cfg(not(unix))]
    async fn come(self) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            Ok(()) = self.stdin_closed => {}
        }
    }
}

/// Tells when standard input has ended; never, if it is ignored. A thread reads it, because
/// the runtime would wait for a read of its own when it shuts down.
fn watch_stdin(stdin: Stdin) -> oneshot::Receiver<()> {
    let (closed, told) = oneshot::channel();
    if stdin == Stdin::StopsTheServer {
        thread::spawn(move || {
            // An input that cannot be read is closed too.
            drop(io::copy(&mut io::stdin().lock(), &mut io::sink()));
            // Nobody listens once the server has stopped for another reason.
            let _ = closed.send(());
        });
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo() -> Screen {
        Screen::new(&WorldFile::demo(), &[], Origin::Demo)
    }

    fn addresses() -> Addresses {
        Addresses {
            socket: "127.0.0.1:7070".parse().unwrap(),
            rest: "http://127.0.0.1:7070".to_owned(),
            sockjs: "http://127.0.0.1:7070/ws".to_owned(),
            websocket: "ws://127.0.0.1:7070/websocket".to_owned(),
        }
    }

    #[test]
    fn localhost_is_understood_and_other_names_are_not() {
        assert_eq!(parse_address("localhost:80"), Ok("127.0.0.1:80".parse().unwrap()));
        assert_eq!(parse_address("[::1]:0"), Ok("[::1]:0".parse().unwrap()));
        for typed in ["example.org:80", "127.0.0.1", "7070", "localhost:port", ""] {
            assert!(parse_address(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn the_start_screen_tells_a_newcomer_what_to_type() {
        insta::assert_snapshot!(demo().text(&addresses()), @r#"
        Serving the world "demo", in memory, until Ctrl-C.

          appkey     easemob-demo#chatdemoui
          REST       http://127.0.0.1:7070
          SockJS     http://127.0.0.1:7070/ws         `url` of SDK 3.x to 4.8
          WebSocket  ws://127.0.0.1:7070/websocket    `url` of SDK 4.21
          users      alice, bob, carol, dave (password of each: 1)

        Try it:
          curl -H 'Content-Type: application/json' \
            -d '{"grant_type":"password","username":"alice","password":"1"}' \
            http://127.0.0.1:7070/easemob-demo/chatdemoui/token
        "#);
    }

    #[test]
    fn the_json_line_has_its_promised_keys_in_order() {
        assert_eq!(
            demo().line(&addresses()),
            concat!(
                r#"{"event":"listening","rest":"http://127.0.0.1:7070","sockjs":"http://127.0.0.1:7070/ws","#,
                r#""websocket":"ws://127.0.0.1:7070/websocket","appkey":"easemob-demo#chatdemoui"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn faults_are_named_on_the_screen_and_in_the_line() {
        let faults = ["no-notice=3".parse().unwrap(), "sync-unsorted".parse().unwrap()];
        let screen = Screen::new(&WorldFile::demo(), &faults, Origin::Demo);
        let text = screen.text(&addresses());
        let said = "  faults     no-notice=3, sync-unsorted: this server is broken on purpose\n";
        assert!(text.contains(said), "{text}");
        let line = screen.line(&addresses());
        assert!(line.ends_with(",\"faults\":[\"no-notice=3\",\"sync-unsorted\"]}\n"), "{line}");
    }

    #[test]
    fn a_world_of_ones_own_shows_no_password() {
        let text = "world: mine\nappkey: a#b\nusers:\n  - {name: zoe, password: hunter2}\n";
        let world = WorldFile::parse("mine.yaml", text).unwrap();
        let shown = Screen::new(&world, &[], Origin::File).text(&addresses());
        assert!(shown.contains("zoe") && !shown.contains("hunter2"), "{shown}");
    }
}
