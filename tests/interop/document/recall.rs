//! 消息撤回: in each chat type, and how it fails.

use std::fs;

use serde_json::json;

use super::{CHATS, Page, Serving, Stage, text};

pub(super) async fn walk(stage: &mut Stage) {
    for (chat_type, to, called) in CHATS {
        let sent = stage.alice.send(&text(to, chat_type, "to be taken back")).await;
        stage.bob_hears("onTextMessage", json!({"id": sent["mid"]})).await;
        recall(&mut stage.alice, &sent["mid"], to, called).await;
        assert!(stage.alice.expect("callback.success").await.is_array());
        let recalled = stage.bob_hears("onRecallMessage", json!({"mid": sent["mid"]})).await;
        assert_eq!(recalled["from"], "alice", "{chat_type}");
        // It is taken back already.
        recall(&mut stage.alice, &sent["mid"], to, called).await;
        assert_eq!(stage.alice.expect("callback.fail").await[0]["type"], 503, "{chat_type}");
    }

    // 504 撤回消息时超出撤回时间, 505 未开通消息撤回.
    let demo = include_str!("../../../fixtures/worlds/demo.yaml");
    let too_late = demo.replace("recall_window: 120s", "recall_window: 0s");
    let closed = demo.replace("services: {recall: true", "services: {recall: false");
    let folder = tempfile::tempdir().unwrap();
    for (world, code) in [(too_late, 504), (closed, 505)] {
        assert_ne!(world, demo);
        let path = folder.path().join("world.yaml");
        fs::write(&path, world).unwrap();
        let serving = Serving::start(&["--world", path.to_str().unwrap()]);
        let mut alice = Page::open_with(&serving, "alice", stage.generation).await;
        let sent = alice.send(&text("bob", "singleChat", "to stay")).await;
        recall(&mut alice, &sent["mid"], "bob", "chat").await;
        assert_eq!(alice.expect("callback.fail").await[0]["type"], code);
    }
}

/// `WebIM.conn.recallMessage({mid, to, type, success, fail})`.
async fn recall(page: &mut Page, mid: &serde_json::Value, to: &str, chat_type: &str) {
    let call = json!({
        "method": "recallMessage", "argument": {"mid": mid, "to": to, "type": chat_type},
        "callbacks": ["success", "fail"],
    });
    // From 4.0 on it also promises what the callbacks tell.
    let _ = page.called(&call).await;
}
