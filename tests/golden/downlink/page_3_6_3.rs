//! 3.6.3: every recorded push, answer and transcript.

use chatproof::protocol::{
    downlink::{Attachments, Delivery, Page, Undecodable},
    event::calls,
    generation::Generation,
};
use serde_json::Value;

use super::{
    expected::{self, Differences},
    player::{Kind, Player, Sent, local_id, sockjs},
};
use crate::golden::fixture::{cases, text};

/// Where the page of the pushes has its REST address: what the recorded URLs show.
const API_URL: &str = "https://rest.example.test";
const TOKEN: &str = "YWMtTokenForGoldenCapture";

/// Cases with a call that no decoding can make, with the proof why: (case, call made, call recorded).
const NOT_DECODED: [(&str, Option<&str>, &str); 2] = [
    // The page's own handler throws, so that the SDK reports that in the place of the call.
    ("sync/user-callback-throws", Some("onTextMessage"), "onError"),
    // A last batch names no queue while the list of queues to fetch is not empty: looking the queue
    // up fails. The list is the session's.
    ("sync/direct-push-without-queue-last-while-fetching", None, "onError"),
];

fn player(connection: &Value) -> Player {
    let mut page = Page::new(Generation::V3_6_3, "alice");
    page.api_url = API_URL.into();
    if connection["useOwnUploadFun"] == true {
        page.attachments = Attachments::OwnUpload;
    }
    if connection["delivery"] == true {
        page.delivery = Delivery::AsSdk;
    }
    let mut player = Player::new(page, TOKEN);
    player.blocklist = vec!["mallory".to_owned()];
    player
}

/// What the page is called with for a SockJS frame: handlers, then callbacks, as (name, arguments).
fn play(player: &mut Player, frame: &str) -> Vec<(String, String)> {
    let mut made = Vec::new();
    for message in sockjs(frame) {
        player.endings.clear();
        let called = match message {
            Some(bytes) => player.turn(&[bytes]),
            None => {
                let undecodable = Undecodable { expected: "base64", length: frame.len() };
                calls(&[player.undecodable(undecodable)], None)
            }
        };
        let endings = player.endings.iter().map(|ending| (ending.how.to_owned(), ending.args.clone()));
        let called = called.into_iter().map(|call| (call.name.to_owned(), call.args));
        made.extend(endings.chain(called).map(|(name, args)| (name, Value::Array(args).to_string())));
    }
    made
}

fn recorded(callbacks: &[Value]) -> Vec<(String, String)> {
    callbacks
        .iter()
        .map(|callback| {
            let name = text(callback, "ev");
            // `fail[msg]` and `fail[recall]` are the same callback of different senders.
            let name = name.split_once('[').map_or(name, |(name, _)| name);
            (name.to_owned(), expected::arguments(&callback["args"]))
        })
        .collect()
}

#[test]
fn every_recorded_push_and_answer_calls_the_page_back_as_3_6_3_did() {
    let cases = cases("3.6.3", "downlink");
    assert_eq!(cases.len(), 210);
    let mut differences = Differences::default();
    for case in cases {
        let mut player = player(&case["connection"]);
        let sent = case["precondition"].as_object();
        if let Some(sent) = sent {
            let id = local_id(sent["id"].as_str().unwrap());
            let kind = match sent["sent"].as_str().unwrap() {
                "recallMessage" => Kind::Recall,
                "txt to bob" if sent["callbacks"] == true => Kind::Message,
                _ => Kind::WithoutCallbacks,
            };
            player.sent(id.0, Sent { to: "bob".to_owned(), kind });
        }
        for step in case["steps"].as_array().unwrap() {
            let made = play(&mut player, text(step, "server_sockjs_text"));
            let recorded = recorded(step["callbacks"].as_array().unwrap());
            differences.check(text(&case, "name"), made, recorded);
        }
        if let (Some(sent), Some(still_pending)) = (sent, case["still_pending"].as_bool()) {
            let id = local_id(sent["id"].as_str().unwrap());
            assert_eq!(player.is_pending(id.0), still_pending, "{}", text(&case, "name"));
        }
        assert_eq!(player.acknowledged, [], "{}: 3.6.3 sends no delivered receipt", text(&case, "name"));
    }
}

#[test]
fn every_recorded_transcript_calls_the_page_back_as_3_6_3_did() {
    let (mut frames, mut callbacks) = (0, 0);
    let mut differences = Differences::default();
    for file in ["login", "sync", "transport"] {
        for case in cases("3.6.3", file) {
            let name = text(&case, "name");
            // The rest of the logins is about REST.
            if file == "login" && !name.starts_with("login/provision-") {
                continue;
            }
            let mut player = player(&Value::Null);
            let (mut made, mut recorded_calls) = (Vec::new(), Vec::new());
            for entry in case["transcript"].as_array().unwrap() {
                match (text(entry, "who"), entry.get("text").and_then(Value::as_str)) {
                    ("server", Some(frame)) => {
                        frames += sockjs(frame).len();
                        made.extend(play(&mut player, frame));
                    }
                    ("client", Some(frame)) => {
                        for message in sockjs(&format!("a{frame}")).into_iter().flatten() {
                            player.saw_uplink(&message);
                        }
                    }
                    ("sdk-callback", _) if !is_of_the_transport(entry) => {
                        recorded_calls.extend(recorded(std::slice::from_ref(entry)));
                    }
                    _ => {}
                }
            }
            if let Some((_, in_its_place, call)) = NOT_DECODED.iter().find(|(case, ..)| *case == name) {
                let (calls, all) = (made.len(), recorded_calls.len());
                made.retain(|(name, _)| Some(name.as_str()) != *in_its_place);
                recorded_calls.retain(|(name, _)| name != call);
                assert!(calls - made.len() <= 1 && all - recorded_calls.len() == 1, "{name}");
            }
            // Callbacks of the page's own sends are the session's matter.
            recorded_calls.retain(|(name, _)| !matches!(name.as_str(), "success" | "fail"));
            callbacks += recorded_calls.len();
            differences.check(name, made, recorded_calls);
        }
    }
    assert_eq!((frames, callbacks), (272, 83));
}

/// What the socket, the network or closing makes the SDK say, not a frame.
fn is_of_the_transport(callback: &Value) -> bool {
    matches!(text(callback, "ev"), "onClosed" | "onOnline" | "onOffline")
        || (text(callback, "ev") == "onError" && callback["args"][0]["type"] == 16)
}
