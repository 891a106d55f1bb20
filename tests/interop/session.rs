//! 会话列表 as pages of three generations read it, and clear and delete its entries.

use chatproof::{
    client::Method,
    protocol::{
        generation::Generation,
        message::ChatType,
        session_list::{self, Deletion, Part, Roaming},
    },
};
use serde_json::{Value, json};

use super::{GROUP, Ours, Page, ROOM, text};
use crate::serve::{Serving, World};

/// Name, last text and unread count of each session, in the list's order.
fn rows(list: &Value) -> Vec<(String, Option<String>, u64)> {
    let row = |session: &Value| {
        let id = session["channel_id"].as_str().unwrap();
        let name = id.strip_prefix("easemob-demo#chatdemoui_").unwrap().split('@').next().unwrap().to_owned();
        let last = match (&session["meta"]["payload"], &session["lastMessage"]) {
            (Value::String(payload), _) => {
                let payload: Value = serde_json::from_str(payload).unwrap();
                payload["bodies"][0]["msg"].as_str().map(str::to_owned)
            }
            (_, last) => last["msg"].as_str().map(str::to_owned),
        };
        (name, last, session["unread_num"].as_u64().unwrap())
    };
    list["data"]["channel_infos"].as_array().unwrap_or_else(|| panic!("{list}")).iter().map(row).collect()
}

fn row(name: &str, last: &str, unread: u64) -> (String, Option<String>, u64) {
    (name.to_owned(), Some(last.to_owned()), unread)
}

#[tokio::test]
async fn pages_list_sessions_newest_first_with_what_is_unread() {
    for generation in Generation::ALL {
        let serving = Serving::start(&[]);
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let mut bob = Page::open_with(&serving, "bob", generation).await;
        assert!(rows(&bob.call("getSessionList", Value::Null).await).is_empty());
        alice.send(&text("bob", "singleChat", "one")).await;
        alice.send(&text("bob", "singleChat", "two")).await;
        alice.send(&text(GROUP, "groupChat", "three")).await;
        alice.send(&text(ROOM, "chatRoom", "no session")).await;
        let expected = [row(GROUP, "three", 1), row("alice", "two", 2)];
        assert_eq!(rows(&bob.call("getSessionList", Value::Null).await), expected, "{generation}");
        let own = [row(GROUP, "three", 0), row("bob", "two", 0)];
        assert_eq!(rows(&alice.call("getSessionList", Value::Null).await), own, "{generation}");
        if generation != Generation::V3_6_3 {
            let list = bob.call("getConversationlist", Value::Null).await;
            assert_eq!(rows(&list), expected, "{generation}");
            let last = &list["data"]["channel_infos"][0]["lastMessage"];
            assert_eq!((&last["from"], &last["to"]), (&json!("alice"), &json!(GROUP)), "{generation}");
        }
        // A whole conversation is read, and its count alone is cleared.
        bob.tell(&json!({"do": "send", "type": "channel", "to": "alice", "chatType": "singleChat"})).await;
        alice.expect("onChannelMessage").await;
        let read = [row(GROUP, "three", 1), row("alice", "two", 0)];
        assert_eq!(rows(&bob.call("getSessionList", Value::Null).await), read, "{generation}");
    }
}

#[tokio::test]
async fn the_latest_pages_page_through_their_sessions() {
    let serving = Serving::start(&[]);
    let mut bob = Page::open_with(&serving, "bob", Generation::V4_21_1).await;
    for to in ["alice", "carol", "dave"] {
        bob.send(&text(to, "singleChat", to)).await;
    }
    for (number, expected) in [
        (1, vec![row("dave", "dave", 0), row("carol", "carol", 0)]),
        (2, vec![row("alice", "alice", 0)]),
        (3, vec![]),
    ] {
        let list = bob.call("getConversationlist", json!({"pageNum": number, "pageSize": 2})).await;
        assert_eq!(rows(&list), expected, "page {number}");
    }
}

#[tokio::test]
async fn pages_delete_a_session_with_its_history_or_without() {
    for generation in [Generation::V4_0_8, Generation::V4_21_1] {
        let serving = Serving::start(&[]);
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let mut bob = Page::open_with(&serving, "bob", generation).await;
        alice.send(&text("bob", "singleChat", "one")).await;
        alice.send(&text(GROUP, "groupChat", "two")).await;
        for (channel, chat_type, queue, kept) in
            [("alice", "singleChat", "alice", "one"), (GROUP, "groupChat", GROUP, "two")]
        {
            let fetch = json!({"queue": queue, "isGroup": chat_type == "groupChat", "count": 5});
            for (delete_roam, left) in [(false, json!([kept])), (true, json!([]))] {
                let argument = json!({"channel": channel, "chatType": chat_type, "deleteRoam": delete_roam});
                let answer = bob.call("deleteSession", argument).await;
                assert_eq!(answer["data"], json!({"result": "ok"}), "{generation} {channel}");
                let list = rows(&bob.call("getSessionList", Value::Null).await);
                assert!(list.iter().all(|(name, ..)| name != channel), "{generation}: {list:?}");
                bob.set_property("mr_cache", json!([])).await;
                let history = bob.call("fetchHistoryMessages", fetch.clone()).await;
                let texts: Vec<Value> =
                    history.as_array().unwrap().iter().map(|message| message["data"].clone()).collect();
                assert_eq!(Value::from(texts), left, "{generation} {channel} {delete_roam}");
            }
        }
        assert_eq!(rows(&alice.call("getSessionList", Value::Null).await).len(), 2, "alice keeps hers");
        alice.send(&text("bob", "singleChat", "anew")).await;
        assert_eq!(rows(&bob.call("getSessionList", Value::Null).await), [row("alice", "anew", 1)]);
    }
}

#[tokio::test]
async fn who_logs_in_with_a_name_in_mixed_case_finds_no_sessions() {
    let serving = Serving::start(&[]);
    let mut alice = Page::open(&serving, "alice").await;
    alice.send(&text("bob", "singleChat", "hi")).await;
    for generation in Generation::ALL {
        let mut bob = Page::start(&serving, generation).await;
        bob.tell(&json!({"do": "open", "user": "Bob", "pwd": "1"})).await;
        bob.expect("onOpened").await;
        let list = rows(&bob.call("getSessionList", Value::Null).await);
        assert!(list.is_empty(), "{generation}: {list:?}");
    }
}

#[tokio::test]
async fn without_the_service_pages_are_told_by_number() {
    let world = World::with("services: {sessions: false}");
    let serving = Serving::start(&["--world", world.path()]);
    for (generation, code) in Generation::ALL.into_iter().zip([17, 505, 505]) {
        let mut bob = Page::open_with(&serving, "bob", generation).await;
        assert_eq!(bob.call_refused("getSessionList", Value::Null).await["type"], code, "{generation}");
    }
}

#[tokio::test]
async fn our_client_lists_and_deletes_what_a_genuine_page_sees() {
    let serving = Serving::start(&[]);
    let mut alice = Page::open(&serving, "alice").await;
    let mut page = Page::open(&serving, "bob").await;
    for generation in Generation::ALL {
        alice.send(&text("bob", "singleChat", "hi")).await;
        alice.send(&text(GROUP, "groupChat", "all")).await;
        let bob = Ours::open(&serving, "bob", generation).await;
        for part in [Part::Whole, Part::Page { number: 1, size: 20 }] {
            let reply = bob.rest(Method::GET, &format!("/users/bob{}", part.path(0)), &Value::Null).await;
            let list = session_list::read(serving.url("appkey"), &reply.body).unwrap();
            let ours: Vec<_> = list.iter().map(|one| (one.name.as_str(), u64::from(one.unread))).collect();
            let genuine = rows(&page.call("getSessionList", Value::Null).await);
            let genuine: Vec<_> = genuine.iter().map(|(name, _, unread)| (name.as_str(), *unread)).collect();
            assert_eq!(ours, genuine, "{generation}");
        }
        for (channel, chat_type) in [("alice", ChatType::Single), (GROUP, ChatType::Group)] {
            let body = Deletion { channel, chat_type, roaming: Roaming::Kept }.body();
            let path = Deletion::path(generation, "bob", "webim");
            let reply = bob.rest(Method::DELETE, &path, &body).await;
            assert_eq!(reply.body["data"]["result"], "ok", "{generation}");
        }
        assert!(rows(&page.call("getSessionList", Value::Null).await).is_empty(), "{generation}");
        bob.close().await;
    }
}
