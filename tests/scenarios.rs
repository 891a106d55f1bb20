//! The scenario language as documented and published is the language that the reader reads.

use std::fs;

use boon::{Compiler, Schemas};
use chatproof::scenario::{
    self,
    vocabulary::{
        ACTOR, CAPABILITIES, CHANNEL, DELETE_SESSION, DELIVERY, DOWNLOAD, FILE, GROUP, HISTORY, LOAD, MADE,
        MESSAGE_TYPES, METRICS, READ, READERS, RECALL, REPEAT, REST, ROOM, SEND, SESSIONS, STAGE, STATEMENTS,
        UPLOAD, VERBS, WORLD, facts,
    },
};
use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn reference() -> String {
    fs::read_to_string(format!("{ROOT}/docs/scenarios.md")).unwrap()
}

/// The YAML blocks of the reference, each with the line that it starts in.
fn examples(text: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in text.lines().enumerate() {
        match &mut open {
            None if line == "```yaml" => open = Some((number + 2, String::new())),
            Some(_) if line == "```" => blocks.extend(open.take()),
            Some((_, block)) => {
                block.push_str(line);
                block.push('\n');
            }
            None => {}
        }
    }
    blocks
}

/// An example as a whole file: steps get actors and a world, other parts get what they lack.
fn completed(example: &str) -> String {
    if example.contains("scenario: ") {
        return example.to_owned();
    }
    let is_script = example.starts_with('-');
    let mut file = String::from("scenario: example\n");
    if !example.contains("actors:") {
        file.push_str(
            "actors: {alice: 1, bob: 1, carol: 1, owner: 1, member: {count: 3}}\nvars: {limit: 7}\n",
        );
        file.push_str("world: {groups: {team: {owner: owner, members: [alice, bob, member]}}}\n");
    }
    file.push_str("steps:\n");
    file.push_str(if is_script { example } else { "- pause: 1s\n" });
    if !is_script {
        file.push_str(example);
    }
    file
}

#[test]
fn every_example_of_the_reference_is_free_of_mistakes() {
    let text = reference();
    let examples = examples(&text);
    assert!(examples.len() > 15, "only {} examples were found", examples.len());
    for (line, example) in examples {
        if let Err(mistakes) = scenario::read("example.yaml", &completed(&example)) {
            panic!("docs/scenarios.md:{line}: {mistakes:?}");
        }
    }
}

#[test]
fn the_reference_speaks_of_every_word_of_the_language() {
    let text = reference();
    let tables = [
        &FILE,
        &ACTOR,
        &WORLD,
        &GROUP,
        &ROOM,
        &LOAD,
        &STAGE,
        &SEND,
        &REST,
        &REPEAT,
        &MADE,
        &READ,
        &DELIVERY,
        &CHANNEL,
        &RECALL,
        &HISTORY,
        &SESSIONS,
        &DELETE_SESSION,
        &READERS,
        &UPLOAD,
        &DOWNLOAD,
    ];
    let mut words: Vec<&str> = tables.iter().flat_map(|table| table.names()).collect();
    for verb in VERBS {
        words.push(verb.key.name);
        words.extend(verb.beside.iter().map(|key| key.name));
        words.extend(verb.fields);
    }
    for statement in STATEMENTS {
        words.push(statement.key.name);
        words.extend(statement.beside.iter().map(|key| key.name));
    }
    words.extend(CAPABILITIES.iter().map(|(name, _)| name));
    words.extend(METRICS.iter().map(|metric| metric.name));
    words.extend(MESSAGE_TYPES.iter().map(|known| known.name));
    let facts: Vec<String> = facts().map(|fact| format!("target.{fact}")).collect();
    words.extend(facts.iter().map(String::as_str));
    let missing: Vec<&str> = words.into_iter().filter(|word| !text.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "docs/scenarios.md does not speak of {missing:?}");
}

#[test]
fn the_published_schema_is_that_of_the_reader() {
    let published = fs::read_to_string(format!("{ROOT}/docs/schema/scenario.schema.json")).unwrap();
    assert!(
        published == scenario::schema_text(),
        "stale: run `cargo run -- schema > docs/schema/scenario.schema.json`"
    );
}

/// What a YAML library that knows nothing of scenarios makes of a file, as an editor's does.
fn as_json(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

fn accepts(file: &Value) -> Result<(), String> {
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    compiler.add_resource("scenario.json", scenario::schema()).unwrap();
    let schema = compiler.compile("scenario.json", &mut schemas).unwrap();
    schemas.validate(file, schema).map_err(|error| format!("{error:#}"))
}

#[test]
fn what_the_reader_accepts_the_schema_accepts() {
    let text = reference();
    for (line, example) in examples(&text) {
        if let Err(error) = accepts(&as_json(&completed(&example))) {
            panic!("docs/scenarios.md:{line}: {error}");
        }
    }
}

#[test]
fn what_the_schema_refuses_is_a_slip() {
    let good = "scenario: x\nactors: {alice: 1}\nsteps:\n  - alice: {send: {to: alice, msg: hi}, as: hi}\n";
    assert_eq!(accepts(&as_json(good)), Ok(()));
    for (from, to) in [
        ("actors", "actor"),
        ("msg", "mgs"),
        ("as: hi", "sa: hi"),
        ("send", "sned"),
        ("alice: 1", "alice: {cuont: 1}"),
        ("- alice: {", "- check: {"),
        ("{send: {to: alice, msg: hi}, as: hi}", "{expect: onTextMesage}"),
        ("{send: {to: alice, msg: hi}, as: hi}", "recall"),
    ] {
        let slip = good.replace(from, to);
        assert!(accepts(&as_json(&slip)).is_err(), "{slip}");
        assert!(scenario::read("slip.yaml", &slip).is_err(), "{slip}");
    }
}
