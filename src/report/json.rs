//! `--json`: one JSON object a line on stdout, for scripts.

use std::{
    fmt,
    io::{self, Write},
};

use serde_json::{Value, json};

use super::{Head, Reporter, Summary};
use crate::{
    history::{Ending, Event, Failure, Secrets},
    judge::Judgement,
};

/// Writes one object for each event, and the summary as the last line.
pub struct JsonLines<W> {
    head: Head,
    secrets: Secrets,
    out: W,
}

impl<W> fmt::Debug for JsonLines<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines").field("head", &self.head).finish_non_exhaustive()
    }
}

impl<W: Write + Send> JsonLines<W> {
    /// Writes to `out`.
    pub const fn new(head: Head, secrets: Secrets, out: W) -> Self {
        Self { head, secrets, out }
    }

    fn line(&mut self, value: &Value) -> io::Result<()> {
        let text = self.secrets.clean(&value.to_string());
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }
}

impl<W: Write + Send> Reporter for JsonLines<W> {
    fn on(&mut self, event: &Event) {
        let value = match event {
            Event::RunStarted { version, seed, generation, target, folder } => json!({
                "event": "run-started", "chatproof": version, "seed": seed, "generation": generation,
                "target": target, "folder": folder,
            }),
            Event::ScenarioStarted { scenario, title, casts, clients } => json!({
                "event": "scenario-started", "scenario": &**scenario, "title": title, "casts": casts,
                "clients": clients,
            }),
            Event::StepStarted { scenario, line, says } => {
                json!({"event": "step-started", "scenario": &**scenario, "line": line, "step": says})
            }
            Event::StepEnded { scenario, line, took } => json!({
                "event": "step-ended", "scenario": &**scenario, "line": line, "took_us": micros(*took),
            }),
            Event::Failed { scenario, failure } => {
                let mut value = failed(failure);
                value["event"] = "failed".into();
                value["scenario"] = (&**scenario).into();
                value
            }
            Event::Progress { scenario, elapsed, conversations, failed, playing, late, send } => json!({
                "event": "progress", "scenario": &**scenario, "elapsed_us": micros(*elapsed),
                "conversations": conversations, "failed": failed, "playing": playing, "late": late,
                "send_p50_us": send.map(|(p50, _)| micros(p50)), "send_p99_us": send.map(|(_, p99)| micros(p99)),
            }),
            Event::ScenarioEnded { scenario, ending, took } => json!({
                "event": "scenario-ended", "scenario": &**scenario, "ending": ended(ending),
                "took_us": micros(*took),
            }),
            Event::Remark { scenario, text } => {
                json!({"event": "remark", "scenario": &**scenario, "text": text})
            }
        };
        // A reader that went away is no reason to stop a run; the folder has everything.
        drop(self.line(&value));
    }

    fn judged(&mut self, judgement: &Judgement, exit_code: u8) {
        let mut value = Summary::new(&self.head, judgement, exit_code, &self.secrets).json().clone();
        value["event"] = "summary".into();
        drop(self.line(&value));
    }
}

fn micros(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn failed(failure: &Failure) -> Value {
    json!({
        "file": failure.file, "line": failure.line, "column": failure.column, "cast": failure.cast,
        "iteration": failure.iteration, "step": failure.step, "expected": failure.expected,
        "observed": failure.observed, "also_seen": failure.also_seen, "transcript": failure.transcript,
        "blames_target": failure.blames_target,
    })
}

fn ended(ending: &Ending) -> Value {
    let (word, reason) = match ending {
        Ending::Passed => ("passed", None),
        Ending::Failed { failures, .. } => ("failed", failures.first().map(Failure::headline)),
        Ending::NotApplicable { reason } => ("not-applicable", Some(reason.clone())),
        Ending::NotTestable { reason } => ("not-testable", Some(reason.clone())),
        Ending::Unreachable { reason } => ("unreachable", Some(reason.clone())),
        Ending::Interrupted => ("interrupted", None),
        Ending::Broken { reason } => ("broken", Some(reason.clone())),
    };
    json!({"how": word, "reason": reason})
}
