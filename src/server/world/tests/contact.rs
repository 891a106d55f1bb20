//! Contacts and block lists: who hears what.

use serde_json::{Value, json};

use super::*;

impl Stage {
    /// What a device hears of contacts and blocks in its queue with another user.
    fn roster_news(&mut self, id: ConnectionId, other: &str) -> Vec<String> {
        let queue = Jid::user(APP, other);
        let mut news = Vec::new();
        let mut page = self.fetch(id, &queue, None);
        while page.is_last != Some(true) {
            for meta in page.metas.iter().filter(|meta| meta.ns == Some(3)) {
                let body = RosterBody::decode(meta.payload.clone().unwrap()).unwrap();
                let name = |jid: &Jid| jid.name.clone().unwrap_or_default();
                news.push(format!(
                    "{:?} from {} to {}{}",
                    body.operation(),
                    body.from.as_ref().map(name).unwrap_or_default(),
                    body.to.iter().map(name).collect::<Vec<_>>().join("+"),
                    body.reason.as_ref().map(|reason| format!(" because {reason}")).unwrap_or_default(),
                ));
            }
            page = self.fetch(id, &queue, page.next_key);
        }
        news
    }
}

/// Each operation as one side makes it, and what both hear. `ask` is by frame or by REST.
fn story(ask: impl Fn(&mut Stage, ConnectionId, &str, i32, &str)) -> String {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let mut heard = String::new();
    for (device, name, operation, other) in [
        (alice, "alice", 2, "bob"),
        (bob, "bob", 5, "alice"),
        (alice, "alice", 2, "bob"),
        (bob, "bob", 4, "alice"),
        (alice, "alice", 3, "bob"),
    ] {
        ask(&mut stage, device, name, operation, other);
        let (at_alice, at_bob) = (stage.roster_news(alice, "bob"), stage.roster_news(bob, "alice"));
        heard += &format!("{operation}: alice {at_alice:?}, bob {at_bob:?}\n");
    }
    heard
}

#[test]
fn contacts_are_asked_answered_and_removed_by_frame_and_by_rest_alike() {
    let by_frame = story(|stage, device, _, operation, other| {
        let id = stage.last_id + 500;
        stage.last_id += 1;
        stage.frame(device, &roster(id, operation, other));
    });
    insta::assert_snapshot!(by_frame, @r#"
    2: alice [], bob ["Add from alice to bob"]
    5: alice ["RemoteDecline from bob to alice"], bob []
    2: alice [], bob ["Add from alice to bob"]
    4: alice ["RemoteAccept from bob to alice"], bob ["Accept from alice to bob"]
    3: alice [], bob ["Remove from alice to bob"]
    "#);
    let by_rest = story(|stage, _, name, operation, other| {
        let token = stage.user_token(name);
        let contacts = format!("/users/{name}/contacts");
        let (method, path, body) = match operation {
            2 => {
                ("POST", format!("{contacts}/apply?resource=a"), json!({"usernames": [other], "reason": ""}))
            }
            3 => ("DELETE", format!("{contacts}/users/{other}"), Value::Null),
            4 => ("POST", format!("{contacts}/accept/users/{other}"), Value::Null),
            _ => ("POST", format!("{contacts}/decline/users/{other}"), Value::Null),
        };
        let (status, answer) = stage.call(method, &path, Some(&token), &body);
        assert_eq!(status, 200, "{method} {path}: {answer}");
        stage.outputs();
    });
    assert_eq!(by_rest, by_frame);
}

#[test]
fn nobody_becomes_a_contact_of_who_has_not_asked() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    stage.frame(alice, &roster(1, 4, "bob"));
    assert_eq!(stage.roster_news(bob, "alice"), Vec::<String>::new());
    let token = stage.user_token("alice");
    let accept = stage.call("POST", "/users/alice/contacts/accept/users/bob", Some(&token), &Value::Null);
    assert_eq!((accept.0, &accept.1["error"]), (403, &json!("forbidden_op")));
    let (_, contacts) = stage.call("GET", "/users/alice/contacts/users", Some(&token), &Value::Null);
    assert_eq!(contacts["data"], json!([]));
}

#[test]
fn contacts_are_listed_at_once_and_by_page_with_what_the_user_calls_them() {
    let mut stage = Stage::new();
    let (app, alice) = (stage.app_token(), stage.user_token("alice"));
    for other in ["bob", "carol", "dave"] {
        stage.call("POST", &format!("/users/alice/contacts/users/{other}"), Some(&app), &Value::Null);
    }
    let named =
        stage.call("PUT", "/users/alice/contacts/users/bob", Some(&alice), &json!({"remark": "Bobby"}));
    assert_eq!(named.0, 200);
    let all =
        stage.call("GET", "/users/alice/contacts/users?needReturnRemark=true", Some(&alice), &Value::Null).1;
    assert_eq!(all["data"], json!(["bob", "carol", "dave"]));
    assert_eq!(all["entities"][0], json!({"username": "bob", "remark": "Bobby"}));
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/users/alice/contacts?needReturnRemark=true&limit=2&cursor={cursor}");
        let page = stage.call("GET", &path, Some(&alice), &Value::Null).1;
        let contacts = page["data"]["contacts"].as_array().unwrap();
        pages.push(contacts.iter().map(|contact| contact["username"].clone()).collect::<Vec<_>>());
        cursor = page["data"]["cursor"].as_str().unwrap().to_owned();
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(pages, [vec![json!("bob"), json!("carol")], vec![json!("dave")]]);
}

#[test]
fn only_the_owners_devices_hear_of_a_block_list() {
    let mut stage = Stage::new();
    let (phone, laptop) = (stage.login("alice", "phone"), stage.login("alice", "laptop"));
    let bob = stage.login("bob", "b");
    stage.frame(phone, &roster(1, 6, "bob"));
    for device in [phone, laptop] {
        assert_eq!(stage.roster_news(device, "bob"), ["Ban from alice to bob"]);
    }
    let token = stage.user_token("alice");
    let body = json!({"usernames": ["bob"]});
    assert_eq!(stage.call("DELETE", "/sdk/user/alice/blocks?resource=phone", Some(&token), &body).0, 200);
    stage.outputs();
    assert_eq!(stage.roster_news(laptop, "bob"), ["Allow from alice to bob"]);
    assert_eq!(stage.roster_news(bob, "alice"), Vec::<String>::new());
}
