//! 消息撤回 between pages of three generations and our own client.

use chatproof::protocol::{
    event::Name,
    generation::Generation,
    id::LocalId,
    message::{Body, ChatType, Outgoing},
};
use serde_json::{Value, json};

use super::{GROUP, Ours, Page, ROOM, text};
use crate::serve::{Serving, World};

/// Each kind of chat, in the words of a send and of a recall.
const PLACES: [(&str, &str, &str); 3] =
    [("singleChat", "chat", "bob"), ("groupChat", "groupchat", GROUP), ("chatRoom", "chatroom", ROOM)];

/// Takes a message back with the SDK's own call: the number of its `fail`, unless `success` is called.
async fn recall(page: &mut Page, mid: &Value, to: &str, kind: &str) -> Result<(), i64> {
    let argument = json!({"mid": mid, "to": to, "type": kind});
    let call = json!({"method": "recallMessage", "argument": argument, "callbacks": ["success", "fail"]});
    let promised = page.called(&call).await;
    match page.expect_any(&["callback.success", "callback.fail"]).await {
        (told, _) if told == "callback.success" => Ok(()),
        (_, given) => {
            let code = given[0]["type"].as_i64().unwrap_or_else(|| panic!("{given}"));
            // From 4.0 on the promise says the same.
            if let Err(error) = promised {
                assert_eq!(error["type"], code, "{error}");
            }
            Err(code)
        }
    }
}

#[tokio::test]
async fn what_a_page_takes_back_is_told_to_pages_of_the_other_generations() {
    let serving = Serving::start(&[]);
    for (recalling, told) in Generation::ALL.into_iter().zip(Generation::ALL.into_iter().cycle().skip(1)) {
        let mut alice = Page::open_with(&serving, "alice", recalling).await;
        let mut bob = Page::open_with(&serving, "bob", told).await;
        for (chat_type, kind, to) in PLACES {
            let mid = alice.send(&text(to, chat_type, "oops")).await["mid"].clone();
            bob.expect_with("onTextMessage", json!({"id": mid})).await;
            assert_eq!(recall(&mut alice, &mid, to, kind).await, Ok(()), "{recalling} {chat_type}");
            let recalled = bob.expect_with("onRecallMessage", json!({"mid": mid})).await;
            assert_eq!((&recalled["from"], &recalled["to"]), (&json!("alice"), &json!(to)), "{told}");
            assert_ne!(recalled["id"], mid, "a recall has an id of its own");
            assert_eq!(recall(&mut alice, &mid, to, kind).await, Err(503), "it is gone");
        }
        for page in [&mut alice, &mut bob] {
            page.leave(&serving).await;
        }
    }
}

#[tokio::test]
async fn only_the_sender_takes_back_and_by_the_servers_id() {
    let serving = Serving::start(&[]);
    for generation in Generation::ALL {
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let mut bob = Page::open_with(&serving, "bob", generation).await;
        let sent = alice.send(&text("bob", "singleChat", "mine")).await;
        bob.expect_with("onTextMessage", json!({"id": sent["mid"]})).await;
        assert_eq!(recall(&mut bob, &sent["mid"], "alice", "chat").await, Err(503), "{generation}: bob's");
        assert_eq!(recall(&mut alice, &sent["id"], "bob", "chat").await, Err(503), "{generation}: local id");
        assert_eq!(
            recall(&mut alice, &sent["mid"], "carol", "chat").await,
            Err(503),
            "{generation}: to carol"
        );
        assert_eq!(recall(&mut alice, &sent["mid"], "bob", "chat").await, Ok(()), "{generation}");
        bob.expect_with("onRecallMessage", json!({"mid": sent["mid"]})).await;
        for page in [&mut alice, &mut bob] {
            page.leave(&serving).await;
        }
    }
}

#[tokio::test]
async fn too_late_is_504_and_without_the_service_it_is_505() {
    for (line, code) in [("limits: {recall_window: 0s}", 504), ("services: {recall: false}", 505)] {
        let world = World::with(line);
        let serving = Serving::start(&["--world", world.path()]);
        for generation in Generation::ALL {
            let mut alice = Page::open_with(&serving, "alice", generation).await;
            for (chat_type, kind, to) in PLACES {
                let mid = alice.send(&text(to, chat_type, "too late")).await["mid"].clone();
                assert_eq!(recall(&mut alice, &mid, to, kind).await, Err(code), "{generation} {chat_type}");
            }
        }
    }
}

#[tokio::test]
async fn a_page_that_was_away_learns_of_the_recall_and_never_sees_the_message() {
    for generation in Generation::ALL {
        let serving = Serving::start(&[]);
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let slip = alice.send(&text("bob", "singleChat", "slip")).await["mid"].clone();
        let loud = alice.send(&text(GROUP, "groupChat", "loud")).await["mid"].clone();
        alice.send(&text("bob", "singleChat", "kept")).await;
        assert_eq!(recall(&mut alice, &slip, "bob", "chat").await, Ok(()));
        assert_eq!(recall(&mut alice, &loud, GROUP, "groupchat").await, Ok(()));
        let mut bob = Page::open_with(&serving, "bob", generation).await;
        assert_eq!(bob.expect("onTextMessage").await["data"], "kept", "{generation}");
        bob.expect_with("onRecallMessage", json!({"mid": slip})).await;
        bob.expect_with("onRecallMessage", json!({"mid": loud})).await;
        assert!(bob.heard("onTextMessage").is_empty(), "{generation}");
    }
}

#[tokio::test]
async fn our_client_and_a_genuine_page_take_back_from_each_other() {
    let serving = Serving::start(&[]);
    let mut alice = Page::open(&serving, "alice").await;
    for generation in Generation::ALL {
        let bob = Ours::open(&serving, "bob", generation).await;
        let mid = alice.send(&text("bob", "singleChat", "page's")).await["mid"].clone();
        assert_eq!(recall(&mut alice, &mid, "bob", "chat").await, Ok(()));
        let recalled = bob.expect(Name::RECALL).await;
        assert_eq!(recalled.mid().map(|mid| mid.to_string()).as_deref(), mid.as_str(), "{generation}");

        for (chat_type, to) in [(ChatType::Single, "alice"), (ChatType::Group, GROUP), (ChatType::Room, ROOM)]
        {
            let message = bob.send(chat_type, to, "ours").await;
            let recall = || Outgoing { chat_type, ..Outgoing::new(LocalId(0), to, Body::Recall { message }) };
            bob.deliver(recall()).await;
            let mid = message.to_string();
            let recalled = alice.expect_with("onRecallMessage", json!({"mid": mid})).await;
            assert_eq!(recalled["from"], "bob", "{generation} {chat_type:?}");
        }
        bob.close().await;
    }
}

/// A recall by the app's server comes in the name of `admin`, as later pages call it.
#[tokio::test]
async fn a_recall_by_the_apps_server_reaches_every_page() {
    for generation in Generation::ALL {
        let serving = Serving::start(&[]);
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let mut bob = Page::open_with(&serving, "bob", generation).await;
        let mid = alice.send(&text(GROUP, "groupChat", "improper")).await["mid"].clone();
        let grant = json!({"grant_type": "client_credentials", "client_id": "demo-client",
            "client_secret": "demo-secret"});
        let token = alice.rest("POST", "token", grant).await["access_token"].clone();
        let body = json!({"msg_id": mid, "to": GROUP, "chat_type": "groupchat"});
        let command = json!({"do": "rest", "method": "POST", "path": "messages/msg_recall", "body": body,
            "token": token});
        alice.tell(&command).await;
        assert_eq!(alice.expect("answered").await["body"]["data"]["recalled"], "yes");
        for page in [&mut alice, &mut bob] {
            let recalled = page.expect_with("onRecallMessage", json!({"mid": mid})).await;
            assert_eq!(recalled["from"], "admin", "{generation}");
        }
    }
}
