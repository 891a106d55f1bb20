//! What the app's server sends by REST, and what it may read of what was said.

use std::time::Duration;

use message_body::Type::Chat;

use super::{send::answer, *};
use crate::protocol::schema::message_body::content;

const GROUP: &str = "93734273351681";
const ROOM: &str = "179800091197441";

fn txt(to: &[&str], words: &str) -> Value {
    json!({"to": to, "type": "txt", "body": {"msg": words}})
}

/// One page of a queue, with the bodies in it.
fn bodies(stage: &mut Stage, reader: ConnectionId, queue: &Jid) -> Vec<(Meta, MessageBody)> {
    let page = stage.fetch(reader, queue, None);
    page.metas
        .into_iter()
        .map(|meta| {
            let body = MessageBody::decode(meta.payload.clone().unwrap()).unwrap();
            (meta, body)
        })
        .collect()
}

#[test]
fn the_app_speaks_in_the_name_of_admin_to_users_groups_and_rooms() {
    let mut stage = Stage::new();
    let app = stage.app_token();
    let (bob, carol) = (stage.login("bob", "b"), stage.login("carol", "c"));
    for (path, to) in [("users", "bob"), ("chatgroups", GROUP), ("chatrooms", ROOM)] {
        let (status, sent) =
            stage.call("POST", &format!("/messages/{path}"), Some(&app), &txt(&[to], "hello"));
        assert_eq!(status, 200, "{sent}");
        let notices = stage.outputs();
        let queue = if path == "users" { Jid::user(APP, "admin") } else { Jid::conference(APP, to) };
        let got = bodies(&mut stage, bob, &queue);
        let [(meta, body)] = &got[..] else { panic!("{got:?}") };
        assert_eq!(meta.id.unwrap().to_string(), sent["data"][to].as_str().unwrap(), "{path}");
        assert_eq!(meta.from, Some(Jid::user(APP, "admin")));
        assert_eq!((body.from.clone(), body.to.clone()), (Some(Jid::named("admin")), Some(Jid::named(to))));
        assert_eq!(body.contents[0].text.as_deref(), Some("hello"));
        let told_carol = notices.iter().any(|(id, _)| *id == carol);
        assert_eq!(told_carol, path == "chatgroups", "{path}: carol is only in the group");
    }
}

#[test]
fn every_type_arrives_as_clients_read_it_and_as_rest_wrote_it() {
    let mut stage = Stage::new();
    let app = stage.app_token();
    let bob = stage.login("bob", "b");
    let file = |mut more: Value| {
        let fields = more.as_object_mut().unwrap();
        fields.insert("url".into(), "http://x/1".into());
        fields.insert("filename".into(), "f".into());
        fields.insert("secret".into(), "s".into());
        more
    };
    let calls = [
        ("txt", json!({"msg": "m"})),
        ("cmd", json!({"action": "go"})),
        ("loc", json!({"lat": 39.5, "lng": 116.25, "addr": "Beijing"})),
        ("custom", json!({"customEvent": "e/1", "customExts": {"k": "v"}})),
        ("img", file(json!({"size": {"width": 4, "height": 3}}))),
        ("audio", file(json!({"length": 7}))),
        ("video", file(json!({"length": 7, "file_length": 9, "thumb": "t", "thumb_secret": "ts"}))),
        ("file", file(json!({}))),
    ];
    for (kind, body) in &calls {
        let ext = json!({"text": "t", "number": 1.0, "flag": true, "list": [1, "x"]});
        let request = json!({"from": "Alice", "to": ["bob"], "type": kind, "body": body, "ext": ext});
        let (status, sent) = stage.call("POST", "/messages/users", Some(&app), &request);
        assert_eq!(status, 200, "{kind}: {sent}");
        stage.outputs();
    }
    let got = bodies(&mut stage, bob, &Jid::user(APP, "alice"));
    for ((kind, sent), (_, body)) in calls.iter().zip(&got) {
        let read = crate::protocol::payload::of(body);
        assert_eq!(read["from"], "alice");
        assert_eq!(read["bodies"][0]["type"], *kind);
        for (key, value) in sent.as_object().unwrap() {
            assert_eq!(&read["bodies"][0][key], value, "{kind}.{key}");
        }
        assert_eq!(read["ext"], json!({"text": "t", "number": 1, "flag": true, "list": [1, "x"]}));
    }
    assert_eq!(got.len(), calls.len());
}

#[test]
fn audio_spells_its_length_with_a_capital_too() {
    let mut stage = Stage::new();
    let app = stage.app_token();
    let bob = stage.login("bob", "b");
    let body = json!({"url": "http://x/1", "Length": 5});
    stage.call("POST", "/messages/users", Some(&app), &json!({"to": ["bob"], "type": "audio", "body": body}));
    stage.outputs();
    let got = bodies(&mut stage, bob, &Jid::user(APP, "admin"));
    assert_eq!(got[0].1.contents[0].duration, Some(5));
    assert_eq!(got[0].1.contents[0].r#type(), content::Type::Voice);
}

#[test]
fn who_is_online_only_who_gets_copies_and_when_it_was_said_is_up_to_the_app() {
    let mut stage = Stage::new();
    let app = stage.app_token();
    let alice = stage.login("alice", "a");
    let online = json!({
        "from": "alice", "to": ["bob"], "type": "txt", "body": {"msg": "now or never"}, "routetype": "ROUTE_ONLINE",
    });
    let later = json!({
        "from": "alice", "to": ["bob"], "type": "txt", "body": {"msg": "later"}, "sync_device": true,
        "msg_timestamp": 1_600_000_000_000_u64,
    });
    for request in [online, later] {
        assert_eq!(stage.call("POST", "/messages/users", Some(&app), &request).0, 200);
    }
    stage.outputs();
    assert_eq!(
        stage.pull(alice, &Jid::user(APP, "bob")).concat(),
        ["later"],
        "only the second is for her devices"
    );
    let bob = stage.login("bob", "b");
    let got = bodies(&mut stage, bob, &Jid::user(APP, "alice"));
    assert_eq!((got.len(), got[0].0.timestamp), (1, Some(1_600_000_000_000)));
    assert_eq!(got[0].1.contents[0].text.as_deref(), Some("later"));
}

#[test]
fn checks_of_clients_do_not_bind_the_app_but_its_own_mute_does() {
    let mut stage = Stage::with("hook: {rules: [{contains: no, answer: reject}]}");
    let app = stage.app_token();
    stage.call("POST", "/users/bob/blocks/users", Some(&app), &json!({"usernames": ["dave"]}));
    let as_dave = |path: &str, to: &str| {
        let mut request = txt(&[to], "no SENSITIVE");
        request["from"] = "dave".into();
        ("POST", format!("/messages/{path}"), request)
    };
    for (method, path, request) in [as_dave("users", "bob"), as_dave("chatgroups", GROUP)] {
        assert_eq!(stage.call(method, &path, Some(&app), &request).0, 200, "{path}");
    }
    stage.call("POST", "/mutes", Some(&app), &json!({"username": "dave", "chat": -1}));
    let (_, path, request) = as_dave("users", "bob");
    let (status, answer) = stage.call("POST", &path, Some(&app), &request);
    assert_eq!((status, &answer["error_description"]), (403, &json!("user dave is mute")));
    let (_, path, request) = as_dave("chatgroups", GROUP);
    assert_eq!(stage.call("POST", &path, Some(&app), &request).0, 200, "he is mute in single chat only");
}

#[test]
fn what_is_wrong_with_a_request_is_said_and_nobody_gets_anything() {
    let mut stage = Stage::with("limits: {body_bytes: 200}");
    let (app, user) = (stage.app_token(), stage.user_token("alice"));
    let bob = stage.login("bob", "b");
    let with = |key: &str, value: Value| {
        let mut request = txt(&["bob"], "x");
        request[key] = value;
        request
    };
    let many = |most: usize| Value::from(vec!["bob"; most + 1]);
    let users = "/messages/users";
    let calls = [
        (users, Some(&user), txt(&["bob"], "x")),
        (users, None, txt(&["bob"], "x")),
        (users, Some(&app), json!({"type": "txt", "body": {"msg": "x"}})),
        (users, Some(&app), with("to", json!([]))),
        (users, Some(&app), with("to", many(600))),
        ("/messages/chatgroups", Some(&app), with("to", many(3))),
        ("/messages/chatrooms", Some(&app), with("to", many(10))),
        ("/messages/chatgroups", Some(&app), with("to", json!([GROUP, "1"]))),
        ("/messages/chatgroups", Some(&app), with("to", json!([ROOM]))),
        (users, Some(&app), with("from", json!(""))),
        (users, Some(&app), with("from", json!("a b"))),
        (users, Some(&app), with("type", json!("text"))),
        (users, Some(&app), with("body", json!({"text": "x"}))),
        (users, Some(&app), with("ext", json!("x"))),
        (users, Some(&app), with("routetype", json!("ROUTE"))),
        (users, Some(&app), with("chatroom_msg_level", json!("top"))),
        (users, Some(&app), with("body", json!({"msg": "x".repeat(200)}))),
        (users, Some(&app), json!({"to": ["bob"], "type": "custom", "body": {"customEvent": "a b"}})),
        (
            users,
            Some(&app),
            json!({"to": ["bob"], "type": "custom", "body": {"customEvent": "e", "customExts": {"k": 1}}}),
        ),
        (users, Some(&app), json!({"to": ["bob"], "type": "loc", "body": {"lat": "north"}})),
    ];
    let mut seen = String::new();
    for (path, token, request) in calls {
        let (status, answer) = stage.call("POST", path, token.map(String::as_str), &request);
        let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        seen += &format!("{status} {} | {}\n", text("error"), text("error_description"));
    }
    insta::assert_snapshot!(seen, @r#"
    403 forbidden_op | this operation needs the app's token
    401 auth_bad_access_token | Unable to authenticate
    400 illegal_argument | missing field `to` at line 1 column 33
    400 illegal_argument | to has 1 to 600 entries, got 0
    400 illegal_argument | to has 1 to 600 entries, got 601
    400 illegal_argument | to has 1 to 3 entries, got 4
    400 illegal_argument | to has 1 to 10 entries, got 11
    404 resource_not_found | do not find this group:1
    404 resource_not_found | do not find this group:179800091197441
    400 illegal_argument | from can't be empty
    400 illegal_argument | username is not legal: "a b": only letters, digits, _ . and - are allowed
    400 illegal_argument | type can only be txt, img, audio, video, file, loc, cmd, custom, got "text"
    400 illegal_argument | body.msg is missing or no text
    400 illegal_argument | ext is no object
    400 illegal_argument | routetype can only be ROUTE_ONLINE, got "ROUTE"
    400 illegal_argument | chatroom_msg_level can only be high, normal, low
    400 illegal_argument | message is too large
    400 illegal_argument | body.customEvent has 1 to 32 letters, digits, - _ / and ., got "a b"
    400 illegal_argument | body.customExts has at most 16 pairs of texts
    400 illegal_argument | body.lat is missing or no number
    "#);
    assert_eq!(stage.outputs(), []);
    assert!(stage.pull(bob, &Jid::user(APP, "admin")).is_empty());
    assert!(stage.pull(bob, &Jid::conference(APP, GROUP)).is_empty(), "one unknown group stops the call");
}

#[test]
fn a_message_to_nobody_is_taken_or_refused_as_the_world_says() {
    for (choice, expected) in [("accept", 200), ("refuse", 404)] {
        let mut stage = Stage::with(&format!("choices: {{unknown_recipient: {choice}}}"));
        let app = stage.app_token();
        let (status, answer) =
            stage.call("POST", "/messages/users", Some(&app), &txt(&["bob", "nobody"], "x"));
        assert_eq!(status, expected, "{answer}");
        let is_answered = answer["data"]["nobody"].as_str().is_some_and(|id| id.parse::<u64>().is_ok());
        assert_eq!(is_answered, choice == "accept");
        if choice == "refuse" {
            assert_eq!(answer["error_description"], "username nobody doesn't exist!");
        }
    }
}

#[test]
fn an_unregistered_name_that_spoke_is_no_user_until_somebody_registers_it() {
    let mut stage = Stage::new();
    let app = stage.app_token();
    stage.call("POST", "/messages/users", Some(&app), &txt(&["bob"], "before"));
    assert_eq!(stage.try_login("admin", "x", "").0, 3, "without a password");
    assert_eq!(stage.try_login("admin", "x", "$t$").1, "Sorry, user not found");
    assert_eq!(stage.call("GET", "/users/admin/status", Some(&app), &Value::Null).0, 404);
    let bob = stage.user_token("bob");
    let roaming = json!({"queue": "admin@easemob.com", "start": -1});
    let history = |stage: &mut Stage| {
        let (_, page) = stage.call("POST", "/users/bob/messageroaming", Some(&bob), &roaming);
        page["data"]["msgs"].as_array().unwrap().len()
    };
    assert_eq!(history(&mut stage), 1);
    let (status, _) = stage.call("POST", "/users", None, &json!({"username": "admin", "password": "1"}));
    assert_eq!(status, 200);
    assert_eq!(stage.try_login("admin", "x", "1").0, 0);
    assert_eq!(history(&mut stage), 1, "the conversation goes on");
}

#[test]
fn rest_shows_in_session_lists_only_where_the_world_says_so() {
    for (rest_sessions, expected) in [(false, vec![]), (true, vec![1])] {
        let mut stage = Stage::with(&format!("services: {{rest_sessions: {rest_sessions}}}"));
        let app = stage.app_token();
        stage.call("POST", "/messages/users", Some(&app), &txt(&["bob"], "x"));
        let bob = stage.user_token("bob");
        let (_, list) = stage.call("GET", "/users/bob/user_channels", Some(&bob), &Value::Null);
        let unread: Vec<u64> = list["data"]["channel_infos"]
            .as_array()
            .unwrap()
            .iter()
            .map(|info| info["unread_num"].as_u64().unwrap())
            .collect();
        assert_eq!(unread, expected);
    }
}

#[test]
fn imported_messages_are_history_that_nobody_is_told_of() {
    let mut stage = Stage::with("services: {rest_sessions: true}");
    let app = stage.app_token();
    stage.login("bob", "b");
    let import = |stage: &mut Stage, path: &str, target: &str, is_ack_read: bool| {
        let request = json!({
            "from": "alice", "target": target, "type": "txt", "body": {"msg": "old"}, "is_ack_read": is_ack_read,
            "msg_timestamp": 1_600_000_000_000_u64,
        });
        let (status, answer) = stage.call("POST", &format!("/messages/{path}/import"), Some(&app), &request);
        assert_eq!(status, 200, "{answer}");
        assert!(answer["data"]["msg_id"].as_str().unwrap().parse::<u64>().is_ok());
        assert_eq!(stage.outputs(), [], "nobody is told");
    };
    import(&mut stage, "users", "bob", false);
    import(&mut stage, "chatgroups", GROUP, true);
    let bob = stage.user_token("bob");
    let (_, list) = stage.call("GET", "/users/bob/user_channels", Some(&bob), &Value::Null);
    let infos: Vec<(u64, u64)> = list["data"]["channel_infos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|info| (info["unread_num"].as_u64().unwrap(), info["meta"]["timestamp"].as_u64().unwrap()))
        .collect();
    assert_eq!(infos, [(0, 1_600_000_000_000), (1, 1_600_000_000_000)]);
}

#[test]
fn the_file_of_an_hour_holds_what_was_said_in_it() {
    let mut stage = Stage::new();
    let app = stage.app_token();
    let bob = stage.login("bob", "b");
    // 2022-01-01T00:00:00Z, see the stage.
    answer(&mut stage, bob, Jid::user(APP, "alice"), Chat, "first");
    stage.call("POST", "/messages/chatgroups", Some(&app), &txt(&[GROUP], "second"));
    stage.now = stage.now + Duration::from_secs(3599);
    let hour = |stage: &mut Stage, hour: &str| {
        stage.call("GET", &format!("/chatmessages/{hour}"), Some(&app), &Value::Null)
    };
    let (status, answer_) = hour(&mut stage, "2022010100");
    assert_eq!((status, &answer_["error"]), (404, &json!("storage_object_not_found")), "it still runs");
    stage.now = stage.now + Duration::from_secs(1);
    answer(&mut stage, bob, Jid::user(APP, "alice"), Chat, "third");
    let (status, found) = hour(&mut stage, "2022010100");
    assert_eq!(status, 200, "{found}");
    let url = found["data"][0]["url"].as_str().unwrap();
    let (path, query) = url.split_once('?').unwrap();
    let request = RestRequest {
        method: "GET".to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        ..RestRequest::default()
    };
    let file = stage.world.rest(stage.now, &request);
    assert_eq!(file.status, 200);
    let lines: Vec<Value> = std::str::from_utf8(&file.body)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<String> = lines
        .iter()
        .map(|line| {
            let text = |pointer: &str| line.pointer(pointer).unwrap().as_str().unwrap().to_owned();
            [text("/chat_type"), text("/from"), text("/to"), text("/payload/bodies/0/msg")].join(" ")
        })
        .collect();
    assert_eq!(told, ["chat bob alice first".to_owned(), format!("groupchat admin {GROUP} second")]);
    assert_eq!(hour(&mut stage, "2021123123").0, 404);
    for wrong in ["202201010", "2022013100x", "2022130100", "20220101-1"] {
        assert_eq!(hour(&mut stage, wrong).0, 400, "{wrong}");
    }
}
