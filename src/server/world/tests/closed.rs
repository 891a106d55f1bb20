//! What a world answers whose services are closed.

use message_body::Type::{Chat, Chatroom, Groupchat};

use super::{send::answer, *};

const GROUP: &str = "93734273351681";
const ROOM: &str = "179800091197441";

#[test]
fn each_closed_service_refuses_its_calls_and_no_others() {
    let group = |rest: &str| format!("/chatgroups/{GROUP}{rest}");
    let room = |rest: &str| format!("/chatrooms/{ROOM}{rest}");
    let names = json!({"usernames": ["bob"]});
    let contacts = "/users/alice/contacts/users".to_owned();
    let blocks = "/users/alice/blocks/users".to_owned();
    let roaming = json!({"queue": "bob@easemob.com", "start": -1});
    // Service, call, body, what the refusal says.
    let calls = [
        ("groups", "GET", group(""), Value::Null, "group service not open!"),
        ("groups", "GET", "/users/bob/joined_chatgroups".to_owned(), Value::Null, "group service not open!"),
        ("groups", "GET", "/publicchatgroups".to_owned(), Value::Null, "group service not open!"),
        ("rooms", "GET", room(""), Value::Null, "chatroom service not open!"),
        ("rooms", "GET", "/users/bob/joined_chatrooms".to_owned(), Value::Null, "chatroom service not open!"),
        ("contacts", "GET", contacts, Value::Null, "contact service not open!"),
        ("blocks", "GET", blocks, Value::Null, "block service not open!"),
        ("blocks", "GET", group("/blocks/users"), Value::Null, "block service not open!"),
        ("mutes", "POST", group("/ban"), Value::Null, "mute service not open!"),
        ("mutes", "GET", room("/mute"), Value::Null, "mute service not open!"),
        ("mutes", "POST", "/mutes".to_owned(), json!({"username": "bob"}), "mute service not open!"),
        ("allow_lists", "POST", group("/white/users"), names, "allow list service not open!"),
        ("group_ack", "GET", group("/acks/1"), Value::Null, "group ack service not open!"),
        (
            "roaming",
            "POST",
            "/users/bob/messageroaming".to_owned(),
            roaming,
            "messageroaming function not open!",
        ),
        (
            "sessions",
            "GET",
            "/users/bob/user_channels".to_owned(),
            Value::Null,
            "session list service not open!",
        ),
        ("recall", "POST", "/messages/recall".to_owned(), json!({}), "message recall service is unopened"),
    ];
    let services: std::collections::BTreeSet<&str> = calls.iter().map(|(service, ..)| *service).collect();
    for closed in services {
        let mut stage = Stage::with(&format!("services: {{{closed}: false}}"));
        let app = stage.app_token();
        for (service, method, path, body, text) in &calls {
            let (status, answer) = stage.call(method, path, Some(&app), body);
            // Every other call to a closed place is closed with it.
            let is_of_closed_place = path.starts_with(&format!("/chat{closed}/"));
            if *service == closed {
                assert_eq!(
                    (status, &answer["error"], &answer["error_description"]),
                    (403, &json!("forbidden_op"), &json!(text)),
                    "{closed}: {method} {path}"
                );
            } else if !is_of_closed_place {
                assert_ne!(status, 403, "{closed}: {method} {path}: {answer}");
            }
        }
    }
}

#[test]
fn closed_groups_and_rooms_are_not_there() {
    for (closed, open) in [("groups", "rooms"), ("rooms", "groups")] {
        let mut stage = Stage::with(&format!("services: {{{closed}: false}}"));
        let bob = stage.login("bob", "b");
        let say = |stage: &mut Stage, kind: &str| {
            let (id, kind) = if kind == "groups" { (GROUP, Groupchat) } else { (ROOM, Chatroom) };
            answer(stage, bob, Jid::conference(APP, id), kind, "x")
        };
        assert_eq!(say(&mut stage, closed), (1, "group not found".to_owned()));
        assert_eq!(say(&mut stage, open), (0, String::new()));
        assert_eq!(answer(&mut stage, bob, Jid::user(APP, "alice"), Chat, "x"), (0, String::new()));
    }
}

#[test]
fn frames_about_closed_contacts_and_blocks_are_refused() {
    for (closed, refused) in [("contacts", [2, 3, 4, 5].as_slice()), ("blocks", &[6, 7])] {
        let mut stage = Stage::with(&format!("services: {{{closed}: false}}"));
        let alice = stage.login("alice", "a");
        for operation in 2..=7 {
            let outputs = stage.frame(alice, &roster(operation as u64, operation, "bob"));
            let Some((_, Output::Send(bytes))) = outputs.last() else { panic!("{outputs:?}") };
            let status = read_sync(bytes).status.unwrap();
            let is_refused = refused.contains(&operation);
            assert_eq!(status.error_code, Some(i32::from(is_refused)), "{closed}: {operation}");
            assert_eq!(status.reason.is_some_and(|reason| reason.ends_with("service not open!")), is_refused);
        }
    }
}

#[test]
fn what_a_closed_service_left_in_the_world_file_has_no_effect() {
    let demo = include_str!("../../../../fixtures/worlds/demo.yaml");
    let places = format!(
        "groups:\n  - {{id: \"{GROUP}\", owner: alice, members: [bob], muted: [bob], mute_all: true}}\n\
         blocks: {{alice: [bob]}}\n"
    );
    let kept = demo.replace("blocks: {}\n", "").replace("groups:\n", "old: \n");
    let kept: Vec<&str> = kept
        .lines()
        .filter(|line| {
            !line.starts_with("old:") && !line.contains("demo group") && !line.starts_with("services:")
        })
        .collect();
    let text = format!(
        "{}\n{places}services: {{mutes: false, blocks: false, allow_lists: false}}\n",
        kept.join("\n")
    );
    let mut stage = Stage::of(&WorldFile::parse("w.yaml", &text).unwrap());
    let bob = stage.login("bob", "b");
    assert_eq!(answer(&mut stage, bob, Jid::conference(APP, GROUP), Groupchat, "x"), (0, String::new()));
    assert_eq!(answer(&mut stage, bob, Jid::user(APP, "alice"), Chat, "x"), (0, String::new()));
}
