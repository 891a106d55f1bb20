//! The document of the WebIM SDK, walked in its order by a page of each generation against
//! `chatproof serve`, with a second page receiving.

use chatproof::protocol::generation::Generation;
use serde_json::{Value, json};

use super::{GROUP, page::Page, text};
use crate::serve::Serving;

/// Alice, who does what the document says, and bob, who receives; both on that generation.
async fn pages(serving: &Serving, generation: Generation) -> (Page, Page) {
    (Page::open_with(serving, "alice", generation).await, Page::open_with(serving, "bob", generation).await)
}

#[tokio::test]
async fn a_text_made_by_create_is_promised_its_ids() {
    let serving = Serving::start(&[]);
    for generation in [Generation::V4_0_8, Generation::V4_21_1] {
        let (mut alice, mut bob) = pages(&serving, generation).await;
        let message = json!({
            "do": "send", "api": "new", "type": "txt", "to": "bob", "chatType": "singleChat", "msg": "created",
        });
        let sent = alice.send(&message).await;
        assert_eq!(alice.expect("resolved").await, sent, "{generation}");
        let received = bob.expect("handler.onTextMessage").await;
        assert_eq!((&received["msg"], &received["id"]), (&json!("created"), &sent["mid"]), "{generation}");
        assert_eq!(
            bob.expect("onTextMessage").await["data"],
            "created",
            "{generation}: both kinds of handler"
        );

        let mut refused = message.clone();
        refused["msg"] = "SENSITIVE".into();
        assert_eq!(alice.refused(&refused).await, 501, "{generation}");
        assert_eq!(alice.expect("rejected").await["type"], 501, "{generation}");
    }
}

#[tokio::test]
async fn a_page_asks_for_history_and_for_what_is_not_there() {
    let serving = Serving::start(&[]);
    for generation in Generation::ALL {
        let (mut alice, mut bob) = pages(&serving, generation).await;
        alice.send(&text("bob", "singleChat", &format!("for {generation}"))).await;
        bob.expect_with("onTextMessage", json!({"data": format!("for {generation}")})).await;
        assert!(bob.heard("onTextMessage").is_empty(), "{generation}");
        let history = alice
            .called(&json!({
                "method": "fetchHistoryMessages",
                "argument": {"queue": "bob", "count": 1, "isGroup": false},
                "callbacks": ["success", "fail"],
            }))
            .await
            .unwrap();
        assert_eq!(history[0]["data"], format!("for {generation}"), "{generation}");
        assert_eq!(alice.expect("callback.success").await[0], history, "{generation}");
        alice.set_property("mr_cache", json!([])).await;
        assert_eq!(alice.property("mr_cache").await, json!([]), "{generation}");

        let info = alice.call("getGroupInfo", json!({"groupId": GROUP})).await;
        assert_eq!(info["data"][0]["id"], GROUP, "{generation}");
        let error = alice.call_refused("getGroupInfo", json!({"groupId": "404404404"})).await;
        assert_eq!(error["type"], if generation == Generation::V3_6_3 { 17 } else { 605 }, "{generation}");
        let (status, _) = alice.rest_answer("GET", "chatgroups/404404404", Value::Null).await;
        assert_eq!(status, 404, "{generation}");
    }
}
