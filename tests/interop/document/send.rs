//! 发送消息: texts, emoji, commands, places and custom messages in each chat type, and how sending
//! fails.

use chatproof::protocol::generation::Generation;
use serde_json::{Value, json};

use super::{CHATS, GROUP, Stage, text};

pub(super) async fn walk(stage: &mut Stage) {
    texts(stage).await;
    refusals(stage).await;
    muted(stage).await;
    emoji(stage).await;
    commands(stage).await;
    places(stage).await;
    custom(stage).await;
}

/// 发送文本消息(单聊、扩展), (群组), (聊天室).
async fn texts(stage: &mut Stage) {
    let ext = json!({"key": "value", "key2": {"key3": "value2"}});
    for (chat_type, to, called) in CHATS {
        let mut message = text(to, chat_type, "message content");
        message["ext"] = ext.clone();
        // `success: function (id, serverMsgId)`, and the receipt "收到消息送达服务器回执".
        let sent = stage.alice.send(&message).await;
        let received = stage.alice.expect_with("onReceivedMessage", json!({"id": sent["id"]})).await;
        assert_eq!(received["mid"], sent["mid"], "{chat_type}");
        let expected = json!({"id": sent["mid"], "type": called, "from": "alice", "to": to});
        let heard = stage.bob_hears("onTextMessage", expected).await;
        assert_eq!((&heard["data"], &heard["ext"]), (&json!("message content"), &ext), "{chat_type}");
    }
}

/// 失败原因 of `fail`: the numbers that need no recall.
async fn refusals(stage: &mut Stage) {
    for (word, code) in [
        ("trigger:blocked", 603),
        ("trigger:nogroup", 605),
        ("trigger:notjoined", 602),
        ("trigger:whitelist", 506),
        ("SENSITIVE", 501),
        ("ANTISPAM", 501),
        ("EXTERNAL", 502),
        ("UNKNOWNERR", 503),
    ] {
        for (chat_type, to, _) in CHATS {
            let refused = stage.alice.refused(&text(to, chat_type, word)).await;
            // The document writes '603', the SDK gives a number.
            assert_eq!(refused, code, "{word} in {chat_type}");
            if !stage.is_old() {
                assert_eq!(stage.alice.expect("rejected").await["type"], code, "{word} in {chat_type}");
            }
        }
    }
    assert_eq!(stage.alice.refused(&text("404404404", "groupChat", "群组不存在")).await, 605);
}

/// 如禁言、拉黑后发送消息会失败, and `onMutedMessage`.
async fn muted(stage: &mut Stage) {
    let mute = json!({"groupId": GROUP, "username": "bob", "muteDuration": 3_600_000});
    stage.alice.call("mute", mute).await;
    let (told, argument) = stage.bob.ended(&text(GROUP, "groupChat", "muted")).await;
    match stage.generation {
        Generation::V3_6_3 => assert_eq!(told, "onMutedMessage"),
        // `fail` is not called, the promise is rejected.
        Generation::V4_0_8 => {
            assert_eq!(told, "onMutedMessage");
            assert_eq!(stage.bob.expect("rejected").await["type"], 507);
            assert!(stage.bob.heard("fail").is_empty());
        }
        // The callback is no longer called.
        Generation::V4_21_1 => {
            assert_eq!((&*told, &argument["type"]), ("fail", &json!(507)));
            assert_eq!(stage.bob.expect("rejected").await["type"], 507);
        }
    }
    stage.alice.call("removeMute", json!({"groupId": GROUP, "username": "bob"})).await;
    stage.bob.send(&text(GROUP, "groupChat", "unmuted")).await;
    stage.alice.expect_with("onTextMessage", json!({"data": "unmuted"})).await;
    assert_eq!(
        stage.bob.heard("onMutedMessage"),
        Vec::<&Value>::new(),
        "no other generation calls it for 4.21.1"
    );
}

/// 发送表情消息: like a text. With `WebIM.Emoji` set the receiver would be called back in
/// `onEmojiMessage`, but no npm package of these versions calls it.
async fn emoji(stage: &mut Stage) {
    let emoji = json!({"path": "faces/", "map": {"[):]": "ee_1.png"}});
    stage.bob.tell(&json!({"do": "property", "of": "sdk", "name": "Emoji", "value": emoji})).await;
    stage.bob.expect("property").await;
    stage.alice.send(&text("bob", "singleChat", "[):] and \u{1f600}")).await;
    stage.bob_hears("onTextMessage", json!({"data": "[):] and \u{1f600}"})).await;
    assert!(stage.bob.heard("onEmojiMessage").is_empty());
}

/// 发送命令消息.
async fn commands(stage: &mut Stage) {
    for (chat_type, to, called) in CHATS {
        let message = json!({
            "do": "send", "type": "cmd", "to": to, "chatType": chat_type, "action": "action",
            "ext": {"extmsg": "extends messages"},
        });
        let sent = stage.alice.send(&message).await;
        let heard = stage.bob_hears("onCmdMessage", json!({"id": sent["mid"], "type": called})).await;
        assert_eq!((&heard["action"], &heard["ext"]), (&message["action"], &message["ext"]), "{chat_type}");
    }
}

/// `onLocationMessage`: the document receives what it does not send.
async fn places(stage: &mut Stage) {
    for (chat_type, to, called) in CHATS {
        let message = json!({
            "do": "send", "type": "loc", "to": to, "chatType": chat_type,
            "addr": "北京", "lat": 39.9, "lng": 116.4,
        });
        let sent = stage.alice.send(&message).await;
        let heard = stage.bob_hears("onLocationMessage", json!({"id": sent["mid"], "type": called})).await;
        for key in ["addr", "lat", "lng"] {
            assert_eq!(heard[key], message[key], "{chat_type} {key}");
        }
    }
}

/// 发送自定义消息.
async fn custom(stage: &mut Stage) {
    for (chat_type, to, called) in CHATS {
        let message = json!({
            "do": "send", "type": "custom", "to": to, "chatType": chat_type,
            "customEvent": "customEvent", "customExts": {"key": "value", "more": "又"}, "ext": {},
        });
        let sent = stage.alice.send(&message).await;
        let heard = stage.bob_hears("onCustomMessage", json!({"id": sent["mid"], "type": called})).await;
        for key in ["customEvent", "customExts", "ext"] {
            assert_eq!(heard[key], message[key], "{chat_type} {key}");
        }
    }
}
