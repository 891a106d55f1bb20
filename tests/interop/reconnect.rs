//! Pages that lose their connection come back and miss nothing.

use chatproof::protocol::generation::Generation;
use serde_json::json;

use super::{GROUP, page::Page, text};
use crate::serve::Serving;

#[tokio::test]
async fn a_page_whose_network_was_lost_comes_back_and_catches_up() {
    let serving = Serving::start(&[]);
    let mut alice = Page::open(&serving, "alice").await;
    // 3.6.3 tries again only where it is told how often.
    let options = json!({"autoReconnectNumMax": 5});
    for generation in Generation::ALL {
        let mut bob = Page::open_configured(&serving, "bob", generation, &options).await;
        for round in 0..2 {
            bob.tell(&json!({"do": "cut"})).await;
            let (single, group) = (format!("{generation} {round}"), format!("group {generation} {round}"));
            alice.send(&text("bob", "singleChat", &single)).await;
            alice.send(&text(GROUP, "groupChat", &group)).await;
            bob.expect("onOpened").await;
            bob.expect_with("onTextMessage", json!({"data": single})).await;
            bob.expect_with("onTextMessage", json!({"data": group})).await;
            bob.send(&text("alice", "singleChat", &single)).await;
            alice.expect_with("onTextMessage", json!({"data": single})).await;
        }
        assert!(bob.heard("onTextMessage").is_empty(), "{generation}: once each");
        bob.leave(&serving).await;
    }
}
