//! Sessions against the embedded world, over networks that delay, lose and break.
//!
//! `CHATPROOF_SEED=n` plays one seed instead of all; a failure names its seed.

use std::time::Duration;

use chatproof::{
    protocol::generation::Generation,
    server::world::WorldFile,
    simulation::{Counts, Participant, Rates, Settings, run},
};

fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("CHATPROOF_SEED") {
        Ok(seed) => vec![seed.parse().expect("CHATPROOF_SEED is a number")],
        Err(_) => (0..count).collect(),
    }
}

/// Plays all seeds, each of which must keep the law; what happened in all of them.
fn keeps_the_law(count: u64, settings: &Settings) -> Counts {
    let mut total = Counts::default();
    for seed in seeds(count) {
        let run = run(seed, settings);
        let violations = &run.violations;
        assert!(violations.is_empty(), "{}\nCHATPROOF_SEED={seed}: {violations:#?}", run.trace.join("\n"));
        total.messages += run.counts.messages;
        total.resends += run.counts.resends;
        total.accepted += run.counts.accepted;
        total.delivered += run.counts.delivered;
        total.cuts += run.counts.cuts;
        total.restarts += run.counts.restarts;
    }
    total
}

fn everybody_plays(generation: Generation) -> Settings {
    let mut settings = Settings::demo();
    for participant in &mut settings.participants {
        participant.generation = Some(generation);
    }
    settings
}

#[test]
fn nothing_is_lost_doubled_or_reordered_on_a_bad_network() {
    let total = keeps_the_law(200, &Settings::demo());
    // A workload that does next to nothing would prove nothing.
    if std::env::var("CHATPROOF_SEED").is_err() {
        assert!(total.messages > 8_000, "{total:?}");
        assert!(total.resends > 1_500, "{total:?}");
        assert!(total.delivered > 15_000, "{total:?}");
        assert!(total.cuts > 1_500 && total.restarts > 200, "{total:?}");
    }
}

#[test]
fn nothing_is_lost_doubled_or_reordered_when_all_play_3_6_3() {
    keeps_the_law(40, &everybody_plays(Generation::V3_6_3));
}

#[test]
fn nothing_is_lost_doubled_or_reordered_when_all_play_4_0_8() {
    keeps_the_law(40, &everybody_plays(Generation::V4_0_8));
}

#[test]
fn nothing_is_lost_doubled_or_reordered_when_all_play_4_21_1() {
    keeps_the_law(40, &everybody_plays(Generation::V4_21_1));
}

#[test]
fn nothing_is_lost_doubled_or_reordered_when_logins_take_their_time() {
    let demo = include_str!("../fixtures/worlds/demo.yaml");
    let world = WorldFile::parse("slow", &format!("{demo}\nchoices: {{provision_delay: 700ms}}\n"));
    keeps_the_law(60, &Settings { world: world.expect("a world file"), ..Settings::demo() });
}

#[test]
fn nothing_is_lost_doubled_or_reordered_when_the_server_restarts_all_the_time() {
    let rates = Rates { send: 70, cut: 0, leave: 0, restart: 20 };
    keeps_the_law(40, &Settings { rates, pause: Duration::from_millis(800), ..Settings::demo() });
}

#[test]
fn bursts_on_a_fast_network_are_all_accepted_and_none_is_sent_twice() {
    let settings = Settings {
        latency: Duration::from_micros(50)..=Duration::from_millis(2),
        pause: Duration::from_millis(200),
        workload: Duration::from_secs(6),
        rates: Rates { send: 1, cut: 0, leave: 0, restart: 0 },
        ..Settings::demo()
    };
    for seed in seeds(20) {
        let run = run(seed, &settings);
        assert_eq!(run.violations, [], "CHATPROOF_SEED={seed}");
        assert_eq!(run.counts.resends, 0, "CHATPROOF_SEED={seed}");
    }
}

#[test]
fn the_same_seed_gives_the_same_trace_and_another_seed_another() {
    let settings = Settings::demo();
    let (one, again, other) = (run(7, &settings), run(7, &settings), run(8, &settings));
    assert_eq!(one.trace, again.trace);
    assert_eq!(one.counts, again.counts);
    assert_ne!(one.trace, other.trace);
}

#[test]
fn a_user_whom_the_world_does_not_know_leaves_its_messages_unsettled() {
    let mut settings = Settings::demo();
    settings.participants.push(Participant { user: "mallory".to_owned(), generation: None });
    let found = seeds(5).into_iter().any(|seed| !run(seed, &settings).violations.is_empty());
    assert!(found, "a harness that finds nothing here would find nothing anywhere");
}
