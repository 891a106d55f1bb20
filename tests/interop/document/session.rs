//! 会话列表: `getSessionList`, `deleteSession`.

use serde_json::{Value, json};

use super::{GROUP, Page, Stage, text};

pub(super) async fn walk(stage: &mut Stage) {
    // What there is so far is read, so that the counts begin at 0.
    for (to, chat_type) in [("alice", "singleChat"), (GROUP, "groupChat")] {
        stage.bob.tell(&json!({"do": "send", "type": "channel", "to": to, "chatType": chat_type})).await;
    }
    // What follows on the same connection shows that the server has them.
    stage.bob.send(&text("carol", "singleChat", "all read")).await;
    let mut last = Value::Null;
    for number in 0..3 {
        last = stage.alice.send(&text("bob", "singleChat", &format!("unread {number}"))).await["mid"].clone();
    }
    let in_group = stage.alice.send(&text(GROUP, "groupChat", "unread in the group")).await["mid"].clone();

    let single = session(&mut stage.bob, "alice@easemob.com").await.unwrap();
    assert_eq!(single["unread_num"], 3);
    assert_eq!(single["meta"]["id"], last);
    let payload: Value = serde_json::from_str(single["meta"]["payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload["bodies"][0], json!({"msg": "unread 2", "type": "txt"}));
    assert_eq!((&payload["from"], &payload["to"]), (&json!("alice"), &json!("bob")));
    let group = session(&mut stage.bob, &format!("{GROUP}@conference.easemob.com")).await.unwrap();
    assert_eq!((&group["unread_num"], &group["meta"]["id"]), (&json!(1), &in_group));
    let own = session(&mut stage.alice, "bob@easemob.com").await.unwrap();
    assert_eq!((&own["unread_num"], &own["meta"]["id"]), (&json!(0), &last), "one's own is not unread");

    // 删除会话. The method came with 4.0.2.
    let channel = json!({"channel": "alice", "chatType": "singleChat", "deleteRoam": true});
    if stage.is_old() {
        let error = stage.bob.call_refused("deleteSession", channel).await;
        assert!(error["thrown"].as_str().unwrap().contains("is not a function"), "{error}");
        return;
    }
    assert_eq!(stage.bob.call("deleteSession", channel).await["data"]["result"], "ok");
    assert_eq!(session(&mut stage.bob, "alice@easemob.com").await, None);
    let fetch = json!({"queue": "alice", "isGroup": false, "count": 1});
    assert_eq!(stage.bob.call("fetchHistoryMessages", fetch).await, json!([]), "是否同时删除服务端漫游消息");
    assert!(session(&mut stage.alice, "bob@easemob.com").await.is_some(), "the other side keeps it");
    stage.alice.send(&text("bob", "singleChat", "anew")).await;
    let anew = session(&mut stage.bob, "alice@easemob.com").await.unwrap();
    assert_eq!(anew["unread_num"], 1);
}

/// The entry of the page's session list for that conversation.
async fn session(page: &mut Page, peer: &str) -> Option<Value> {
    let list = page.call("getSessionList", Value::Null).await;
    let id = format!("easemob-demo#chatdemoui_{peer}");
    let sessions = list["data"]["channel_infos"].as_array().unwrap_or_else(|| panic!("{list}"));
    sessions.iter().find(|session| session["channel_id"] == id).cloned()
}
