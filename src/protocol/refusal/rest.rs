//! What a page makes of a REST call that the server refused.
//!
//! 3.6.3 knows one number; 4.x reads status and `error_description`, and what it finds there differs
//! from release to release. [`rest_outcome`] looks an answer up, [`rest_rules`] is the table. The
//! rows are recorded from 3.6.3, 4.0.8 and 4.21.1; where only 4.21.1 is known to have a row, the
//! releases before it are taken to be as 4.0.8. Answers with an `error_code`, which belong to
//! services that the document does not describe, are read as if they had none.

mod table;

use serde_json::Value;
use table::RULES;
pub use table::{RestRule, Said};

use super::{Outcome, Release};

/// What a REST call is about, as far as the SDK's numbers depend on it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Subject {
    /// The path has `chatgroups` in it.
    Group,
    /// Any other path; 4.x takes it for a chat room's.
    Room,
    /// `fetchHistoryMessages` (消息漫游), which has its own way to fail. `getHistoryMessages` is a
    /// [`Subject::Room`].
    OldHistory,
    /// The upload of an attachment (发送附件消息): the number is that of `onFileUploadError`.
    Upload,
    /// `WebIM.utils.download`: the number is that of `onFileDownloadError`.
    Download,
}

impl Subject {
    /// What a call to this path below the app's base is about, if it is neither an old history
    /// nor a file.
    pub fn of_path(path: &str) -> Self {
        let path = path.split('?').next().unwrap_or_default();
        if path.contains("chatgroups") { Self::Group } else { Self::Room }
    }
}

/// What a page on `release` sees of the answer to a REST call: what its promise is rejected with,
/// and for files what the error callback is given. The `error` callback of other calls always has 17.
///
/// `body` is the answer's JSON, a string if it is no JSON, and null if it is empty. A 200 is a
/// success here whatever its body; one that is no JSON makes the promise fail without a number.
pub fn rest_outcome(release: impl Into<Release>, subject: Subject, status: u16, body: &Value) -> Outcome {
    let release = release.into();
    let rule = RULES.iter().find(|rule| rule.fits(release, subject, status, body));
    // The last rules take whatever is left.
    rule.map_or(Outcome::Silent, |rule| rule.outcome)
}

/// The table, in the order in which its rules are tried.
pub fn rest_rules() -> impl Iterator<Item = &'static RestRule> {
    RULES.iter()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SUBJECTS: [Subject; 5] =
        [Subject::Group, Subject::Room, Subject::OldHistory, Subject::Upload, Subject::Download];

    fn seen(subject: Subject, status: u16, description: &str) -> [i32; 8] {
        let body = json!({"error": "x", "error_description": description});
        Release::ALL.map(|release| rest_outcome(release, subject, status, &body).code().unwrap_or(0))
    }

    #[test]
    fn every_answer_meets_a_rule_in_every_release() {
        let bodies = [Value::Null, json!("<html>"), json!({}), json!({"error_description": "x"}), json!([1])];
        for release in Release::ALL {
            for subject in SUBJECTS {
                for status in (100..600).filter(|status| *status != 200) {
                    for body in &bodies {
                        let fitting = RULES.iter().find(|rule| rule.fits(release, subject, status, body));
                        assert!(fitting.is_some(), "{release} {subject:?} {status} {body}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_rule_is_hidden_behind_another() {
        for rule in rest_rules() {
            let Some((subject, status, body)) = rule.example() else { continue };
            let first = RULES.iter().find(|other| other.fits(rule.since, subject, status, &body));
            assert!(first.is_some_and(|first| std::ptr::eq(first, rule)), "{rule:?} {status} {body}");
        }
    }

    #[test]
    fn releases_in_between_see_what_was_new_in_them() {
        use Subject::{Group, Room};
        assert_eq!(seen(Group, 403, "permission"), [17, 603, 603, 603, 603, 603, 603, 603]);
        let outside = "users [bob] are not members of this group!";
        assert_eq!(seen(Group, 403, outside), [17, 602, 602, 602, 602, 602, 602, 602]);
        assert_eq!(seen(Room, 403, outside), [17, 0, 0, 0, 702, 702, 702, 702]);
        assert_eq!(seen(Group, 403, "service not open!"), [17, 603, 603, 505, 505, 505, 505, 505]);
        assert_eq!(seen(Group, 401, "Unable to authenticate"), [17, 17, 17, 0, 17, 17, 17, 17]);
        assert_eq!(seen(Group, 503, "busy"), [17, 500, 500, 500, 500, 500, 500, 500]);
        let limit = "The request has reached the maximum limit";
        assert_eq!(seen(Group, 429, limit), [17, 500, 500, 50, 50, 50, 50, 50]);
        assert_eq!(seen(Room, 418, "teapot"), [17; 8]);
    }

    #[test]
    fn an_error_page_of_a_gateway_leaves_a_page_on_4_x_waiting() {
        let page = json!("<html>502</html>");
        let seen =
            |release| rest_outcome(release, Subject::of_path("/users/alice/user_channels"), 502, &page);
        assert_eq!(seen(Release::V3_6_3), Outcome::Refused(17));
        assert_eq!(seen(Release::V4_0_8), Outcome::Silent);
        assert_eq!(seen(Release::V4_21_1), Outcome::Silent);
    }

    #[test]
    fn a_path_is_a_groups_or_taken_for_a_rooms() {
        assert_eq!(Subject::of_path("/chatgroups/1/users?pagenum=1"), Subject::Group);
        assert_eq!(Subject::of_path("/users/alice/joined_chatgroups"), Subject::Group);
        assert_eq!(Subject::of_path("/chatrooms/1"), Subject::Room);
        assert_eq!(Subject::of_path("/users/alice/user_channels?of=chatgroups"), Subject::Room);
    }

    #[test]
    fn what_the_server_said_is_read_exactly() {
        let says = |said: Said, body: Value| said.fits(&body);
        assert!(says(Said::Nothing, Value::Null) && says(Said::Nothing, json!({"error": "x"})));
        assert!(!says(Said::Nothing, json!("text")) && says(Said::NoJson, json!("text")));
        assert!(says(Said::Error("content improper"), json!({"error": "content improper"})));
        assert!(!says(Said::Exactly("a"), json!({"error_description": "a b"})));
        assert!(says(Said::Containing(&["a", "b"]), json!({"error_description": "b a"})));
    }
}
