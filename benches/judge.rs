//! What it costs to judge a history of texts with every checker.
//!
//! `cargo bench --bench judge -- [MESSAGES]`, by default a million between 100 pairs.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![allow(clippy::unwrap_used, reason = "a benchmark whose set-up fails has nothing to say")]

use std::time::Instant;

use chatproof::{
    history::{
        Call, Cast, Change, Content, Conversation, History, Item, Member, MessageKind, OperationId, Record,
        User, What,
    },
    judge::{CHECKERS, Validity, judge},
    protocol::{
        id::{LocalId, ServerId},
        message::ChatType,
        time::Moment,
    },
};

const MESSAGES: u64 = 1_000_000;
const PAIRS: u64 = 100;

fn main() {
    let messages = std::env::args().skip(1).find_map(|text| text.parse().ok()).unwrap_or(MESSAGES);
    let history = history(messages);
    let records = history.records.len();
    let begun = Instant::now();
    let findings = judge(&history);
    let took = begun.elapsed();
    println!("{records} records of {messages} messages between {PAIRS} pairs, all checkers, one thread");
    println!("{:.0} records per second, {took:.2?} in all", records as f64 / took.as_secs_f64());
    for (checker, finding) in CHECKERS.iter().zip(&findings) {
        assert!(finding.validity() != Validity::Invalid, "{} accuses a correct history", checker.id);
        println!("{} {:<24} {:>9} obligations", checker.id, checker.name, finding.obligations);
    }
}

/// Pairs that talk: each message is accepted, received once and in order.
fn history(messages: u64) -> History {
    let mut history = History::default();
    for pair in 0..PAIRS {
        talk(&mut history, pair, messages / PAIRS);
    }
    history
}

fn talk(history: &mut History, pair: u64, messages: u64) {
    let cast = Cast(u32::try_from(pair).unwrap());
    let names = &mut history.names;
    let [alice, bob] = ["alice", "bob"].map(|name| {
        let user = names.add_user(User { name: format!("{name}-{pair}"), exclusive: true });
        (user, names.add_session(Member { cast, user, label: name.to_owned() }))
    });
    let label = format!("alice-bob-{pair}");
    let conversation = names.add_conversation(Conversation { chat_type: ChatType::Single, label });
    let mut now = 0;
    let mut add = |session, what| {
        now += 7;
        history.records.push(Record { at: Moment::from_micros(now), cast, session, what });
    };
    for (user, session) in [alice, bob] {
        add(session, What::Opened);
        add(session, What::Membership { conversation, user, change: Change::Joined });
    }
    for number in 0..messages {
        let content = Content::new(MessageKind::Text, number);
        let (operation, id) = (OperationId(pair * messages + number), ServerId(pair * messages + number + 1));
        add(alice.1, What::Invoke { operation, call: Call::Send { conversation, content } });
        add(alice.1, What::Ok { operation, id, local: LocalId(number + 1) });
        let position = Some(number + 1);
        add(bob.1, What::Receive(Item { conversation, sender: alice.0, id, content, position }));
    }
}
