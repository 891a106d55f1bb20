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

/// Refusals that later releases tell apart by their status: (status, since, code, message).
const BY_STATUS: [(i32, Release, i32, &str); 7] = [
    (1, Release::V4_8_1, AUTH_FAILED.0, AUTH_FAILED.1),
    (2, Release::V4_8_1, AUTH_FAILED.0, AUTH_FAILED.1),
    (7, Release::V4_8_1, AUTH_FAILED.0, AUTH_FAILED.1),
    (4, Release::V4_8_1, -3, "Invalid parameter"),
    (12, Release::V4_8_1, 57, "Server serving disabled."),
    (13, Release::V4_21_1, 214, "the number of devices the user is logged in to exceeds the limit"),
    (20, Release::V4_21_1, 220, "user device is changed"),
];

/// What the page sees of a PROVISION answer; `None` if the login succeeded.
pub fn login_error(release: impl Into<Release>, status: i32, reason: &str) -> Option<LoginError> {
    let release = release.into();
    let fixed = |code: i32, message: &'static str| Some(LoginError { code, message: message.into() });
    if status == 0 {
        return None;
    }
    if release <= Release::V4_1_2 {
        return fixed(ONLY_ONE.0, ONLY_ONE.1);
    }
    let told = |(known, text, ..): &&(i32, &str, i32, &str)| {
        release == Release::V4_21_1 && *known == status && *text == reason
    };
    if let Some((.., code, message)) = BY_REASON.iter().find(told) {
        return fixed(*code, message);
    }
    let known = BY_STATUS.iter().find(|(known, since, ..)| *known == status && *since <= release);
    match known {
        Some((.., code, message)) => fixed(*code, message),
        None => Some(LoginError { code: AUTH_FAILED.0, message: reason.to_owned().into() }),
    }
}

/// Every answer to PROVISION that some release tells from the others: status and reason, which is
/// empty where any will do.
pub fn login_answers() -> impl Iterator<Item = (i32, &'static str)> {
    let by_reason = BY_REASON.iter().map(|(status, reason, ..)| (*status, *reason));
    by_reason.chain(BY_STATUS.iter().map(|(status, ..)| (*status, "")))
}

/// Every code that a refused login has in some release; some come several times.
pub fn login_codes() -> impl Iterator<Item = i32> {
    let by_status = BY_STATUS.iter().map(|(.., code, _)| *code);
    let by_reason = BY_REASON.iter().map(|(.., code, _)| *code);
    [ONLY_ONE.0, AUTH_FAILED.0].into_iter().chain(by_status).chain(by_reason)
}
