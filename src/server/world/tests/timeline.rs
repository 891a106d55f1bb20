//! History and session lists, as frames and REST calls see them together.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::*;
use message_body::Type::{Chat, Chatroom, Groupchat};

pub(super) const GROUP: &str = "93734273351681";

impl Stage {
    /// Sends a text that is accepted: its server id.
    pub(super) fn say(&mut self, from: ConnectionId, to: Jid, kind: message_body::Type, words: &str) -> u64 {
        self.last_id += 1;
        self.accepted(from, &text(self.last_id, to, kind, words))
    }

    pub(super) fn accepted(&mut self, from: ConnectionId, frame: &MSync) -> u64 {
        let (code, reason, id) = self.answered(from, frame);
        assert_eq!((code, reason.as_str()), (0, ""));
        id
    }

    /// Status, reason and server id of the answer to a meta.
    pub(super) fn answered(&mut self, from: ConnectionId, frame: &MSync) -> (i32, String, u64) {
        let outputs = self.frame(from, frame);
        let Some((_, Output::Send(bytes))) = outputs.iter().rfind(|(to, _)| *to == from) else {
            panic!("{outputs:?}")
        };
        let answer = read_sync(bytes);
        let status = answer.status.unwrap();
        (status.error_code.unwrap(), status.reason.unwrap_or_default(), answer.server_id.unwrap_or_default())
    }

    /// Reason of the answer to a recall; empty for success.
    pub(super) fn recall(&mut self, from: ConnectionId, to: Jid, message: u64) -> String {
        self.last_id += 1;
        self.answered(from, &receipt(self.last_id, to, 6, message)).1
    }

    pub(super) fn channel(&mut self, from: ConnectionId, to: Jid) {
        self.last_id += 1;
        self.accepted(from, &receipt(self.last_id, to, 7, 0));
    }

    /// One page of a history: the texts, whether it is the last, and the next key.
    pub(super) fn roam(&mut self, user: &str, request: &Value) -> (Vec<String>, bool, String) {
        let token = self.user_token(user);
        let (status, answer) =
            self.call("POST", &format!("/users/{user}/messageroaming"), Some(&token), request);
        assert_eq!(status, 200, "{answer}");
        let texts = answer["data"]["msgs"].as_array().unwrap().iter().map(|entry| {
            let meta = BASE64_STANDARD.decode(entry["msg"].as_str().unwrap()).unwrap();
            let body = MessageBody::decode(Meta::decode(&meta[..]).unwrap().payload.unwrap()).unwrap();
            body.contents[0].text.clone().unwrap_or_default()
        });
        let data = &answer["data"];
        (texts.collect(), data["is_last"].as_bool().unwrap(), data["next_key"].as_str().unwrap().to_owned())
    }

    /// The texts of the newest page.
    pub(super) fn newest(&mut self, user: &str, queue: &str) -> Vec<String> {
        self.roam(user, &json!({"queue": queue, "start": -1, "end": -1})).0
    }

    /// Each session: the id without the app key, the last text if there is one, and what is unread.
    pub(super) fn sessions(&mut self, user: &str) -> Vec<(String, Option<String>, u64)> {
        self.sessions_at(user, &format!("/users/{user}/user_channels"))
    }

    pub(super) fn sessions_at(&mut self, user: &str, path: &str) -> Vec<(String, Option<String>, u64)> {
        let token = self.user_token(user);
        let (status, answer) = self.call("GET", path, Some(&token), &Value::Null);
        assert_eq!(status, 200, "{answer}");
        let one = |session: &Value| {
            let id = session["channel_id"].as_str().unwrap();
            let id = id.strip_prefix("easemob-demo#chatdemoui_").unwrap().to_owned();
            let last = session["meta"]["payload"].as_str().map(|payload| {
                let payload: Value = serde_json::from_str(payload).unwrap();
                payload["bodies"][0]["msg"].as_str().unwrap().to_owned()
            });
            (id, last, session["unread_num"].as_u64().unwrap())
        };
        answer["data"]["channel_infos"].as_array().unwrap().iter().map(one).collect()
    }
}

pub(super) fn user(name: &str) -> Jid {
    Jid::user(APP, name)
}

pub(super) fn group() -> Jid {
    Jid::conference(APP, GROUP)
}

pub(super) fn row(id: &str, last: &str, unread: u64) -> (String, Option<String>, u64) {
    (id.to_owned(), Some(last.to_owned()), unread)
}

#[test]
fn a_history_is_read_newest_first_page_by_page_without_gap_or_overlap() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let said: Vec<String> = (0..53).map(|number| number.to_string()).collect();
    for (number, words) in said.iter().enumerate() {
        let (from, to) = if number % 2 == 0 { (alice, "bob") } else { (bob, "alice") };
        stage.say(from, user(to), Chat, words);
    }
    for (reader, queue) in [("alice", "bob@easemob.com"), ("bob", "alice@easemob.com")] {
        for (pull_number, positive, pages) in
            [(None, false, 3), (Some(50), false, 2), (Some(53), false, 2), (Some(7), true, 8)]
        {
            let (mut texts, mut start, mut read) = (Vec::new(), json!(-1), 0);
            loop {
                let mut request = json!({"queue": queue, "start": start, "end": -1, "is_positive": positive});
                if let Some(size) = pull_number {
                    request["pull_number"] = size.into();
                }
                let (page, is_last, next) = stage.roam(reader, &request);
                texts.extend(page);
                read += 1;
                if is_last {
                    break;
                }
                start = next.into();
            }
            if !positive {
                texts.reverse();
            }
            assert_eq!((texts, read), (said.clone(), pages), "{reader} {pull_number:?} {positive}");
        }
    }
}

#[test]
fn a_history_can_be_narrowed_to_types_senders_and_times() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let start = stage.now;
    stage.say(alice, user("bob"), Chat, "one");
    stage.now = stage.now + Duration::from_secs(10);
    stage.say(bob, user("alice"), Chat, "two");
    let asked = |more: Value| {
        let mut request = json!({"queue": "bob@easemob.com", "start": -1, "pull_number": 20, "end": -1,
            "msgType": "", "startTime": null, "endTime": null, "userId": null});
        for (key, value) in more.as_object().unwrap() {
            request[key] = value.clone();
        }
        request
    };
    for (more, expected) in [
        (json!({}), &["two", "one"][..]),
        (json!({"msgType": "img,txt"}), &["two", "one"]),
        (json!({"msgType": "img"}), &[]),
        (json!({"msgType": "cmd"}), &[]),
        (json!({"userId": "bob"}), &["two"]),
        (json!({"userId": "nobody"}), &[]),
        (json!({"startTime": start.as_millis() + 1}), &["two"]),
        (json!({"endTime": start.as_millis() + 10_000}), &["one"]),
    ] {
        assert_eq!(stage.roam("alice", &asked(more.clone())).0, expected, "{more}");
    }
}

#[test]
fn a_queue_in_mixed_case_an_unknown_one_and_a_strangers_group_have_no_history() {
    let mut stage = Stage::new();
    let alice = stage.login("alice", "a");
    stage.say(alice, user("bob"), Chat, "hi");
    stage.say(alice, group(), Groupchat, "hello");
    assert_eq!(stage.newest("alice", "bob@easemob.com"), ["hi"]);
    for queue in ["Bob@easemob.com", "BOB@easemob.com", "nobody@easemob.com", "Bob", "", "bob@example.com"] {
        let page = stage.roam("alice", &json!({"queue": queue, "start": -1, "end": -1}));
        assert_eq!(page, (Vec::new(), true, String::new()), "{queue:?}");
    }
    assert_eq!(stage.newest("carol", &format!("{GROUP}@conference.easemob.com")), ["hello"]);
    assert!(stage.newest("dave", &format!("{GROUP}@conference.easemob.com")).is_empty());
}

#[test]
fn commands_and_receipts_are_not_history_but_a_command_can_be_taken_back() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let body = MessageBody {
        r#type: Some(Chat as i32),
        contents: vec![message_body::Content {
            r#type: Some(6),
            action: Some("go".into()),
            ..message_body::Content::default()
        }],
        ..MessageBody::default()
    };
    let command = stage.accepted(alice, &meta(900, user("bob"), 1, body.encode_to_vec()));
    stage.accepted(bob, &receipt(901, user("alice"), 4, command));
    assert!(stage.newest("alice", "bob@easemob.com").is_empty());
    assert!(stage.sessions("bob").is_empty());
    assert_eq!(stage.recall(alice, user("bob"), command), "");
}

#[test]
fn sessions_tell_the_last_message_and_what_is_unread_newest_first() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    stage.say(alice, user("bob"), Chat, "1");
    stage.say(alice, user("bob"), Chat, "2");
    stage.say(bob, group(), Groupchat, "3");
    stage.say(alice, Jid::conference(APP, "179800091197441"), Chatroom, "not listed");
    let team = format!("{GROUP}@conference.easemob.com");
    assert_eq!(stage.sessions("bob"), [row(&team, "3", 0), row("alice@easemob.com", "2", 2)]);
    assert_eq!(stage.sessions("alice"), [row(&team, "3", 1), row("bob@easemob.com", "2", 0)]);
    assert_eq!(stage.sessions("carol"), [row(&team, "3", 1)]);
    stage.say(bob, user("alice"), Chat, "4");
    assert_eq!(stage.sessions("alice")[0], row("bob@easemob.com", "4", 1));

    let token = stage.user_token("alice");
    let (_, answer) = stage.call("GET", "/users/alice/user_channels", Some(&token), &Value::Null);
    let meta = &answer["data"]["channel_infos"][1]["meta"];
    assert_eq!(meta["from"], "easemob-demo#chatdemoui_bob@easemob.com/b");
    assert_eq!(meta["to"], format!("easemob-demo#chatdemoui_{team}"));
    assert_eq!(
        meta["payload"],
        format!(r#"{{"bodies":[{{"msg":"3","type":"txt"}}],"ext":{{}},"from":"bob","to":"{GROUP}"}}"#)
    );
    assert_eq!((&meta["timestamp"], meta["id"].is_string()), (&json!(1_640_995_200_000_u64), true));
}

#[test]
fn only_a_channel_receipt_clears_the_unread_count_and_only_the_ackers() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let mid = stage.say(alice, user("bob"), Chat, "1");
    stage.say(alice, group(), Groupchat, "2");
    stage.accepted(bob, &receipt(800, user("alice"), 4, mid));
    assert_eq!(stage.sessions("bob")[1], row("alice@easemob.com", "1", 1));
    stage.channel(bob, user("Alice"));
    let team = format!("{GROUP}@conference.easemob.com");
    assert_eq!(stage.sessions("bob"), [row(&team, "2", 1), row("alice@easemob.com", "1", 0)]);
    stage.channel(bob, group());
    assert_eq!(stage.sessions("bob")[0], row(&team, "2", 0));
    assert_eq!(stage.sessions("carol"), [row(&team, "2", 1)]);
}

#[test]
fn a_deleted_session_comes_back_with_the_next_message_and_history_goes_only_if_asked() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let token = stage.user_token("bob");
    stage.say(alice, user("bob"), Chat, "1");
    for (path, delete_roam, history) in [("users", false, &["1"][..]), ("user", true, &[])] {
        let body = json!({"channel": "alice", "type": "chat", "delete_roam": delete_roam});
        let (status, answer) =
            stage.call("DELETE", &format!("/{path}/bob/user_channel"), Some(&token), &body);
        assert_eq!((status, &answer["data"]), (200, &json!({"result": "ok"})));
        assert!(stage.sessions("bob").is_empty());
        assert_eq!(stage.newest("bob", "alice@easemob.com"), history);
        assert_eq!(stage.newest("alice", "bob@easemob.com"), ["1"], "the peer keeps it");
        assert_eq!(stage.sessions("alice").len(), 1);
    }
    let mid = stage.say(alice, user("bob"), Chat, "2");
    assert_eq!(stage.sessions("bob"), [row("alice@easemob.com", "2", 1)]);
    assert_eq!(stage.newest("bob", "alice@easemob.com"), ["2"]);
    assert_eq!(stage.recall(alice, user("bob"), mid), "");
    assert_eq!(stage.sessions("bob"), [("alice@easemob.com".into(), None, 0)], "1 stays deleted");

    stage.say(bob, group(), Groupchat, "3");
    for kind in ["groupChat", "groupchat"] {
        let body = json!({"channel": GROUP, "type": kind, "delete_roam": true});
        assert_eq!(stage.call("DELETE", "/users/bob/user_channel", Some(&token), &body).0, 200);
    }
    assert!(stage.newest("bob", &format!("{GROUP}@conference.easemob.com")).is_empty());
    assert_eq!(stage.newest("carol", &format!("{GROUP}@conference.easemob.com")), ["3"]);
    let wrong = json!({"channel": "alice", "type": "room"});
    assert_eq!(stage.call("DELETE", "/users/bob/user_channel", Some(&token), &wrong).0, 400);
}

#[test]
fn sessions_are_paged_bounded_and_empty_for_a_name_in_mixed_case() {
    let mut stage = Stage::with("limits: {sessions_per_user: 30}");
    let app = stage.app_token();
    let users: Vec<Value> =
        (0..35).map(|number| json!({"username": format!("u{number}"), "password": "1"})).collect();
    assert_eq!(stage.call("POST", "/users", Some(&app), &users.into()).0, 200);
    let alice = stage.login("alice", "a");
    for number in 0..35 {
        stage.say(alice, user(&format!("u{number}")), Chat, "x");
    }
    let names = |sessions: Vec<(String, Option<String>, u64)>| -> Vec<String> {
        sessions.into_iter().map(|(id, ..)| id.split('@').next().unwrap().to_owned()).collect()
    };
    let expected: Vec<String> = (5..35).rev().map(|number| format!("u{number}")).collect();
    assert_eq!(names(stage.sessions("alice")), expected);
    for (query, range) in [
        ("pageNum=1&pageSize=20&_v=1", 0..20),
        ("pageNum=2&pageSize=20", 20..30),
        ("pageNum=3&pageSize=99", 30..30),
    ] {
        let page = stage.sessions_at("alice", &format!("/users/alice/user_channels/page?{query}"));
        assert_eq!(names(page), expected[range], "{query}");
    }
    assert!(stage.sessions_at("alice", "/users/Alice/user_channels").is_empty());
    assert_eq!(stage.sessions_at("alice", "/user/alice/user_channels").len(), 30);
}

#[test]
fn closed_services_say_so_and_strangers_see_nothing() {
    let mut stage = Stage::with("services: {recall: false, roaming: false, sessions: false}");
    let (alice, app) = (stage.user_token("alice"), stage.app_token());
    let queue = json!({"queue": "bob@easemob.com", "start": -1, "end": -1});
    let recall = json!({"msg_id": "1", "to": "bob", "chat_type": "chat"});
    let deletion = json!({"channel": "bob", "type": "chat"});
    for (method, path, token, body, said) in [
        ("POST", "/users/alice/messageroaming", &alice, &queue, "messageroaming function not open!"),
        ("GET", "/users/alice/user_channels", &alice, &Value::Null, "session list service not open!"),
        ("DELETE", "/users/alice/user_channel", &alice, &deletion, "session list service not open!"),
        ("POST", "/messages/msg_recall", &app, &recall, "message recall service is unopened"),
    ] {
        let (status, answer) = stage.call(method, path, Some(token), body);
        assert_eq!((status, &answer["error_description"]), (403, &json!(said)), "{path}");
    }
    let mut stage = Stage::new();
    let bob = stage.user_token("bob");
    for (method, path, body) in [
        ("POST", "/users/alice/messageroaming", &queue),
        ("GET", "/users/alice/user_channels", &Value::Null),
        ("DELETE", "/users/alice/user_channel", &deletion),
    ] {
        assert_eq!(stage.call(method, path, Some(&bob), body).0, 403, "{path}");
    }
}

#[test]
fn newcomers_read_what_was_said_before_unless_the_world_says_no() {
    for (choice, read) in [("true", &["before", "after"][..]), ("false", &["after"])] {
        let mut stage = Stage::with(&format!("choices: {{history_before_joining: {choice}}}"));
        let app = stage.app_token();
        let alice = stage.login("alice", "a");
        stage.say(alice, group(), Groupchat, "before");
        stage.now = stage.now + Duration::from_secs(1);
        let path = format!("/chatgroups/{GROUP}/users/dave");
        assert_eq!(stage.call("POST", &path, Some(&app), &Value::Null).0, 200);
        stage.say(alice, group(), Groupchat, "after");
        let mut texts = stage.newest("dave", &format!("{GROUP}@conference.easemob.com"));
        texts.reverse();
        assert_eq!(texts, read, "{choice}");
        assert_eq!(stage.newest("bob", &format!("{GROUP}@conference.easemob.com")).len(), 2);
    }
}
