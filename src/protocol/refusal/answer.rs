//! What the callbacks of a refused operation are given, and whether the SDK still waits for it.

use serde_json::{Value, json};

use super::{Outcome, Release, table};
use crate::protocol::id::{LocalId, ServerId};

/// What the SDK says to a muted sender.
const MUTED: &str = "you were muted";

/// The argument of `fail`; `None` if it is not called: on success, in silence, and up to 4.0.8 for a
/// muted sender.
pub fn fail_argument(
    release: impl Into<Release>,
    id: LocalId,
    mid: ServerId,
    status: Option<i32>,
    reason: Option<&str>,
) -> Option<Value> {
    let release = release.into();
    let (rule, outcome) = table::find(release, status, reason.unwrap_or_default());
    let given = reason.unwrap_or_default();
    let ids = json!({"id": id.to_string(), "mid": mid.to_string()});
    let code = match outcome {
        Outcome::Success | Outcome::Unnumbered | Outcome::Silent => return None,
        Outcome::Muted if release < Release::V4_1_2 => return None,
        Outcome::Muted => return Some(json!({"type": 507, "reason": MUTED})),
        Outcome::Refused(code) => code,
    };
    Some(match (status, code) {
        (Some(1), _) => {
            let shown = rule.and_then(|rule| rule.shown).unwrap_or(given);
            json!({"type": code, "reason": shown, "data": ids})
        }
        (Some(7), 501) | (Some(19), _) => {
            json!({"type": code, "data": {"id": ids["id"], "mid": ids["mid"], "reason": given}})
        }
        (Some(7), 219 | 509 | 511) => json!({"type": code, "message": given, "data": ids}),
        (None, _) => json!({"type": code, "data": {"errorCode": null, "reason": null}}),
        (Some(status), _) => json!({"type": code, "data": {"errorCode": status, "reason": given}}),
    })
}

/// What the promise of 4.x is rejected with; `None` if it is not.
pub fn rejection(
    release: impl Into<Release>,
    id: LocalId,
    mid: ServerId,
    status: Option<i32>,
    reason: Option<&str>,
) -> Option<Value> {
    let release = release.into();
    if release == Release::V3_6_3 {
        return None;
    }
    let (rule, outcome) = table::find(release, status, reason.unwrap_or_default());
    let code = match outcome {
        Outcome::Success | Outcome::Unnumbered | Outcome::Silent => return None,
        Outcome::Muted => return Some(json!({"type": 507, "reason": MUTED})),
        Outcome::Refused(code) => code,
    };
    let given = reason.unwrap_or_default();
    let shown = rule.and_then(|rule| rule.shown).unwrap_or(given);
    let mut data = json!({"id": id.to_string(), "mid": mid.to_string()});
    if !matches!(status, Some(1 | 7 | 19)) {
        data["reason"] = if status.is_none() { Value::Null } else { given.into() };
    }
    Some(json!({"type": code, "message": shown, "data": data}))
}

/// Whether the SDK still waits for an answer after this one, so that a repeated answer calls back
/// again.
pub fn keeps_pending(release: impl Into<Release>, status: Option<i32>, reason: Option<&str>) -> bool {
    let release = release.into();
    let outcome = super::outcome(release, status, reason);
    match status {
        Some(1) => release <= Release::V4_1_2,
        Some(7) => outcome != Outcome::Refused(604),
        Some(15 | 19) => true,
        // Nothing is called, and nothing is forgotten.
        None => outcome == Outcome::Silent,
        Some(_) => false,
    }
}
