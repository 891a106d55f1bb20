//! What clients of one cast did besides sending, what was answered, and the notices they were given.

use std::collections::HashMap;

use crate::{
    history::{Call, Item, Names, Notice, NoticeKind, OperationId, Record, Refusal, SessionId, UserId, What},
    protocol::{id::ServerId, time::Moment},
};

/// Codes of refusals that say that a receipt or recall has no effect: those of messages, and a recall
/// that came too late or that the app does not have.
const WITHOUT_EFFECT: [i32; 9] = [501, 502, 504, 505, 506, 507, 602, 603, 605];

/// Receipts, recalls and questions of one cast, and every notice.
#[derive(Debug, Default)]
pub(super) struct Deeds {
    /// In the order of their invocation.
    pub(super) all: Vec<Deed>,
    /// Recalls by their message: places in `all`.
    pub(super) recalls: HashMap<ServerId, Vec<usize>>,
    /// Receipts by kind, message and user: places in `all`.
    pub(super) receipts: HashMap<(NoticeKind, ServerId, UserId), Vec<usize>>,
    /// Receipts and recalls that were handed to clients, in the order of the clock.
    pub(super) notices: Vec<Told>,
}

/// One call that is not a send.
#[derive(Debug)]
pub(super) struct Deed {
    pub(super) record: usize,
    pub(super) at: Moment,
    pub(super) session: SessionId,
    pub(super) user: UserId,
    pub(super) call: Call,
    pub(super) end: End,
    /// The page that was answered: its rows by the server's count, and whether it is the last.
    pub(super) page: Option<(u32, bool)>,
    /// The messages of the page in their order, each with its record.
    pub(super) rows: Vec<(usize, Item)>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    /// It may have any effect at any time.
    Unknown,
    /// The server did it.
    Done { record: usize, at: Moment },
    /// The server refused it.
    Refused { record: usize, refusal: Refusal },
}

impl End {
    /// Whether the refusal says that nothing came of it.
    pub(super) fn has_no_effect(self) -> bool {
        match self {
            Self::Refused { refusal: Refusal::Code(code), .. } => WITHOUT_EFFECT.contains(&code),
            Self::Refused { refusal: Refusal::Muted, .. } => true,
            Self::Refused { refusal: Refusal::Silent, .. } | Self::Done { .. } | Self::Unknown => false,
        }
    }
}

impl Deed {
    /// The record and moment of its success.
    pub(super) const fn done(&self) -> Option<(usize, Moment)> {
        match self.end {
            End::Done { record, at } => Some((record, at)),
            End::Unknown | End::Refused { .. } => None,
        }
    }

    /// From when on it can change nothing more; `None` if that is unknown.
    pub(super) fn over(&self) -> Option<Moment> {
        self.done().map(|(_, at)| at)
    }
}

/// A notice as one client got it.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) record: usize,
    pub(super) at: Moment,
    pub(super) session: SessionId,
    pub(super) notice: Notice,
}

impl Deeds {
    pub(super) fn new(names: &Names, records: &[Record]) -> Self {
        let mut deeds = Self::default();
        let mut open: HashMap<OperationId, usize> = HashMap::new();
        for (place, record) in records.iter().enumerate() {
            let &Record { at, session, what, .. } = record;
            match what {
                What::Invoke { operation, call } if is_deed(call) => {
                    open.insert(operation, deeds.all.len());
                    deeds.begin(Deed {
                        record: place,
                        at,
                        session,
                        user: names.session(session).user,
                        call,
                        end: End::Unknown,
                        page: None,
                        rows: Vec::new(),
                    });
                }
                What::Ok { operation, .. } => {
                    deeds.end(open.remove(&operation), End::Done { record: place, at });
                }
                What::Fail { operation, refusal, .. } => {
                    deeds.end(open.remove(&operation), End::Refused { record: place, refusal });
                }
                What::Page { operation, rows, last } => {
                    if let Some(deed) = open.get(&operation) {
                        deeds.all[*deed].page = Some((rows, last));
                    }
                }
                What::Row { operation, item } => {
                    if let Some(deed) = open.get(&operation) {
                        deeds.all[*deed].rows.push((place, item));
                    }
                }
                What::Notice(notice) => {
                    deeds.notices.push(Told { record: place, at, session, notice });
                }
                _ => {}
            }
        }
        deeds
    }

    /// Calls that ended well, with the record and moment of their success.
    pub(super) fn done(&self) -> impl Iterator<Item = (&Deed, usize, Moment)> {
        self.all.iter().filter_map(|deed| deed.done().map(|(record, at)| (deed, record, at)))
    }

    /// The recalls of a message.
    pub(super) fn recalls_of(&self, message: ServerId) -> impl Iterator<Item = &Deed> {
        self.recalls.get(&message).into_iter().flatten().map(|deed| &self.all[*deed])
    }

    /// The receipts of one kind that a user gave for a message.
    pub(super) fn receipts_of(
        &self,
        kind: NoticeKind,
        message: ServerId,
        user: UserId,
    ) -> impl Iterator<Item = &Deed> {
        self.receipts.get(&(kind, message, user)).into_iter().flatten().map(|deed| &self.all[*deed])
    }

    fn begin(&mut self, deed: Deed) {
        let place = self.all.len();
        match deed.call {
            Call::Recall { message, .. } => self.recalls.entry(message).or_default().push(place),
            Call::Acknowledge { kind, message, .. } => {
                self.receipts.entry((kind, message, deed.user)).or_default().push(place);
            }
            _ => {}
        }
        self.all.push(deed);
    }

    fn end(&mut self, deed: Option<usize>, end: End) {
        if let Some(deed) = deed {
            self.all[deed].end = end;
        }
    }
}

/// Sends have their own place in the chart; of the rest, only what leaves a trace is followed.
const fn is_deed(call: Call) -> bool {
    matches!(
        call,
        Call::Acknowledge { .. } | Call::Recall { .. } | Call::History { .. } | Call::DeleteSession { .. }
    )
}
