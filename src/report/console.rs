//! What a person reads: progress while it runs, the verdict and its evidence at the end.

use std::{fmt, io::Write, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

use super::{
    Head, Reporter,
    text::{count, safe, time},
};
use crate::{
    history::{Clock, Event, Failure, Secrets},
    judge::{CHECKERS, Case, Judgement, Validity, Verdict},
};

/// Failures of one case that are shown in full.
const SHOWN_FAILURES: usize = 3;

/// How much is said, and how.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// Colours on stdout.
    pub colors: Colors,
    /// How much is said.
    pub loudness: Loudness,
    /// How progress is shown.
    pub progress: Progress,
}

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Colors {
    /// No escape sequence at all.
    #[default]
    Off,
    /// ANSI colours.
    On,
}

/// How much is said.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Loudness {
    /// Problems only.
    Quiet,
    /// The summary.
    #[default]
    Plain,
    /// Every step as well.
    Steps,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Progress {
    /// Plain lines, a few a minute.
    #[default]
    Lines,
    /// One line of a terminal that changes.
    Live,
}

/// Writes for people.
pub struct Console<W> {
    head: Head,
    secrets: Secrets,
    manner: Manner,
    out: W,
    bar: Option<ProgressBar>,
    folder: String,
    last_line: Duration,
}

impl<W> fmt::Debug for Console<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("manner", &self.manner).finish_non_exhaustive()
    }
}

/// How often a run under load says how it goes where lines cannot change.
const LINE_PERIOD: Duration = Duration::from_secs(10);

impl<W: Write + Send> Console<W> {
    /// Writes to `out`; live progress goes to stderr.
    pub const fn new(head: Head, secrets: Secrets, manner: Manner, out: W) -> Self {
        Self { head, secrets, manner, out, bar: None, folder: String::new(), last_line: Duration::ZERO }
    }

    fn say(&mut self, line: &str) {
        let text = format!("{}\n", self.secrets.clean(line));
        if let Some(bar) = &self.bar {
            bar.suspend(|| drop(self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush())));
        } else {
            // A reader that went away is no reason to stop a run; the folder has everything.
            drop(self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()));
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        match self.manner.colors {
            Colors::On => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Colors::Off => text.to_owned(),
        }
    }

    fn verdict(&self, verdict: Verdict) -> String {
        let color = match verdict {
            Verdict::Pass | Verdict::Info => "32",
            Verdict::Fail | Verdict::Error => "31;1",
            Verdict::NonStrict | Verdict::NotTestable | Verdict::Flaky => "33",
            Verdict::NotApplicable => "2",
        };
        self.paint(color, verdict.name())
    }

    fn progress(&mut self, line: String, elapsed: Duration) {
        match self.manner.progress {
            Progress::Live => {
                let bar = self.bar.get_or_insert_with(|| {
                    let style = ProgressStyle::with_template("{spinner} {msg}");
                    ProgressBar::new_spinner()
                        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
                });
                bar.set_message(line);
                bar.tick();
            }
            Progress::Lines if elapsed >= self.last_line + LINE_PERIOD => {
                self.last_line = elapsed;
                self.say(&line);
            }
            Progress::Lines => {}
        }
    }

    fn end_progress(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        self.last_line = Duration::ZERO;
    }

    fn case(&mut self, case: &Case) {
        let failed = !matches!(case.verdict, Verdict::Pass | Verdict::NotApplicable | Verdict::Info);
        if self.manner.loudness == Loudness::Quiet && !failed {
            return;
        }
        let mut line = format!("{}  {}  ({})", self.verdict(case.verdict), safe(&case.id), time(case.took));
        // A failed step is shown in full below.
        if !case.failures.iter().any(|failure| failure.headline() == case.reason) && !case.reason.is_empty() {
            line.push_str(&format!("\n  {}", safe(&case.reason)));
        }
        self.say(&line);
        for failure in case.failures.iter().take(SHOWN_FAILURES) {
            self.failure(failure);
        }
        let hidden = case.failed_conversations.saturating_sub(case.failures.len().min(SHOWN_FAILURES) as u64);
        if hidden > 0 {
            self.say(&format!("  and {} more", count(hidden, "failed conversation")));
        }
        for measured in &case.thresholds {
            let word = match measured.holds {
                Some(true) => "holds",
                Some(false) => "BROKEN",
                None => "unknown",
            };
            self.say(&format!("  threshold {}: {word}, {}", safe(&measured.text), measured.observed));
        }
        if failed {
            let rerun = format!(
                "chatproof run {}{} --seed {} --generation {}",
                case.file, self.head.again, self.head.seed, self.head.generation
            );
            self.say(&format!("  again: {}", safe(&rerun)));
        }
    }

    fn failure(&mut self, failure: &Failure) {
        let Failure { file, line, column, cast, iteration, .. } = failure;
        self.say(&format!("  --> {}:{line}:{column}  (cast {cast}, conversation {iteration})", safe(file)));
        self.say(&format!("      step      {}", safe(&failure.step)));
        self.say(&format!("      expected  {}", safe(&failure.expected)));
        self.say(&format!("      observed  {}", safe(&failure.observed)));
        for seen in &failure.also_seen {
            self.say(&format!("      also seen {}", safe(seen)));
        }
        for line in &failure.transcript {
            self.say(&format!("      | {}", safe(line)));
        }
    }

    fn latencies(&mut self, judgement: &Judgement) {
        if judgement.latencies.times().next().is_none() {
            return;
        }
        self.say(&format!(
            "\n{:<16} {:>8} {:>8} {:>8} {:>8} {:>8}",
            "response time", "count", "p50", "p90", "p99", "max"
        ));
        for (name, latency) in judgement.latencies.times() {
            let figures = latency.figures(Clock::Response);
            self.say(&format!(
                "{name:<16} {:>8} {:>8} {:>8} {:>8} {:>8}",
                figures.count,
                time(figures.p50),
                time(figures.p90),
                time(figures.p99),
                time(figures.max)
            ));
        }
        let counts: Vec<String> =
            judgement.latencies.counts().map(|(name, count)| format!("{name} {count}")).collect();
        self.say(&counts.join(", "));
    }

    fn checkers(&mut self, judgement: &Judgement) {
        let findings = judgement.findings();
        let asked: Vec<_> =
            CHECKERS.iter().zip(&findings).filter(|(_, finding)| finding.obligations > 0).collect();
        if !asked.is_empty() {
            self.say(&format!("\n{:<28} {:<8} {:>8}", "checker", "verdict", "judged"));
        }
        for (checker, finding) in asked {
            let name = format!("{} {}", checker.id, checker.name);
            let word = finding.validity().name();
            let padded = format!("{word:<8}");
            let shown = match finding.validity() {
                Validity::Valid => self.paint("32", &padded),
                Validity::Invalid => self.paint("31;1", &padded),
                Validity::Unknown => self.paint("33", &padded),
            };
            let mut line = format!("{name:<28} {shown} {:>8}", finding.obligations);
            if finding.undecided > 0 {
                line.push_str(&format!("  ({} undecided)", finding.undecided));
            }
            self.say(&line);
            if let Some(witness) = &finding.witness {
                self.say(&format!("  {}", safe(&witness.claim)));
                for record in &witness.records {
                    self.say(&format!("  | {}", safe(record)));
                }
            }
        }
        let idle: Vec<&str> = CHECKERS
            .iter()
            .zip(&findings)
            .filter(|(_, finding)| finding.obligations == 0)
            .map(|(c, _)| c.id)
            .collect();
        if !idle.is_empty() {
            self.say(&format!("nothing to judge for {}", idle.join(", ")));
        }
    }
}

impl<W: Write + Send> Reporter for Console<W> {
    fn on(&mut self, event: &Event) {
        match event {
            Event::RunStarted { folder, .. } => self.folder = folder.display().to_string(),
            Event::ScenarioStarted { scenario, title, casts, clients } => {
                if self.manner.loudness != Loudness::Quiet {
                    let title = title.as_deref().map(|title| format!(": {title}")).unwrap_or_default();
                    let who =
                        format!("{}, {}", count(u64::from(*casts), "cast"), count(*clients as u64, "client"));
                    self.say(&safe(&format!("{scenario}{title} ({who})")));
                }
            }
            Event::StepStarted { line, says, .. } if self.manner.loudness == Loudness::Steps => {
                self.say(&format!("  {line:>4}  {}", safe(says)));
            }
            Event::Progress { scenario, elapsed, conversations, failed, playing, late, send } => {
                if self.manner.loudness == Loudness::Quiet {
                    return;
                }
                let rate = *conversations as f64 / elapsed.as_secs_f64().max(1e-6);
                let mut line = format!(
                    "{scenario}  {:.0}s  {conversations} conversations ({rate:.1}/s), {playing} playing",
                    elapsed.as_secs_f64()
                );
                for (number, word) in [(failed, "failed"), (late, "late")] {
                    if *number > 0 {
                        line.push_str(&format!(", {number} {word}"));
                    }
                }
                if let Some((p50, p99)) = send {
                    line.push_str(&format!(", send p50 {} p99 {}", time(*p50), time(*p99)));
                }
                self.progress(line, *elapsed);
            }
            Event::Remark { text, .. } => self.say(&format!("  note: {}", safe(text))),
            Event::ScenarioEnded { .. } => self.end_progress(),
            Event::StepStarted { .. } | Event::StepEnded { .. } | Event::Failed { .. } => {}
        }
    }

    fn judged(&mut self, judgement: &Judgement, exit_code: u8) {
        self.end_progress();
        let quiet = self.manner.loudness == Loudness::Quiet;
        if !quiet {
            self.say("");
        }
        // What failed first: it is what a reader came for.
        let failed = |case: &&Case| matches!(case.verdict, Verdict::Fail | Verdict::Error);
        for case in
            judgement.cases.iter().filter(failed).chain(judgement.cases.iter().filter(|case| !failed(case)))
        {
            self.case(case);
        }
        if quiet {
            return;
        }
        self.latencies(judgement);
        self.checkers(judgement);
        let counts: Vec<String> = judgement
            .counts()
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(verdict, count)| format!("{count} {}", verdict.name()))
            .collect();
        let mut line = format!("\n{}  {}", self.verdict(judgement.verdict()), counts.join(", "));
        if judgement.interrupted {
            line.push_str("  (interrupted: what was not played was not judged)");
        }
        self.say(&line);
        self.say(&safe(&format!(
            "target {}, generation {}, seed {}",
            self.head.target, self.head.generation, self.head.seed
        )));
        if !self.folder.is_empty() {
            let folder = self.folder.clone();
            self.say(&safe(&format!("report {folder}, exit code {exit_code}")));
        }
    }
}

#[cfg(test)]
mod tests;
