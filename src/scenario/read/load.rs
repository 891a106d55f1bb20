//! `load`: how many casts play, when and for how long.

use std::time::Duration;

use super::{Reader, duration, scalar, text, whole};
use crate::scenario::{
    mistake::Mistake,
    model::{Arrival, Load, Model, Shape, Stage},
    tree::Node,
};

#[derive(Clone, Copy, Eq, PartialEq)]
enum Family {
    Closed,
    Open,
}

impl Reader<'_> {
    pub(super) fn read_load(&mut self, node: &Node) -> Option<Load> {
        let family =
            if text(node, "model").as_deref() == Some("open") { Family::Open } else { Family::Closed };
        // A misspelt model contradicts nothing.
        if matches!(text(node, "model").as_deref(), None | Some("open" | "closed")) {
            self.check_family(node, family);
        }
        if text(node, "engine").as_deref() == Some("goose") {
            self.load_mistake(
                node,
                "engine",
                "`goose` is not yet in this version of chatproof",
                "leave it out",
            );
        }
        let stages = node.child("stages");
        if stages.is_some() {
            for key in ["for", "ramp", "rate", "iterations"] {
                self.load_mistake(
                    node,
                    key,
                    "`stages` say this already",
                    "leave it out, or leave out `stages`",
                );
            }
        }
        let hold = node.child("for").and_then(duration);
        let ramp = node.child("ramp").and_then(duration).unwrap_or_default();
        if hold.is_some_and(|hold| ramp > hold) {
            self.load_mistake(node, "ramp", "the ramp is longer than the run", "`ramp` is a part of `for`");
        }
        let rate = node.child("rate").and_then(|rate| scalar::rate(rate.text()?));
        let iterations = whole(node, "iterations").map(u64::from);
        let shape = match stages {
            Some(stages) => Shape::Stages(self.stages(stages, family)),
            None => Shape::Level { rate, ramp, hold },
        };
        if family == Family::Open && stages.is_none() {
            for key in ["rate", "for"].into_iter().filter(|key| node.child(key).is_none()) {
                self.mistake(
                    Mistake::new(node.span.clone(), format!("an open model without `{key}`"))
                        .label(format!("`{key}:` is missing"))
                        .help("such as `load: {model: open, rate: 10/s, casts: 40, for: 30s}`"),
                );
            }
        }
        let model = match family {
            Family::Closed => {
                Model::Closed { think: node.child("think").and_then(duration).unwrap_or(Duration::ZERO) }
            }
            Family::Open => Model::Open {
                arrival: match text(node, "arrival").as_deref() {
                    Some("poisson") => Arrival::Poisson,
                    _ => Arrival::Constant,
                },
            },
        };
        let endless = hold.is_none() && stages.is_none() && iterations.is_none();
        let casts = whole(node, "casts").unwrap_or(1);
        Some(Load { model, casts, shape, iterations: if endless { Some(1) } else { iterations } })
    }

    fn check_family(&mut self, node: &Node, family: Family) {
        match family {
            Family::Closed => {
                for key in ["rate", "arrival"] {
                    self.load_mistake(node, key, "a closed model has no rate", "add `model: open`");
                }
            }
            Family::Open => {
                for key in ["think", "iterations"] {
                    self.load_mistake(
                        node,
                        key,
                        "in an open model the clock starts conversations",
                        "leave it out, or take `model: closed`",
                    );
                }
            }
        }
    }

    fn stages(&mut self, node: &Node, family: Family) -> Vec<Stage> {
        let (key, other) = match family {
            Family::Open => ("rate", "casts"),
            Family::Closed => ("casts", "rate"),
        };
        let mut stages = Vec::new();
        if node.items().is_empty() && node.text().is_none() {
            self.mistake(Mistake::new(node.span.clone(), "no stages").label("at least one is needed"));
        }
        for stage in node.items() {
            self.load_mistake(stage, other, "not what this model's stages change", &format!("give `{key}`"));
            let Some(level) = stage.child(key) else {
                self.mistake(
                    Mistake::new(stage.span.clone(), format!("a stage without `{key}`"))
                        .label(format!("`{key}:` is missing")),
                );
                continue;
            };
            let level = level.text().and_then(|text| match family {
                Family::Open => scalar::rate(text),
                Family::Closed => text.parse::<u32>().ok().map(f64::from),
            });
            let length = stage.child("for").and_then(duration);
            stages.extend(level.zip(length).map(|(level, length)| Stage { level, length }));
        }
        stages
    }

    /// A mistake at `key`, if it is there.
    fn load_mistake(&mut self, node: &Node, key: &str, title: &str, help: &str) {
        if let Some(value) = node.child(key) {
            self.mistake(Mistake::new(value.span.clone(), title).label(format!("`{key}`")).help(help));
        }
    }
}
