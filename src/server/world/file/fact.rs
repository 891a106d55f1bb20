//! What a world tells of itself as a target: its numbers, and the words that its filters catch.

use serde_json::{Value, json};

use super::WorldFile;
use crate::{
    protocol::schema::status::ErrorCode,
    server::world::rest::{HISTORY_PAGE, SESSION_PAGE},
};

/// A word of a filter by what it answers: path, status, reason.
const WORDS: [(&str, ErrorCode, Reason); 4] = [
    ("words.sensitive", ErrorCode::PermissionDenied, Reason::Is("sensitive words")),
    ("words.antispam", ErrorCode::PermissionDenied, Reason::Is("blocked by mod_antispam")),
    ("words.external", ErrorCode::PermissionDeniedExternal, Reason::Any),
    ("words.unlisted", ErrorCode::Fail, Reason::Is("unlisted reason")),
];

#[derive(Clone, Copy)]
enum Reason {
    Is(&'static str),
    Any,
}

/// Every fact of the world, by its path.
pub(super) fn facts(file: &WorldFile) -> impl Iterator<Item = (&'static str, Value)> {
    let limits = &file.limits;
    let numbers = [
        ("recall_window", json!(limits.recall_window.as_secs_f64())),
        ("history_page", json!(HISTORY_PAGE)),
        ("session_page", json!(SESSION_PAGE)),
        ("block_list", json!(limits.block_list)),
        ("body_bytes", json!(limits.body_bytes)),
        ("file_bytes", json!(limits.file_bytes)),
        ("devices", json!(limits.devices)),
    ];
    let words = WORDS.into_iter().filter_map(|(path, status, reason)| {
        let answers = |told: Option<&str>| match reason {
            Reason::Is(text) => told == Some(text),
            Reason::Any => true,
        };
        let filter = file
            .filters
            .iter()
            .find(|filter| filter.status.value == status as i32 && answers(filter.reason.as_deref()))?;
        Some((path, json!(filter.contains.value)))
    });
    let improper = file.improper_files.first().map(|word| ("words.improper", json!(word.value)));
    numbers.into_iter().chain(words).chain(improper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_world_tells_its_numbers_and_the_words_that_it_catches() {
        let told: Vec<String> =
            facts(&WorldFile::demo()).map(|(path, fact)| format!("{path} = {fact}")).collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        recall_window = 120.0
        history_page = 50
        session_page = 20
        block_list = 500
        body_bytes = 65536
        file_bytes = 10485760
        devices = 4
        words.sensitive = "SENSITIVE"
        words.antispam = "ANTISPAM"
        words.external = "EXTERNAL"
        words.unlisted = "UNKNOWNERR"
        words.improper = "IMPROPER"
        "#);
    }

    #[test]
    fn a_world_without_filters_tells_no_words() {
        let file = WorldFile::parse("w.yaml", "world: w\nappkey: o#a\n").unwrap();
        assert!(facts(&file).all(|(path, _)| !path.starts_with("words.")));
    }
}
