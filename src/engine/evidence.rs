//! The last things that happened in a conversation, kept cheaply and written out only on a failure.

use std::{collections::VecDeque, sync::Arc};

use crate::{
    client::Clock,
    protocol::{escape::Excerpt, event::Event, refusal::Outcome, time::Moment},
    scenario::{Expression, Scope},
    session::{Answer, Delivered, Loss},
};

/// How many lines a transcript has.
const LINES: usize = 12;

/// One thing that happened.
#[derive(Clone, Debug)]
pub(super) enum Line {
    /// A client sent a message or a receipt.
    Sent {
        /// Who.
        who: Arc<str>,
        /// Where to.
        to: String,
        /// Its type.
        kind: &'static str,
        /// What it says.
        text: String,
        /// How it ended.
        answer: Answer,
    },
    /// A client heard something.
    Heard {
        /// Who.
        who: Arc<str>,
        /// What.
        delivered: Arc<Delivered>,
    },
    /// Anything else, in words.
    Said {
        /// Who.
        who: Arc<str>,
        /// What.
        text: String,
    },
}

/// The last lines.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    lines: VecDeque<(Moment, Line)>,
    began: Option<Moment>,
}

impl Evidence {
    pub(super) fn push(&mut self, at: Moment, line: Line) {
        if self.lines.len() >= LINES {
            self.lines.pop_front();
        }
        self.began = Some(self.began.map_or(at, |began| began.min(at)));
        self.lines.push_back((at, line));
    }

    pub(super) fn clear(&mut self) {
        self.lines.clear();
        self.began = None;
    }

    /// The lines for people, each with the seconds since the conversation began.
    pub(super) fn render(&self, clock: Clock) -> Vec<String> {
        let began = self.began.unwrap_or_else(|| clock.now());
        let mut lines: Vec<&(Moment, Line)> = self.lines.iter().collect();
        // A send is noted when its answer is there, and belongs before what came meanwhile.
        lines.sort_by_key(|(at, _)| *at);
        lines
            .into_iter()
            .map(|(at, line)| format!("{:>8.3}s  {}", at.since(began).as_secs_f64(), said(line)))
            .collect()
    }
}

fn said(line: &Line) -> String {
    match line {
        Line::Sent { who, to, kind, text, answer } => {
            format!("{who} -> {to}: {kind} {}  {}", excerpt(text), answered(answer))
        }
        Line::Heard { who, delivered } => format!("{who} <- {}", described(&delivered.event)),
        Line::Said { who, text } => format!("{who}: {text}"),
    }
}

/// An event in one line: its name, and what tells it from others.
pub(super) fn described(event: &Event) -> String {
    let mut text = event.name().as_str().to_owned();
    if let Some(from) = event.from() {
        text.push_str(&format!(" from {}", excerpt(from)));
    }
    if let Some(said) = event.text() {
        text.push_str(&format!(" {}", excerpt(said)));
    }
    if let Some(mid) = event.mid() {
        text.push_str(&format!(" mid {mid}"));
    } else if let Some(id) = event.id() {
        text.push_str(&format!(" id {id}"));
    }
    text
}

/// How a send ended, in words.
pub(super) fn answered(answer: &Answer) -> String {
    match answer {
        Answer::Accepted { mid, .. } => format!("accepted as {mid}"),
        Answer::Refused { outcome, status, reason } => {
            let wire = status.map_or_else(
                || "an answer without a status".to_owned(),
                |status| format!("status {status}, reason {}", excerpt(reason)),
            );
            match outcome {
                Outcome::Refused(code) => format!("refused with {code} ({wire})"),
                Outcome::Muted => format!("refused: muted ({wire})"),
                Outcome::Unnumbered => format!("refused without a number ({wire})"),
                Outcome::Silent | Outcome::Success => format!("refused, and a page hears nothing ({wire})"),
            }
        }
        Answer::TimedOut => "no answer in time".to_owned(),
        Answer::Lost(loss) => match loss {
            Loss::Disconnected => "lost: the connection broke before the answer",
            Loss::NotConnected => "not sent: there is no connection",
            Loss::NotLoggedIn => "not sent: not logged in, or put out by the server",
            Loss::LoginFailed => "not sent: login failed",
            Loss::TooMany => "not sent: too many sends are unanswered",
        }
        .to_owned(),
    }
}

/// Somebody's words: printable, in quotes, bounded.
pub(super) fn excerpt(text: &str) -> String {
    Excerpt(text.as_bytes()).to_string()
}

/// The values that an expression reads, as far as they are there.
pub(super) fn values(expression: &Expression, scope: &Scope) -> String {
    let values: Vec<String> = expression
        .names()
        .into_iter()
        .filter_map(|path| {
            let mut parts = path.split('.');
            let first = scope.lookup(parts.next()?)?.clone();
            let value = parts.try_fold(first, |value, part| value.get_attr(part).ok());
            Some(match value.filter(|value| !value.is_undefined()) {
                // Only texts have quotes, so that "7" and 7 look different.
                Some(value) if value.is_number() || value.is_none() => format!("{path} is {value}"),
                Some(value) => format!("{path} is {}", excerpt(&value.to_string())),
                None => format!("{path} is not there"),
            })
        })
        .collect();
    values.join(", ")
}
