//! Why a client could not do what it was asked.

use std::time::Duration;

use crate::{session::LoginFailure, transport::TransportError};

/// What stops a client. A refusal by the server is an answer, not an error.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server began to answer, or took the call, and did not finish.
    #[error("the reply to {request} broke off: expected a whole one, got {came}")]
    BrokenOff {
        /// Method and path.
        request: String,
        /// What had come.
        came: String,
        /// What the system says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The client has ended: it was logged out, its inbox overflowed, or its first login failed.
    #[error("the client has ended")]
    Ended,
    /// The server did not let the user in.
    #[error("{user} could not log in: {}", described(failure))]
    LoginFailed {
        /// The user.
        user: String,
        /// What the server made of PROVISION.
        failure: LoginFailure,
    },
    /// The REST reply is not what it must be.
    #[error("{request} misbehaved: expected {expected}, got {got}")]
    Misbehaved {
        /// Method and path.
        request: String,
        /// What should have come.
        expected: &'static str,
        /// What came, escaped and bounded.
        got: String,
    },
    /// What was asked makes no sense at this point.
    #[error("{problem}")]
    Misuse {
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The REST server points elsewhere. Redirects are not followed, because the token must not be.
    #[error("{request} was redirected with status {status} to {to}: give the address that answers itself")]
    Redirected {
        /// Method and path.
        request: String,
        /// The HTTP status.
        status: u16,
        /// Where to, escaped and bounded.
        to: String,
    },
    /// The REST call was refused.
    #[error("{request} was refused with status {status}: {error} ({description})")]
    Rest {
        /// Method and path.
        request: String,
        /// The HTTP status.
        status: u16,
        /// `error` of the reply.
        error: String,
        /// `error_description` of the reply, escaped and bounded.
        description: String,
        /// When the server wants to be asked again (`Retry-After` in seconds), if it says.
        retry_after: Option<Duration>,
    },
    /// Something did not come in time.
    #[error("{waited_for} did not come within {after:?}")]
    Timeout {
        /// What was awaited.
        waited_for: String,
        /// How long.
        after: Duration,
    },
    /// The connection could not be made, or ended.
    #[error("no connection to the chat server")]
    Transport(#[from] TransportError),
    /// The REST server cannot be reached.
    #[error("{request} cannot reach the REST server")]
    Unreachable {
        /// Method and path.
        request: String,
        /// What the system says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

fn described(failure: &LoginFailure) -> String {
    match failure {
        LoginFailure::Refused { code, status, reason } => {
            let reason = crate::protocol::escape::Excerpt(reason.as_bytes());
            format!("the server refused with status {status} and reason {reason} (the page sees {code})")
        }
        LoginFailure::WithoutStatus => "the server's answer had no status".to_owned(),
        LoginFailure::TimedOut => "the server did not answer PROVISION in time".to_owned(),
    }
}
