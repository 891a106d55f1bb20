//! The scenarios of `scenarios/features`, played against the embedded server in every SDK generation.

use std::{fs, path::Path, process::Command};

use chatproof::protocol::generation::Generation;
use serde_json::Value;

/// Plays every feature, and tells how each ended.
fn play(more: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<String> = fs::read_dir(root.join("scenarios/features"))
        .unwrap()
        .map(|entry| entry.unwrap().path().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("out");
    let output = Command::new(env!("CARGO_BIN_EXE_chatproof"))
        .arg("run")
        .args(&files)
        .args(["--quiet", "--out", folder.to_str().unwrap()])
        .args(more)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let summary = fs::read_to_string(folder.join("summary.json"));
    let summary: Value =
        serde_json::from_str(&summary.unwrap_or_else(|_| panic!("no summary: {said}"))).unwrap();
    let cases = summary["cases"].as_array().unwrap();
    assert_eq!(cases.len(), files.len(), "{said}");
    let text = |case: &Value, key: &str| case[key].as_str().unwrap_or_default().to_owned();
    cases
        .iter()
        .map(|case| {
            let ending = match text(case, "reason") {
                reason if reason.is_empty() => text(case, "verdict"),
                reason => format!("{}: {reason}", text(case, "verdict")),
            };
            (text(case, "id"), ending)
        })
        .collect()
}

#[test]
fn every_feature_passes_in_every_generation() {
    for generation in Generation::ALL {
        let failed: Vec<_> = play(&["--generation", generation.version()])
            .into_iter()
            .filter(|(_, ending)| ending != "pass")
            .collect();
        assert!(failed.is_empty(), "{generation}: {failed:#?}");
    }
}
