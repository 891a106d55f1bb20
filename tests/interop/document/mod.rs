//! The document of the WebIM SDK, walked in its order by a page of each generation against
//! `chatproof serve`, with a second page of the same generation receiving.
//!
//! What a section expects is what the document says. Where the genuine SDK is known to do something
//! else, the section says so and expects that.

mod attachment;
mod build;
mod history;
mod recall;
mod receipt;
mod receive;
mod send;
mod session;

use chatproof::protocol::generation::Generation;
use serde_json::{Value, json};

use super::{GROUP, ROOM, page::Page, text};
use crate::serve::Serving;

/// Alice, who does what the document says, and bob, who receives.
struct Stage {
    generation: Generation,
    serving: Serving,
    alice: Page,
    bob: Page,
}

/// A chat type as pages name it, where alice's message goes in it, and its name in callbacks.
const CHATS: [(&str, &str, &str); 3] =
    [("singleChat", "bob", "chat"), ("groupChat", GROUP, "groupchat"), ("chatRoom", ROOM, "chatroom")];

impl Stage {
    async fn set(generation: Generation) -> Self {
        let serving = Serving::start(&[]);
        // `delivery` is the option of the chapter on receipts.
        let options = json!({"delivery": true});
        let alice = Page::open_configured(&serving, "alice", generation, &options).await;
        let bob = Page::open_configured(&serving, "bob", generation, &options).await;
        Self { generation, serving, alice, bob }
    }

    const fn is_old(&self) -> bool {
        matches!(self.generation, Generation::V3_6_3)
    }

    /// Bob's next call of that name whose argument has these values in it. From 4.0 on the handlers
    /// of `addEventHandler` are called too.
    async fn bob_hears(&mut self, name: &str, values: Value) -> Value {
        let heard = self.bob.expect_with(name, values).await;
        if !self.is_old() {
            let handler = if name == "onPictureMessage" { "onImageMessage" } else { name };
            self.bob.expect_with(&format!("handler.{handler}"), json!({"id": heard["id"]})).await;
        }
        heard
    }
}

async fn walk(generation: Generation) {
    let mut stage = Stage::set(generation).await;
    build::walk(&mut stage).await;
    send::walk(&mut stage).await;
    attachment::walk(&mut stage).await;
    recall::walk(&mut stage).await;
    history::walk(&mut stage).await;
    session::walk(&mut stage).await;
    receipt::walk(&mut stage).await;
    // Last, because it ends with the connections.
    receive::walk(stage).await;
}

#[tokio::test]
async fn the_document_holds_for_sdk_3_6_3() {
    walk(Generation::V3_6_3).await;
}

#[tokio::test]
async fn the_document_holds_for_sdk_4_0_8() {
    walk(Generation::V4_0_8).await;
}

#[tokio::test]
async fn the_document_holds_for_sdk_4_21_1() {
    walk(Generation::V4_21_1).await;
}
