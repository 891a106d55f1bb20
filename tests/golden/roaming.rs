//! Histories and session lists: what each SDK was recorded to ask for, and what it read of the answers.

use chatproof::protocol::{
    downlink::{self, roamed},
    generation::Generation,
    message::{Api, ChatType},
    roaming::{Order, Page, Request},
    session_list::{self, Deletion, Part, Roaming},
};
use serde_json::Value;

use super::fixture::{cases, text};

/// Where the REST server of the 3.6.3 recordings was.
const RECORDED_AT: &str = "http://127.0.0.1:18363";

/// The calls to a path that the SDK of a generation was recorded to make: case, body, answer.
fn recorded(generation: Generation, path_end: &str) -> Vec<(String, Value, Value)> {
    let mut calls = Vec::new();
    for case in cases(generation.version(), "rest") {
        let name = text(&case, "name").to_owned();
        let (requests, path) = match &case["requests"] {
            Value::Array(requests) => (requests.clone(), "url"),
            _ => (case["rest"].as_array().cloned().unwrap_or_default(), "path"),
        };
        for request in requests.iter().filter(|request| text(request, path).ends_with(path_end)) {
            let answer = match &case["reply"]["body"] {
                Value::Null => request["response"].clone(),
                body => body.clone(),
            };
            calls.push((name.clone(), request["body"].clone(), answer));
        }
    }
    calls
}

#[test]
fn requests_for_a_page_are_those_of_the_sdk_to_the_byte() {
    let mut compared = 0;
    for generation in Generation::ALL {
        for (name, recorded, _) in recorded(generation, "/messageroaming") {
            // A browser's preflight has no body.
            let Some(recorded) = recorded.as_str() else { continue };
            let body: Value = serde_json::from_str(recorded).unwrap();
            let queue = text(&body, "queue");
            let (with, domain) = queue.rsplit_once('@').unwrap();
            let request = Request {
                api: if body["pull_number"].is_null() { Api::Old } else { Api::New },
                chat_type: if domain == "easemob.com" { ChatType::Single } else { ChatType::Group },
                with,
                start: body["start"].as_str(),
                size: body["pull_number"].as_u64().unwrap_or(20).try_into().unwrap(),
                order: if body["is_positive"] == true { Order::Down } else { Order::Up },
            };
            assert_eq!(request.body(generation).to_string(), recorded, "{generation} {name}");
            compared += 1;
        }
    }
    assert!(compared > 35, "{compared}");
}

#[test]
fn pages_are_read_as_the_sdk_reads_them() {
    let mut compared = 0;
    for case in cases("3.6.3", "rest").iter().filter(|case| text(case, "name").starts_with("history/")) {
        let (name, reply) = (text(case, "name"), &case["reply"]["body"]);
        let requests = case["requests"].as_array().map_or(0, Vec::len);
        let promised =
            case["callbacks"].as_array().unwrap().iter().find(|back| back["ev"] == "success[history]");
        let (Some(promised), Ok(page), 1) = (promised, Page::read(reply), requests) else { continue };
        let mut view = downlink::Page::new(Generation::V3_6_3, "alice");
        view.api_url = RECORDED_AT.into();
        let read = roamed(&view, &page.metas);
        let ours: Vec<String> =
            read.messages.iter().rev().map(|event| event.id().unwrap().to_string()).collect();
        let genuine: Vec<&str> =
            promised["args"][0].as_array().unwrap().iter().map(|message| text(message, "id")).collect();
        assert_eq!(ours, genuine, "{name}");
        for (ours, genuine) in read.messages.iter().rev().zip(promised["args"][0].as_array().unwrap()) {
            for (key, value) in ours.args()[0].as_object().unwrap() {
                // What the client knows of its token is not shown.
                if let Some(genuine) = genuine.get(key).filter(|_| key != "accessToken") {
                    assert_eq!(value, genuine, "{name}: {key}");
                }
            }
        }
        compared += 1;
    }
    assert!(compared > 5, "{compared}");
}

#[test]
fn what_is_no_page_says_why() {
    for (name, answer, problem) in [
        ("no data", "{}", "no `data`"),
        ("no messages", r#"{"data": {"is_last": true}}"#, "no `data.msgs`"),
        ("no end", r#"{"data": {"msgs": []}}"#, "no `data.is_last`"),
        (
            "no base64",
            r#"{"data": {"msgs": [{"msg": "="}], "is_last": true}}"#,
            "entry 0 of `data.msgs` is not the base64 of a Meta",
        ),
    ] {
        let answer = serde_json::from_str(answer).unwrap();
        assert_eq!(Page::read(&answer).unwrap_err().to_string(), problem, "{name}");
    }
}

#[test]
fn session_lists_are_asked_for_read_and_shortened_as_the_sdk_does() {
    for generation in Generation::ALL {
        let lists = recorded(generation, "/user_channels");
        assert!(!lists.is_empty(), "{generation}");
        for (name, _, answer) in
            lists.iter().filter(|(_, _, answer)| !answer["data"]["channel_infos"].is_null())
        {
            let list = session_list::read("easemob-demo#chatdemoui", answer).unwrap();
            let names: Vec<&str> = list.iter().map(|session| session.name.as_str()).collect();
            assert_eq!(names, ["bob", "93734273351681"], "{generation} {name}");
        }
    }
    assert_eq!(Part::Whole.path(0), "/user_channels");
    let page = Part::Page { number: 1, size: 20 }.path(1_640_995_221_000);
    assert_eq!(page, "/user_channels/page?pageNum=1&pageSize=20&_v=1640995221000");
    for (generation, path) in [
        (Generation::V4_0_8, "/users/alice/user_channel"),
        (Generation::V4_21_1, "/user/alice/user_channel?resource=webim_web_1640995200000"),
    ] {
        assert_eq!(Deletion::path(generation, "alice", "webim_web_1640995200000"), path);
        let bodies = recorded(generation, "/user_channel").into_iter().map(|(_, body, _)| body);
        let ours =
            [("bob", ChatType::Single, Roaming::Deleted), ("93734273351681", ChatType::Group, Roaming::Kept)]
                .map(|(channel, chat_type, roaming)| {
                    Deletion { channel, chat_type, roaming }.body().to_string()
                });
        assert_eq!(bodies.collect::<Vec<_>>(), ours, "{generation}");
    }
}
