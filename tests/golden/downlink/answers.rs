//! Every recorded answer of a server, with what the sender's callbacks and promise were given.

use chatproof::protocol::{downlink::Page, event::Call, generation::Generation, refusal};
use serde_json::Value;

use super::{
    expected::{self, Differences},
    player::{Kind, Player, Sent, via},
};
use crate::golden::fixture::{base64, cases, text};

const GROUP: &str = "93734273351681";

fn recorded_endings(case: &Value) -> Vec<(String, String)> {
    case["outcome"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ending| match ending.get("callback") {
            Some(name) => (name.as_str().unwrap().to_owned(), expected::arguments(&ending["args"])),
            None => {
                let (how, mut value) = (text(ending, "promise"), ending["value"].clone());
                if how == "resolve" {
                    // 4.21.1 also resolves with the message that was sent, which no answer carries.
                    value.as_object_mut().unwrap().remove("message");
                }
                (how.to_owned(), Value::Array(vec![value]).to_string())
            }
        })
        .collect()
}

fn check_answers(generation: Generation) {
    let folder = generation.version();
    let cases = cases(folder, "errors");
    assert_eq!(cases.len(), 165);
    let mut differences = Differences::default();
    let answers = cases.iter().filter(|case| !text(case, "name").starts_with("provision/"));
    assert_eq!(answers.clone().count(), 144);
    for case in answers {
        let name = text(case, "name");
        let frame = base64(text(case, "protobuf_base64"));
        let id = case["decoded"]["payload"]["metaId"].as_str().unwrap().parse().unwrap();
        let mut player = Player::new(Page::new(generation, "alice"), "");
        if !name.contains("unknown-metaId") {
            let kind = if case["input"]["mode"] == "recall" { Kind::Recall } else { Kind::Message };
            player.sent(id, Sent { to: GROUP.to_owned(), kind });
        }
        let times = if case["input"]["repeat"] == true { 2 } else { 1 };
        let mut made = Vec::new();
        for _ in 0..times {
            made.extend(player.turn(std::slice::from_ref(&frame)));
        }
        let endings: Vec<_> = player
            .endings
            .iter()
            .map(|ending| (ending.how.to_owned(), Value::Array(ending.args.clone()).to_string()))
            .collect();
        differences.check(name, endings, recorded_endings(case));
        differences.check(name, calls(&made), recorded_calls(case, |_| true));
    }
}

#[test]
fn every_recorded_answer_ends_a_send_as_in_4_0_8() {
    check_answers(Generation::V4_0_8);
}

#[test]
fn every_recorded_answer_ends_a_send_as_in_4_21_1() {
    check_answers(Generation::V4_21_1);
}

/// Recordings of a refused login that hold another frame than the answer to PROVISION: what the
/// server sent last was its answer to UNREAD.
const WRONG_FRAME: [(&str, &str); 1] = [("4.0.8", "provision/code-1")];

/// Calls that no frame causes: `open` resolves or rejects for the session.
const OF_THE_SESSION: &str = "open";

#[test]
fn every_recorded_answer_to_provision_calls_the_page_back() {
    for generation in [Generation::V4_0_8, Generation::V4_21_1] {
        let folder = generation.version();
        let mut differences = Differences::default();
        let cases = cases(folder, "errors");
        let provisions: Vec<_> =
            cases.iter().filter(|case| text(case, "name").starts_with("provision/")).collect();
        assert_eq!(provisions.len(), 21);
        for case in provisions {
            let name = text(case, "name");
            let frame = base64(text(case, "protobuf_base64"));
            let status = case["input"]["errorCode"].as_i64().unwrap();
            let recorded = recorded_calls(case, |via| via != OF_THE_SESSION);
            if WRONG_FRAME.contains(&(folder, name)) {
                let error = refusal::login_error(generation, status.try_into().unwrap(), "").unwrap();
                let start = format!(r#"[{{"type":{},"message":"{}","#, error.code, error.message);
                assert!(recorded.len() == 1 && recorded[0].2.starts_with(&start), "{folder} {name}");
                continue;
            }
            let mut player = Player::new(Page::new(generation, "alice"), "");
            differences.check(name, calls(&player.turn(&[frame])), recorded);
        }
    }
}

fn calls(made: &[Call]) -> Vec<(&'static str, String, String)> {
    made.iter()
        .map(|call| (via(call), call.name.to_owned(), Value::Array(call.args.clone()).to_string()))
        .collect()
}

fn recorded_calls(case: &Value, wanted: impl Fn(&str) -> bool) -> Vec<(&str, String, String)> {
    let handlers = case["handlers"].as_array().unwrap();
    handlers
        .iter()
        .filter(|call| wanted(text(call, "via")))
        .map(|call| (text(call, "via"), text(call, "handler").to_owned(), expected::arguments(&call["args"])))
        .collect()
}
