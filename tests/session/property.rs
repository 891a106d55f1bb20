//! What holds for every order of inputs, for every generation.

use std::{collections::BTreeMap, iter, time::Duration};

use bytes::Bytes;
use chatproof::{
    protocol::{
        generation::Generation,
        id::LocalId,
        message::{Body, Outgoing},
        schema::{CommSyncDl, Jid, MSync, Provision, m_sync},
        secret::Secret,
        time::Moment,
    },
    session::{Config, Output, Session},
};
use proptest::prelude::*;
use prost::Message;

use super::{
    queue_server::{QueueServer, down, ok, text},
    transcript::FROZEN,
};

const APP_KEY: &str = "easemob-demo#chatdemoui";

fn session(generation: Generation) -> Session {
    Session::new(Config::new(generation, APP_KEY, "alice", Secret::new("token")))
}

fn generations() -> impl Strategy<Value = Generation> {
    prop::sample::select(Generation::ALL.to_vec())
}

fn outputs(session: &mut Session) -> Vec<Output> {
    iter::from_fn(|| session.poll_output()).collect()
}

fn transmits(session: &mut Session) -> Vec<Bytes> {
    iter::from_fn(|| session.poll_transmit()).collect()
}

/// A session that is logged in, with nothing left to poll.
fn online(generation: Generation) -> Session {
    let mut session = session(generation);
    session.handle_connected(FROZEN);
    let provision = Provision { status: ok(), resource: Some("webim_1".to_owned()), ..Provision::default() };
    session.handle_frame(FROZEN, &down(m_sync::Command::Provision, &provision));
    transmits(&mut session);
    outputs(&mut session);
    session
}

fn delivered(outputs: impl IntoIterator<Item = Output>) -> Vec<u64> {
    let delivered = outputs.into_iter().filter_map(|output| match output {
        Output::Delivered(delivered) => delivered.event.id().map(|id| id.0),
        _ => None,
    });
    delivered.collect()
}

/// One thing that may happen between a client and the server of its queues.
#[derive(Clone, Debug)]
enum Turn {
    Up,
    Down,
    Item(usize),
    Cut,
    Timer,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turn = prop_oneof![
        8 => Just(Turn::Up),
        8 => Just(Turn::Down),
        3 => (0_usize..2).prop_map(Turn::Item),
        1 => Just(Turn::Cut),
        1 => Just(Turn::Timer),
    ];
    prop::collection::vec(turn, 0..200)
}

/// A client, the server of its queues, and frames that travel in order but at any pace.
struct Line {
    now: Moment,
    session: Session,
    server: QueueServer,
    up: std::collections::VecDeque<Bytes>,
    delivered: Vec<u64>,
    connected: bool,
}

impl Line {
    fn connect(&mut self) {
        self.connected = true;
        self.session.handle_connected(self.now);
        self.gather();
    }

    fn gather(&mut self) {
        self.up.extend(transmits(&mut self.session));
        let outputs = outputs(&mut self.session);
        if outputs.iter().any(|output| matches!(output, Output::LoginFailed(_))) {
            self.cut();
        }
        self.delivered.extend(delivered(outputs));
        if !self.connected {
            self.connect();
        }
    }

    fn cut(&mut self) {
        self.up.clear();
        self.server.cut();
        self.session.handle_disconnected(self.now);
        self.connected = false;
    }

    /// Whether anything happened.
    fn take(&mut self, turn: &Turn, next: &mut u64) -> bool {
        match turn {
            Turn::Up => match self.up.pop_front() {
                Some(frame) => self.server.handle(&frame),
                None => return false,
            },
            Turn::Down => match self.server.poll() {
                Some(frame) => self.session.handle_frame(self.now, &frame),
                None => return false,
            },
            Turn::Item(queue) => {
                *next += 1;
                self.server.add(*queue, *next);
            }
            Turn::Cut => self.cut(),
            Turn::Timer => {
                let Some(due) = self.session.poll_timeout() else { return false };
                self.now = self.now.max(due);
                self.session.handle_timeout(self.now);
            }
        }
        self.gather();
        true
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_interleaving_of_two_queues_loses_and_repeats_nothing(generation in generations(), turns in turns()) {
        let queues = [Jid::user(APP_KEY, "bob"), Jid::conference(APP_KEY, "93734273351681")];
        let mut line = Line {
            now: FROZEN,
            session: session(generation),
            server: QueueServer::new(queues),
            up: iter::empty().collect(),
            delivered: Vec::new(),
            connected: false,
        };
        let mut added: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        let mut last = 0;
        line.connect();
        for turn in &turns {
            line.take(turn, &mut last);
            if let Turn::Item(queue) = turn {
                added.entry(*queue).or_default().push(last);
            }
        }
        // The line stands from here on; two heartbeats bring in what was forgotten.
        for _ in 0..8 {
            while line.take(&Turn::Up, &mut last) || line.take(&Turn::Down, &mut last) {}
            line.take(&Turn::Timer, &mut last);
        }
        for items in added.values() {
            let got: Vec<u64> = line.delivered.iter().copied().filter(|id| items.contains(id)).collect();
            prop_assert_eq!(&got, items);
        }
        prop_assert_eq!(line.delivered.len(), usize::try_from(last).unwrap());
    }

    #[test]
    fn however_items_are_cut_into_batches_the_page_sees_the_same(
        generation in generations(),
        sizes in prop::collection::vec(1_u64..30, 1..8),
    ) {
        let total: u64 = sizes.iter().sum();
        let mut cut = online(generation);
        let mut first = 1;
        for size in sizes {
            cut.handle_frame(FROZEN, &batch(first..first + size));
            first += size;
        }
        let mut whole = online(generation);
        whole.handle_frame(FROZEN, &batch(1..total + 1));
        prop_assert_eq!(delivered(outputs(&mut cut)), delivered(outputs(&mut whole)));
    }

    #[test]
    fn no_order_of_inputs_panics_and_each_send_is_answered_once(
        generation in generations(),
        inputs in prop::collection::vec(input(), 0..120),
    ) {
        let mut session = session(generation);
        let mut now = FROZEN;
        let (mut sent, mut answered) = (Vec::new(), Vec::new());
        for input in inputs {
            match input {
                Input::Connected => session.handle_connected(now),
                Input::Disconnected => session.handle_disconnected(now),
                Input::Frame(frame) => session.handle_frame(now, &frame),
                Input::Send(id) => {
                    sent.push(id);
                    session.send(now, &Outgoing::new(id, "bob", Body::Text(Some("x".to_owned()))));
                }
                Input::Timeout(after) => {
                    now = now + after;
                    session.handle_timeout(now);
                }
                Input::Poll => {
                    transmits(&mut session);
                    answered.extend(answers(outputs(&mut session)));
                }
            }
        }
        session.handle_timeout(now + Duration::from_secs(3600));
        answered.extend(answers(outputs(&mut session)));
        sent.sort_unstable();
        answered.sort_unstable();
        prop_assert_eq!(sent, answered);
    }

    #[test]
    fn polling_a_session_at_its_own_times_never_spins(generation in generations(), steps in 1_usize..50) {
        let mut session = online(generation);
        for _ in 0..steps {
            let due = session.poll_timeout().unwrap();
            session.handle_timeout(due);
            prop_assert!(session.poll_timeout().unwrap() > due);
        }
    }
}

fn batch(ids: std::ops::Range<u64>) -> Bytes {
    let sync = CommSyncDl {
        status: ok(),
        next_key: Some(ids.end),
        metas: ids.map(text).collect(),
        queue: Some(Jid::user(APP_KEY, "bob")),
        ..CommSyncDl::default()
    };
    down(m_sync::Command::Sync, &sync)
}

/// One input of a session.
#[derive(Clone, Debug)]
enum Input {
    Connected,
    Disconnected,
    Frame(Bytes),
    Send(LocalId),
    Timeout(Duration),
    Poll,
}

fn answers(outputs: Vec<Output>) -> Vec<LocalId> {
    let answers = outputs.into_iter().filter_map(|output| match output {
        Output::Answered { id, .. } => Some(id),
        _ => None,
    });
    answers.collect()
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        1 => Just(Input::Connected),
        1 => Just(Input::Disconnected),
        6 => frame().prop_map(Input::Frame),
        3 => (0_u64..6).prop_map(|id| Input::Send(LocalId(id))),
        1 => (0_u64..20_000).prop_map(|millis| Input::Timeout(Duration::from_millis(millis))),
        1 => Just(Input::Poll),
    ]
}

/// Frames of a server: sensible, senseless, and bytes that are no frame at all.
fn frame() -> impl Strategy<Value = Bytes> {
    let status = (0_i32..21).prop_map(|code| {
        let reason = Some("blocked".to_owned());
        Some(chatproof::protocol::schema::Status {
            error_code: Some(code),
            reason,
            redirect_info: Vec::new(),
        })
    });
    let status = prop_oneof![2 => Just(ok()), 1 => status, 1 => Just(None)];
    let provision = status
        .clone()
        .prop_map(|status| down(m_sync::Command::Provision, &Provision { status, ..Provision::default() }));
    let queue = prop::option::of(prop::sample::select(vec![
        Jid::user(APP_KEY, "bob"),
        Jid::conference(APP_KEY, "bob"),
        Jid::device(APP_KEY, "alice", "webim_1"),
        Jid::default(),
    ]));
    let sync = (
        status,
        prop::option::of(0_u64..6),
        prop::collection::vec(0_u64..300, 0..4),
        prop::option::of(0_u64..10),
        queue.clone(),
        any::<Option<bool>>(),
    );
    let sync = sync.prop_map(|(status, meta_id, ids, next_key, queue, is_last)| {
        let metas = ids.into_iter().map(text).collect();
        let sync = CommSyncDl { status, meta_id, metas, next_key, queue, is_last, ..CommSyncDl::default() };
        down(m_sync::Command::Sync, &sync)
    });
    let notice = queue
        .prop_map(|queue| down(m_sync::Command::Notice, &chatproof::protocol::schema::CommNotice { queue }));
    let garbage = prop::collection::vec(any::<u8>(), 0..40);
    let payload = (0_i32..9, garbage.clone()).prop_map(|(command, payload)| {
        let payload = Some(payload.into());
        MSync { command: Some(command), payload, ..MSync::default() }.encode_to_vec().into()
    });
    prop_oneof![
        2 => provision,
        6 => sync,
        2 => notice,
        1 => payload,
        1 => garbage.prop_map(Bytes::from),
    ]
}
