//! The REST side of a client: tokens, registration, and any other call.

use std::{sync::Arc, time::Duration};

use reqwest::{Method, Url};
use serde_json::{Value, json};

use super::{ClientError, Clock, Span};
use crate::protocol::{escape::Excerpt, secret::Secret};

/// Largest reply that is read, bytes.
const MAX_BODY: usize = 8 * 1024 * 1024;
/// The one status that the SDK takes for success.
const SUCCESS: u16 = 200;

/// REST calls to one app. All clients of a run share it and its connections.
#[derive(Clone, Debug)]
pub struct Rest {
    http: reqwest::Client,
    api_url: Arc<str>,
    base: String,
    patience: Duration,
    clock: Clock,
}

/// What a REST call was answered, whatever its status.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body: its JSON, a string if it is none, null if it is empty.
    pub body: Value,
    /// When the call was begun, and when its last byte was read.
    pub span: Span,
    request: String,
}

impl Rest {
    pub(super) fn new(
        http: reqwest::Client,
        base: &str,
        app_key: &str,
        patience: Duration,
        clock: Clock,
    ) -> Result<Self, ClientError> {
        let Some((org, app)) =
            app_key.split_once('#').filter(|(org, app)| !org.is_empty() && !app.is_empty())
        else {
            return Err(ClientError::Misuse {
                problem: format!("`{app_key}` is not an app key: write ORG#APP"),
            });
        };
        let url = Url::parse(base).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        if url.is_none_or(|url| url.query().is_some() || url.fragment().is_some()) {
            return Err(ClientError::Misuse {
                problem: format!("`{base}` is not a REST address: write http(s)://HOST"),
            });
        }
        let api_url = base.trim_end_matches('/');
        let base = format!("{api_url}/{org}/{app}");
        Ok(Self { http, api_url: api_url.into(), base, patience, clock })
    }

    /// The server's address, without organisation and app (`apiUrl`).
    pub const fn api_url(&self) -> &Arc<str> {
        &self.api_url
    }

    /// Who is on a user's block list; nobody if it cannot be had, as the SDK has it.
    pub(super) async fn blocklist(&self, user: &str, token: &Secret) -> Vec<String> {
        let path = format!("/users/{user}/blocks/users");
        let Ok(reply) = self.call(Method::GET, &path, Some(token), None).await else { return Vec::new() };
        let names = reply.body.get("data").and_then(Value::as_array).filter(|_| reply.is_success());
        names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Exchanges a password for the user's token, as the SDK does at login.
    ///
    /// # Errors
    /// Any [`ClientError`] of a REST call.
    pub async fn user_token(&self, user: &str, password: &Secret) -> Result<(Secret, Span), ClientError> {
        self.token(json!({
            "grant_type": "password",
            "username": user,
            "password": password.reveal(),
            "timestamp": self.clock.now().as_millis(),
        }))
        .await
    }

    /// Exchanges client credentials for the app's token, which may do anything.
    ///
    /// # Errors
    /// Any [`ClientError`] of a REST call.
    pub async fn app_token(&self, id: &str, secret: &Secret) -> Result<(Secret, Span), ClientError> {
        self.token(json!({
            "grant_type": "client_credentials",
            "client_id": id,
            "client_secret": secret.reveal(),
        }))
        .await
    }

    /// Registers a user; `authority` is the app's token where registration is not open.
    ///
    /// # Errors
    /// Any [`ClientError`] of a REST call.
    pub async fn register(
        &self,
        user: &str,
        password: &Secret,
        authority: Option<&Secret>,
    ) -> Result<Reply, ClientError> {
        let body = json!({"username": user, "password": password.reveal()});
        self.call(Method::POST, "/users", authority, Some(&body)).await?.success()
    }

    /// Makes one call below the app's base, such as `/chatgroups/1/users?pagenum=1`.
    ///
    /// # Errors
    /// Only what keeps the call from being answered: [`ClientError::Unreachable`],
    /// [`ClientError::Timeout`], and [`ClientError::Misbehaved`] for a reply that is too long.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&Secret>,
        body: Option<&Value>,
    ) -> Result<Reply, ClientError> {
        let request = format!("{method} {}", path.split('?').next().unwrap_or_default());
        let mut call = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = token {
            call = call.bearer_auth(token.reveal());
        }
        if let Some(body) = body {
            call = call.json(body);
        }
        let started = self.clock.now();
        let failed = |error: reqwest::Error| {
            if error.is_timeout() {
                ClientError::Timeout { waited_for: format!("the reply to {request}"), after: self.patience }
            } else {
                ClientError::Unreachable { request: request.clone(), source: error.without_url().into() }
            }
        };
        let mut reply = call.send().await.map_err(failed)?;
        let mut bytes = Vec::new();
        while let Some(chunk) = reply.chunk().await.map_err(failed)? {
            if bytes.len() + chunk.len() > MAX_BODY {
                return Err(ClientError::Misbehaved {
                    request,
                    expected: "a reply of at most 8 MiB",
                    got: Excerpt(&bytes).to_string(),
                });
            }
            bytes.extend_from_slice(&chunk);
        }
        let span = Span { started, ended: self.clock.now() };
        let body = match serde_json::from_slice(&bytes) {
            Ok(value) => value,
            Err(_) if bytes.is_empty() => Value::Null,
            Err(_) => Value::String(String::from_utf8_lossy(&bytes).into_owned()),
        };
        Ok(Reply { status: reply.status().as_u16(), body, span, request })
    }

    async fn token(&self, body: Value) -> Result<(Secret, Span), ClientError> {
        let reply = self.call(Method::POST, "/token", None, Some(&body)).await?.success()?;
        match reply.body.get("access_token").and_then(Value::as_str) {
            Some(token) if !token.is_empty() => Ok((Secret::new(token), reply.span)),
            _ => Err(ClientError::Misbehaved {
                request: reply.request,
                expected: "a JSON object with an access_token",
                got: match &reply.body {
                    Value::Object(_) => "an object without it".to_owned(),
                    other => Excerpt(other.to_string().as_bytes()).to_string(),
                },
            }),
        }
    }
}

impl Reply {
    /// Whether the SDK would take it for success: status 200 and nothing else.
    pub const fn is_success(&self) -> bool {
        self.status == SUCCESS
    }

    /// The reply itself if it is a success.
    ///
    /// # Errors
    /// [`ClientError::Rest`] with the server's words otherwise.
    pub fn success(self) -> Result<Self, ClientError> {
        if self.is_success() {
            return Ok(self);
        }
        let said = |key| {
            let said = self.body.get(key).and_then(Value::as_str).unwrap_or_default();
            Excerpt(said.as_bytes()).to_string()
        };
        let (error, description) = match &self.body {
            Value::Object(_) => (said("error"), said("error_description")),
            Value::String(text) => ("no JSON".to_owned(), Excerpt(text.as_bytes()).to_string()),
            other => ("no error object".to_owned(), Excerpt(other.to_string().as_bytes()).to_string()),
        };
        Err(ClientError::Rest { request: self.request, status: self.status, error, description })
    }
}
