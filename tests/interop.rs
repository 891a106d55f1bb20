//! The genuine WebIM SDK of three generations, from its npm packages, against `chatproof serve`:
//! what it makes of the server is the judge, not what we think of ourselves.
//!
//! Prerequisites: Node.js 20 or later and npm. Where they are missing, these tests fail.

mod attachment;
mod contact;
mod document;
mod encode;
mod group;
mod history;
mod manual;
mod message;
mod ours;
mod page;
mod recall;
mod receipt;
mod reconnect;
mod room;
mod session;

use chatproof::protocol::{event::Name, generation::Generation, message::ChatType};
use ours::Ours;
use page::Page;
use serde_json::{Value, json};

use crate::serve::Serving;

const GROUP: &str = "93734273351681";
const ROOM: &str = "179800091197441";

fn text(to: &str, chat_type: &str, msg: &str) -> Value {
    json!({"do": "send", "type": "txt", "to": to, "chatType": chat_type, "msg": msg})
}

/// What a page was called back with, reduced to what the sender had put in.
fn essence(message: &Value) -> (&str, &str, &str, &str) {
    let field = |name: &str| message[name].as_str().unwrap_or_else(|| panic!("no {name} in {message}"));
    (field("type"), field("from"), field("to"), field("data"))
}

#[tokio::test]
async fn the_sdk_logs_in_with_user_and_password() {
    let serving = Serving::start(&[]);
    let mut alice = Page::start(&serving, Generation::V3_6_3).await;
    alice.tell(&json!({"do": "open", "user": "alice", "pwd": "1"})).await;
    alice.expect("token").await;
    alice.expect("onOpened").await;
    alice.tell(&json!({"do": "close"})).await;
    alice.expect("onClosed").await;
}

#[tokio::test]
async fn a_wrong_password_is_refused_as_the_sdk_expects() {
    let serving = Serving::start(&[]);
    let mut page = Page::start(&serving, Generation::V3_6_3).await;
    page.tell(&json!({"do": "open", "user": "alice", "pwd": "wrong"})).await;
    assert_eq!(page.expect("onError").await["type"], 1);
}

#[tokio::test]
async fn texts_cross_between_two_pages_in_single_chat() {
    let serving = Serving::start(&[]);
    let (mut alice, mut bob) = (Page::open(&serving, "alice").await, Page::open(&serving, "bob").await);
    let message = json!({
        "do": "send", "type": "txt", "to": "bob", "chatType": "singleChat", "msg": "你好 <b>&\"\u{1f600}",
        "ext": {"s": "x", "n": 1, "d": 1.5, "b": true, "o": {"deep": [null, 2]}, "none": null},
    });
    let sent = alice.send(&message).await;
    let received = bob.expect("onTextMessage").await;
    assert_eq!(essence(&received), ("chat", "alice", "bob", "你好 <b>&\"\u{1f600}"));
    assert_eq!(received["id"], sent["mid"]);
    assert_eq!(received["ext"], message["ext"]);
    bob.send(&text("alice", "singleChat", "and back")).await;
    assert_eq!(essence(&alice.expect("onTextMessage").await), ("chat", "bob", "alice", "and back"));
}

#[tokio::test]
async fn texts_reach_the_members_of_a_group_and_of_a_room() {
    let serving = Serving::start(&[]);
    let (mut alice, mut bob) = (Page::open(&serving, "alice").await, Page::open(&serving, "bob").await);
    let mut carol = Page::open(&serving, "carol").await;
    let sent = alice.send(&text(GROUP, "groupChat", "to the group")).await;
    for member in [&mut bob, &mut carol] {
        let received = member.expect("onTextMessage").await;
        assert_eq!(essence(&received), ("groupchat", "alice", GROUP, "to the group"));
        assert_eq!(received["id"], sent["mid"]);
    }
    bob.send(&text(GROUP, "groupChat", "from the group")).await;
    assert_eq!(essence(&alice.expect("onTextMessage").await), ("groupchat", "bob", GROUP, "from the group"));
    bob.send(&text(ROOM, "chatRoom", "in the room")).await;
    assert_eq!(essence(&alice.expect("onTextMessage").await), ("chatroom", "bob", ROOM, "in the room"));
    // Carol is in the group only. What she is sent next shows that the room's text was not for her.
    alice.send(&text("carol", "singleChat", "fence")).await;
    assert_eq!(carol.expect("onTextMessage").await["data"], "from the group");
    assert_eq!(carol.expect("onTextMessage").await["data"], "fence");
}

#[tokio::test]
async fn pages_of_every_generation_understand_each_other() {
    let serving = Serving::start(&[]);
    let mut pages = Vec::new();
    for (user, generation) in ["alice", "bob", "carol"].into_iter().zip(Generation::ALL) {
        pages.push((user, Page::open_with(&serving, user, generation).await));
    }
    for speaker in 0..pages.len() {
        let (from, page) = &mut pages[speaker];
        let from = *from;
        let sent = page.send(&text(GROUP, "groupChat", &format!("this is {from}"))).await;
        assert_eq!(page.refused(&text(GROUP, "groupChat", "SENSITIVE")).await, 501, "{from}");
        for listener in (0..pages.len()).filter(|listener| *listener != speaker) {
            let (to, page) = &mut pages[listener];
            let to = *to;
            let received = page.expect("onTextMessage").await;
            assert_eq!(essence(&received), ("groupchat", from, GROUP, &*format!("this is {from}")), "{to}");
            assert_eq!(received["id"], sent["mid"], "{to}");
            page.send(&text(from, "singleChat", &format!("{to} heard {from}"))).await;
            let heard = pages[speaker].1.expect("onTextMessage").await;
            assert_eq!(essence(&heard), ("chat", to, from, &*format!("{to} heard {from}")));
        }
    }
}

/// The ends of the same conversations are a genuine page and our own client, on the wire of each
/// generation that it plays.
#[tokio::test]
async fn our_client_and_a_genuine_page_exchange_texts() {
    for generation in Generation::ALL {
        let serving = Serving::start(&[]);
        let mut alice = Page::open(&serving, "alice").await;
        let bob = Ours::open(&serving, "bob", generation).await;
        for (chat_type, page_chat_type, page_type, place) in [
            (ChatType::Single, "singleChat", "chat", None),
            (ChatType::Group, "groupChat", "groupchat", Some(GROUP)),
            (ChatType::Room, "chatRoom", "chatroom", Some(ROOM)),
        ] {
            let sent = alice.send(&text(place.unwrap_or("bob"), page_chat_type, "ping \u{1f600}")).await;
            let received = bob.expect(Name::TEXT).await;
            assert_eq!(received.text(), Some("ping \u{1f600}"), "{generation} {page_chat_type}");
            assert_eq!((received.from(), received.to()), (Some("alice"), Some(place.unwrap_or("bob"))));
            assert_eq!(received.chat_type(), Some(chat_type));
            assert_eq!(received.id().unwrap().0.to_string(), sent["mid"], "both ends know one id");

            let mid = bob.send(chat_type, place.unwrap_or("alice"), "pong").await;
            let received = alice.expect("onTextMessage").await;
            assert_eq!(essence(&received), (page_type, "bob", place.unwrap_or("alice"), "pong"));
            assert_eq!(received["id"], mid.0.to_string());
        }
        bob.close().await;
    }
}

#[tokio::test]
async fn our_client_catches_up_with_what_a_genuine_page_sent() {
    let serving = Serving::start(&[]);
    let mut alice = Page::open(&serving, "alice").await;
    for generation in Generation::ALL {
        for number in 0..10 {
            alice.send(&text("bob", "singleChat", &format!("{generation} {number}"))).await;
        }
        let bob = Ours::open(&serving, "bob", generation).await;
        for number in 0..10 {
            assert_eq!(bob.expect(Name::TEXT).await.text(), Some(&*format!("{generation} {number}")));
        }
        bob.close().await;
    }
}

#[tokio::test]
async fn our_client_sees_the_refusals_that_a_genuine_page_sees() {
    let serving = Serving::start(&[]);
    let mut alice = Page::open(&serving, "alice").await;
    let ours = Ours::open(&serving, "alice", Generation::V3_6_3).await;
    for word in [
        "SENSITIVE",
        "EXTERNAL",
        "UNKNOWNERR",
        "trigger:blocked",
        "trigger:nogroup",
        "trigger:notjoined",
        "trigger:whitelist",
        "trigger:antispam",
        "trigger:other",
    ] {
        let page = alice.refused(&text("bob", "singleChat", word)).await;
        let outcome = ours.refused(ChatType::Single, "bob", word).await;
        assert_eq!(outcome.code().map(i64::from), Some(page), "{word}");
    }
}

#[tokio::test]
async fn filters_refuse_with_the_codes_of_the_document() {
    let serving = Serving::start(&[]);
    let mut alice = Page::open(&serving, "alice").await;
    for (word, code) in [
        ("SENSITIVE", 501),
        ("ANTISPAM", 501),
        ("EXTERNAL", 502),
        ("UNKNOWNERR", 503),
        ("trigger:blocked", 603),
        ("trigger:nogroup", 605),
        ("trigger:notjoined", 602),
        ("trigger:whitelist", 506),
        ("trigger:sensitive", 501),
        ("trigger:antispam", 501),
        ("trigger:external", 502),
        ("trigger:unknown", 503),
        ("trigger:other", 604),
    ] {
        assert_eq!(
            alice.refused(&text("bob", "singleChat", &format!("a {word} text"))).await,
            code,
            "{word}"
        );
    }
    alice.tell(&text("bob", "singleChat", "trigger:muted")).await;
    alice.expect("onMutedMessage").await;
}

#[tokio::test]
async fn situations_refuse_with_the_codes_of_the_document() {
    let serving = Serving::start(&[]);
    let (mut alice, mut bob) = (Page::open(&serving, "alice").await, Page::open(&serving, "bob").await);
    let mut dave = Page::open(&serving, "dave").await;
    assert_eq!(alice.refused(&text("404404404", "groupChat", "x")).await, 605, "no such group");
    assert_eq!(dave.refused(&text(GROUP, "groupChat", "x")).await, 602, "not a member");

    bob.rest("POST", "users/bob/blocks/users", json!({"usernames": ["alice"]})).await;
    assert_eq!(alice.refused(&text("bob", "singleChat", "x")).await, 603, "blocked");
    bob.rest("DELETE", "users/bob/blocks/users/alice", Value::Null).await;
    alice.send(&text("bob", "singleChat", "unblocked")).await;
    assert_eq!(bob.expect("onTextMessage").await["data"], "unblocked");

    alice.call("disableSendGroupMsg", json!({"groupId": GROUP})).await;
    assert_eq!(bob.refused(&text(GROUP, "groupChat", "x")).await, 506, "not on the allow list");
    alice.call("enableSendGroupMsg", json!({"groupId": GROUP})).await;

    alice.call("mute", json!({"groupId": GROUP, "username": "bob", "muteDuration": 3_600_000})).await;
    bob.tell(&text(GROUP, "groupChat", "x")).await;
    bob.expect("onMutedMessage").await;
    alice.call("removeMute", json!({"groupId": GROUP, "username": "bob"})).await;
    bob.send(&text(GROUP, "groupChat", "unmuted")).await;
    assert_eq!(alice.expect("onTextMessage").await["data"], "unmuted");
}

#[tokio::test]
async fn a_page_that_was_away_catches_up_in_order() {
    let serving = Serving::start(&[]);
    let mut alice = Page::open(&serving, "alice").await;
    // Once online, so that bob's page is known to have been there and gone.
    let mut bob = Page::open(&serving, "bob").await;
    bob.leave(&serving).await;
    let mut expected = Vec::new();
    for number in 0..25 {
        let message = format!("single {number}");
        alice.send(&text("bob", "singleChat", &message)).await;
        expected.push(message);
    }
    alice.send(&text(GROUP, "groupChat", "group 0")).await;

    let mut bob = Page::open(&serving, "bob").await;
    let (mut single, mut group) = (Vec::new(), Vec::new());
    for _ in 0..=expected.len() {
        let received = bob.expect("onTextMessage").await;
        let data = received["data"].as_str().unwrap().to_owned();
        if received["type"] == "groupchat" { group.push(data) } else { single.push(data) }
    }
    assert_eq!(single, expected);
    assert_eq!(group, ["group 0"]);
}

#[tokio::test]
async fn a_burst_arrives_once_and_in_order() {
    let serving = Serving::start(&[]);
    let (mut alice, mut bob) = (Page::open(&serving, "alice").await, Page::open(&serving, "bob").await);
    for number in 0..100 {
        alice.tell(&text("bob", "singleChat", &number.to_string())).await;
    }
    for number in 0..100 {
        assert_eq!(bob.expect("onTextMessage").await["data"], number.to_string());
    }
    for _ in 0..100 {
        alice.expect("success").await;
    }
    // A repeated text would come before this one.
    alice.send(&text("bob", "singleChat", "fence")).await;
    assert_eq!(bob.expect("onTextMessage").await["data"], "fence");
}

#[tokio::test]
async fn every_device_of_a_user_gets_a_text() {
    let serving = Serving::start(&[]);
    let mut alice = Page::open(&serving, "alice").await;
    let (mut phone, mut laptop) = (Page::open(&serving, "bob").await, Page::open(&serving, "bob").await);
    alice.send(&text("bob", "singleChat", "to both")).await;
    for device in [&mut phone, &mut laptop] {
        assert_eq!(device.expect("onTextMessage").await["data"], "to both");
    }
}
