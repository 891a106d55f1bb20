//! The course of a run: the target, one scenario after the other, the verdict and the reports.

use std::{
    io::{self, IsTerminal},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::Timestamp;

use super::{embedded::Embedded, folder, seed};
use crate::{
    cli::{
        exit::Exit,
        output::Output,
        target::{Authority, Own, Plan, Remote, Server},
        world,
    },
    client::{self, Clock, Network, Patience, Trust},
    engine::{self, App, Playing, Registration, Stop, Target},
    history::{Ending, Event, History, Listener, Recorder, Secrets, file::Writer},
    judge::{self, Case, Conclusion, Evidence, Finding, Judgement},
    protocol::generation::Wire,
    report::{
        Colors, Console, Desk, Head, JsonLines, Loudness, Manner, Progress, Reporter, SUMMARY, Summary,
    },
    scenario::Scenario,
    server::world::WorldFile,
    transport::Endpoint,
};

/// The file with everything that happened.
const HISTORY: &str = "history.jsonl.zst";

/// A scenario and where it comes from.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) file: String,
    pub(super) scenario: Arc<Scenario>,
}

/// Everything that the command line asked for.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) scripts: Vec<Script>,
    pub(super) plan: Plan,
    pub(super) seed: u64,
    pub(super) folder: Option<PathBuf>,
    pub(super) output: Output,
    /// The flags that name the target, for whoever plays it again.
    pub(super) again: String,
}

/// What all scenarios of a run share.
struct Stage {
    target: Arc<Target>,
    folder: PathBuf,
    clock: Clock,
    desk: Arc<Desk>,
    secrets: Secrets,
    stop: Stop,
    seed: u64,
}

impl Run {
    /// Plays every scenario and reports.
    pub(super) async fn play(self) -> Exit {
        let stop = Stop::default();
        let interrupted = interruption(stop.clone());
        let exit = self.play_until(stop).await;
        interrupted.abort();
        exit
    }

    async fn play_until(self, stop: Stop) -> Exit {
        let clock = Clock::start();
        let (target, name, embedded) = match self.target(clock).await {
            Ok(found) => found,
            Err(exit) => return exit,
        };
        let title = self.scripts.first().map_or("run", |script| script.scenario.name.as_str());
        let folder = match folder::make(self.folder.as_deref(), &[HISTORY, SUMMARY], title, Timestamp::now())
        {
            Ok(folder) => folder,
            Err(error) => return Exit::Unreachable.because("make the report's folder", &error),
        };
        let head = Head {
            seed: self.seed,
            generation: target.generation.to_string(),
            target: name,
            again: self.again.clone(),
        };
        let secrets = Secrets::default();
        let desk = Arc::new(Desk::new(vec![self.reporter(&head, &secrets)]));
        desk.on(&Event::RunStarted {
            version: env!("CARGO_PKG_VERSION"),
            seed: self.seed,
            generation: head.generation.clone(),
            target: head.target.clone(),
            folder: folder.clone(),
        });
        let stage = Stage { target, folder, clock, desk, secrets, stop, seed: self.seed };
        let mut judgement = Judgement::default();
        for script in &self.scripts {
            if stage.stop.is_thrown() {
                break;
            }
            let case = match stage.perform(script, &mut judgement).await {
                Ok(case) => case,
                // The other scenarios of the run still have results worth reporting.
                Err(error) => script.broken(format!("failed to keep the history: {error}")),
            };
            judgement.cases.push(case);
        }
        if let Some(embedded) = embedded {
            embedded.stop().await;
        }
        judgement.interrupted = stage.stop.is_thrown();
        let exit = exit_of(judgement.conclusion());
        stage.desk.judged(&judgement, exit.code());
        match Summary::new(&head, &judgement, exit.code(), &stage.secrets).write(&stage.folder) {
            Ok(()) => exit,
            Err(error) => Exit::Fault.because("write summary.json", &error),
        }
    }

    /// The server under test, its name for people, and the embedded server if it is that.
    async fn target(&self, clock: Clock) -> Result<(Arc<Target>, String, Option<Embedded>), Exit> {
        match &self.plan.server {
            Server::Embedded(own) => self.embedded(own, clock).await,
            Server::Remote(remote) => Ok((self.remote(remote, clock)?, remote.name.clone(), None)),
        }
    }

    async fn embedded(
        &self,
        own: &Own,
        clock: Clock,
    ) -> Result<(Arc<Target>, String, Option<Embedded>), Exit> {
        let clients = self.scripts.iter().map(|script| script.clients()).max().unwrap_or(0);
        let world = own.world.as_deref().map_or_else(|| Ok(WorldFile::demo()), world::open)?;
        let embedded = Embedded::start(clients, world, own)
            .await
            .map_err(|error| Exit::Unreachable.because("prepare the target", &error))?;
        let places = &embedded.places;
        let network = |url: &str| {
            let endpoint =
                url.parse().map_err(|error| Exit::Fault.because("find the embedded server", &error))?;
            network(endpoint, &places.rest, &places.appkey, &Trust::System, clock)
        };
        let target = Target {
            sockjs: Some(network(&places.sockjs)?),
            raw: Some(network(&places.websocket)?),
            generation: self.plan.generation,
            app_key: places.appkey.clone(),
            capabilities: Some(embedded.capabilities.clone()),
            accounts: embedded.accounts.clone(),
            app: embedded.credentials.clone().map(|(id, secret)| App::Credentials { id, secret }),
            registration: Registration::default(),
            facts: embedded.facts.clone(),
        };
        let mut name = format!("the embedded server at {}", places.rest);
        if !own.faults.is_empty() {
            let faults: Vec<String> = own.faults.iter().map(ToString::to_string).collect();
            name.push_str(&format!(", broken by {}", faults.join(", ")));
        }
        Ok((Arc::new(target), name, Some(embedded)))
    }

    fn remote(&self, remote: &Remote, clock: Clock) -> Result<Arc<Target>, Exit> {
        let Remote { endpoints, rest, app_key, trust, accounts, authority, capabilities, .. } = remote;
        let way = |wire: Wire| {
            let endpoint = endpoints.iter().find(|endpoint| endpoint.wire() == wire);
            endpoint.map(|endpoint| network(endpoint.clone(), rest, app_key, trust, clock)).transpose()
        };
        Ok(Arc::new(Target {
            sockjs: way(Wire::SockJs)?,
            raw: way(Wire::Raw)?,
            generation: self.plan.generation,
            app_key: app_key.clone(),
            capabilities: capabilities.clone(),
            accounts: accounts.clone(),
            app: authority.clone().map(|authority| match authority {
                Authority::Token(token) => App::Token(token),
                Authority::Client { id, secret } => App::Credentials { id, secret },
            }),
            registration: remote.registration,
            facts: remote.facts.clone(),
        }))
    }

    fn reporter(&self, head: &Head, secrets: &Secrets) -> Box<dyn Reporter> {
        let (head, secrets) = (head.clone(), secrets.clone());
        if self.output.json {
            return Box::new(JsonLines::new(head, secrets, io::stdout()));
        }
        let manner = Manner {
            colors: if self.output.colors_stdout() { Colors::On } else { Colors::Off },
            loudness: match (self.output.quiet, self.output.verbose) {
                (true, _) => Loudness::Quiet,
                (false, 0) => Loudness::Plain,
                (false, _) => Loudness::Steps,
            },
            progress: if io::stderr().is_terminal() { Progress::Live } else { Progress::Lines },
        };
        Box::new(Console::new(head, secrets, manner, io::stdout()))
    }
}

impl Script {
    /// How many clients play at the same time.
    fn clients(&self) -> u64 {
        let casts = self.scenario.load.as_ref().map_or(1, |load| u64::from(load.casts));
        casts.saturating_mul(self.scenario.clients_per_cast() as u64)
    }

    /// What is said of it in reports.
    fn id(&self) -> String {
        self.scenario.case.id.clone().unwrap_or_else(|| self.scenario.name.clone())
    }

    /// Its verdict when our own trouble kept it from having another one.
    fn broken(&self, reason: String) -> Case {
        Case::new(Evidence {
            id: self.id(),
            file: self.file.clone(),
            ending: Ending::Broken { reason },
            findings: Vec::new(),
            required: Vec::new(),
            thresholds: Vec::new(),
            took: Duration::ZERO,
        })
    }
}

impl Stage {
    /// Plays one scenario and judges it.
    async fn perform(&self, script: &Script, judgement: &mut Judgement) -> io::Result<Case> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let recorder = Recorder::new(threads);
        let scenario = &script.scenario;
        let path = self.folder.join(HISTORY);
        let writer = Writer::start(&path, recorder.clone(), &scenario.name, self.seed)?;
        let begun = Instant::now();
        let listener: Arc<dyn Listener> = Arc::<Desk>::clone(&self.desk);
        let ending = engine::play(Playing {
            scenario: Arc::clone(scenario),
            file: script.file.as_str().into(),
            target: Arc::clone(&self.target),
            run: seed::run_name().into(),
            seed: self.seed,
            clock: self.clock,
            recorder: recorder.clone(),
            listener,
            secrets: self.secrets.clone(),
            stop: self.stop.clone(),
        })
        .await;
        let took = begun.elapsed();
        let written = tokio::task::spawn_blocking(move || writer.finish()).await;
        let ending = match written.map_err(io::Error::other).flatten() {
            Ok(_) => ending,
            // What is in memory is judged and shown all the same.
            Err(error) => Ending::Broken { reason: format!("failed to write {}: {error}", path.display()) },
        };
        let (findings, latencies) = self.judge(&recorder).await?;
        // Nothing is measured of what was not played.
        let played = !matches!(
            ending,
            Ending::NotApplicable { .. } | Ending::NotTestable { .. } | Ending::Unreachable { .. }
        );
        let thresholds = scenario.thresholds.iter().filter(|_| played);
        let thresholds = thresholds.map(|threshold| judge::measure(threshold, &latencies, took)).collect();
        judgement.latencies.merge(&latencies);
        Ok(Case::new(Evidence {
            id: script.id(),
            file: script.file.clone(),
            ending,
            findings,
            required: scenario.checkers.clone(),
            thresholds,
            took,
        }))
    }

    /// Lets every checker see the history; on a thread of its own, since a long one takes a while.
    async fn judge(&self, recorder: &Recorder) -> io::Result<(Vec<Finding>, crate::history::Latencies)> {
        let latencies = recorder.latencies();
        let history: History = recorder.history();
        let findings = tokio::task::spawn_blocking(move || judge::judge(&history)).await;
        Ok((findings.map_err(io::Error::other)?, latencies))
    }
}

fn network(
    endpoint: Endpoint,
    rest: &str,
    app_key: &str,
    trust: &Trust,
    clock: Clock,
) -> Result<Network, Exit> {
    let (rest, app_key, trust) = (rest.to_owned(), app_key.to_owned(), trust.clone());
    let place = client::Target { endpoint, rest, app_key, trust, patience: Patience::default() };
    Network::new(place, clock).map_err(|error| Exit::Usage.because("prepare the way to the target", &error))
}

fn exit_of(conclusion: Conclusion) -> Exit {
    match conclusion {
        Conclusion::Good => Exit::Good,
        Conclusion::Bad => Exit::Bad,
        Conclusion::Undecided => Exit::Undecided,
        Conclusion::Unreachable => Exit::Unreachable,
        Conclusion::Broken => Exit::Fault,
        Conclusion::Interrupted => Exit::Interrupted,
    }
}

/// The first Ctrl-C or SIGTERM stops the run, which then reports what it has; the second one ends
/// the process.
fn interruption(stop: Stop) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let again = AtomicBool::new(false);
        while interrupted().await.is_ok() {
            if again.swap(true, Ordering::Relaxed) {
                abandon();
            }
            tracing::warn!("stopping; press Ctrl-C again to leave at once");
            stop.throw();
        }
    })
}

#[cfg(unix)]
async fn interrupted() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn interrupted() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

#[expect(clippy::exit, reason = "the second Ctrl-C leaves without cleaning up, as the user asks")]
fn abandon() -> ! {
    std::process::exit(i32::from(Exit::Interrupted.code()))
}
