//! `chatproof decode` as a person runs it: every recorded SockJS frame, and what is broken.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use chatproof::protocol::sockjs;
use serde_json::Value;

fn decode(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_chatproof"))
        .arg("decode")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    // A command that refuses its arguments does not read.
    drop(writer.join().unwrap());
    output
}

fn lines(output: &Output) -> Vec<Value> {
    let text = str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_recorded_uplink_frame_is_shown_without_a_remark() {
    let mut frames = String::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/golden/3.6.3");
    for entry in fs::read_dir(folder).unwrap() {
        for line in fs::read_to_string(entry.unwrap().path()).unwrap().lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            if let Some(text) = case["sockjs_text"].as_str() {
                frames.push_str(text);
                frames.push('\n');
            }
        }
    }
    let output = decode(&["--format", "sockjs"], frames.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let trees = lines(&output);
    assert_eq!(trees.len(), frames.lines().count());
    assert!(trees.len() > 100, "{}", trees.len());
    for tree in trees {
        let text = tree.to_string();
        for key in ["\"remarks\":", "\"unknown\":", "\"earlier\":"] {
            assert!(!text.contains(key), "{text}");
        }
    }
}

#[test]
fn a_broken_frame_stands_in_its_place_and_the_exit_code_says_so() {
    let output = decode(&[], b"CABAAVgA\n[\"CA==\"]\nCABAAVgA\n");
    assert_eq!(output.status.code(), Some(1));
    let lines = lines(&output);
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0], lines[2]);
    assert_eq!(lines[1]["offset"], 1);
}

#[test]
fn tokens_are_hidden_on_demand() {
    let token = b"$t$YWMt-very-secret";
    let login = sockjs::client_frame(&[&[0x1a, token.len() as u8][..], token, &[0x40, 3]].concat());
    let hidden = decode(&["--redact"], login.as_bytes());
    assert_eq!(lines(&hidden)[0]["auth"], "<secret>");
    let shown = decode(&[], login.as_bytes());
    assert_eq!(lines(&shown)[0]["auth"], "$t$YWMt-very-secret");
}

#[test]
fn a_file_that_is_not_there_is_a_mistake_in_usage() {
    let output = decode(&["no/such/file"], b"");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no/such/file"));
}
