//! The server's answer to something that a client sent, held against what the step asks for.

use serde_json::{Map, Value as Json};

use super::{evidence::answered, member::Member, setback::Setback};
use crate::{client::Sent, protocol::refusal::Outcome, scenario::model::Refused, session::Answer};

/// What a step expects of the server, in words: success, or a refusal of `what`.
pub(super) fn expectation(success: &str, what: &str, refused: Option<Refused>) -> String {
    match refused {
        None => success.to_owned(),
        Some(Refused::Code(code)) => format!("{what} is refused with {code}"),
        Some(Refused::Muted) => format!("{what} is refused because its sender is muted"),
    }
}

/// What `as` binds of an answer: `id`, `mid`, `time`, and for a refusal `code`, `status`, `reason`.
pub(super) fn bound(sent: &Sent) -> Map<String, Json> {
    let (mut mid, mut time, mut code, mut status, mut reason) =
        (Json::Null, Json::Null, Json::Null, Json::Null, "".into());
    match &sent.answer {
        Answer::Accepted { mid: server, timestamp } => {
            mid = server.to_string().into();
            time = timestamp.map_or(Json::Null, |time| time.as_millis().into());
        }
        Answer::Refused { outcome, status: said, reason: why } => {
            code = outcome.code().map_or(Json::Null, Json::from);
            status = said.map_or(Json::Null, Json::from);
            reason = why.as_str().into();
        }
        Answer::TimedOut | Answer::Lost(_) => {}
    }
    let id = sent.id.to_string().into();
    let fields =
        [("id", id), ("mid", mid), ("code", code), ("status", status), ("reason", reason), ("time", time)];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Whether the answer is the one that the step asks for.
///
/// # Errors
/// The setback of a step that got another answer.
pub(super) fn judged(
    expected: String,
    member: &Member,
    answer: &Answer,
    refused: Option<Refused>,
) -> Result<(), Setback> {
    let fits = match (answer, refused) {
        (Answer::Accepted { .. }, wanted) => wanted.is_none(),
        (Answer::Refused { outcome, .. }, Some(Refused::Muted)) => *outcome == Outcome::Muted,
        (Answer::Refused { outcome, .. }, Some(Refused::Code(code))) => outcome.code() == Some(code),
        (Answer::Refused { .. } | Answer::TimedOut | Answer::Lost(_), _) => false,
    };
    if fits {
        return Ok(());
    }
    let mut observed = answered(answer);
    if matches!(answer, Answer::TimedOut | Answer::Lost(_)) && !member.is_online() {
        observed.push_str("; the client is not online");
    }
    Err(Setback::target(expected, observed))
}
