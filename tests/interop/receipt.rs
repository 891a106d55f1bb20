//! Receipts between genuine pages and our own client: delivered, read, whole conversations, and
//! group read receipts with their count, their summary and their readers.

use chatproof::protocol::{
    downlink::Delivery,
    event::Name,
    generation::Generation,
    id::{LocalId, ServerId},
    message::{Api, Body, ChatType, GroupAck, Outgoing},
};
use serde_json::{Value, json};

use super::{GROUP, ours::Ours, page::Page, text};
use crate::serve::Serving;

/// The document's way to say that a group message was read; from 4.0 on only `create` can.
fn group_read(generation: Generation, message: &Value) -> Value {
    let way = if generation == Generation::V3_6_3 { "old" } else { "new" };
    // The document's sample addresses the sender. The SDK puts the name into the domain of groups.
    let to = if generation == Generation::V3_6_3 { &message["from"] } else { &message["to"] };
    json!({
        "do": "send", "api": way, "type": "read", "chatType": "groupChat", "id": message["id"], "to": to,
        "msgConfig": {"allowGroupAck": true}, "ackContent": "{\"read\":\"on the bus\"}",
    })
}

/// The document's `sendGroupReadMsg`.
fn asking(msg: &str) -> Value {
    let mut message = text(GROUP, "groupChat", msg);
    message["msgConfig"] = json!({"allowGroupAck": true});
    message
}

fn our_group_read(to: &str, message: ServerId) -> Outgoing {
    let body = Body::Read { message, content: Some("{}".to_owned()) };
    Outgoing {
        chat_type: ChatType::Group,
        group_ack: Some(GroupAck::Asked),
        api: Api::New,
        ..Outgoing::new(LocalId(0), to, body)
    }
}

/// How many have read the message of a receipt, as a page reads it.
fn count(receipt: &Value) -> u64 {
    let mid = receipt["mid"].as_str().unwrap();
    receipt["groupReadCount"][mid].as_u64().unwrap_or_else(|| panic!("no count in {receipt}"))
}

#[tokio::test]
async fn the_readers_of_a_group_message_are_counted_and_listed_whichever_sdk_they_have() {
    for generation in Generation::ALL {
        let serving = Serving::start(&[]);
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        for reader in Generation::ALL {
            let mut bob = Page::open_with(&serving, "bob", reader).await;
            let carol = Ours::open(&serving, "carol", reader).await;
            let notice = format!("{generation} asks {reader}");
            let sent = alice.send(&asking(&notice)).await;
            let heard = bob.expect_with("onTextMessage", json!({"data": notice})).await;
            assert_eq!(heard["msgConfig"]["allowGroupAck"], true, "{notice}");
            bob.tell(&group_read(reader, &heard)).await;
            let receipt = alice.expect_with("onReadMessage", json!({"mid": sent["mid"]})).await;
            assert_eq!((count(&receipt), &receipt["ackContent"]), (1, &json!("{\"read\":\"on the bus\"}")));

            let mid = ServerId(sent["mid"].as_str().unwrap().parse().unwrap());
            assert_eq!(carol.expect_text(&notice).await.id(), Some(mid));
            let to = if reader == Generation::V3_6_3 { "alice" } else { GROUP };
            carol.accepted(our_group_read(to, mid)).await;
            let receipt = alice.expect_with("onReadMessage", json!({"mid": sent["mid"]})).await;
            assert_eq!((count(&receipt), &receipt["ackContent"]), (2, &json!("{}")), "{notice}");
            let asked = json!({"msgId": sent["mid"], "groupId": GROUP});
            let readers = alice.call("getGroupMsgReadUser", asked).await;
            assert_eq!(readers["data"]["userlist"], json!(["bob", "carol"]), "{notice}");
            assert_eq!((&readers["data"]["total"], &readers["data"]["is_last"]), (&json!(2), &json!(true)));
            bob.leave(&serving).await;
            carol.close().await;
        }
    }
}

#[tokio::test]
async fn our_client_hears_how_many_have_read_its_group_message() {
    for generation in Generation::ALL {
        let serving = Serving::start(&[]);
        let alice = Ours::open(&serving, "alice", generation).await;
        let mut bob = Page::open_with(&serving, "bob", generation).await;
        let body = Body::Text(Some("read this".to_owned()));
        let outgoing = Outgoing {
            chat_type: ChatType::Group,
            group_ack: Some(GroupAck::Asked),
            ..Outgoing::new(LocalId(0), GROUP, body)
        };
        let mid = alice.accepted(outgoing).await;
        let heard = bob.expect("onTextMessage").await;
        bob.tell(&group_read(generation, &heard)).await;
        let receipt = alice.expect(Name::READ).await;
        assert_eq!((receipt.mid(), receipt.group_read_count()), (Some(mid), Some(1)), "{generation}");
        assert_eq!(receipt.ack_content(), Some("{\"read\":\"on the bus\"}"));
        alice.close().await;
    }
}

#[tokio::test]
async fn who_was_away_learns_at_login_how_many_have_read() {
    for generation in Generation::ALL {
        let serving = Serving::start(&[]);
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let sent = alice.send(&asking("read this while I am away")).await;
        let bob = Ours::open(&serving, "bob", generation).await;
        let mid = bob.expect(Name::TEXT).await.id().unwrap();
        alice.leave(&serving).await;
        bob.accepted(our_group_read(GROUP, mid)).await;
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let told = alice.expect("onStatisticMessage").await;
        let location: Value = serde_json::from_str(told["location"].as_str().unwrap()).unwrap();
        let line = &location["group_ack"][0];
        assert_eq!((&line["mid"], &line["count"]), (&sent["mid"], &json!(1)), "{generation}: {told}");
        assert_eq!((&line["to"], &line["from"]), (&json!(GROUP), &json!("bob")));
        // It is not told again as a receipt of its own.
        bob.send(ChatType::Single, "alice", "fence").await;
        alice.expect_with("onTextMessage", json!({"data": "fence"})).await;
        assert!(alice.heard("onReadMessage").is_empty());
        bob.close().await;
    }
}

#[tokio::test]
async fn delivered_receipts_cross_as_each_generation_sends_them() {
    for generation in Generation::ALL {
        let serving = Serving::start(&[]);
        let mut alice =
            Page::open_configured(&serving, "alice", generation, &json!({"delivery": true})).await;
        let bob = Ours::open_delivering(&serving, "bob", generation, Delivery::AsSdk).await;
        let sent = alice.send(&text("bob", "singleChat", "to our client")).await;
        let heard = bob.expect(Name::TEXT).await;
        let mid = bob.send(ChatType::Single, "alice", "to the page").await;
        let shown = alice.expect_with("onTextMessage", json!({"data": "to the page"})).await;
        if generation == Generation::V3_6_3 {
            // This one has the option and does nothing with it: whoever wants the receipt sends it.
            bob.accepted(Outgoing::new(LocalId(0), "alice", Body::Delivery { message: heard.id().unwrap() }))
                .await;
            alice.tell(&json!({"do": "send", "type": "delivery", "ackId": shown["id"], "to": "bob"})).await;
        }
        let receipt = alice.expect_with("onDeliveredMessage", json!({"mid": sent["mid"]})).await;
        assert_eq!((&receipt["from"], &receipt["to"]), (&json!("bob"), &json!("alice")), "{generation}");
        assert_eq!(bob.expect(Name::DELIVERED).await.mid(), Some(mid), "{generation}");
        // One each, and none for what came in a group.
        alice.send(&text(GROUP, "groupChat", "to the group")).await;
        bob.expect_text("to the group").await;
        bob.send(ChatType::Single, "alice", "fence").await;
        alice.expect_with("onTextMessage", json!({"data": "fence"})).await;
        assert!(alice.heard("onDeliveredMessage").is_empty(), "{generation}");
        bob.close().await;
    }
}

#[tokio::test]
async fn read_receipts_for_messages_and_conversations_cross_both_ways() {
    for generation in Generation::ALL {
        let serving = Serving::start(&[]);
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        for other in Generation::ALL {
            let bob = Ours::open(&serving, "bob", other).await;
            let sent = alice.send(&text("bob", "singleChat", "read me")).await;
            bob.read("alice", bob.expect_text("read me").await.id().unwrap()).await;
            alice.expect_with("onReadMessage", json!({"mid": sent["mid"]})).await;
            bob.accepted(Outgoing::new(LocalId(0), "alice", Body::Channel)).await;
            let receipt = alice.expect("onChannelMessage").await;
            assert_eq!((&receipt["from"], &receipt["to"]), (&json!("bob"), &json!("alice")));

            let mid = bob.send(ChatType::Single, "alice", "and me").await;
            let heard = alice.expect_with("onTextMessage", json!({"id": mid.to_string()})).await;
            alice.tell(&json!({"do": "read", "id": heard["id"], "to": "bob"})).await;
            assert_eq!(bob.expect(Name::READ).await.mid(), Some(mid), "{generation} and {other}");
            let channel = json!({"do": "send", "type": "channel", "to": "bob", "chatType": "singleChat"});
            alice.tell(&channel).await;
            let receipt = bob.expect(Name::CHANNEL).await;
            assert_eq!((receipt.from(), receipt.to()), (Some("alice"), Some("bob")));
            bob.close().await;
        }
    }
}
