//! Sending: who may, how a refusal looks, and what others get.

use std::time::Duration;

use message_body::Type::{Chat, Chatroom, Groupchat};

use super::*;

const GROUP: &str = "93734273351681";

/// The answer to one text of `sender`: status, reason.
pub(super) fn answer(
    stage: &mut Stage,
    sender: ConnectionId,
    to: Jid,
    kind: message_body::Type,
    words: &str,
) -> (i32, String) {
    stage.last_id += 1;
    let outputs = stage.frame(sender, &text(stage.last_id, to, kind, words));
    let Some((_, Output::Send(bytes))) = outputs.iter().rfind(|(to, _)| *to == sender) else {
        panic!("{outputs:?}")
    };
    let ack = read_sync(bytes);
    assert_eq!((ack.meta_id, ack.is_last, ack.metas.len()), (Some(stage.last_id), None, 0));
    let status = ack.status.unwrap();
    assert_eq!(ack.server_id.is_some(), status.error_code == Some(0));
    (status.error_code.unwrap(), status.reason.unwrap_or_default())
}

fn group() -> Jid {
    Jid::conference(APP, GROUP)
}

#[test]
fn each_situation_is_refused_with_its_pair() {
    let mut stage = Stage::new();
    let app = stage.app_token();
    let (bob, dave) = (stage.login("bob", "b"), stage.login("dave", "d"));
    let refused = |status: i32, reason: &str| (status, reason.to_owned());
    let ok = refused(0, "");
    let path = |rest: &str| format!("/chatgroups/{GROUP}/{rest}");
    let rest = |stage: &mut Stage, method: &str, path: &str, body: &Value| {
        assert_eq!(stage.call(method, path, Some(&app), body).0, 200, "{method} {path}");
        stage.outputs();
    };

    assert_eq!(
        answer(&mut stage, bob, Jid::conference(APP, "1"), Groupchat, "x"),
        refused(1, "group not found")
    );
    assert_eq!(
        answer(&mut stage, bob, Jid::conference(APP, "1"), Chatroom, "x"),
        refused(1, "group not found")
    );
    assert_eq!(answer(&mut stage, bob, group(), Chatroom, "x"), refused(1, "group not found"));
    assert_eq!(answer(&mut stage, dave, group(), Groupchat, "x"), refused(1, "not in group or chatroom"));
    assert_eq!(answer(&mut stage, bob, group(), Groupchat, "x"), ok);

    rest(&mut stage, "POST", &path("ban"), &Value::Null);
    assert_eq!(
        answer(&mut stage, bob, group(), Groupchat, "x"),
        refused(1, "not in group or chatroom white list")
    );
    rest(&mut stage, "POST", &path("white/users"), &json!({"usernames": ["bob"]}));
    assert_eq!(answer(&mut stage, bob, group(), Groupchat, "x"), ok);
    rest(&mut stage, "POST", &path("mute"), &json!({"usernames": ["bob"], "mute_duration": 60_000}));
    assert_eq!(
        answer(&mut stage, bob, group(), Groupchat, "x"),
        refused(15, ""),
        "the allow list lifts no mute"
    );
    rest(&mut stage, "DELETE", &path("ban"), &Value::Null);
    assert_eq!(answer(&mut stage, bob, group(), Groupchat, "x"), refused(15, ""));
    stage.now = stage.now + Duration::from_secs(60);
    assert_eq!(answer(&mut stage, bob, group(), Groupchat, "x"), ok, "the mute has ended");
    rest(&mut stage, "POST", &path("disable"), &Value::Null);
    assert_eq!(answer(&mut stage, bob, group(), Groupchat, "x"), refused(1, "group is disabled"));

    rest(&mut stage, "POST", "/users/alice/blocks/users", &json!({"usernames": ["bob"]}));
    assert_eq!(answer(&mut stage, bob, Jid::user(APP, "alice"), Chat, "x"), refused(1, "blocked"));
    assert_eq!(answer(&mut stage, bob, Jid::user(APP, "alice"), Chat, "SENSITIVE"), refused(1, "blocked"));
    rest(&mut stage, "DELETE", "/users/alice/blocks/users/bob", &Value::Null);
    assert_eq!(answer(&mut stage, bob, Jid::user(APP, "alice"), Chat, "x"), ok);
    assert_eq!(
        answer(&mut stage, bob, Jid::user(APP, "alice"), Chat, &"x".repeat(70_000)),
        refused(7, "Sorry, data is too large")
    );
}

#[test]
fn the_demo_filters_refuse_as_documented() {
    let mut stage = Stage::new();
    let bob = stage.login("bob", "b");
    let pairs = [
        ("is SENSITIVE", 7, "sensitive words"),
        ("ANTISPAM", 7, "blocked by mod_antispam"),
        ("EXTERNAL", 19, "custom logic denied"),
        ("UNKNOWNERR", 1, "unlisted reason"),
        ("trigger:blocked", 1, "blocked"),
        ("trigger:nogroup", 1, "group not found"),
        ("trigger:notjoined", 1, "not in group or chatroom"),
        ("trigger:whitelist", 1, "not in group or chatroom white list"),
        ("trigger:sensitive", 7, "sensitive words"),
        ("trigger:antispam", 7, "blocked by mod_antispam"),
        ("trigger:external", 19, "custom logic denied"),
        ("trigger:unknown", 1, "whatever"),
        ("trigger:other", 9, "other"),
        ("trigger:muted", 15, ""),
        ("EXTERNAL and SENSITIVE", 7, "sensitive words"),
        ("sensitive", 0, ""),
    ];
    for (words, status, reason) in pairs {
        for (to, kind) in [(Jid::user(APP, "alice"), Chat), (group(), Groupchat)] {
            assert_eq!(answer(&mut stage, bob, to, kind, words), (status, reason.to_owned()), "{words}");
        }
    }
}

#[test]
fn a_text_to_nobody_is_accepted_or_refused_as_the_world_says() {
    let mut stage = Stage::new();
    let bob = stage.login("bob", "b");
    assert_eq!(answer(&mut stage, bob, Jid::user(APP, "nobody"), Chat, "x").0, 0);
    let mut stage = Stage::with("choices: {unknown_recipient: refuse}");
    let bob = stage.login("bob", "b");
    let refused = (1, "username nobody doesn't exist!".to_owned());
    assert_eq!(answer(&mut stage, bob, Jid::user(APP, "nobody"), Chat, "x"), refused);
}

#[test]
fn a_repeated_local_id_gets_the_first_answer_and_is_delivered_once() {
    let mut stage = Stage::with("limits: {duplicates_per_device: 2}");
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let send = |stage: &mut Stage, id: u64| {
        let outputs = stage.frame(alice, &text(id, Jid::user(APP, "bob"), Chat, &id.to_string()));
        let Some((_, Output::Send(bytes))) = outputs.last() else { panic!("{outputs:?}") };
        read_sync(bytes).server_id.unwrap()
    };
    let first = send(&mut stage, 1);
    assert_eq!(send(&mut stage, 1), first);
    let second = send(&mut stage, 2);
    assert!(second > first);
    assert_eq!(send(&mut stage, 1), first);
    send(&mut stage, 3);
    assert_ne!(send(&mut stage, 1), first, "beyond its bound the memory forgets the oldest");
    assert_eq!(stage.pull(bob, &Jid::user(APP, "alice")).concat(), ["1", "2", "3", "1"]);

    stage.world.disconnect(stage.now, alice);
    let again = stage.login("alice", "a");
    let outputs = stage.frame(again, &text(3, Jid::user(APP, "bob"), Chat, "3"));
    assert_eq!(outputs.len(), 1, "the same resource is the same device: only the answer");
    let other = stage.login("alice", "other");
    let outputs = stage.frame(other, &text(3, Jid::user(APP, "bob"), Chat, "3"));
    assert!(outputs.iter().any(|(to, _)| *to == bob), "another resource numbers for itself");
}

#[test]
fn the_sender_is_the_sessions_user_and_other_fields_survive() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let mut body = MessageBody {
        r#type: Some(1),
        from: Some(Jid::user(APP, "carol")),
        to: Some(Jid::named("BOB")),
        contents: vec![message_body::Content {
            r#type: Some(7),
            custom_event: Some("e".into()),
            ..Default::default()
        }],
        ..MessageBody::default()
    }
    .encode_to_vec();
    // A field that this schema does not know: number 99, a varint.
    body.extend([0x98, 0x06, 0x05]);
    let meta = Meta {
        id: Some(1),
        from: Some(Jid::device(APP, "carol", "c")),
        to: Some(Jid::user(APP, "BOB")),
        ns: Some(1),
        payload: Some(body.into()),
        ..Meta::default()
    };
    stage.frame(alice, &sync(&CommSyncUl { meta: Some(meta), ..CommSyncUl::default() }));
    let page = stage.fetch(bob, &Jid::user(APP, "alice"), None);
    let meta = &page.metas[0];
    assert_eq!(meta.from, Some(Jid::device(APP, "alice", "a")));
    assert_eq!(meta.to, Some(Jid::user(APP, "bob")));
    let payload = meta.payload.clone().unwrap();
    assert!(payload.ends_with(&[0x98, 0x06, 0x05]));
    let body = MessageBody::decode(payload).unwrap();
    assert_eq!((body.from, body.to), (Some(Jid::named("alice")), Some(Jid::named("bob"))));
    assert_eq!(body.contents[0].custom_event.as_deref(), Some("e"));
}

#[test]
fn only_who_is_named_or_online_gets_what_is_sent_so() {
    let mut stage = Stage::new();
    let (alice, bob, carol) = (stage.login("alice", "a"), stage.login("bob", "b"), stage.login("carol", "c"));
    let routed = |frame: MSync, route: i32, users: &[&str]| {
        let mut payload = CommSyncUl::decode(frame.payload.unwrap()).unwrap();
        let meta = payload.meta.as_mut().unwrap();
        meta.routetype = Some(route);
        meta.directed_users = users.iter().map(|&user| user.to_owned()).collect();
        sync(&payload)
    };
    stage.frame(alice, &routed(text(1, group(), Groupchat, "psst"), 2, &["carol"]));
    assert!(stage.pull(bob, &group()).is_empty());
    assert_eq!(stage.pull(carol, &group()).concat(), ["psst"]);
    stage.frame(alice, &routed(text(2, Jid::user(APP, "dave"), Chat, "are you there?"), 1, &[]));
    let dave = stage.login("dave", "d");
    assert!(stage.pull(dave, &Jid::user(APP, "alice")).is_empty());
}

#[test]
fn a_recall_takes_the_message_from_queues_and_history_and_tells_everybody() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let outputs = stage.frame(alice, &text(1, group(), Groupchat, "oops"));
    let Some((_, Output::Send(ack))) = outputs.last() else { panic!("{outputs:?}") };
    let mid = read_sync(ack).server_id.unwrap();
    let outcome = |stage: &mut Stage, from: ConnectionId, id: u64, mid: u64| {
        let outputs = stage.frame(from, &receipt(id, group(), 6, mid));
        let Some((_, Output::Send(bytes))) = outputs.iter().rfind(|(to, _)| *to == from) else { panic!() };
        let status = read_sync(bytes).status.unwrap();
        (status.error_code.unwrap(), status.reason.unwrap_or_default())
    };
    assert_eq!(outcome(&mut stage, bob, 2, mid), (1, "recall message not found".into()), "it is not bob's");
    assert_eq!(outcome(&mut stage, alice, 3, 1), (1, "recall message not found".into()));
    assert_eq!(outcome(&mut stage, alice, 4, mid), (0, String::new()));
    let page = stage.fetch(bob, &group(), None);
    assert_eq!(page.metas.len(), 1);
    let body = MessageBody::decode(page.metas[0].payload.clone().unwrap()).unwrap();
    assert_eq!((body.r#type, body.ack_message_id), (Some(6), Some(mid)));
    assert_eq!(outcome(&mut stage, alice, 5, mid), (1, "recall message not found".into()));

    let outputs = stage.frame(alice, &text(6, group(), Groupchat, "late"));
    let Some((_, Output::Send(ack))) = outputs.last() else { panic!("{outputs:?}") };
    let mid = read_sync(ack).server_id.unwrap();
    stage.now = stage.now + Duration::from_secs(121);
    assert_eq!(outcome(&mut stage, alice, 7, mid), (1, "exceed recall time limit".into()));
    let mut stage = Stage::with("services: {recall: false}");
    let alice = stage.login("alice", "a");
    assert_eq!(outcome(&mut stage, alice, 1, 1), (1, "message recall disabled".into()));
}

#[test]
fn a_block_by_frame_works_like_one_by_rest() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    for (id, operation, status) in [(106, 6, 1), (107, 7, 0)] {
        let outputs = stage.frame(alice, &roster(id, operation, "bob"));
        let Some((_, Output::Send(bytes))) = outputs.last() else { panic!("{outputs:?}") };
        assert_eq!(read_sync(bytes).status.unwrap().error_code, Some(0));
        assert_eq!(answer(&mut stage, bob, Jid::user(APP, "alice"), Chat, "x").0, status);
    }
}

#[test]
fn a_room_is_joined_and_left_by_frame() {
    let mut stage = Stage::new();
    let (alice, dave) = (stage.login("alice", "a"), stage.login("dave", "d"));
    let room = Jid::conference(APP, "179800091197441");
    for (id, operation, status, told) in [(101, 2, 0, 17), (102, 3, 1, 18)] {
        stage.frame(dave, &muc(id, operation, &room));
        let page = stage.fetch(alice, &room, None);
        let body = MucBody::decode(page.metas[0].payload.clone().unwrap()).unwrap();
        assert_eq!((body.operation, body.from.unwrap().name.as_deref()), (Some(told), Some("dave")));
        stage.fetch(alice, &room, page.next_key);
        assert_eq!(answer(&mut stage, dave, room.clone(), Chatroom, "x").0, status);
        stage.pull(alice, &room);
    }
    let outputs = stage.frame(dave, &muc(9, 2, &Jid::conference(APP, "7")));
    let [(_, Output::Send(bytes))] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(read_sync(bytes).status.unwrap().reason.as_deref(), Some("grpID 7 does not exist!"));
}
