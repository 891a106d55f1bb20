//! Contacts and block lists, as pages of three generations manage them and hear of them.

use chatproof::protocol::generation::Generation;
use serde_json::{Value, json};

use super::{Page, text};
use crate::serve::Serving;

#[tokio::test]
async fn contacts_are_asked_answered_and_removed_between_all_generations() {
    let serving = Serving::start(&[]);
    for (asking, asked) in Generation::ALL.into_iter().zip(Generation::ALL.into_iter().cycle().skip(1)) {
        let mut alice = Page::open_with(&serving, "alice", asking).await;
        let mut bob = Page::open_with(&serving, "bob", asked).await;
        let by = |user: &str, kind: &str| json!({"from": user, "type": kind});
        alice.call_with("addContact", &[json!("bob"), json!("it is me")]).await;
        let invited = bob.expect_with("onContactInvited", by("alice", "subscribe")).await;
        assert_eq!((&invited["to"], &invited["status"]), (&json!("bob"), &json!("it is me")));
        bob.call_with("declineInvitation", &[json!("alice")]).await;
        alice.expect_with("onContactRefuse", by("bob", "unsubscribed")).await;
        assert_eq!(contacts(&mut alice).await, json!([]));

        alice.call_with("addContact", &[json!("bob"), json!("again")]).await;
        bob.expect_with("onContactInvited", by("alice", "subscribe")).await;
        bob.call_with("acceptInvitation", &[json!("alice")]).await;
        alice.expect_with("onContactAgreed", by("bob", "subscribed")).await;
        bob.expect_with("onContactAdded", by("alice", "subscribed")).await;
        assert_eq!(contacts(&mut alice).await, json!(["bob"]));
        assert_eq!(contacts(&mut bob).await, json!(["alice"]));

        bob.call_with("deleteContact", &[json!("alice")]).await;
        alice.expect_with("onContactDeleted", by("bob", "unsubscribed")).await;
        assert_eq!(contacts(&mut alice).await, json!([]));
        for page in [&mut alice, &mut bob] {
            page.leave(&serving).await;
        }
    }
}

async fn contacts(page: &mut Page) -> Value {
    // 3.6.3 gives the contacts with their addresses, later ones the answer itself.
    let roster = page.call("getRoster", json!({})).await;
    match roster["data"].as_array() {
        Some(names) => names.clone().into(),
        None => roster.as_array().unwrap().iter().map(|contact| contact["name"].clone()).collect(),
    }
}

#[tokio::test]
async fn who_is_blocked_is_refused_and_the_page_hears_its_new_list() {
    for generation in Generation::ALL {
        let serving = Serving::start(&[]);
        let mut alice = Page::open_with(&serving, "alice", generation).await;
        let mut bob = Page::open(&serving, "bob").await;
        let hears_list = generation != Generation::V4_21_1;
        alice.call("addToBlackList", json!({"name": ["bob"]})).await;
        if hears_list {
            assert_eq!(alice.expect("onBlacklistUpdate").await, json!({"bob": {"name": "bob"}}));
        }
        assert_eq!(bob.refused(&text("alice", "singleChat", "x")).await, 603);
        let list = alice.call("getBlacklist", json!({})).await;
        assert_eq!(list["data"], json!(["bob"]), "{generation}");
        if hears_list {
            alice.expect("onBlacklistUpdate").await;
        }
        alice.call("removeFromBlackList", json!({"name": ["bob"]})).await;
        if hears_list {
            assert_eq!(alice.expect("onBlacklistUpdate").await, json!({}));
        }
        bob.send(&text("alice", "singleChat", "thanks")).await;
        assert_eq!(alice.expect("onTextMessage").await["data"], "thanks");
    }
}

#[tokio::test]
async fn a_request_waits_for_who_is_away() {
    let serving = Serving::start(&[]);
    let mut bob = Page::open(&serving, "bob").await;
    bob.leave(&serving).await;
    let mut alice = Page::open(&serving, "alice").await;
    alice.call_with("addContact", &[json!("bob"), json!("hello")]).await;
    // Sent behind the request: once it is answered, so is the request.
    alice.send(&text("bob", "singleChat", "fence")).await;
    let mut bob = Page::open(&serving, "bob").await;
    assert_eq!(bob.expect("onTextMessage").await["data"], "fence");
    assert_eq!(bob.heard("onContactInvited").len(), 1, "once, and in order");
}

/// What only SDK 4.21.1 asks.
#[tokio::test]
async fn the_latest_sdk_names_its_contacts_and_reads_them_by_page() {
    let serving = Serving::start(&[]);
    let mut alice = Page::open_with(&serving, "alice", Generation::V4_21_1).await;
    for user in ["bob", "carol"] {
        alice.call_with("addContact", &[json!(user), json!("hi")]).await;
        let mut page = Page::open_with(&serving, user, Generation::V4_21_1).await;
        page.expect("onContactInvited").await;
        page.call_with("acceptContactInvite", &[json!("alice")]).await;
        alice.expect_with("handler.onContactAgreed", json!({"from": user})).await;
    }
    alice.call("setContactRemark", json!({"userId": "bob", "remark": "Bobby"})).await;
    let all = alice.call("getAllContacts", Value::Null).await;
    let (bob, carol) =
        (json!({"userId": "bob", "remark": "Bobby"}), json!({"userId": "carol", "remark": null}));
    assert_eq!(all["data"], json!([bob, carol]), "{all}");
    let first = alice.call("getContactsWithCursor", json!({"pageSize": 1})).await;
    assert_eq!(first["data"]["contacts"], json!([bob]), "{first}");
    let more = json!({"pageSize": 1, "cursor": first["data"]["cursor"]});
    let rest = alice.call("getContactsWithCursor", more).await;
    assert_eq!((&rest["data"]["contacts"], &rest["data"]["cursor"]), (&json!([carol]), &json!("")), "{rest}");
    let refused = alice.call_refused("setContactRemark", json!({"userId": "dave", "remark": "x"})).await;
    assert_eq!(refused["type"], 603, "dave is no contact: {refused}");
}
