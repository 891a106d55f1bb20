//! What happens at each limit of a world.

use message_body::Type::Chat;

use super::{send::answer, *};

/// The demo world with one limit.
fn limited(limit: &str) -> (Stage, String) {
    let mut stage = Stage::with(&format!("limits: {{{limit}}}"));
    let app = stage.app_token();
    (stage, app)
}

/// Status, `error` and `error_description` of a call that is refused.
fn refusal(answer: (u16, Value)) -> (u16, String, String) {
    let text = |key: &str| answer.1[key].as_str().unwrap_or_default().to_owned();
    (answer.0, text("error"), text("error_description"))
}

fn forbidden(text: &str) -> (u16, String, String) {
    (403, "forbidden_op".to_owned(), text.to_owned())
}

#[test]
fn a_world_full_of_users_takes_no_more() {
    let (mut stage, app) = limited("users: 5");
    let register = |stage: &mut Stage, name: &str| {
        stage.call("POST", "/users", None, &json!({"username": name, "password": "1"}))
    };
    assert_eq!(register(&mut stage, "erin").0, 200);
    let (status, error, _) = refusal(register(&mut stage, "frank"));
    assert_eq!((status, &*error), (429, "resource_limited"));
    assert_eq!(stage.call("DELETE", "/users/erin", Some(&app), &Value::Null).0, 200);
    assert_eq!(register(&mut stage, "frank").0, 200, "there is room again");
}

#[test]
fn a_world_full_of_groups_and_rooms_takes_no_more() {
    let (mut stage, app) = limited("groups: 3");
    let found =
        |stage: &mut Stage, path: &str| stage.call("POST", path, Some(&app), &json!({"owner": "alice"}));
    let (_, made) = found(&mut stage, "/chatgroups");
    let full = forbidden("this appKey has create too many groups/chatrooms!");
    assert_eq!(refusal(found(&mut stage, "/chatgroups")), full);
    assert_eq!(refusal(found(&mut stage, "/chatrooms")), full);
    let path = format!("/chatgroups/{}", made["data"]["groupid"].as_str().unwrap());
    assert_eq!(stage.call("DELETE", &path, Some(&app), &Value::Null).0, 200);
    assert_eq!(found(&mut stage, "/chatrooms").0, 200, "there is room again");
}

#[test]
fn a_full_group_takes_no_more_members() {
    let (mut stage, app) = limited("members_per_group: 3");
    let (_, made) = stage.call("POST", "/chatgroups", Some(&app), &json!({"owner": "alice", "maxusers": 99}));
    let path = format!("/chatgroups/{}/users", made["data"]["groupid"].as_str().unwrap());
    let add =
        |stage: &mut Stage, name: &str| stage.call("POST", &format!("{path}/{name}"), Some(&app), &json!({}));
    assert_eq!((add(&mut stage, "bob").0, add(&mut stage, "carol").0), (200, 200));
    assert_eq!(refusal(add(&mut stage, "dave")), forbidden("group member list is full!"));
}

#[test]
fn a_user_in_as_many_groups_as_a_user_may_be_comes_into_no_more() {
    let (mut stage, app) = limited("groups_per_user: 2");
    // Alice and bob are in the demo group and the demo room already.
    let found = |stage: &mut Stage, owner: &str| {
        stage.call("POST", "/chatgroups", Some(&app), &json!({"owner": owner}))
    };
    assert_eq!(
        refusal(found(&mut stage, "alice")),
        forbidden("user alice has joined too many groups/chatroom!")
    );
    let (_, made) = found(&mut stage, "dave");
    let path = format!("/chatgroups/{}/users", made["data"]["groupid"].as_str().unwrap());
    let add =
        |stage: &mut Stage, name: &str| stage.call("POST", &format!("{path}/{name}"), Some(&app), &json!({}));
    assert_eq!(
        refusal(add(&mut stage, "bob")),
        forbidden("can not join this group, reason:user bob has joined too many groups/chatroom!")
    );
    assert_eq!(add(&mut stage, "carol").0, 200);
}

#[test]
fn a_full_block_list_takes_no_more_by_rest_or_by_frame() {
    let (mut stage, app) = limited("block_list: 2");
    let alice = stage.login("alice", "a");
    let block = |stage: &mut Stage, names: Value| {
        stage.call("POST", "/users/alice/blocks/users", Some(&app), &json!({"usernames": names}))
    };
    assert_eq!(block(&mut stage, json!(["bob", "carol"])).0, 200);
    assert_eq!(refusal(block(&mut stage, json!(["dave"]))), forbidden("a block list holds at most 2 users"));
    assert_eq!(block(&mut stage, json!(["bob"])).0, 200, "who is on it already is no more");
    stage.outputs();
    let outputs = stage.frame(alice, &roster(1, 6, "dave"));
    let Some((_, Output::Send(bytes))) = outputs.last() else { panic!("{outputs:?}") };
    assert_eq!(read_sync(bytes).status.unwrap().reason.as_deref(), Some("the list is full"));
    let (_, list) = stage.call("GET", "/users/alice/blocks/users", Some(&app), &Value::Null);
    assert_eq!(list["data"], json!(["bob", "carol"]));
}

#[test]
fn a_full_contact_list_takes_no_more() {
    let (mut stage, app) = limited("contacts: 1");
    let befriend = |stage: &mut Stage, one: &str, other: &str| {
        stage.call("POST", &format!("/users/{one}/contacts/users/{other}"), Some(&app), &Value::Null)
    };
    assert_eq!(befriend(&mut stage, "alice", "bob").0, 200);
    for (one, other) in [("alice", "carol"), ("carol", "alice")] {
        assert_eq!(refusal(befriend(&mut stage, one, other)), forbidden("a user has at most 1 contacts"));
    }
    assert_eq!(befriend(&mut stage, "carol", "dave").0, 200);
}

#[test]
fn one_token_too_many_ends_the_oldest() {
    let (mut stage, _) = limited("tokens: 2");
    let tokens: Vec<String> = (0..3).map(|_| stage.user_token("bob")).collect();
    let works = |stage: &mut Stage, token: &str| {
        stage.call("GET", "/users/bob/blocks/users", Some(token), &Value::Null).0 == 200
    };
    let working: Vec<bool> = tokens.iter().map(|token| works(&mut stage, token)).collect();
    assert_eq!(working, [false, true, true]);
}

#[test]
fn too_many_calls_in_a_second_are_429_and_the_next_second_is_another() {
    let (mut stage, app) = limited("rest_calls_per_second: 2");
    let call = |stage: &mut Stage| stage.call("GET", "/users/bob/status", Some(&app), &Value::Null);
    assert_eq!(call(&mut stage).0, 200, "the token was the first call");
    assert_eq!(
        refusal(call(&mut stage)),
        (429, "reach_limit".to_owned(), "This request has reached api limit".to_owned())
    );
    stage.now = stage.now + std::time::Duration::from_secs(1);
    assert_eq!(call(&mut stage).0, 200);
}

#[test]
fn past_the_offline_limit_the_oldest_message_of_all_conversations_goes() {
    let (mut stage, app) = limited("offline_per_user: 3");
    let (alice, carol) = (stage.login("alice", "a"), stage.login("carol", "c"));
    let bob = || Jid::user(APP, "bob");
    for (sender, words) in [(alice, "1"), (carol, "2"), (alice, "3"), (carol, "4"), (carol, "5")] {
        assert_eq!(answer(&mut stage, sender, bob(), Chat, words).0, 0, "the sender does not notice");
    }
    let (_, count) = stage.call("GET", "/users/bob/offline_msg_count", Some(&app), &Value::Null);
    assert_eq!(count["data"]["bob"], 3);
    let reader = stage.login("bob", "b");
    assert_eq!(stage.pull(reader, &Jid::user(APP, "alice")).concat(), ["3"]);
    assert_eq!(stage.pull(reader, &Jid::user(APP, "carol")).concat(), ["4", "5"]);
}

#[test]
fn past_the_history_limits_the_oldest_message_goes() {
    for (limit, left) in [("history_per_conversation: 2", ["4", "3", "c"]), ("history: 3", ["4", "3", "2"])] {
        let (mut stage, _) = limited(limit);
        let (alice, carol) = (stage.login("alice", "a"), stage.login("carol", "c"));
        let bob = || Jid::user(APP, "bob");
        answer(&mut stage, carol, bob(), Chat, "c");
        for words in ["1", "2", "3", "4"] {
            answer(&mut stage, alice, bob(), Chat, words);
        }
        let token = stage.user_token("bob");
        let mut texts = Vec::new();
        for peer in ["alice", "carol"] {
            let body = json!({"queue": format!("{peer}@easemob.com"), "start": -1});
            let (_, page) = stage.call("POST", "/users/bob/messageroaming", Some(&token), &body);
            for message in page["data"]["msgs"].as_array().unwrap() {
                let bytes = base64::Engine::decode(
                    &base64::prelude::BASE64_STANDARD,
                    message["msg"].as_str().unwrap(),
                );
                let meta = Meta::decode(&bytes.unwrap()[..]).unwrap();
                let body = MessageBody::decode(meta.payload.unwrap()).unwrap();
                texts.push(body.contents[0].text.clone().unwrap());
            }
        }
        assert_eq!(texts, left, "{limit}");
    }
}

#[test]
fn a_body_of_the_limit_is_taken_and_a_longer_one_is_not() {
    let length = |words: usize| {
        let frame = text(1, Jid::user(APP, "alice"), Chat, &"x".repeat(words));
        let sync = CommSyncUl::decode(frame.payload.unwrap()).unwrap();
        sync.meta.unwrap().payload.unwrap().len()
    };
    let (mut stage, _) = limited(&format!("body_bytes: {}", length(100)));
    let bob = stage.login("bob", "b");
    assert_eq!(answer(&mut stage, bob, Jid::user(APP, "alice"), Chat, &"x".repeat(100)).0, 0);
    assert_eq!(
        answer(&mut stage, bob, Jid::user(APP, "alice"), Chat, &"x".repeat(101)),
        (7, "Sorry, data is too large".to_owned())
    );
}

/// A message of somewhat more than a thousand bytes.
fn long(word: &str) -> String {
    format!("{word}{}", "x".repeat(1_000))
}

#[test]
fn past_the_bytes_that_may_wait_for_a_user_the_oldest_message_goes() {
    let (mut stage, _) = limited("offline_bytes_per_user: 3500");
    let (alice, bob) = (stage.login("alice", "a"), Jid::user(APP, "bob"));
    let sent: Vec<u64> =
        ["1", "2", "3", "4", "5"].map(|word| stage.say(alice, bob.clone(), Chat, &long(word))).into();
    stage.frame(alice, &receipt(99, bob.clone(), message_body::Type::Recall as i32, sent[3]));
    stage.say(alice, bob.clone(), Chat, &long("6"));
    let reader = stage.login("bob", "b");
    let waited = stage.pull(reader, &Jid::user(APP, "alice")).concat();
    let texts: Vec<&String> = waited.iter().filter(|text| text.len() > 1_000).collect();
    assert_eq!(texts, [&long("5"), &long("6")], "the recall waits, too");
    // What was read is counted off again, and what alone is too much arrives alone.
    for word in ["7", "8"] {
        stage.say(alice, bob.clone(), Chat, &long(word));
    }
    stage.say(alice, bob, Chat, &"y".repeat(4_000));
    assert_eq!(stage.pull(reader, &Jid::user(APP, "alice")).concat(), ["y".repeat(4_000)]);
}

#[test]
fn past_the_bytes_of_the_history_the_oldest_message_of_all_goes() {
    let (mut stage, _) = limited("history_bytes: 3500");
    let (alice, carol) = (stage.login("alice", "a"), stage.login("carol", "c"));
    let bob = || Jid::user(APP, "bob");
    stage.say(carol, bob(), Chat, &long("c"));
    let sent = ["1", "2", "3"].map(|word| stage.say(alice, bob(), Chat, &long(word)));
    assert!(stage.newest("bob", "carol@easemob.com").is_empty());
    assert_eq!(stage.newest("bob", "alice@easemob.com"), ["3", "2", "1"].map(long));
    stage.frame(alice, &receipt(99, bob(), message_body::Type::Recall as i32, sent[1]));
    stage.say(alice, bob(), Chat, &long("4"));
    assert_eq!(stage.newest("bob", "alice@easemob.com"), ["4", "3", "1"].map(long), "a recall makes room");
    stage.say(alice, bob(), Chat, &"y".repeat(4_000));
    assert_eq!(stage.newest("bob", "alice@easemob.com").len(), 3, "what alone is too much is not kept");
}
