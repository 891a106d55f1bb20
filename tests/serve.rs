//! `chatproof serve` as a process: what it prints, what ends it, and with which exit code.

use std::{
    io::{BufRead, BufReader, Read, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
};

use chatproof::server::world::WorldFile;
use serde_json::Value;

fn serve(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatproof"));
    command.arg("serve").args(arguments);
    command
}

fn refused(arguments: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = serve(arguments).output().unwrap();
    assert!(stdout.is_empty(), "{stdout:?}");
    (status.code().unwrap(), String::from_utf8(stderr).unwrap())
}

/// A server that stops when the test ends, however it ends.
pub(super) struct Serving {
    child: Child,
    stdout: BufReader<ChildStdout>,
    first_line: Value,
}

impl Serving {
    pub(super) fn start(arguments: &[&str]) -> Self {
        let mut child = serve(&["--json", "--listen", "127.0.0.1:0", "--until-stdin-closes"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        Self { child, stdout, first_line: serde_json::from_str(&line).unwrap() }
    }

    pub(super) fn url(&self, key: &str) -> &str {
        self.first_line[key].as_str().unwrap()
    }

    fn address(&self) -> SocketAddr {
        self.url("rest").rsplit('/').next().unwrap().parse().unwrap()
    }

    fn signal(&self, name: &str) {
        let status =
            Command::new("sh").arg("-c").arg(format!("kill {name} {}", self.child.id())).status().unwrap();
        assert!(status.success());
    }

    fn end(mut self) -> (i32, String) {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code().unwrap(), rest)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A world file that is gone when the test ends.
pub(super) struct World(tempfile::NamedTempFile);

impl World {
    /// The demo world with a line of its file replaced or added.
    pub(super) fn with(line: &str) -> Self {
        let key = line.split(':').next().unwrap();
        let demo = include_str!("../fixtures/worlds/demo.yaml");
        let kept: Vec<&str> = demo.lines().filter(|old| !old.starts_with(key)).collect();
        let mut file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
        write!(file, "{}\n{line}\n", kept.join("\n")).unwrap();
        Self(file)
    }

    pub(super) fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }
}

#[test]
fn the_first_line_says_where_the_server_listens() {
    let serving = Serving::start(&[]);
    let keys: Vec<&String> = serving.first_line.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["event", "rest", "sockjs", "websocket", "appkey"]);
    assert_eq!(serving.url("event"), "listening");
    assert_eq!(serving.url("appkey"), "easemob-demo#chatdemoui");
    let address = serving.address();
    assert_eq!(serving.url("rest"), format!("http://{address}"));
    assert_eq!(serving.url("sockjs"), format!("http://{address}/ws"));
    assert_eq!(serving.url("websocket"), format!("ws://{address}/websocket"));
    TcpStream::connect(address).unwrap();
}

#[test]
fn it_stops_when_its_parent_closes_standard_input() {
    let mut serving = Serving::start(&[]);
    let address = serving.address();
    drop(serving.child.stdin.take());
    assert_eq!(serving.end(), (0, "{\"event\":\"stopped\"}\n".to_owned()));
    TcpStream::connect(address).unwrap_err();
}

#[cfg(unix)]
#[test]
fn signals_stop_it_with_exit_code_0() {
    for signal in ["-INT", "-TERM"] {
        let serving = Serving::start(&[]);
        serving.signal(signal);
        assert_eq!(serving.end().0, 0, "{signal}");
    }
}

#[test]
fn a_world_of_ones_own_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.yaml");
    std::fs::write(&path, "world: mine\nappkey: my-org#my-app\nusers:\n  - {name: zoe, password: hunter2}\n")
        .unwrap();
    let serving = Serving::start(&["--world", path.to_str().unwrap()]);
    assert_eq!(serving.url("appkey"), "my-org#my-app");
}

#[test]
fn a_bad_world_is_shown_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.yaml");
    std::fs::write(&path, "world: mine\nappkey: a#b\nuzers: []\n").unwrap();
    let (code, shown) = refused(&["--world", path.to_str().unwrap()]);
    assert_eq!(code, 3);
    assert!(shown.contains("world.yaml:3:1") && shown.contains("uzers"), "{shown}");
    let (code, shown) = refused(&["--world", "/nowhere/world.yaml"]);
    assert_eq!(code, 3);
    assert!(shown.contains("/nowhere/world.yaml"), "{shown}");
}

#[test]
fn an_address_that_others_can_reach_needs_a_word() {
    let (code, shown) = refused(&["--listen", "0.0.0.0:0"]);
    assert_eq!(code, 3);
    assert!(shown.contains("--allow-remote"), "{shown}");
}

#[test]
fn faults_stay_at_home_and_unknown_ones_are_named() {
    let (code, shown) = refused(&["--listen", "0.0.0.0:0", "--allow-remote", "--fault", "no-notice"]);
    assert_eq!(code, 3);
    assert!(shown.contains("loopback"), "{shown}");
    let (code, shown) = refused(&["--listen", "127.0.0.1:0", "--fault", "ack-twice=3"]);
    assert_eq!(code, 3);
    assert!(shown.contains("\"ack-twice\"") && shown.contains("list faults"), "{shown}");
}

#[test]
fn a_taken_port_is_exit_code_4() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, shown) = refused(&["--listen", &address]);
    assert_eq!(code, 4);
    assert!(shown.contains(&address), "{shown}");
}

#[test]
fn half_of_the_tls_files_is_not_enough() {
    assert_eq!(refused(&["--tls-cert", "cert.pem"]).0, 3);
    let missing = Path::new("/nowhere/cert.pem").to_str().unwrap();
    let (code, shown) = refused(&["--listen", "127.0.0.1:0", "--tls-cert", missing, "--tls-key", missing]);
    assert_eq!(code, 3);
    assert!(shown.contains(missing), "{shown}");
}

/// `docs/server.md`, which these tests hold to the truth.
const MANUAL: &str = include_str!("../docs/server.md");

fn world_of_the_manual() -> &'static str {
    MANUAL.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap()
}

#[test]
fn the_world_in_the_manual_is_a_world() {
    WorldFile::parse("docs/server.md", world_of_the_manual()).unwrap();
}

#[test]
fn the_manual_names_every_key_of_a_world_file() {
    let minimal = "world: x\nappkey: a#b\n";
    for (section, wrong) in [
        ("the file", "nosuchkey: 1".to_owned()),
        ("a group", "groups: [{nosuchkey: 1}]".to_owned()),
        ("a user", "users: [{nosuchkey: 1}]".to_owned()),
        ("a filter", "filters: [{nosuchkey: 1}]".to_owned()),
        ("app_credentials", "app_credentials: {nosuchkey: 1}".to_owned()),
        ("services", "services: {nosuchkey: 1}".to_owned()),
        ("limits", "limits: {nosuchkey: 1}".to_owned()),
        ("choices", "choices: {nosuchkey: 1}".to_owned()),
    ] {
        let error = WorldFile::parse("x.yaml", &format!("{minimal}{wrong}\n")).unwrap_err().to_string();
        let known = error.split("the keys are ").nth(1).unwrap_or_else(|| panic!("{section}: {error}"));
        let known = known.lines().next().unwrap();
        for key in known.split(", ") {
            assert!(
                world_of_the_manual().contains(&format!("{key}:")),
                "{section}: `{key}` is not in the manual"
            );
        }
    }
}

#[test]
fn the_manual_lists_every_word_that_the_demo_world_refuses() {
    let demo: Value = serde_saphyr::from_str(include_str!("../fixtures/worlds/demo.yaml")).unwrap();
    let filters = demo["filters"].as_array().unwrap();
    assert!(filters.len() >= 14);
    for filter in filters {
        let word = format!("`{}`", filter["contains"].as_str().unwrap());
        let row = MANUAL.lines().find(|line| line.starts_with('|') && line.contains(&word));
        let row = row.unwrap_or_else(|| panic!("{word} is not in the manual"));
        let reason = filter["reason"].as_str().unwrap_or("(none)");
        assert!(row.contains(&format!("| {} | {reason} |", filter["status"])), "{word}: {row}");
    }
}
