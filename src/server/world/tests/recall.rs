//! Recall and what it leaves behind, as frames and REST calls see it.

use std::time::Duration;

use super::{
    timeline::{GROUP, group, row, user},
    *,
};
use message_body::Type::{Chat, Groupchat};

#[test]
fn a_recall_corrects_history_sessions_and_unread_counts() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let first = stage.say(alice, user("bob"), Chat, "1");
    let second = stage.say(alice, user("bob"), Chat, "2");
    assert_eq!(stage.recall(bob, user("alice"), second), "recall message not found", "it is alice's");
    assert_eq!(stage.recall(alice, user("carol"), second), "recall message not found", "not sent to carol");
    assert_eq!(stage.recall(alice, user("bob"), stage.last_id), "recall message not found", "a client's id");
    assert_eq!(stage.recall(alice, user("bob"), second), "");
    assert_eq!(stage.recall(alice, user("bob"), second), "recall message not found", "it is gone");
    assert_eq!(stage.newest("bob", "alice@easemob.com"), ["1"]);
    assert_eq!(stage.sessions("bob"), [row("alice@easemob.com", "1", 1)]);
    assert_eq!(stage.sessions("alice"), [row("bob@easemob.com", "1", 0)]);
    stage.channel(bob, user("alice"));
    stage.say(alice, user("bob"), Chat, "3");
    assert_eq!(stage.recall(alice, user("bob"), first), "");
    assert_eq!(stage.sessions("bob"), [row("alice@easemob.com", "3", 1)], "what was read was not counted");
    let third = stage.newest("bob", "alice@easemob.com");
    assert_eq!(third, ["3"]);
}

#[test]
fn a_session_whose_only_message_was_taken_back_is_empty() {
    let mut stage = Stage::new();
    let alice = stage.login("alice", "a");
    let mid = stage.say(alice, group(), Groupchat, "oops");
    assert_eq!(stage.recall(alice, group(), mid), "");
    let team = format!("{GROUP}@conference.easemob.com");
    assert_eq!(stage.sessions("bob"), [(team, None, 0)]);
    assert!(stage.newest("carol", &format!("{GROUP}@conference.easemob.com")).is_empty());
}

#[test]
fn who_left_a_group_takes_nothing_back_there() {
    let mut stage = Stage::new();
    let bob = stage.login("bob", "b");
    let mid = stage.say(bob, group(), Groupchat, "bye");
    let token = stage.user_token("bob");
    let (status, answer) =
        stage.call("DELETE", &format!("/chatgroups/{GROUP}/quit"), Some(&token), &Value::Null);
    assert_eq!(status, 200, "{answer}");
    assert_eq!(stage.recall(bob, group(), mid), "not in group or chatroom");
    assert_eq!(stage.recall(bob, Jid::conference(APP, "1"), mid), "group not found");
}

#[test]
fn the_recall_window_is_a_number_of_the_world_and_includes_its_end() {
    let mut stage = Stage::with("limits: {recall_window: 120s}");
    let alice = stage.login("alice", "a");
    for (seconds, reason) in [(119, ""), (120, ""), (121, "exceed recall time limit")] {
        let mid = stage.say(alice, user("bob"), Chat, "x");
        stage.now = stage.now + Duration::from_secs(seconds);
        assert_eq!(stage.recall(alice, user("bob"), mid), reason, "{seconds}");
    }
}

#[test]
fn who_was_away_learns_of_a_recall_and_never_sees_the_message() {
    let mut stage = Stage::new();
    let alice = stage.login("alice", "a");
    let mid = stage.say(alice, user("bob"), Chat, "secret");
    stage.say(alice, user("bob"), Chat, "open");
    assert_eq!(stage.recall(alice, user("bob"), mid), "");
    let bob = stage.login("bob", "b");
    let page = stage.fetch(bob, &user("alice"), None);
    let bodies: Vec<MessageBody> =
        page.metas.iter().map(|meta| MessageBody::decode(meta.payload.clone().unwrap()).unwrap()).collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0].contents[0].text.as_deref(), Some("open"));
    assert_eq!((bodies[1].r#type, bodies[1].ack_message_id), (Some(6), Some(mid)));
}

#[test]
fn the_app_takes_any_message_back_and_a_user_only_the_users_own() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let app = stage.app_token();
    let single = stage.say(alice, user("bob"), Chat, "1");
    let spoken = stage.say(alice, group(), Groupchat, "2");
    for (path, mid, to, chat_type, queue) in [
        ("msg_recall", single, "bob", "chat", user("alice")),
        ("recall", spoken, GROUP, "groupchat", group()),
    ] {
        let body = json!({"msg_id": mid.to_string(), "to": to, "chat_type": chat_type,
            "recallMessageExtensionInfo": "why"});
        let (status, answer) = stage.call("POST", &format!("/messages/{path}"), Some(&app), &body);
        let expected = json!({"recalled": "yes", "chattype": chat_type, "from": "admin", "to": to,
            "msg_id": mid.to_string()});
        assert_eq!((status, &answer["data"]), (200, &expected));
        stage.outputs();
        let page = stage.fetch(bob, &queue, None);
        let [meta] = &page.metas[..] else { panic!("the message itself is gone: {page:?}") };
        let body = MessageBody::decode(meta.payload.clone().unwrap()).unwrap();
        assert_eq!((body.r#type, body.ack_message_id), (Some(6), Some(mid)));
        assert_eq!(body.from, Some(Jid::named("admin")));
        assert_eq!(meta.ext[0].key(), "recallMessageExtensionInfo");
        stage.fetch(bob, &queue, page.next_key);
    }
    assert!(
        stage.fetch(alice, &user("bob"), None).metas.is_empty(),
        "its sender is not told without sync_device"
    );
    assert_eq!(stage.fetch(alice, &group(), None).metas.len(), 1);

    let mid = stage.say(alice, user("bob"), Chat, "3").to_string();
    let (alice_token, bob_token) = (stage.user_token("alice"), stage.user_token("bob"));
    let refused = |stage: &mut Stage, token: &str, body: Value| {
        let (status, answer) = stage.call("POST", "/messages/msg_recall", Some(token), &body);
        assert_eq!(status, 200, "{answer}");
        answer["data"]["msgs"][0]["recalled"].as_str().map(str::to_owned)
    };
    let body = |mid: &str, to: &str| json!({"msg_id": mid, "to": to, "chat_type": "chat"});
    assert_eq!(refused(&mut stage, &bob_token, body(&mid, "bob")).as_deref(), Some("not_found msg"));
    assert_eq!(refused(&mut stage, &app, body(&mid, "nobody")).as_deref(), Some("can't find msg to"));
    assert_eq!(refused(&mut stage, &app, body(&mid, "carol")).as_deref(), Some("can't find msg to"));
    assert_eq!(refused(&mut stage, &app, body("7", "bob")).as_deref(), Some("not_found msg"));
    assert_eq!(refused(&mut stage, &alice_token, body(&mid, "bob")), None);
    assert_eq!(refused(&mut stage, &alice_token, body(&mid, "bob")).as_deref(), Some("not_found msg"));
    let (status, _) = stage.call(
        "POST",
        "/messages/msg_recall",
        Some(&alice_token),
        &json!({"msg_id": mid, "to": "bob", "chat_type": "chat", "from": "bob"}),
    );
    assert_eq!(status, 403, "alice does not speak for bob");

    let late = stage.say(alice, user("bob"), Chat, "4").to_string();
    stage.now = stage.now + Duration::from_secs(121);
    assert_eq!(refused(&mut stage, &app, body(&late, "bob")).as_deref(), Some("exceed recall time limit"));
}

#[test]
fn a_forced_recall_tells_of_a_message_that_the_server_has_forgotten() {
    let mut stage = Stage::with("limits: {history_per_conversation: 1, recall_window: 120s}");
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let app = stage.app_token();
    let mid = stage.say(alice, user("bob"), Chat, "1");
    stage.say(alice, user("bob"), Chat, "2");
    stage.pull(bob, &user("alice"));
    for (force, from, expected) in [
        (false, "alice", json!({"msgs": [{"msg_id": mid.to_string(), "recalled": "not_found msg"}]})),
        (true, "nobody", json!({"msgs": [{"msg_id": mid.to_string(), "recalled": "not_found msg"}]})),
        (
            true,
            "alice",
            json!({"recalled": "yes", "chattype": "chat", "from": "alice", "to": "bob",
            "msg_id": mid.to_string()}),
        ),
    ] {
        let body = json!({"msg_id": mid, "to": "bob", "chat_type": "chat", "from": from, "force": force});
        let (_, answer) = stage.call("POST", "/messages/msg_recall", Some(&app), &body);
        assert_eq!(answer["data"], expected, "{force} {from}");
    }
    stage.outputs();
    let page = stage.fetch(bob, &user("alice"), None);
    assert_eq!(page.metas.len(), 1, "only the recall is left");
}

#[test]
fn the_owner_takes_back_what_others_said_only_where_the_world_says_so() {
    for (choice, reason) in [("true", ""), ("false", "recall message not found")] {
        let mut stage = Stage::with(&format!("choices: {{staff_recall: {choice}}}"));
        let (alice, bob, carol) =
            (stage.login("alice", "a"), stage.login("bob", "b"), stage.login("carol", "c"));
        let mid = stage.say(bob, group(), Groupchat, "improper");
        assert_eq!(stage.recall(carol, group(), mid), "recall message not found", "carol is no admin");
        assert_eq!(stage.recall(alice, group(), mid), reason);
        let single = stage.say(bob, user("alice"), Chat, "x");
        assert_eq!(stage.recall(alice, user("bob"), single), "recall message not found");
    }
}

#[test]
fn the_senders_other_devices_hear_of_a_recall_too() {
    let mut stage = Stage::new();
    let (alice, other) = (stage.login("alice", "a"), stage.login("alice", "b"));
    for (to, kind) in [(user("bob"), Chat), (group(), Groupchat)] {
        let mid = stage.say(alice, to.clone(), kind, "x");
        assert_eq!(stage.recall(alice, to.clone(), mid), "");
        let page = stage.fetch(other, &to, None);
        let [meta] = &page.metas[..] else { panic!("only the recall is left: {page:?}") };
        let body = MessageBody::decode(meta.payload.clone().unwrap()).unwrap();
        assert_eq!((body.r#type, body.ack_message_id), (Some(6), Some(mid)));
        stage.fetch(other, &to, page.next_key);
    }
}
