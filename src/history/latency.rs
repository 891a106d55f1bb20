//! How long things took: histograms in microseconds, three digits, one pair a metric.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Significant decimal digits that a histogram keeps.
const DIGITS: u8 = 3;
/// The longest time that is told apart, microseconds: longer than any deadline.
const LONGEST: u64 = 3_600_000_000;

/// From where a time is counted.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Clock {
    /// From the moment at which it was meant to start.
    #[default]
    Response,
    /// From the moment at which it did start.
    Service,
}

/// The times of one metric.
#[derive(Clone, Debug)]
pub struct Latency {
    service: Histogram<u32>,
    response: Histogram<u32>,
}

impl Default for Latency {
    fn default() -> Self {
        let empty =
            || Histogram::new_with_bounds(1, LONGEST, DIGITS).expect("1 < LONGEST, and 3 digits are allowed");
        Self { service: empty(), response: empty() }
    }
}

impl Latency {
    /// Adds one measurement.
    pub fn record(&mut self, service: Duration, response: Duration) {
        self.service.saturating_record(micros(service));
        self.response.saturating_record(micros(response));
    }

    /// Adds the measurements of `other`.
    pub fn merge(&mut self, other: &Self) {
        const FITS: &str = "all histograms have the same bounds";
        self.service.add(&other.service).expect(FITS);
        self.response.add(&other.response).expect(FITS);
    }

    /// How many measurements there are.
    pub fn count(&self) -> u64 {
        self.response.len()
    }

    /// The figures of one of the two times.
    pub fn figures(&self, clock: Clock) -> Figures {
        let histogram = match clock {
            Clock::Response => &self.response,
            Clock::Service => &self.service,
        };
        let quantile = |quantile| histogram.value_at_quantile(quantile);
        Figures {
            count: histogram.len(),
            min: Duration::from_micros(histogram.min()),
            mean: Duration::from_secs_f64(histogram.mean() / 1e6),
            p50: Duration::from_micros(quantile(0.5)),
            p90: Duration::from_micros(quantile(0.9)),
            p95: Duration::from_micros(quantile(0.95)),
            p99: Duration::from_micros(quantile(0.99)),
            p999: Duration::from_micros(quantile(0.999)),
            max: Duration::from_micros(histogram.max()),
        }
    }

    /// The time that this share of the measurements, between 0 and 1, does not exceed.
    pub fn quantile(&self, clock: Clock, quantile: f64) -> Duration {
        let histogram = match clock {
            Clock::Response => &self.response,
            Clock::Service => &self.service,
        };
        Duration::from_micros(histogram.value_at_quantile(quantile))
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1)
}

/// What a report shows of one histogram.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Figures {
    /// How many measurements.
    pub count: u64,
    /// The smallest.
    pub min: Duration,
    /// The mean.
    pub mean: Duration,
    /// The median.
    pub p50: Duration,
    /// 90 % are not above.
    pub p90: Duration,
    /// 95 % are not above.
    pub p95: Duration,
    /// 99 % are not above.
    pub p99: Duration,
    /// 99.9 % are not above.
    pub p999: Duration,
    /// The largest.
    pub max: Duration,
}

/// The times and counts of a run, by metric name.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    times: Vec<(&'static str, Latency)>,
    counts: Vec<(&'static str, u64)>,
}

impl Latencies {
    /// Adds the measurements of `latency` to those of the metric.
    pub fn add_times(&mut self, name: &'static str, latency: &Latency) {
        if latency.count() == 0 {
            return;
        }
        match self.times.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => known.merge(latency),
            None => self.times.push((name, latency.clone())),
        }
    }

    /// Adds to the count of the metric.
    pub fn add_count(&mut self, name: &'static str, count: u64) {
        match self.counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known += count,
            None => self.counts.push((name, count)),
        }
    }

    /// Adds everything that `other` has.
    pub fn merge(&mut self, other: &Self) {
        for (name, latency) in &other.times {
            self.add_times(name, latency);
        }
        for (name, count) in &other.counts {
            self.add_count(name, *count);
        }
    }

    /// The times of a metric, if anything was measured.
    pub fn times_of(&self, name: &str) -> Option<&Latency> {
        self.times.iter().find(|(known, _)| *known == name).map(|(_, latency)| latency)
    }

    /// The count of a metric that is counted, not timed.
    pub fn count_of(&self, name: &str) -> Option<u64> {
        self.counts.iter().find(|(known, _)| *known == name).map(|(_, count)| *count)
    }

    /// All metrics with times, in the order in which they were first measured.
    pub fn times(&self) -> impl Iterator<Item = (&'static str, &Latency)> {
        self.times.iter().map(|(name, latency)| (*name, latency))
    }

    /// All metrics that are counted.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.counts.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_and_service_times_are_kept_apart() {
        let mut latency = Latency::default();
        latency.record(Duration::from_micros(10), Duration::from_millis(900));
        assert_eq!(latency.figures(Clock::Service).max, Duration::from_micros(10));
        let response = latency.figures(Clock::Response).max;
        assert!(
            response >= Duration::from_millis(900) && response < Duration::from_millis(901),
            "{response:?}"
        );
    }

    #[test]
    fn merging_loses_no_measurement() {
        let (mut merged, mut one) = (Latencies::default(), Latency::default());
        for micros in 1..=1000 {
            one.record(Duration::from_micros(micros), Duration::from_micros(micros));
        }
        merged.add_times("send.txt", &one);
        merged.add_times("send.txt", &one);
        let figures = merged.times_of("send.txt").unwrap().figures(Clock::Response);
        assert_eq!((figures.count, figures.p50), (2000, Duration::from_micros(500)));
    }
}
