//! Opening the scenarios that a command line names: files first, then what is shipped.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde_json::json;

use super::{
    exit::Exit,
    output::{self, Output},
    shipped::{SHIPPED, Shipped},
};
use crate::scenario::{self, Ink, Mistakes, ReadError, Scenario};

/// Reads every scenario named; with a mistake in any of them, all mistakes of all are shown.
///
/// # Errors
/// The exit that the command must end with; everything has been said.
pub fn open_all(named: &[PathBuf], output: &Output) -> Result<Vec<Scenario>, Exit> {
    let (mut opened, mut failed) = (Vec::new(), Vec::new());
    for path in named {
        match open(path) {
            Ok(scenario) => opened.push(scenario),
            Err(error) => failed.push(error),
        }
    }
    if failed.is_empty() {
        return Ok(opened);
    }
    for error in &failed {
        match error {
            ReadError::Mistakes(mistakes) => show(mistakes, output),
            ReadError::Io { source, .. } => {
                let names: Vec<&str> = SHIPPED.iter().map(Shipped::name).collect();
                let _exit = Exit::Usage.saying(&format!(
                    "failed to {error}: {source}\nshipped scenarios are {}",
                    names.join(", ")
                ));
            }
        }
    }
    Err(Exit::Usage)
}

/// Reads a scenario: the file at that path, else the shipped one of that name.
///
/// # Errors
/// When there is neither, or it has mistakes.
pub fn open(named: &Path) -> Result<Scenario, ReadError> {
    match Shipped::find(&named.to_string_lossy()) {
        Some(shipped) if !named.is_file() => Ok(scenario::read(shipped.path, shipped.text)?),
        _ => scenario::open(named),
    }
}

/// Draws mistakes on stderr; for scripts, one object a mistake on stdout.
fn show(mistakes: &Mistakes, output: &Output) {
    if output.json {
        let _written = output::print(&json_lines(mistakes));
        return;
    }
    let ink = if output.colors_stderr() { Ink::Color } else { Ink::Plain };
    // Nobody is left to tell if stderr is closed.
    drop(writeln!(io::stderr().lock(), "{}\n\nchatproof: {mistakes}", mistakes.render(ink)));
}

fn json_lines(mistakes: &Mistakes) -> String {
    let mut lines = String::new();
    for (place, mistake) in mistakes.iter() {
        let object = json!({
            "event": "mistake",
            "file": mistakes.name(),
            "line": place.line,
            "column": place.column,
            "message": mistake.title(),
            "help": mistake.advice(),
        });
        lines.push_str(&object.to_string());
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_goes_before_a_shipped_scenario_of_the_same_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hello");
        std::fs::write(&path, "scenario: mine\nactors: {a: 1}\nsteps: [{a: logout}]\n").unwrap();
        assert_eq!(open(&path).unwrap().name, "mine");
        assert_eq!(open(Path::new("hello")).unwrap().name, "hello");
    }

    #[test]
    fn a_path_that_is_nothing_says_so() {
        let error = open(Path::new("no/such/file.yaml")).unwrap_err();
        assert_eq!(error.to_string(), "read no/such/file.yaml");
    }

    #[test]
    fn every_mistake_is_one_object_for_scripts() {
        let mistakes = scenario::read("x.yaml", "scenario: x\nactors: {a: 1}\nstep: []\n").unwrap_err();
        insta::assert_snapshot!(json_lines(&mistakes), @r#"
    {"event":"mistake","file":"x.yaml","line":3,"column":1,"message":"unknown key `step` in a scenario","help":"did you mean `steps`?"}
    "#);
    }
}
