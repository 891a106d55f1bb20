//! The records of one cast, sorted for the checkers: sends with their outcomes, what each client
//! observed in each conversation, who was a member when.

use std::collections::{HashMap, HashSet};

use super::deed::Deeds;
use crate::{
    history::{
        Call, Change, Content, ConversationId, Defect, Disturbance, Item, Names, OperationId, Record,
        Refusal, SessionId, UserId, What,
    },
    protocol::{
        id::{LocalId, ServerId},
        message::ChatType,
        time::Moment,
    },
};

/// Codes of refusals that have no effect at all: the sender, the conversation or the content was
/// not acceptable. Others, such as 503 and 604, do not say what became of the message.
const WITHOUT_EFFECT: [i32; 7] = [501, 502, 506, 507, 602, 603, 605];

/// The records of one cast.
pub(super) struct Chart<'a> {
    pub(super) names: &'a Names,
    pub(super) records: &'a [Record],
    /// Every send, in the order of its invocation.
    pub(super) sends: Vec<Send>,
    /// The sends that were accepted, by the id that they got; the first where an id was reused.
    pub(super) accepted: HashMap<ServerId, usize>,
    /// Every item that was handed to a client, in the order of the clock.
    pub(super) receipts: Vec<Receipt>,
    /// What each client observed in each conversation: places in `receipts`.
    pub(super) observers: Vec<Observer>,
    /// What clients did besides sending, and the notices they were given.
    pub(super) deeds: Deeds,
    /// Whether messages may have been sent by hand.
    pub(super) messages_disturbed: bool,
    pub(super) members_disturbed: bool,
    /// Whether it may have been changed by hand who lets whom through.
    pub(super) relations_disturbed: bool,
    /// What the server should never have done, with the place of the record.
    pub(super) defects: Vec<(usize, Defect)>,
    memberships: HashMap<ConversationId, Vec<(Moment, UserId, Change)>>,
    connections: HashMap<SessionId, Vec<(Moment, bool)>>,
    rests: HashMap<(UserId, ConversationId), Vec<Rest>>,
    received: HashSet<(UserId, ServerId)>,
    /// Messages whose recall was begun and not refused: each may be gone.
    recalled: HashSet<ServerId>,
}

/// A message and how its sending ended.
pub(super) struct Send {
    pub(super) record: usize,
    pub(super) at: Moment,
    pub(super) session: SessionId,
    pub(super) sender: UserId,
    pub(super) conversation: ConversationId,
    pub(super) content: Content,
    pub(super) outcome: Outcome,
}

/// How sending a message ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Outcome {
    /// It may have any effect at any time.
    Unknown,
    /// The server took it.
    Accepted { record: usize, at: Moment, id: ServerId, local: LocalId },
    /// The server refused it.
    Refused { record: usize, refusal: Refusal, id: ServerId },
}

impl Outcome {
    /// Whether the refusal says that the message has no effect.
    pub(super) fn has_no_effect(self) -> bool {
        match self {
            Self::Refused { refusal: Refusal::Code(code), .. } => WITHOUT_EFFECT.contains(&code),
            Self::Refused { refusal: Refusal::Muted, .. } => true,
            Self::Refused { refusal: Refusal::Silent, .. } | Self::Accepted { .. } | Self::Unknown => false,
        }
    }
}

/// An item as one client got it.
pub(super) struct Receipt {
    pub(super) record: usize,
    pub(super) at: Moment,
    pub(super) item: Item,
}

/// What one client observed in one conversation.
pub(super) struct Observer {
    pub(super) session: SessionId,
    pub(super) conversation: ConversationId,
    /// Places in [`Chart::receipts`]; an item that came again is not among them.
    pub(super) first: Vec<usize>,
    /// Places of items that came again, with the place of the first time.
    pub(super) again: Vec<(usize, usize)>,
}

/// A conversation was given the time to come to rest for one user.
#[derive(Clone, Copy)]
struct Rest {
    at: Moment,
    session: SessionId,
    proved: Option<Moment>,
}

/// What is known of a user that did not receive a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Missing {
    /// It may still be on its way, or the user need not get it.
    Excused,
    /// It should have come, but nothing proves that it no longer can.
    Unproved,
    /// What was sent after it has come.
    Lost,
}

/// For each client and conversation, the place of its observer and of the first receipt of each id.
type Seen = HashMap<(SessionId, ConversationId), (usize, HashMap<ServerId, usize>)>;

impl<'a> Chart<'a> {
    pub(super) fn new(names: &'a Names, records: &'a [Record]) -> Self {
        let mut chart = Self {
            names,
            records,
            sends: Vec::new(),
            accepted: HashMap::new(),
            receipts: Vec::new(),
            observers: Vec::new(),
            deeds: Deeds::new(names, records),
            messages_disturbed: false,
            members_disturbed: false,
            relations_disturbed: false,
            defects: Vec::new(),
            memberships: HashMap::new(),
            connections: HashMap::new(),
            rests: HashMap::new(),
            received: HashSet::new(),
            recalled: recalled(records),
        };
        let mut open: HashMap<OperationId, usize> = HashMap::new();
        let mut seen: Seen = HashMap::new();
        for (place, record) in records.iter().enumerate() {
            chart.add(place, record, &mut open, &mut seen);
        }
        chart
    }

    fn add(
        &mut self,
        place: usize,
        record: &Record,
        open: &mut HashMap<OperationId, usize>,
        seen: &mut Seen,
    ) {
        let &Record { at, session, what, .. } = record;
        match what {
            What::Invoke { operation, call: Call::Send { conversation, content } } => {
                open.insert(operation, self.sends.len());
                let sender = self.names.session(session).user;
                let outcome = Outcome::Unknown;
                self.sends.push(Send { record: place, at, session, sender, conversation, content, outcome });
            }
            What::Ok { operation, id, local } => {
                let Some(&send) = open.get(&operation) else { return };
                self.sends[send].outcome = Outcome::Accepted { record: place, at, id, local };
                self.accepted.entry(id).or_insert(send);
            }
            What::Fail { operation, refusal, id } => {
                let Some(&send) = open.get(&operation) else { return };
                self.sends[send].outcome = Outcome::Refused { record: place, refusal, id };
            }
            What::Receive(item) => {
                let user = self.names.session(session).user;
                let receipt = self.receipts.len();
                self.receipts.push(Receipt { record: place, at, item });
                self.received.insert((user, item.id));
                let (observer, known) = seen.entry((session, item.conversation)).or_insert_with(|| {
                    let conversation = item.conversation;
                    self.observers.push(Observer {
                        session,
                        conversation,
                        first: Vec::new(),
                        again: Vec::new(),
                    });
                    (self.observers.len() - 1, HashMap::new())
                });
                let observer = &mut self.observers[*observer];
                match known.get(&item.id) {
                    Some(&first) => observer.again.push((first, receipt)),
                    None => {
                        known.insert(item.id, receipt);
                        observer.first.push(receipt);
                    }
                }
            }
            What::Opened => self.connections.entry(session).or_default().push((at, true)),
            What::Closed => self.connections.entry(session).or_default().push((at, false)),
            What::Membership { conversation, user, change } => {
                self.memberships.entry(conversation).or_default().push((at, user, change));
            }
            What::Disturbed(Disturbance::Members) => self.members_disturbed = true,
            What::Disturbed(Disturbance::Messages) => self.messages_disturbed = true,
            What::Disturbed(Disturbance::Relations) => self.relations_disturbed = true,
            What::Rest { conversation, proved } => {
                let user = self.names.session(session).user;
                self.rests.entry((user, conversation)).or_default().push(Rest { at, session, proved });
            }
            What::Misbehaved(defect) => self.defects.push((place, defect)),
            What::Invoke { .. }
            | What::Info { .. }
            | What::Notice(_)
            | What::Page { .. }
            | What::Row { .. }
            | What::Listed { .. }
            | What::Reader { .. } => {}
        }
    }

    /// Users that were members before `from` and have not left since.
    pub(super) fn stable_members(&self, conversation: ConversationId, from: Moment) -> Vec<UserId> {
        let changes = self.memberships.get(&conversation).map_or(&[][..], Vec::as_slice);
        let mut members: Vec<UserId> = changes
            .iter()
            .filter(|(at, _, change)| *at <= from && *change == Change::Joined)
            .map(|(_, user, _)| *user)
            .collect();
        members.sort_unstable();
        members.dedup();
        members.retain(|member| {
            let last = changes.iter().rev().find(|(at, user, _)| user == member && *at <= from);
            let later = changes.iter().any(|(at, user, _)| user == member && *at > from);
            last.is_some_and(|(.., change)| *change == Change::Joined) && !later
        });
        members
    }

    /// A client of the user that was online without a break from one moment on and then got a marker
    /// that was sent behind another: whatever it did not get until then, it never will.
    pub(super) fn proved_rest(
        &self,
        user: UserId,
        conversation: ConversationId,
        online: Moment,
        behind: Moment,
    ) -> Option<SessionId> {
        let rests = self.rests.get(&(user, conversation))?;
        let proves = |rest: &&Rest| {
            rest.proved.is_some_and(|marker| marker >= behind)
                && self.stays_open(rest.session, online, rest.at)
        };
        rests.iter().find(proves).map(|rest| rest.session)
    }

    /// Whether nobody but this cast uses the account.
    pub(super) fn is_exclusive(&self, user: UserId) -> bool {
        self.names.user(user).exclusive
    }

    /// A send that was accepted under this id.
    pub(super) fn send_of(&self, id: ServerId) -> Option<&Send> {
        self.accepted.get(&id).filter(|_| id.0 != 0).map(|send| &self.sends[*send])
    }

    /// Since when each user that joined a conversation once, and never left it, is its member.
    pub(super) fn settled_members(&self) -> HashMap<(ConversationId, UserId), Moment> {
        let mut settled = HashMap::new();
        for (conversation, changes) in &self.memberships {
            for (at, user, change) in changes {
                if *change == Change::Joined {
                    settled.entry((*conversation, *user)).or_insert(*at);
                }
            }
            for (_, user, _) in changes.iter().filter(|(.., change)| *change == Change::Left) {
                settled.remove(&(*conversation, *user));
            }
        }
        settled
    }

    /// Whether a recall of the message was begun and not refused.
    pub(super) fn may_be_recalled(&self, id: ServerId) -> bool {
        self.recalled.contains(&id)
    }

    /// Whether any client of the user got the item.
    pub(super) fn has_received(&self, user: UserId, id: ServerId) -> bool {
        self.received.contains(&(user, id))
    }

    /// What is known of a user that did not receive an accepted message.
    pub(super) fn missing(&self, user: UserId, send: &Send, accepted: Moment) -> Missing {
        let taken_back = matches!(send.outcome, Outcome::Accepted { id, .. } if self.recalled.contains(&id));
        if taken_back || self.members_disturbed || !self.names.user(user).exclusive {
            return Missing::Excused;
        }
        let Some(rests) = self.rests.get(&(user, send.conversation)) else { return Missing::Excused };
        let room = self.names.conversation(send.conversation).chat_type == ChatType::Room;
        let mut missing = Missing::Excused;
        for rest in rests.iter().filter(|rest| rest.at >= accepted) {
            if room && !self.stays_open(rest.session, send.at, rest.at) {
                continue;
            }
            if rest.proved.is_some_and(|marker| marker >= accepted) {
                return Missing::Lost;
            }
            missing = Missing::Unproved;
        }
        missing
    }

    /// When the connection was opened that the client has at this moment.
    pub(super) fn opened_before(&self, session: SessionId, at: Moment) -> Option<Moment> {
        let connections = self.connections.get(&session)?;
        let last = connections.partition_point(|(change, _)| *change <= at).checked_sub(1)?;
        let (since, open) = connections[last];
        open.then_some(since)
    }

    /// Whether the client was logged in from one moment to another without a break.
    pub(super) fn stays_open(&self, session: SessionId, from: Moment, to: Moment) -> bool {
        let connections = self.connections.get(&session).map_or(&[][..], Vec::as_slice);
        let before = connections.iter().rev().find(|(at, _)| *at <= from);
        let between = connections.iter().any(|(at, _)| *at > from && *at <= to);
        before.is_some_and(|(_, open)| *open) && !between
    }
}

fn recalled(records: &[Record]) -> HashSet<ServerId> {
    let mut begun = HashMap::new();
    for record in records {
        match record.what {
            What::Invoke { operation, call: Call::Recall { message, .. } } => {
                begun.insert(operation, message);
            }
            What::Fail { operation, .. } => {
                begun.remove(&operation);
            }
            _ => {}
        }
    }
    begun.into_values().collect()
}
