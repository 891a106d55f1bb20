//! What a scenario file says, once it has been read and found free of mistakes: every name is
//! resolved, every expression compiled, every default filled in.

mod actor;
mod load;
mod message;
mod operation;
mod step;
mod world;

use std::{collections::BTreeSet, time::Duration};

use minijinja::Value;

use super::threshold::Threshold;
pub use actor::{Account, Actor, ActorId};
pub use load::{Arrival, Load, Model, Shape, Stage};
pub use message::{File, Message, Options, Send};
pub use operation::{
    DeleteSession, Download, History, Order, Readers, Recall, Receipt, ReceiptKind, Sessions, Source, Upload,
};
pub use step::{
    Action, Address, Authorization, Deed, Expect, Filter, Method, Never, Perform, Performer, Place, Refused,
    Rest, Sender, Step,
};
pub use world::{Conference, World};

/// One conversation between a few actors, ready to be played.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name: a slug, unique among shipped scenarios.
    pub name: String,
    /// One line for people.
    pub title: Option<String>,
    /// Headings of the document that it rests on.
    pub cites: Vec<String>,
    /// Capabilities that the target must have; else the scenario is not applicable.
    pub requires: Vec<&'static str>,
    /// Checkers that must have found something to judge; else the run is undecided.
    pub checkers: Vec<String>,
    /// What a conformance case says of itself.
    pub case: Case,
    /// Who takes part, in the order of the file. [`ActorId`] is a place in this list.
    pub actors: Vec<Actor>,
    /// What must be true before the first step.
    pub world: World,
    /// Constants of the file, as `vars.name` in expressions.
    pub vars: Value,
    /// What its expressions read of the target, behind `target.`: `recall_window`, `words.sensitive`, ….
    pub facts: BTreeSet<String>,
    /// The script.
    pub steps: Vec<Step>,
    /// How much of it; `None` is one cast that plays once.
    pub load: Option<Load>,
    /// Statements about the measurements of the run.
    pub thresholds: Vec<Threshold>,
    /// How long one conversation may take from its first step to its last.
    pub timeout: Duration,
}

impl Scenario {
    /// The actor of this id.
    ///
    /// # Panics
    /// When the id comes from another scenario.
    pub fn actor(&self, id: ActorId) -> &Actor {
        &self.actors[id.0]
    }

    /// How many clients one cast has.
    pub fn clients_per_cast(&self) -> usize {
        self.actors.iter().map(|actor| actor.count as usize).sum()
    }
}

/// What a conformance case says of itself, beyond what every scenario says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Case {
    /// A stable id such as `ack/duplicate-id`.
    pub id: Option<String>,
    /// The requirement in our own words.
    pub rule: Option<String>,
    /// `must`, `should` or `may`.
    pub severity: Option<&'static str>,
    /// Where the rule comes from: `D`, `W`, `T`, `X` or `I`.
    pub provenance: Option<&'static str>,
    /// The frozen requirement set that it belongs to.
    pub set: Option<String>,
    /// Faults that this case must catch.
    pub killed_by: Vec<String>,
    /// Free words to select by.
    pub tags: Vec<String>,
}
