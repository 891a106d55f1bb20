//! Hand-made histories for the checkers' tests: `story.alice().sends("hi").accepted(1)`.

use super::{CHECKERS, Checker, judge};
use crate::{
    history::{
        Call, Cast, Change, Content, Conversation, ConversationId, Defect, Disturbance, History, Item,
        Member, MessageKind, Names, Notice, NoticeKind, OperationId, Record, Refusal, SessionId, Unknown,
        User, UserId, What,
    },
    judge::Finding,
    protocol::{
        id::{LocalId, ServerId},
        message::ChatType,
        time::Moment,
    },
};

/// The one conversation of a story: alice, bob and carol are members, dave is not.
pub(super) const TEAM: ConversationId = ConversationId(0);
/// The single chat of alice and bob.
pub(super) const PAIR: ConversationId = ConversationId(1);
const PEOPLE: [&str; 4] = ["alice", "bob", "carol", "dave"];
const STRANGER: UserId = UserId(4);

/// A history in the making. Every record is a millisecond after the one before.
pub(super) struct Story {
    names: Names,
    records: Vec<Record>,
    operations: u64,
}

impl Story {
    /// A group.
    pub(super) fn team() -> Self {
        Self::of(ChatType::Group)
    }

    /// A chat room.
    pub(super) fn room() -> Self {
        Self::of(ChatType::Room)
    }

    fn of(chat_type: ChatType) -> Self {
        let mut names = Names::default();
        for name in PEOPLE {
            let user = names.add_user(User { name: name.to_owned(), exclusive: true });
            names.add_session(Member { cast: Cast(0), user, label: name.to_owned() });
        }
        names.add_user(User { name: "stranger".to_owned(), exclusive: false });
        names.add_conversation(Conversation { chat_type, label: "team".to_owned() });
        let (chat_type, label) = (ChatType::Single, "alice-bob".to_owned());
        names.add_conversation(Conversation { chat_type, label });
        let mut story = Self { names, records: Vec::new(), operations: 0 };
        for person in 0..4 {
            story.by(person).opens();
        }
        for person in 0..3 {
            story.by(person).joins(TEAM);
        }
        for person in 0..2 {
            story.by(person).joins(PAIR);
        }
        story
    }

    pub(super) fn alice(&mut self) -> Person<'_> {
        self.by(0)
    }

    pub(super) fn bob(&mut self) -> Person<'_> {
        self.by(1)
    }

    pub(super) fn carol(&mut self) -> Person<'_> {
        self.by(2)
    }

    pub(super) fn dave(&mut self) -> Person<'_> {
        self.by(3)
    }

    fn by(&mut self, person: u32) -> Person<'_> {
        Person { story: self, person }
    }

    /// A send that was begun is accepted.
    pub(super) fn accept(&mut self, (person, operation): (u32, OperationId), id: u64) {
        self.by(person).add(What::Ok { operation, id: ServerId(id), local: LocalId(operation.0 + 1000) });
    }

    /// What the checker finds in the story so far.
    pub(super) fn finding(&self, checker: &str) -> Finding {
        let history = History { names: self.names.clone(), records: self.records.clone() };
        let id = Checker::find(checker).unwrap().id;
        let place = CHECKERS.iter().position(|one| one.id == id).unwrap();
        judge(&history).swap_remove(place)
    }
}

/// One person in a story.
pub(super) struct Person<'a> {
    story: &'a mut Story,
    person: u32,
}

impl<'a> Person<'a> {
    fn add(&mut self, what: What) {
        let at = Moment::from_millis(self.story.records.len() as u64 + 1);
        self.story.records.push(Record { at, cast: Cast(0), session: SessionId(self.person), what });
    }

    fn user(&self) -> UserId {
        UserId(self.person)
    }

    pub(super) fn opens(&mut self) {
        self.add(What::Opened);
    }

    pub(super) fn closes(&mut self) {
        self.add(What::Closed);
    }

    pub(super) fn joins(&mut self, conversation: ConversationId) {
        self.add(What::Membership { conversation, user: self.user(), change: Change::Joined });
    }

    pub(super) fn leaves(&mut self, conversation: ConversationId) {
        self.add(What::Membership { conversation, user: self.user(), change: Change::Left });
    }

    pub(super) fn disturbs(&mut self) {
        self.add(What::Disturbed(Disturbance::Members));
    }

    pub(super) fn misbehaves(&mut self, defect: Defect) {
        self.add(What::Misbehaved(defect));
    }

    pub(super) fn disturbs_relations(&mut self) {
        self.add(What::Disturbed(Disturbance::Relations));
    }

    fn calls(&mut self, call: impl FnOnce(OperationId) -> Call) -> OperationId {
        let operation = OperationId(self.story.operations);
        self.story.operations += 1;
        self.add(What::Invoke { operation, call: call(operation) });
        operation
    }

    fn succeeds(&mut self, operation: OperationId) {
        self.add(What::Ok { operation, id: ServerId(0), local: LocalId(0) });
    }

    /// Takes a message back.
    pub(super) fn recalls(&mut self, id: u64) {
        let operation = self.calls(|_| Call::Recall { conversation: TEAM, message: ServerId(id) });
        self.succeeds(operation);
    }

    /// Tries to take a message back.
    pub(super) fn recalls_in_vain(&mut self, id: u64, code: i32) {
        let operation = self.calls(|_| Call::Recall { conversation: TEAM, message: ServerId(id) });
        self.add(What::Fail { operation, refusal: Refusal::Code(code), id: ServerId(0) });
    }

    /// Gives a receipt.
    pub(super) fn acknowledges(&mut self, kind: NoticeKind, conversation: ConversationId, id: u64) {
        let operation = self.calls(|_| Call::Acknowledge { kind, conversation, message: ServerId(id) });
        self.succeeds(operation);
    }

    /// Gets a receipt or recall of this number, about a message, from a person.
    pub(super) fn is_told(&mut self, kind: NoticeKind, id: u64, message: u64, from: u32) {
        let (id, message, from) = (ServerId(id), ServerId(message), Some(UserId(from)));
        self.add(What::Notice(Notice { kind, id, message, from, readers: None }));
    }

    /// Reads the whole history of the team in one page: ids and texts, alice's.
    pub(super) fn reads_the_history(&mut self, rows: &[(u64, &str)]) {
        self.reads_a_page(rows, true);
    }

    /// Deletes a session, and the history with it or not.
    pub(super) fn deletes(&mut self, conversation: ConversationId, roaming: bool) {
        let operation = self.calls(|_| Call::DeleteSession { conversation, roaming });
        self.succeeds(operation);
    }

    /// Reads one page of the history of the team, from its newest.
    pub(super) fn reads_a_page(&mut self, rows: &[(u64, &str)], last: bool) {
        let operation = self.calls(|walk| Call::History { conversation: TEAM, walk, start: None, count: 20 });
        let count = u32::try_from(rows.len()).unwrap();
        self.add(What::Page { operation, rows: count, last });
        for (id, text) in rows {
            let content = Content::new(MessageKind::Text, text);
            let (id, sender) = (ServerId(*id), UserId(0));
            let item = Item { conversation: TEAM, sender, id, content, position: None };
            self.add(What::Row { operation, item });
        }
        self.succeeds(operation);
    }

    /// Comes to rest, with a marker that arrived or without.
    pub(super) fn rests(&mut self, conversation: ConversationId, proved: bool) {
        let proved = proved.then(|| Moment::from_millis(self.story.records.len() as u64 + 1));
        self.add(What::Rest { conversation, proved });
    }

    /// Begins to send; [`Story::accept`] ends it.
    pub(super) fn begins(&mut self, text: &str) -> (u32, OperationId) {
        self.begins_in(TEAM, text)
    }

    fn begins_in(&mut self, conversation: ConversationId, text: &str) -> (u32, OperationId) {
        let content = Content::new(MessageKind::Text, text);
        (self.person, self.calls(|_| Call::Send { conversation, content }))
    }

    pub(super) fn sends(self, text: &str) -> Sending<'a> {
        let local = LocalId(self.story.operations + 1000);
        self.sends_as(TEAM, local, text)
    }

    /// Sends somewhere else than to the team.
    pub(super) fn sends_to(self, conversation: ConversationId, text: &str) -> Sending<'a> {
        let local = LocalId(self.story.operations + 1000);
        self.sends_as(conversation, local, text)
    }

    /// Sends under a local id of the story's choice.
    pub(super) fn sends_again(self, local: u64, text: &str) -> Sending<'a> {
        self.sends_as(TEAM, LocalId(local), text)
    }

    fn sends_as(mut self, conversation: ConversationId, local: LocalId, text: &str) -> Sending<'a> {
        let (_, operation) = self.begins_in(conversation, text);
        Sending { person: self, operation, local }
    }

    /// Receives an item; alice sent it, unless it is her who receives.
    pub(super) fn receives(&mut self, id: u64, text: &str) {
        let sender = if self.person == 0 { UserId(1) } else { UserId(0) };
        self.receives_of(sender, id, text);
    }

    pub(super) fn receives_from_a_stranger(&mut self, id: u64, text: &str) {
        self.receives_of(STRANGER, id, text);
    }

    fn receives_of(&mut self, sender: UserId, id: u64, text: &str) {
        let position = Some(self.story.records.len() as u64);
        let content = Content::new(MessageKind::Text, text);
        self.add(What::Receive(Item { conversation: TEAM, sender, id: ServerId(id), content, position }));
    }
}

/// A message that awaits its outcome.
pub(super) struct Sending<'a> {
    person: Person<'a>,
    operation: OperationId,
    local: LocalId,
}

impl Sending<'_> {
    pub(super) fn accepted(mut self, id: u64) {
        self.person.add(What::Ok { operation: self.operation, id: ServerId(id), local: self.local });
    }

    pub(super) fn refused(mut self, code: i32) {
        let refusal = Refusal::Code(code);
        self.person.add(What::Fail { operation: self.operation, refusal, id: ServerId(0) });
    }

    pub(super) fn unanswered(mut self) {
        self.person.add(What::Info { operation: self.operation, unknown: Unknown::TimedOut });
    }
}
