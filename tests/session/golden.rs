//! Every recorded conversation of the genuine SDKs, played with our session.

use std::fs;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use chatproof::{
    protocol::{
        downlink::Delivery,
        generation::{Generation, Wire},
    },
    session::{Answer, LoginFailure, Output},
};
use serde_json::Value;

use super::transcript::{Client, Line, Uplink, config, login_answer, masked, play, sockjs};

/// Recordings that cannot be played here, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("login/appKey-not-given-to-constructor", "the app key is given twice, which a harness never does"),
    ("sync/dedupe-window-101", "the recording is shortened; seen.rs and the property tests prove the window"),
];

fn cases(generation: &str, file: &str) -> Vec<Value> {
    let path = format!("{}/fixtures/golden/{generation}/{file}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The lines of a recording of 3.6.3.
fn transcript(case: &Value) -> Vec<Line> {
    let mut lines = Vec::new();
    for entry in case["transcript"].as_array().unwrap() {
        let open = lines.iter().rev().find_map(|line| match line {
            Line::Opened => Some(true),
            Line::Closed => Some(false),
            _ => None,
        });
        let open = open.unwrap_or(false);
        let text = entry["text"].as_str().unwrap_or_default();
        match entry["who"].as_str().unwrap() {
            // A second `o` closes the connection.
            "server" if text == "o" && open => lines.push(Line::Closed),
            "server" if text == "o" => lines.push(Line::Opened),
            "server" if text.starts_with('c') => lines.push(Line::Closed),
            "server" => lines.extend(sockjs(text).into_iter().map(Line::Down)),
            "client" if entry.get("ws_closed").is_some() => lines.push(Line::Closed),
            "client" => lines.extend(sockjs(text).into_iter().map(Line::Up)),
            "lab" if entry["note"] == "send while down" => lines.push(Line::SendWhileDown),
            _ => {}
        }
    }
    lines
}

/// How often the SDK called the page back on a handler.
fn callbacks(case: &Value, handler: &str) -> usize {
    let entries = case["transcript"].as_array().unwrap();
    entries.iter().filter(|entry| entry["who"] == "sdk-callback" && entry["ev"] == handler).count()
}

#[test]
fn the_session_says_what_3_6_3_says_in_every_recording() {
    let (mut played, mut compared, mut left_out, mut without_connection) = (0, 0, 0, 0);
    for file in ["login", "sync", "transport"] {
        for case in cases("3.6.3", file) {
            let name = case["name"].as_str().unwrap();
            let lines = transcript(&case);
            if LEFT_OUT.iter().any(|(left, _)| *left == name) {
                left_out += 1;
            } else if !lines.iter().any(|line| matches!(line, Line::Up(_))) {
                without_connection += 1;
            } else {
                let outcome = play(name, config(Generation::V3_6_3, &lines), &lines);
                let opened = outcome.outputs.iter().filter(|output| matches!(output, Output::Opened { .. }));
                assert_eq!(opened.count(), callbacks(&case, "onOpened"), "{name}");
                let accepted = outcome.outputs.iter().filter(|output| {
                    matches!(output, Output::Answered { answer: Answer::Accepted { .. }, .. })
                });
                assert_eq!(accepted.count(), callbacks(&case, "onReceivedMessage"), "{name}");
                played += 1;
                compared += outcome.compared;
            }
        }
    }
    assert_eq!((played, compared, left_out, without_connection), (64, 302, 2, 13));
}

/// The lines of a recording of 4.x.
fn wire(case: &Value) -> Vec<Line> {
    let mut lines = Vec::new();
    for entry in case["wire"].as_array().unwrap() {
        let frames = || match entry["frame"].as_str().unwrap_or_default() {
            text if text.starts_with(['a', '[']) => sockjs(text),
            raw => vec![Bytes::from(BASE64_STANDARD.decode(raw).unwrap())],
        };
        match entry["ev"].as_str().unwrap() {
            "open" => lines.push(Line::Opened),
            "close" => lines.push(Line::Closed),
            "down" => lines.extend(frames().into_iter().map(Line::Down)),
            "up" => lines.extend(frames().into_iter().filter(|frame| !is_junk(frame)).map(Line::Up)),
            _ if entry["mark"] == "send while down" => lines.push(Line::SendWhileDown),
            _ => {}
        }
    }
    lines
}

/// What 4.0.8 makes of a message that was sent while the socket was down: a frame without an id.
fn is_junk(frame: &Bytes) -> bool {
    Uplink::read(frame).sync.meta.is_some_and(|meta| meta.id.is_none())
}

#[test]
fn the_session_says_what_4_x_says_in_every_recording() {
    for (generation, expected) in [(Generation::V4_0_8, (7, 252)), (Generation::V4_21_1, (7, 253))] {
        let (mut played, mut compared) = (0, 0);
        for case in cases(generation.version(), "session") {
            let lines = wire(&case);
            let outcome = play(case["name"].as_str().unwrap(), config(generation, &lines), &lines);
            played += 1;
            compared += outcome.compared;
        }
        assert_eq!((played, compared), expected, "{generation}");
    }
}

/// What the SDK of this generation sends while a recorded case of `downlink` comes in.
fn sequence(generation: Generation, case: &Value) -> Vec<Line> {
    let mut lines = Vec::new();
    for entry in case["sequence"].as_array().unwrap() {
        let text = entry["frame"].as_str().unwrap_or_default();
        let frames = match generation.wire() {
            Wire::SockJs => sockjs(text),
            // A text where bytes are expected: the SDK makes an empty array of it.
            Wire::Raw => vec![BASE64_STANDARD.decode(text).map(Bytes::from).unwrap_or_default()],
        };
        match entry["dir"].as_str().unwrap() {
            "down" => lines.extend(frames.into_iter().map(Line::Down)),
            "up" => lines.extend(frames.into_iter().map(|frame| Line::Up(masked(&frame)))),
            _ => lines.push(Line::Closed),
        }
    }
    lines
}

/// The cases that end a connection: the recording begins anew before and after each.
const ENDINGS: [&str; 5] = [
    "frame/sockjs-close",
    "statistic/op-1-USER_REMOVED",
    "statistic/op-2-USER_LOGIN_ANOTHER_DEVICE",
    "statistic/op-3-USER_KICKED_BY_CHANGE_PASSWORD",
    "statistic/op-4-USER_KICKED_BY_OTHER_DEVICE",
];

#[test]
fn the_session_answers_what_4_x_answers_to_every_recorded_frame() {
    for (generation, expected) in [(Generation::V4_0_8, (133, 138)), (Generation::V4_21_1, (133, 36))] {
        let (mut played, mut compared) = (0, 0);
        for delivery in [Delivery::Off, Delivery::AsSdk] {
            let mut client = Client::new(generation, delivery);
            let mut ended = false;
            for case in cases(generation.version(), "downlink") {
                let name = case["name"].as_str().unwrap();
                if name.starts_with("delivery-on") == (delivery == Delivery::AsSdk) {
                    let ends = ENDINGS.contains(&name);
                    if ends || ended {
                        client = Client::new(generation, delivery);
                    }
                    ended = ends;
                    let lines = sequence(generation, &case);
                    compared += client.answer(&format!("{generation} {name}"), &lines);
                    played += 1;
                }
            }
        }
        assert_eq!((played, compared), expected, "{generation}");
    }
}

#[test]
fn a_login_is_refused_with_the_number_that_4_x_shows_for_every_status() {
    for generation in [Generation::V4_0_8, Generation::V4_21_1] {
        let mut compared = 0;
        for case in cases(generation.version(), "errors") {
            let name = case["name"].as_str().unwrap();
            if !name.starts_with("provision/") {
                continue;
            }
            let code = i32::try_from(case["input"]["errorCode"].as_i64().unwrap()).unwrap();
            let reason = case["input"]["reason"].as_str().unwrap();
            let handlers = case["handlers"].as_array().unwrap();
            let shown = handlers
                .iter()
                .find(|called| called["handler"] == "onError")
                .map(|called| called["args"][0]["type"].as_i64().unwrap());
            let outputs = login_answer(generation, code, reason);
            let got = outputs.iter().find_map(|output| match output {
                Output::LoginFailed(LoginFailure::Refused { code, .. }) => Some(i64::from(*code)),
                _ => None,
            });
            assert_eq!(got, shown, "{generation} {name}");
            let opened = outputs.iter().any(|output| matches!(output, Output::Opened { .. }));
            assert_eq!(opened, shown.is_none(), "{generation} {name}");
            compared += 1;
        }
        assert_eq!(compared, 21, "{generation}");
    }
}
