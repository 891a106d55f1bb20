//! 消息漫游: `fetchHistoryMessages`.

use serde_json::{Value, json};

use super::{GROUP, Page, Stage, text};

pub(super) async fn walk(stage: &mut Stage) {
    for (chat_type, to, is_group) in [("singleChat", "bob", false), ("groupChat", GROUP, true)] {
        let mut sent = Vec::new();
        for number in 0..5 {
            sent.push(
                stage.alice.send(&text(to, chat_type, &format!("history {number}"))).await["mid"].clone(),
            );
        }
        let texts: Vec<String> = (0..5).map(|number| format!("history {number}")).collect();

        // The newest, oldest first; then, from where that ended, what came before.
        let newest = fetch(&mut stage.alice, json!({"queue": to, "isGroup": is_group, "count": 3})).await;
        assert_eq!(newest, texts[2..], "{chat_type}");
        let before = fetch(&mut stage.alice, json!({"queue": to, "isGroup": is_group, "count": 2})).await;
        assert_eq!(before, texts[..2], "{chat_type}");

        // `WebIM.conn.mr_cache = []` 方法重置.
        stage.alice.set_property("mr_cache", json!([])).await;
        let again = fetch(&mut stage.alice, json!({"queue": to, "isGroup": is_group, "count": 3})).await;
        assert_eq!(again, texts[2..], "{chat_type}: reset");

        // `start`: 起始位置的消息id.
        stage.alice.set_property("mr_cache", json!([])).await;
        let start = json!({"queue": to, "isGroup": is_group, "count": 2, "start": sent[3]});
        assert_eq!(fetch(&mut stage.alice, start).await, texts[1..3], "{chat_type}: before its start");
        stage.alice.set_property("mr_cache", json!([])).await;
    }

    // 大小写字母混合，以及纯大写字母，会导致拉取漫游为空数组.
    for queue in ["Bob", "BOB"] {
        let none = fetch(&mut stage.alice, json!({"queue": queue, "isGroup": false, "count": 10})).await;
        assert!(none.is_empty(), "{queue}: {none:?}");
    }
}

/// The texts of what is promised, which `success` is given too.
async fn fetch(page: &mut Page, argument: Value) -> Vec<String> {
    let call = json!({
        "method": "fetchHistoryMessages", "argument": argument, "callbacks": ["success", "fail"],
    });
    let history = page.called(&call).await.unwrap();
    assert_eq!(page.expect("callback.success").await[0], history, "{argument}");
    let text = |message: &Value| message["data"].as_str().unwrap_or_default().to_owned();
    history.as_array().unwrap().iter().map(text).collect()
}
