//! 消息回执: delivered, read, read in a group, whole conversations.

use serde_json::{Value, json};

use super::{GROUP, Page, Stage, text};

pub(super) async fn walk(stage: &mut Stage) {
    stage.alice.forget();
    stage.bob.forget();
    delivered(stage).await;
    read(stage).await;
    group_read(stage).await;
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

/// A text that asks for receipts: "设置此消息需要已读回执".
async fn ask(stage: &mut Stage, words: &str) -> Value {
    let mut message = text(GROUP, "groupChat", words);
    message["msgConfig"] = json!({"allowGroupAck": true});
    stage.alice.send(&message).await["mid"].clone()
}

/// 收到需要回执的消息后发送回执.
async fn acknowledge(stage: &mut Stage, message: &Value) {
    let mut receipt = json!({
        "do": "send", "type": "read", "id": message["id"], "to": message["from"],
        "msgConfig": {"allowGroupAck": true}, "ackContent": "{}", "setChatType": "groupChat",
    });
    stage.bob.tell(&receipt).await;
    if !stage.is_old() {
        // The document's sample is one for 3.6.3.
        let thrown = stage.bob.expect("thrown").await;
        assert!(thrown["error"].as_str().unwrap().contains("setChatType is not a function"), "{thrown}");
        receipt.as_object_mut().unwrap().remove("setChatType");
        receipt["api"] = "new".into();
        receipt["chatType"] = "groupChat".into();
        receipt["to"] = GROUP.into();
        stage.bob.tell(&receipt).await;
    }
}

/// 群聊已读回执.
async fn group_read(stage: &mut Stage) {
    let mid = ask(stage, "read by how many?").await;
    let heard = stage.bob_hears("onTextMessage", json!({"id": mid})).await;
    assert_eq!(heard["msgConfig"]["allowGroupAck"], true);
    acknowledge(stage, &heard).await;
    let receipt = stage.alice.expect_with("onReadMessage", json!({"mid": mid})).await;
    assert_eq!(receipt["groupReadCount"], json!({mid.as_str().unwrap(): 1}));
    assert_eq!(receipt["ackContent"], "{}");

    // 查看读过消息的用户.
    let readers = json!({"msgId": mid, "groupId": GROUP});
    let readers = stage.alice.call("getGroupMsgReadUser", readers).await;
    assert_eq!(readers["data"]["userlist"], json!(["bob"]));
    assert_eq!((&readers["data"]["total"], &readers["data"]["is_last"]), (&json!(1), &json!(true)));

    // 离线时收到回执，登录后会在这里监听到.
    let mid = ask(stage, "and while I am away?").await;
    let heard = stage.bob_hears("onTextMessage", json!({"id": mid})).await;
    stage.alice.leave(&stage.serving).await;
    acknowledge(stage, &heard).await;
    // What bob does next shows that the server has the receipt.
    stage.bob.send(&text("alice", "singleChat", "fence")).await;
    stage.alice.forget();
    stage.alice.tell(&json!({"do": "open", "user": "alice", "pwd": "1"})).await;
    let statistic = stage.alice.expect("onStatisticMessage").await;
    let location: Value = serde_json::from_str(statistic["location"].as_str().unwrap()).unwrap();
    assert!(location["group_ack"].to_string().contains(mid.as_str().unwrap()), "{statistic}");
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
