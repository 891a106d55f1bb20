//! Queues: what waits, for which device, for how long and in which order.

use std::time::Duration;

use super::*;
use crate::protocol::schema::CommUnreadDl;

#[test]
fn what_came_while_offline_is_listed_and_fetched_in_bounded_pages() {
    let mut stage = Stage::new();
    let alice = stage.login("alice", "a");
    for id in 1..=120 {
        stage.frame(alice, &text(id, Jid::user(APP, "bob"), message_body::Type::Chat, &id.to_string()));
    }
    let group = Jid::conference(APP, "93734273351681");
    stage.frame(alice, &text(121, group.clone(), message_body::Type::Groupchat, "to all"));
    let bob = stage.login("bob", "b");
    assert_eq!(stage.unread(bob), [("alice".to_owned(), 120), ("93734273351681".to_owned(), 1)]);
    let pages = stage.pull(bob, &Jid::user(APP, "alice"));
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 20]);
    let expected: Vec<String> = (1..=120).map(|id| id.to_string()).collect();
    assert_eq!(pages.concat(), expected);
    assert_eq!(stage.pull(bob, &group).concat(), ["to all"]);
    assert!(stage.unread(bob).is_empty());
}

#[test]
fn a_page_is_closed_by_its_bytes_as_well() {
    let mut stage = Stage::new();
    let alice = stage.login("alice", "a");
    for id in 1..=5 {
        stage.frame(alice, &text(id, Jid::user(APP, "bob"), message_body::Type::Chat, &"x".repeat(40_000)));
    }
    let bob = stage.login("bob", "b");
    let pages = stage.pull(bob, &Jid::user(APP, "alice"));
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
}

#[test]
fn what_is_not_acknowledged_comes_again_with_the_same_id() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    stage.frame(alice, &text(1, Jid::user(APP, "bob"), message_body::Type::Chat, "once"));
    let first = stage.fetch(bob, &Jid::user(APP, "alice"), None);
    let second = stage.fetch(bob, &Jid::user(APP, "alice"), None);
    assert_eq!(first.metas, second.metas);
    stage.world.disconnect(stage.now, bob);
    let bob = stage.login("bob", "another");
    assert_eq!(stage.fetch(bob, &Jid::user(APP, "alice"), None).metas, first.metas);
}

#[test]
fn a_notice_comes_once_until_the_queue_is_fetched_to_its_end_or_listed() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let mut id = 0;
    let mut notices = |stage: &mut Stage| {
        id += 1;
        let outputs = stage.frame(alice, &text(id, Jid::user(APP, "bob"), message_body::Type::Chat, "x"));
        outputs.iter().filter(|(to, _)| *to == bob).count()
    };
    assert_eq!((notices(&mut stage), notices(&mut stage)), (1, 0));
    stage.pull(bob, &Jid::user(APP, "alice"));
    assert_eq!((notices(&mut stage), notices(&mut stage)), (1, 0));
    stage.unread(bob);
    assert_eq!((notices(&mut stage), notices(&mut stage)), (1, 0));
}

#[test]
fn each_device_gets_everything_and_the_senders_other_device_a_copy() {
    let mut stage = Stage::new();
    let (alice, alice_too) = (stage.login("alice", "a1"), stage.login("alice", "a2"));
    let bobs = [stage.login("bob", "b1"), stage.login("bob", "b2")];
    let outputs = stage.frame(alice, &text(1, Jid::user(APP, "bob"), message_body::Type::Chat, "hi"));
    let told: Vec<ConnectionId> = outputs.iter().map(|(to, _)| *to).collect();
    assert_eq!(told, [bobs[0], bobs[1], alice_too, alice]);
    for bob in bobs {
        assert_eq!(stage.pull(bob, &Jid::user(APP, "alice")).concat(), ["hi"]);
    }
    assert_eq!(stage.pull(alice_too, &Jid::user(APP, "bob")).concat(), ["hi"]);
    assert!(stage.pull(alice, &Jid::user(APP, "bob")).is_empty());
    assert!(
        stage.world.users.find("alice").and_then(|id| stage.world.users.get(id)).unwrap().mailbox.stored()
            == 0
    );
}

#[test]
fn copies_for_the_sender_can_be_switched_off() {
    let mut stage = Stage::with("choices: {sender_copies: false}");
    let (alice, alice_too) = (stage.login("alice", "a1"), stage.login("alice", "a2"));
    stage.frame(alice, &text(1, Jid::user(APP, "bob"), message_body::Type::Chat, "hi"));
    assert!(stage.pull(alice_too, &Jid::user(APP, "bob")).is_empty());
}

#[test]
fn a_device_that_returns_finds_what_another_has_taken_and_a_stranger_does_not() {
    let mut stage = Stage::new();
    let alice = stage.login("alice", "a");
    let (phone, page) = (stage.login("bob", "phone"), stage.login("bob", "page"));
    stage.world.disconnect(stage.now, phone);
    stage.frame(alice, &text(1, Jid::user(APP, "bob"), message_body::Type::Chat, "hi"));
    stage.pull(page, &Jid::user(APP, "alice"));
    let third = stage.login("bob", "third");
    assert!(stage.unread(third).is_empty());
    let phone = stage.login("bob", "phone");
    assert_eq!(stage.pull(phone, &Jid::user(APP, "alice")).concat(), ["hi"]);
}

#[test]
fn a_device_is_forgotten_after_a_while_and_frees_what_it_held() {
    let mut stage = Stage::with("limits: {device_memory: 10s}");
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b1"));
    let other = stage.login("bob", "b2");
    stage.world.disconnect(stage.now, other);
    stage.frame(alice, &text(1, Jid::user(APP, "bob"), message_body::Type::Chat, "hi"));
    stage.pull(bob, &Jid::user(APP, "alice"));
    let stored = |stage: &Stage| {
        let bob = stage.world.users.find("bob").unwrap();
        stage.world.users.get(bob).unwrap().mailbox.stored()
    };
    assert_eq!(stored(&stage), 1);
    stage.wait(Duration::from_secs(10));
    assert_eq!(stored(&stage), 0);
}

#[test]
fn the_offline_store_is_bounded_and_drops_its_oldest() {
    let mut stage = Stage::with("limits: {offline_per_user: 3}");
    let (alice, carol) = (stage.login("alice", "a"), stage.login("carol", "c"));
    for (id, sender) in [(1, alice), (2, carol), (3, alice), (4, carol), (5, alice)] {
        stage.frame(sender, &text(id, Jid::user(APP, "bob"), message_body::Type::Chat, &id.to_string()));
    }
    let bob = stage.login("bob", "b");
    assert_eq!(stage.unread(bob), [("alice".to_owned(), 2), ("carol".to_owned(), 1)]);
    assert_eq!(stage.pull(bob, &Jid::user(APP, "alice")).concat(), ["3", "5"]);
    assert_eq!(stage.pull(bob, &Jid::user(APP, "carol")).concat(), ["4"]);
}

#[test]
fn a_room_reaches_who_is_online_and_keeps_nothing() {
    let mut stage = Stage::new();
    let room = Jid::conference(APP, "179800091197441");
    let alice = stage.login("alice", "a");
    stage.frame(alice, &text(1, room.clone(), message_body::Type::Chatroom, "missed"));
    let bob = stage.login("bob", "b");
    assert!(stage.unread(bob).is_empty());
    stage.frame(alice, &text(2, room.clone(), message_body::Type::Chatroom, "heard"));
    assert_eq!(stage.pull(bob, &room).concat(), ["heard"]);
    stage.frame(alice, &text(3, room, message_body::Type::Chatroom, "dropped"));
    stage.world.disconnect(stage.now, bob);
    let bob = stage.login("bob", "b");
    assert!(stage.unread(bob).is_empty());
}

#[test]
fn a_key_from_nowhere_loses_nothing_that_comes_later() {
    let mut stage = Stage::new();
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    let queue = Jid::user(APP, "alice");
    assert_eq!(stage.fetch(bob, &queue, Some(u64::MAX)).is_last, Some(true));
    stage.frame(alice, &text(1, Jid::user(APP, "bob"), message_body::Type::Chat, "first"));
    assert_eq!(stage.fetch(bob, &queue, Some(u64::MAX)).is_last, Some(true));
    stage.frame(alice, &text(2, Jid::user(APP, "bob"), message_body::Type::Chat, "second"));
    assert_eq!(stage.pull(bob, &queue).concat(), ["second"]);
}

#[test]
fn the_queue_of_a_group_that_is_gone_is_still_read() {
    let mut stage = Stage::new();
    let app = stage.app_token();
    let bob = stage.login("bob", "b");
    stage.call("DELETE", "/chatgroups/93734273351681", Some(&app), &Value::Null);
    assert_eq!(stage.outputs().len(), 1);
    let page = stage.fetch(bob, &Jid::conference(APP, "93734273351681"), None);
    assert_eq!((page.metas.len(), page.metas[0].ns), (1, Some(2)));
}

impl Stage {
    /// The queues of an UNREAD answer, by name.
    fn unread(&mut self, id: ConnectionId) -> Vec<(String, u32)> {
        let outputs = self.frame(id, &command(m_sync::Command::Unread));
        let [(_, Output::Send(answer))] = &outputs[..] else { panic!("{outputs:?}") };
        let answer = CommUnreadDl::decode(MSync::decode(answer.clone()).unwrap().payload.unwrap()).unwrap();
        assert_eq!(answer.status.unwrap().error_code, Some(0));
        answer.unread.into_iter().map(|line| (line.queue.unwrap().name.unwrap(), line.n.unwrap())).collect()
    }
}
