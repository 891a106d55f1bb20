//! How many casts play, when they start and for how long.

use std::time::Duration;

/// The load of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// Who decides when a conversation starts.
    pub model: Model,
    /// How many casts there are.
    pub casts: u32,
    /// How the load changes with time.
    pub shape: Shape,
    /// How many conversations each cast plays at most.
    pub iterations: Option<u64>,
}

/// Who decides when a conversation starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Model {
    /// Each cast starts the next conversation when its last one is over.
    Closed {
        /// How long it thinks in between.
        think: Duration,
    },
    /// Conversations start on time, whether or not the server keeps up.
    Open {
        /// How the starts are spread.
        arrival: Arrival,
    },
}

/// How the starts of an open model are spread.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Arrival {
    /// Evenly.
    Constant,
    /// At random, as independent users come.
    Poisson,
}

/// How the load changes with time.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// One level, reached over `ramp` and held until `hold` is over.
    Level {
        /// Conversations a second; open model only.
        rate: Option<f64>,
        /// How long the way from nothing to the level takes; part of `hold`.
        ramp: Duration,
        /// How long the run lasts; `None` only where iterations end it.
        hold: Option<Duration>,
    },
    /// One level after the other, each reached in a straight line from the one before.
    Stages(Vec<Stage>),
}

/// One part of a staged load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// The level at its end: conversations a second (open model) or active casts (closed model).
    pub level: f64,
    /// How long it takes.
    pub length: Duration,
}
