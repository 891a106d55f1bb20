//! `chatproof run` against a server that a profile describes: what it tells scenarios, who may
//! register, two runs side by side, and what stays behind.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use chatproof::{
    client::{Clock, Method, Network, Patience, Target, Trust},
    protocol::secret::Secret,
    server::{
        front::{Options, Running, Server},
        world::WorldFile,
    },
};
use serde_json::Value;
use tempfile::TempDir;

/// A server, and a folder with a profile of it.
struct Stage {
    server: Running,
    folder: TempDir,
    runtime: tokio::runtime::Runtime,
}

/// What an app with its credentials may do.
const CREDENTIALS: [(&str, &str); 2] =
    [("CHATPROOF_CLIENT_ID", "demo-client"), ("CHATPROOF_CLIENT_SECRET", "demo-secret")];

impl Stage {
    fn new(more_of_the_profile: &str) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let options = Options::new(([127, 0, 0, 1], 0).into(), WorldFile::demo());
        let server = runtime.block_on(Server::start(options)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let places = server.addresses();
        let profile = format!(
            "target: the demo\nrest: {}\nsockjs: {}\nwebsocket: {}\nappkey: easemob-demo#chatdemoui\n\
             users: users.yaml\n{more_of_the_profile}",
            places.rest, places.sockjs, places.websocket
        );
        fs::write(folder.path().join("target.yaml"), profile).unwrap();
        fs::write(folder.path().join("users.yaml"), "alice: '1'\nbob: '1'\n").unwrap();
        Self { server, folder, runtime }
    }

    fn write(&self, scenario: &str) {
        fs::write(self.folder.path().join("it.yaml"), scenario).unwrap();
    }

    fn command(&self, variables: &[(&str, &str)], out: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chatproof"));
        command
            .args(["run", "it.yaml", "--target", "target.yaml", "--out", out])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env_remove("CHATPROOF_TOKEN")
            .env_remove("CHATPROOF_CLIENT_ID")
            .env_remove("CHATPROOF_CLIENT_SECRET")
            .envs(variables.iter().copied());
        command
    }

    fn run(&self, variables: &[(&str, &str)]) -> (Option<i32>, String) {
        let output = self.command(variables, "out").output().unwrap();
        told(&output)
    }

    /// What one REST call of the app is answered.
    fn ask(&self, path: &str) -> Value {
        let places = self.server.addresses();
        let target = Target {
            endpoint: places.websocket.parse().unwrap(),
            rest: places.rest.clone(),
            app_key: "easemob-demo#chatdemoui".to_owned(),
            trust: Trust::System,
            patience: Patience::default(),
        };
        let network = Network::new(target, Clock::start()).unwrap();
        self.runtime.block_on(async {
            let rest = network.rest();
            let (token, _) = rest.app_token("demo-client", &Secret::new("demo-secret")).await.unwrap();
            rest.call(Method::GET, path, Some(&token), None).await.unwrap().body
        })
    }

    /// The names of all chat rooms.
    fn rooms(&self) -> Vec<String> {
        let rooms = self.ask("/chatrooms?limit=100");
        let rooms = rooms["data"].as_array().unwrap();
        rooms.iter().map(|room| room["name"].as_str().unwrap().to_owned()).collect()
    }
}

fn told(output: &Output) -> (Option<i32>, String) {
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

fn users_of(history: &Path) -> Vec<String> {
    let bytes = zstd::decode_all(fs::File::open(history).unwrap()).unwrap();
    let mut names = Vec::new();
    for line in String::from_utf8(bytes).unwrap().lines() {
        for word in line.split('"').filter(|word| word.starts_with("cp-")) {
            names.push(word.to_owned());
        }
    }
    names.sort();
    names.dedup();
    names
}

const ROOM: &str = "scenario: room\nrequires: [room]\nactors: {owner: 1, guest: 1}\n\
                    world: {rooms: {lobby: {owner: owner, members: [guest]}}}\nsteps:\n";

#[test]
fn a_profile_tells_scenarios_the_words_and_numbers_of_its_target() {
    let stage = Stage::new("words: {sensitive: SENSITIVE}\nnumbers: {recall_window: 2m}\n");
    stage.write(
        "scenario: words\nactors: {alice: 1, bob: 1}\nsteps:\n\
         - alice: {send: {to: bob, msg: \"a {{ target.words.sensitive }} text\"}, refused: 501}\n\
         - check: target.recall_window == 120\n",
    );
    let (code, said) = stage.run(&[]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn what_the_profile_does_not_tell_makes_a_scenario_not_testable() {
    let stage = Stage::new("");
    stage.write(
        "scenario: words\nactors: {alice: 1, bob: 1}\nsteps:\n\
         - alice: {send: {to: bob, msg: \"{{ target.words.external }}\"}, refused: 502}\n",
    );
    let (code, said) = stage.run(&[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("does not tell words.external"), "{said}");
}

#[test]
fn where_nobody_registers_only_accounts_of_the_users_file_play() {
    let stage = Stage::new("registration: none\n");
    let steps = "steps:\n- alice: {send: {to: bob, msg: hi}}\n- bob: {expect: onTextMessage, text: hi}\n";
    stage.write(&format!("scenario: made\nactors: {{alice: 1, bob: 1}}\n{steps}"));
    let (code, said) = stage.run(&CREDENTIALS);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("nobody registers accounts"), "{said}");
    stage.write(&format!("scenario: known\nactors: {{alice: {{user: alice}}, bob: {{user: bob}}}}\n{steps}"));
    let (code, said) = stage.run(&[]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn where_the_app_registers_its_credentials_are_needed() {
    let stage = Stage::new("registration: app\n");
    stage.write("scenario: made\nactors: {alice: 1, bob: 1}\nsteps:\n- alice: {send: {to: bob, msg: hi}}\n");
    let (code, said) = stage.run(&[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("credentials are not known"), "{said}");
    let (code, said) = stage.run(&CREDENTIALS);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_set_up_that_fails_says_what_to_do() {
    let stage = Stage::new("");
    stage.write(&format!("{ROOM}- owner: {{send: {{to: lobby, msg: hi}}}}\n"));
    let wrong = [CREDENTIALS[0], ("CHATPROOF_CLIENT_SECRET", "unheard-of")];
    let stale = [("CHATPROOF_TOKEN", "stale-and-long-gone")];
    for (variables, code, advice) in [
        (&[][..], 2, "may need the app's credentials: set CHATPROOF_CLIENT_ID with CHATPROOF_CLIENT_SECRET"),
        (
            &wrong[..],
            4,
            "are CHATPROOF_CLIENT_ID and CHATPROOF_CLIENT_SECRET those of the target's `appkey`?",
        ),
        (&stale[..], 4, "is CHATPROOF_TOKEN an app token of the target's `appkey`"),
        (&CREDENTIALS[..1], 3, "CHATPROOF_CLIENT_ID is set and CHATPROOF_CLIENT_SECRET is not"),
    ] {
        let (exit, said) = stage.run(variables);
        assert_eq!(exit, Some(code), "{said}");
        assert!(said.contains(advice), "{said}");
        assert!(!said.contains("unheard-of") && !said.contains("stale"), "{said}");
    }
    fs::write(stage.folder.path().join("users.yaml"), "alice: wrong\n").unwrap();
    stage.write("scenario: known\nactors: {alice: {user: alice}}\nsteps:\n- alice: logout\n");
    let (exit, said) = stage.run(&[]);
    assert_eq!(exit, Some(4), "{said}");
    assert!(said.contains("is this the account's password?"), "{said}");
    let profile = stage.folder.path().join("target.yaml");
    let text = fs::read_to_string(&profile).unwrap();
    fs::write(&profile, text.replace("#chatdemoui", "#elsewhere")).unwrap();
    stage.write("scenario: made\nactors: {alice: 1}\nsteps:\n- alice: logout\n");
    let (exit, said) = stage.run(&[]);
    assert_eq!(exit, Some(4), "{said}");
    assert!(said.contains("is the `appkey` right?"), "{said}");
}

#[test]
fn a_profile_with_mistakes_shows_all_of_them_with_their_places_and_is_3() {
    let stage = Stage::new("capabilities: [flying]\nnumbers: {devices: many}\n");
    stage.write("scenario: x\nactors: {a: 1}\nsteps:\n- a: logout\n");
    let (code, said) = stage.run(&[]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("target.yaml:7:16") && said.contains("target.yaml:8:20"), "{said}");
}

#[test]
fn a_failed_run_takes_away_what_it_made() {
    let stage = Stage::new("");
    let before = stage.rooms();
    stage.write(&format!("{ROOM}- owner: {{expect: onTextMessage, within: 50ms}}\n"));
    let (code, said) = stage.run(&CREDENTIALS);
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(stage.rooms(), before);
    let users = users_of(&stage.folder.path().join("out/history.jsonl.zst"));
    assert_eq!(users.len(), 2, "{users:?}");
    for user in users {
        assert_eq!(stage.ask(&format!("/users/{user}"))["error"], "service_resource_not_found", "{user}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_takes_away_what_it_made() {
    let stage = Stage::new("");
    let before = stage.rooms();
    stage.write(&format!("{ROOM}- pause: 50s\n"));
    let mut run = stage.command(&CREDENTIALS, "out").stdout(Stdio::null()).spawn().unwrap();
    wait_until(|| stage.rooms().len() > before.len());
    let made = stage.rooms().into_iter().find(|room| !before.contains(room)).unwrap();
    assert!(made.starts_with("cp-") && made.ends_with("-0-lobby"), "{made}");
    interrupt(&run);
    assert_eq!(run.wait().unwrap().code(), Some(130));
    assert_eq!(stage.rooms(), before);
}

#[test]
fn two_runs_at_once_do_not_meet() {
    let stage = Stage::new("");
    let before = stage.rooms();
    stage.write(&format!(
        "{ROOM}- repeat:\n    times: 20\n    as: number\n    steps:\n\
         \x20     - owner: {{send: {{to: lobby, msg: \"{{{{ run.id }}}} {{{{ number }}}}\"}}}}\n\
         \x20     - guest: {{expect: onTextMessage, text: \"{{{{ run.id }}}} {{{{ number }}}}\"}}\n\
         \x20     - guest: {{never: onTextMessage}}\n"
    ));
    let runs: Vec<Child> = ["one", "two"]
        .map(|out| stage.command(&CREDENTIALS, out).stdout(Stdio::piped()).spawn().unwrap())
        .into();
    for run in runs {
        let output = run.wait_with_output().unwrap();
        let (code, said) = told(&output);
        assert_eq!(code, Some(0), "{said}");
    }
    let users = |out: &str| users_of(&stage.folder.path().join(out).join("history.jsonl.zst"));
    let (one, two) = (users("one"), users("two"));
    assert_eq!((one.len(), two.len()), (2, 2), "{one:?} {two:?}");
    assert!(one.iter().all(|user| !two.contains(user)), "{one:?} {two:?}");
    assert_eq!(stage.rooms(), before);
}

/// Looks again and again, for at most half a minute.
#[cfg(unix)]
fn wait_until(mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it did not come true");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(unix)]
fn interrupt(run: &Child) {
    let sent = Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap();
    assert!(sent.success());
}
