//! `docs/coverage.md` leaves nothing of the document out, and says only what is true: each scenario
//! passes where its feature is there, and turns red or not-applicable where it is switched off.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use chatproof::scenario::{self, Scenario};
use serde::Deserialize;
use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The index of the document.
#[derive(Deserialize)]
struct Document {
    headings: Vec<Heading>,
    callbacks: Vec<Callback>,
    codes: Vec<Code>,
    hashes: String,
}

#[derive(Deserialize)]
struct Heading {
    line: usize,
    heading: String,
}

#[derive(Deserialize)]
struct Callback {
    line: usize,
    name: String,
}

#[derive(Deserialize)]
struct Code {
    line: usize,
    code: u32,
}

impl Document {
    fn open() -> Self {
        let text = fs::read_to_string(format!("{ROOT}/fixtures/document.yaml")).unwrap();
        serde_saphyr::from_str(&text).unwrap()
    }

    /// Everything that needs a row, with its line.
    fn subjects(&self) -> Vec<(String, usize)> {
        let headings = self.headings.iter().map(|one| (one.heading.clone(), one.line));
        let callbacks = self.callbacks.iter().map(|one| (one.name.clone(), one.line));
        let codes = self.codes.iter().map(|one| (one.code.to_string(), one.line));
        headings.chain(callbacks).chain(codes).collect()
    }
}

/// One row of the table.
struct Row {
    subject: String,
    line: usize,
    scenarios: Vec<String>,
    tests: Vec<String>,
    /// The name of the switch, and what its scenarios then are.
    off: Option<(String, BTreeSet<String>)>,
}

fn page() -> String {
    fs::read_to_string(format!("{ROOT}/docs/coverage.md")).unwrap()
}

/// The words in backquotes.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn rows(page: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for line in page.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [subject, number, scenarios, tests, off] = cells[..] else { continue };
        let Ok(number) = number.parse() else { continue };
        let switch = quoted(off).into_iter().next();
        let then = off.rsplit_once(':').map_or("", |(_, then)| then);
        let then = then.split(" or ").map(|word| word.trim().to_owned()).collect();
        rows.push(Row {
            subject: subject.trim_matches('`').to_owned(),
            line: number,
            scenarios: quoted(scenarios),
            tests: quoted(tests),
            off: switch.map(|switch| (switch, then)),
        });
    }
    rows
}

/// The switches of the page: its YAML blocks, each a part of a world file under its name.
fn switches(page: &str) -> BTreeMap<String, Value> {
    let mut switches = BTreeMap::new();
    for block in page.split("```yaml\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let part: BTreeMap<String, Value> = serde_saphyr::from_str(block).unwrap();
        switches.extend(part);
    }
    switches
}

fn file(scenario: &str) -> PathBuf {
    Path::new(ROOT).join("scenarios").join(format!("{scenario}.yaml"))
}

fn read(scenario: &str) -> Scenario {
    scenario::open(&file(scenario)).unwrap_or_else(|error| panic!("{scenario}: {error}"))
}

#[test]
fn every_heading_callback_and_code_has_a_row_that_is_not_empty() {
    let rows = rows(&page());
    let mut missing = Vec::new();
    for (subject, line) in Document::open().subjects() {
        match rows.iter().find(|row| row.subject == subject) {
            Some(row) if row.scenarios.is_empty() && row.tests.is_empty() => {
                missing.push(format!("{subject} (line {line}): its row is empty"));
            }
            Some(row) if row.line != line => {
                missing.push(format!("{subject}: in line {line} of the document, not {}", row.line));
            }
            Some(row) if !row.scenarios.is_empty() && row.off.is_none() => {
                missing.push(format!("{subject} (line {line}): nothing switches its scenarios off"));
            }
            Some(_) => {}
            None => missing.push(format!("{subject} (line {line}): no row")),
        }
    }
    assert!(missing.is_empty(), "docs/coverage.md:\n{}", missing.join("\n"));
}

#[test]
fn what_the_rows_name_exists() {
    let page = page();
    let switches = switches(&page);
    for row in rows(&page) {
        for scenario in &row.scenarios {
            read(scenario);
        }
        for test in &row.tests {
            let (module, name) = test.rsplit_once("::").unwrap_or_else(|| panic!("{test}: no test's path"));
            let path = format!("{ROOT}/tests/{}.rs", module.replace("::", "/"));
            let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{test}: no file {path}"));
            assert!(text.contains(&format!("fn {name}(")), "{path} has no test {name}");
        }
        if let Some((switch, _)) = &row.off {
            assert!(switches.contains_key(switch), "{}: no switch is called {switch}", row.subject);
        }
    }
}

#[test]
fn every_shipped_scenario_cites_headings_that_exist() {
    let document = Document::open();
    let known: BTreeSet<&str> = document.headings.iter().map(|one| one.heading.as_str()).collect();
    let mut folders = vec![Path::new(ROOT).join("scenarios")];
    let mut features = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let scenario = scenario::open(&path).unwrap();
            for cited in &scenario.cites {
                assert!(known.contains(cited.as_str()), "{}: no heading {cited:?}", path.display());
            }
            if path.to_string_lossy().contains("/features/") {
                features += 1;
                assert!(!scenario.cites.is_empty(), "{} cites nothing", path.display());
            }
        }
    }
    assert!(features > 20, "only {features} features have scenarios");
    let lines = document.hashes.split_whitespace().count();
    assert!(document.subjects().iter().all(|(_, line)| (1..=lines).contains(line)));
}

/// How a scenario ended, and why.
#[derive(Debug)]
struct Verdict {
    word: String,
    reason: String,
}

impl Verdict {
    fn of(case: &Value) -> Self {
        let word = case["verdict"].as_str().unwrap().replace('-', " ");
        Self { word, reason: case["reason"].to_string() }
    }
}

/// Plays scenarios against the embedded server: the verdict of each.
fn play(names: &BTreeSet<&str>, world: Option<&Path>) -> BTreeMap<String, Verdict> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatproof"));
    command.arg("run").args(names.iter().map(|name| file(name)));
    command.args(["--seed", "7", "--quiet", "--out"]).arg(folder.path());
    if let Some(world) = world {
        command.arg("--world").arg(world);
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    let summary = fs::read_to_string(folder.path().join("summary.json"));
    let summary = summary.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let summary: Value = serde_json::from_str(&summary).unwrap();
    let mut verdicts = BTreeMap::new();
    for (name, case) in names.iter().zip(summary["cases"].as_array().unwrap()) {
        verdicts.insert((*name).to_owned(), Verdict::of(case));
    }
    verdicts
}

#[test]
fn every_scenario_of_a_feature_passes_where_everything_is_on() {
    let features: Vec<String> = fs::read_dir(format!("{ROOT}/scenarios/features"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .map(|name| format!("features/{name}"))
        .collect();
    let rows = rows(&page());
    let named: BTreeSet<&str> =
        rows.iter().flat_map(|row| &row.scenarios).chain(&features).map(String::as_str).collect();
    let unfit: Vec<_> =
        play(&named, None).into_iter().filter(|(_, verdict)| verdict.word != "pass").collect();
    assert!(unfit.is_empty(), "{unfit:?}");
}

/// Puts the values of `part` into `whole`, mapping by mapping.
fn merge(whole: &mut Value, part: &Value) {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            for (key, value) in part {
                merge(whole.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (whole, part) => *whole = part.clone(),
    }
}

#[test]
fn a_scenario_whose_feature_is_switched_off_is_red_or_not_applicable() {
    let page = page();
    let rows = rows(&page);
    let demo = fs::read_to_string(format!("{ROOT}/fixtures/worlds/demo.yaml")).unwrap();
    let demo: Value = serde_saphyr::from_str(&demo).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut unfit = Vec::new();
    for (switch, part) in switches(&page) {
        let concerned: Vec<&Row> =
            rows.iter().filter(|row| row.off.as_ref().is_some_and(|(name, _)| *name == switch)).collect();
        let names: BTreeSet<&str> =
            concerned.iter().flat_map(|row| &row.scenarios).map(String::as_str).collect();
        assert!(!names.is_empty(), "no row is switched off by {switch}");
        let mut world = demo.clone();
        merge(&mut world, &part);
        let path = folder.path().join(format!("{switch}.yaml"));
        fs::write(&path, world.to_string()).unwrap();
        let verdicts = play(&names, Some(&path));
        for row in concerned {
            let (_, then) = row.off.as_ref().unwrap();
            for scenario in &row.scenarios {
                let Verdict { word, reason } = &verdicts[scenario];
                if !then.contains(word) {
                    unfit.push(format!(
                        "{}: {scenario} is {word} with {switch}, not {then:?}: {reason}",
                        row.subject
                    ));
                }
            }
        }
    }
    assert!(unfit.is_empty(), "{}", unfit.join("\n"));
}
