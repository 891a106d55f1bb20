//! Which request goes where: SockJS, raw WebSocket, and REST for everything else.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    body::Body,
    extract::{Path, Request, State},
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{any, get},
};
use serde_json::json;
use tokio::time::timeout;

use super::{
    body::{self, Unread},
    connection::Upgrade,
    cors,
    framing::Framing,
    handshake,
    hub::Hub,
};
use crate::{protocol::sockjs::Info, server::world::RestRequest};

/// The answers of one server.
pub(super) fn router(hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/ws", get(greeting))
        .route("/ws/", get(greeting))
        .route("/ws/info", get(info))
        .route("/ws/{server}/{session}/websocket", any(sockjs))
        .route("/websocket", any(websocket))
        .fallback(rest)
        .layer(middleware::from_fn(cors::layer))
        .with_state(hub)
}

/// What every SockJS server answers at its base.
async fn greeting() -> &'static str {
    "Welcome to SockJS!\n"
}

/// SockJS asks this first, to learn which transports there are.
async fn info() -> Response {
    let info = Info::new(rand::random());
    ([(header::CACHE_CONTROL, "no-store, no-cache, must-revalidate, max-age=0")], Json(info)).into_response()
}

async fn sockjs(
    Path((server, session)): Path<(String, String)>,
    Extension(upgrade): Extension<Upgrade>,
    request: Request,
) -> Response {
    // SockJS: both are there and neither holds a dot, so that `/ws/../x/websocket` is no session.
    if [&server, &session].iter().any(|part| part.is_empty() || part.contains('.')) {
        return StatusCode::NOT_FOUND.into_response();
    }
    open(&upgrade, request, Framing::SockJs)
}

async fn websocket(Extension(upgrade): Extension<Upgrade>, request: Request) -> Response {
    open(&upgrade, request, Framing::Raw)
}

fn open(upgrade: &Upgrade, mut request: Request, framing: Framing) -> Response {
    match handshake::accept(&request) {
        Ok(response) => {
            upgrade.promise(hyper::upgrade::on(&mut request), framing);
            response
        }
        Err(unfit) => unfit.into_response(),
    }
}

/// Everything else is `/{org}/{app}/…`, and the world says what it means.
async fn rest(State(hub): State<Arc<Hub>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match timeout(hub.limits().request, body::read(body, hub.body_bytes())).await {
        Ok(Ok(body)) => body,
        Ok(Err(unread @ Unread::TooLong { .. })) => {
            return trouble(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large", &unread.to_string());
        }
        Ok(Err(unread @ Unread::Broken)) => {
            return trouble(StatusCode::BAD_REQUEST, "Bad Request", &unread.to_string());
        }
        Err(_) => {
            let why = format!("the body did not arrive within {:?}", hub.limits().request);
            return trouble(StatusCode::REQUEST_TIMEOUT, "Request Timeout", &why);
        }
    };
    let answer = hub.rest(&RestRequest {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        authorization: parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
        body,
    });
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    json_answer(status, answer.body)
}

/// An error of the HTTP layer, in the shape of the world's own ones.
fn trouble(status: StatusCode, error: &str, description: &str) -> Response {
    let body = json!({
        "error": error,
        "exception": error,
        "error_description": description,
        "duration": 0,
    });
    json_answer(status, body.to_string())
}

fn json_answer(status: StatusCode, body: impl Into<Body>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json;charset=UTF-8")], body.into()).into_response()
}
