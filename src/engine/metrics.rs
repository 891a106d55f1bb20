//! The metrics that the engine takes, by the names of `chatproof list metrics`.

use crate::history::{Counter, Instrument, Recorder};

/// The metrics that the engine takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Metrics {
    pub(super) connect: Instrument,
    pub(super) login: Instrument,
    pub(super) send: Instrument,
    pub(super) deliver: Instrument,
    pub(super) rest: Instrument,
    pub(super) conversation: Instrument,
    pub(super) conversations: Counter,
    pub(super) errors: Counter,
    pub(super) refusals: Counter,
    pub(super) late: Counter,
}

impl Metrics {
    pub(super) fn new(recorder: &Recorder) -> Self {
        Self {
            connect: recorder.instrument("connect"),
            login: recorder.instrument("login"),
            send: recorder.instrument("send.txt"),
            deliver: recorder.instrument("deliver.txt"),
            rest: recorder.instrument("rest"),
            conversation: recorder.instrument("conversation"),
            conversations: recorder.counter("conversations"),
            errors: recorder.counter("errors"),
            refusals: recorder.counter("refusals"),
            late: recorder.counter("late"),
        }
    }
}
