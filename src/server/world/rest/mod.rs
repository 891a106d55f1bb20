//! The REST half of the world: requests in, answers out, no sockets.

use bytes::Bytes;

use super::World;
use crate::protocol::time::Moment;

/// One REST call, as the front has read it.
#[derive(Clone, Default)]
pub struct RestRequest {
    /// `GET`, `POST`, `PUT`, `DELETE`, …
    pub method: String,
    /// The path as sent, still percent-encoded, from `/{org}/{app}/` on.
    pub path: String,
    /// What follows `?`, still percent-encoded; empty if nothing does.
    pub query: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The body.
    pub body: Bytes,
}

/// The answer to one REST call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RestResponse {
    /// The HTTP status.
    pub status: u16,
    /// A JSON text.
    pub body: Bytes,
}

pub(super) fn answer(world: &mut World, now: Moment, request: &RestRequest) -> RestResponse {
    let _ = (world, now, request);
    RestResponse { status: 404, body: Bytes::from_static(b"{}") }
}
