//! Faults of queues: what waits, who is told, and what a page holds.

use super::*;

/// Bob is away while alice says so many numbers; then he is here.
fn waiting(stage: &mut Stage, many: u64) -> ConnectionId {
    let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
    stage.world.disconnect(stage.now, bob);
    for number in 1..=many {
        say(stage, alice, number, &number.to_string());
    }
    stage.login("bob", "b")
}

fn numbers(all: impl IntoIterator<Item = u64>) -> Vec<String> {
    all.into_iter().map(|number| number.to_string()).collect()
}

#[test]
fn the_oldest_queue_is_not_announced() {
    prove("unread-omits-queue", 1, 0, |stage| {
        let bob = waiting(stage, 1);
        let outputs = stage.frame(bob, &command(m_sync::Command::Unread));
        let [(_, Output::Send(bytes))] = &outputs[..] else { panic!("{outputs:?}") };
        let payload = MSync::decode(bytes.clone()).unwrap().payload.unwrap();
        crate::protocol::schema::CommUnreadDl::decode(payload).unwrap().unread.len()
    });
}

#[test]
fn nobody_is_told_but_the_item_is_there() {
    prove("no-notice", (1, numbers([1])), (0, numbers([1])), |stage| {
        let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
        let outputs = stage.frame(alice, &text(1, Jid::user(APP, "bob"), message_body::Type::Chat, "1"));
        let told = outputs.iter().filter(|(id, _)| *id == bob).count();
        (told, from_alice(stage, bob))
    });
}

#[test]
fn every_third_notice_is_not_sent() {
    prove("no-notice=3", [true; 5], [false, true, true, false, true], |stage| {
        let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
        [1, 2, 3, 4, 5].map(|id| {
            let outputs = stage.frame(alice, &text(id, Jid::user(APP, "bob"), message_body::Type::Chat, "1"));
            from_alice(stage, bob);
            outputs.iter().any(|(to, _)| *to == bob)
        })
    });
}

#[test]
fn a_page_comes_upside_down() {
    let pages = |stage: &mut Stage| {
        let bob = waiting(stage, 3);
        from_alice(stage, bob)
    };
    prove("sync-unsorted", numbers([1, 2, 3]), numbers([3, 2, 1]), pages);
    prove("offline-lifo", numbers([1, 2, 3]), numbers([3, 2, 1]), pages);
    prove("offline-twice", numbers([1, 2, 3]), numbers([1, 1, 2, 2, 3, 3]), pages);
}

#[test]
fn what_arrives_while_its_reader_is_here_is_neither_reversed_nor_doubled() {
    for fault in ["offline-lifo", "offline-twice"] {
        prove(fault, numbers([1, 2]), numbers([1, 2]), |stage| {
            let (alice, bob) = (stage.login("alice", "a"), stage.login("bob", "b"));
            say(stage, alice, 1, "1");
            say(stage, alice, 2, "2");
            from_alice(stage, bob)
        });
    }
}

#[test]
fn the_last_item_of_a_full_page_is_skipped() {
    let pages = |stage: &mut Stage| {
        let bob = waiting(stage, 60);
        from_alice(stage, bob)
    };
    prove("page-drops-last", numbers(1..=60), numbers((1..=60).filter(|number| *number != 50)), pages);
    prove("page-repeats-first", numbers(1..=60), numbers((1..=50).chain(50..=60)), pages);
    prove("resume-skips-one", numbers(1..=60), numbers((1..=60).filter(|number| *number != 51)), pages);
    prove("offline-cap-20", numbers(1..=60), numbers(41..=60), pages);
}

#[test]
fn the_key_of_a_page_does_not_advance() {
    prove("nextkey-stuck", false, true, |stage| {
        let bob = waiting(stage, 1);
        stage.fetch(bob, &Jid::user(APP, "alice"), None).next_key == Some(0)
    });
}

#[test]
fn an_empty_queue_is_never_the_last() {
    prove("empty-not-last", Some(true), Some(false), |stage| {
        let bob = waiting(stage, 0);
        stage.fetch(bob, &Jid::user(APP, "alice"), None).is_last
    });
}

#[test]
fn an_outsider_reads_the_queue_of_a_user() {
    prove("open-queues", 0, 1, |stage| {
        waiting(stage, 1);
        let carol = stage.login("carol", "c");
        stage.fetch(carol, &Jid::user(APP, "alice"), None).metas.len()
    });
}

#[test]
fn items_are_gone_once_they_were_sent() {
    prove("purge-on-send", 1, 0, |stage| {
        let bob = waiting(stage, 1);
        stage.fetch(bob, &Jid::user(APP, "alice"), None);
        stage.fetch(bob, &Jid::user(APP, "alice"), None).metas.len()
    });
}

#[test]
fn one_of_two_devices_gets_nothing() {
    prove("second-device-misses", (1, 1), (0, 1), |stage| {
        let (alice, one, two) =
            (stage.login("alice", "a"), stage.login("bob", "b1"), stage.login("bob", "b2"));
        say(stage, alice, 1, "1");
        (from_alice(stage, one).len(), from_alice(stage, two).len())
    });
}
