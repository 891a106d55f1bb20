//! Faults of sending: what is answered, what is kept, and whose it is.

use super::*;

/// What alice is answered and what bob gets, message by message.
fn outcome(stage: &mut Stage, messages: &[(u64, &str)]) -> (Vec<Vec<i32>>, Vec<String>) {
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let answered = messages.iter().map(|(id, words)| say(stage, alice, *id, words)).collect();
    (answered, from_alice(stage, bob))
}

fn words(all: &[&str]) -> Vec<String> {
    all.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn an_accepted_message_is_lost_first_and_then_every_second() {
    let exchange = |stage: &mut Stage| outcome(stage, &[(1, "a"), (2, "b"), (3, "c")]);
    let answered = vec![vec![0], vec![0], vec![0]];
    let all = (answered.clone(), words(&["a", "b", "c"]));
    prove("ack-before-store=2", all.clone(), (answered, words(&["b"])), exchange);
    prove("silent-send=2", all, (vec![vec![], vec![0], vec![]], words(&["a", "b", "c"])), exchange);
}

#[test]
fn by_itself_only_the_first_message_of_a_session_is_hit() {
    let exchange = |stage: &mut Stage| outcome(stage, &[(1, "a"), (2, "b")]);
    let sound = (vec![vec![0], vec![0]], words(&["a", "b"]));
    prove("ack-before-store", sound.clone(), (vec![vec![0], vec![0]], words(&["b"])), exchange);
    prove("silent-send", sound, (vec![vec![], vec![0]], words(&["a", "b"])), exchange);
}

#[test]
fn a_refused_message_is_also_answered_with_ok() {
    prove("ok-and-fail", vec![1], vec![0, 1], |stage| {
        let alice = stage.login("alice", "a");
        let nowhere = Jid::conference(APP, "1");
        statuses(stage, alice, &text(1, nowhere, message_body::Type::Groupchat, "hi"))
    });
}

#[test]
fn the_same_message_is_stored_twice() {
    let exchange = |stage: &mut Stage| outcome(stage, &[(1, "a"), (1, "a")]).1;
    prove("retry-appends", words(&["a"]), words(&["a", "a"]), exchange);
}

#[test]
fn a_local_id_loses_its_last_digit() {
    prove("id-as-double", Some(9_007_199_254_740_993), Some(9_007_199_254_740_992), |stage| {
        let alice = stage.login("alice", "a");
        let frame = text(9_007_199_254_740_993, Jid::user(APP, "bob"), message_body::Type::Chat, "hi");
        let outputs = stage.frame(alice, &frame);
        answers(&outputs, alice)[0].meta_id
    });
}

/// A text to bob whose body and meta were changed.
fn changed(change: impl FnOnce(&mut Meta, &mut MessageBody)) -> MSync {
    let mut frame = text(1, Jid::user(APP, "bob"), message_body::Type::Chat, "hi");
    let mut sync = CommSyncUl::decode(frame.payload.take().unwrap()).unwrap();
    let mut meta = sync.meta.take().unwrap();
    let mut body = MessageBody::decode(meta.payload.take().unwrap()).unwrap();
    change(&mut meta, &mut body);
    meta.payload = Some(body.encode_to_vec().into());
    super::sync(&CommSyncUl { meta: Some(meta), ..sync })
}

#[test]
fn a_message_without_a_type_goes_to_a_group() {
    prove("default-group", vec![0], vec![1], |stage| {
        let alice = stage.login("alice", "a");
        statuses(stage, alice, &changed(|_, body| body.r#type = None))
    });
}

#[test]
fn the_sender_is_believed() {
    let parties = |stage: &mut Stage| {
        let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
        let frame = changed(|meta, body| {
            meta.from = Some(Jid::user(APP, "carol"));
            body.from = Some(Jid::named("dave"));
        });
        stage.frame(alice, &frame);
        let meta = stage.fetch(bob, &Jid::user(APP, "alice"), None).metas.remove(0);
        let body = MessageBody::decode(meta.payload.unwrap()).unwrap();
        (meta.from.unwrap().name.unwrap(), body.from.unwrap().name.unwrap())
    };
    let names = |meta: &str, body: &str| (meta.to_owned(), body.to_owned());
    prove("trust-meta-from", names("alice", "alice"), names("carol", "alice"), parties);
    prove("trust-body-from", names("alice", "alice"), names("alice", "dave"), parties);
}

#[test]
fn a_message_without_ext_is_refused() {
    prove("ext-required", vec![0], vec![3], |stage| {
        let alice = stage.login("alice", "a");
        say(stage, alice, 1, "hi")
    });
}
