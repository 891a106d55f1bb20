//! The REST half of the world: requests in, answers out, no sockets.
//!
//! [`route`] lists every call; each resource has a file with its handlers; [`call`] is what a
//! handler works on, [`error`] what it may refuse with.

mod account;
mod ack;
mod admission;
mod block;
mod call;
mod chatfile;
mod closed;
mod contact;
mod content;
mod error;
mod founding;
mod listing;
mod log;
mod member;
mod message;
mod place;
mod recall;
mod right;
mod roaming;
mod roll;
mod route;
mod session;
mod share;
mod silence;
mod super_admin;
mod token;
mod user;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{World, attachment::Bounds};
use crate::protocol::time::Moment;

use call::{Call, Reply};
use error::RestError;

pub use chatfile::{Attachment, Rendition};
pub(super) use roaming::LARGEST_PAGE as HISTORY_PAGE;
pub(super) use session::LARGEST_PAGE as SESSION_PAGE;

/// One REST call, as the front has read it.
#[derive(Clone, Default)]
pub struct RestRequest {
    /// `GET`, `POST`, `PUT`, `DELETE`, …
    pub method: String,
    /// The path as sent, still percent-encoded, from `/{org}/{app}/` on.
    pub path: String,
    /// What follows `?`, still percent-encoded; empty if nothing does.
    pub query: String,
    /// `http://HOST` or `https://HOST` as the caller addressed the server; empty if it is not known.
    pub origin: String,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// What it says about files. A multipart body is here and not in `body`.
    pub attachment: Attachment,
    /// The body.
    pub body: Bytes,
}

/// The answer to one REST call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RestResponse {
    /// The HTTP status.
    pub status: u16,
    /// What the body is.
    pub content: Content,
    /// The body.
    pub body: Bytes,
}

/// What the body of an answer is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Content {
    /// A JSON text.
    Json,
    /// A file that a client uploaded.
    File {
        /// Its media type, as its uploader said.
        content_type: String,
        /// The box to scale it into before it is sent, if it is an image after all.
        thumbnail: Option<Bounds>,
    },
}

pub(super) fn answer(world: &mut World, now: Moment, request: &RestRequest) -> RestResponse {
    let answered = serve(world, now, request);
    let (status, body) = match answered {
        Ok(Reply::Bare(body)) => (200, body),
        Ok(Reply::File { bytes, content_type, thumbnail }) => {
            return RestResponse {
                status: 200,
                content: Content::File { content_type, thumbnail },
                body: bytes,
            };
        }
        Ok(Reply::Enveloped { data, entities, count, cursor }) => {
            let (organization, app) = world.settings.organization_and_app();
            let mut body = json!({
                "action": request.method.to_ascii_lowercase(),
                "application": app,
                "applicationName": app,
                "organization": organization,
                "path": request.path.splitn(4, '/').nth(3).map_or_else(|| "/".to_owned(), |rest| format!("/{rest}")),
                "uri": format!("{}{}", request.origin, request.path),
                "entities": entities,
                "timestamp": now.as_millis(),
                "duration": 0,
            });
            if let Value::Object(fields) = &mut body {
                fields.extend(data.map(|data| ("data".to_owned(), data)));
                fields.extend(count.map(|count| ("count".to_owned(), count.into())));
                fields.extend(cursor.map(|cursor| ("cursor".to_owned(), cursor.into())));
            }
            (200, body)
        }
        Err(error) => (error.status(), error.body(now)),
    };
    RestResponse { status, content: Content::Json, body: body.to_string().into() }
}

fn serve(world: &mut World, now: Moment, request: &RestRequest) -> Result<Reply, RestError> {
    let segments = call::segments(&request.path)?;
    let (organization, app) = world.settings.organization_and_app();
    let [given_organization, given_app, rest @ ..] = &segments[..] else {
        return Err(RestError::NoSuchResource);
    };
    if !given_organization.eq_ignore_ascii_case(organization) || !given_app.eq_ignore_ascii_case(app) {
        return Err(RestError::NoSuchApp {
            organization: given_organization.clone(),
            app: given_app.clone(),
            path: rest.join("/"),
        });
    }
    if !world.calls.admits(now, world.settings.limits.rest_calls_per_second) {
        return Err(RestError::TooManyCalls);
    }
    if !call::is_readable(request) {
        return Err(RestError::UnsupportedMediaType);
    }
    let (route, kind, parameters) = route::find(&request.method, rest).ok_or(RestError::NoSuchResource)?;
    let caller = call::caller(world, now, request.authorization.as_deref(), route.access)?;
    closed::check(&world.settings.services, route.path, kind)?;
    let RestRequest { query, origin, attachment, body, .. } = request;
    let mut call = Call { world, now, caller, kind, parameters, query, origin, attachment, body };
    (route.handler)(&mut call)
}
