//! `chatproof encode`, the command itself, on the recorded messages.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::{page::Page, page_3_6_3, page_4};

/// What the command prints for these lines, and its exit code.
fn encode(generation: &str, lines: &str) -> (Vec<Value>, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatproof"))
        .args(["encode", "--generation", generation])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = command.stdin.take().unwrap();
    let lines = lines.to_owned();
    // From a thread of its own: the command answers while it still reads.
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = command.wait_with_output().unwrap();
    writer.join().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let answers = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (answers, output.status.code().unwrap())
}

fn agrees(generation: &str, recorded: impl Iterator<Item = (Page, Vec<u8>)>) -> usize {
    // A line cannot carry undefined or NaN.
    let (pages, frames): (Vec<_>, Vec<_>) = recorded.filter(|(page, _)| page.extra.is_empty()).unzip();
    let lines: String =
        pages.iter().map(|page| Value::Object(page.line.clone()).to_string() + "\n").collect();
    let (answers, code) = encode(generation, &lines);
    assert_eq!((answers.len(), code), (frames.len(), 0));
    for ((answer, frame), page) in answers.iter().zip(&frames).zip(&pages) {
        let base64 = STANDARD.encode(frame);
        assert_eq!(answer["protobuf_base64"], *base64, "{:?}", page.line);
        match generation {
            "4.21.1" => assert!(answer["sockjs_text"].is_null()),
            _ => assert_eq!(answer["sockjs_text"], format!("[\"{base64}\"]")),
        }
    }
    frames.len()
}

#[test]
fn the_command_encodes_every_recorded_line() {
    assert_eq!(agrees("3.6.3", page_3_6_3::recorded()), 105);
    assert_eq!(agrees("4.0.8", page_4::recorded("4.0.8")), 93);
    assert_eq!(agrees("4.21.1", page_4::recorded("4.21.1")), 93);
}

#[test]
fn a_refused_line_is_answered_in_its_place_and_ends_in_exit_code_1() {
    let line = r#"{"type":"channel","id":1,"to":"bob"}"#;
    let (answers, code) = encode("3.6.3", &format!("{line}\n{{}}\n{line}\n"));
    assert_eq!(answers[1]["error"], "\"type\" is missing");
    assert_eq!(answers[0], answers[2]);
    assert_eq!(code, 1);
}
