//! When conversations start: arrivals of the open model, and how many casts play in the closed one.
//!
//! Pacing is a value: a new shape of load is another list of segments, not another loop.

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::scenario::model::{Arrival, Load, Shape};

/// The level of the load over time: straight lines, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    segments: Vec<Segment>,
}

/// One straight line of a [`Profile`].
#[derive(Clone, Copy, Debug, PartialEq)]
struct Segment {
    /// Level at its begin.
    from: f64,
    /// Level at its end.
    to: f64,
    /// How long it takes, seconds.
    length: f64,
}

impl Segment {
    /// The area below the line up to `seconds` after its begin.
    fn area(self, seconds: f64) -> f64 {
        self.from.mul_add(seconds, (self.to - self.from) * seconds * seconds / (2.0 * self.length))
    }

    /// When the area below the line reaches `wanted`, which the whole segment has.
    fn reaches(self, wanted: f64) -> f64 {
        if wanted <= 0.0 {
            return 0.0;
        }
        let slope = (self.to - self.from) / self.length;
        if slope.abs() < f64::EPSILON {
            return wanted / self.from;
        }
        // The stable form of the quadratic's root: it never subtracts two near values.
        let root = self.from.mul_add(self.from, 2.0 * slope * wanted).max(0.0).sqrt();
        2.0 * wanted / (self.from + root)
    }
}

impl Profile {
    /// The profile of a load whose level is conversations a second (open model) or `casts` active
    /// casts (closed model). `None` if only iterations end it.
    pub fn new(load: &Load) -> Option<Self> {
        let segments = match &load.shape {
            Shape::Level { rate, ramp, hold } => {
                let level = rate.unwrap_or_else(|| f64::from(load.casts));
                let (ramp, hold) = (ramp.as_secs_f64(), (*hold)?.as_secs_f64());
                let rising = ramp.min(hold);
                vec![
                    Segment { from: 0.0, to: level, length: rising },
                    Segment { from: level, to: level, length: hold - rising },
                ]
            }
            Shape::Stages(stages) => {
                let mut level = 0.0;
                stages
                    .iter()
                    .map(|stage| {
                        let from = std::mem::replace(&mut level, stage.level);
                        Segment { from, to: stage.level, length: stage.length.as_secs_f64() }
                    })
                    .collect()
            }
        };
        Some(Self { segments: segments.into_iter().filter(|segment| segment.length > 0.0).collect() })
    }

    /// How long the load lasts.
    pub fn length(&self) -> Duration {
        Duration::from_secs_f64(self.segments.iter().map(|segment| segment.length).sum())
    }

    /// The level at a time after the start; zero after the end.
    pub fn level(&self, after: Duration) -> f64 {
        let mut seconds = after.as_secs_f64();
        for segment in &self.segments {
            if seconds <= segment.length {
                return (segment.to - segment.from).mul_add(seconds / segment.length, segment.from);
            }
            seconds -= segment.length;
        }
        0.0
    }

    /// When the level next exceeds `level`, at `after` or later; `None` if it never does.
    pub fn exceeds(&self, level: f64, after: Duration) -> Option<Duration> {
        if self.level(after) > level {
            return Some(after);
        }
        let (now, mut begin) = (after.as_secs_f64(), 0.0);
        for segment in &self.segments {
            let end = begin + segment.length;
            if end > now && segment.to > level {
                let crossing = if segment.from > level {
                    begin
                } else {
                    begin + segment.length * (level - segment.from) / (segment.to - segment.from)
                };
                return Some(Duration::from_secs_f64(crossing.max(now)));
            }
            begin = end;
        }
        None
    }

    /// The intended starts of an open model, each as the time after the start of the load.
    pub fn arrivals(&self, arrival: Arrival, seed: u64) -> Arrivals<'_> {
        Arrivals {
            profile: self,
            gaps: match arrival {
                Arrival::Constant => Gaps::Even,
                Arrival::Poisson => Gaps::Random(Box::new(ChaCha8Rng::seed_from_u64(seed))),
            },
            started: 0.0,
            segment: 0,
            begin: 0.0,
            before: 0.0,
        }
    }
}

/// How far apart two arrivals are, in expected arrivals.
#[derive(Debug)]
enum Gaps {
    Even,
    Random(Box<ChaCha8Rng>),
}

impl Gaps {
    fn next(&mut self) -> f64 {
        match self {
            Self::Even => 1.0,
            Self::Random(random) => -(1.0 - random.random::<f64>()).ln(),
        }
    }
}

/// Intended starts, in order.
///
/// The n-th start is where the area below the profile reaches n; a Poisson process of that rate
/// comes from exponential gaps in the area instead of even ones.
#[derive(Debug)]
pub struct Arrivals<'a> {
    profile: &'a Profile,
    gaps: Gaps,
    /// The area of the next arrival.
    started: f64,
    segment: usize,
    /// When the segment begins, and the area before it.
    begin: f64,
    before: f64,
}

impl Iterator for Arrivals<'_> {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let wanted = match &mut self.gaps {
            Gaps::Even => self.started,
            random @ Gaps::Random(_) => self.started + random.next(),
        };
        loop {
            let segment = *self.profile.segments.get(self.segment)?;
            let whole = segment.area(segment.length);
            if wanted - self.before < whole {
                self.started = if matches!(self.gaps, Gaps::Even) { wanted + 1.0 } else { wanted };
                return Some(Duration::from_secs_f64(self.begin + segment.reaches(wanted - self.before)));
            }
            self.before += whole;
            self.begin += segment.length;
            self.segment += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::{Model, Stage};

    fn load(shape: Shape) -> Load {
        Load { model: Model::Open { arrival: Arrival::Constant }, casts: 4, shape, iterations: None }
    }

    fn level(rate: f64, ramp: u64, hold: u64) -> Profile {
        let (ramp, hold) = (Duration::from_secs(ramp), Some(Duration::from_secs(hold)));
        Profile::new(&load(Shape::Level { rate: Some(rate), ramp, hold })).unwrap()
    }

    fn millis(profile: &Profile, arrival: Arrival) -> Vec<u128> {
        profile.arrivals(arrival, 7).map(|start| start.as_millis()).collect()
    }

    #[test]
    fn a_constant_rate_starts_at_even_distances() {
        assert_eq!(millis(&level(4.0, 0, 2), Arrival::Constant), [0, 250, 500, 750, 1000, 1250, 1500, 1750]);
    }

    #[test]
    fn a_ramp_starts_slowly_and_half_as_many() {
        let starts = millis(&level(10.0, 2, 4), Arrival::Constant);
        assert_eq!(starts.len(), 30);
        assert_eq!(starts[..4], [0, 632, 894, 1095]);
        assert_eq!(starts[10..13], [2000, 2100, 2200]);
    }

    #[test]
    fn stages_go_up_and_down() {
        let stage = |level, seconds| Stage { level, length: Duration::from_secs(seconds) };
        let profile =
            Profile::new(&load(Shape::Stages(vec![stage(10.0, 1), stage(10.0, 1), stage(0.0, 1)]))).unwrap();
        assert_eq!(profile.length(), Duration::from_secs(3));
        assert_eq!(millis(&profile, Arrival::Constant).len(), 20);
        assert!((profile.level(Duration::from_millis(2500)) - 5.0).abs() < 1e-9);
        assert!(profile.level(Duration::from_secs(9)).abs() < 1e-9);
    }

    #[test]
    fn a_poisson_process_has_the_rate_and_repeats_with_its_seed() {
        let profile = level(1000.0, 0, 20);
        let starts = millis(&profile, Arrival::Poisson);
        assert!((19_000..21_000).contains(&starts.len()), "{}", starts.len());
        assert_eq!(starts, millis(&profile, Arrival::Poisson));
        assert!(starts.is_sorted());
    }

    #[test]
    fn casts_of_a_closed_ramp_join_one_after_the_other() {
        let shape =
            Shape::Level { rate: None, ramp: Duration::from_secs(4), hold: Some(Duration::from_secs(10)) };
        let profile = Profile::new(&load(shape)).unwrap();
        let joins: Vec<_> = (0..5)
            .map(|cast| profile.exceeds(f64::from(cast), Duration::ZERO).map(|at| at.as_millis()))
            .collect();
        assert_eq!(joins, [Some(0), Some(1000), Some(2000), Some(3000), None]);
    }
}
