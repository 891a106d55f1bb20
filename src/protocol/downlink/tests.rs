//! What the recordings do not show, as the SDK's code has it.

use insta::assert_snapshot;
use prost::Message as _;
use serde_json::Value;

use super::{Batch, Effect, Page, Seen};
use crate::protocol::{
    event::Via,
    generation::Generation,
    schema::{
        Jid, KeyValue, MessageBody, Meta, MucBody, Status, key_value,
        message_body::{self, content},
        meta::NameSpace,
        muc_body,
    },
};

fn page() -> Page {
    Page { resource: "webim_web_1".into(), ..Page::new(Generation::V4_21_1, "alice") }
}

/// The arguments of one event handler's calls for one item.
fn told(page: &Page, meta: Meta, handler: &str) -> String {
    let batch = Batch {
        status: Some(Status::default()),
        metas: vec![meta],
        next_key: None,
        queue: None,
        is_last: false,
    };
    let mut effects = Vec::new();
    batch.deliver(page, &mut Seen::default(), &mut effects);
    let calls = effects.iter().filter_map(|effect| match effect {
        Effect::Event(event) => Some(event.calls(None)),
        _ => None,
    });
    let args = calls
        .flatten()
        .filter(|call| call.via == Via::EventHandler && call.name == handler)
        .map(|call| Value::Array(call.args).to_string());
    args.collect::<Vec<_>>().join("\n")
}

fn item(ns: NameSpace, payload: Vec<u8>) -> Meta {
    Meta {
        id: Some(7),
        from: Some(Jid::device("org#app", "bob", "webim_2")),
        timestamp: Some(1_640_995_200_000),
        ns: Some(ns as i32),
        payload: Some(payload.into()),
        ..Meta::default()
    }
}

fn text(kind: message_body::Type, from: &str, to: &str) -> MessageBody {
    MessageBody {
        r#type: Some(kind as i32),
        from: Some(Jid::named(from)),
        to: Some(Jid::named(to)),
        contents: vec![message_body::Content {
            r#type: Some(content::Type::Text as i32),
            text: Some("hi".to_owned()),
            ..message_body::Content::default()
        }],
        ..MessageBody::default()
    }
}

#[test]
fn a_room_message_tells_its_priority_and_broadcast() {
    let number = |key: &str, value| KeyValue {
        key: Some(key.to_owned()),
        r#type: Some(key_value::ValueType::Int as i32),
        value: Some(key_value::Value::VarintValue(value)),
    };
    let body = text(message_body::Type::Chatroom, "bob", "179800091197441");
    let mut meta = item(NameSpace::Chat, body.encode_to_vec());
    meta.ext = vec![number("chatroom_msg_tag", 0), number("is_broadcast", 1)];
    assert_snapshot!(told(&page(), meta, "onTextMessage"), @r#"[{"id":"7","type":"txt","chatType":"chatRoom","msg":"hi","to":"179800091197441","from":"bob","ext":{},"time":1640995200000,"onlineState":1,"priority":"high","broadcast":true}]"#);
}

#[test]
fn a_room_message_of_this_device_is_not_shown_again() {
    let body = text(message_body::Type::Chatroom, "alice", "179800091197441");
    let mut meta = item(NameSpace::Chat, body.encode_to_vec());
    meta.from = Some(Jid::device("org#app", "alice", "webim_web_1"));
    assert_eq!(told(&page(), meta.clone(), "onTextMessage"), "");
    meta.from = Some(Jid::device("org#app", "alice", "webim_2"));
    assert!(told(&page(), meta, "onTextMessage").contains(r#""from":"alice""#));
}

#[test]
fn a_message_to_oneself_tells_the_device() {
    let body = text(message_body::Type::Chat, "alice", "alice");
    let mut meta = item(NameSpace::Chat, body.encode_to_vec());
    meta.from = Some(Jid::device("org#app", "alice", "android_1"));
    meta.to = Some(Jid::device("org#app", "alice", "webim_web_1"));
    let told = told(&page(), meta, "onTextMessage");
    assert!(told.contains(r#""to":"alice/webim_web_1","from":"alice/android_1""#), "{told}");
}

#[test]
fn reactions_and_threads_are_read_from_the_body() {
    let mut body = text(message_body::Type::Groupchat, "bob", "93734273351681");
    let meta = r#"{"reaction":[{"reaction":"like","count":1,"state":true}],"thread":{"msg_parent_id":"1","muc_parent_id":"2","thread_name":"t"},"edit_msg":{"count":2,"operator":"bob","edit_time":5}}"#;
    body.meta = Some(meta.to_owned());
    assert_snapshot!(told(&page(), item(NameSpace::Chat, body.encode_to_vec()), "onTextMessage"), @r#"[{"id":"7","type":"txt","chatType":"groupChat","msg":"hi","to":"93734273351681","from":"bob","ext":{},"time":1640995200000,"onlineState":3,"reactions":[{"reaction":"like","count":1,"isAddedBySelf":true}],"chatThread":{"messageId":"1","parentId":"2","chatThreadName":"t"},"modifiedInfo":{"operationTime":5,"operatorId":"bob","operationCount":2}}]"#);
}

#[test]
fn members_who_join_together_are_told_together_in_groups_and_one_by_one_in_rooms() {
    let joined = |is_chatroom| MucBody {
        muc_id: Some(Jid::conference("org#app", "9")),
        operation: Some(muc_body::Operation::Presence as i32),
        from: Some(Jid::named("bob")),
        is_chatroom: Some(is_chatroom),
        muc_member_count: Some(5),
        members: vec!["bob".to_owned(), "carol".to_owned()],
        ..MucBody::default()
    };
    let told = |is_chatroom, handler| {
        told(&page(), item(NameSpace::Muc, joined(is_chatroom).encode_to_vec()), handler)
    };
    assert_snapshot!(told(false, "onGroupEvent"), @r#"[{"operation":"membersPresence","id":"9","memberCount":5,"members":["bob","carol"]}]"#);
    assert_snapshot!(told(true, "onChatroomEvent"), @r#"
    [{"operation":"memberPresence","id":"9","from":"bob","memberCount":5}]
    [{"operation":"memberPresence","id":"9","from":"carol","memberCount":5}]
    "#);
}

#[test]
fn a_changed_group_tells_what_changed() {
    let body = MucBody {
        muc_id: Some(Jid::conference("org#app", "9")),
        operation: Some(muc_body::Operation::Update as i32),
        from: Some(Jid::named("bob")),
        event_info: Some(muc_body::EventInfo {
            ext: Some(r#"{"title":"T","members_only":"true","last_modified":"17","unknown":1}"#.to_owned()),
            ..muc_body::EventInfo::default()
        }),
        ..MucBody::default()
    };
    assert_snapshot!(told(&page(), item(NameSpace::Muc, body.encode_to_vec()), "onGroupEvent"), @r#"[{"operation":"updateInfo","id":"9","from":"bob","detail":{"name":"T","approval":true,"lastModified":17}}]"#);
}

#[test]
fn presence_tells_the_devices_of_all_users_at_each() {
    let payload = br#"{"type":"presence","data":{"values":[{"uid":"bob","last_time":"1","expiry":2,"ext":"e","status":{"web":"1"}},{"uid":"carol","last_time":3,"expiry":4,"ext":"","status":{"ios":0}}]}}"#;
    assert_snapshot!(told(&page(), item(NameSpace::Notify, payload.to_vec()), "onPresenceStatusChange"), @r#"[[{"userId":"bob","lastTime":1,"expire":2,"ext":"e","statusDetails":[{"device":"web","status":1},{"device":"ios","status":0}]},{"userId":"carol","lastTime":3,"expire":4,"ext":"","statusDetails":[{"device":"web","status":1},{"device":"ios","status":0}]}]]"#);
}
