//! Each fault changes its operation, and the same exchange without it is sound.

mod content;
mod login;
mod queue;
mod recall;
mod receipt;
mod rest;
mod send;
mod standing;

use std::fmt::Debug;

use super::*;

/// Plays an exchange with the demo world, sound and with a fault.
#[track_caller]
fn prove<T: Debug + PartialEq>(fault: &str, sound: T, broken: T, exchange: impl Fn(&mut Stage) -> T) {
    prove_with("", fault, sound, broken, exchange);
}

/// The same with a line of the world's file replaced.
#[track_caller]
fn prove_with<T: Debug + PartialEq>(
    line: &str,
    fault: &str,
    sound: T,
    broken: T,
    exchange: impl Fn(&mut Stage) -> T,
) {
    let key = line.split(':').next().unwrap();
    let demo = include_str!("../../../../../fixtures/worlds/demo.yaml");
    let kept: Vec<&str> = demo.lines().filter(|old| key.is_empty() || !old.starts_with(key)).collect();
    let file = WorldFile::parse("demo.yaml", &format!("{}\n{line}\n", kept.join("\n"))).unwrap();
    let mut stage = Stage::of(&file);
    assert_eq!(exchange(&mut stage), sound, "without {fault}");
    let mut stage = Stage::of(&file);
    stage.world = World::with_faults(&file, 7, &[fault.parse().unwrap()]);
    assert_eq!(exchange(&mut stage), broken, "with {fault}");
}

/// Every SYNC answer to that client.
fn answers(outputs: &[(ConnectionId, Output)], client: ConnectionId) -> Vec<CommSyncDl> {
    let to_client = outputs.iter().filter_map(|(id, output)| match output {
        Output::Send(bytes) if *id == client => Some(bytes.clone()),
        _ => None,
    });
    to_client
        .filter(|bytes| MSync::decode(bytes.clone()).unwrap().command == Some(m_sync::Command::Sync as i32))
        .map(|bytes| read_sync(&bytes))
        .collect()
}

/// The statuses of the answers to one frame.
fn statuses(stage: &mut Stage, client: ConnectionId, frame: &MSync) -> Vec<i32> {
    let outputs = stage.frame(client, frame);
    answers(&outputs, client).into_iter().map(|answer| answer.status.unwrap().error_code.unwrap()).collect()
}

/// What the queue with alice holds for bob, page by page, and all of it.
fn from_alice(stage: &mut Stage, bob: ConnectionId) -> Vec<String> {
    stage.pull(bob, &Jid::user(APP, "alice")).concat()
}

fn say(stage: &mut Stage, alice: ConnectionId, id: u64, words: &str) -> Vec<i32> {
    statuses(stage, alice, &text(id, Jid::user(APP, "bob"), message_body::Type::Chat, words))
}
