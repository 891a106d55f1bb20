//! Records as a person reads them in a witness.

use std::fmt::Write as _;

use super::chart::Chart;
use crate::history::{Call, Change, Defect, NoticeKind, Record, Refusal, Unknown, UserId, What};

impl Chart<'_> {
    /// What a person calls a user: the actor that plays it, where it is known.
    pub(super) fn user(&self, user: UserId) -> &str {
        let label = self.records.iter().find_map(|record| {
            let member = self.names.session(record.session);
            (member.user == user).then_some(member.label.as_str())
        });
        label.unwrap_or(&self.names.user(user).name)
    }

    /// These records, in the order of the clock, each in one line that begins with its time.
    pub(super) fn tell(&self, places: &[usize]) -> Vec<String> {
        let mut places = places.to_vec();
        places.sort_unstable();
        places.dedup();
        let start = self.records.first().map(|record| record.at).unwrap_or_default();
        let line = |&place: &usize| {
            let record = &self.records[place];
            let client = &self.names.session(record.session).label;
            let millis = record.at.since(start).as_secs_f64() * 1e3;
            format!("{millis:9.3} ms  {client} {}", self.says(record))
        };
        places.iter().map(line).collect()
    }

    fn says(&self, record: &Record) -> String {
        match record.what {
            What::Invoke { call, operation } => format!("{} (call {})", self.asks(call), operation.0),
            What::Ok { operation, id, .. } if id.0 == 0 => format!("call {} succeeds", operation.0),
            What::Ok { operation, id, .. } => format!("call {} succeeds: message {id}", operation.0),
            What::Fail { operation, refusal, .. } => {
                let mut says = format!("call {} is refused", operation.0);
                match refusal {
                    Refusal::Code(code) => write!(says, ": {code}").expect("a String takes everything"),
                    Refusal::Muted => says.push_str(": muted"),
                    Refusal::Silent => says.push_str(", and a page would not learn it"),
                }
                says
            }
            What::Info { operation, unknown } => {
                let why = match unknown {
                    Unknown::TimedOut => "no answer in time",
                    Unknown::Disconnected => "connection lost",
                };
                format!("call {} ends unknown: {why}", operation.0)
            }
            What::Receive(item) => format!(
                "receives {} {} from {} in {}",
                item.content.kind.name(),
                item.id,
                self.user(item.sender),
                self.names.conversation(item.conversation).label
            ),
            What::Notice(notice) => {
                let from = notice.from.map_or("nobody", |from| self.user(from));
                let what = match notice.kind {
                    NoticeKind::Read => "has read",
                    NoticeKind::Delivered => "has got",
                    NoticeKind::Recalled => "takes back",
                    NoticeKind::Channel => return format!("learns: {from} has read everything"),
                };
                let readers = notice.readers.map_or_else(String::new, |count| format!(" ({count} readers)"));
                format!("learns: {from} {what} {}{readers}", notice.message)
            }
            What::Page { operation, rows, last } => {
                let end = if last { ", the last page" } else { "" };
                format!("call {} gives {rows} rows{end}", operation.0)
            }
            What::Row { operation, item } => {
                format!("call {} shows {} from {}", operation.0, item.id, self.user(item.sender))
            }
            What::Listed { operation, conversation, unread, last } => format!(
                "call {} lists {}: {unread} unread, last {last}",
                operation.0,
                self.names.conversation(conversation).label
            ),
            What::Reader { operation, user } => {
                format!("call {} names {}", operation.0, self.user(user))
            }
            What::Opened => "is logged in".to_owned(),
            What::Closed => "is disconnected".to_owned(),
            What::Membership { conversation, user, change } => {
                let change = match change {
                    Change::Joined => "joins",
                    Change::Left => "leaves",
                };
                format!("sees: {} {change} {}", self.user(user), self.names.conversation(conversation).label)
            }
            What::Disturbed(_) => "changes the world by hand".to_owned(),
            What::Rest { conversation, proved: Some(_) } => {
                format!(
                    "got a marker sent behind all else in {}",
                    self.names.conversation(conversation).label
                )
            }
            What::Rest { conversation, proved: None } => {
                format!("waited in vain in {}", self.names.conversation(conversation).label)
            }
            What::Misbehaved(defect) => match defect {
                Defect::AnsweredTwice(id) => format!("got a second answer for {id}"),
                Defect::AnsweredUnknown(id) => format!("got an answer for {id}, which it never sent"),
                Defect::Repeated(id) => format!("got item {id} again"),
                Defect::Undecodable => "got a frame that cannot be decoded".to_owned(),
                Defect::Protocol => "saw the protocol broken".to_owned(),
            },
        }
    }

    fn asks(&self, call: Call) -> String {
        let label = |conversation| &self.names.conversation(conversation).label;
        match call {
            Call::Login => "logs in".to_owned(),
            Call::Logout => "logs out".to_owned(),
            Call::Rest => "calls REST".to_owned(),
            Call::Send { conversation, content } => {
                format!("sends {} to {}", content.kind.name(), label(conversation))
            }
            Call::Acknowledge { kind: NoticeKind::Channel, conversation, .. } => {
                format!("has read everything in {}", label(conversation))
            }
            Call::Acknowledge { kind, message, .. } => format!("acknowledges {message} ({})", kind.name()),
            Call::Recall { message, .. } => format!("takes {message} back"),
            Call::History { conversation, start: None, .. } => {
                format!("reads the history of {} from its newest", label(conversation))
            }
            Call::History { conversation, start: Some(start), .. } => {
                format!("reads the history of {} behind {start}", label(conversation))
            }
            Call::Sessions => "reads its session list".to_owned(),
            Call::DeleteSession { conversation, roaming } => {
                let history = if roaming { " and its history" } else { "" };
                format!("deletes the session {}{history}", label(conversation))
            }
            Call::Readers { message } => format!("asks who has read {message}"),
            Call::Upload => "uploads a file".to_owned(),
            Call::Download => "downloads a file".to_owned(),
        }
    }
}
