//! `recall`, `history`, `sessions` and `delete_session`: what a failure of each says.

use super::{TWO, play, play_as};
use chatproof::{
    history::{Ending, What},
    protocol::generation::Generation,
};

/// Three messages of alice's to bob, and a step.
fn with(step: &str) -> String {
    let mut script = format!("{TWO}steps:\n");
    for words in ["one", "two", "three"] {
        script.push_str(&format!("- alice: {{send: {{to: bob, msg: {words}}}, as: {words}}}\n"));
    }
    script + "- " + step + "\n"
}

#[tokio::test]
async fn each_failure_says_what_stands_in_the_history() {
    for (step, expected, observed) in [
        (
            "bob: {history: {with: alice, shows: [two, one]}}",
            "the history shows `two`, `one`",
            "`one` stands before `two`",
        ),
        (
            "bob: {history: {with: alice, shows: [one, three]}}",
            "the history shows `one`, `three`",
            "between `one` and `three` stands onTextMessage",
        ),
        (
            "bob: {history: {with: alice, pages: 1, count: 1, shows: [one]}}",
            "the history shows `one`",
            "`one` is missing",
        ),
        (
            "bob: {history: {with: alice, shows: [two, two.mid]}}",
            "the history shows `two`, `two.mid`",
            "`two` and `two.mid` are one message there",
        ),
        ("bob: {history: {with: alice, hides: [two]}}", "the history does not show `two`", "stands there"),
        ("bob: {history: alice, refused: 505}", "it is refused with 505", "it succeeded"),
        ("bob: {sessions: {status: 403}}", "the answer has status 403", "it succeeded"),
        ("bob: {delete_session: alice, refused: 505}", "it is refused with 505", "it succeeded"),
        ("alice: {recall: one, refused: 504}", "the recall is refused with 504", "accepted as"),
        ("bob: {recall: one}", "the server takes the message back", "refused with 503"),
    ] {
        let played = play(&with(step)).await;
        let failure = played.only_failure();
        assert_eq!(failure.expected, expected, "{step}");
        assert!(failure.observed.contains(observed), "{step}: {}", failure.observed);
        assert!(failure.blames_target, "{step}");
    }
}

#[tokio::test]
async fn a_step_that_makes_no_sense_is_not_the_servers_fault() {
    for (step, observed) in [
        ("alice: {recall: \"'123'\"}", "it is only an id; say so with `to`"),
        ("bob: {history: {with: alice, shows: [alice]}}", "neither a message that was sent or received"),
    ] {
        let played = play(&with(step)).await;
        let failure = played.only_failure();
        assert!(failure.observed.contains(observed), "{step}: {}", failure.observed);
        assert!(!failure.blames_target, "{step}");
    }
}

#[tokio::test]
async fn the_books_have_every_page_row_and_session() {
    for generation in Generation::ALL {
        let script = with("bob: {history: {with: alice, api: new, count: 2}}") + "- bob: sessions\n";
        let played = play_as(generation, &script).await;
        assert_eq!(played.ending, Ending::Passed);
        let count = |wanted: fn(&What) -> bool| {
            played.history.records.iter().filter(|record| wanted(&record.what)).count()
        };
        assert_eq!(count(|what| matches!(what, What::Page { rows: 2, last: false, .. })), 1, "{generation}");
        assert_eq!(count(|what| matches!(what, What::Page { rows: 1, last: true, .. })), 1, "{generation}");
        assert_eq!(count(|what| matches!(what, What::Row { .. })), 3, "{generation}");
        assert_eq!(count(|what| matches!(what, What::Listed { unread: 3, .. })), 1, "{generation}");
    }
}
