//! 构造消息: a message is built, its chat type set.

use serde_json::json;

use super::{CHATS, Stage};

pub(super) async fn walk(stage: &mut Stage) {
    // `msg.setChatType('groupChat')`.
    for (chat_type, to, called) in CHATS {
        let message =
            json!({"do": "send", "type": "txt", "to": to, "msg": "built", "setChatType": chat_type});
        stage.alice.send(&message).await;
        stage.bob_hears("onTextMessage", json!({"type": called, "to": to, "data": "built"})).await;
    }

    // "不设置默认为单聊". And "值不能是 ext:null 这种形式，否则出错": in these versions it does no harm.
    let message = json!({"do": "send", "type": "txt", "to": "bob", "msg": "null", "ext": null});
    stage.alice.send(&message).await;
    let heard = stage.bob_hears("onTextMessage", json!({"type": "chat", "data": "null"})).await;
    assert_eq!(heard["ext"], json!({}));
}
