//! What a message meets after its sender was found to be allowed to send: mutes of the app, friends,
//! filters, the app's own server, and rates.

use std::time::Duration;

use message_body::Type::{Chat, Chatroom, Groupchat};

use super::{send::answer, *};

const GROUP: &str = "93734273351681";
const ROOM: &str = "179800091197441";

fn ok() -> (i32, String) {
    (0, String::new())
}

fn refused(status: i32, reason: &str) -> (i32, String) {
    (status, reason.to_owned())
}

fn alice() -> Jid {
    Jid::user(APP, "alice")
}

#[test]
fn the_app_mutes_a_user_for_each_type_of_chat_and_for_a_while() {
    let mut stage = Stage::new();
    let app = stage.app_token();
    let bob = stage.login("bob", "b");
    let mute = |stage: &mut Stage, body: Value| {
        let (status, answer) = stage.call("POST", "/mutes", Some(&app), &body);
        assert_eq!((status, &answer["data"]["result"]), (200, &json!("ok")), "{answer}");
    };
    let say = |stage: &mut Stage| {
        [
            answer(stage, bob, alice(), Chat, "x"),
            answer(stage, bob, Jid::conference(APP, GROUP), Groupchat, "x"),
            answer(stage, bob, Jid::conference(APP, ROOM), Chatroom, "x"),
        ]
    };
    let mute_of = || refused(7, "user is mute");
    mute(&mut stage, json!({"username": "Bob", "chat": 60, "groupchat": -1, "chatroom": 0}));
    assert_eq!(say(&mut stage), [mute_of(), mute_of(), ok()]);
    assert_eq!(
        answer(&mut stage, bob, Jid::conference(APP, "1"), Groupchat, "x"),
        mute_of(),
        "it goes before whether the group exists"
    );
    stage.now = stage.now + Duration::from_secs(60);
    assert_eq!(say(&mut stage), [ok(), mute_of(), ok()], "only the mute without an end is left");
    mute(&mut stage, json!({"username": "bob", "groupchat": 0, "chatroom": 1}));
    assert_eq!(say(&mut stage), [ok(), ok(), mute_of()]);
    let (status, wrong) = stage.call("POST", "/mutes", Some(&app), &json!({"username": "bob", "chat": -2}));
    assert_eq!((status, &wrong["error"]), (400, &json!("illegal_argument")));
}

#[test]
fn a_muted_user_may_still_say_that_a_message_was_read() {
    let mut stage = Stage::new();
    let app = stage.app_token();
    let bob = stage.login("bob", "b");
    stage.call("POST", "/mutes", Some(&app), &json!({"username": "bob", "chat": -1}));
    let outputs = stage.frame(bob, &receipt(1, alice(), message_body::Type::ReadAck as i32, 5));
    let Some((_, Output::Send(bytes))) = outputs.last() else { panic!("{outputs:?}") };
    assert_eq!(read_sync(bytes).status.unwrap().error_code, Some(0));
}

#[test]
fn among_friends_only_contacts_may_write_to_each_other() {
    let mut stage = Stage::with("services: {friends_only: true}");
    let app = stage.app_token();
    let bob = stage.login("bob", "b");
    assert_eq!(answer(&mut stage, bob, alice(), Chat, "x"), refused(1, "nonroster"));
    assert_eq!(
        answer(&mut stage, bob, alice(), Chat, "SENSITIVE"),
        refused(1, "nonroster"),
        "before the filters"
    );
    assert_eq!(answer(&mut stage, bob, Jid::user(APP, "bob"), Chat, "x"), ok(), "to oneself");
    assert_eq!(answer(&mut stage, bob, Jid::conference(APP, GROUP), Groupchat, "x"), ok(), "groups are open");
    let (status, _) = stage.call("POST", "/users/alice/contacts/users/bob", Some(&app), &Value::Null);
    assert_eq!(status, 200);
    stage.outputs();
    assert_eq!(answer(&mut stage, bob, alice(), Chat, "x"), ok());
    stage.call("POST", "/users/alice/blocks/users", Some(&app), &json!({"usernames": ["bob"]}));
    assert_eq!(answer(&mut stage, bob, alice(), Chat, "x"), refused(1, "blocked"), "blocks go first");
}

#[test]
fn the_app_s_own_server_rejects_swallows_and_keeps_silent() {
    let rules = "rules: [{contains: no, answer: reject, code: not today}, {contains: never, answer: reject}, \
                 {contains: hush, answer: swallow}, {contains: slow, answer: none}]";
    for (on_timeout, slow) in [("pass", ok()), ("block", refused(19, "custom internal error"))] {
        let mut stage = Stage::with(&format!("hook: {{on_timeout: {on_timeout}, {rules}}}"));
        let (bob, reader) = (stage.login("bob", "b"), stage.login("alice", "a"));
        let room = || Jid::conference(APP, ROOM);
        assert_eq!(answer(&mut stage, bob, alice(), Chat, "no"), refused(19, "not today"));
        assert_eq!(answer(&mut stage, bob, alice(), Chat, "never"), refused(19, "custom logic denied"));
        assert_eq!(answer(&mut stage, bob, alice(), Chat, "slow"), slow);
        assert_eq!(answer(&mut stage, bob, room(), Chatroom, "no"), ok(), "rooms are not asked about");
        assert_eq!(answer(&mut stage, bob, alice(), Chat, "hush"), ok());
        assert_eq!(
            answer(&mut stage, bob, Jid::conference(APP, GROUP), Groupchat, "hush"),
            ok(),
            "the sender does not learn of it"
        );
        let expected: &[&[String]] = if on_timeout == "pass" { &[&["slow".to_owned()]] } else { &[] };
        assert_eq!(stage.pull(reader, &Jid::user(APP, "bob")), expected);
        assert!(stage.pull(reader, &Jid::conference(APP, GROUP)).is_empty());
        assert_eq!(
            answer(&mut stage, bob, alice(), Chat, "no SENSITIVE"),
            refused(7, "sensitive words"),
            "filters go first"
        );
    }
}

#[test]
fn who_sends_too_much_in_a_second_is_refused_until_the_next() {
    let mut stage = Stage::with("limits: {messages_per_second: 2}");
    let (bob, carol) = (stage.login("bob", "b"), stage.login("carol", "c"));
    assert_eq!(answer(&mut stage, bob, alice(), Chat, "SENSITIVE"), refused(7, "sensitive words"));
    assert_eq!(answer(&mut stage, bob, alice(), Chat, "1"), ok());
    assert_eq!(answer(&mut stage, bob, Jid::conference(APP, GROUP), Groupchat, "2"), ok());
    assert_eq!(answer(&mut stage, bob, alice(), Chat, "3"), refused(7, "traffic limit"));
    assert_eq!(answer(&mut stage, carol, alice(), Chat, "1"), ok(), "others are not concerned");
    stage.now = stage.now + Duration::from_secs(1);
    assert_eq!(answer(&mut stage, bob, alice(), Chat, "3"), ok());
}

#[test]
fn a_crowded_room_drops_what_is_too_much_and_a_group_never() {
    let mut stage = Stage::with("limits: {room_messages_per_second: 1}");
    let (bob, reader) = (stage.login("bob", "b"), stage.login("alice", "a"));
    for words in ["1", "2"] {
        assert_eq!(answer(&mut stage, bob, Jid::conference(APP, ROOM), Chatroom, words), ok());
        assert_eq!(answer(&mut stage, bob, Jid::conference(APP, GROUP), Groupchat, words), ok());
    }
    assert_eq!(stage.pull(reader, &Jid::conference(APP, ROOM)).concat(), ["1"]);
    assert_eq!(stage.pull(reader, &Jid::conference(APP, GROUP)).concat(), ["1", "2"]);
}

#[test]
fn only_the_types_that_the_app_takes_are_taken() {
    let mut stage = Stage::with("message_types: [img, cmd]");
    let bob = stage.login("bob", "b");
    assert_eq!(answer(&mut stage, bob, alice(), Chat, "x"), refused(1, "message type is not served"));
    let mut content = |kind: i32| {
        let body = MessageBody {
            r#type: Some(Chat as i32),
            contents: vec![message_body::Content { r#type: Some(kind), ..message_body::Content::default() }],
            ..MessageBody::default()
        };
        stage.last_id += 1;
        let outputs = stage.frame(bob, &meta(stage.last_id, alice(), 1, body.encode_to_vec()));
        let Some((_, Output::Send(bytes))) = outputs.last() else { panic!("{outputs:?}") };
        read_sync(bytes).status.unwrap().error_code
    };
    let taken: Vec<i32> = (0..=9).filter(|kind| content(*kind) == Some(0)).collect();
    assert_eq!(taken, [1, 6]);
}

#[test]
fn receipts_of_a_closed_service_are_taken_and_reach_nobody() {
    let mut stage = Stage::with("services: {receipts: false}");
    let (bob, _alice) = (stage.login("bob", "b"), stage.login("alice", "a"));
    for kind in [4, 5, 7] {
        let outputs = stage.frame(bob, &receipt(kind, alice(), kind as i32, 5));
        let [(to, Output::Send(bytes))] = &outputs[..] else { panic!("{outputs:?}") };
        assert_eq!((*to, read_sync(bytes).status.unwrap().error_code), (bob, Some(0)));
    }
}
