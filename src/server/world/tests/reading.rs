//! What a sender knows of its readers, against a model of who has read what.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, prelude::*};

use super::{
    receipt::{ask, group, pending, read, readers},
    *,
};
use crate::protocol::schema::{StatisticsBody, key_value};

const READERS: [&str; 3] = ["bob", "carol", "dave"];

#[derive(Clone, Debug)]
enum Deed {
    Ask,
    /// One of the readers reads one of the messages asked about so far.
    Read(usize, usize),
    /// The sender goes away, whether or not it has looked.
    Leave,
    Return,
    /// The sender takes what its queues hold.
    Look,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        2 => Just(Deed::Ask),
        6 => (0..READERS.len(), 0..8_usize).prop_map(|(reader, message)| Deed::Read(reader, message)),
        1 => Just(Deed::Leave),
        2 => Just(Deed::Return),
        2 => Just(Deed::Look),
    ]
}

/// The counts that are told: by message, in the order of the queues.
fn told(stage: &mut Stage, alice: ConnectionId) -> Vec<(u64, u64)> {
    let mut counts = Vec::new();
    for queue in [Jid::user(APP, "easemob"), group()] {
        for meta in pending(stage, alice, &queue) {
            let payload = meta.payload.unwrap();
            if meta.ns == Some(0) {
                let said = StatisticsBody::decode(payload).unwrap().location.unwrap();
                let said: Value = serde_json::from_str(&said).unwrap();
                for line in said["group_ack"].as_array().unwrap() {
                    let message = line["mid"].as_str().unwrap().parse().unwrap();
                    counts.push((message, line["count"].as_u64().unwrap()));
                }
                continue;
            }
            let body = MessageBody::decode(payload).unwrap();
            let Some(key_value::Value::StringValue(said)) = &body.ext[0].value else { panic!("{body:?}") };
            let said: BTreeMap<String, u64> = serde_json::from_str(said).unwrap();
            let message = body.ack_message_id.unwrap();
            counts.push((message, said[&message.to_string()]));
        }
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn who_asks_knows_the_true_counts_whenever_the_queues_are_empty(deeds in vec(deed(), 1..60)) {
        let mut stage = Stage::new();
        let app = stage.app_token();
        stage.call("POST", "/chatgroups/93734273351681/users/dave", Some(&app), &Value::Null);
        let devices = READERS.map(|name| stage.login(name, name));
        let mut alice = Some(stage.login("alice", "a"));
        // What joining dave has put into the queues.
        for device in devices.into_iter().chain(alice) {
            pending(&mut stage, device, &group());
        }
        let mut messages: Vec<(u64, BTreeSet<usize>)> = Vec::new();
        let mut known: BTreeMap<u64, u64> = BTreeMap::new();
        for deed in deeds.into_iter().chain([Deed::Return, Deed::Look]) {
            match (deed, alice) {
                (Deed::Ask, Some(device)) => messages.push((ask(&mut stage, device), BTreeSet::new())),
                (Deed::Read(reader, message), _) if !messages.is_empty() => {
                    let at = message % messages.len();
                    read(&mut stage, devices[reader], group(), messages[at].0);
                    messages[at].1.insert(reader);
                }
                (Deed::Leave, Some(device)) => {
                    stage.world.disconnect(stage.now, device);
                    alice = None;
                }
                (Deed::Return, None) => alice = Some(stage.login("alice", "a")),
                (Deed::Look, Some(device)) => {
                    for (message, count) in told(&mut stage, device) {
                        let before = known.insert(message, count).unwrap_or(0);
                        prop_assert!(before <= count, "a count does not shrink");
                    }
                    for (message, readers) in &messages {
                        prop_assert_eq!(known.get(message).copied().unwrap_or(0), readers.len() as u64);
                    }
                }
                _ => {}
            }
        }
        for (message, expected) in &messages {
            let list = readers(&mut stage, &app, *message, "limit=500");
            prop_assert_eq!(list["userlist"].as_array().unwrap().len(), expected.len());
        }
    }
}
