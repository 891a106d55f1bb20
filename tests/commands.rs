//! The binary as a shell sees it: exit codes, streams and output that other tools read.

use std::{
    io::Read,
    process::{Command, Output, Stdio},
};

fn chatproof(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chatproof"))
        .args(arguments)
        .stdin(Stdio::null())
        .env_remove("CHATPROOF_LOG")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn help_and_version_are_success_and_wrong_usage_is_3() {
    for (arguments, code) in [
        (vec!["--help"], 0),
        (vec!["--version"], 0),
        (vec!["run", "--help"], 0),
        (vec!["help", "serve"], 0),
        (vec![], 3),
        (vec!["dance"], 3),
        (vec!["run"], 3),
        (vec!["list", "--no-such-flag", "scenarios"], 3),
        (vec!["list", "songs"], 3),
        (vec!["run", "tour", "--generation", "9.9.9"], 3),
        (vec!["run", "tour", "--ws", "http://127.0.0.1:1/ws"], 3),
        (vec!["-q", "-v", "list", "metrics"], 3),
    ] {
        let output = chatproof(&arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
        assert_eq!(output.stdout.is_empty(), code != 0, "{arguments:?} writes to the wrong stream");
    }
}

#[test]
fn a_bad_scenario_is_3_with_all_its_mistakes_on_stderr() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.yaml");
    std::fs::write(
        &path,
        "scenario: bad\nactors: {alice: 1}\nsteps:\n  - alise: logout\n  - alice: {sned: x}\n",
    )
    .unwrap();
    let output = chatproof(&["run", path.to_str().unwrap()]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("bad.yaml:4:5") && said.contains("did you mean `alice`?"), "{said}");
    assert!(said.contains("bad.yaml:5:13") && said.contains("did you mean `send`?"), "{said}");
    assert!(said.ends_with(&format!("chatproof: 2 mistakes in {}\n", path.display())), "{said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_scenario_that_does_not_exist_is_3() {
    let output = chatproof(&["run", "no-such-scenario.yaml"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("failed to read no-such-scenario.yaml"));
}

#[test]
fn a_reader_that_goes_away_is_success() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_chatproof"))
        .arg("schema")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

#[test]
fn lists_are_one_json_object_a_line() {
    for subject in ["scenarios", "cases", "faults", "checkers", "metrics", "capabilities"] {
        let output = chatproof(&["list", subject, "--json"]);
        assert_eq!(output.status.code(), Some(0));
        for line in text(&output.stdout).lines() {
            let object: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(object["name"].is_string() && object["about"].is_string(), "{line}");
        }
    }
}

#[test]
fn every_shell_has_completions_that_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = chatproof(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains("completions"), "{shell}");
    }
}

#[test]
fn manual_pages_are_written_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let output = chatproof(&["man", "--dir", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for page in ["chatproof.1", "chatproof-run.1", "chatproof-serve.1"] {
        assert!(std::fs::read_to_string(folder.path().join(page)).unwrap().contains(".TH"), "{page}");
    }
    let page = text(&chatproof(&["man"]).stdout);
    assert!(page.contains("130"), "the manual page names the exit codes");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_not_success() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let schema = Command::new(env!("CARGO_BIN_EXE_chatproof")).arg("schema").stdout(full).output().unwrap();
    assert_eq!(schema.status.code(), Some(4));
    assert!(text(&schema.stderr).contains("failed to write the output"));
}
