//! Messages between their sender and their receivers: delivery times have two halves, and either
//! may be known first.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use crate::protocol::{id::ServerId, time::Moment};

/// How many messages are watched at the same time; the oldest makes room for a new one.
const WATCHED: usize = 8192;

/// How long a message took to one receiver.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Delay {
    /// From its actual start.
    pub(super) service: Duration,
    /// From its intended start.
    pub(super) response: Duration,
}

/// The messages of one cast that are under way or were lately.
#[derive(Debug, Default)]
pub(super) struct Flights {
    watched: HashMap<ServerId, Flight>,
    order: VecDeque<ServerId>,
}

#[derive(Debug, Default)]
struct Flight {
    start: Option<Start>,
    /// When receivers had it that were faster than the sender's answer.
    early: Vec<Moment>,
}

#[derive(Clone, Copy, Debug)]
struct Start {
    actual: Moment,
    intended: Moment,
}

impl Start {
    const fn delay(self, at: Moment) -> Delay {
        Delay { service: at.since(self.actual), response: at.since(self.intended) }
    }
}

impl Flights {
    /// The sender knows the id of its message; answers the delays of receivers that were faster.
    pub(super) fn launched(&mut self, id: ServerId, actual: Moment, intended: Moment) -> Vec<Delay> {
        let start = Start { actual, intended };
        let flight = self.watch(id);
        flight.start = Some(start);
        std::mem::take(&mut flight.early).into_iter().map(|at| start.delay(at)).collect()
    }

    /// A receiver has the message; answers its delay if the sender's half is known.
    pub(super) fn arrived(&mut self, id: ServerId, at: Moment) -> Option<Delay> {
        let flight = self.watch(id);
        if flight.start.is_none() {
            flight.early.push(at);
        }
        flight.start.map(|start| start.delay(at))
    }

    fn watch(&mut self, id: ServerId) -> &mut Flight {
        if !self.watched.contains_key(&id) {
            if self.order.len() >= WATCHED
                && let Some(oldest) = self.order.pop_front()
            {
                self.watched.remove(&oldest);
            }
            self.order.push_back(id);
        }
        self.watched.entry(id).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(micros: u64) -> Moment {
        Moment::from_micros(micros)
    }

    #[test]
    fn either_half_may_come_first() {
        let delay = |service, response| Delay {
            service: Duration::from_micros(service),
            response: Duration::from_micros(response),
        };
        let mut flights = Flights::default();
        assert_eq!(flights.arrived(ServerId(1), at(130)), None);
        assert_eq!(flights.launched(ServerId(1), at(100), at(60)), [delay(30, 70)]);
        assert_eq!(flights.arrived(ServerId(1), at(150)), Some(delay(50, 90)));
    }

    #[test]
    fn what_is_watched_is_bounded() {
        let mut flights = Flights::default();
        for id in 0..3 * WATCHED as u64 {
            flights.launched(ServerId(id), at(id), at(id));
        }
        assert_eq!((flights.watched.len(), flights.order.len()), (WATCHED, WATCHED));
        assert_eq!(flights.arrived(ServerId(0), at(9)), None);
    }
}
