//! The table: statuses and reasons, and what each release makes of them.

use std::borrow::Cow;

use super::{Outcome, Release};

/// One rule: what it applies to, since when, and what it leads to.
///
/// Rules are tried from top to bottom; the first one that a release has and that fits decides.
#[derive(Debug)]
pub struct Rule {
    /// The status that it applies to.
    pub status: Status,
    /// The reason that it applies to.
    pub reason: Reason,
    /// The first release that has it.
    pub since: Release,
    /// The last release that has it, if that is not the last of all.
    pub until: Option<Release>,
    /// What it leads to.
    pub outcome: Outcome,
    /// The words that the page sees in the place of the server's, if the SDK has its own.
    pub shown: Option<&'static str>,
}

/// Which status a rule applies to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// One `errorCode`.
    Code(i32),
    /// Any `errorCode` that no rule above names.
    Other,
    /// An answer without a status.
    Absent,
}

/// Which reason a rule applies to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// This text, and no other.
    Exactly(&'static str),
    /// A text that contains each of these.
    Containing(&'static [&'static str]),
    /// Any text, or none.
    Any,
}

/// What a server answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pair {
    /// `errorCode`.
    pub status: i32,
    /// The reason; empty if any will do.
    pub reason: Cow<'static, str>,
}

/// FAIL.
const FAIL: Status = Status::Code(1);
/// PERMISSION_DENIED.
const DENIED: Status = Status::Code(7);
/// An `errorCode` that no rule names.
const SOME_OTHER_CODE: i32 = 9;

/// `(status, reason) -> code`, in every release from `since` on.
const fn rule(status: Status, reason: Reason, since: Release, code: i32) -> Rule {
    Rule { status, reason, since, until: None, outcome: Outcome::Refused(code), shown: None }
}

/// The same, with the SDK's own words.
const fn reworded(reason: &'static str, since: Release, code: i32, shown: &'static str) -> Rule {
    Rule { shown: Some(shown), ..rule(FAIL, Reason::Exactly(reason), since, code) }
}

const RULES: &[Rule] = {
    use Reason::{Any, Containing, Exactly};
    use Release::{V3_6_3, V4_0_1, V4_0_3, V4_0_7, V4_0_8, V4_1_2, V4_8_1};
    &[
        Rule { outcome: Outcome::Success, ..rule(Status::Code(0), Any, V3_6_3, 0) },
        rule(FAIL, Exactly("blocked"), V3_6_3, 603),
        rule(FAIL, Exactly("group not found"), V3_6_3, 605),
        rule(FAIL, Exactly("not in group or chatroom"), V3_6_3, 602),
        rule(FAIL, Exactly("exceed recall time limit"), V3_6_3, 504),
        rule(FAIL, Exactly("message recall disabled"), V3_6_3, 505),
        rule(FAIL, Exactly("not in group or chatroom white list"), V3_6_3, 506),
        reworded("nonroster", V4_0_3, 221, "not contact"),
        rule(FAIL, Exactly("group is disabled"), V4_0_8, 608),
        rule(FAIL, Exactly("limit directed users"), V4_8_1, 50),
        reworded("Sorry, edit limit reached", V4_8_1, 50, "Modify message limit reached"),
        reworded("Sorry, message does not exist", V4_8_1, 1302, "The message does not exist."),
        reworded(
            "Sorry, You do not have permission",
            V4_8_1,
            603,
            "You do not have the modified permission.",
        ),
        reworded("Sorry, format is incorrect", V4_8_1, 1303, "The modify messaged format error."),
        reworded(
            "Sorry, edit is not available",
            V4_8_1,
            505,
            "The message modify function is not activated.",
        ),
        reworded("Sorry, edit fail", V4_8_1, 1304, "Modify message failed."),
        Rule {
            shown: Some("The chat room dose not exist."),
            ..rule(FAIL, Containing(&["grpID", "does not exist!"]), V4_8_1, 705)
        },
        rule(FAIL, Containing(&["username", "doesn't exist!"]), V4_8_1, 204),
        rule(FAIL, Exactly("group member list is full!"), V4_8_1, 704),
        Rule {
            shown: Some("permission denied"),
            ..rule(FAIL, Containing(&["can not join this group", "is in the blacklist"]), V4_8_1, 603)
        },
        rule(FAIL, Exactly("can not operate this group, reason: group is disabled"), V4_8_1, 608),
        rule(FAIL, Containing(&["moderation"]), V4_0_7, 508),
        Rule {
            shown: Some("Invalid parameter"),
            ..rule(FAIL, Containing(&["group ID illegal, please check it"]), V4_8_1, -3)
        },
        rule(FAIL, Containing(&["has create too many chatrooms"]), V4_8_1, 50),
        rule(FAIL, Containing(&["has joined too many chatrooms"]), V4_8_1, 50),
        rule(FAIL, Containing(&["auto create failed"]), V4_8_1, 500),
        rule(FAIL, Any, V3_6_3, 503),
        rule(DENIED, Exactly("sensitive words"), V3_6_3, 501),
        rule(DENIED, Exactly("blocked by mod_antispam"), V3_6_3, 501),
        rule(DENIED, Exactly("user is mute"), V4_0_3, 219),
        rule(DENIED, Exactly("traffic limit"), V4_0_8, 509),
        rule(DENIED, Exactly("Sorry, data is too large"), V4_8_1, 511),
        Rule { outcome: Outcome::Silent, ..rule(DENIED, Any, V4_0_1, 0) },
        Rule { outcome: Outcome::Muted, ..rule(Status::Code(15), Any, V3_6_3, 0) },
        rule(Status::Code(19), Any, V3_6_3, 502),
        rule(Status::Other, Any, V3_6_3, 604),
        Rule { until: Some(V4_1_2), ..rule(Status::Absent, Any, V3_6_3, 604) },
        Rule { outcome: Outcome::Silent, ..rule(Status::Absent, Any, V4_8_1, 0) },
    ]
};

/// The table, in the order in which its rules are tried.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter()
}

/// What a server answers so that a page on `release` sees `wanted`; several pairs for some codes
/// (501 has two), none for codes that the release does not know and for silence without a status.
pub fn pairs(release: impl Into<Release>, wanted: Outcome) -> impl Iterator<Item = Pair> {
    let release = release.into();
    RULES.iter().filter_map(move |rule| {
        let pair = rule.example()?;
        (rule.outcome == wanted && find(release, Some(pair.status), &pair.reason).1 == wanted).then_some(pair)
    })
}

/// The rule that decides, and what it leads to.
pub(super) fn find(release: Release, status: Option<i32>, reason: &str) -> (Option<&'static Rule>, Outcome) {
    let rule = RULES.iter().find(|rule| rule.fits(release, status, reason));
    // Every status ends in a rule for any reason, so that there always is one.
    (rule, rule.map_or(Outcome::Silent, |rule| rule.outcome))
}

impl Rule {
    /// Whether this release has the rule.
    pub fn is_in(&self, release: Release) -> bool {
        self.since <= release && self.until.is_none_or(|until| release <= until)
    }

    fn fits(&self, release: Release, status: Option<i32>, reason: &str) -> bool {
        let status_fits = match (self.status, status) {
            (Status::Code(code), Some(status)) => code == status,
            (Status::Other, Some(_)) | (Status::Absent, None) => true,
            (Status::Code(_) | Status::Other, None) | (Status::Absent, Some(_)) => false,
        };
        let reason_fits = || match self.reason {
            Reason::Exactly(text) => reason == text,
            Reason::Containing(parts) => parts.iter().all(|part| reason.contains(part)),
            Reason::Any => true,
        };
        self.is_in(release) && status_fits && reason_fits()
    }

    /// A pair that the rule applies to; `None` if it applies to answers without a status.
    pub fn example(&self) -> Option<Pair> {
        let status = match self.status {
            Status::Code(code) => code,
            Status::Other => SOME_OTHER_CODE,
            Status::Absent => return None,
        };
        let reason = match self.reason {
            Reason::Exactly(text) => text.into(),
            Reason::Containing([only]) => (*only).into(),
            Reason::Containing(parts) => parts.join(" x ").into(),
            Reason::Any => "".into(),
        };
        Some(Pair { status, reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{generation::Generation, refusal::outcome};

    #[test]
    fn every_status_and_reason_meets_a_rule_in_every_release() {
        for release in Release::ALL {
            for status in (-2..=30).map(Some).chain([None]) {
                for reason in ["", "x", "blocked", "sensitive words"] {
                    assert!(find(release, status, reason).0.is_some(), "{release} {status:?} {reason:?}");
                }
            }
        }
    }

    #[test]
    fn no_rule_is_hidden_behind_another() {
        for rule in rules() {
            let example = rule.example();
            let reason = example.as_ref().map(|pair| &*pair.reason).unwrap_or_default();
            let status = example.as_ref().map(|pair| pair.status);
            let (found, _) = find(rule.since, status, reason);
            assert!(found.is_some_and(|found| std::ptr::eq(found, rule)), "{rule:?}");
        }
    }

    #[test]
    fn a_code_tells_the_pairs_that_make_it() {
        let reasons = |generation: Generation, code| {
            pairs(generation, Outcome::Refused(code)).map(|pair| pair.reason.into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(reasons(Generation::V3_6_3, 501), ["sensitive words", "blocked by mod_antispam"]);
        assert_eq!(reasons(Generation::V4_21_1, 504), ["exceed recall time limit"]);
        assert_eq!(reasons(Generation::V3_6_3, 221), Vec::<String>::new());
        assert_eq!(
            pairs(Generation::V4_0_8, Outcome::Muted).map(|pair| pair.status).collect::<Vec<_>>(),
            [15]
        );
    }

    #[test]
    fn a_pair_makes_the_code_that_it_was_asked_for() {
        for release in Release::ALL {
            for rule in rules() {
                for pair in pairs(release, rule.outcome) {
                    assert_eq!(outcome(release, Some(pair.status), Some(&pair.reason)), rule.outcome);
                }
            }
        }
    }

    /// The rows that no recording holds: releases that are not played.
    #[test]
    fn releases_in_between_see_what_was_new_in_them() {
        let seen = |status, reason: &str| {
            Release::ALL.map(|release| outcome(release, Some(status), Some(reason)).code().unwrap_or(0))
        };
        assert_eq!(seen(1, "nonroster"), [503, 503, 221, 221, 221, 221, 221, 221]);
        assert_eq!(seen(1, "contains the word moderation"), [503, 503, 503, 508, 508, 508, 508, 508]);
        assert_eq!(seen(1, "group is disabled"), [503, 503, 503, 503, 608, 608, 608, 608]);
        assert_eq!(seen(1, "username x doesn't exist!"), [503, 503, 503, 503, 503, 503, 204, 204]);
        assert_eq!(seen(7, "user is mute"), [604, 0, 219, 219, 219, 219, 219, 219]);
        assert_eq!(seen(7, "traffic limit"), [604, 0, 0, 0, 509, 509, 509, 509]);
        assert_eq!(seen(7, "Sorry, data is too large"), [604, 0, 0, 0, 0, 0, 511, 511]);
        assert_eq!(seen(7, "other"), [604, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(seen(15, ""), [507; 8]);
        assert_eq!(seen(20, ""), [604; 8]);
        let absent = Release::ALL.map(|release| outcome(release, None, None).code().unwrap_or(0));
        assert_eq!(absent, [604, 604, 604, 604, 604, 604, 0, 0]);
    }
}
