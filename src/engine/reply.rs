//! The reply to a REST call that a verb makes: booked, and held against what the step asks for.

use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use super::{evidence::excerpt, member::Member, setback::Setback};
use crate::{
    client::{ClientError, Method, Reply},
    history::{Call, OperationId, Refusal, Unknown},
    protocol::refusal::{Outcome, Subject, rest_outcome},
    scenario::model::Refused,
};

/// One call of a client.
#[derive(Debug)]
pub(super) struct Asking<'a> {
    /// `GET`, `POST`, …
    pub(super) method: Method,
    /// Below the app's base.
    pub(super) path: &'a str,
    pub(super) body: Option<&'a Json>,
    /// What the call is about, as far as a page's number for its refusal depends on it.
    pub(super) about: Subject,
}

/// A call that was answered. A refusal is in the books; a success is there once the verb has read it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) operation: OperationId,
    pub(super) reply: Reply,
    outcome: Outcome,
}

impl Member {
    /// Makes a call of REST, which the history knows as `call`, until the deadline.
    pub(super) async fn ask(
        &self,
        call: impl FnOnce(OperationId) -> Call,
        asking: Asking<'_>,
        within: Duration,
    ) -> Result<Asked, ClientError> {
        let client = self.client().ok_or_else(|| self.not_logged_in())?;
        let operation = self.ledger().begin_asking(self.role.session, call);
        let called = client.rest(asking.method, asking.path, asking.body);
        let reply = self.waited_for(operation, called, within).await?;
        Ok(self.asked(operation, reply, asking.about))
    }

    /// Waits for the end of a call until the deadline; a call that has none is in the books as unknown.
    pub(super) async fn waited_for<End>(
        &self,
        operation: OperationId,
        called: impl Future<Output = Result<End, ClientError>>,
        within: Duration,
    ) -> Result<End, ClientError> {
        self.waited_for_what(operation, called, within, || "the reply".to_owned()).await
    }

    /// The same, with what it waits for in words.
    pub(super) async fn waited_for_what<End>(
        &self,
        operation: OperationId,
        called: impl Future<Output = Result<End, ClientError>>,
        within: Duration,
        what: impl FnOnce() -> String,
    ) -> Result<End, ClientError> {
        let error = match tokio::time::timeout(within, called).await {
            Ok(Ok(end)) => return Ok(end),
            Ok(Err(error)) => error,
            Err(_) => ClientError::Timeout { waited_for: what(), after: within },
        };
        let unknown = match error {
            ClientError::Timeout { .. } => Unknown::TimedOut,
            _ => Unknown::Disconnected,
        };
        self.ledger().unknown(self.role.session, self.ledger().clock().now(), operation, unknown);
        Err(error)
    }

    /// A reply with what a page makes of it, in the books if it is a refusal.
    pub(super) fn asked(&self, operation: OperationId, reply: Reply, about: Subject) -> Asked {
        let outcome = rest_outcome(self.role.generation, about, reply.status, &reply.body);
        if !reply.is_success() {
            self.ledger().refused(self.role.session, reply.span.ended, operation, refusal(outcome));
        }
        Asked { operation, reply, outcome }
    }
}

/// What a step asks of a reply.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// Success in words, such as `the session list is answered`.
    pub(super) success: &'static str,
    /// The HTTP status that must come.
    pub(super) status: Option<u16>,
    /// The refusal that must come.
    pub(super) refused: Option<Refused>,
}

impl Wanted {
    /// What should happen, in words.
    pub(super) fn expectation(&self) -> String {
        match (self.refused, self.status) {
            (None, None) => self.success.to_owned(),
            (None, Some(status)) => format!("the answer has status {status}"),
            (Some(refused), status) => {
                let refused = match refused {
                    Refused::Code(code) => format!("it is refused with {code}"),
                    Refused::Muted => "it is refused because its caller is muted".to_owned(),
                };
                status.map_or_else(|| refused.clone(), |status| format!("{refused} and status {status}"))
            }
        }
    }

    /// The setback of a step that got something else.
    pub(super) fn missed(&self, observed: impl Into<String>) -> Setback {
        Setback::target(self.expectation(), observed)
    }

    /// Lets a call without an answer fail.
    pub(super) fn unanswered(&self, error: &ClientError) -> Setback {
        Setback::client(self.expectation(), error)
    }

    /// What `as` binds of a refusal that was asked for; `None` for a success that was.
    ///
    /// # Errors
    /// The setback of a step that got the other, or another refusal.
    pub(super) fn judge(&self, asked: &Asked) -> Result<Option<Map<String, Json>>, Setback> {
        let reply = &asked.reply;
        let fits_status = match self.status {
            Some(status) => reply.status == status,
            None => reply.is_success() || self.refused.is_some(),
        };
        let fits_number = match self.refused {
            None => true,
            Some(Refused::Code(code)) => asked.outcome.code() == Some(code),
            Some(Refused::Muted) => asked.outcome == Outcome::Muted,
        };
        if !(fits_status && fits_number) {
            return Err(self.missed(observed(reply, asked.outcome)));
        }
        Ok((!reply.is_success()).then(|| answered(reply, asked.outcome)))
    }
}

/// `code`, `status` and `error` of a success.
pub(super) fn succeeded() -> Map<String, Json> {
    fields(json!({"code": null, "status": 200, "error": ""}))
}

fn answered(reply: &Reply, outcome: Outcome) -> Map<String, Json> {
    fields(json!({"code": outcome.code(), "status": reply.status, "error": word(reply, "error")}))
}

fn fields(object: Json) -> Map<String, Json> {
    match object {
        Json::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn word<'a>(reply: &'a Reply, key: &str) -> &'a str {
    reply.body.get(key).and_then(Json::as_str).unwrap_or_default()
}

fn observed(reply: &Reply, outcome: Outcome) -> String {
    if reply.is_success() {
        return "it succeeded".to_owned();
    }
    let said = match (word(reply, "error"), word(reply, "error_description")) {
        ("", "") => excerpt(&reply.body.to_string()),
        (error, "") => excerpt(error),
        (error, description) => format!("{}: {}", excerpt(error), excerpt(description)),
    };
    let seen = match outcome {
        Outcome::Refused(code) => format!("a page sees {code}"),
        Outcome::Muted => "a page hears that its user is muted".to_owned(),
        Outcome::Unnumbered => "a page is told without a number".to_owned(),
        Outcome::Silent | Outcome::Success => "a page hears nothing".to_owned(),
    };
    format!("status {} ({said}; {seen})", reply.status)
}

fn refusal(outcome: Outcome) -> Refusal {
    match outcome {
        Outcome::Refused(code) => Refusal::Code(code),
        Outcome::Muted => Refusal::Muted,
        Outcome::Unnumbered | Outcome::Silent | Outcome::Success => Refusal::Silent,
    }
}
