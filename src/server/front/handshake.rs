//! The opening handshake of WebSocket (RFC 6455 section 4.2), on a request that hyper has read.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header},
    response::IntoResponse,
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Base64 of 16 bytes.
const KEY_LENGTH: usize = 24;

/// Why a request does not become a WebSocket.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum Unfit {
    #[error("a WebSocket starts with GET")]
    Method,
    #[error("this address can only upgrade to WebSocket")]
    NoUpgrade,
    #[error("only version 13 of WebSocket is spoken here")]
    Version,
    #[error("Sec-WebSocket-Key is missing or is not 16 bytes in base64")]
    Key,
}

/// The answer that turns the connection into a WebSocket.
pub(super) fn accept<B>(request: &Request<B>) -> Result<Response<Body>, Unfit> {
    let headers = request.headers();
    if request.method() != Method::GET {
        return Err(Unfit::Method);
    }
    if !has_token(headers, &header::CONNECTION, "upgrade")
        || !has_token(headers, &header::UPGRADE, "websocket")
    {
        return Err(Unfit::NoUpgrade);
    }
    if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(Unfit::Version);
    }
    let key =
        headers.get(header::SEC_WEBSOCKET_KEY).filter(|key| key.len() == KEY_LENGTH).ok_or(Unfit::Key)?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let answer = response.headers_mut();
    answer.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    answer.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    let accept_key =
        HeaderValue::try_from(derive_accept_key(key.as_bytes())).expect("base64 is a header value");
    answer.insert(header::SEC_WEBSOCKET_ACCEPT, accept_key);
    Ok(response)
}

impl IntoResponse for Unfit {
    fn into_response(self) -> Response<Body> {
        let why = self.to_string();
        match self {
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET")], why).into_response(),
            Self::Key => (StatusCode::BAD_REQUEST, why).into_response(),
            Self::NoUpgrade | Self::Version => {
                let spoken = [(header::UPGRADE, "websocket"), (header::SEC_WEBSOCKET_VERSION, "13")];
                (StatusCode::UPGRADE_REQUIRED, spoken, why).into_response()
            }
        }
    }
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| value.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::get("/websocket");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap()
    }

    /// The example of RFC 6455 section 1.3.
    const GOOD: [(&str, &str); 4] = [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "WebSocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];

    #[test]
    fn the_example_of_the_rfc_is_accepted() {
        let response = accept(&request(&GOOD)).unwrap();
        assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
        assert_eq!(response.headers()[header::SEC_WEBSOCKET_ACCEPT], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn each_missing_header_is_refused() {
        let cases = [
            (0, Unfit::NoUpgrade, 426),
            (1, Unfit::NoUpgrade, 426),
            (2, Unfit::Version, 426),
            (3, Unfit::Key, 400),
        ];
        for (missing, why, status) in cases {
            let mut headers = GOOD.to_vec();
            headers.remove(missing);
            let unfit = accept(&request(&headers)).unwrap_err();
            assert_eq!(unfit, why, "without {}", GOOD[missing].0);
            assert_eq!(unfit.into_response().status(), status);
        }
    }

    #[test]
    fn a_post_is_refused() {
        let mut post = request(&GOOD);
        *post.method_mut() = Method::POST;
        assert_eq!(accept(&post).unwrap_err(), Unfit::Method);
    }
}
