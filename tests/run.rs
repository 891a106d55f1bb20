//! `chatproof run` as a shell sees it: verdicts, exit codes, what a failure says, what stays behind.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

const TWO: &str = "scenario: two\nactors: {alice: 1, bob: 1}\nsteps:\n";

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatproof"));
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env_remove("CHATPROOF_LOG")
        .env_remove("CHATPROOF_TOKEN")
        .env_remove("CHATPROOF_CLIENT_ID");
    command
}

/// A folder with one scenario in it.
fn with_scenario(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("it.yaml"), text).unwrap();
    folder
}

/// Runs the scenario `it.yaml` of the folder into `out`.
fn run(folder: &TempDir, more: &[&str]) -> (Output, String) {
    let arguments = [&["run", "it.yaml", "--out", "out"], more].concat();
    let output = command(folder.path(), &arguments).output().unwrap();
    let said = String::from_utf8(output.stdout.clone()).unwrap();
    (output, said)
}

fn summary(folder: &TempDir) -> Value {
    let text = fs::read_to_string(folder.path().join("out/summary.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn history(folder: &TempDir) -> Vec<Value> {
    let file = fs::File::open(folder.path().join("out/history.jsonl.zst")).unwrap();
    let lines = BufReader::new(zstd::stream::read::Decoder::new(file).unwrap()).lines();
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
}

#[test]
fn a_conversation_that_goes_as_written_is_0_and_leaves_a_whole_report() {
    let folder = with_scenario(&format!(
        "{TWO}- alice: {{send: {{to: bob, msg: hi}}, as: hi}}\n\
         - bob: {{expect: onTextMessage, from: alice, where: event.id == hi.mid}}\n\
         - bob: {{send: {{to: alice, msg: ANTISPAM}}, refused: 501}}\nthresholds: [errors == 0]\n"
    ));
    let (output, said) = run(&folder, &["--seed", "7"]);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("pass  two") && said.contains("send.txt") && said.contains("C01 no-loss"),
        "{said}"
    );

    let summary = summary(&folder);
    assert_eq!((&summary["verdict"], &summary["exit_code"]), (&"pass".into(), &0.into()));
    assert_eq!((&summary["seed"], &summary["generation"]), (&7.into(), &"3.6.3".into()));
    assert_eq!(summary["counts"]["pass"], 1);
    assert_eq!(summary["cases"][0]["id"], "two");
    let no_loss = &summary["checkers"][0];
    assert_eq!((&no_loss["id"], &no_loss["verdict"]), (&"C01".into(), &"valid".into()));
    for metric in ["connect", "login", "send.txt", "deliver.txt"] {
        assert!(summary["metrics"][metric]["p99_us"].as_u64().unwrap() > 0, "{metric}");
    }

    let history = history(&folder);
    assert_eq!(history[0]["scenario"], "two");
    let count = |event: &str| history.iter().filter(|line| line["event"] == event).count();
    assert_eq!((count("recv") >= 1, count("fail")), (true, 1));
}

#[test]
fn a_missed_expectation_is_1_and_says_where_what_and_how_to_see_it_again() {
    let folder = with_scenario(&format!(
        "{TWO}- alice: {{send: {{to: bob, msg: hello}}}}\n\
         - bob: {{expect: onTextMessage, text: good bye, within: 100ms}}\n"
    ));
    let (output, said) = run(&folder, &[]);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in ["it.yaml:5:3", "good bye", "also seen", "hello", "chatproof run it.yaml --seed"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    assert_eq!(summary(&folder)["cases"][0]["verdict"], "fail");
}

#[test]
fn a_refusal_that_does_not_come_is_1() {
    let folder = with_scenario(&format!("{TWO}- alice: {{send: {{to: bob, msg: fine}}, refused: 603}}\n"));
    let (output, said) = run(&folder, &[]);
    assert_eq!(output.status.code(), Some(1), "{said}");
}

#[test]
fn an_absence_is_proved_without_waiting_and_a_presence_is_caught() {
    let script = |listener: &str| {
        format!(
            "scenario: two\nactors: {{alice: 1, bob: 1, carol: 1}}\nsteps:\n\
             - alice: {{send: {{to: bob, msg: psst}}, as: psst}}\n\
             - {listener}: {{never: onTextMessage, where: event.id == psst.mid, within: 20s}}\n"
        )
    };
    let folder = with_scenario(&script("carol"));
    let begun = Instant::now();
    let (output, said) = run(&folder, &[]);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(10), "it waited instead of proving");

    let (output, said) = run(&with_scenario(&script("bob")), &[]);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("psst"), "{said}");
}

#[test]
fn every_line_of_json_is_an_object_and_the_last_one_is_the_summary() {
    let folder = with_scenario(&format!("{TWO}- alice: {{send: {{to: bob, msg: hi}}}}\n"));
    let (output, said) = run(&folder, &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["event"], "run-started");
    assert!(lines.iter().any(|line| line["event"] == "step-ended" && line["line"] == 4));
    let last = lines.last().unwrap();
    assert_eq!((&last["event"], &last["verdict"]), (&"summary".into(), &"pass".into()));
}

#[test]
fn a_load_in_a_folder_of_its_own_is_judged_as_well() {
    let folder = with_scenario(&format!(
        "{}- alice: {{send: {{to: bob, msg: 'n {{{{ iteration }}}}'}}, as: sent}}\n\
         - bob: {{expect: onTextMessage, where: event.id == sent.mid}}\n\
         load: {{model: closed, casts: 4, iterations: 25}}\n",
        TWO.replace("scenario: two", "scenario: load/two")
    ));
    let output = command(folder.path(), &["run", "it.yaml"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let reports: Vec<_> =
        fs::read_dir(folder.path().join("reports")).unwrap().map(|one| one.unwrap()).collect();
    assert_eq!(reports.len(), 1);
    let name = reports[0].file_name().into_string().unwrap();
    assert!(name.ends_with("Z-load-two") && name.len() == "2026-11-24T08-07-04Z-load-two".len(), "{name}");
    let text = fs::read_to_string(reports[0].path().join("summary.json")).unwrap();
    let summary: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(summary["metrics"]["conversations"]["count"], 100);
    assert!(summary["checkers"][0]["obligations"].as_u64().unwrap() >= 100);
}

#[test]
fn no_token_or_password_is_in_anything_that_a_run_writes() {
    // The script itself fetches a token and fails in a way that shows the answer.
    let folder = with_scenario(&format!(
        "{TWO}- rest: {{method: POST, path: /token, auth: none, body: {{grant_type: client_credentials, \
         client_id: demo-client, client_secret: demo-secret}}}}\n  as: answer\n\
         - check: answer.body.access_token == 'x'\n"
    ));
    for more in [&["-vvv"][..], &["-vvv", "--json"]] {
        let (output, said) = run(&folder, more);
        assert_eq!(output.status.code(), Some(1), "{said}");
        let logged = String::from_utf8(output.stderr).unwrap();
        let kept = summary(&folder).to_string();
        let recorded: String = history(&folder).iter().map(ToString::to_string).collect();
        assert!(kept.contains("<secret>"), "the answer's token is missed: {kept}");
        for text in [said, logged, kept, recorded] {
            for secret in ["YWMt", "demo-secret", "$t$"] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
    }
}

#[test]
fn a_dead_target_is_4_in_seconds() {
    // Bound and never listened to for long: nobody else gets the port meanwhile.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (ws, rest) = (format!("http://127.0.0.1:{port}/ws"), format!("http://127.0.0.1:{port}"));
    let folder = with_scenario(&format!("{TWO}- alice: {{send: {{to: bob, msg: hi}}}}\n"));
    let begun = Instant::now();
    let (output, said) = run(&folder, &["--ws", &ws, "--rest", &rest, "--appkey", "org#app"]);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("cannot reach the REST server"), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(15));
    let summary = summary(&folder);
    assert_eq!((&summary["verdict"], &summary["exit_code"]), (&"not-testable".into(), &4.into()));
}

#[test]
fn a_generation_that_does_not_travel_that_way_is_3() {
    let folder = with_scenario(&format!("{TWO}- alice: logout\n"));
    let target = ["--ws", "ws://127.0.0.1:1/websocket", "--rest", "http://127.0.0.1:1", "--appkey", "o#a"];
    let (output, _) = run(&folder, &[&target[..], &["--generation", "3.6.3"]].concat());
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8(output.stderr).unwrap().contains("raw WebSocket"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_is_130_and_reports_what_it_has() {
    for signal in ["-INT", "-TERM"] {
        let folder = with_scenario(&format!("{TWO}- alice: {{send: {{to: bob, msg: hi}}}}\n- pause: 50s\n"));
        let mut child = command(folder.path(), &["run", "it.yaml", "--out", "out", "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // The pause has begun once its step is told.
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut lines = lines.skip_while(|line| !line.contains("pause 50s"));
        assert!(lines.next().is_some());
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        // Reading on keeps the pipe from filling; it ends with the process.
        assert!(lines.last().unwrap().contains("\"summary\""));
        assert_eq!(child.wait().unwrap().code(), Some(130));
        let summary = summary(&folder);
        assert_eq!((&summary["exit_code"], &summary["partial"]), (&130.into(), &true.into()));
        assert!(history(&folder).iter().any(|line| line["event"] == "recv"));
    }
}

#[cfg(unix)]
#[test]
fn too_few_descriptors_for_both_sides_put_the_server_into_a_process_of_its_own() {
    let folder = with_scenario(
        "scenario: many\nactors:\n  one: 1\n  other: {count: 60}\nsteps:\n\
         - one: {send: {to: 'other[0]', msg: hi}}\n- 'other[0]': {expect: onTextMessage, text: hi}\n",
    );
    // 61 clients and what a process needs besides fit into 200 open files, both sides do not.
    let output = command(folder.path(), &[])
        .get_program()
        .to_str()
        .map(|program| {
            Command::new("sh")
                .args(["-c", "ulimit -n 200; exec \"$0\" run it.yaml --out out", program])
                .current_dir(folder.path())
                .output()
                .unwrap()
        })
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn several_scenarios_make_one_report_which_a_later_run_replaces() {
    let folder = with_scenario(&format!("{TWO}- alice: {{send: {{to: bob, msg: hi}}}}\n"));
    fs::write(
        folder.path().join("worse.yaml"),
        format!(
            "{}- alice: {{send: {{to: bob, msg: hi}}, refused: 602}}\n",
            TWO.replace("scenario: two", "scenario: worse")
        ),
    )
    .unwrap();
    let (output, said) = run(&folder, &["worse.yaml"]);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let (failed, passed) = (said.find("fail  worse").unwrap(), said.find("pass  two").unwrap());
    assert!(failed < passed, "what failed comes first: {said}");
    let both = summary(&folder);
    assert_eq!((&both["counts"]["pass"], &both["counts"]["fail"]), (&1.into(), &1.into()));
    let heads = |history: &[Value]| history.iter().filter(|line| !line["history"].is_null()).count();
    assert_eq!(heads(&history(&folder)), 2);

    let (output, said) = run(&folder, &[]);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!((summary(&folder)["cases"].as_array().unwrap().len(), heads(&history(&folder))), (1, 1));
}

#[test]
fn the_embedded_server_serves_the_world_that_the_command_line_names() {
    let folder = with_scenario(&format!(
        "{TWO}- alice: {{send: {{to: bob, msg: a rude word}}, refused: 502}}\n\
         - alice: {{send: {{to: bob, msg: SENSITIVE}}}}\n"
    ));
    let world = "world: strict\nappkey: acme#chat\nopen_registration: true\n\
                 filters:\n  - {contains: rude, status: 19, reason: custom logic denied}\n";
    fs::write(folder.path().join("strict.yaml"), world).unwrap();
    let (output, said) = run(&folder, &["--world", "strict.yaml"]);
    assert_eq!(output.status.code(), Some(0), "{said}");

    fs::write(folder.path().join("strict.yaml"), "world: strict\napkey: acme#chat\n").unwrap();
    let (output, _) = run(&folder, &["--world", "strict.yaml"]);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("strict.yaml:2:1") && said.contains("apkey"), "{said}");
}
