//! Plays one scenario from its set-up to its end, as often and as fast as its load says.

mod casts;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{
    cast::Cast,
    dismiss::Remains,
    pace::Profile,
    setup::SetupError,
    stage::{Stage, Telling},
    stop::Stop,
    target::Target,
};
use crate::{
    client::Clock,
    history::{self, Ending, Event, Failure, Listener, Recorder, Secrets},
    protocol::time::Moment,
    scenario::{Scenario, model::Model},
};

/// How many failures are kept with their evidence.
const FAILURES: usize = 10;
/// How often a run under load says how it goes.
const PROGRESS: Duration = Duration::from_secs(1);

/// What it takes to play a scenario.
#[derive(Clone)]
pub struct Playing {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Its file, as the user named it.
    pub file: Arc<str>,
    /// The server under test.
    pub target: Arc<Target>,
    /// What every made name contains, so that two runs never meet: a few characters of a-z and 0-9.
    pub run: Arc<str>,
    /// What every random choice comes from.
    pub seed: u64,
    /// The clock of the run, which the target's networks share.
    pub clock: Clock,
    /// Takes records and measurements.
    pub recorder: Recorder,
    /// Hears how it goes.
    pub listener: Arc<dyn Listener>,
    /// Learns the passwords and tokens of the run, to keep them out of every report.
    pub secrets: Secrets,
    /// Ends it early.
    pub stop: Stop,
}

/// Plays the scenario to its end and takes away what was made for it.
pub async fn play(playing: Playing) -> Ending {
    let begun = Instant::now();
    let name: Arc<str> = playing.scenario.name.as_str().into();
    let casts = playing.scenario.load.as_ref().map_or(1, |load| load.casts);
    playing.listener.on(&Event::ScenarioStarted {
        scenario: Arc::clone(&name),
        title: playing.scenario.title.clone(),
        casts,
        clients: playing.scenario.clients_per_cast(),
    });
    let run = Arc::new(Run {
        playing,
        name: Arc::clone(&name),
        failures: Mutex::default(),
        remains: Mutex::default(),
        failed: AtomicU64::new(0),
        played: AtomicU64::new(0),
        active: AtomicU64::new(0),
        late: AtomicU64::new(0),
    });
    let ending = run.play_all(casts).await;
    let (scenario, took) = (name, begun.elapsed());
    run.playing.listener.on(&Event::ScenarioEnded { scenario, ending: ending.clone(), took });
    ending
}

/// One scenario being played.
struct Run {
    playing: Playing,
    name: Arc<str>,
    failures: Mutex<Vec<Failure>>,
    remains: Mutex<Remains>,
    failed: AtomicU64,
    played: AtomicU64,
    active: AtomicU64,
    late: AtomicU64,
}

impl Run {
    async fn play_all(self: &Arc<Self>, casts: u32) -> Ending {
        let Playing { scenario, target, stop, .. } = &self.playing;
        if let Some(lacking) = target.lacks(&scenario.requires) {
            return Ending::NotApplicable { reason: format!("the target does not offer {lacking}") };
        }
        if let Some(fact) = target.does_not_tell(&scenario.facts) {
            let reason = format!("the target's profile does not tell {fact}, which the scenario reads");
            return Ending::NotTestable { reason };
        }
        let casts = match self.assemble(casts).await {
            Ok(casts) => casts,
            Err(error) => {
                self.tell_remains();
                return match error {
                    SetupError::Stopped => Ending::Interrupted,
                    SetupError::NotTestable(reason) => Ending::NotTestable { reason },
                    SetupError::Failed(reason) => Ending::Unreachable { reason },
                };
            }
        };
        let broken = self.perform(&casts).await;
        if !stop.is_thrown() {
            let settled = join_all(casts.iter().map(|cast| cast.settle()));
            let open = tokio::select! {
                open = settled => open.concat(),
                () = stop.thrown() => Vec::new(),
            };
            open.into_iter().for_each(|open| self.remark(open));
        }
        self.dismiss(&casts).await;
        self.tell_breaches(&casts);
        self.tell_remains();
        self.ending(broken)
    }

    /// A server may break the protocol without harm to the script; nobody should miss it.
    fn tell_breaches(&self, casts: &[Arc<Cast>]) {
        let breaches: Vec<_> = casts.iter().filter_map(|cast| cast.ledger.breaches()).collect();
        let count: u64 = breaches.iter().map(|(count, _)| count).sum();
        if let Some((_, first)) = breaches.first() {
            self.remark(format!("the server broke the protocol, {count} times in all; first: {first}"));
        }
    }

    fn ending(&self, broken: Option<String>) -> Ending {
        let conversations = self.failed.load(Ordering::Acquire);
        let failures = std::mem::take(&mut *self.failures.lock().unwrap_or_else(PoisonError::into_inner));
        match broken {
            Some(reason) => Ending::Broken { reason },
            None if self.playing.stop.is_thrown() => Ending::Interrupted,
            None if conversations > 0 => Ending::Failed { conversations, failures },
            None => Ending::Passed,
        }
    }

    /// Lets the casts play; the result is a defect of this program, if one showed.
    async fn perform(self: &Arc<Self>, casts: &[Arc<Cast>]) -> Option<String> {
        let start = self.playing.clock.now();
        let mut tasks = JoinSet::new();
        match &self.playing.scenario.load {
            None => {
                let (run, cast) = (Arc::clone(self), Arc::clone(&casts[0]));
                tasks.spawn(async move { run.converse(&cast, 1, start).await });
            }
            Some(load) => match load.model {
                Model::Closed { think } => {
                    let profile = Arc::new(Profile::new(load));
                    for cast in casts {
                        let (run, cast, profile) = (Arc::clone(self), Arc::clone(cast), Arc::clone(&profile));
                        tasks.spawn(async move { run.closed(&cast, &profile, think, start).await });
                    }
                }
                Model::Open { arrival } => {
                    // The number of arrivals is finite and each takes a few bytes here.
                    let (due, queue) = mpsc::unbounded_channel();
                    let queue = Arc::new(tokio::sync::Mutex::new(queue));
                    let idle = Arc::new(AtomicU64::new(casts.len() as u64));
                    for cast in casts {
                        let (run, cast) = (Arc::clone(self), Arc::clone(cast));
                        let (queue, idle) = (Arc::clone(&queue), Arc::clone(&idle));
                        tasks.spawn(async move { run.open(&cast, &queue, &idle).await });
                    }
                    let (run, cast) = (Arc::clone(self), Arc::clone(&casts[0]));
                    tasks.spawn(async move { run.dispatch(&cast, arrival, start, &idle, &due).await });
                }
            },
        }
        let watcher = self.playing.scenario.load.is_some().then(|| {
            let run = Arc::clone(self);
            tokio::spawn(async move { run.watch(start).await })
        });
        let mut broken = None;
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                broken.get_or_insert_with(|| error.to_string());
            }
        }
        if let Some(watcher) = watcher {
            watcher.abort();
        }
        broken
    }

    /// One cast of the closed model.
    async fn closed(&self, cast: &Cast, profile: &Option<Profile>, think: Duration, start: Moment) {
        let iterations =
            self.playing.scenario.load.as_ref().and_then(|load| load.iterations).unwrap_or(u64::MAX);
        let place = f64::from(cast.ledger.cast().0);
        for iteration in 1..=iterations {
            if let Some(profile) = profile {
                let elapsed = self.playing.clock.now().since(start);
                let Some(join) = profile.exceeds(place, elapsed) else { return };
                if !self.wait_until(start + join).await {
                    return;
                }
            }
            if self.playing.stop.is_thrown() {
                return;
            }
            self.converse(cast, iteration, self.playing.clock.now()).await;
            if !think.is_zero() && !self.wait_until(self.playing.clock.now() + think).await {
                return;
            }
        }
    }

    /// One cast of the open model: plays what is due, in the order of being due.
    async fn open(
        &self,
        cast: &Cast,
        queue: &tokio::sync::Mutex<mpsc::UnboundedReceiver<Moment>>,
        idle: &AtomicU64,
    ) {
        let mut iteration = 0;
        while !self.playing.stop.is_thrown() {
            let Some(due) = queue.lock().await.recv().await else { return };
            idle.fetch_sub(1, Ordering::AcqRel);
            iteration += 1;
            self.converse(cast, iteration, due).await;
            idle.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Says when conversations of the open model are due, whether or not a cast is free.
    async fn dispatch(
        &self,
        books: &Cast,
        arrival: crate::scenario::model::Arrival,
        start: Moment,
        idle: &AtomicU64,
        due: &mpsc::UnboundedSender<Moment>,
    ) {
        let Some(load) = &self.playing.scenario.load else { return };
        let Some(profile) = Profile::new(load) else { return };
        let limit = load.iterations.map_or(usize::MAX, |each| {
            usize::try_from(each.saturating_mul(u64::from(load.casts))).unwrap_or(usize::MAX)
        });
        for after in profile.arrivals(arrival, self.playing.seed).take(limit) {
            if !self.wait_until(start + after).await {
                return;
            }
            if idle.load(Ordering::Acquire) == 0 {
                self.late.fetch_add(1, Ordering::AcqRel);
                books.ledger.late();
            }
            if due.send(start + after).is_err() {
                return;
            }
        }
    }

    /// Plays the script once.
    async fn converse(&self, cast: &Cast, iteration: u64, intended: Moment) {
        let Playing { scenario, file, clock, stop, listener, .. } = &self.playing;
        let begun = clock.now();
        cast.ledger.begin(begun.since(intended));
        if iteration > 1 {
            cast.everyone().for_each(|member| member.ears.inbox.clear());
        }
        let telling = match scenario.load {
            None => Telling::Steps(&**listener),
            Some(_) => Telling::Nothing,
        };
        let stage = Stage { cast, telling, file, name: &self.name, iteration };
        self.active.fetch_add(1, Ordering::AcqRel);
        let ended = tokio::select! {
            ended = tokio::time::timeout(scenario.timeout, stage.play()) => ended,
            () = stop.thrown() => {
                self.active.fetch_sub(1, Ordering::AcqRel);
                return;
            }
        };
        self.active.fetch_sub(1, Ordering::AcqRel);
        self.played.fetch_add(1, Ordering::AcqRel);
        cast.ledger.end(clock.now().since(begun));
        let failure = match ended {
            Ok(Ok(())) => return,
            Ok(Err(failure)) => failure,
            Err(_) => Box::new(stage.over_time(scenario.timeout)),
        };
        self.failed.fetch_add(1, Ordering::AcqRel);
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() < FAILURES {
            failures.push((*failure).clone());
            drop(failures);
            listener.on(&Event::Failed { scenario: Arc::clone(&self.name), failure });
        }
    }

    /// Tells once a second how it goes.
    async fn watch(&self, start: Moment) {
        let Playing { clock, listener, recorder, .. } = &self.playing;
        for tick in 1_u32.. {
            sleep_until(clock.instant(start + PROGRESS * tick)).await;
            let latencies = recorder.latencies();
            let send = latencies.times_of("send.txt").map(|times| {
                let figures = times.figures(history::Clock::Response);
                (figures.p50, figures.p99)
            });
            listener.on(&Event::Progress {
                scenario: Arc::clone(&self.name),
                elapsed: clock.now().since(start),
                conversations: self.played.load(Ordering::Acquire),
                failed: self.failed.load(Ordering::Acquire),
                playing: self.active.load(Ordering::Acquire),
                late: self.late.load(Ordering::Acquire),
                send,
            });
        }
    }

    /// Waits for a moment; false if the run is stopped before.
    async fn wait_until(&self, moment: Moment) -> bool {
        tokio::select! {
            () = sleep_until(self.playing.clock.instant(moment)) => true,
            () = self.playing.stop.thrown() => false,
        }
    }

    fn remark(&self, text: String) {
        self.playing.listener.on(&Event::Remark { scenario: Arc::clone(&self.name), text });
    }
}
