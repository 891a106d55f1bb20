//! Receipts: whom they reach, and who has read what in a group.

use message_body::Type::{Chat, Groupchat};

use super::*;
use crate::protocol::schema::{StatisticsBody, message_body::MessageConfig};

const GROUP: &str = "93734273351681";

pub(super) fn group() -> Jid {
    Jid::conference(APP, GROUP)
}

fn edited(frame: MSync, edit: impl FnOnce(&mut MessageBody)) -> MSync {
    let mut payload = CommSyncUl::decode(frame.payload.unwrap()).unwrap();
    let meta = payload.meta.as_mut().unwrap();
    let mut body = MessageBody::decode(meta.payload.clone().unwrap()).unwrap();
    edit(&mut body);
    meta.payload = Some(body.encode_to_vec().into());
    sync(&payload)
}

fn asking(config: &mut MessageBody) {
    config.msg_config = Some(MessageConfig { allow_group_ack: Some(true) });
}

/// Says something in the group and asks who reads it: the message's id.
pub(super) fn ask(stage: &mut Stage, asker: ConnectionId) -> u64 {
    stage.last_id += 1;
    let frame = edited(text(stage.last_id, group(), Groupchat, "notice"), asking);
    accepted(stage, asker, &frame)
}

/// Sends a frame that is accepted: the id that it was accepted under.
fn accepted(stage: &mut Stage, sender: ConnectionId, frame: &MSync) -> u64 {
    let answer = answer(stage, sender, frame);
    assert_eq!(answer.status.unwrap().error_code, Some(0));
    answer.server_id.unwrap()
}

fn answer(stage: &mut Stage, sender: ConnectionId, frame: &MSync) -> CommSyncDl {
    let outputs = stage.frame(sender, frame);
    let last = outputs.iter().rfind(|(to, _)| *to == sender);
    let Some((_, Output::Send(bytes))) = last else { panic!("{outputs:?}") };
    read_sync(bytes)
}

/// Says that a member of the group has read a message.
pub(super) fn read(stage: &mut Stage, reader: ConnectionId, to: Jid, message: u64) -> u64 {
    stage.last_id += 1;
    let frame = edited(receipt(stage.last_id, to, 4, message), |body| {
        asking(body);
        body.ack_content = Some("{\"seen\":1}".to_owned());
    });
    accepted(stage, reader, &frame)
}

/// What waits in a queue, which is empty afterwards.
pub(super) fn pending(stage: &mut Stage, id: ConnectionId, queue: &Jid) -> Vec<Meta> {
    let mut metas = Vec::new();
    let mut page = stage.fetch(id, queue, None);
    while page.is_last != Some(true) {
        metas.append(&mut page.metas);
        page = stage.fetch(id, queue, page.next_key);
    }
    metas
}

fn body(meta: &Meta) -> MessageBody {
    MessageBody::decode(meta.payload.clone().unwrap()).unwrap()
}

pub(super) fn readers(stage: &mut Stage, token: &str, message: u64, query: &str) -> Value {
    let path = format!("/chatgroups/{GROUP}/acks/{message}?{query}");
    let (status, answer) = stage.call("GET", &path, Some(token), &Value::Null);
    assert_eq!(status, 200, "{answer}");
    answer["data"].clone()
}

#[test]
fn each_reader_of_a_group_message_counts_once_and_its_sender_hears_of_it() {
    let mut stage = Stage::new();
    let (alice, bob, carol) = (stage.login("alice", "a"), stage.login("bob", "b"), stage.login("carol", "c"));
    let message = ask(&mut stage, alice);
    let told = body(&pending(&mut stage, bob, &group())[0]);
    assert_eq!(told.msg_config.unwrap().allow_group_ack, Some(true));

    // The document's sample addresses the sender in the domain of groups, later ones the group.
    let receipt = read(&mut stage, bob, Jid::conference(APP, "alice"), message);
    let metas = pending(&mut stage, alice, &group());
    assert_eq!(metas.len(), 1);
    assert_eq!((metas[0].id, &metas[0].from), (Some(receipt), &Some(Jid::device(APP, "bob", "b"))));
    let told = body(&metas[0]);
    assert_eq!((told.from, told.to), (Some(Jid::named("bob")), Some(Jid::named(GROUP))));
    assert_eq!((told.r#type, told.ack_message_id), (Some(4), Some(message)));
    assert_eq!(told.ack_content.as_deref(), Some("{\"seen\":1}"));
    assert_eq!(told.msg_config.unwrap().allow_group_ack, Some(true));
    let count = |number: u64| {
        let counts = json!({ message.to_string(): number }).to_string();
        Some(crate::protocol::schema::key_value::Value::StringValue(counts))
    };
    assert_eq!(told.ext[0].value, count(1));

    read(&mut stage, bob, group(), message);
    assert_eq!(pending(&mut stage, alice, &group()).len(), 0, "it was known that bob has read it");
    read(&mut stage, alice, group(), message);
    read(&mut stage, carol, group(), message);
    let metas = pending(&mut stage, alice, &group());
    assert_eq!(metas.iter().map(|meta| body(meta).ext[0].value.clone()).collect::<Vec<_>>(), [count(2)]);

    let token = stage.user_token("alice");
    let list = readers(&mut stage, &token, message, "limit=500&key=undefined&_v=1");
    assert_eq!(
        (&list["ackmid"], &list["userlist"], &list["total"], &list["is_last"], &list["next_key"]),
        (&json!(message.to_string()), &json!(["bob", "carol"]), &json!(2), &json!(true), &json!(""))
    );
}

#[test]
fn only_the_owner_and_admins_may_ask() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let message = ask(&mut stage, bob);
    let metas = pending(&mut stage, alice, &group());
    assert_eq!((metas[0].id, body(&metas[0]).msg_config), (Some(message), None));
    assert_eq!(body(&metas[0]).contents[0].text.as_deref(), Some("notice"), "all else is as it was");
    read(&mut stage, alice, group(), message);
    assert!(pending(&mut stage, bob, &group()).is_empty());
    let token = stage.app_token();
    assert_eq!(readers(&mut stage, &token, message, "")["total"], 0);

    stage.call("POST", &format!("/chatgroups/{GROUP}/admin"), Some(&token), &json!({"newadmin": "bob"}));
    stage.outputs();
    pending(&mut stage, bob, &group());
    let message = ask(&mut stage, bob);
    read(&mut stage, alice, group(), message);
    assert_eq!(pending(&mut stage, bob, &group()).len(), 1);
}

#[test]
fn who_is_outside_the_group_can_neither_acknowledge_nor_look() {
    let mut stage = Stage::new();
    let (alice, dave) = (stage.login("alice", "a"), stage.login("dave", "d"));
    let message = ask(&mut stage, alice);
    let refused = answer(&mut stage, dave, &receipt(9, group(), 4, message)).status.unwrap();
    assert_eq!((refused.error_code, refused.reason.as_deref()), (Some(1), Some("not in group or chatroom")));
    assert!(pending(&mut stage, alice, &group()).is_empty());
    let path = format!("/chatgroups/{GROUP}/acks/{message}");
    let token = stage.user_token("dave");
    assert_eq!(stage.call("GET", &path, Some(&token), &Value::Null).0, 403);
    let token = stage.user_token("alice");
    let bad = format!("/chatgroups/{GROUP}/acks/x");
    assert_eq!(stage.call("GET", &bad, Some(&token), &Value::Null).0, 400);
    assert_eq!(stage.call("GET", "/chatgroups/1/acks/1", Some(&token), &Value::Null).0, 404);
}

#[test]
fn who_asked_and_was_away_learns_the_sum_at_the_next_login_once() {
    let mut stage = Stage::new();
    let (alice, bob, carol) = (stage.login("alice", "a"), stage.login("bob", "b"), stage.login("carol", "c"));
    let (first, second) = (ask(&mut stage, alice), ask(&mut stage, alice));
    read(&mut stage, bob, group(), first);
    pending(&mut stage, alice, &group());
    stage.world.disconnect(stage.now, alice);
    read(&mut stage, carol, group(), first);
    read(&mut stage, carol, group(), second);

    let system = Jid::user(APP, "easemob");
    let alice = stage.login("alice", "a");
    let outputs = stage.frame(alice, &command(m_sync::Command::Unread));
    assert_eq!(outputs.len(), 1);
    let metas = pending(&mut stage, alice, &system);
    assert_eq!((metas.len(), metas[0].ns), (1, Some(0)));
    let said = StatisticsBody::decode(metas[0].payload.clone().unwrap()).unwrap();
    assert_eq!(said.operation, Some(0));
    let line = |message: u64, count: u64| {
        let message = message.to_string();
        json!({"from": "carol", "to": GROUP, "mid": message, "msg_id": message, "count": count})
    };
    let location: Value = serde_json::from_str(&said.location.unwrap()).unwrap();
    assert_eq!(location, json!({"group_ack": [line(first, 2), line(second, 1)]}));
    assert!(pending(&mut stage, alice, &group()).is_empty(), "what is summed up is not told again");

    stage.world.disconnect(stage.now, alice);
    let alice = stage.login("alice", "a2");
    assert!(pending(&mut stage, alice, &system).is_empty());
    read(&mut stage, bob, group(), second);
    assert_eq!(pending(&mut stage, alice, &group()).len(), 1, "online it is told at once");
}

#[test]
fn a_count_that_was_under_way_when_its_asker_left_is_summed_up_too() {
    let mut stage = Stage::new();
    let (alice, bob, carol) = (stage.login("alice", "a"), stage.login("bob", "b"), stage.login("carol", "c"));
    let message = ask(&mut stage, alice);
    read(&mut stage, bob, group(), message);
    assert_eq!(pending(&mut stage, alice, &group()).len(), 1);
    accepted(&mut stage, bob, &text(101, group(), Groupchat, "before"));
    read(&mut stage, carol, group(), message);
    stage.world.disconnect(stage.now, alice);
    let alice = stage.login("alice", "a");
    let texts: Vec<_> =
        pending(&mut stage, alice, &group()).iter().map(|meta| body(meta).contents[0].text.clone()).collect();
    assert_eq!(texts, [Some("before".to_owned())], "all else stays where it is");
    let metas = pending(&mut stage, alice, &Jid::user(APP, "easemob"));
    let said = StatisticsBody::decode(metas[0].payload.clone().unwrap()).unwrap();
    assert!(said.location.unwrap().contains("\"count\":2"));
}

#[test]
fn readers_are_listed_page_by_page_without_gap_or_overlap() {
    let mut stage = Stage::new();
    let app = stage.app_token();
    let alice = stage.login("alice", "a");
    for number in 0..7 {
        let name = format!("reader{number}");
        stage.call("POST", "/users", Some(&app), &json!({"username": name, "password": "1"}));
        stage.call("POST", &format!("/chatgroups/{GROUP}/users/{name}"), Some(&app), &Value::Null);
    }
    let message = ask(&mut stage, alice);
    let mut expected = Vec::new();
    for number in (0..7).rev() {
        let name = format!("reader{number}");
        let reader = stage.login(&name, "r");
        read(&mut stage, reader, group(), message);
        expected.push(json!(name));
    }
    let (mut found, mut key, mut pages) = (Vec::new(), "undefined".to_owned(), 0);
    loop {
        let page = readers(&mut stage, &app, message, &format!("limit=3&key={key}"));
        assert_eq!(page["total"], 7);
        found.extend(page["userlist"].as_array().unwrap().clone());
        pages += 1;
        page["next_key"].as_str().unwrap().clone_into(&mut key);
        if page["is_last"] == true {
            break;
        }
    }
    assert_eq!((found, pages), (expected, 3));
}

#[test]
fn at_its_limit_the_world_stops_counting_for_the_oldest_message() {
    let mut stage = Stage::with("limits: {group_acks: 3}");
    let app = stage.app_token();
    let (alice, bob, carol) = (stage.login("alice", "a"), stage.login("bob", "b"), stage.login("carol", "c"));
    let (first, second) = (ask(&mut stage, alice), ask(&mut stage, alice));
    read(&mut stage, bob, group(), first);
    read(&mut stage, bob, group(), second);
    assert_eq!(readers(&mut stage, &app, first, "")["total"], 0);
    assert_eq!(readers(&mut stage, &app, second, "")["userlist"], json!(["bob"]));
    read(&mut stage, carol, group(), second);
    assert_eq!(readers(&mut stage, &app, second, "")["total"], 2);
}

#[test]
fn a_closed_service_takes_receipts_and_tells_nobody() {
    let mut stage = Stage::with("services: {group_ack: false}");
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let message = ask(&mut stage, alice);
    assert_eq!(body(&pending(&mut stage, bob, &group())[0]).msg_config, None);
    read(&mut stage, bob, group(), message);
    assert!(pending(&mut stage, alice, &group()).is_empty());

    let mut stage = Stage::with("services: {receipts: false}");
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let sent = accepted(&mut stage, alice, &text(101, Jid::user(APP, "bob"), Chat, "x"));
    for (id, kind) in [(102, 4), (103, 5), (104, 7)] {
        accepted(&mut stage, bob, &receipt(id, Jid::user(APP, "alice"), kind, sent));
    }
    assert!(pending(&mut stage, alice, &Jid::user(APP, "bob")).is_empty());
    let message = ask(&mut stage, alice);
    assert_eq!(body(&pending(&mut stage, bob, &group())[0]).msg_config, None);
    read(&mut stage, bob, group(), message);
    assert!(pending(&mut stage, alice, &group()).is_empty());
}

#[test]
fn receipts_reach_the_other_user_and_a_whole_conversations_also_the_ackers_devices() {
    let mut stage = Stage::new();
    let (alice, bob, bob_too) =
        (stage.login("alice", "a"), stage.login("bob", "b"), stage.login("bob", "b2"));
    let alice_too = stage.login("alice", "a2");
    for (id, kind, copies) in [(1, 4, 0), (2, 5, 0), (3, 7, 1)] {
        stage.frame(bob, &receipt(id, Jid::user(APP, "alice"), kind, 77));
        for device in [alice, alice_too] {
            let metas = pending(&mut stage, device, &Jid::user(APP, "bob"));
            assert_eq!(metas.len(), 1);
            assert_eq!((body(&metas[0]).r#type, body(&metas[0]).ack_message_id), (Some(kind), Some(77)));
        }
        assert_eq!(pending(&mut stage, bob_too, &Jid::user(APP, "alice")).len(), copies);
    }
}

#[test]
fn a_receipt_waits_for_who_is_away_and_passes_no_block() {
    let mut stage = Stage::new();
    let bob = stage.login("bob", "b");
    accepted(&mut stage, bob, &receipt(1, Jid::user(APP, "alice"), 4, 77));
    let alice = stage.login("alice", "a");
    assert_eq!(pending(&mut stage, alice, &Jid::user(APP, "bob")).len(), 1);
    stage.frame(alice, &roster(106, 6, "bob"));
    accepted(&mut stage, bob, &receipt(2, Jid::user(APP, "alice"), 4, 77));
    let metas = pending(&mut stage, alice, &Jid::user(APP, "bob"));
    assert!(metas.iter().all(|meta| meta.ns != Some(1)), "only what tells of the block may come");
}

#[test]
fn the_receipt_of_a_whole_group_tells_nobody() {
    let mut stage = Stage::new();
    let (alice, bob, carol) = (stage.login("alice", "a"), stage.login("bob", "b"), stage.login("carol", "c"));
    accepted(&mut stage, bob, &receipt(1, group(), 7, 0));
    for other in [alice, carol] {
        assert!(pending(&mut stage, other, &group()).is_empty());
    }
}
