//! What reporters fold: the course of a run, told as it happens.

use std::{path::PathBuf, sync::Arc, time::Duration};

/// Whoever wants to know how a run goes. Called from many tasks; must not block for long.
pub trait Listener: Send + Sync {
    /// Something happened.
    fn on(&self, event: &Event);
}

/// Something happened in a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The run began.
    RunStarted {
        /// The version of this program.
        version: &'static str,
        /// What every random choice comes from.
        seed: u64,
        /// The SDK generation that clients play unless a scenario says otherwise.
        generation: String,
        /// The server under test, for people.
        target: String,
        /// Where the report goes.
        folder: PathBuf,
    },
    /// A scenario began.
    ScenarioStarted {
        /// Its name.
        scenario: Arc<str>,
        /// Its title.
        title: Option<String>,
        /// The number of casts.
        casts: u32,
        /// The number of clients of one cast.
        clients: usize,
    },
    /// A step began. Only told when a single conversation is played.
    StepStarted {
        /// The scenario.
        scenario: Arc<str>,
        /// The line of the step.
        line: u32,
        /// What it does, for people.
        says: String,
    },
    /// A step ended as it should. Only told when a single conversation is played.
    StepEnded {
        /// The scenario.
        scenario: Arc<str>,
        /// The line of the step.
        line: u32,
        /// How long it took.
        took: Duration,
    },
    /// A conversation did not go as its script says.
    Failed {
        /// The scenario.
        scenario: Arc<str>,
        /// What went wrong where.
        failure: Box<Failure>,
    },
    /// How a run under load goes, about once a second.
    Progress {
        /// The scenario.
        scenario: Arc<str>,
        /// Since its first conversation began.
        elapsed: Duration,
        /// Conversations played to their end.
        conversations: u64,
        /// Conversations that failed.
        failed: u64,
        /// Conversations that are being played.
        playing: u64,
        /// Conversations that found no free cast when they were due.
        late: u64,
        /// The median and the 99th percentile of a send, if there was one.
        send: Option<(Duration, Duration)>,
    },
    /// A scenario ended.
    ScenarioEnded {
        /// Its name.
        scenario: Arc<str>,
        /// How.
        ending: Ending,
        /// How long it took.
        took: Duration,
    },
    /// Something that a person should know and that changes no verdict.
    Remark {
        /// The scenario that it is about.
        scenario: Arc<str>,
        /// What.
        text: String,
    },
}

/// How the playing of a scenario ended, before its history is judged.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// Every conversation went as the script says.
    Passed,
    /// At least one did not.
    Failed {
        /// How many.
        conversations: u64,
        /// The first ones, each with its evidence.
        failures: Vec<Failure>,
    },
    /// The target lacks something that the scenario requires.
    NotApplicable {
        /// What.
        reason: String,
    },
    /// It could not be tried.
    NotTestable {
        /// Why.
        reason: String,
    },
    /// The target cannot be reached, or its set-up failed.
    Unreachable {
        /// What failed.
        reason: String,
    },
    /// It was interrupted.
    Interrupted,
    /// A defect of this program.
    Broken {
        /// What broke.
        reason: String,
    },
}

/// A step that did not go as the script says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failure {
    /// The file of the scenario, as given.
    pub file: String,
    /// The line of the step.
    pub line: u32,
    /// The column of the step.
    pub column: u32,
    /// Which cast.
    pub cast: u32,
    /// Which conversation of this cast, from 1.
    pub iteration: u64,
    /// What the step does, for people.
    pub step: String,
    /// What should have happened.
    pub expected: String,
    /// What did happen.
    pub observed: String,
    /// Events that came instead, oldest first.
    pub also_seen: Vec<String>,
    /// The last things that happened in this conversation, oldest first.
    pub transcript: Vec<String>,
    /// Whether it says something about the server; otherwise the step could not be tried.
    pub blames_target: bool,
}

impl Failure {
    /// Where it happened and what was expected, in one line.
    pub fn headline(&self) -> String {
        format!(
            "{}:{}: {}: expected {}, observed {}",
            self.file, self.line, self.step, self.expected, self.observed
        )
    }
}
