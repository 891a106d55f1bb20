//! Thresholds: whether the measurements of a run are as the scenario demands.

use std::time::Duration;

use crate::{
    history::{self, Latencies},
    scenario::threshold::{Clock, Limit, Statistic, Threshold},
};

/// A threshold and what was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The statement as the file has it.
    pub text: String,
    /// The figure, for people.
    pub observed: String,
    /// Whether it holds; `None` if nothing was measured.
    pub holds: Option<bool>,
}

/// Holds a threshold against the measurements of a scenario that took this long.
pub fn measure(threshold: &Threshold, latencies: &Latencies, took: Duration) -> Measured {
    let figure = figure(threshold, latencies, took);
    let limit = match threshold.limit {
        Limit::Time(time) => time.as_secs_f64(),
        Limit::Number(number) => number,
    };
    Measured {
        text: threshold.text.clone(),
        observed: match (figure, threshold.limit) {
            (None, _) => "nothing was measured".to_owned(),
            (Some(figure), Limit::Time(_)) => {
                let rounded = Duration::from_micros((figure * 1e6).round() as u64);
                format!("{rounded:?}")
            }
            (Some(figure), Limit::Number(_)) if figure.fract() == 0.0 => format!("{figure}"),
            (Some(figure), Limit::Number(_)) => format!("{figure:.3}"),
        },
        holds: figure.map(|figure| threshold.comparison.holds(figure, limit)),
    }
}

/// Seconds for times, plain numbers for counts and rates.
fn figure(threshold: &Threshold, latencies: &Latencies, took: Duration) -> Option<f64> {
    let clock = match threshold.clock {
        Clock::Response => history::Clock::Response,
        Clock::Service => history::Clock::Service,
    };
    let times = latencies.times_of(&threshold.metric);
    let count =
        || times.map(|times| times.count()).or_else(|| latencies.count_of(&threshold.metric)).unwrap_or(0);
    let figures = times.map(|times| times.figures(clock));
    match threshold.statistic {
        Statistic::Count => Some(count() as f64),
        Statistic::Rate => Some(count() as f64 / took.as_secs_f64().max(1e-6)),
        Statistic::Min => figures.map(|figures| figures.min.as_secs_f64()),
        Statistic::Mean => figures.map(|figures| figures.mean.as_secs_f64()),
        Statistic::Max => figures.map(|figures| figures.max.as_secs_f64()),
        Statistic::Quantile(share) => times.map(|times| times.quantile(clock, share).as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{history::Latency, scenario::threshold::Comparison};

    fn threshold(metric: &str, statistic: Statistic, comparison: Comparison, limit: Limit) -> Threshold {
        Threshold {
            text: "as written".to_owned(),
            metric: metric.to_owned(),
            clock: Clock::Response,
            statistic,
            comparison,
            limit,
        }
    }

    #[test]
    fn percentiles_are_held_against_times() {
        let (mut latencies, mut latency) = (Latencies::default(), Latency::default());
        latency.record(Duration::from_millis(1), Duration::from_millis(40));
        latencies.add_times("send.txt", &latency);
        let limit = Limit::Time(Duration::from_millis(50));
        let p99 = threshold("send.txt", Statistic::Quantile(0.99), Comparison::Less, limit);
        assert_eq!(measure(&p99, &latencies, Duration::from_secs(1)).holds, Some(true));
        let slow = Threshold { limit: Limit::Time(Duration::from_millis(30)), ..p99 };
        assert_eq!(measure(&slow, &latencies, Duration::from_secs(1)).holds, Some(false));
        let service = Threshold { clock: Clock::Service, ..slow };
        assert_eq!(measure(&service, &latencies, Duration::from_secs(1)).holds, Some(true));
    }

    #[test]
    fn a_count_of_nothing_is_zero_and_a_time_of_nothing_is_unknown() {
        let none = Latencies::default();
        let errors = threshold("errors", Statistic::Count, Comparison::Equal, Limit::Number(0.0));
        assert_eq!(measure(&errors, &none, Duration::from_secs(1)).holds, Some(true));
        let limit = Limit::Time(Duration::from_secs(1));
        let login = threshold("login", Statistic::Max, Comparison::Less, limit);
        assert_eq!(measure(&login, &none, Duration::from_secs(1)).holds, None);
    }
}
