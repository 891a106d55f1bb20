//! The books of one cast: translates what its clients do and hear into the history's records and
//! measurements, and keeps the last lines for the transcript of a failure.

mod look;
mod traffic;

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    client::{Clock, Misbehaviour, Span},
    history::{
        Call, Cast, Change, Conversation, ConversationId, Defect, Disturbance, Instrument, OperationId,
        Recorder, Refusal, Secrets, SessionId, Unknown, User, UserId, What,
    },
    protocol::{
        id::{LocalId, ServerId},
        secret::Secret,
        time::Moment,
    },
    session,
};

use super::{
    evidence::{Evidence, Line},
    flights::Flights,
    metrics::Metrics,
    place::Place,
};

/// The books of one cast.
#[derive(Debug)]
pub(super) struct Ledger {
    recorder: Recorder,
    metrics: Metrics,
    cast: Cast,
    clock: Clock,
    secrets: Secrets,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    users: HashMap<String, UserId>,
    conversations: HashMap<Place, ConversationId>,
    /// Single chats whose members are recorded.
    singles: HashSet<ConversationId>,
    flights: Flights,
    lines: Evidence,
    /// How often the server did what it never should, and the first time in words.
    breaches: Option<(u64, String)>,
    /// How much later than intended the current conversation began.
    lag: Duration,
}

impl Ledger {
    pub(super) fn new(
        recorder: Recorder,
        metrics: Metrics,
        cast: Cast,
        clock: Clock,
        secrets: Secrets,
    ) -> Self {
        Self { recorder, metrics, cast, clock, secrets, state: Mutex::default() }
    }

    pub(super) fn clock(&self) -> Clock {
        self.clock
    }

    pub(super) fn cast(&self) -> Cast {
        self.cast
    }

    /// A password or token that no report may show.
    pub(super) fn keep_secret(&self, secret: &Secret) {
        self.secrets.add(secret);
    }

    pub(super) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// An account of this cast, or one that it merely knows.
    pub(super) fn user(&self, name: &str, exclusive: Exclusive) -> UserId {
        let mut state = self.state();
        self.user_in(&mut state, name, exclusive)
    }

    fn user_in(&self, state: &mut State, name: &str, exclusive: Exclusive) -> UserId {
        if let Some(id) = state.users.get(name) {
            return *id;
        }
        let exclusive = exclusive == Exclusive::Yes;
        let id = self.recorder.name(|names| names.add_user(User { name: name.to_owned(), exclusive }));
        state.users.insert(name.to_owned(), id);
        id
    }

    fn conversation_in(&self, state: &mut State, place: &Place) -> ConversationId {
        if let Some(id) = state.conversations.get(place) {
            return *id;
        }
        let conversation = Conversation { chat_type: place.chat_type(), label: place.label() };
        let id = self.recorder.name(|names| names.add_conversation(conversation));
        state.conversations.insert(place.clone(), id);
        id
    }

    /// A conversation begins, this much later than intended.
    pub(super) fn begin(&self, lag: Duration) {
        let mut state = self.state();
        state.lag = lag;
        state.lines.clear();
    }

    /// A conversation was played to its end.
    pub(super) fn end(&self, took: Duration) {
        let lag = self.state().lag;
        self.recorder.time(self.cast, self.metrics.conversation, took, took + lag);
        self.recorder.count(self.cast, self.metrics.conversations);
    }

    /// A conversation found no free cast when it was due.
    pub(super) fn late(&self) {
        self.recorder.count(self.cast, self.metrics.late);
    }

    /// A step did not go as the script says.
    pub(super) fn error(&self) {
        self.recorder.count(self.cast, self.metrics.errors);
    }

    /// The last lines of this conversation, for people.
    pub(super) fn transcript(&self) -> Vec<String> {
        self.state().lines.render(self.clock)
    }

    /// The server did what it never should.
    pub(super) fn breach(&self, says: impl FnOnce() -> String) {
        match &mut self.state().breaches {
            Some((count, _)) => *count += 1,
            none => *none = Some((1, says())),
        }
    }

    /// How often the server did what it never should, and the first time in words.
    pub(super) fn breaches(&self) -> Option<(u64, String)> {
        self.state().breaches.clone()
    }

    /// Adds a line to the transcript.
    pub(super) fn note(&self, line: Line) {
        self.note_at(self.clock.now(), line);
    }

    /// Adds a line about something that happened at this moment.
    pub(super) fn note_at(&self, at: Moment, line: Line) {
        self.state().lines.push(at, line);
    }

    /// `user` is a member of the conversation from now on.
    pub(super) fn member(&self, session: SessionId, place: &Place, user: UserId) {
        let conversation = self.conversation_in(&mut self.state(), place);
        let what = What::Membership { conversation, user, change: Change::Joined };
        self.record(session, self.clock.now(), what);
    }

    /// A REST call may have changed what the history does not follow.
    pub(super) fn disturbed(&self, session: SessionId, disturbance: Disturbance) {
        self.record(session, self.clock.now(), What::Disturbed(disturbance));
    }

    /// A marker was sent behind everything else in a conversation at this moment and has arrived at
    /// this client; `None` if it has not.
    pub(super) fn rested(&self, session: SessionId, place: &Place, proved: Option<Moment>) {
        let conversation = self.conversation_in(&mut self.state(), place);
        self.record(session, self.clock.now(), What::Rest { conversation, proved });
    }

    /// A call begins.
    pub(super) fn invoke(&self, session: SessionId, at: Moment, call: Call) -> OperationId {
        let operation = self.recorder.next_operation();
        self.record(session, at, What::Invoke { operation, call });
        operation
    }

    /// A call ended well.
    pub(super) fn ok(&self, session: SessionId, at: Moment, operation: OperationId) {
        let (id, local) = (ServerId::default(), LocalId::default());
        self.record(session, at, What::Ok { operation, id, local });
    }

    /// Nobody knows how a call ended.
    pub(super) fn unknown(&self, session: SessionId, at: Moment, operation: OperationId, unknown: Unknown) {
        self.record(session, at, What::Info { operation, unknown });
    }

    /// The server refused a call.
    pub(super) fn refused(&self, session: SessionId, at: Moment, operation: OperationId, refusal: Refusal) {
        self.recorder.count(self.cast, self.metrics.refusals);
        self.record(session, at, What::Fail { operation, refusal, id: ServerId::default() });
    }

    /// A login ended well: how long connecting and opening the session took.
    pub(super) fn opened(&self, connect: Span, login: Span) {
        let time = |instrument, span: Span| {
            self.recorder.time(self.cast, instrument, span.duration(), span.duration());
        };
        time(self.metrics.connect, connect);
        time(self.metrics.login, login);
    }

    /// A REST call was answered, or several that are measured as one.
    pub(super) fn took(&self, of: impl FnOnce(&Metrics) -> Instrument, span: Span) {
        let lag = self.state().lag;
        self.recorder.time(self.cast, of(&self.metrics), span.duration(), span.duration() + lag);
    }

    fn record(&self, session: SessionId, at: Moment, what: What) {
        self.recorder.record(self.cast, session, at, what);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether nobody but this cast uses an account.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Exclusive {
    Yes,
    No,
}

fn defect(misbehaviour: &Misbehaviour) -> Defect {
    match misbehaviour {
        Misbehaviour::Session(session::Misbehaviour::AnsweredTwice(id)) => Defect::AnsweredTwice(*id),
        Misbehaviour::Session(session::Misbehaviour::AnsweredUnknown(id)) => Defect::AnsweredUnknown(id.0),
        Misbehaviour::Session(session::Misbehaviour::Undecodable(_)) | Misbehaviour::Frame(_) => {
            Defect::Undecodable
        }
        Misbehaviour::Session(_) => Defect::Protocol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_breach_is_counted_and_the_first_one_is_told() {
        let recorder = Recorder::new(1);
        let metrics = Metrics::new(&recorder);
        let ledger = Ledger::new(recorder, metrics, Cast(0), Clock::start(), Secrets::default());
        assert_eq!(ledger.breaches(), None);
        ledger.breach(|| "garbage".to_owned());
        ledger.breach(|| "more garbage".to_owned());
        assert_eq!(ledger.breaches(), Some((2, "garbage".to_owned())));
    }
}
