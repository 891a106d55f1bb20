//! Faults of history, session lists and files.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::*;
use crate::protocol::{
    schema::{KeyValue, key_value},
    secret::Secret,
};
use message_body::Type::{Chat, Groupchat};

const GROUP: &str = "93734273351681";
const QUEUE: &str = "bob@easemob.com";

/// Alice says the numbers from 1 to 6 to bob, and he answers with 7.
fn talk(stage: &mut Stage) -> (ConnectionId, ConnectionId) {
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    for number in 1..=6 {
        stage.say(alice, Jid::user(APP, "bob"), Chat, &number.to_string());
    }
    stage.say(bob, Jid::user(APP, "alice"), Chat, "7");
    (alice, bob)
}

/// Pages of two, as far as the third.
fn pages(stage: &mut Stage) -> Vec<(String, bool)> {
    talk(stage);
    let mut start = json!(-1);
    let mut pages = Vec::new();
    for _ in 0..4 {
        let (texts, is_last, next) =
            stage.roam("alice", &json!({"queue": QUEUE, "start": start, "pull_number": 2}));
        pages.push((texts.concat(), is_last));
        if is_last {
            break;
        }
        start = json!(next);
    }
    pages
}

fn shown(pages: &[(&str, bool)]) -> Vec<(String, bool)> {
    pages.iter().map(|(texts, is_last)| ((*texts).to_owned(), *is_last)).collect()
}

#[test]
fn pages_of_history_are_cut_otherwise() {
    let sound = shown(&[("76", false), ("54", false), ("32", false), ("1", true)]);
    for (fault, broken) in [
        ("oldest-first", shown(&[("12", false), ("1", true)])),
        ("count-ignored", shown(&[("76543", false), ("21", true)])),
        ("last-never", shown(&[("76", false), ("54", false), ("32", false), ("1", false)])),
        ("start-ignored", shown(&[("76", false); 4])),
        ("page-overlap", shown(&[("76", false), ("65", false), ("54", false), ("43", false)])),
    ] {
        prove(fault, sound.clone(), broken, pages);
    }
}

#[test]
fn ones_own_messages_are_not_in_the_history() {
    prove("own-missing", "7654321".to_owned(), "7".to_owned(), |stage| {
        talk(stage);
        stage.newest("alice", QUEUE).concat()
    });
}

/// One row of alice's history.
fn row(stage: &mut Stage, queue: &str) -> Meta {
    let token = stage.user_token("alice");
    let request = json!({"queue": queue, "start": -1});
    let (_, answer) = stage.call("POST", "/users/alice/messageroaming", Some(&token), &request);
    let row = BASE64_STANDARD.decode(answer["data"]["msgs"][0]["msg"].as_str().unwrap()).unwrap();
    Meta::decode(&row[..]).unwrap()
}

#[test]
fn rows_of_history_differ_from_what_was_said() {
    prove("history-other-id", 0, 1, |stage| {
        let alice = stage.login("alice", "a");
        let id = stage.say(alice, Jid::user(APP, "bob"), Chat, "hi");
        row(stage, QUEUE).id.unwrap() - id
    });
    prove("history-no-ext", 1, 0, |stage| {
        let alice = stage.login("alice", "a");
        let ext = KeyValue {
            key: Some("k".to_owned()),
            r#type: Some(7),
            value: Some(key_value::Value::StringValue("v".to_owned())),
        };
        let body = MessageBody {
            r#type: Some(1),
            contents: vec![message_body::Content { r#type: Some(0), ..message_body::Content::default() }],
            ext: vec![ext],
            ..MessageBody::default()
        };
        stage.accepted(alice, &meta(1, Jid::user(APP, "bob"), 1, body.encode_to_vec()));
        MessageBody::decode(row(stage, QUEUE).payload.unwrap()).unwrap().ext.len()
    });
    prove("group-sender-wrong", "bob".to_owned(), "alice".to_owned(), |stage| {
        let bob = stage.login("bob", "b");
        stage.say(bob, Jid::conference(APP, GROUP), Groupchat, "hi");
        row(stage, &format!("{GROUP}@conference.easemob.com")).from.unwrap().name.unwrap()
    });
}

#[test]
fn strangers_read_what_is_not_theirs() {
    let status = |stage: &mut Stage, method: &str, path: &str, body: &Value| {
        let token = stage.user_token("bob");
        stage.call(method, path, Some(&token), body).0
    };
    let request = json!({"queue": "carol@easemob.com", "start": -1});
    prove("roam-open", 403, 200, |stage| status(stage, "POST", "/users/alice/messageroaming", &request));
    prove("list-open", 403, 200, |stage| status(stage, "GET", "/users/alice/user_channels", &Value::Null));
    prove("group-roam-open", 0, 1, |stage| {
        let bob = stage.login("bob", "b");
        stage.say(bob, Jid::conference(APP, GROUP), Groupchat, "hi");
        stage.newest("dave", &format!("{GROUP}@conference.easemob.com")).len()
    });
}

#[test]
fn rows_of_the_session_list_are_missing_doubled_or_counted_wrong() {
    let sizes = |stage: &mut Stage| {
        talk(stage);
        [1, 2].map(|_| stage.sessions("alice").len())
    };
    prove("row-missing", [1, 1], [0, 1], sizes);
    prove("row-twice", [1, 1], [2, 1], sizes);
    prove("counts-own", 1, 7, |stage| {
        talk(stage);
        stage.sessions("alice")[0].2
    });
    prove("ack-ignored", 0, 6, |stage| {
        let (_, bob) = talk(stage);
        stage.channel(bob, Jid::user(APP, "alice"));
        stage.sessions("bob")[0].2
    });
}

/// Alice deletes her session with bob: her sessions, and what she and bob have of the history.
fn deleted(stage: &mut Stage, roam: bool) -> [usize; 3] {
    talk(stage);
    let token = stage.user_token("alice");
    let request = json!({"channel": "bob", "type": "chat", "delete_roam": roam});
    let (status, answer) = stage.call("DELETE", "/users/alice/user_channel", Some(&token), &request);
    assert_eq!(status, 200, "{answer}");
    let sessions = stage.sessions("alice").len();
    [sessions, stage.newest("alice", QUEUE).len(), stage.newest("bob", "alice@easemob.com").len()]
}

#[test]
fn what_is_deleted_stays_and_what_is_not_goes() {
    prove("delete-noop", [0, 7, 7], [1, 7, 7], |stage| deleted(stage, false));
    prove("delete-keeps-roam", [0, 0, 7], [0, 7, 7], |stage| deleted(stage, true));
    prove("delete-always-roam", [0, 7, 7], [0, 0, 7], |stage| deleted(stage, false));
    prove("delete-hits-peer", [0, 0, 7], [0, 0, 0], |stage| deleted(stage, true));
}

/// Uploads a large file and gets it with a made-up secret: whether the upload has a secret, the
/// status of the download and its length.
fn file(stage: &mut Stage, access: Access) -> (bool, u16, usize) {
    let upload = Upload {
        name: "a".to_owned(),
        content_type: "text/plain".to_owned(),
        bytes: vec![b'x'; 70_000].into(),
    };
    let token = stage.user_token("alice");
    let request = |method: &str, path: &str, attachment| RestRequest {
        method: method.to_owned(),
        path: format!("/easemob-demo/chatdemoui{path}"),
        origin: "http://127.0.0.1:7070".to_owned(),
        authorization: Some(format!("Bearer {token}")),
        attachment,
        ..RestRequest::default()
    };
    let up = Attachment { upload: Some(upload), access, ..Attachment::default() };
    let answer = stage.world.rest(stage.now, &request("POST", "/chatfiles", up));
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    let entity = &answer["entities"][0];
    let path = format!("/chatfiles/{}", entity["uuid"].as_str().unwrap());
    let down = Attachment { share_secret: Some(Secret::new("made-up")), ..Attachment::default() };
    let answer = stage.world.rest(stage.now, &request("GET", &path, down));
    (
        entity["share-secret"].is_string(),
        answer.status,
        if answer.status == 200 { answer.body.len() } else { 0 },
    )
}

#[test]
fn files_open_for_anyone_or_come_down_cut() {
    prove("secret-unchecked", (true, 401, 0), (true, 200, 70_000), |stage| file(stage, Access::Restricted));
    prove("download-cut", (true, 200, 70_000), (true, 200, 64 * 1024), |stage| file(stage, Access::Open));
    prove("no-secret", (true, 200, 70_000), (false, 200, 70_000), |stage| file(stage, Access::Open));
}
