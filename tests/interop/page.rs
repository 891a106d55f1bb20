//! One page with the genuine SDK: a Node process that takes commands and tells events
//! (`client.mjs`), and what the tests ask of it. Commands that have no method here are given with
//! [`Page::tell`].

use std::{
    collections::{BTreeSet, VecDeque},
    env,
    fs::{self, File},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chatproof::protocol::generation::{Generation, Wire};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use super::ours::until_away;
use crate::serve::Serving;

/// Longest wait for one event. Where the SDK takes the wrong queue for finished it ignores the next
/// notice of that queue, and asks again only with a heartbeat: after 30 s of silence or more.
pub(super) const PATIENCE: Duration = Duration::from_secs(75);
/// Longest wait for npm, which may have to fetch four packages.
const INSTALLATION: Duration = Duration::from_secs(180);

/// Where this variable is set, the log of the SDKs goes to standard error.
const LOG: &str = "CHATPROOF_INTEROP_LOG";
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
    /// Every name that was ever told.
    names: BTreeSet<String>,
    /// Who logged in last.
    user: String,
    _process: Child,
}

impl Page {
    /// A page that has loaded the SDK of that generation and not logged in.
    pub(super) async fn start(serving: &Serving, generation: Generation) -> Self {
        Self::start_with(serving, generation, &json!({})).await
    }

    /// The same with more options of the SDK's connection, such as `{"delivery": true}`.
    pub(super) async fn start_with(serving: &Serving, generation: Generation, options: &Value) -> Self {
        let url = match generation.wire() {
            Wire::SockJs => serving.url("sockjs"),
            Wire::Raw => serving.url("websocket"),
        };
        let mut process = Command::new("node")
            .arg(installed("tests/interop").await.join("client.mjs"))
            .arg(format!("easemob-websdk-{}", generation.version()))
            .args([serving.url("appkey"), url, serving.url("rest"), &options.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What the SDK logs helps only whoever looks into a failure.
            .stderr(if env::var_os(LOG).is_some() { Stdio::inherit() } else { Stdio::null() })
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{PREREQUISITE}: failed to run node: {error}"));
        let commands = process.stdin.take().unwrap();
        let events = BufReader::new(process.stdout.take().unwrap()).lines();
        Self {
            events,
            commands,
            told: VecDeque::new(),
            names: BTreeSet::new(),
            user: String::new(),
            _process: process,
        }
    }

    /// A page on SDK 3.6.3 that has logged in with a user of the demo world.
    pub(super) async fn open(serving: &Serving, user: &str) -> Self {
        Self::open_with(serving, user, Generation::V3_6_3).await
    }

    /// A page that has logged in with a user of the demo world.
    pub(super) async fn open_with(serving: &Serving, user: &str, generation: Generation) -> Self {
        Self::open_configured(serving, user, generation, &json!({})).await
    }

    /// The same with more options of the SDK's connection, such as `{"delivery": true}`.
    pub(super) async fn open_configured(
        serving: &Serving,
        user: &str,
        generation: Generation,
        options: &Value,
    ) -> Self {
        let mut page = Self::start_with(serving, generation, options).await;
        page.tell(&json!({"do": "open", "user": user, "pwd": "1"})).await;
        page.expect("onOpened").await;
        user.clone_into(&mut page.user);
        page
    }

    /// Logs the user out, who has no other page, and waits until the server knows: what is sent then is
    /// for the next login.
    pub(super) async fn leave(&mut self, serving: &Serving) {
        self.tell(&json!({"do": "close"})).await;
        self.expect("onClosed").await;
        until_away(serving, &self.user).await;
    }

    /// Gives one command.
    pub(super) async fn tell(&mut self, command: &Value) {
        self.commands.write_all(format!("{command}\n").as_bytes()).await.unwrap();
    }

    /// The argument of the next event of that name; events of other names are kept for later.
    pub(super) async fn expect(&mut self, name: &str) -> Value {
        self.expect_any(&[name]).await.1
    }

    /// The next event of one of those names, and its argument.
    pub(super) async fn expect_any(&mut self, names: &[&str]) -> (String, Value) {
        self.expect_where(&format!("{names:?}"), |told, _| names.contains(&told)).await
    }

    /// The argument of the next event of that name whose argument has these values in it; other
    /// events are kept for later.
    pub(super) async fn expect_with(&mut self, name: &str, values: Value) -> Value {
        let values = values.as_object().unwrap().clone();
        let fits = |told: &str, argument: &Value| {
            told == name && values.iter().all(|(key, value)| argument[key] == *value)
        };
        self.expect_where(&format!("{name} with {values:?}"), fits).await.1
    }

    async fn expect_where(&mut self, wanted: &str, fits: impl Fn(&str, &Value) -> bool) -> (String, Value) {
        if let Some(at) = self.told.iter().position(|(told, argument)| fits(told, argument)) {
            return self.told.remove(at).unwrap();
        }
        loop {
            let Ok(line) = timeout(PATIENCE, self.events.next_line()).await else {
                panic!("no {wanted} within {PATIENCE:?}; the page told {:#?}", self.told);
            };
            let line = line.unwrap().unwrap_or_else(|| {
                panic!("the page ended before {wanted}; it told {:#?} ({PREREQUISITE})", self.told)
            });
            let mut event: Value = serde_json::from_str(&line).unwrap();
            let told = event["event"].as_str().unwrap().to_owned();
            let argument = event["argument"].take();
            self.names.insert(told.clone());
            assert!(
                !["uncaught", "unhandled", "thrown"].contains(&told.as_str()) || fits(&told, &argument),
                "the SDK failed while {wanted} was awaited: {argument}"
            );
            if fits(&told, &argument) {
                return (told, argument);
            }
            self.told.push_back((told, argument));
        }
    }

    /// The arguments of what was told under that name and not asked for so far, in order. It waits
    /// for nothing: what must not come is looked for after something that comes later.
    pub(super) fn heard(&self, name: &str) -> Vec<&Value> {
        self.told.iter().filter(|(told, _)| told == name).map(|(_, argument)| argument).collect()
    }

    /// The names of all events that the page has told so far, asked for or not.
    pub(super) const fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// Forgets what was told and not asked for.
    pub(super) fn forget(&mut self) {
        self.told.clear();
    }

    /// Sends a message that the server accepts: the local id and the server's.
    pub(super) async fn send(&mut self, message: &Value) -> Value {
        match self.ended(message).await {
            (told, argument) if told == "success" => argument,
            (told, argument) => panic!("{message} ended in {told} {argument}"),
        }
    }

    /// Sends a message that the server refuses: the SDK's code.
    pub(super) async fn refused(&mut self, message: &Value) -> i64 {
        match self.ended(message).await {
            (told, argument) if told == "fail" => argument["type"].as_i64().unwrap(),
            (told, argument) => panic!("{message} ended in {told} {argument}"),
        }
    }

    /// Sends a message: which of `success`, `fail` and `onMutedMessage` the SDK calls, with what.
    pub(super) async fn ended(&mut self, message: &Value) -> (String, Value) {
        self.tell(message).await;
        self.expect_any(&["success", "fail", "onMutedMessage"]).await
    }

    /// Calls a method of the SDK's connection with one argument, or none if it is null: what it
    /// promised. REST methods promise the body of the answer.
    pub(super) async fn call(&mut self, method: &str, argument: Value) -> Value {
        match self.called(&json!({"method": method, "argument": argument})).await {
            Ok(answer) => answer,
            Err(error) => panic!("{method}({argument}) failed: {error}"),
        }
    }

    /// The same with any number of arguments.
    pub(super) async fn call_with(&mut self, method: &str, arguments: &[Value]) -> Value {
        match self.called(&json!({"method": method, "arguments": arguments})).await {
            Ok(answer) => answer,
            Err(error) => panic!("{method}({arguments:?}) failed: {error}"),
        }
    }

    /// Calls a method that fails: what the promise is rejected with, `{"thrown": …}` if the SDK throws.
    pub(super) async fn call_refused(&mut self, method: &str, argument: Value) -> Value {
        match self.called(&json!({"method": method, "argument": argument})).await {
            Ok(answer) => panic!("{method}({argument}) gave {answer}"),
            Err(error) => error,
        }
    }

    /// The command `call` of `client.mjs`, with its keys.
    pub(super) async fn called(&mut self, call: &Value) -> Result<Value, Value> {
        let mut command = call.clone();
        command["do"] = "call".into();
        self.tell(&command).await;
        match self.expect_any(&["called", "uncalled"]).await {
            (told, answer) if told == "called" => Ok(answer),
            (_, error) => Err(error),
        }
    }

    /// Makes a REST call as the page's user, which succeeds: the body of the answer.
    pub(super) async fn rest(&mut self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.rest_answer(method, path, body).await;
        assert_eq!(status, 200, "{method} {path} was answered with {answer}");
        answer
    }

    /// Makes a REST call as the page's user: status and body of the answer.
    pub(super) async fn rest_answer(&mut self, method: &str, path: &str, body: Value) -> (u64, Value) {
        let mut command = json!({"do": "rest", "method": method, "path": path});
        if !body.is_null() {
            command["body"] = body;
        }
        self.tell(&command).await;
        let mut answer = self.expect("answered").await;
        (answer["status"].as_u64().unwrap(), answer["body"].take())
    }

    /// Uploads as the document's mini-program does: status and body of the answer.
    pub(super) async fn upload(&mut self, file: &Value) -> (u64, Value) {
        self.tell(&json!({"do": "upload", "file": file})).await;
        let mut answer = self.expect("uploaded").await;
        (answer["status"].as_u64().unwrap(), answer["body"].take())
    }

    /// Downloads with the SDK, which succeeds: the bytes.
    pub(super) async fn download(&mut self, url: &str, secret: Option<&str>) -> Vec<u8> {
        self.tell(&json!({"do": "download", "url": url, "secret": secret})).await;
        let downloaded = self.expect_any(&["onFileDownloadComplete", "onFileDownloadError"]).await;
        let (told, argument) = downloaded;
        assert_eq!(told, "onFileDownloadComplete", "{url}: {argument}");
        BASE64_STANDARD.decode(argument["base64"].as_str().unwrap()).unwrap()
    }

    /// A property of the SDK's connection, such as `mr_cache`.
    pub(super) async fn property(&mut self, name: &str) -> Value {
        self.tell(&json!({"do": "property", "name": name})).await;
        self.expect("property").await
    }

    /// Sets a property of the SDK's connection.
    pub(super) async fn set_property(&mut self, name: &str, value: Value) {
        self.tell(&json!({"do": "property", "name": name, "value": value})).await;
        self.expect("property").await;
    }
}
