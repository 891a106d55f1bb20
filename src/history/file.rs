//! `history.jsonl.zst`: one JSON object a line, appended in independent zstd frames.
//!
//! One thread follows a recorder and writes what is added about four times a second, so the tasks
//! that record never wait for a disk, nothing is queued twice, and a killed run keeps all frames
//! that were written. Any zstd reader takes the frames together.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::Duration,
};

use serde::Serialize;
use serde_json::json;

use super::{
    call::Call,
    names::Names,
    record::{Change, Content, Defect, Disturbance, Item, Notice, Record, Refusal, Unknown, What},
    recorder::Recorder,
};
use crate::protocol::{message::ChatType, time::Moment};

/// The version of the lines' form.
const SCHEMA: u32 = 1;
/// How often what was added is written.
const PERIOD: Duration = Duration::from_millis(250);
/// Records in one frame, so that memory stays bounded when a writer has fallen behind.
const FRAME_RECORDS: usize = 16 * 1024;
/// zstd's own default: the ratio grows little beyond it.
const LEVEL: i32 = 3;

/// Follows a recorder into a file until it is finished.
#[derive(Debug)]
pub struct Writer {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<io::Result<u64>>,
}

impl Writer {
    /// Appends to the file, which is made if there is none, until [`Self::finish`].
    ///
    /// # Errors
    /// When the file cannot be opened or its first frame cannot be written.
    pub fn start(path: &Path, recorder: Recorder, scenario: &str, seed: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        let head = json!({
            "history": SCHEMA, "chatproof": env!("CARGO_PKG_VERSION"), "scenario": scenario, "seed": seed,
        });
        append(&mut file, format!("{head}\n").as_bytes())?;
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new().name("history".to_owned()).spawn(move || {
            let mut written = Follower { recorder, file, read: Vec::new(), records: 0 };
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(PERIOD) {
                written.catch_up()?;
            }
            written.catch_up()?;
            written.file.sync_all()?;
            Ok(written.records)
        })?;
        Ok(Self { stop, thread })
    }

    /// Writes the rest. Call it before the records are taken out of the recorder. Answers how many
    /// records were written.
    ///
    /// # Errors
    /// When anything could not be written; the frames before it are there.
    pub fn finish(self) -> io::Result<u64> {
        drop(self.stop);
        self.thread
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the thread that writes the history panicked")))
    }
}

struct Follower {
    recorder: Recorder,
    file: File,
    read: Vec<usize>,
    records: u64,
}

impl Follower {
    fn catch_up(&mut self) -> io::Result<()> {
        let mut shard = 0;
        while let Some(records) = self.recorder.tail(shard, self.read.get(shard).copied().unwrap_or(0)) {
            if self.read.len() <= shard {
                self.read.push(0);
            }
            self.read[shard] += records.len();
            for some in records.chunks(FRAME_RECORDS) {
                let lines = self.recorder.with_names(|names| lines(names, some))?;
                append(&mut self.file, &lines)?;
                self.records += some.len() as u64;
            }
            shard += 1;
        }
        Ok(())
    }
}

fn append(file: &mut File, lines: &[u8]) -> io::Result<()> {
    let frame = zstd::stream::encode_all(lines, LEVEL)?;
    file.write_all(&frame)
}

fn lines(names: &Names, records: &[Record]) -> io::Result<Vec<u8>> {
    let mut lines = Vec::with_capacity(records.len() * 128);
    for record in records {
        serde_json::to_writer(&mut lines, &Line::new(names, record))?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// One record as the file has it. Ids are strings: JavaScript's numbers cannot hold them.
#[derive(Default, Serialize)]
struct Line<'a> {
    at_us: u64,
    cast: u32,
    client: &'a str,
    user: &'a str,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proved_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    walk: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roaming: Option<bool>,
}

impl<'a> Line<'a> {
    fn new(names: &'a Names, record: &Record) -> Self {
        let member = names.session(record.session);
        let mut line = Self {
            at_us: record.at.as_micros(),
            cast: record.cast.0,
            client: &member.label,
            user: &names.user(member.user).name,
            ..Self::default()
        };
        match record.what {
            What::Invoke { operation, call } => {
                (line.event, line.operation) = ("invoke", Some(operation.0));
                line.call(names, call);
            }
            What::Ok { operation, id, local } => {
                (line.event, line.operation, line.id) = ("ok", Some(operation.0), shown(id.0));
                line.local_id = shown(local.0);
            }
            What::Fail { operation, refusal, id } => {
                (line.event, line.operation, line.id) = ("fail", Some(operation.0), shown(id.0));
                (line.code, line.why) = match refusal {
                    Refusal::Code(code) => (Some(code), None),
                    Refusal::Muted => (None, Some("muted")),
                    Refusal::Silent => (None, Some("silent")),
                };
            }
            What::Info { operation, unknown } => {
                (line.event, line.operation) = ("info", Some(operation.0));
                line.why = Some(match unknown {
                    Unknown::TimedOut => "no answer in time",
                    Unknown::Disconnected => "connection lost",
                });
            }
            What::Receive(item) => {
                line.event = "recv";
                line.item(names, item);
            }
            What::Notice(notice) => line.notice(names, notice),
            What::Page { operation, rows, last } => {
                (line.event, line.operation) = ("page", Some(operation.0));
                (line.count, line.last) = (Some(rows), Some(last));
            }
            What::Row { operation, item } => {
                (line.event, line.operation) = ("row", Some(operation.0));
                line.item(names, item);
            }
            What::Listed { operation, conversation, unread, last } => {
                (line.event, line.operation, line.count) = ("listed", Some(operation.0), Some(unread));
                line.conversation(names, conversation);
                line.message = shown(last.0);
            }
            What::Reader { operation, user } => {
                (line.event, line.operation) = ("reader", Some(operation.0));
                line.member = Some(&names.user(user).name);
            }
            What::Opened => line.event = "opened",
            What::Closed => line.event = "closed",
            What::Membership { conversation, user, change } => {
                line.event = match change {
                    Change::Joined => "joined",
                    Change::Left => "left",
                };
                line.conversation(names, conversation);
                line.member = Some(&names.user(user).name);
            }
            What::Disturbed(disturbance) => {
                line.event = "disturbed";
                line.why = Some(match disturbance {
                    Disturbance::Members => "members",
                    Disturbance::Messages => "messages",
                    Disturbance::Relations => "relations",
                });
            }
            What::Rest { conversation, proved } => {
                (line.event, line.proved_us) = ("rest", proved.map(Moment::as_micros));
                line.conversation(names, conversation);
            }
            What::Misbehaved(defect) => line.defect(defect),
        }
        line
    }

    fn call(&mut self, names: &'a Names, call: Call) {
        self.call = Some(match call {
            Call::Login => "login",
            Call::Logout => "logout",
            Call::Rest => "rest",
            Call::Send { conversation, content } => {
                self.conversation(names, conversation);
                self.content(content);
                "send"
            }
            Call::Acknowledge { kind, conversation, message } => {
                self.conversation(names, conversation);
                self.message = shown(message.0);
                kind.name()
            }
            Call::Recall { conversation, message } => {
                self.conversation(names, conversation);
                self.message = shown(message.0);
                "recall"
            }
            Call::History { conversation, walk, start, count } => {
                self.conversation(names, conversation);
                (self.walk, self.count) = (Some(walk.0), Some(count));
                self.message = start.map(|start| start.to_string());
                "history"
            }
            Call::Sessions => "sessions",
            Call::DeleteSession { conversation, roaming } => {
                self.conversation(names, conversation);
                self.roaming = Some(roaming);
                "delete_session"
            }
            Call::Readers { message } => {
                self.message = shown(message.0);
                "readers"
            }
            Call::Upload => "upload",
            Call::Download => "download",
        });
    }

    fn item(&mut self, names: &'a Names, item: Item) {
        self.conversation(names, item.conversation);
        self.content(item.content);
        self.from = Some(&names.user(item.sender).name);
        self.id = Some(item.id.to_string());
        self.position = item.position.map(|position| position.to_string());
    }

    fn notice(&mut self, names: &'a Names, notice: Notice) {
        (self.event, self.kind) = ("notice", Some(notice.kind.name()));
        self.from = notice.from.map(|from| names.user(from).name.as_str());
        (self.id, self.message) = (shown(notice.id.0), shown(notice.message.0));
        self.count = notice.readers;
    }

    fn conversation(&mut self, names: &'a Names, conversation: super::ConversationId) {
        let conversation = names.conversation(conversation);
        self.conversation = Some(&conversation.label);
        self.chat_type = Some(match conversation.chat_type {
            ChatType::Single => "singleChat",
            ChatType::Group => "groupChat",
            ChatType::Room => "chatRoom",
        });
    }

    fn content(&mut self, content: Content) {
        (self.kind, self.digest) = (Some(content.kind.name()), Some(format!("{:016x}", content.digest)));
    }

    fn defect(&mut self, defect: Defect) {
        self.event = "misbehaved";
        self.why = Some(match defect {
            Defect::AnsweredTwice(id) => {
                self.local_id = Some(id.to_string());
                "answered twice"
            }
            Defect::AnsweredUnknown(id) => {
                self.local_id = Some(id.to_string());
                "answered what was not sent"
            }
            Defect::Repeated(id) => {
                self.id = Some(id.to_string());
                "repeated an item"
            }
            Defect::Undecodable => "undecodable frame",
            Defect::Protocol => "broke the protocol",
        });
    }
}

fn shown(id: u64) -> Option<String> {
    (id != 0).then(|| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        history::{Cast, Member, SessionId, User},
        protocol::id::{LocalId, ServerId},
    };

    #[test]
    fn frames_are_independent_and_hold_every_record() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl.zst");
        let recorder = Recorder::new(2);
        recorder.name(|names| {
            let user = names.add_user(User { name: "u1".to_owned(), exclusive: true });
            names.add_session(Member { cast: Cast(0), user, label: "alice".to_owned() })
        });
        let writer = Writer::start(&path, recorder.clone(), "first", 7).unwrap();
        recorder.record(Cast(0), SessionId(0), Moment::from_micros(5), What::Opened);
        let operation = recorder.next_operation();
        let done = What::Ok { operation, id: ServerId(u64::MAX), local: LocalId(1) };
        recorder.record(Cast(0), SessionId(0), Moment::from_micros(9), done);
        assert_eq!(writer.finish().unwrap(), 2);
        Writer::start(&path, Recorder::new(1), "second", 7).unwrap().finish().unwrap();

        let text = zstd::stream::decode_all(File::open(&path).unwrap()).unwrap();
        let lines: Vec<serde_json::Value> = String::from_utf8(text)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0]["scenario"], "first");
        assert_eq!(lines[1]["event"], "opened");
        assert_eq!(lines[2]["id"], "18446744073709551615");
        assert_eq!(lines[3]["scenario"], "second");
    }
}
