//! The REST side of a client: tokens, registration, and any other call.

mod address;
mod download;
mod reply;
mod transfer;
mod upload;

use std::{sync::Arc, time::Duration};

use reqwest::{
    Method, RequestBuilder, Response,
    header::{LOCATION, RETRY_AFTER},
};
use serde_json::{Value, json};

use self::address::Base;
pub use self::{
    address::segment,
    download::{Downloaded, Downloading, Fetched, Rendition},
    reply::Reply,
    upload::{Progress, Uploaded, Uploading},
};
use super::{ClientError, Clock, Span};
use crate::protocol::{secret::Secret, time::Moment};

/// Largest reply that is read, bytes.
const MAX_BODY: usize = 8 * 1024 * 1024;
/// What a text may begin with before its JSON; browsers drop it.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// REST calls to one app. All clients of a run share it and its connections.
#[derive(Clone, Debug)]
pub struct Rest {
    http: reqwest::Client,
    base: Base,
    patience: Duration,
    clock: Clock,
}

impl Rest {
    pub(super) fn new(
        http: reqwest::Client,
        base: &str,
        app_key: &str,
        patience: Duration,
        clock: Clock,
    ) -> Result<Self, ClientError> {
        Ok(Self { http, base: Base::new(base, app_key)?, patience, clock })
    }

    /// The server's address, without organisation and app (`apiUrl`).
    pub const fn api_url(&self) -> &Arc<str> {
        &self.base.api_url
    }

    /// Who is on a user's block list; nobody if it cannot be had, as the SDK has it.
    pub(super) async fn blocklist(&self, user: &str, token: &Secret) -> Vec<String> {
        let path = format!("/users/{}/blocks/users", segment(user));
        let Ok(reply) = self.call(Method::GET, &path, Some(token), None).await else { return Vec::new() };
        let names = reply.body.get("data").and_then(Value::as_array).filter(|_| reply.is_success());
        names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Exchanges a password for the user's token, as the SDK does at login.
    ///
    /// # Errors
    /// Any [`ClientError`] of a REST call.
    pub async fn user_token(&self, user: &str, password: &Secret) -> Result<(Secret, Span), ClientError> {
        let body = json!({
            "grant_type": "password",
            "username": user,
            "password": password.reveal(),
            "timestamp": self.clock.now().as_millis(),
        });
        self.token(body, password).await
    }

    /// Exchanges client credentials for the app's token, which may do anything.
    ///
    /// # Errors
    /// Any [`ClientError`] of a REST call.
    pub async fn app_token(&self, id: &str, secret: &Secret) -> Result<(Secret, Span), ClientError> {
        let body = json!({
            "grant_type": "client_credentials",
            "client_id": id,
            "client_secret": secret.reveal(),
        });
        self.token(body, secret).await
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
        self.call(Method::POST, "/users", authority, Some(&body)).await?.withholding(password).success()
    }

    /// Makes one call below the app's base, such as `/chatgroups/1/users?pagenum=1`. Names in the
    /// path are [`segment`]s. A redirect is not followed, so that the token stays where it belongs.
    ///
    /// # Errors
    /// Only what keeps the call from being answered: [`ClientError::Misuse`] for a path that leads
    /// out of the app or a token that no header can hold, [`ClientError::Unreachable`],
    /// [`ClientError::BrokenOff`], [`ClientError::Timeout`], and [`ClientError::Misbehaved`] for a
    /// reply that is too long.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&Secret>,
        body: Option<&Value>,
    ) -> Result<Reply, ClientError> {
        let url = self.base.join(path)?;
        let request = format!("{method} {}", self.base.shown(&url));
        let mut call = self.http.request(method, url);
        if let Some(token) = token {
            call = call.bearer_auth(token.reveal());
        }
        if let Some(body) = body {
            call = call.json(body);
        }
        self.answered(call, request, token).await
    }

    /// Sends what is ready, and reads the reply.
    async fn answered(
        &self,
        call: RequestBuilder,
        request: String,
        token: Option<&Secret>,
    ) -> Result<Reply, ClientError> {
        let started = self.clock.now();
        let reply = call.send().await.map_err(|error| self.failed(error, &request, None))?;
        self.read(reply, request, token, started).await
    }

    /// Reads the reply, of which the head is there.
    async fn read(
        &self,
        mut reply: Response,
        request: String,
        token: Option<&Secret>,
        started: Moment,
    ) -> Result<Reply, ClientError> {
        let failed = |error: reqwest::Error, head: Option<u16>| self.failed(error, &request, head);
        let status = reply.status().as_u16();
        let mut bytes = Vec::new();
        while let Some(chunk) = reply.chunk().await.map_err(|error| failed(error, Some(status)))? {
            if bytes.len() + chunk.len() > MAX_BODY {
                return Err(ClientError::Misbehaved {
                    request,
                    expected: "a reply of at most 8 MiB",
                    got: "more".to_owned(),
                });
            }
            bytes.extend_from_slice(&chunk);
        }
        let span = Span { started, ended: self.clock.now() };
        let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
        let (body, is_json) = match serde_json::from_slice(text) {
            Ok(value) => (value, true),
            Err(_) if text.is_empty() => (Value::Null, false),
            Err(_) => (Value::String(String::from_utf8_lossy(text).into_owned()), false),
        };
        let retry_after =
            reply.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let location = reply.headers().get(LOCATION).filter(|_| reply.status().is_redirection());
        Ok(Reply {
            status,
            body,
            span,
            location: location.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            retry_after: retry_after.map(Duration::from_secs),
            request,
            is_json,
            secrets: token.into_iter().cloned().collect(),
        })
    }

    /// Why there is no reply; `head` is the status if that much came.
    fn failed(&self, error: reqwest::Error, request: &str, head: Option<u16>) -> ClientError {
        let request = request.to_owned();
        if error.is_timeout() {
            let what = if head.is_some() { "the rest of the reply" } else { "the reply" };
            return ClientError::Timeout { waited_for: format!("{what} to {request}"), after: self.patience };
        }
        if error.is_builder() {
            return ClientError::Misuse {
                problem: format!("{request} cannot be sent: its token does not fit into an HTTP header"),
            };
        }
        let is_connect = error.is_connect();
        let source = error.without_url().into();
        match head {
            None if is_connect => ClientError::Unreachable { request, source },
            None => ClientError::BrokenOff { request, came: "nothing that is HTTP".to_owned(), source },
            Some(status) => {
                ClientError::BrokenOff { request, came: format!("status {status} and a part"), source }
            }
        }
    }

    async fn token(&self, body: Value, secret: &Secret) -> Result<(Secret, Span), ClientError> {
        let reply = self.call(Method::POST, "/token", None, Some(&body)).await?.withholding(secret);
        let misbehaved = |reply: Reply| ClientError::Misbehaved {
            // Not its text, which may be the token.
            got: if reply.body.is_object() { "an object without it" } else { reply.kind() }.to_owned(),
            request: reply.request,
            expected: "a JSON object with an access_token",
        };
        if reply.is_success() && !reply.body.is_object() {
            return Err(misbehaved(reply));
        }
        let reply = reply.success()?;
        match reply.body.get("access_token").and_then(Value::as_str) {
            Some(token) if is_token(token) => Ok((Secret::new(token), reply.span)),
            _ => Err(misbehaved(reply)),
        }
    }
}

/// Whether an HTTP header and the wire can carry it.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}
