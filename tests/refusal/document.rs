//! `docs/refusals.md` says what the tables of refusals say. With `UPDATE_REFUSALS=1` this test writes it.

use std::fmt::Write as _;

use chatproof::protocol::{
    event::Kick,
    refusal::{
        Outcome, Reason, Release, RestRule, Rule, Said, Status, Subject, TOKEN_REFUSED, login_answers,
        login_error, outcome, rest_outcome, rest_rules, rules,
    },
};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/refusals.md");

/// A reason that no rule names.
const SOME_REASON: &str = "something else";

const HEAD: &str = "\
# What a page is told when the server says no

This file is made from the tables in `src/protocol/refusal`, which our clients judge by, and which
are held against recordings of the genuine SDK 3.6.3, 4.0.8 and 4.21.1. To write it again:
`UPDATE_REFUSALS=1 cargo test --test tests refusal::document`.

A number is the `type` that a page is told; a column begins with the release that it is named after.
**silent** means that the SDK calls nothing back, ever: neither a callback nor a promise. A harness
needs a deadline of its own.

";

const MESSAGES: &str = "\
## Messages, receipts and recalls

The server answers with a status and a reason, and `fail` is called with the number; from 4.0.1 on
the promise is rejected with it, too. A reason must be exactly the one in the table, or contain the
words. The first row that fits decides.

- **muted**: up to 4.0.8 `onMutedMessage` is called and `fail` is not; from 4.0.1 on the promise is
  rejected with 507, and from 4.1.2 on `fail` is called with 507 and `onMutedMessage` is not.
- The document (发送文本消息) names 603 blocked, 605 no such group, 602 not in the group or room, 504
  too late for a recall, 505 no such service, 506 not on the allow list, 501 forbidden words, 502 the
  app's own hook, and 503 for everything unknown.

";

const LOGINS: &str = "\
## Logins

Where no token can be had for a password, `onError` is called with TOKEN, whatever the status and
the release. A token that is there goes to the server in PROVISION; its answer has a status and a reason:

";

const KICKS: &str = "\
## Pages that are put out

The server sends a STATISTIC meta, and `onError` is called, in every release alike.

";

const REST: &str = "\
## REST calls

The `error` callback of a call, where it is called, is told 17 whatever the server said; the promise
is told the number in the table. A status other than 200 is no success, 201 neither. A 200 whose body
is no JSON rejects the promise with a JavaScript error that has no number.

Calls to paths with `chatgroups` are *groups*; every other one is taken for a *room's*. *History* is
`fetchHistoryMessages`; *upload* is what `onFileUploadError` is told of an attachment, *download* what
`onFileDownloadError` is told; **success** means that the page takes the answer for a file. **no
number** means that `fail` is called with something that has none. Where only 4.21.1 is known to have
a row, the releases before it are taken to be as 4.0.8.

";

#[test]
fn the_documentation_says_what_the_tables_say() {
    let made = document();
    if std::env::var_os("UPDATE_REFUSALS").is_some() {
        std::fs::write(PATH, &made).unwrap();
    }
    let written = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(written == made, "docs/refusals.md is stale: see its head for how to write it again");
}

fn document() -> String {
    let mut page = HEAD.to_owned();
    page.push_str(MESSAGES);
    page.push_str(&table(&["status", "reason"], rules().filter_map(message)));
    page.push_str(&LOGINS.replace("TOKEN", &format!("{TOKEN_REFUSED}")));
    let others = (1..=20).map(|status| (status, ""));
    let mut answers: Vec<(i32, &str)> = login_answers().chain(others).collect();
    answers.sort_by_key(|(status, reason)| (*status, reason.is_empty()));
    answers.dedup();
    page.push_str(&table(&["status", "reason"], logins(answers).into_iter()));
    page.push_str(KICKS);
    page.push_str("| operation | `type` | `message` |\n|---|---|---|\n");
    for (operation, kick) in (1..=4).filter_map(|number| Some((number, Kick::from_operation(number)?))) {
        writeln!(page, "| {operation} | {} | {} |", kick.code(), kick.text()).unwrap();
    }
    page.push('\n');
    page.push_str(REST);
    page.push_str(&table(&["call", "HTTP status", "body"], rest_rules().filter_map(call)));
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

/// A table with one column a release; each row is what is asked, and what each release makes of it.
fn table(asked: &[&str], rows: impl Iterator<Item = (Vec<String>, [String; 8])>) -> String {
    let releases = Release::ALL.map(|release| release.version().to_owned());
    let mut table = row(asked.iter().map(|name| (*name).to_owned()).chain(releases));
    table.push_str(&"|---".repeat(asked.len() + Release::ALL.len()));
    table.push_str("|\n");
    let rows: Vec<_> = rows.collect();
    for (place, (asked, told)) in rows.iter().enumerate() {
        // Rules that differ in their releases alone are one row.
        if rows[place + 1..].iter().any(|(later, _)| later == asked) {
            continue;
        }
        table.push_str(&row(asked.iter().chain(told).cloned()));
    }
    table.push('\n');
    table
}

fn row(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn shown(outcome: Outcome) -> String {
    match outcome {
        Outcome::Success => "success".to_owned(),
        Outcome::Refused(code) => code.to_string(),
        Outcome::Muted => "**muted**".to_owned(),
        Outcome::Unnumbered => "**no number**".to_owned(),
        Outcome::Silent => "**silent**".to_owned(),
    }
}

fn message(rule: &Rule) -> Option<(Vec<String>, [String; 8])> {
    if rule.outcome == Outcome::Success || (rule.status == Status::Absent && rule.until.is_none()) {
        return None;
    }
    let status = match rule.status {
        Status::Code(code) => code.to_string(),
        Status::Other => "any other".to_owned(),
        Status::Absent => "none at all".to_owned(),
    };
    let reason = match rule.reason {
        Reason::Exactly(text) => format!("`{text}`"),
        Reason::Containing(parts) => with_words(parts),
        Reason::Any => "any other, or none".to_owned(),
    };
    let pair = rule.example();
    let told = Release::ALL.map(|release| {
        let reason = match (&pair, rule.reason) {
            (_, Reason::Any) | (None, _) => SOME_REASON,
            (Some(pair), _) => &*pair.reason,
        };
        shown(outcome(release, pair.as_ref().map(|pair| pair.status), Some(reason)))
    });
    Some((vec![status, reason], told))
}

/// One row for each status and reason, those of a kind together.
fn logins(answers: Vec<(i32, &str)>) -> Vec<(Vec<String>, [String; 8])> {
    let mut rows: Vec<(Vec<i32>, String, [String; 8])> = Vec::new();
    for (status, reason) in answers {
        let asked = if reason.is_empty() { SOME_REASON } else { reason };
        let told = Release::ALL.map(|release| {
            login_error(release, status, asked).map_or_else(String::new, |error| error.code.to_string())
        });
        let reason = if reason.is_empty() { "any other".to_owned() } else { format!("`{reason}`") };
        match rows.iter_mut().find(|row| row.1 == reason && row.2 == told) {
            Some(row) => row.0.push(status),
            None => rows.push((vec![status], reason, told)),
        }
    }
    let statuses = |all: &[i32]| all.iter().map(i32::to_string).collect::<Vec<_>>().join(", ");
    rows.into_iter().map(|(all, reason, told)| (vec![statuses(&all), reason], told)).collect()
}

fn call(rule: &RestRule) -> Option<(Vec<String>, [String; 8])> {
    let (subject, status, body) = rule.example()?;
    let subjects = if rule.subjects.is_empty() {
        "any".to_owned()
    } else {
        let names = rule.subjects.iter().filter(|subject| {
            // `fetchHistoryMessages` is its own row until it reads answers like every other call.
            rule.subjects.len() == 1 || **subject != Subject::OldHistory
        });
        names.map(|subject| name(*subject)).collect::<Vec<_>>().join(", ")
    };
    let statuses = if rule.statuses.is_empty() {
        "any".to_owned()
    } else {
        rule.statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
    };
    let said = match rule.said {
        Said::Any => "any other".to_owned(),
        Said::Exactly(text) => format!("`{text}`"),
        Said::Containing(parts) => with_words(parts),
        Said::Error(text) => format!("`error` is `{text}`"),
        Said::Exception(exception, text) => format!("`{exception}`, with `{text}`"),
        Said::Nothing => "no `error_description`".to_owned(),
        Said::NoJson => "no JSON".to_owned(),
    };
    let told = Release::ALL.map(|release| match subject {
        Subject::OldHistory if release == Release::V4_21_1 => "as a room's".to_owned(),
        _ => shown(rest_outcome(release, subject, status, &body)),
    });
    Some((vec![subjects, statuses, said], told))
}

const fn name(subject: Subject) -> &'static str {
    match subject {
        Subject::Group => "group",
        Subject::Room => "room",
        Subject::OldHistory => "history",
        Subject::Upload => "upload",
        Subject::Download => "download",
    }
}

fn with_words(parts: &[&str]) -> String {
    let words: Vec<String> = parts.iter().map(|part| format!("`{part}`")).collect();
    format!("with {}", words.join(" and "))
}
