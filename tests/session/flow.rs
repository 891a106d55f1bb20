//! The flows of a session, one by one: login, sending, timeouts, kicks, receipts, heartbeat.

use std::{iter, time::Duration};

use bytes::Bytes;
use chatproof::{
    protocol::{
        downlink::Delivery,
        event::{Kick, Name},
        generation::Generation,
        id::{LocalId, ServerId},
        message::{Body, Outgoing},
        refusal::Outcome,
        schema::{
            CommNotice, CommSyncDl, CommUnreadDl, Jid, Meta, MetaQueue, Provision, StatisticsBody, Status,
            m_sync,
        },
        secret::Secret,
        time::Moment,
    },
    session::{Answer, Config, LoginFailure, Loss, Misbehaviour, Output, Session},
};
use prost::Message;

use super::{
    queue_server::{down, ok, text},
    transcript::{FROZEN, Uplink},
};

const APP_KEY: &str = "easemob-demo#chatdemoui";
const SECOND: Duration = Duration::from_secs(1);

fn config(generation: Generation) -> Config {
    Config::new(generation, APP_KEY, "alice", Secret::new("token"))
}

fn provisioned(status: Option<Status>) -> Bytes {
    down(m_sync::Command::Provision, &Provision { status, ..Provision::default() })
}

fn online(config: Config) -> Session {
    let mut session = Session::new(config);
    session.handle_connected(FROZEN);
    session.handle_frame(FROZEN, &provisioned(ok()));
    said(&mut session);
    reported(&mut session);
    session
}

/// What the session writes, frame by frame.
fn said(session: &mut Session) -> Vec<Uplink> {
    iter::from_fn(|| session.poll_transmit()).map(|frame| Uplink::read(&frame)).collect()
}

fn commands(session: &mut Session) -> Vec<m_sync::Command> {
    let command = |uplink: Uplink| m_sync::Command::try_from(uplink.msync.command.unwrap()).unwrap();
    said(session).into_iter().map(command).collect()
}

fn reported(session: &mut Session) -> Vec<Output> {
    iter::from_fn(|| session.poll_output()).collect()
}

/// The names of the handlers that the page is called back on.
fn called(outputs: &[Output]) -> Vec<Name> {
    let names = outputs.iter().filter_map(|output| match output {
        Output::Delivered(delivered) => Some(delivered.event.name()),
        _ => None,
    });
    names.collect()
}

fn hello(id: u64) -> Outgoing {
    Outgoing::new(LocalId(id), "bob", Body::Text(Some("hello".to_owned())))
}

fn answer(id: u64, code: i32, reason: Option<&str>) -> Bytes {
    let status =
        Some(Status { error_code: Some(code), reason: reason.map(str::to_owned), ..Status::default() });
    let sync = CommSyncDl {
        status,
        meta_id: Some(id),
        server_id: Some(900),
        timestamp: Some(1_640_995_200_123),
        ..CommSyncDl::default()
    };
    down(m_sync::Command::Sync, &sync)
}

fn batch(metas: Vec<Meta>, next_key: u64) -> Bytes {
    let sync = CommSyncDl {
        status: ok(),
        metas,
        next_key: Some(next_key),
        queue: Some(Jid::user(APP_KEY, "bob")),
        ..CommSyncDl::default()
    };
    down(m_sync::Command::Sync, &sync)
}

fn statistic(operation: i32) -> Meta {
    let body = StatisticsBody { operation: Some(operation), ..StatisticsBody::default() };
    Meta {
        id: Some(77),
        from: Some(Jid::user(APP_KEY, "easemob")),
        ns: Some(0),
        payload: Some(body.encode_to_vec().into()),
        ..Meta::default()
    }
}

fn lost(id: u64, loss: Loss) -> Output {
    Output::Answered { id: LocalId(id), answer: Answer::Lost(loss) }
}

#[test]
fn a_refused_login_is_reported_and_nothing_is_said_on_that_connection_any_more() {
    for generation in Generation::ALL {
        let mut session = Session::new(config(generation));
        session.handle_connected(FROZEN);
        said(&mut session);
        session.handle_frame(
            FROZEN,
            &provisioned(Some(Status {
                error_code: Some(13),
                reason: Some("too many devices".to_owned()),
                ..Status::default()
            })),
        );
        let code = if generation == Generation::V4_21_1 { 214 } else { 40 };
        let reason = "too many devices".to_owned();
        let failure = LoginFailure::Refused { code, status: 13, reason };
        assert_eq!(reported(&mut session), [Output::LoginFailed(failure)]);
        let notice = CommNotice { queue: Some(Jid::user(APP_KEY, "bob")) };
        session.handle_frame(FROZEN, &down(m_sync::Command::Notice, &notice));
        session.handle_timeout(FROZEN + 60 * SECOND);
        assert_eq!(said(&mut session).len(), 0, "{generation}");
        session.send(FROZEN, &hello(1));
        assert_eq!(reported(&mut session), [lost(1, Loss::LoginFailed)]);
    }
}

#[test]
fn a_login_answer_without_status_or_none_at_all_fails_the_login() {
    let mut session = Session::new(config(Generation::V3_6_3));
    session.handle_connected(FROZEN);
    session.handle_frame(FROZEN, &provisioned(None));
    assert_eq!(reported(&mut session), [Output::LoginFailed(LoginFailure::WithoutStatus)]);

    let mut session = Session::new(config(Generation::V4_21_1));
    session.handle_connected(FROZEN);
    assert_eq!(session.poll_timeout(), Some(FROZEN + 10 * SECOND));
    session.handle_timeout(FROZEN + 10 * SECOND);
    assert_eq!(reported(&mut session), [Output::LoginFailed(LoginFailure::TimedOut)]);
}

#[test]
fn what_is_sent_while_the_connection_is_down_waits_for_login_or_is_lost_with_a_reason() {
    use m_sync::Command::{Provision, Sync, Unread};
    for generation in Generation::ALL {
        let mut session = online(config(generation));
        session.handle_disconnected(FROZEN);
        session.send(FROZEN, &hello(1));
        session.handle_connected(FROZEN);
        let before = commands(&mut session);
        session.handle_frame(FROZEN, &provisioned(ok()));
        let after = commands(&mut session);
        let outputs = reported(&mut session);
        match generation {
            Generation::V3_6_3 => {
                assert_eq!((before, after), (vec![Provision, Sync], vec![Unread, Sync]));
            }
            Generation::V4_0_8 => {
                assert_eq!((before, after), (vec![Provision], vec![Unread, Sync]));
                assert_eq!(outputs[0], lost(1, Loss::NotConnected));
                continue;
            }
            Generation::V4_21_1 => {
                assert_eq!((before, after), (vec![Provision], vec![Sync, Unread, Sync]));
            }
        }
        session.handle_frame(FROZEN, &answer(1, 0, None));
        assert!(matches!(
            reported(&mut session)[..],
            [Output::Answered { id: LocalId(1), answer: Answer::Accepted { .. } }, Output::Delivered(_)]
        ));
    }
}

#[test]
fn what_waits_for_login_outlives_a_connection_that_breaks_before_it() {
    let mut session = online(config(Generation::V4_21_1));
    session.handle_disconnected(FROZEN);
    session.send(FROZEN, &hello(1));
    session.handle_connected(FROZEN);
    session.handle_disconnected(FROZEN);
    assert_eq!(reported(&mut session), []);
    session.handle_connected(FROZEN);
    session.handle_frame(FROZEN, &provisioned(ok()));
    let sent: Vec<LocalId> =
        said(&mut session).iter().filter_map(Uplink::outgoing).map(|outgoing| outgoing.id).collect();
    assert_eq!(sent, [LocalId(1)]);
}

#[test]
fn before_the_first_login_only_3_6_3_keeps_what_is_sent() {
    for generation in [Generation::V4_0_8, Generation::V4_21_1] {
        let mut session = Session::new(config(generation));
        session.send(FROZEN, &hello(1));
        assert_eq!(reported(&mut session), [lost(1, Loss::NotLoggedIn)], "{generation}");
    }
    let mut session = Session::new(config(Generation::V3_6_3));
    session.send(FROZEN, &hello(1));
    session.handle_connected(FROZEN);
    assert_eq!(commands(&mut session), [m_sync::Command::Provision, m_sync::Command::Sync]);
}

#[test]
fn an_answer_settles_its_send_once_and_only_once() {
    let mut session = online(config(Generation::V3_6_3));
    session.send(FROZEN, &hello(1));
    session.handle_frame(FROZEN, &answer(1, 0, None));
    session.handle_frame(FROZEN, &answer(1, 0, None));
    session.handle_frame(FROZEN, &answer(2, 0, None));
    let outputs = reported(&mut session);
    let accepted =
        Answer::Accepted { mid: ServerId(900), timestamp: Some(Moment::from_millis(1_640_995_200_123)) };
    assert_eq!(outputs[0], Output::Answered { id: LocalId(1), answer: accepted });
    assert_eq!(called(&outputs), [Name::RECEIVED]);
    assert_eq!(
        outputs[2..],
        [
            Output::Misbehaved(Misbehaviour::AnsweredTwice(LocalId(1))),
            Output::Misbehaved(Misbehaviour::AnsweredUnknown(LocalId(2))),
        ]
    );
}

#[test]
fn an_id_that_is_sent_twice_is_answered_twice() {
    let mut session = online(config(Generation::V4_0_8));
    session.send(FROZEN, &hello(1));
    session.send(FROZEN, &hello(1));
    for _ in 0..2 {
        session.handle_frame(FROZEN, &answer(1, 0, None));
    }
    let answers =
        reported(&mut session).into_iter().filter(|output| matches!(output, Output::Answered { .. }));
    assert_eq!(answers.count(), 2);
}

#[test]
fn a_send_without_an_answer_times_out_and_a_late_answer_changes_nothing() {
    let mut session = online(config(Generation::V3_6_3));
    session.send(FROZEN, &hello(1));
    assert_eq!(session.poll_timeout(), Some(FROZEN + 15 * SECOND));
    session.handle_timeout(FROZEN + 14 * SECOND);
    assert_eq!(reported(&mut session), []);
    session.handle_timeout(FROZEN + 15 * SECOND);
    session.handle_frame(FROZEN + 16 * SECOND, &answer(1, 0, None));
    assert_eq!(
        reported(&mut session),
        [
            Output::Answered { id: LocalId(1), answer: Answer::TimedOut },
            Output::Misbehaved(Misbehaviour::AnsweredLate(LocalId(1))),
        ]
    );
}

#[test]
fn a_broken_connection_loses_what_was_written_at_once() {
    for generation in Generation::ALL {
        let mut session = online(config(generation));
        session.send(FROZEN, &hello(1));
        session.handle_disconnected(FROZEN);
        assert_eq!(reported(&mut session), [lost(1, Loss::Disconnected)], "{generation}");
    }
}

#[test]
fn sends_without_end_are_refused_and_not_hoarded() {
    let mut session = online(config(Generation::V3_6_3));
    for id in 0..10_001 {
        session.send(FROZEN, &hello(id));
    }
    assert_eq!(reported(&mut session), [lost(10_000, Loss::TooMany)]);
}

#[test]
fn a_muted_sender_is_told_so_by_each_generation_in_its_way() {
    for generation in Generation::ALL {
        let mut session = online(config(generation));
        session.send(FROZEN, &hello(1));
        session.handle_frame(FROZEN, &answer(1, 15, None));
        let outputs = reported(&mut session);
        let Output::Answered { answer: Answer::Refused { outcome, status: Some(15), .. }, .. } = &outputs[0]
        else {
            panic!("{generation}: {outputs:?}");
        };
        assert_eq!(outcome.code(), Some(507), "{generation}");
        match generation {
            Generation::V3_6_3 | Generation::V4_0_8 => {
                assert_eq!(*outcome, Outcome::Muted);
                assert_eq!(called(&outputs), [Name::MUTED]);
            }
            Generation::V4_21_1 => assert_eq!(called(&outputs), []),
        }
    }
}

#[test]
fn a_kick_is_told_and_ends_the_session_with_its_connection() {
    for (operation, kick) in [
        (1, Kick::UserRemoved),
        (2, Kick::OtherDevice),
        (3, Kick::PasswordChanged),
        (4, Kick::KickedByOtherDevice),
    ] {
        for generation in Generation::ALL {
            let mut session = online(config(generation));
            session.handle_frame(FROZEN, &batch(vec![statistic(operation)], 78));
            let outputs = reported(&mut session);
            assert_eq!(outputs[0], Output::Kicked(kick));
            assert_eq!(called(&outputs), [Name::ERROR]);
            session.handle_disconnected(FROZEN);
            session.send(FROZEN, &hello(1));
            assert_eq!(reported(&mut session), [lost(1, Loss::NotLoggedIn)], "{generation}");
            session.handle_connected(FROZEN);
            session.handle_frame(FROZEN, &provisioned(ok()));
            assert!(session.is_online(), "a new connection starts over");
        }
    }
}

#[test]
fn delivered_receipts_are_sent_as_the_option_says_and_their_answers_are_nobodys() {
    let expected = [
        (Generation::V3_6_3, Delivery::Off, 0),
        (Generation::V3_6_3, Delivery::AsSdk, 0),
        (Generation::V3_6_3, Delivery::AsDocument, 1),
        (Generation::V4_0_8, Delivery::Off, 0),
        (Generation::V4_0_8, Delivery::AsSdk, 1),
        (Generation::V4_21_1, Delivery::AsSdk, 1),
    ];
    for (generation, delivery, count) in expected {
        let mut session = online(Config { delivery, ..config(generation) });
        session.handle_frame(FROZEN, &batch(vec![text(5)], 5));
        let receipts: Vec<Outgoing> =
            said(&mut session).iter().filter_map(|uplink| uplink.outgoing()).collect();
        assert_eq!(receipts.len(), count, "{generation} {delivery:?}");
        reported(&mut session);
        for receipt in receipts {
            assert_eq!(receipt.body, Body::Delivery { message: ServerId(5) });
            assert_eq!(receipt.to, "bob");
            session.handle_frame(FROZEN, &answer(receipt.id.0, 1, Some("blocked")));
            assert_eq!(reported(&mut session), [], "{generation}");
        }
    }
}

#[test]
fn the_heartbeat_keeps_each_generations_time() {
    use m_sync::Command::Unread;
    let heartbeat = Duration::from_millis(1200);
    let mut session = online(Config { heartbeat, ..config(Generation::V3_6_3) });
    assert_eq!(session.poll_timeout(), Some(FROZEN + 5 * SECOND), "3.6.3 has a floor");
    session.handle_timeout(FROZEN + 5 * SECOND);
    assert_eq!(commands(&mut session), [Unread]);

    let mut session = online(Config { heartbeat, ..config(Generation::V4_0_8) });
    session.handle_timeout(FROZEN + heartbeat);
    assert_eq!(commands(&mut session), [Unread]);
    session.handle_disconnected(FROZEN + heartbeat);
    assert_eq!(session.poll_timeout(), None, "nothing is said while the connection is down");

    let mut session = online(Config { heartbeat, ..config(Generation::V4_21_1) });
    session.handle_timeout(FROZEN + 29 * SECOND);
    assert_eq!(commands(&mut session), [], "4.21.1 waits for 30 s of silence");
    session.handle_frame(FROZEN + 29 * SECOND, &answer(1, 0, None));
    session.handle_timeout(FROZEN + 31 * SECOND);
    assert_eq!(commands(&mut session), []);
    session.handle_timeout(FROZEN + 60 * SECOND);
    assert_eq!(commands(&mut session), [Unread]);
}

#[test]
fn a_queue_that_is_not_answered_is_fetched_once_more_after_10_seconds_up_to_4_0_8() {
    for (generation, count) in [(Generation::V3_6_3, 1), (Generation::V4_0_8, 1), (Generation::V4_21_1, 0)] {
        let mut session = online(config(generation));
        let queue = Jid::user(APP_KEY, "bob");
        let notice = CommNotice { queue: Some(queue.clone()) };
        session.handle_frame(FROZEN, &down(m_sync::Command::Notice, &notice));
        said(&mut session);
        let mut fetched = 0;
        for seconds in 1..30 {
            session.handle_timeout(FROZEN + seconds * SECOND);
            fetched +=
                said(&mut session).iter().filter(|uplink| uplink.sync.queue.as_ref() == Some(&queue)).count();
        }
        assert_eq!(fetched, count, "{generation}");
    }
}

fn notice(name: &str) -> Bytes {
    down(m_sync::Command::Notice, &CommNotice { queue: Some(Jid::user(APP_KEY, name)) })
}

fn end(name: &str) -> Bytes {
    let queue = Some(Jid::user(APP_KEY, name));
    down(
        m_sync::Command::Sync,
        &CommSyncDl { status: ok(), queue, is_last: Some(true), ..CommSyncDl::default() },
    )
}

/// The names of the queues that the session fetches.
fn fetched(session: &mut Session) -> Vec<String> {
    said(session).into_iter().filter_map(|uplink| uplink.sync.queue?.name).collect()
}

#[test]
fn the_fetch_is_repeated_for_the_last_notice_alone_and_not_once_a_queue_has_ended() {
    let mut session = online(config(Generation::V3_6_3));
    session.handle_frame(FROZEN, &notice("bob"));
    session.handle_frame(FROZEN + SECOND, &notice("carol"));
    assert_eq!(fetched(&mut session), ["bob"], "only the head of the list is fetched");
    session.handle_timeout(FROZEN + 11 * SECOND);
    assert_eq!(fetched(&mut session), ["carol"]);

    let mut session = online(config(Generation::V3_6_3));
    session.handle_frame(FROZEN, &notice("bob"));
    session.handle_frame(FROZEN, &notice("carol"));
    session.handle_frame(FROZEN, &end("bob"));
    assert_eq!(fetched(&mut session), ["bob", "carol"]);
    session.handle_timeout(FROZEN + 11 * SECOND);
    assert_eq!(fetched(&mut session), [""; 0]);
}

#[test]
fn a_page_that_comes_again_is_acknowledged_again_unless_4_21_1_has_done_so_on_this_connection() {
    for generation in Generation::ALL {
        let mut session = online(config(generation));
        let acknowledged = |session: &mut Session| {
            session.handle_frame(FROZEN, &batch(vec![text(5)], 5));
            said(session).iter().filter(|uplink| uplink.sync.key == Some(5)).count()
        };
        assert_eq!(acknowledged(&mut session), 1);
        let again = usize::from(generation != Generation::V4_21_1);
        assert_eq!(acknowledged(&mut session), again, "{generation}");
        session.handle_disconnected(FROZEN);
        session.handle_connected(FROZEN);
        session.handle_frame(FROZEN, &provisioned(ok()));
        said(&mut session);
        assert_eq!(acknowledged(&mut session), 1, "the first acknowledgement may have been lost");
        let told = called(&reported(&mut session)).into_iter().filter(|name| *name == Name::TEXT);
        assert_eq!(told.count(), 1, "{generation}");
    }
}

#[test]
fn notices_without_end_are_not_hoarded() {
    let mut session = online(config(Generation::V4_21_1));
    for number in 0..5_000 {
        session.handle_frame(FROZEN, &notice(&format!("user-{number}")));
    }
    let refused = reported(&mut session);
    assert_eq!(refused.len(), 5_000 - 4_096);
    assert!(refused.iter().all(|output| *output == Output::Misbehaved(Misbehaviour::TooManyNotices)));
}

#[test]
fn frames_that_were_not_written_die_with_their_connection() {
    let mut session = online(config(Generation::V3_6_3));
    session.send(FROZEN, &hello(1));
    session.handle_frame(FROZEN, &notice("bob"));
    session.handle_disconnected(FROZEN);
    session.handle_connected(FROZEN);
    assert_eq!(commands(&mut session), [m_sync::Command::Provision]);
}

#[test]
fn a_key_that_goes_back_is_echoed_and_reported() {
    let mut session = online(config(Generation::V3_6_3));
    session.handle_frame(FROZEN, &batch(vec![text(9)], 9));
    session.handle_frame(FROZEN, &batch(vec![text(5)], 5));
    let keys: Vec<Option<u64>> = said(&mut session).iter().map(|uplink| uplink.sync.key).collect();
    assert_eq!(keys, [Some(9), Some(5)]);
    let went_back = Misbehaviour::PositionWentBack { acknowledged: 9, got: 5 };
    assert_eq!(reported(&mut session).last(), Some(&Output::Misbehaved(went_back)));
}

#[test]
fn each_item_tells_its_queue_and_position() {
    let mut session = online(config(Generation::V3_6_3));
    session.handle_frame(FROZEN, &batch(vec![text(8), text(9)], 9));
    let outputs = reported(&mut session);
    let places: Vec<_> = outputs
        .iter()
        .map(|output| match output {
            Output::Delivered(item) => (item.queue.as_deref().cloned(), item.key, item.event.id()),
            other => panic!("{other:?}"),
        })
        .collect();
    let bob = Some(Jid::user(APP_KEY, "bob"));
    assert_eq!(places, [(bob.clone(), Some(9), Some(ServerId(8))), (bob, Some(9), Some(ServerId(9)))]);
}

#[test]
fn only_4_21_1_tells_when_offline_messages_begin_and_end() {
    for generation in Generation::ALL {
        let mut session = online(config(generation));
        let queue = MetaQueue { queue: Some(Jid::user(APP_KEY, "bob")), n: Some(1) };
        let answer = CommUnreadDl { status: ok(), unread: vec![queue], timestamp: None };
        let unread = down(m_sync::Command::Unread, &answer);
        session.handle_frame(FROZEN, &unread);
        session.handle_frame(FROZEN, &batch(vec![text(5)], 5));
        session.handle_frame(FROZEN, &end("bob"));
        let expected: &[Name] = match generation {
            Generation::V3_6_3 | Generation::V4_0_8 => &[Name::TEXT],
            Generation::V4_21_1 => &[Name::SYNC_STARTED, Name::TEXT, Name::SYNC_FINISHED],
        };
        assert_eq!(called(&reported(&mut session)), expected, "{generation}");
        session.handle_frame(FROZEN, &unread);
        assert_eq!(called(&reported(&mut session)), [], "a heartbeat brings no offline messages");
        session.handle_disconnected(FROZEN);
        session.handle_connected(FROZEN);
        session.handle_frame(FROZEN, &provisioned(ok()));
        session.handle_frame(FROZEN, &unread);
        let again = called(&reported(&mut session)).contains(&Name::SYNC_STARTED);
        assert_eq!(again, generation == Generation::V4_21_1, "each login begins anew");
    }
}

#[test]
fn a_frame_that_is_none_is_reported_and_shown_to_a_page_on_3_6_3_alone() {
    for generation in Generation::ALL {
        let mut session = online(config(generation));
        session.handle_frame(FROZEN, &Bytes::from_static(&[0xff; 5]));
        let outputs = reported(&mut session);
        assert!(matches!(outputs[0], Output::Misbehaved(Misbehaviour::Undecodable(_))), "{outputs:?}");
        let shown = usize::from(generation == Generation::V3_6_3);
        assert_eq!(called(&outputs).len(), shown, "{generation}");
    }
}

/// 15,000 sessions in one process: what one takes beside its strings.
#[test]
fn an_idle_session_is_small() {
    assert!(size_of::<Session>() <= 640, "{}", size_of::<Session>());
}
