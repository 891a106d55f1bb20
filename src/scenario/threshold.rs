//! Statements about the measurements of a run, such as `send.txt.p99 < 50ms`.

use std::{fmt, time::Duration};

/// One statement that must hold at the end of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The statement as the file has it.
    pub text: String,
    /// What is measured, such as `send.txt` or `errors`.
    pub metric: String,
    /// From where its times are counted.
    pub clock: Clock,
    /// Which figure of the measurements.
    pub statistic: Statistic,
    /// How the figure must relate to the limit.
    pub comparison: Comparison,
    /// The limit.
    pub limit: Limit,
}

/// From where a time is counted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Clock {
    /// From the moment at which it was meant to start.
    #[default]
    Response,
    /// From the moment at which it did start.
    Service,
}

/// A figure of a set of measurements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// How many.
    Count,
    /// How many a second.
    Rate,
    /// The smallest time.
    Min,
    /// The mean time.
    Mean,
    /// The largest time.
    Max,
    /// The time that this share of the measurements, between 0 and 1, does not exceed.
    Quantile(f64),
}

/// How a figure must relate to its limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `>=`
    AtLeast,
    /// `>`
    Greater,
}

/// The right side of a threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// A time.
    Time(Duration),
    /// A count, or a count a second.
    Number(f64),
}

impl Comparison {
    /// Whether `figure` stands in this relation to `limit`.
    pub fn holds(self, figure: f64, limit: f64) -> bool {
        match self {
            Self::Less => figure < limit,
            Self::AtMost => figure <= limit,
            Self::Equal => figure == limit,
            Self::Unequal => figure != limit,
            Self::AtLeast => figure >= limit,
            Self::Greater => figure > limit,
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
