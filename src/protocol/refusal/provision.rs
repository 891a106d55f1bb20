//! What a page sees when the server refuses PROVISION.

use std::borrow::Cow;

use super::Release;

/// What `onError` is called with when a login is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LoginError {
    /// `type`.
    pub code: i32,
    /// `message`.
    pub message: Cow<'static, str>,
}

/// The login error of the releases that know only one.
const ONLY_ONE: (i32, &str) = (40, "provision error");
/// What later releases say of most refusals.
const AUTH_FAILED: (i32, &str) = (2, "Auth failed");

/// Refusals that 4.21.1 tells apart by their reason: (status, reason, code, message).
const BY_REASON: [(i32, &str, i32, &str); 8] = [
    (1, "Sorry, user register limit", 50, "Sorry, the number of user registrations limit has been reached"),
    (1, "Sorry, user register rate limit", 50, "Sorry, user register rate limit"),
    (1, "Sorry, token expired", 56, "Sorry, token expired"),
    (1, "Sorry, token or password does not match login info", 28, "INVALID_TOKEN"),
    (1, "Sorry, user not found", 204, "User not found"),
    (
        7,
        "Sorry, the app month live count limit",
        50,
        "Sorry, the monthly active user limit for this app has been reached",
    ),
    (
        7,
        "Sorry, the app day live count limit",
        50,
        "Sorry, the daily active user limit for this app has been reached",
    ),
    (
        7,
        "Sorry, the app online count limit",
        50,
        "Sorry, the maximum number limit of online users for this app has been reached",
    ),
];

/// What the page sees of a PROVISION answer; `None` if the login succeeded.
pub fn login_error(release: impl Into<Release>, status: i32, reason: &str) -> Option<LoginError> {
    let release = release.into();
    if status == 0 {
        return None;
    }
    let fixed = |(code, message): (i32, &'static str)| LoginError { code, message: message.into() };
    if release <= Release::V4_1_2 {
        return Some(fixed(ONLY_ONE));
    }
    let is_latest = release == Release::V4_21_1;
    let by_reason =
        BY_REASON.iter().find(|(known, text, ..)| is_latest && *known == status && *text == reason);
    if let Some((.., code, message)) = by_reason {
        return Some(fixed((*code, *message)));
    }
    Some(match status {
        1 | 2 | 7 => fixed(AUTH_FAILED),
        4 => fixed((-3, "Invalid parameter")),
        12 => fixed((57, "Server serving disabled.")),
        13 if is_latest => fixed((214, "the number of devices the user is logged in to exceeds the limit")),
        20 if is_latest => fixed((220, "user device is changed")),
        _ => LoginError { code: AUTH_FAILED.0, message: reason.to_owned().into() },
    })
}
