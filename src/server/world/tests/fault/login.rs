//! Faults of logins and of what comes before them.

use super::*;

#[test]
fn a_token_is_not_looked_at() {
    let login = |stage: &mut Stage| stage.try_login("alice", "a", "$t$made-up").0;
    prove("token-unchecked", 1, 0, login);
}

#[test]
fn a_session_acts_as_whom_it_names() {
    prove("trust-guid", 1, 0, |stage| {
        let token = stage.user_token("bob");
        stage.try_login("alice", "a", &format!("$t${token}")).0
    });
}

#[test]
fn the_app_of_a_login_is_not_compared() {
    prove("app-ignored", false, true, |stage| {
        let id = stage.connect();
        let frame =
            MSync { guid: Some(Jid::device("other#app", "alice", "a")), ..provision("alice", "a", "1") };
        let outputs = stage.frame(id, &frame);
        let [(_, Output::Send(bytes)), ..] = &outputs[..] else { panic!("{outputs:?}") };
        let answer = Provision::decode(MSync::decode(bytes.clone()).unwrap().payload.unwrap()).unwrap();
        answer.status.unwrap().error_code == Some(0)
    });
}

#[test]
fn strangers_are_served() {
    prove("serve-before-login", vec![2], vec![0], |stage| {
        let stranger = stage.connect();
        say(stage, stranger, 1, "hi")
    });
}

#[test]
fn a_login_is_answered_twice_and_the_second_answer_names_no_resource() {
    prove("login-answered-twice", vec!["a".to_owned()], vec!["a".to_owned(), String::new()], |stage| {
        let id = stage.connect();
        let outputs = stage.frame(id, &provision("alice", "a", "1"));
        let resource = |(_, output): &(ConnectionId, Output)| {
            let Output::Send(bytes) = output else { panic!("{output:?}") };
            let payload = MSync::decode(bytes.clone()).unwrap().payload.unwrap();
            Provision::decode(payload).unwrap().resource.unwrap()
        };
        outputs.iter().map(resource).collect()
    });
}

#[test]
fn only_the_first_heartbeat_of_each_connection_is_answered() {
    prove("heartbeat-once", vec![1, 1, 1, 1], vec![1, 0, 0, 1], |stage| {
        let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
        let unread = command(m_sync::Command::Unread);
        [alice, alice, alice, bob].map(|client| stage.frame(client, &unread).len()).to_vec()
    });
}

#[test]
fn garbage_ends_the_connections_of_others() {
    prove("crash-on-garbage", false, true, |stage| {
        let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
        stage.world.handle_frame(stage.now, alice, &Bytes::from_static(b"\xff\xff"));
        stage.outputs().contains(&(bob, Output::Close))
    });
}

/// A text to bob with bytes put behind it.
fn with_more(more: &[u8]) -> Bytes {
    let mut frame = text(1, Jid::user(APP, "bob"), message_body::Type::Chat, "hi").encode_to_vec();
    frame.extend_from_slice(more);
    frame.into()
}

fn status_of(stage: &mut Stage, more: &[u8]) -> Vec<i32> {
    let alice = stage.login("alice", "a");
    stage.world.handle_frame(stage.now, alice, &with_more(more));
    let outputs = stage.outputs();
    answers(&outputs, alice).into_iter().map(|answer| answer.status.unwrap().error_code.unwrap()).collect()
}

#[test]
fn fields_that_nobody_knows_are_refused() {
    // Field 1000, varint 1.
    prove("strict-fields", vec![0], vec![10], |stage| status_of(stage, b"\xc0\x3e\x01"));
    prove("strict-fields", vec![0], vec![0], |stage| status_of(stage, b""));
}

#[test]
fn fields_that_do_not_ascend_and_long_numbers_are_refused() {
    // `version` behind the payload; `encryptType`-less `version` in two bytes too many.
    prove("strict-order", vec![0], vec![10], |stage| status_of(stage, b"\x08\x00"));
    prove("strict-order", vec![0], vec![0], |stage| status_of(stage, b""));
    prove("strict-order", vec![0], vec![0], |stage| status_of(stage, b"\xc0\x3e\x01"));
    prove("strict-order", vec![0], vec![10], |stage| status_of(stage, b"\xc0\x3e\x81\x80\x00"));
}
