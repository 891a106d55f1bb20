//! 消息漫游 as pages of three generations read it, and as our own client does.

use chatproof::{
    client::Method,
    protocol::{
        downlink::{self, roamed},
        generation::Generation,
        message::{Api, ChatType},
        roaming::{self, Order, Request},
    },
};
use serde_json::{Value, json};

use super::{GROUP, Ours, Page, ROOM, text};
use crate::serve::{Serving, World};

/// The texts that `fetchHistoryMessages` promises, oldest first.
async fn fetch(page: &mut Page, argument: Value) -> Vec<String> {
    let history = page.call("fetchHistoryMessages", argument).await;
    let said = |message: &Value| message["data"].as_str().unwrap_or_default().to_owned();
    history.as_array().unwrap().iter().map(said).collect()
}

/// The texts of one page of `getHistoryMessages` in its order, and the promise.
async fn page_of(page: &mut Page, argument: Value) -> (Vec<String>, Value) {
    let answer = page.call("getHistoryMessages", argument).await;
    let said = |message: &Value| message["msg"].as_str().unwrap_or_default().to_owned();
    (answer["messages"].as_array().unwrap().iter().map(said).collect(), answer)
}

fn numbers(range: impl Iterator<Item = u32>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

#[tokio::test]
async fn pages_walk_through_single_group_and_room_histories() {
    let serving = Serving::start(&[]);
    let mut alice = Page::open(&serving, "alice").await;
    for (chat_type, to) in [("singleChat", "bob"), ("groupChat", GROUP), ("chatRoom", ROOM)] {
        for number in 0..25 {
            alice.send(&text(to, chat_type, &number.to_string())).await;
        }
    }
    for generation in Generation::ALL {
        let mut bob = Page::open_with(&serving, "bob", generation).await;
        for (queue, is_group) in [("alice", false), (GROUP, true), (ROOM, true)] {
            let next = json!({"queue": queue, "isGroup": is_group, "count": 10});
            // Each call goes on where the last one ended.
            for expected in [15..25, 5..15, 0..5, 0..0] {
                assert_eq!(fetch(&mut bob, next.clone()).await, numbers(expected), "{generation} {queue}");
            }
            bob.set_property("mr_cache", json!([])).await;
            assert_eq!(fetch(&mut bob, next.clone()).await, numbers(15..25), "{generation} {queue}");
            bob.set_property("mr_cache", json!([])).await;
        }
        let shouted = json!({"queue": "ALICE", "isGroup": false, "count": 10});
        assert!(fetch(&mut bob, shouted).await.is_empty(), "{generation}: a name in upper case");
        let unknown = json!({"queue": "nobody", "isGroup": false, "count": 10});
        assert!(fetch(&mut bob, unknown).await.is_empty(), "{generation}");
    }
}

#[tokio::test]
async fn a_history_begins_behind_the_message_that_the_page_names() {
    let serving = Serving::start(&[]);
    let mut alice = Page::open(&serving, "alice").await;
    let mut mids = Vec::new();
    for number in 0..6 {
        mids.push(alice.send(&text("bob", "singleChat", &number.to_string())).await["mid"].clone());
    }
    for generation in Generation::ALL {
        let mut bob = Page::open_with(&serving, "bob", generation).await;
        let from = json!({"queue": "alice", "isGroup": false, "count": 2, "start": mids[4]});
        assert_eq!(fetch(&mut bob, from).await, numbers(2..4), "{generation}");
    }
}

#[tokio::test]
async fn later_pages_choose_size_cursor_and_direction() {
    let serving = Serving::start(&[]);
    let mut alice = Page::open(&serving, "alice").await;
    for (chat_type, to) in [("singleChat", "bob"), ("groupChat", GROUP)] {
        for number in 0..7 {
            alice.send(&text(to, chat_type, &number.to_string())).await;
        }
    }
    for generation in [Generation::V4_0_8, Generation::V4_21_1] {
        let mut bob = Page::open_with(&serving, "bob", generation).await;
        for (target, chat_type) in [("alice", "singleChat"), (GROUP, "groupChat")] {
            for (direction, pages) in [
                ("up", [numbers((4..7).rev()), numbers((1..4).rev()), numbers(0..1)]),
                ("down", [numbers(0..3), numbers(3..6), numbers(6..7)]),
            ] {
                let mut cursor = Value::Null;
                for expected in pages {
                    let argument = json!({"targetId": target, "chatType": chat_type, "pageSize": 3,
                        "cursor": cursor, "searchDirection": direction});
                    let (texts, answer) = page_of(&mut bob, argument).await;
                    assert_eq!(texts, expected, "{generation} {target} {direction}");
                    cursor = answer["cursor"].clone();
                    if generation == Generation::V4_21_1 {
                        assert_eq!(answer["isLast"], texts.len() == 1);
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn histories_without_recalled_messages_receipts_and_commands_call_nothing_back() {
    let serving = Serving::start(&[]);
    for generation in Generation::ALL {
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let mut bob = Page::open_with(&serving, "bob", generation).await;
        let gone = alice.send(&text("bob", "singleChat", "gone")).await["mid"].clone();
        let command =
            json!({"do": "send", "type": "cmd", "to": "bob", "chatType": "singleChat", "action": "go"});
        alice.send(&command).await;
        let kept = format!("kept {generation}");
        alice.send(&text("bob", "singleChat", &kept)).await;
        let heard = bob.expect_with("onTextMessage", json!({"data": kept})).await;
        bob.tell(&json!({"do": "read", "id": heard["id"], "to": "alice"})).await;
        alice.expect("onReadMessage").await;
        let recall = json!({"mid": gone, "to": "bob", "type": "chat"});
        alice.call("recallMessage", recall).await;
        bob.expect_with("onRecallMessage", json!({"mid": gone})).await;
        for (page, queue) in [(&mut alice, "bob"), (&mut bob, "alice")] {
            page.forget();
            let texts = fetch(page, json!({"queue": queue, "isGroup": false, "count": 1})).await;
            assert_eq!(texts, [kept.as_str()], "{generation}");
            assert!(page.heard("onRecallMessage").is_empty() && page.heard("onReadMessage").is_empty());
            page.leave(&serving).await;
        }
    }
}

#[tokio::test]
async fn without_the_service_each_generation_fails_in_its_own_way() {
    let world = World::with("services: {roaming: false}");
    let serving = Serving::start(&["--world", world.path()]);
    let old = json!({"queue": "alice", "isGroup": false, "count": 1});
    let new = json!({"targetId": "alice", "chatType": "singleChat"});
    // These promises never settle: nobody takes the rejection behind them.
    for (generation, method, argument) in
        [(Generation::V3_6_3, "fetchHistoryMessages", &old), (Generation::V4_0_8, "getHistoryMessages", &new)]
    {
        let mut bob = Page::open_with(&serving, "bob", generation).await;
        bob.tell(&json!({"do": "call", "method": method, "argument": argument})).await;
        let (told, _) = bob.expect_any(&["unhandled", "called", "uncalled"]).await;
        assert_eq!(told, "unhandled", "{generation} {method}");
    }
    let mut bob = Page::open_with(&serving, "bob", Generation::V4_0_8).await;
    assert_eq!(bob.call_refused("fetchHistoryMessages", old.clone()).await["type"], Value::Null);
    for (method, argument) in [("fetchHistoryMessages", old), ("getHistoryMessages", new)] {
        let mut bob = Page::open_with(&serving, "bob", Generation::V4_21_1).await;
        assert_eq!(bob.call_refused(method, argument).await["type"], 505, "{method}");
    }
}

/// Our client reads the same history as the page of the same generation, in the same form.
#[tokio::test]
async fn our_client_reads_what_a_genuine_page_reads() {
    let serving = Serving::start(&[]);
    let mut alice = Page::open(&serving, "alice").await;
    for number in 0..23 {
        alice.send(&text("bob", "singleChat", &number.to_string())).await;
    }
    for generation in Generation::ALL {
        let mut page = Page::open_with(&serving, "bob", generation).await;
        let genuine =
            page.call("fetchHistoryMessages", json!({"queue": "alice", "isGroup": false, "count": 50}));
        let genuine = genuine.await;
        let ours = Ours::open(&serving, "bob", generation).await;
        let (mut read, mut start) = (Vec::new(), None);
        loop {
            let request = Request {
                api: Api::Old,
                chat_type: ChatType::Single,
                with: "alice",
                start: start.as_deref(),
                size: 50,
                order: Order::Up,
            };
            let reply = ours.rest(Method::POST, "/users/bob/messageroaming", &request.body(generation)).await;
            let answer = roaming::Page::read(&reply.body).unwrap();
            let messages = roamed(&downlink::Page::new(generation, "bob"), &answer.metas);
            assert_eq!(messages.broken, None);
            read.extend(messages.messages);
            if answer.is_last {
                break;
            }
            start = answer.next_key;
        }
        read.reverse();
        let genuine = genuine.as_array().unwrap();
        assert_eq!(read.len(), genuine.len(), "{generation}");
        for (ours, page) in read.iter().zip(genuine) {
            assert_eq!(ours.id().unwrap().to_string(), page["id"], "{generation}");
            assert_eq!(ours.text(), page["data"].as_str(), "{generation}");
            assert_eq!((ours.from(), ours.to()), (page["from"].as_str(), page["to"].as_str()));
        }
        ours.close().await;
    }
}
