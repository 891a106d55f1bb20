//! The numbers of the REST table are those that the genuine SDKs were recorded to give.

use chatproof::protocol::{
    generation::Generation,
    refusal::{Outcome, Subject, rest_outcome},
};
use serde_json::Value;

use super::fixture::{cases, text};

/// A recorded body: JSON, or text that is none.
fn body(recorded: &Value) -> Value {
    match recorded {
        Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| recorded.clone()),
        other => other.clone(),
    }
}

fn outcome(number: Option<&Value>) -> Outcome {
    match number {
        Some(value) => value["type"]
            .as_i64()
            .map_or(Outcome::Unnumbered, |number| Outcome::Refused(number.try_into().unwrap())),
        None => Outcome::Silent,
    }
}

#[test]
fn every_recorded_refusal_of_4_x_has_its_number() {
    let mut compared = 0;
    for generation in [Generation::V4_0_8, Generation::V4_21_1] {
        for case in cases(generation.version(), "rest") {
            let name = text(&case, "name");
            let Some(request) = case["rest"].as_array().and_then(|requests| requests.first()) else {
                continue;
            };
            let status = u16::try_from(request["status"].as_u64().unwrap()).unwrap();
            let subject = match name.split('/').next().unwrap() {
                "resterr" => Subject::of_path(text(request, "path")),
                "fetchHistoryMessages" => Subject::OldHistory,
                "upload" => Subject::Upload,
                "utils.download" => Subject::Download,
                _ => continue,
            };
            if status == 200 {
                continue;
            }
            let told = case["outcome"].as_array().unwrap();
            let (key, word) = match subject {
                Subject::Download => ("callback", "onFileDownloadError"),
                Subject::Upload if generation == Generation::V4_0_8 => ("callback", "onFileUploadError"),
                _ => ("promise", "reject"),
            };
            let value = told.iter().find(|told| told[key] == word);
            let argument = value.map(|told| told.get("value").unwrap_or_else(|| &told["args"][0]));
            let seen = match (subject, argument) {
                (Subject::Download, None) => Outcome::Success,
                (_, argument) => outcome(argument),
            };
            let said = rest_outcome(generation, subject, status, &body(&request["response"]));
            assert_eq!(said, seen, "{generation} {name}");
            compared += 1;
        }
    }
    assert_eq!(compared, 54, "each of the recorded refusals");
}

#[test]
fn every_recorded_refusal_of_3_6_3_has_its_number() {
    let mut compared = 0;
    for case in cases("3.6.3", "rest") {
        let name = text(&case, "name");
        let subject = match name.split('/').next().unwrap() {
            "history" => Subject::OldHistory,
            "upload" => Subject::Upload,
            "download" => Subject::Download,
            // Shared files are told to have been uploaded whatever the answer.
            shared if shared.contains("SharedFile") && !shared.contains("List") => continue,
            _ => Subject::Room,
        };
        let Some(status) = case["reply"]["status"].as_u64().filter(|status| *status != 200) else { continue };
        if case["requests"].as_array().is_none_or(Vec::is_empty) {
            continue;
        }
        let callbacks = case["callbacks"].as_array().unwrap();
        let begins = match subject {
            Subject::Upload => "onFileUploadError",
            Subject::Download => "onFileDownloadError",
            // Where there is no promise, the callback has the same number.
            _ if callbacks.iter().any(|told| text(told, "ev").starts_with("rejected")) => "rejected",
            _ => "error",
        };
        let argument = callbacks.iter().find(|told| text(told, "ev").starts_with(begins));
        let seen = match (subject, argument) {
            (Subject::Download, None) => Outcome::Success,
            (_, argument) => outcome(argument.map(|told| &told["args"][0])),
        };
        let body = body(&case["reply"]["body"]);
        let said = rest_outcome(Generation::V3_6_3, subject, status.try_into().unwrap(), &body);
        assert_eq!(said, seen, "{name}");
        compared += 1;
    }
    assert_eq!(compared, 90, "each of the recorded refusals");
}
