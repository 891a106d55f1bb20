//! Which request goes where: SockJS, raw WebSocket, and REST for everything else.

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, uri::Authority},
    middleware,
    response::{IntoResponse, Response},
    routing::{any, get},
};
use bytes::Bytes;
use serde_json::json;
use tokio::time::timeout;

use super::{
    body::{self, Unread},
    connection::Upgrade,
    cors,
    framing::Framing,
    handshake,
    hub::Hub,
    multipart, thumbnail,
};
use crate::{
    protocol::{secret::Secret, sockjs::Info},
    server::world::{Access, Attachment, Bounds, Content, Rendition, RestRequest, RestResponse},
};

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
    let content_type = text(&parts.headers, &header::CONTENT_TYPE);
    let form = content_type.filter(|content_type| multipart::is_form(content_type));
    let longest = match form {
        Some(_) => hub.longest().file.saturating_add(multipart::ENVELOPE),
        None => hub.longest().json,
    };
    let body = match timeout(hub.limits().request, body::read(body, longest)).await {
        Ok(Ok(body)) => body,
        Ok(Err(unread @ Unread::TooLong { .. })) => {
            return trouble(&hub, StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE, &unread.to_string());
        }
        Ok(Err(unread @ Unread::Broken)) => {
            return trouble(&hub, StatusCode::BAD_REQUEST, BROKEN, &unread.to_string());
        }
        Err(_) => {
            let why = format!("the body did not arrive within {:?}", hub.limits().request);
            return trouble(&hub, StatusCode::REQUEST_TIMEOUT, TOO_SLOW, &why);
        }
    };
    let mut attachment = attachment(&parts.headers);
    let body = match form {
        None => body,
        Some(content_type) => match multipart::file(content_type, body).await {
            Ok(upload) => {
                attachment.upload = upload;
                Bytes::new()
            }
            Err(broken) => return trouble(&hub, StatusCode::BAD_REQUEST, NO_FORM, &broken.to_string()),
        },
    };
    // The answer to HEAD is that to GET, and hyper leaves its body out.
    let method = if parts.method == Method::HEAD { Method::GET } else { parts.method };
    answered(hub.rest(&RestRequest {
        method: method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        origin: origin(&hub, &parts.headers),
        content_type: content_type.map(str::to_owned),
        authorization: text(&parts.headers, &header::AUTHORIZATION).map(str::to_owned),
        attachment,
        body,
    }))
    .await
}

/// What the headers say about files.
fn attachment(headers: &HeaderMap) -> Attachment {
    let is_set = |name| text(headers, &HeaderName::from_static(name)).is_some_and(|value| value == "true");
    let number = |name| text(headers, &HeaderName::from_static(name))?.trim().parse().ok();
    let bounds = Bounds::default();
    Attachment {
        upload: None,
        access: if is_set("restrict-access") { Access::Restricted } else { Access::Open },
        bounds: Bounds {
            width: number("thumbnail-width").unwrap_or(bounds.width),
            height: number("thumbnail-height").unwrap_or(bounds.height),
        },
        share_secret: text(headers, &HeaderName::from_static("share-secret")).map(Secret::new),
        rendition: if is_set("thumbnail") { Rendition::Thumbnail } else { Rendition::Original },
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The server as the caller addressed it: what is uploaded is found under it again.
fn origin(hub: &Hub, headers: &HeaderMap) -> String {
    let reached = &hub.addresses().rest;
    let host = text(headers, &header::HOST).and_then(|host| host.parse::<Authority>().ok());
    match (reached.split_once("://"), host) {
        (Some((scheme, _)), Some(host)) => format!("{scheme}://{host}"),
        _ => reached.clone(),
    }
}

/// What the world answers, with the image scaled that is to be.
async fn answered(answer: RestResponse) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match answer.content {
        Content::Json => json_answer(status, answer.body),
        Content::File { content_type, thumbnail: None } => file_answer(status, &content_type, answer.body),
        Content::File { content_type, thumbnail: Some(bounds) } => {
            match thumbnail::of(answer.body.clone(), bounds).await {
                Some(picture) => file_answer(status, picture.content_type, picture.bytes),
                None => file_answer(status, &content_type, answer.body),
            }
        }
    }
}

/// A file that anybody may have uploaded: a browser shows it inside a page or saves it, and never runs
/// it as a page of this server.
fn file_answer(status: StatusCode, content_type: &str, body: Bytes) -> Response {
    let content_type =
        HeaderValue::from_str(content_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, headers, Body::from(body)).into_response()
}

/// `error` and `exception` of what the HTTP layer refuses.
type Refusal = [&'static str; 2];

const TOO_LARGE: Refusal = ["Request Entity Too Large", "RequestEntityTooLargeException"];
const TOO_SLOW: Refusal = ["Request Timeout", "RequestTimeoutException"];
const BROKEN: Refusal = ["Bad Request", "BadRequestException"];
const NO_FORM: Refusal = ["illegal_argument", "IllegalArgumentException"];

/// An error of the HTTP layer, in the shape of the world's own ones.
fn trouble(hub: &Hub, status: StatusCode, [error, exception]: Refusal, description: &str) -> Response {
    let body = json!({
        "error": error,
        "exception": exception,
        "timestamp": hub.now().as_millis(),
        "duration": 0,
        "error_description": description,
    });
    json_answer(status, body.to_string())
}

fn json_answer(status: StatusCode, body: impl Into<Body>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json;charset=UTF-8")], body.into()).into_response()
}
