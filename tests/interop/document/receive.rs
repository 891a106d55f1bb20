//! 接收消息: the callbacks of `listen`. The other sections have had most of them; here come those
//! that no message causes, and then each of the document's list is accounted for.

use chatproof::protocol::generation::Generation;
use serde_json::json;

use super::{Page, Stage, text};

/// The document's list.
const CALLBACKS: &[&str] = &[
    "onOpened",
    "onClosed",
    "onTextMessage",
    "onEmojiMessage",
    "onPictureMessage",
    "onCmdMessage",
    "onAudioMessage",
    "onLocationMessage",
    "onFileMessage",
    "onCustomMessage",
    "onVideoMessage",
    "onPresence",
    "onRoster",
    "onInviteMessage",
    "onOnline",
    "onOffline",
    "onError",
    "onBlacklistUpdate",
    "onRecallMessage",
    "onReceivedMessage",
    "onDeliveredMessage",
    "onReadMessage",
    "onCreateGroup",
    "onMutedMessage",
    "onChannelMessage",
    "onStatisticMessage",
];

/// What no generation calls, though the document lists it: the first where `WebIM.Emoji` is not
/// built in, as in every npm package; the second has no caller in them.
const NEVER: &[&str] = &["onEmojiMessage", "onInviteMessage"];
/// What 4.21.1 calls no longer.
const NO_LONGER: &[&str] = &["onRoster", "onCreateGroup", "onMutedMessage", "onBlacklistUpdate"];

/// What 3.6.3 is not made to tell: its option `delivery` does nothing.
const NOT_YET: &[&str] = &["onDeliveredMessage"];

fn is_silent(generation: Generation, callback: &str) -> bool {
    NEVER.contains(&callback)
        || match generation {
            Generation::V3_6_3 => NOT_YET.contains(&callback),
            Generation::V4_0_8 => false,
            Generation::V4_21_1 => NO_LONGER.contains(&callback),
        }
}

pub(super) async fn walk(mut stage: Stage) {
    // 本机网络掉线, 本机网络连接成功.
    stage.bob.forget();
    for (on_line, callback) in [(false, "onOffline"), (true, "onOnline")] {
        stage.bob.tell(&json!({"do": "network", "onLine": on_line})).await;
        stage.bob.expect(callback).await;
    }
    if stage.generation == Generation::V4_21_1 {
        // It connects anew, whether the socket was lost or not.
        stage.bob.expect("handler.onConnected").await;
    }

    block_list(&mut stage).await;
    stage.bob.call("getRoster", json!({})).await;
    stage
        .bob
        .called(&json!({
            "method": "createGroupNew",
            "argument": {"data": {"groupname": "G", "desc": "D", "members": [], "public": true, "approval": false,
                "allowinvites": false, "inviteNeedConfirm": false, "maxusers": 10}},
            "callbacks": ["success", "error"],
        }))
        .await
        .unwrap();

    // 失败回调.
    let mut stranger = Page::start(&stage.serving, stage.generation).await;
    stranger.tell(&json!({"do": "open", "user": "bob", "pwd": "wrong"})).await;
    assert_eq!(stranger.expect("onError").await["type"], 1);

    for page in [&mut stage.alice, &mut stage.bob] {
        page.tell(&json!({"do": "close"})).await;
        page.expect("onClosed").await;
    }
    let heard: Vec<&String> =
        [&stage.alice, &stage.bob, &stranger].iter().flat_map(|page| page.names()).collect();
    for callback in CALLBACKS {
        assert_eq!(
            heard.iter().any(|heard| heard == callback),
            !is_silent(stage.generation, callback),
            "{}: {callback}",
            stage.generation
        );
    }
}

/// 黑名单变动: "查询黑名单，将好友拉黑，将好友从黑名单移除都会回调这个函数".
async fn block_list(stage: &mut Stage) {
    let (add, remove) = match stage.generation {
        Generation::V3_6_3 => ("addToBlackList", "removeFromBlackList"),
        Generation::V4_0_8 | Generation::V4_21_1 => ("addUsersToBlacklist", "removeUserFromBlackList"),
    };
    for (method, blocked, names) in
        [(add, true, json!(["alice"])), (remove, false, json!([])), ("getBlacklist", false, json!([]))]
    {
        stage.bob.call(method, json!({"name": ["alice"]})).await;
        if stage.generation == Generation::V4_21_1 {
            // There the list is asked for.
            assert_eq!(stage.bob.call("getBlacklist", json!({})).await["data"], names, "{method}");
        } else {
            let list = stage.bob.expect("onBlacklistUpdate").await;
            let listed = list.as_object().map_or(0, serde_json::Map::len);
            assert_eq!(listed, usize::from(blocked), "{method}: {list}");
        }
        let (told, argument) = stage.alice.ended(&text("bob", "singleChat", "am I blocked?")).await;
        match blocked {
            true => assert_eq!((&*told, &argument["type"]), ("fail", &json!(603))),
            false => assert_eq!(told, "success"),
        }
    }
}
