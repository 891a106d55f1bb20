//! The table of REST refusals: statuses and words, and what each release makes of them.

use serde_json::{Value, json};

use super::{Outcome, Release, Subject};

/// One rule: what it applies to, since when, and what it leads to.
///
/// Rules are tried from top to bottom; the first one that a release has and that fits decides.
#[derive(Debug)]
pub struct RestRule {
    /// The calls that it applies to; empty for all.
    pub subjects: &'static [Subject],
    /// The HTTP statuses that it applies to; empty for all.
    pub statuses: &'static [u16],
    /// What the server must have said.
    pub said: Said,
    /// The first release that has it.
    pub since: Release,
    /// The last release that has it, if that is not the last of all.
    pub until: Option<Release>,
    /// What it leads to.
    pub outcome: Outcome,
}

/// What the body of an answer must say for a rule to apply.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Said {
    /// Anything.
    Any,
    /// This `error_description`, and no other.
    Exactly(&'static str),
    /// An `error_description` that contains each of these.
    Containing(&'static [&'static str]),
    /// This `error`.
    Error(&'static str),
    /// This `exception`, and an `error_description` that contains the text.
    Exception(&'static str, &'static str),
    /// JSON without an `error_description`, or no body at all.
    Nothing,
    /// A body that is no JSON.
    NoJson,
}

const OK: &[u16] = &[200];
const BAD_REQUEST: &[u16] = &[400];
const UNAUTHORIZED: &[u16] = &[401];
const FORBIDDEN: &[u16] = &[403];
const NOT_FOUND: &[u16] = &[404];
const NOT_ACCEPTABLE: &[u16] = &[406];
const BUSY: &[u16] = &[429, 503];
const ANY: &[u16] = &[];

const EVERYTHING: &[Subject] = &[];
const GROUP: &[Subject] = &[Subject::Group];
/// Calls whose numbers are those of chat rooms, 4.21.1's history among them.
const ROOM: &[Subject] = &[Subject::Room, Subject::OldHistory];
const HISTORY: &[Subject] = &[Subject::OldHistory];
const UPLOAD: &[Subject] = &[Subject::Upload];
const DOWNLOAD: &[Subject] = &[Subject::Download];

/// A rule for all releases from `since` on, for all calls.
const fn rule(statuses: &'static [u16], said: Said, since: Release, code: i32) -> RestRule {
    RestRule { subjects: EVERYTHING, statuses, said, since, until: None, outcome: Outcome::Refused(code) }
}

/// The same, for some calls.
const fn about(
    subjects: &'static [Subject],
    statuses: &'static [u16],
    said: Said,
    since: Release,
    code: i32,
) -> RestRule {
    RestRule { subjects, ..rule(statuses, said, since, code) }
}

/// What leaves the page without any answer.
const fn silence(statuses: &'static [u16], said: Said, since: Release, until: Release) -> RestRule {
    RestRule { until: Some(until), outcome: Outcome::Silent, ..rule(statuses, said, since, 0) }
}

pub(super) static RULES: &[RestRule] = {
    use Release::{V3_6_3, V4_0_1, V4_0_7, V4_0_8, V4_8_1, V4_21_1};
    use Said::{Any, Containing, Error, Exactly, Exception, NoJson, Nothing};
    &[
        RestRule { outcome: Outcome::Success, ..rule(OK, Any, V3_6_3, 0) },
        // Files go their own way.
        about(UPLOAD, ANY, Any, V4_8_1, 101),
        about(UPLOAD, ANY, NoJson, V3_6_3, 101),
        about(UPLOAD, BAD_REQUEST, Error("content improper"), V3_6_3, 101),
        // Any other JSON is taken for a success, and then has no entities.
        about(UPLOAD, ANY, Any, V3_6_3, 31),
        about(DOWNLOAD, ANY, Any, V4_21_1, 200),
        RestRule { outcome: Outcome::Success, ..about(DOWNLOAD, ANY, Any, V3_6_3, 0) },
        RestRule { subjects: HISTORY, ..silence(ANY, Any, V3_6_3, V3_6_3) },
        RestRule { until: Some(V4_8_1), outcome: Outcome::Unnumbered, ..about(HISTORY, ANY, Any, V4_0_1, 0) },
        // What is no JSON breaks the SDK's reading of it.
        RestRule { outcome: Outcome::Silent, ..rule(ANY, NoJson, V4_0_8, 0) },
        silence(BAD_REQUEST, Nothing, V4_0_8, V4_8_1),
        about(GROUP, BAD_REQUEST, Containing(&["are not members of this group"]), V4_0_8, 602),
        about(ROOM, BAD_REQUEST, Containing(&["are not members of this group"]), V4_0_8, 702),
        rule(BAD_REQUEST, Exactly("The user not in this group!"), V4_0_8, 602),
        rule(BAD_REQUEST, Exactly("groupId can not be null!"), V4_0_8, 605),
        rule(BAD_REQUEST, Exactly("The quantity has exceeded the limit!"), V4_0_8, 50),
        rule(BAD_REQUEST, Exactly("this appKey not open message roaming"), V4_21_1, 505),
        rule(
            BAD_REQUEST,
            Exactly("Request body not readable.Please check content type is correct!"),
            V4_0_8,
            -3,
        ),
        silence(UNAUTHORIZED, Any, V4_0_7, V4_0_7),
        rule(UNAUTHORIZED, Exactly("Unable to authenticate (OAuth)"), V4_21_1, 52),
        silence(FORBIDDEN, Nothing, V4_0_8, V4_8_1),
        about(GROUP, FORBIDDEN, Exactly("group member list is full!"), V4_0_8, 606),
        about(ROOM, FORBIDDEN, Exactly("group member list is full!"), V4_0_8, 704),
        about(
            GROUP,
            FORBIDDEN,
            Containing(&["invite users to join group failed", "already in group"]),
            V4_21_1,
            601,
        ),
        RestRule {
            subjects: ROOM,
            ..silence(
                FORBIDDEN,
                Containing(&["invite users to join group failed", "already in group"]),
                V4_21_1,
                V4_21_1,
            )
        },
        about(GROUP, FORBIDDEN, Containing(&["are not members of this group"]), V4_0_1, 602),
        about(ROOM, FORBIDDEN, Containing(&["are not members of this group"]), V4_0_8, 702),
        RestRule {
            subjects: ROOM,
            ..silence(FORBIDDEN, Containing(&["are not members of this group"]), V4_0_1, V4_0_7)
        },
        rule(FORBIDDEN, Containing(&["service not open!"]), V4_0_7, 505),
        rule(FORBIDDEN, Containing(&["messageroaming function not open"]), V4_0_8, 505),
        rule(FORBIDDEN, Containing(&["members size is greater than max user size !"]), V4_0_7, 607),
        rule(FORBIDDEN, Containing(&["can not operate this group, reason: group is disabled"]), V4_0_8, 608),
        rule(FORBIDDEN, Any, V4_0_1, 603),
        about(GROUP, NOT_FOUND, Containing(&["do not find this group"]), V4_0_1, 605),
        about(ROOM, NOT_FOUND, Containing(&["do not find this group"]), V4_0_1, 705),
        about(GROUP, NOT_FOUND, Containing(&["does not exist"]), V4_0_8, 605),
        about(ROOM, NOT_FOUND, Containing(&["does not exist"]), V4_0_8, 705),
        rule(NOT_FOUND, Containing(&["user not found"]), V4_0_8, 204),
        rule(NOT_FOUND, Exception("UserNotFoundException", "Service resource not found"), V4_21_1, 204),
        silence(NOT_ACCEPTABLE, Any, V4_21_1, V4_21_1),
        rule(BUSY, Containing(&["The request has reached the maximum limit"]), V4_0_7, 50),
        rule(BUSY, Any, V4_0_1, 500),
        rule(ANY, Any, V3_6_3, 17),
    ]
};

impl RestRule {
    /// Whether this release has the rule.
    pub fn is_in(&self, release: Release) -> bool {
        self.since <= release && self.until.is_none_or(|until| release <= until)
    }

    pub(super) fn fits(&self, release: Release, subject: Subject, status: u16, body: &Value) -> bool {
        self.is_in(release)
            && (self.subjects.is_empty() || self.subjects.contains(&subject))
            && (self.statuses.is_empty() || self.statuses.contains(&status))
            && self.said.fits(body)
    }

    /// An answer that the rule applies to: what was called, the status and the body; `None` for
    /// success.
    pub fn example(&self) -> Option<(Subject, u16, Value)> {
        if self.statuses == OK {
            return None;
        }
        let subject = self.subjects.first().copied().unwrap_or(Subject::Room);
        // A status without rows of its own.
        let status = self.statuses.first().copied().unwrap_or(504);
        Some((subject, status, self.said.example()))
    }
}

impl Said {
    /// Whether a body says this.
    pub(super) fn fits(self, body: &Value) -> bool {
        let told = |key: &str| body.get(key).and_then(Value::as_str);
        let description = told("error_description");
        match self {
            Self::Any => true,
            Self::Exactly(text) => description == Some(text),
            Self::Containing(parts) => {
                description.is_some_and(|said| parts.iter().all(|part| said.contains(part)))
            }
            Self::Error(text) => told("error") == Some(text),
            Self::Exception(exception, text) => {
                told("exception") == Some(exception) && description.is_some_and(|said| said.contains(text))
            }
            Self::Nothing => !body.is_string() && description.is_none(),
            Self::NoJson => body.is_string(),
        }
    }

    /// A body that says this.
    fn example(self) -> Value {
        match self {
            Self::Any => json!({"error": "error", "error_description": "something else"}),
            Self::Exactly(text) => json!({"error": "error", "error_description": text}),
            Self::Containing(parts) => json!({"error": "error", "error_description": parts.join(" x ")}),
            Self::Error(text) => json!({"error": text}),
            Self::Exception(exception, text) => {
                json!({"error": "error", "exception": exception, "error_description": text})
            }
            Self::Nothing => json!({"error": "error"}),
            Self::NoJson => json!("<html></html>"),
        }
    }
}
