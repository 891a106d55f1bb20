//! Coming in, being told to go, and what is served to nobody.

use std::time::Duration;

use super::*;
use crate::protocol::schema::{CommUnreadDl, StatisticsBody};

#[test]
fn a_frame_before_any_provision_is_refused_in_its_own_shape_and_closes() {
    let mut stage = Stage::new();
    let id = stage.connect();
    let outputs = stage.frame(id, &text(9, Jid::user(APP, "bob"), message_body::Type::Chat, "hi"));
    let [(_, Output::Send(answer)), (_, Output::Close)] = &outputs[..] else { panic!("{outputs:?}") };
    let answer = read_sync(answer);
    assert_eq!((answer.meta_id, answer.status.unwrap().error_code), (Some(9), Some(2)));

    let id = stage.connect();
    let outputs = stage.frame(id, &command(m_sync::Command::Unread));
    let [(_, Output::Send(answer)), (_, Output::Close)] = &outputs[..] else { panic!("{outputs:?}") };
    let payload = MSync::decode(answer.clone()).unwrap().payload.unwrap();
    assert_eq!(CommUnreadDl::decode(payload).unwrap().status.unwrap().error_code, Some(2));
    assert!(stage.frame(id, &command(m_sync::Command::Unread)).is_empty());
}

#[test]
fn every_way_to_prove_who_one_is_is_taken() {
    let mut stage = Stage::new();
    let token = format!("$t${}", stage.user_token("alice"));
    let bare = |provision: Provision, auth: Option<&str>| MSync {
        guid: Some(Jid { name: Some("ALICE".into()), ..Jid::default() }),
        auth: auth.map(str::to_owned),
        command: Some(m_sync::Command::Provision as i32),
        payload: Some(provision.encode_to_vec().into()),
        ..MSync::default()
    };
    let frames = [
        bare(Provision { auth: Some(token.clone()), ..Provision::default() }, None),
        bare(
            Provision { auth_token: Some(format!("{{\"token\":\"{token}\"}}")), ..Provision::default() },
            None,
        ),
        bare(Provision { password: Some("1".into()), ..Provision::default() }, None),
        bare(Provision::default(), Some("1")),
    ];
    for frame in frames {
        let id = stage.connect();
        let outputs = stage.frame(id, &frame);
        let answer = read_provision(&outputs[0].1);
        assert_eq!(answer.status.unwrap().error_code, Some(0));
        assert!(answer.resource.unwrap().starts_with("webim_"), "the server names a device that has no name");
        stage.world.disconnect(stage.now, id);
    }
}

#[test]
fn a_refused_login_says_why_and_its_queued_frames_are_dropped() {
    let mut stage = Stage::new();
    let refused = [
        (provision("alice", "a", "wrong"), 1, "Sorry, token or password does not match login info"),
        (provision("nobody", "a", "1"), 1, "Sorry, user not found"),
        (provision("alice", "a", ""), 3, "auth is missing"),
        (provision("", "a", "1"), 3, "guid.name is missing"),
        (provision("alice", &"a".repeat(257), "1"), 4, "resource is longer than 256 bytes"),
        (
            MSync { guid: Some(Jid::user("other#app", "alice")), ..provision("alice", "a", "1") },
            4,
            "appKey is not the one that is served here",
        ),
        (
            MSync { payload: Some(Bytes::from_static(&[0xff])), ..provision("alice", "a", "1") },
            10,
            "not readable as a Provision",
        ),
    ];
    for (frame, status, reason) in refused {
        let id = stage.connect();
        let outputs = stage.frame(id, &frame);
        let answer = read_provision(&outputs[0].1).status.unwrap();
        assert_eq!((answer.error_code, answer.reason.as_deref()), (Some(status), Some(reason)));
        assert!(
            stage.frame(id, &text(1, Jid::user(APP, "bob"), message_body::Type::Chat, "lost")).is_empty()
        );
        assert_eq!(stage.frame(id, &provision("alice", "a", "1")).len(), 1, "another try is allowed");
        stage.world.disconnect(stage.now, id);
    }
}

#[test]
fn one_connection_may_not_guess_for_ever() {
    let mut stage = Stage::new();
    let id = stage.connect();
    let closed = (0..10).flat_map(|_| stage.frame(id, &provision("alice", "a", "wrong")));
    assert_eq!(closed.filter(|(_, output)| *output == Output::Close).count(), 1);
}

#[test]
fn frames_behind_a_provision_that_waits_are_held_and_then_served() {
    let mut stage = Stage::with("choices: {provision_delay: 1s}");
    let id = stage.connect();
    assert!(stage.frame(id, &provision("alice", "a", "1")).is_empty());
    assert!(stage.frame(id, &text(3, Jid::user(APP, "bob"), message_body::Type::Chat, "early")).is_empty());
    let outputs = stage.wait(Duration::from_secs(1));
    assert_eq!(read_provision(&outputs[0].1).status.unwrap().error_code, Some(0));
    let Output::Send(ack) = &outputs[1].1 else { panic!("{outputs:?}") };
    assert_eq!(read_sync(ack).meta_id, Some(3));

    let id = stage.connect();
    stage.frame(id, &provision("alice", "a", "wrong"));
    stage.frame(id, &text(3, Jid::user(APP, "bob"), message_body::Type::Chat, "early"));
    assert_eq!(stage.wait(Duration::from_secs(1)).len(), 1, "only the refusal");
}

#[test]
fn the_same_resource_takes_the_place_of_its_old_connection() {
    let mut stage = Stage::new();
    let old = stage.login("alice", "a");
    let id = stage.connect();
    let outputs = stage.frame(id, &provision("alice", "a", "1"));
    assert_eq!(outputs[0], (old, Output::Close));
    assert_eq!(outputs[1].0, id);
}

#[test]
fn a_fifth_device_is_refused_or_takes_the_place_of_the_first() {
    let mut stage = Stage::new();
    let devices = ["a", "b", "c", "d"].map(|resource| stage.login("alice", resource));
    assert_eq!(stage.try_login("alice", "e", "1"), (13, "too many devices".into()));
    stage.world.disconnect(stage.now, devices[1]);
    assert_eq!(stage.try_login("alice", "e", "1").0, 0, "a device that is offline does not count");

    let mut stage = Stage::with("choices: {device_limit: kick_oldest}");
    let devices = ["a", "b", "c", "d"].map(|resource| stage.login("alice", resource));
    let id = stage.connect();
    let outputs = stage.frame(id, &provision("alice", "e", "1"));
    assert_eq!(kicked(&outputs), [(devices[0], 4)]);
}

#[test]
fn without_the_multi_device_service_a_login_ends_the_one_before() {
    let mut stage = Stage::with("services: {multi_device: false}");
    let first = stage.login("alice", "a");
    let id = stage.connect();
    let outputs = stage.frame(id, &provision("alice", "b", "1"));
    assert_eq!(kicked(&outputs), [(first, 2)]);
}

#[test]
fn whoever_is_removed_banned_or_changes_the_password_is_told_and_closed() {
    let changes = [
        ("GET", "/users/alice/disconnect", Value::Null, 4),
        ("PUT", "/users/alice/password", json!({"newpassword": "2"}), 3),
        ("DELETE", "/users/alice", Value::Null, 1),
        ("POST", "/users/alice/deactivate", Value::Null, 4),
    ];
    for (method, path, body, operation) in changes {
        let mut stage = Stage::new();
        let app = stage.app_token();
        let devices = ["a", "b"].map(|resource| stage.login("alice", resource));
        assert_eq!(stage.call(method, path, Some(&app), &body).0, 200);
        assert_eq!(kicked(&stage.outputs()), [(devices[0], operation), (devices[1], operation)], "{path}");
    }
}

#[test]
fn a_silent_connection_is_closed_and_a_talking_one_is_not() {
    let mut stage = Stage::new();
    let (silent, talking) = (stage.login("alice", "a"), stage.login("bob", "b"));
    stage.wait(Duration::from_secs(200));
    stage.frame(talking, &command(m_sync::Command::Unread));
    assert_eq!(stage.wait(Duration::from_secs(100)), [(silent, Output::Close)]);
    assert_eq!(stage.wait(Duration::from_secs(200)), [(talking, Output::Close)]);
}

#[test]
fn a_logout_ends_the_connection_and_the_devices_place() {
    let mut stage = Stage::new();
    let id = stage.login("alice", "a");
    assert_eq!(stage.frame(id, &command(m_sync::Command::Logout)), [(id, Output::Close)]);
    let alice = stage.world.users.find("alice").unwrap();
    assert!(stage.world.users.get(alice).unwrap().devices.is_empty());
}

#[test]
fn what_is_no_msync_is_answered_when_logged_in_and_closes_a_stranger() {
    let mut stage = Stage::new();
    let id = stage.login("alice", "a");
    stage.world.handle_frame(stage.now, id, &Bytes::from_static(&[0xff, 0xff]));
    let outputs = stage.outputs();
    let [(_, Output::Send(answer))] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!(read_sync(answer).status.unwrap().error_code, Some(10));
    let id = stage.connect();
    stage.world.handle_frame(stage.now, id, &Bytes::from_static(&[0xff, 0xff]));
    assert_eq!(stage.outputs(), [(id, Output::Close)]);
}

fn read_provision(output: &Output) -> Provision {
    let Output::Send(bytes) = output else { panic!("{output:?}") };
    Provision::decode(MSync::decode(bytes.clone()).unwrap().payload.unwrap()).unwrap()
}

/// Who was told to go, and by which operation.
fn kicked(outputs: &[(ConnectionId, Output)]) -> Vec<(ConnectionId, i32)> {
    let pairs = outputs.windows(2).filter(|pair| pair[1].1 == Output::Close);
    pairs
        .map(|pair| {
            let Output::Send(bytes) = &pair[0].1 else { panic!("{pair:?}") };
            let page = read_sync(bytes);
            assert_eq!((page.is_last, pair[0].0), (Some(true), pair[1].0));
            let body = StatisticsBody::decode(page.metas[0].payload.clone().unwrap()).unwrap();
            (pair[0].0, body.operation.unwrap())
        })
        .collect()
}
