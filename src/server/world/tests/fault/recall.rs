//! Faults of taking messages back.

use std::time::Duration;

use super::*;
use message_body::Type::{Chat, Groupchat};

const LIMIT: Duration = Duration::from_secs(120);

/// Alice says something in the group or to bob and takes it back after a while: the reason of the
/// refusal, what is left in her history, and how many items bob and carol have.
fn recalled(stage: &mut Stage, to: &Jid, after: Duration, by: &str) -> (String, usize, [usize; 2]) {
    let (alice, bob, carol) = (stage.login("alice", "a"), stage.login("bob", "b"), stage.login("carol", "c"));
    let (kind, queue, seen) = if to.is_conference() {
        (Groupchat, format!("{}@conference.easemob.com", to.name.as_deref().unwrap()), to.clone())
    } else {
        (Chat, "bob@easemob.com".to_owned(), Jid::user(APP, "alice"))
    };
    let id = stage.say(alice, to.clone(), kind, "oops");
    stage.wait(after);
    let by = if by == "alice" { alice } else { bob };
    let reason = stage.recall(
        by,
        if by == bob && !to.is_conference() { Jid::user(APP, "alice") } else { to.clone() },
        id,
    );
    let left = stage.newest("alice", &queue).len();
    let items = [bob, carol].map(|reader| stage.fetch(reader, &seen, None).metas.len());
    (reason, left, items)
}

fn bob() -> Jid {
    Jid::user(APP, "bob")
}

fn gone(items: [usize; 2]) -> (String, usize, [usize; 2]) {
    (String::new(), 0, items)
}

#[test]
fn readers_are_not_told() {
    let group = Jid::conference(APP, "93734273351681");
    let exchange = |stage: &mut Stage| recalled(stage, &group, Duration::ZERO, "alice");
    prove("recall-silent", gone([1, 1]), gone([0, 0]), exchange);
    prove("recall-one-missed", gone([1, 1]), gone([0, 1]), exchange);
}

#[test]
fn the_window_is_another() {
    let late = "exceed recall time limit".to_owned();
    let after =
        |seconds| move |stage: &mut Stage| recalled(stage, &bob(), Duration::from_secs(seconds), "alice");
    let refused = (late.clone(), 1, [1, 0]);
    prove("no-window", refused.clone(), gone([1, 0]), after(LIMIT.as_secs() + 5));
    prove("window-60s", gone([1, 0]), refused.clone(), after(65));
    prove("window-60s", gone([1, 0]), gone([1, 0]), after(55));
    prove("late-deletes-anyway", refused, (late, 0, [0, 0]), after(LIMIT.as_secs() + 5));
}

#[test]
fn others_and_closed_services_take_back() {
    let unknown = ("recall message not found".to_owned(), 1, [1, 0]);
    prove("anyone-recalls", unknown, gone([0, 0]), |stage| recalled(stage, &bob(), Duration::ZERO, "bob"));
    let closed = "services: {recall: false}";
    let refused = ("message recall disabled".to_owned(), 1, [1, 0]);
    prove_with(closed, "disabled-works", refused, gone([1, 0]), |stage| {
        recalled(stage, &bob(), Duration::ZERO, "alice")
    });
}

#[test]
fn the_history_keeps_it() {
    prove("history-keeps", gone([1, 0]), (String::new(), 1, [1, 0]), |stage| {
        recalled(stage, &bob(), Duration::ZERO, "alice")
    });
}

#[test]
fn who_was_away_gets_it_all_the_same() {
    prove("late-delivery", 1, 2, |stage| {
        let (alice, bob_before) = (stage.login("alice", "a"), stage.login("bob", "b"));
        stage.world.disconnect(stage.now, bob_before);
        let id = stage.say(alice, bob(), Chat, "oops");
        stage.recall(alice, bob(), id);
        let again = stage.login("bob", "b");
        stage.fetch(again, &Jid::user(APP, "alice"), None).metas.len()
    });
}

#[test]
fn it_is_still_unread() {
    prove("recall-keeps-count", 1, 2, |stage| {
        let alice = stage.login("alice", "a");
        stage.say(alice, bob(), Chat, "one");
        let id = stage.say(alice, bob(), Chat, "two");
        stage.recall(alice, bob(), id);
        stage.sessions("bob")[0].2
    });
}
