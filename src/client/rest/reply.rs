//! What a REST call was answered.

use std::{fmt, time::Duration};

use serde_json::Value;

use super::super::{ClientError, Span};
use crate::protocol::{escape::Excerpt, secret::Secret};

/// The one status that the SDK takes for success.
const SUCCESS: u16 = 200;

/// What a REST call was answered, whatever its status. Its `Debug` hides the body, which may hold a
/// token.
#[derive(Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body: its JSON, a string if it is none, null if it is empty.
    pub body: Value,
    /// When the call was begun, and when its last byte was read.
    pub span: Span,
    pub(super) request: String,
    pub(super) is_json: bool,
    /// Where a redirect points.
    pub(super) location: Option<String>,
    /// When the server wants to be asked again.
    pub(super) retry_after: Option<Duration>,
    /// What was sent and must not be shown where a server repeats it.
    pub(super) secrets: Vec<Secret>,
}

impl Reply {
    /// Whether the SDK would take it for success: status 200 and nothing else.
    pub const fn is_success(&self) -> bool {
        self.status == SUCCESS
    }

    /// The reply itself if it is a success: status 200 and a body of JSON, as the SDK's promises
    /// have it.
    ///
    /// # Errors
    /// [`ClientError::Rest`] with the server's words for another status,
    /// [`ClientError::Redirected`] for a redirect, and [`ClientError::Misbehaved`] for a success
    /// that is no JSON.
    pub fn success(self) -> Result<Self, ClientError> {
        if self.is_success() && self.is_json {
            return Ok(self);
        }
        if self.is_success() {
            let got = match &self.body {
                Value::String(text) => self.shown(text),
                _ => "nothing".to_owned(),
            };
            return Err(ClientError::Misbehaved { request: self.request, expected: "a body of JSON", got });
        }
        if let Some(location) = &self.location {
            let to = self.shown(location);
            return Err(ClientError::Redirected { request: self.request, status: self.status, to });
        }
        let word = |key| self.body.get(key).and_then(Value::as_str);
        let (error, description) = match &self.body {
            Value::Object(_) if word("error").or_else(|| word("error_description")).is_some() => {
                let said = |key| self.shown(word(key).unwrap_or_default());
                (said("error"), said("error_description"))
            }
            Value::String(text) => ("no JSON".to_owned(), self.shown(text)),
            other => ("no error object".to_owned(), self.shown(&other.to_string())),
        };
        let Self { request, status, retry_after, .. } = self;
        Err(ClientError::Rest { request, status, error, description, retry_after })
    }

    /// The same reply, which does not show that secret where the server repeats it.
    pub(super) fn withholding(mut self, secret: &Secret) -> Self {
        self.secrets.push(secret.clone());
        self
    }

    /// What JSON the body is, for replies that hold secrets.
    pub(super) const fn kind(&self) -> &'static str {
        match &self.body {
            Value::Null if !self.is_json => "nothing",
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) if !self.is_json => "text that is no JSON",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        }
    }

    /// A server's words: without what was secret, escaped, bounded.
    fn shown(&self, words: &str) -> String {
        let mut clean = words.to_owned();
        for secret in &self.secrets {
            clean = secret.withheld_from(&clean).into_owned();
        }
        Excerpt(clean.as_bytes()).to_string()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("request", &self.request)
            .field("status", &self.status)
            .field("body", &format_args!("<{}>", self.kind()))
            .finish_non_exhaustive()
    }
}
