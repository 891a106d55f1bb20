//! One page with the genuine SDK: a Node process that takes commands and tells events
//! (`client.mjs`), and what the tests ask of it.

use std::{
    collections::VecDeque,
    fs::{self, File},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use chatproof::protocol::generation::{Generation, Wire};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::serve::Serving;

/// Longest wait for one event. The SDK itself repeats a lost fetch after 10 s.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longest wait for npm, which may have to fetch four packages.
const INSTALLATION: Duration = Duration::from_secs(180);

const PREREQUISITE: &str = "the tests with the genuine SDK need Node.js 20 or later, with npm, on the PATH";

/// A folder of this repository, with the npm packages that its lock file names.
///
/// They are installed unless that has been done. Test processes take turns.
pub(super) async fn installed(folder: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
    let turn = File::create(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("interop.lock")).unwrap();
    turn.lock().unwrap();
    let wanted = fs::read_to_string(folder.join("package-lock.json")).unwrap();
    let stamp = folder.join("node_modules/.installed-from");
    if fs::read_to_string(&stamp).is_ok_and(|done| done == wanted) {
        return folder;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts"]).current_dir(&folder).stdin(Stdio::null()).kill_on_drop(true);
    let installation = timeout(INSTALLATION, npm.output()).await;
    let output = installation
        .unwrap_or_else(|_| panic!("npm ci in {} took longer than {INSTALLATION:?}", folder.display()))
        .unwrap_or_else(|error| panic!("{PREREQUISITE}: failed to run npm: {error}"));
    assert!(
        output.status.success(),
        "npm ci failed in {}; it needs a package registry with easemob-websdk and ws:\n{}",
        folder.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    fs::write(stamp, wanted).unwrap();
    folder
}

/// A page of one user.
pub(super) struct Page {
    events: Lines<BufReader<ChildStdout>>,
    commands: ChildStdin,
    /// Told, but not asked for so far.
    told: VecDeque<(String, Value)>,
    _process: Child,
}

impl Page {
    /// A page that has loaded the SDK of that generation and not logged in.
    pub(super) async fn start(serving: &Serving, generation: Generation) -> Self {
        let url = match generation.wire() {
            Wire::SockJs => serving.url("sockjs"),
            Wire::Raw => serving.url("websocket"),
        };
        let mut process = Command::new("node")
            .arg(installed("tests/interop").await.join("client.mjs"))
            .arg(format!("easemob-websdk-{}", generation.version()))
            .args([serving.url("appkey"), url, serving.url("rest")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What the SDK logs helps only whoever looks into a failure.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{PREREQUISITE}: failed to run node: {error}"));
        let commands = process.stdin.take().unwrap();
        let events = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { events, commands, told: VecDeque::new(), _process: process }
    }

    /// A page on SDK 3.6.3 that has logged in with a user of the demo world.
    pub(super) async fn open(serving: &Serving, user: &str) -> Self {
        Self::open_with(serving, user, Generation::V3_6_3).await
    }

    /// A page that has logged in with a user of the demo world.
    pub(super) async fn open_with(serving: &Serving, user: &str, generation: Generation) -> Self {
        let mut page = Self::start(serving, generation).await;
        page.tell(&json!({"do": "open", "user": user, "pwd": "1"})).await;
        page.expect("onOpened").await;
        page
    }

    /// Gives one command.
    pub(super) async fn tell(&mut self, command: &Value) {
        self.commands.write_all(format!("{command}\n").as_bytes()).await.unwrap();
    }

    /// The argument of the next event of that name; events of other names are kept for later.
    pub(super) async fn expect(&mut self, name: &str) -> Value {
        self.expect_any(&[name]).await.1
    }

    async fn expect_any(&mut self, names: &[&str]) -> (String, Value) {
        if let Some(at) = self.told.iter().position(|(told, _)| names.contains(&told.as_str())) {
            return self.told.remove(at).unwrap();
        }
        loop {
            let Ok(line) = timeout(PATIENCE, self.events.next_line()).await else {
                panic!("no {names:?} within {PATIENCE:?}; the page told {:#?}", self.told);
            };
            let line = line.unwrap().unwrap_or_else(|| {
                panic!("the page ended before {names:?}; it told {:#?} ({PREREQUISITE})", self.told)
            });
            let mut event: Value = serde_json::from_str(&line).unwrap();
            let told = event["event"].as_str().unwrap().to_owned();
            let argument = event["argument"].take();
            assert!(told != "uncaught" && told != "unhandled", "the SDK failed: {argument}");
            if names.contains(&told.as_str()) {
                return (told, argument);
            }
            self.told.push_back((told, argument));
        }
    }

    /// Sends a message that the server accepts: the local id and the server's.
    pub(super) async fn send(&mut self, message: &Value) -> Value {
        self.tell(message).await;
        match self.expect_any(&["success", "fail", "onMutedMessage"]).await {
            (told, argument) if told == "success" => argument,
            (told, argument) => panic!("{message} ended in {told} {argument}"),
        }
    }

    /// Sends a message that the server refuses: the SDK's code.
    pub(super) async fn refused(&mut self, message: &Value) -> i64 {
        self.tell(message).await;
        match self.expect_any(&["success", "fail", "onMutedMessage"]).await {
            (told, argument) if told == "fail" => argument["type"].as_i64().unwrap(),
            (told, argument) => panic!("{message} ended in {told} {argument}"),
        }
    }

    /// Calls a method of the SDK's connection: what it promised.
    pub(super) async fn call(&mut self, method: &str, argument: Value) -> Value {
        self.tell(&json!({"do": "call", "method": method, "argument": argument})).await;
        match self.expect_any(&["called", "uncalled"]).await {
            (told, answer) if told == "called" => answer,
            (_, error) => panic!("{method}({argument}) failed: {error}"),
        }
    }

    /// Makes a REST call as the page's user: the body of the answer.
    pub(super) async fn rest(&mut self, method: &str, path: &str, body: Value) -> Value {
        let mut command = json!({"do": "rest", "method": method, "path": path});
        if !body.is_null() {
            command["body"] = body;
        }
        self.tell(&command).await;
        let mut answer = self.expect("answered").await;
        assert_eq!(answer["status"], 200, "{command} was answered with {answer}");
        answer["body"].take()
    }
}
