//! The house holds: each floor of `src/` names only floors below it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Each floor and the floors that it may name. A new folder under `src/` needs a row here.
const FLOORS: &[(&str, &[&str])] = &[
    ("protocol", &[]),
    ("session", &["protocol"]),
    ("transport", &["protocol"]),
    ("client", &["transport", "session", "protocol"]),
    ("server", &["protocol"]),
    ("scenario", &["protocol"]),
    ("history", &["protocol"]),
    ("engine", &["scenario", "client", "history", "protocol", "session"]),
    ("judge", &["history", "scenario", "protocol"]),
    ("report", &["judge", "history", "protocol"]),
    ("simulation", &["session", "server", "protocol"]),
    (
        "cli",
        &[
            "protocol",
            "session",
            "transport",
            "client",
            "server",
            "scenario",
            "engine",
            "history",
            "judge",
            "report",
            "simulation",
        ],
    ),
];

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// Every floor that follows `crate::` in the text, grouped imports included.
fn floors_named(text: &str) -> Vec<String> {
    let mut named = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        if text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => top_level_names(group),
            None => vec![rest],
        };
        for name in names {
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
            named.push(name[..end].to_owned());
        }
    }
    named
}

/// The first segment of each item of a `{a::b, c::{d, e}}` group, given the text behind its brace.
fn top_level_names(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut names) = (0_usize, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(group[start..at].trim());
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(group[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    names
}

#[test]
fn each_floor_knows_only_floors_below_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let allowed: BTreeMap<&str, &[&str]> = FLOORS.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut files = Vec::new();
    sources(&source, &mut files);
    for file in files {
        let inside = file.strip_prefix(&source).unwrap();
        let floor = inside.components().next().unwrap().as_os_str().to_str().unwrap();
        if floor == "lib.rs" || floor == "main.rs" {
            continue;
        }
        let Some(below) = allowed.get(floor) else {
            wrong.push(format!("{}: no floor of that name in tests/floors.rs", inside.display()));
            continue;
        };
        for named in floors_named(&fs::read_to_string(&file).unwrap()) {
            if named != floor && allowed.contains_key(named.as_str()) && !below.contains(&named.as_str()) {
                wrong.push(format!("{}: `{floor}` must not know `{named}`", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_inside_grouped_imports_are_seen() {
    assert_eq!(floors_named("use crate::{cli::{a, b}, server::World};"), ["cli", "server"]);
    assert_eq!(floors_named("crate::judge::Verdict, other_crate::x"), ["judge"]);
}
