//! What a person reads of a run, and what never reaches a terminal.

use std::sync::{Arc, Mutex};

use super::*;
use crate::{
    history::{Ending, Latencies, Latency},
    judge::{Evidence, Finding, Measured, Witness},
    protocol::secret::Secret,
};

/// What was written, for whoever holds a clone.
#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn show(judgement: &Judgement, manner: Manner) -> String {
    let screen = Screen::default();
    let secrets = Secrets::default();
    secrets.add(&Secret::new("hunter2"));
    let head = Head {
        seed: 7,
        generation: "3.6.3".to_owned(),
        target: "the embedded server".to_owned(),
        again: String::new(),
    };
    let mut console = Console::new(head, secrets, manner, screen.clone());
    console.on(&Event::ScenarioStarted {
        scenario: "hello".into(),
        title: Some("Alice says hello".to_owned()),
        casts: 1,
        clients: 2,
    });
    console.judged(judgement, 1);
    let written = screen.0.lock().unwrap().clone();
    String::from_utf8(written).unwrap()
}

fn evidence(id: &str, ending: Ending) -> Evidence {
    let findings = vec![Finding::default(); CHECKERS.len()];
    let (file, took) = (format!("{id}.yaml"), Duration::from_millis(1530));
    Evidence { id: id.to_owned(), file, ending, findings, required: Vec::new(), thresholds: Vec::new(), took }
}

fn failure() -> Failure {
    Failure {
        file: "hello.yaml".to_owned(),
        line: 12,
        column: 5,
        cast: 0,
        iteration: 1,
        step: "bob: expect onTextMessage".to_owned(),
        expected: "onTextMessage from alice within 5s".to_owned(),
        observed: "none came".to_owned(),
        also_seen: vec!["onTextMessage \"\u{1b}[2Jhunter2\"".to_owned()],
        transcript: vec!["    1.204 ms  alice sends txt to bob".to_owned()],
        blames_target: true,
    }
}

fn judgement() -> Judgement {
    let mut passed = evidence("hello", Ending::Passed);
    passed.findings[1].obligations = 1;
    passed.thresholds.push(Measured {
        text: "errors == 0".to_owned(),
        observed: "0".to_owned(),
        holds: Some(true),
    });
    let mut failed = evidence("gone", Ending::Failed { conversations: 1, failures: vec![failure()] });
    let (claim, records) = ("message 9 was lost".to_owned(), vec!["   1.204 ms  alice sends txt".to_owned()]);
    failed.findings[0] = Finding {
        obligations: 1,
        violations: 1,
        witness: Some(Witness { claim, records }),
        ..Finding::default()
    };
    let (mut latencies, mut latency) = (Latencies::default(), Latency::default());
    latency.record(Duration::from_micros(812), Duration::from_micros(812));
    latencies.add_times("send.txt", &latency);
    latencies.add_count("errors", 1);
    Judgement { cases: vec![Case::new(passed), Case::new(failed)], latencies, interrupted: false }
}

#[test]
fn a_summary_begins_with_what_failed_and_says_what_was_not_judged() {
    insta::assert_snapshot!(show(&judgement(), Manner::default()), @r#"
hello: Alice says hello (1 cast, 2 clients)

fail  gone  (1.53s)
  --> hello.yaml:12:5  (cast 0, conversation 1)
      step      bob: expect onTextMessage
      expected  onTextMessage from alice within 5s
      observed  none came
      also seen onTextMessage "\u{1b}[2J<secret>"
      |     1.204 ms  alice sends txt to bob
  again: chatproof run gone.yaml --seed 7 --generation 3.6.3
pass  hello  (1.53s)
  threshold errors == 0: holds, 0

response time       count      p50      p90      p99      max
send.txt                1    812us    812us    812us    812us
errors 1

checker                      verdict    judged
C01 no-loss                  invalid         1
  message 9 was lost
  |    1.204 ms  alice sends txt
C02 no-phantom               valid           1
nothing to judge for C03, C04, C05, C06, C07, C09, C11, C14, C15, C16, C19, C21

fail  1 pass, 1 fail
target the embedded server, generation 3.6.3, seed 7
"#);
}

#[test]
fn a_quiet_summary_has_problems_only() {
    let quiet = Manner { loudness: Loudness::Quiet, ..Manner::default() };
    let shown = show(&judgement(), quiet);
    assert!(shown.starts_with("fail  gone"), "{shown}");
    assert!(!shown.contains("hello  ") && !shown.contains("checker"), "{shown}");
}

#[test]
fn neither_secrets_nor_escape_sequences_reach_a_terminal() {
    let shown = show(&judgement(), Manner { colors: Colors::On, ..Manner::default() });
    assert!(!shown.contains("hunter2") && !shown.contains("\u{1b}[2J"), "{shown}");
    assert!(shown.contains("\u{1b}[31;1mfail\u{1b}[0m"), "{shown}");
}
