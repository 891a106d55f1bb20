//! The shipped scenarios meet every refusal in the situation that it comes from, and the documentation
//! says what pages are told of each.

mod document;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The scenarios below a folder whose name begins so.
fn scenarios(folder: &str, begins: &str) -> Vec<PathBuf> {
    let folder = Path::new(ROOT).join("scenarios").join(folder);
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(begins)))
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

/// Plays scenarios in a world; all must pass.
fn play(scenarios: &[PathBuf], world: &str) {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_chatproof"))
        .arg("run")
        .args(scenarios)
        .arg("--world")
        .arg(Path::new(ROOT).join("fixtures/worlds").join(world))
        .args(["--out", "out", "--no-color"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let passed = said.lines().filter(|line| line.starts_with("pass ") && line.contains('/')).count();
    assert_eq!(passed, scenarios.len(), "{said}");
    assert!(!said.contains("stay on the target"), "{said}");
}

#[test]
fn in_the_demo_world_every_refusal_comes_from_its_situation() {
    play(&scenarios("features", "refusal-"), "demo.yaml");
}

#[test]
fn in_a_world_with_every_service_closed_each_is_refused() {
    play(&scenarios("closed", ""), "closed.yaml");
}

#[test]
fn in_a_world_with_narrow_limits_each_of_them_refuses() {
    play(&scenarios("strict", ""), "strict.yaml");
}
