//! An operation that REST carries: from its invocation over one or more calls to its outcome.

use std::time::Duration;

use serde_json::{Map, Value as Json, json};
use tokio::time::Instant;

use super::{evidence::excerpt, ledger::Ledger, member::Member, metrics::Metrics, setback::Setback};
use crate::{
    client::{ClientError, Method, Reply, Span},
    history::{Call, Instrument, OperationId, Refusal, Unknown},
    protocol::{
        refusal::{Outcome, Subject, rest_outcome},
        time::Moment,
    },
    scenario::model::Refused,
};

/// What a step wants of an operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// The refusal, by the number that a page's promise sees.
    pub(super) refused: Option<Refused>,
    /// The HTTP status; `None` is success.
    pub(super) status: Option<u16>,
    /// How long the whole operation may take.
    pub(super) within: Duration,
}

/// One operation of one client.
pub(super) struct Inquiry<'a> {
    member: &'a Member,
    /// Its name in the history.
    pub(super) operation: OperationId,
    began: Moment,
    deadline: Instant,
    wanted: Wanted,
    /// The operation in words, such as `the list of readers`.
    what: &'static str,
}

/// What one call of an operation gave.
#[derive(Debug)]
pub(super) enum Given {
    /// The reply that the step wants: a success, or one with the status that it names.
    Reply(Reply),
    /// The refusal that the step wants; the operation is over. The value is what `as` binds.
    Refusal(Map<String, Json>),
}

impl<'a> Inquiry<'a> {
    /// An operation begins.
    pub(super) fn begin(member: &'a Member, call: Call, what: &'static str, wanted: Wanted) -> Self {
        let ledger = member.ledger();
        let began = ledger.clock().now();
        let operation = ledger.invoke(member.role.session, began, call);
        Self { member, operation, began, deadline: Instant::now() + wanted.within, wanted, what }
    }

    /// The books of its client.
    pub(super) fn ledger(&self) -> &'a Ledger {
        self.member.ledger()
    }

    /// Makes one call with the client's own token, and holds the reply against what is wanted.
    ///
    /// # Errors
    /// The setback of a step that got another reply, or none in time.
    pub(super) async fn call(
        &self,
        subject: Subject,
        method: Method,
        path: &str,
        body: Option<&Json>,
    ) -> Result<Given, Setback> {
        let Some(client) = self.member.client() else {
            self.unknown(Unknown::Disconnected);
            return Err(Setback::script(self.expected(), "the client is not logged in"));
        };
        let reply = client.rest(method, path, body);
        self.given(subject, tokio::time::timeout_at(self.deadline, reply).await)
    }

    fn given(
        &self,
        subject: Subject,
        reply: Result<Result<Reply, ClientError>, tokio::time::error::Elapsed>,
    ) -> Result<Given, Setback> {
        let reply = match reply {
            Ok(Ok(reply)) => reply,
            Ok(Err(error)) => {
                self.unknown(Unknown::Disconnected);
                return Err(Setback::client(self.expected(), &error));
            }
            Err(_) => {
                self.unknown(Unknown::TimedOut);
                let within = self.wanted.within;
                return Err(Setback::target(self.expected(), format!("no answer within {within:?}")));
            }
        };
        let outcome = rest_outcome(self.member.role.generation, subject, reply.status, &reply.body);
        if !reply.is_success() {
            self.refused(outcome);
        }
        let fits_status = self.wanted.status.is_none_or(|status| status == reply.status);
        let fits = match self.wanted.refused {
            Some(Refused::Code(code)) => fits_status && outcome.code() == Some(code),
            Some(Refused::Muted) => fits_status && outcome == Outcome::Muted,
            None => fits_status && (self.wanted.status.is_some() || reply.is_success()),
        };
        if !fits {
            let said = excerpt(&reply.body.to_string());
            let page = match outcome {
                Outcome::Refused(code) => format!(", which a page sees as {code}"),
                _ => String::new(),
            };
            return Err(Setback::target(self.expected(), format!("status {}: {said}{page}", reply.status)));
        }
        if reply.is_success() { Ok(Given::Reply(reply)) } else { Ok(Given::Refusal(bound(&reply, outcome))) }
    }

    /// The operation went well: it is measured as a whole.
    pub(super) fn succeeded(&self, of: impl FnOnce(&Metrics) -> Instrument) {
        let ledger = self.ledger();
        let ended = ledger.clock().now();
        ledger.took(of, Span { started: self.began, ended });
        ledger.ok(self.member.role.session, ended, self.operation);
    }

    /// A successful reply does not say what it must.
    pub(super) fn unreadable(&self, expected: &str, reply: &Reply) -> Setback {
        self.unknown(Unknown::Disconnected);
        let said = excerpt(&reply.body.to_string());
        Setback::target(format!("{} holds {expected}", self.what), format!("it says {said}"))
    }

    fn expected(&self) -> String {
        match (self.wanted.refused, self.wanted.status) {
            (Some(Refused::Code(code)), _) => format!("{} is refused with {code}", self.what),
            (Some(Refused::Muted), _) => format!("{} is refused as muted", self.what),
            (None, Some(status)) => format!("{} answers {status}", self.what),
            (None, None) => format!("{} succeeds", self.what),
        }
    }

    fn refused(&self, outcome: Outcome) {
        let refusal = match outcome {
            Outcome::Refused(code) => Refusal::Code(code),
            Outcome::Muted => Refusal::Muted,
            Outcome::Unnumbered | Outcome::Silent | Outcome::Success => Refusal::Silent,
        };
        let ledger = self.ledger();
        ledger.refused(self.member.role.session, ledger.clock().now(), self.operation, refusal);
    }

    fn unknown(&self, unknown: Unknown) {
        let ledger = self.ledger();
        ledger.unknown(self.member.role.session, ledger.clock().now(), self.operation, unknown);
    }
}

/// What `as` binds of a refusal: `code`, `status` and `error`.
fn bound(reply: &Reply, outcome: Outcome) -> Map<String, Json> {
    let fields = [
        ("code", outcome.code().map_or(Json::Null, Json::from)),
        ("status", reply.status.into()),
        ("error", reply.body.get("error").cloned().unwrap_or(json!(null))),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
