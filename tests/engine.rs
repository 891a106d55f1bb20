//! Scripts played against the embedded server, in one process: what passes, what fails, and what a
//! failure says.

mod history;
mod receipt;
mod setup;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use chatproof::{
    client::{Clock, Network, Patience, Target as Place, Trust},
    engine::{self, App, Playing, Registration, Stop, Target},
    history::{Ending, Event, Failure, History, Listener, Recorder, Secrets},
    protocol::{generation::Generation, secret::Secret},
    scenario,
    server::{
        front::{Options, Running, Server},
        world::WorldFile,
    },
};

/// Keeps every event.
#[derive(Default)]
struct Heard(Mutex<Vec<Event>>);

impl Listener for Heard {
    fn on(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

impl Heard {
    fn remarks(&self) -> Vec<String> {
        let events = self.0.lock().unwrap();
        events
            .iter()
            .filter_map(|event| match event {
                Event::Remark { text, .. } => Some(text.clone()),
                _ => None,
            })
            .collect()
    }
}

struct Played {
    ending: Ending,
    heard: Arc<Heard>,
    history: History,
    recorder: Recorder,
}

impl Played {
    fn only_failure(&self) -> &Failure {
        match &self.ending {
            Ending::Failed { failures, .. } if failures.len() == 1 => &failures[0],
            other => panic!("expected one failure, got {other:?}"),
        }
    }
}

async fn serve() -> Running {
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    Server::start(Options::new("127.0.0.1:0".parse().unwrap(), WorldFile::demo())).await.unwrap()
}

fn target(server: &Running, generation: Generation, clock: Clock) -> Target {
    target_with(server, &server.addresses().rest, generation, clock)
}

/// The server as it looks to who reaches its REST interface at that address.
fn target_with(server: &Running, rest: &str, generation: Generation, clock: Clock) -> Target {
    let addresses = server.addresses();
    let network = |endpoint: &str| {
        let place = Place {
            endpoint: endpoint.parse().unwrap(),
            rest: rest.to_owned(),
            app_key: "easemob-demo#chatdemoui".to_owned(),
            trust: Trust::default(),
            patience: Patience::default(),
        };
        Network::new(place, clock).unwrap()
    };
    Target {
        sockjs: Some(network(&addresses.sockjs)),
        raw: Some(network(&addresses.websocket)),
        generation,
        app_key: "easemob-demo#chatdemoui".to_owned(),
        capabilities: None,
        accounts: [("alice".to_owned(), Secret::new("1"))].into(),
        app: Some(App::Credentials { id: "demo-client".to_owned(), secret: Secret::new("demo-secret") }),
        registration: Registration::default(),
        facts: BTreeMap::new(),
    }
}

async fn play_as(generation: Generation, text: &str) -> Played {
    let server = serve().await;
    let clock = Clock::start();
    let played = play_at(target(&server, generation, clock), clock, text).await;
    server.stop().await;
    played
}

async fn play_at(target: Target, clock: Clock, text: &str) -> Played {
    let scenario = scenario::read("test.yaml", text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let (recorder, heard) = (Recorder::new(2), Arc::new(Heard::default()));
    let playing = Playing {
        scenario: Arc::new(scenario),
        file: "test.yaml".into(),
        target: Arc::new(target),
        run: "test".into(),
        seed: 1,
        clock,
        recorder: recorder.clone(),
        listener: Arc::<Heard>::clone(&heard),
        secrets: Secrets::default(),
        stop: Stop::default(),
    };
    let ending = engine::play(playing).await;
    Played { ending, heard, history: recorder.history(), recorder }
}

async fn play(text: &str) -> Played {
    play_as(Generation::V3_6_3, text).await
}

const TWO: &str = "scenario: two\nactors: {alice: 1, bob: 1}\n";

#[tokio::test]
async fn the_tour_passes_in_every_generation_and_leaves_nothing_behind() {
    for generation in Generation::ALL {
        let played = play_as(generation, include_str!("../scenarios/tour.yaml")).await;
        assert_eq!(played.ending, Ending::Passed, "{generation}");
        assert_eq!(played.heard.remarks(), [""; 0], "{generation}");
        assert!(played.history.records.len() > 50);
    }
}

#[tokio::test]
async fn a_missed_expectation_says_what_came_instead() {
    let played = play(&format!(
        "{TWO}steps:\n- alice: {{send: {{to: bob, msg: hello}}}}\n\
         - bob: {{expect: onTextMessage, text: good bye, within: 100ms}}\n"
    ))
    .await;
    let failure = played.only_failure();
    assert_eq!((failure.line, failure.step.as_str()), (5, "bob: expect onTextMessage"));
    assert_eq!(failure.expected, r#"onTextMessage with text "good bye" at bob within 100ms"#);
    assert_eq!(failure.observed, "none came");
    assert!(failure.blames_target);
    assert!(failure.also_seen.iter().any(|seen| seen.contains("onTextMessage") && seen.contains("hello")));
    assert!(failure.transcript.iter().any(|line| line.contains("accepted as")), "{:?}", failure.transcript);
}

#[tokio::test]
async fn an_unexpected_refusal_shows_the_pair_on_the_wire() {
    let played = play(&format!("{TWO}steps:\n- alice: {{send: {{to: bob, msg: SENSITIVE}}}}\n")).await;
    let failure = played.only_failure();
    assert_eq!(failure.expected, "the server takes the message");
    assert_eq!(failure.observed, r#"refused with 501 (status 7, reason "sensitive words")"#);
}

#[tokio::test]
async fn an_upload_that_takes_too_long_says_how_far_it_was() {
    let played = play(&format!(
        "{TWO}steps:\n- alice: {{upload: {{file: {{name: big.bin, size: 10000000}}}}, within: 1ms}}\n"
    ))
    .await;
    let observed = &played.only_failure().observed;
    assert!(observed.starts_with("the reply to an upload ("), "{observed}");
    assert!(observed.ends_with("10000000 bytes sent) did not come within 1ms"), "{observed}");
}

#[tokio::test]
async fn a_refusal_that_does_not_come_is_a_failure() {
    let played =
        play(&format!("{TWO}steps:\n- alice: {{send: {{to: bob, msg: fine}}, refused: 603}}\n")).await;
    assert_eq!(played.only_failure().expected, "the send is refused with 603");
    assert!(played.only_failure().observed.starts_with("accepted as"));
}

#[tokio::test]
async fn what_came_although_it_never_should_is_shown() {
    let played = play(&format!(
        "{TWO}steps:\n- alice: {{send: {{to: bob, msg: psst}}}}\n- bob: {{never: onTextMessage, from: alice}}\n"
    ))
    .await;
    let failure = played.only_failure();
    assert!(failure.expected.starts_with("no onTextMessage from cp-test-0-alice"), "{}", failure.expected);
    assert!(failure.observed.contains("psst"), "{}", failure.observed);
}

#[tokio::test]
async fn a_statement_that_does_not_hold_shows_the_values_it_speaks_of() {
    let played = play(&format!(
        "{TWO}steps:\n- alice: {{send: {{to: bob, msg: one}}, as: sent}}\n- check: sent.text == 'two'\n"
    ))
    .await;
    assert_eq!(played.only_failure().observed, r#"sent.text is "one""#);
}

#[tokio::test]
async fn members_of_a_group_play_side_by_side() {
    let played = play(
        "scenario: crowd\nactors:\n  owner: 1\n  member: {count: 12}\nworld:\n  groups:\n    \
         team: {owner: owner, members: [member]}\nsteps:\n- owner: {send: {to: team, msg: notice}, as: notice}\n\
         - each: member\n  steps:\n  - self: {expect: onTextMessage, where: event.id == notice.mid}\n  \
         - self: {send: {to: owner, msg: 'read by {{ self.user }}'}}\n\
         - owner: {expect: onTextMessage, count: 12, as: answers}\n- check: answers | length == 12\n",
    )
    .await;
    assert_eq!(played.ending, Ending::Passed);
    let latencies = played.recorder.latencies();
    assert!(latencies.times_of("deliver.txt").unwrap().count() >= 24);
}

#[tokio::test]
async fn two_devices_of_one_account_both_hear() {
    let played = play(
        "scenario: devices\nactors:\n  alice: 1\n  bob: 1\n  tablet: {device_of: bob}\nsteps:\n\
         - alice: {send: {to: bob, msg: both}}\n- bob: {expect: onTextMessage, text: both}\n\
         - tablet: {expect: onTextMessage, text: both}\n",
    )
    .await;
    assert_eq!(played.ending, Ending::Passed);
}

#[tokio::test]
async fn a_closed_load_plays_each_cast_as_often_as_it_says() {
    let played = play(&format!(
        "{TWO}steps:\n- alice: {{send: {{to: bob, msg: 'n {{{{ iteration }}}}'}}}}\n\
         - bob: {{expect: onTextMessage, text: 'n {{{{ iteration }}}}'}}\n\
         load: {{model: closed, casts: 3, iterations: 20}}\n"
    ))
    .await;
    assert_eq!(played.ending, Ending::Passed);
    let latencies = played.recorder.latencies();
    assert_eq!(latencies.count_of("conversations"), Some(60));
    assert_eq!(latencies.count_of("late"), Some(0));
}

#[tokio::test]
async fn an_open_load_starts_on_time_and_counts_what_was_late() {
    let played = play(&format!(
        "{TWO}steps:\n- alice: {{send: {{to: bob, msg: x}}}}\n- pause: 200ms\n\
         load: {{model: open, rate: 20/s, casts: 2, for: 1s}}\n"
    ))
    .await;
    assert_eq!(played.ending, Ending::Passed);
    let latencies = played.recorder.latencies();
    assert_eq!(latencies.count_of("conversations"), Some(20));
    // Two casts of 200 ms can start 10 a second; the other half is late, and its wait is in the
    // response time.
    assert!(latencies.count_of("late").unwrap() >= 5);
    let sends = latencies.times_of("send.txt").unwrap();
    let max = |clock| sends.figures(clock).max;
    let (response, service) =
        (max(chatproof::history::Clock::Response), max(chatproof::history::Clock::Service));
    assert!(response > service + std::time::Duration::from_millis(300), "{response:?} {service:?}");
}

#[tokio::test]
async fn a_stop_ends_a_conversation_that_would_wait_for_long() {
    let server = serve().await;
    let clock = Clock::start();
    let text = format!("{TWO}steps:\n- pause: 50s\n");
    let stop = Stop::default();
    let playing = Playing {
        scenario: Arc::new(scenario::read("test.yaml", &text).unwrap()),
        file: "test.yaml".into(),
        target: Arc::new(target(&server, Generation::V3_6_3, clock)),
        run: "stop".into(),
        seed: 1,
        clock,
        recorder: Recorder::new(1),
        listener: Arc::new(Heard::default()),
        secrets: Secrets::default(),
        stop: stop.clone(),
    };
    let play = tokio::spawn(engine::play(playing));
    stop.throw();
    assert_eq!(play.await.unwrap(), Ending::Interrupted);
    server.stop().await;
}

#[tokio::test]
async fn what_an_event_lacks_is_the_servers_fault_and_shown() {
    let sent = "- alice: {send: {to: bob, msg: hi, ext: {rank: 1}}, as: hi}\n";
    let taken = "- bob: {expect: onTextMessage, as: seen}\n";
    for (steps, observed) in [
        (
            "- bob: {expect: onTextMessage, where: event.ext.note.to == 'bob', within: 50ms}\n".to_owned(),
            "1 came for which the condition does not hold; of it, event.ext.note.to is not there",
        ),
        (
            "- bob: {expect: onTextMessage, where: event.ext.rank == 2, within: 50ms}\n".to_owned(),
            "1 came for which the condition does not hold; of it, event.ext.rank is 1",
        ),
        (format!("{taken}- check: seen.ext.note.to == 'bob'\n"), "seen.ext.note.to is not there"),
        (format!("{taken}- check: seen.ext.note\n"), "seen.ext.note is not there"),
    ] {
        let played = play(&format!("{TWO}steps:\n{sent}{steps}")).await;
        let failure = played.only_failure();
        assert_eq!(failure.observed, observed, "{steps}");
        assert!(failure.blames_target, "{steps}");
    }
}

#[tokio::test]
async fn an_event_without_what_a_condition_reads_is_passed_over() {
    let played = play(&format!(
        "{TWO}steps:\n- alice: {{send: {{to: bob, msg: plain}}}}\n\
         - alice: {{send: {{to: bob, msg: noted, ext: {{note: {{to: bob}}}}}}}}\n\
         - bob: {{expect: onTextMessage, where: event.ext.note.to == 'bob', as: seen}}\n\
         - check: seen.data == 'noted'\n"
    ))
    .await;
    assert_eq!(played.ending, Ending::Passed);
}

#[tokio::test]
async fn an_expression_without_sense_is_not_the_servers_fault() {
    let played = play(&format!("{TWO}steps:\n- check: 1 / 0 == 1\n")).await;
    assert!(!played.only_failure().blames_target);
}

#[tokio::test]
async fn a_send_of_a_client_that_was_put_out_says_that_it_is_not_online() {
    let played = play(
        "scenario: out\nactors: {alice: 1, bob: 1}\nsteps:\n\
         - rest: {method: GET, path: \"/users/{{ alice.user }}/disconnect\"}\n\
         - alice: {expect: onError}\n\
         - alice: {send: {to: bob, msg: hi}, within: 300ms}\n",
    )
    .await;
    let failure = played.only_failure();
    assert_eq!(failure.step, "alice: send", "{failure:?}");
    assert!(failure.observed.ends_with("; the client is not online"), "{}", failure.observed);
}
