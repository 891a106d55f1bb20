//! 消息回执: delivered, read, whole conversations.

use serde_json::{Value, json};

use super::{GROUP, Page, Stage, text};

pub(super) async fn walk(stage: &mut Stage) {
    stage.alice.forget();
    stage.bob.forget();
    delivered(stage).await;
    read(stage).await;
    channel(stage).await;
}

/// 已送达回执: "配置 delivery 为 true".
async fn delivered(stage: &mut Stage) {
    let sent = stage.alice.send(&text("bob", "singleChat", "delivered?")).await;
    let heard = stage.bob_hears("onTextMessage", json!({"id": sent["mid"]})).await;
    if !stage.is_old() {
        let receipt = stage.alice.expect_with("onDeliveredMessage", json!({"mid": sent["mid"]})).await;
        assert_eq!((&receipt["from"], &receipt["to"]), (&json!("bob"), &json!("alice")));
    }
    // In a group nobody sends one, and 3.6.3 never does.
    let in_group = stage.alice.send(&text(GROUP, "groupChat", "delivered?")).await;
    stage.bob_hears("onTextMessage", json!({"id": in_group["mid"]})).await;
    stage.bob.tell(&json!({"do": "read", "id": heard["id"], "to": "alice"})).await;
    stage.alice.expect_with("onReadMessage", json!({"mid": sent["mid"]})).await;
    let delivered = stage.alice.heard("onDeliveredMessage");
    assert!(delivered.iter().all(|receipt| receipt["mid"] != in_group["mid"]), "{delivered:?}");
    assert!(delivered.is_empty() || !stage.is_old(), "{delivered:?}");
}

/// 单聊发送已读回执.
async fn read(stage: &mut Stage) {
    let sent = stage.alice.send(&text("bob", "singleChat", "read?")).await;
    let heard = stage.bob_hears("onTextMessage", json!({"id": sent["mid"]})).await;
    stage.bob.tell(&json!({"do": "read", "id": heard["id"], "to": heard["from"]})).await;
    let receipt = stage.alice.expect_with("onReadMessage", json!({"mid": sent["mid"]})).await;
    assert!(receipt["groupReadCount"].is_null(), "{receipt}");
}

/// 发送整个会话已读回执.
async fn channel(stage: &mut Stage) {
    let sent = stage.alice.send(&text("bob", "singleChat", "the whole of it?")).await;
    stage.bob_hears("onTextMessage", json!({"id": sent["mid"]})).await;
    stage.alice.forget();
    // In a group only one's own count is cleared.
    stage.bob.tell(&json!({"do": "send", "type": "channel", "to": GROUP, "chatType": "groupChat"})).await;
    stage.bob.tell(&json!({"do": "send", "type": "channel", "to": "alice", "chatType": "singleChat"})).await;
    let receipt = stage.alice.expect("onChannelMessage").await;
    assert_eq!((&receipt["from"], &receipt["to"]), (&json!("bob"), &json!("alice")));
    assert_eq!(unread(&mut stage.bob, "alice@easemob.com").await, 0);
    assert_eq!(unread(&mut stage.bob, &format!("{GROUP}@conference.easemob.com")).await, 0);
    assert!(stage.alice.heard("onChannelMessage").is_empty());
}

async fn unread(page: &mut Page, peer: &str) -> u64 {
    let list = page.call("getSessionList", Value::Null).await;
    let id = format!("easemob-demo#chatdemoui_{peer}");
    let sessions = list["data"]["channel_infos"].as_array().unwrap();
    let session = sessions.iter().find(|session| session["channel_id"] == id);
    session.unwrap_or_else(|| panic!("no {id} in {list}"))["unread_num"].as_u64().unwrap()
}
