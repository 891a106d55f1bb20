//! What thresholds can speak of.

/// One thing that is measured or counted in a run.
#[derive(Debug)]
pub struct Metric {
    /// Its name in a threshold.
    pub name: &'static str,
    /// What its figures are.
    pub measure: Measure,
    /// What it tells, in one line.
    pub about: &'static str,
}

/// What the figures of a metric are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Measure {
    /// Times: percentiles, `min`, `mean`, `max`, `count` and `rate`.
    Times,
    /// A count: itself, and its `rate`.
    Count,
}

const fn times(name: &'static str, about: &'static str) -> Metric {
    Metric { name, measure: Measure::Times, about }
}

const fn count(name: &'static str, about: &'static str) -> Metric {
    Metric { name, measure: Measure::Count, about }
}

/// Every metric, in the order of a conversation.
pub const METRICS: &[Metric] = &[
    times("connect", "from the first byte to a usable transport"),
    times("login", "from the login to the answer that opens the session"),
    times("send.txt", "from sending a text to the server's answer"),
    times("send.img", "from sending an image message to the server's answer"),
    times("send.file", "from sending a file message to the server's answer"),
    times("send.audio", "from sending a voice message to the server's answer"),
    times("send.video", "from sending a video message to the server's answer"),
    times("send.loc", "from sending a location to the server's answer"),
    times("send.cmd", "from sending a command to the server's answer"),
    times("send.custom", "from sending a custom message to the server's answer"),
    times("deliver.txt", "from sending a text to its event at a receiver"),
    times("deliver.img", "from sending an image message to its event at a receiver"),
    times("deliver.file", "from sending a file message to its event at a receiver"),
    times("deliver.audio", "from sending a voice message to its event at a receiver"),
    times("deliver.video", "from sending a video message to its event at a receiver"),
    times("deliver.loc", "from sending a location to its event at a receiver"),
    times("deliver.cmd", "from sending a command to its event at a receiver"),
    times("deliver.custom", "from sending a custom message to its event at a receiver"),
    times("read", "from sending a read receipt to the server's answer"),
    times("delivery", "from sending a delivered receipt to the server's answer"),
    times("channel", "from sending a read receipt for a conversation to the server's answer"),
    times("recall", "from sending a recall to the server's answer"),
    times("notify.read", "from sending a read receipt to its event at a receiver"),
    times("notify.delivery", "from sending a delivered receipt to its event at a receiver"),
    times("notify.channel", "from sending a read receipt for a conversation to its event at a receiver"),
    times("notify.recall", "from sending a recall to its event at a receiver"),
    times("history.page", "from asking for a page of the history to its whole answer"),
    times("history.walk", "from the first page of the history to the last"),
    times("sessions", "from asking for the session list to its whole answer"),
    times("delete_session", "from asking to delete a session to the whole answer"),
    times("readers", "from asking for the readers of a message to the last page"),
    times("upload", "from the first byte of an upload to its whole answer"),
    times("download", "from asking for a file to its last byte"),
    times("rest", "from a REST request to its whole answer"),
    times("conversation", "from the first step of a conversation to its last"),
    count("conversations", "conversations that were played to their end"),
    count("errors", "steps that failed: no answer in time, an unexpected refusal, a broken connection"),
    count("refusals", "operations that the server refused, expected or not"),
    count("late", "conversations that found no free cast when they were due"),
];
