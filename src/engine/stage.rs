//! Walks through the steps of one conversation.

use std::{pin::Pin, sync::Arc, time::Duration};

use futures_util::future::join_all;

use super::{
    cast::Cast,
    member::Member,
    setback::{Blame, Setback},
};
use crate::{
    history::{Event, Failure, Listener},
    scenario::{
        Expression, Scope, Value,
        model::{Action, ActorId, Deed, Performer, Step},
    },
};

/// What one line of play knows: its names and, inside `each`, who `self` is.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) scope: Scope,
    pub(super) myself: Option<Arc<Member>>,
    /// Names bound since the frame was split off, for whoever joins it again.
    bound: Vec<(Arc<str>, Value)>,
}

impl Frame {
    fn new(scope: Scope) -> Self {
        Self { scope, myself: None, bound: Vec::new() }
    }

    /// A frame of its own for one branch.
    fn split(&self, myself: Option<Arc<Member>>) -> Self {
        Self { scope: self.scope.clone(), myself, bound: Vec::new() }
    }

    pub(super) fn bind(&mut self, name: &Arc<str>, value: Value) {
        self.scope.bind(Arc::clone(name), value.clone());
        self.bound.push((Arc::clone(name), value));
    }

    /// Takes over what a branch has bound.
    fn join(&mut self, branch: Self) {
        for (name, value) in branch.bound {
            self.bind(&name, value);
        }
    }
}

/// How much is told of single steps.
#[derive(Clone, Copy)]
pub(super) enum Telling<'a> {
    /// Each step, as it begins and ends.
    Steps(&'a dyn Listener),
    /// Nothing: too many conversations are played.
    Nothing,
}

/// One conversation being played.
pub(super) struct Stage<'a> {
    pub(super) cast: &'a Cast,
    pub(super) telling: Telling<'a>,
    pub(super) file: &'a str,
    pub(super) name: &'a Arc<str>,
    pub(super) iteration: u64,
}

type Walk<'a> = Pin<Box<dyn Future<Output = Result<(), Box<Failure>>> + Send + 'a>>;

impl<'a> Stage<'a> {
    /// Plays every step.
    ///
    /// # Errors
    /// The first step that does not go as the script says.
    pub(super) async fn play(&self) -> Result<(), Box<Failure>> {
        let mut scope = self.cast.scope.clone();
        scope.bind("iteration", Value::from(self.iteration));
        self.cast.introduce(&mut scope);
        let mut frame = Frame::new(scope);
        self.walk(&self.cast.scenario.steps, &mut frame, Depth::Top).await
    }

    fn walk<'b>(&'b self, steps: &'b [Step], frame: &'b mut Frame, depth: Depth) -> Walk<'b> {
        Box::pin(async move {
            for step in steps {
                self.step(step, frame, depth).await?;
            }
            Ok(())
        })
    }

    async fn step(&self, step: &Step, frame: &mut Frame, depth: Depth) -> Result<(), Box<Failure>> {
        let clock = self.cast.ledger.clock();
        let begun = match (depth, self.telling) {
            (Depth::Top, Telling::Steps(listener)) => {
                let (scenario, line) = (Arc::clone(self.name), step.place.line);
                listener.on(&Event::StepStarted { scenario, line, says: said(&step.action, self.cast) });
                Some((listener, clock.now()))
            }
            _ => None,
        };
        self.act(step, frame).await?;
        if let Some((listener, begun)) = begun {
            let (scenario, line) = (Arc::clone(self.name), step.place.line);
            listener.on(&Event::StepEnded { scenario, line, took: clock.now().since(begun) });
        }
        Ok(())
    }

    async fn act(&self, step: &Step, frame: &mut Frame) -> Result<(), Box<Failure>> {
        let outcome = match &step.action {
            Action::Each { group, steps } => return self.each(*group, steps, frame).await,
            Action::Parallel(steps) => return self.parallel(steps, frame).await,
            Action::Repeat { times, counter, steps } => {
                for pass in 1..=*times {
                    if let Some(counter) = counter {
                        frame.bind(counter, Value::from(pass));
                    }
                    self.walk(steps, frame, Depth::Inside).await?;
                }
                return Ok(());
            }
            Action::Perform(perform) => self.cast.perform(perform, frame).await,
            Action::Pause(time) => {
                tokio::time::sleep(*time).await;
                Ok(())
            }
            Action::Check(expression) => check(expression, &frame.scope),
            Action::Set(values) => values.iter().try_for_each(|(name, expression)| {
                let value = expression.evaluate(&frame.scope)?;
                frame.bind(name, value);
                Ok(())
            }),
            Action::Rest { call, bind, within } => {
                let outcome = self.cast.call_rest(None, call, *within, frame).await;
                outcome.map(|answer| {
                    if let Some(name) = bind {
                        frame.bind(name, answer);
                    }
                })
            }
        };
        outcome.map_err(|setback| Box::new(self.failure(step, setback)))
    }

    async fn each(&self, group: ActorId, steps: &[Step], frame: &Frame) -> Result<(), Box<Failure>> {
        let members = &self.cast.members[group.0];
        let plays = members.iter().map(|member| {
            let mut own = frame.split(Some(Arc::clone(member)));
            own.scope.bind("self", member.value());
            async move { self.walk(steps, &mut own, Depth::Inside).await }
        });
        join_all(plays).await.into_iter().collect()
    }

    async fn parallel(&self, steps: &[Step], frame: &mut Frame) -> Result<(), Box<Failure>> {
        let branches = steps.iter().map(|step| {
            let mut own = frame.split(frame.myself.clone());
            async move {
                self.walk(std::slice::from_ref(step), &mut own, Depth::Inside).await?;
                Ok::<_, Box<Failure>>(own)
            }
        });
        for branch in join_all(branches).await {
            frame.join(branch?);
        }
        Ok(())
    }

    fn failure(&self, step: &Step, setback: Setback) -> Failure {
        self.cast.ledger.error();
        Failure {
            file: self.file.to_owned(),
            line: step.place.line,
            column: step.place.column,
            cast: self.cast.ledger.cast().0,
            iteration: self.iteration,
            step: said(&step.action, self.cast),
            expected: setback.expected,
            observed: setback.observed,
            also_seen: setback.also_seen,
            transcript: self.cast.ledger.transcript(),
            blames_target: setback.blame == Blame::Target,
        }
    }

    /// A failure of the conversation as a whole.
    pub(super) fn over_time(&self, timeout: Duration) -> Failure {
        self.cast.ledger.error();
        Failure {
            file: self.file.to_owned(),
            line: 1,
            column: 1,
            cast: self.cast.ledger.cast().0,
            iteration: self.iteration,
            step: "the whole conversation".to_owned(),
            expected: format!("it ends within {timeout:?} (`timeout`)"),
            observed: "it did not".to_owned(),
            also_seen: Vec::new(),
            transcript: self.cast.ledger.transcript(),
            blames_target: false,
        }
    }
}

/// Whether a step stands at the top of the script or inside another one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Depth {
    Top,
    Inside,
}

/// A statement must hold; if it does not, the values that it speaks of are the evidence.
fn check(expression: &Expression, scope: &Scope) -> Result<(), Setback> {
    match expression.holds(scope) {
        Ok(true) => return Ok(()),
        Err(error) if !error.is_absence => return Err(error.into()),
        Ok(false) | Err(_) => {}
    }
    let values = super::evidence::values(expression, scope);
    let observed = if values.is_empty() { "it does not hold" } else { &values };
    Err(Setback::target(format!("`{}` holds", expression.text()), observed))
}

/// A step in a few words.
fn said(action: &Action, cast: &Cast) -> String {
    match action {
        Action::Perform(perform) => {
            let actor = |id: ActorId| &cast.scenario.actor(id).name;
            let who = match perform.who {
                Performer::One(id, _) if !cast.scenario.actor(id).is_group => actor(id).clone(),
                Performer::One(id, index) => format!("{}[{index}]", actor(id)),
                Performer::All(id) => format!("every {}", actor(id)),
                Performer::Myself => "self".to_owned(),
            };
            let what = match &perform.deed {
                Deed::Expect(expect) => format!("expect {}", expect.event),
                Deed::Never(never) => format!("never {}", never.event),
                deed => deed.verb().to_owned(),
            };
            format!("{who}: {what}")
        }
        Action::Each { group, .. } => format!("each {}", cast.scenario.actor(*group).name),
        Action::Parallel(steps) => format!("{} steps in parallel", steps.len()),
        Action::Repeat { times, .. } => format!("repeat {times} times"),
        Action::Pause(time) => format!("pause {time:?}"),
        Action::Check(expression) => format!("check {}", expression.text()),
        Action::Set(values) => {
            format!("set {}", values.iter().map(|(name, _)| &**name).collect::<Vec<_>>().join(", "))
        }
        Action::Rest { call, .. } => format!("rest {} {}", call.method.name(), call.path.text()),
    }
}
