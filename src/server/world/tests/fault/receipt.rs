//! Faults of receipts.

use super::{
    super::receipt::{ask, group, pending, read},
    *,
};

/// Bob reads what alice said: the types of what waits for alice, and for carol.
fn acknowledged(stage: &mut Stage, kinds: &[i32]) -> (Vec<i32>, Vec<i32>) {
    let (alice, bob, carol) = (stage.login("alice", "a"), stage.login("bob", "b"), stage.login("carol", "c"));
    for (id, kind) in (100..).zip(kinds) {
        stage.frame(bob, &receipt(id, Jid::user(APP, "alice"), *kind, 1));
    }
    let mut got = |client| {
        let metas = stage.fetch(client, &Jid::user(APP, "bob"), None).metas;
        metas
            .into_iter()
            .map(|meta| MessageBody::decode(meta.payload.unwrap()).unwrap().r#type.unwrap())
            .collect()
    };
    (got(alice), got(carol))
}

#[test]
fn receipts_are_lost_or_go_astray() {
    let reads = |stage: &mut Stage| acknowledged(stage, &[4, 4, 4, 4]);
    prove("read-dropped", (vec![4; 4], vec![]), (vec![4; 2], vec![]), reads);
    prove("receipt-misrouted", (vec![4; 4], vec![]), (vec![], vec![4; 4]), reads);
    let both = |stage: &mut Stage| acknowledged(stage, &[4, 7]);
    prove("channel-dropped", (vec![4, 7], vec![]), (vec![4], vec![]), both);
}

#[test]
fn the_first_reader_does_not_count() {
    prove("group-count-wrong", true, false, |stage| {
        let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
        let message = ask(stage, alice);
        read(stage, bob, group(), message);
        let told = pending(stage, alice, &group());
        let body = MessageBody::decode(told[0].payload.clone().unwrap()).unwrap();
        format!("{:?}", body.ext[0].value).contains(":1}")
    });
}

#[test]
fn who_was_away_learns_no_count() {
    prove("no-offline-stat", 1, 0, |stage| {
        let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
        let message = ask(stage, alice);
        stage.world.disconnect(stage.now, alice);
        read(stage, bob, group(), message);
        let alice = stage.login("alice", "a");
        pending(stage, alice, &Jid::user(APP, "easemob")).len()
    });
}

#[test]
fn outsiders_see_the_readers() {
    prove("readers-open", 403, 200, |stage| {
        let alice = stage.login("alice", "a");
        let message = ask(stage, alice);
        let dave = stage.user_token("dave");
        let group = group().name.unwrap();
        stage.call("GET", &format!("/chatgroups/{group}/acks/{message}"), Some(&dave), &Value::Null).0
    });
}
