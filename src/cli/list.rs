//! `chatproof list`: what this binary knows, by name.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{
    exit::Exit,
    output::{self, Output},
    shipped::SHIPPED,
};
use crate::{
    judge::{CHECKERS, Checker},
    scenario::{
        self,
        vocabulary::{CAPABILITIES, METRICS, Measure},
    },
    server::world::{FAULTS, FaultEntry},
};

/// List what this binary knows: scenarios, cases, faults, checkers, metrics, capabilities
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// What to list
    #[arg(value_enum)]
    subject: Subject,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Subject {
    /// Scenarios shipped inside this binary
    Scenarios,
    /// Conformance cases
    Cases,
    /// Switchable defects of the embedded server
    Faults,
    /// Rules that judge a history
    Checkers,
    /// What thresholds can speak of
    Metrics,
    /// What a target may or may not offer
    Capabilities,
}

const EXAMPLES: &str = "\
Examples:
  chatproof list scenarios                 play one with `chatproof run NAME`
  chatproof list faults                    switch one on with `--fault NAME`
  chatproof list metrics                   what `thresholds:` can speak of
  chatproof list checkers --json           one JSON object a line, for scripts";

/// One thing in a list: its name, a line about it, and what else a script may want.
struct Item {
    name: String,
    about: String,
    more: Vec<(&'static str, Value)>,
}

/// Runs the command.
pub(super) fn run(arguments: Arguments, output: &Output) -> Exit {
    let items = items(arguments.subject);
    if items.is_empty() && !output.json && !output.quiet {
        return Exit::Good.saying(nothing(arguments.subject));
    }
    output::print(&if output.json { json_lines(&items) } else { table(&items) })
}

fn items(subject: Subject) -> Vec<Item> {
    match subject {
        Subject::Scenarios => shipped(|_| true),
        Subject::Cases => shipped(|scenario| scenario.case.id.is_some()),
        Subject::Faults => FAULTS.iter().map(fault).collect(),
        Subject::Checkers => CHECKERS.iter().map(checker).collect(),
        Subject::Metrics => METRICS
            .iter()
            .map(|metric| {
                let kind = match metric.measure {
                    Measure::Times => "times",
                    Measure::Count => "count",
                };
                Item { more: vec![("kind", kind.into())], ..item(metric.name, metric.about) }
            })
            .collect(),
        Subject::Capabilities => CAPABILITIES.iter().map(|(name, about)| item(name, about)).collect(),
    }
}

fn checker(checker: &Checker) -> Item {
    Item { more: vec![("id", checker.id.into())], ..item(checker.name, checker.about) }
}

fn fault(fault: &FaultEntry) -> Item {
    Item { more: vec![("every", fault.every.get().into())], ..item(fault.name, fault.about) }
}

fn item(name: &str, about: &str) -> Item {
    Item { name: name.to_owned(), about: about.to_owned(), more: Vec::new() }
}

fn shipped(wanted: impl Fn(&scenario::Scenario) -> bool) -> Vec<Item> {
    SHIPPED
        .iter()
        .filter_map(|shipped| {
            let scenario = scenario::read(shipped.path, shipped.text).ok().filter(&wanted)?;
            let more = vec![
                ("path", shipped.path.into()),
                ("requires", json!(scenario.requires)),
                ("cites", json!(scenario.cites)),
            ];
            Some(Item { more, ..item(shipped.name(), scenario.title.as_deref().unwrap_or_default()) })
        })
        .collect()
}

/// What an empty list means.
const fn nothing(subject: Subject) -> &'static str {
    match subject {
        Subject::Cases => "there are no conformance cases in this version",
        Subject::Scenarios
        | Subject::Faults
        | Subject::Checkers
        | Subject::Metrics
        | Subject::Capabilities => "nothing to list",
    }
}

fn json_lines(items: &[Item]) -> String {
    let mut text = String::new();
    for item in items {
        let mut object = json!({"name": item.name, "about": item.about});
        for (key, value) in &item.more {
            object[*key] = value.clone();
        }
        text.push_str(&object.to_string());
        text.push('\n');
    }
    text
}

fn table(items: &[Item]) -> String {
    let width = items.iter().map(|item| item.name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for item in items {
        text.push_str(format!("{:width$}  {}", item.name, item.about).trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_scenario_is_listed() {
        let names: Vec<String> = items(Subject::Scenarios).into_iter().map(|item| item.name).collect();
        assert_eq!(names, SHIPPED.iter().map(super::super::shipped::Shipped::name).collect::<Vec<_>>());
    }

    #[test]
    fn scenarios_may_require_exactly_the_checkers_that_there_are() {
        let judging: Vec<_> = CHECKERS.iter().map(|checker| (checker.id, checker.name)).collect();
        assert_eq!(judging, scenario::vocabulary::CHECKERS);
    }

    #[test]
    fn json_has_an_object_a_line() {
        for line in json_lines(&items(Subject::Metrics)).lines() {
            let object: Value = serde_json::from_str(line).unwrap();
            assert!(object["name"].is_string() && object["kind"].is_string());
        }
    }

    #[test]
    fn a_table_is_aligned() {
        let few: Vec<_> = items(Subject::Scenarios)
            .into_iter()
            .filter(|item| item.name.starts_with("load/") || !item.name.contains('/'))
            .collect();
        insta::assert_snapshot!(table(&few), @r#"
    hello                     Alice says hello and Bob answers
    load/chat                 Ten pairs exchange texts as fast as the server answers
    load/group-read-receipts  Members read a notice, and its sender counts them
    load/images               Ten pairs send images to each other, and every byte arrives
    load/rate                 Questions and answers at a fixed rate, spread as independent users come
    tour                      Four people talk, meet every refusal of a text, and catch up after an absence
    "#);
    }
}
