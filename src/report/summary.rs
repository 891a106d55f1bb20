//! `summary.json`: what scripts read of a run.

use std::{fs, io, path::Path};

use serde_json::{Map, Value, json};

use crate::{
    history::{Clock, Figures, Secrets},
    judge::{CHECKERS, Judgement},
};

/// The name of the file.
pub const SUMMARY: &str = "summary.json";
/// The version of the file's form.
const SCHEMA: u32 = 1;

/// What was known of a run before it began.
#[derive(Clone, Debug)]
pub struct Head {
    /// What every random choice came from.
    pub seed: u64,
    /// The SDK generation that clients played unless a scenario said otherwise.
    pub generation: String,
    /// The server under test.
    pub target: String,
    /// The flags that name it on a command line, with a space before each.
    pub again: String,
}

/// The file's content.
#[derive(Clone, Debug)]
pub struct Summary(Value);

impl Summary {
    /// The summary of a judged run, without the secrets of the run.
    pub fn new(head: &Head, judgement: &Judgement, exit_code: u8, secrets: &Secrets) -> Self {
        let counts: Map<String, Value> = judgement
            .counts()
            .iter()
            .map(|(verdict, count)| (verdict.name().to_owned(), (*count).into()))
            .collect();
        let cases: Vec<Value> = judgement
            .cases
            .iter()
            .map(|case| {
                json!({
                    "id": case.id,
                    "verdict": case.verdict.name(),
                    "reason": case.reason,
                    "file": case.file,
                    "took_ms": u64::try_from(case.took.as_millis()).unwrap_or(u64::MAX),
                    "failed_conversations": case.failed_conversations,
                    "thresholds": case.thresholds.iter().map(|measured| json!({
                        "text": measured.text, "observed": measured.observed, "holds": measured.holds,
                    })).collect::<Vec<_>>(),
                })
            })
            .collect();
        let checkers: Vec<Value> = CHECKERS
            .iter()
            .zip(judgement.findings())
            .map(|(checker, finding)| {
                json!({
                    "id": checker.id,
                    "name": checker.name,
                    "verdict": finding.validity().name(),
                    "obligations": finding.obligations,
                    "undecided": finding.undecided,
                    "violations": finding.violations,
                    "witness": finding.witness.as_ref().map(|witness| json!({
                        "claim": witness.claim, "records": witness.records,
                    })),
                })
            })
            .collect();
        let mut metrics = Map::new();
        for (name, latency) in judgement.latencies.times() {
            // The response time is what a user feels, so it stands first; both follow by name.
            let response = figures(latency.figures(Clock::Response));
            let service = figures(latency.figures(Clock::Service));
            let mut metric = response.clone();
            metric.insert("response".to_owned(), response.into());
            metric.insert("service".to_owned(), service.into());
            metrics.insert(name.to_owned(), metric.into());
        }
        for (name, count) in judgement.latencies.counts() {
            metrics.insert(name.to_owned(), json!({"count": count}));
        }
        let mut summary = json!({
            "schema": SCHEMA,
            "chatproof": env!("CARGO_PKG_VERSION"),
            "verdict": judgement.verdict().name(),
            "exit_code": exit_code,
            "partial": judgement.interrupted,
            "seed": head.seed,
            "generation": head.generation,
            "target": head.target,
            "counts": counts,
            "cases": cases,
            "checkers": checkers,
            "metrics": metrics,
        });
        clean(&mut summary, secrets);
        Self(summary)
    }

    /// The summary as JSON.
    pub const fn json(&self) -> &Value {
        &self.0
    }

    /// Writes the file: to a temporary name first, so that nobody ever reads half of it.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let temporary = folder.join("summary.json.partial");
        let mut text = serde_json::to_string_pretty(&self.0)?;
        text.push('\n');
        fs::write(&temporary, text)?;
        fs::File::open(&temporary)?.sync_all()?;
        fs::rename(&temporary, folder.join(SUMMARY))
    }
}

fn clean(value: &mut Value, secrets: &Secrets) {
    match value {
        Value::String(text) => *text = secrets.clean(text),
        Value::Array(items) => items.iter_mut().for_each(|item| clean(item, secrets)),
        Value::Object(fields) => fields.values_mut().for_each(|field| clean(field, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn figures(figures: Figures) -> Map<String, Value> {
    let micros = |time: std::time::Duration| Value::from(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    Map::from_iter([
        ("count".to_owned(), figures.count.into()),
        ("p50_us".to_owned(), micros(figures.p50)),
        ("p90_us".to_owned(), micros(figures.p90)),
        ("p95_us".to_owned(), micros(figures.p95)),
        ("p99_us".to_owned(), micros(figures.p99)),
        ("p999_us".to_owned(), micros(figures.p999)),
        ("max_us".to_owned(), micros(figures.max)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        history::{Latencies, Latency},
        protocol::secret::Secret,
    };

    #[test]
    fn the_file_has_every_promised_key_and_no_secret() {
        let (mut latencies, mut latency) = (Latencies::default(), Latency::default());
        latency.record(std::time::Duration::from_millis(2), std::time::Duration::from_millis(5));
        latencies.add_times("send.txt", &latency);
        latencies.add_count("errors", 0);
        let judgement = Judgement { latencies, ..Judgement::default() };
        let head = Head {
            seed: 7,
            generation: "3.6.3".to_owned(),
            target: "at hunter2".to_owned(),
            again: String::new(),
        };
        let secrets = Secrets::default();
        secrets.add(&Secret::new("hunter2"));
        let summary = Summary::new(&head, &judgement, 0, &secrets);
        let folder = tempfile::tempdir().unwrap();
        summary.write(folder.path()).unwrap();

        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
        let text = fs::read_to_string(folder.path().join("summary.json")).unwrap();
        let read: Value = serde_json::from_str(&text).unwrap();
        for key in [
            "schema",
            "chatproof",
            "verdict",
            "exit_code",
            "seed",
            "generation",
            "target",
            "counts",
            "cases",
            "checkers",
            "metrics",
        ] {
            assert!(!read[key].is_null(), "{key}");
        }
        assert_eq!(read["target"], "at <secret>");
        assert_eq!(read["checkers"][0]["id"], "C01");
        let metric = &read["metrics"]["send.txt"];
        for key in ["count", "p50_us", "p90_us", "p95_us", "p99_us", "p999_us", "max_us"] {
            assert!(metric["service"][key].is_u64() && metric["response"][key].is_u64(), "{key}");
        }
        assert!(metric["response"]["p50_us"].as_u64() > metric["service"]["p50_us"].as_u64());
    }
}
