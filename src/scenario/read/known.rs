//! The names that a place of the file can use, and the check that an expression uses no others.

use std::{collections::BTreeSet, sync::Arc};

use super::Reader;
use crate::{
    protocol::event::Name,
    scenario::{
        expression::{EvaluationError, Expression, Pattern, Template},
        mistake::{Mistake, shown},
        tree::{Data, Node, Span},
        vocabulary::{event_fields, facts},
    },
};

/// Names that the expression library brings along.
const FUNCTIONS: &[&str] = &["dict", "namespace", "range"];
/// Fields of `run`.
const RUN: &[&str] = &["id", "seed", "generation", "appkey"];
/// Fields of a client.
pub(super) const CLIENT: &[&str] = &["user", "resource", "index", "name"];
/// Fields of a group or room.
pub(super) const CONFERENCE: &[&str] = &["id", "name"];

/// A name and what is known of its fields.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub(super) name: Arc<str>,
    pub(super) fields: Fields,
}

/// The fields of a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fields {
    /// Known in part at most, or a list.
    Open,
    /// Exactly these.
    Exactly(&'static [&'static str]),
}

/// Everything that has a name at one place of the file.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) bound: Vec<Bound>,
    /// The keys of `vars`.
    pub(super) vars: Vec<String>,
    /// Whether `self` means something here.
    pub(super) inside_each: bool,
    /// Every name that some step binds, with its place.
    later: Vec<(Arc<str>, Span)>,
}

impl Known {
    /// Remembers every `as` of the file, so that a name that is used too early is told from a slip.
    pub(super) fn note_later(&mut self, node: &Node) {
        for entry in node.entries() {
            if let (true, Some(text)) = (entry.key == "as", entry.value.text()) {
                self.later.push((text.into(), entry.value.span.clone()));
            }
            self.note_later(&entry.value);
        }
        node.items().iter().for_each(|item| self.note_later(item));
    }

    fn fields(&self, name: &str, event: Option<Fields>) -> Option<Fields> {
        match name {
            "iteration" | "cast" => Some(Fields::Exactly(&[])),
            "vars" => Some(Fields::Open),
            "run" => Some(Fields::Exactly(RUN)),
            "self" if self.inside_each => Some(Fields::Exactly(CLIENT)),
            "event" => event,
            _ if FUNCTIONS.contains(&name) => Some(Fields::Open),
            _ => self.bound.iter().rev().find(|bound| &*bound.name == name).map(|bound| bound.fields),
        }
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let always = ["iteration", "cast", "run", "target", "vars"].into_iter();
        always.chain(self.inside_each.then_some("self")).chain(self.bound.iter().map(|bound| &*bound.name))
    }
}

impl Reader<'_> {
    /// A template that uses known names only.
    pub(super) fn template(&mut self, node: &Node) -> Option<Template> {
        let compiled = Template::compile(node.text()?).map_err(|error| self.refuse(node, &error)).ok()?;
        self.check_names(node, &compiled.names(), None);
        for inside in expressions_in(compiled.text()) {
            self.check_words(node, inside);
        }
        Some(compiled)
    }

    /// An expression that uses known names only; `event` has these fields where it means something.
    pub(super) fn expression(&mut self, node: &Node, event: Option<Fields>) -> Option<Expression> {
        let compiled = Expression::compile(node.text()?).map_err(|error| self.refuse(node, &error)).ok()?;
        self.check_names(node, &compiled.names(), event);
        self.check_words(node, compiled.text());
        Some(compiled)
    }

    /// A free value whose texts are templates.
    pub(super) fn pattern(&mut self, node: &Node) -> Option<Pattern> {
        Some(match &node.data {
            Data::Scalar(scalar) => match scalar.to_json() {
                serde_json::Value::String(_) if !scalar.text.is_empty() => {
                    Pattern::Text(self.template(node)?)
                }
                constant => Pattern::Constant(constant),
            },
            Data::List(items) => Pattern::List(items.iter().filter_map(|item| self.pattern(item)).collect()),
            Data::Map(entries) => Pattern::Map(
                entries
                    .iter()
                    .filter_map(|entry| Some((entry.key.clone(), self.pattern(&entry.value)?)))
                    .collect(),
            ),
        })
    }

    fn refuse(&mut self, node: &Node, error: &EvaluationError) {
        self.mistake(
            Mistake::new(node.span.clone(), format!("not an expression: {}", shown(&error.reason)))
                .label("in this text")
                .help("expressions are Jinja's: `a == b`, `a.b`, `x in list`, `and`, `or`, `not`"),
        );
    }

    fn check_names(&mut self, node: &Node, names: &BTreeSet<String>, event: Option<Fields>) {
        for path in names {
            let mut parts = path.split('.');
            let name = parts.next().unwrap_or_default();
            if let ("vars", Some(field)) = (name, parts.clone().next()) {
                self.check_var(node, field);
                continue;
            }
            if name == "target" {
                let path: Vec<&str> = parts.collect();
                self.check_fact(node, &path.join("."));
                continue;
            }
            match self.known.fields(name, event) {
                None => {
                    let mistake = self.unknown_name(node, name, event);
                    self.mistake(mistake);
                }
                Some(Fields::Exactly(fields)) => {
                    if let Some(field) = parts.next().filter(|field| !fields.contains(field)) {
                        let span = self.find(node, field);
                        self.mistake(
                            Mistake::new(span, format!("`{name}` has no field `{}`", shown(field)))
                                .label("unknown field")
                                .suggest(field, fields.iter().copied()),
                        );
                    }
                }
                Some(Fields::Open) => {}
            }
        }
    }

    fn check_var(&mut self, node: &Node, field: &str) {
        if !self.known.vars.iter().any(|known| known == field) {
            let mistake = Mistake::new(self.find(node, field), format!("`vars` has no `{}`", shown(field)))
                .label("unknown constant")
                .suggest(field, self.known.vars.iter().map(String::as_str));
            self.mistake(mistake);
        }
    }

    /// Remembers a fact of the target, so that a target which does not know it is told before the play.
    fn check_fact(&mut self, node: &Node, path: &str) {
        if facts().any(|known| known == path) {
            self.facts.insert(path.to_owned());
            return;
        }
        let slip = path.rsplit('.').next().filter(|slip| !slip.is_empty()).unwrap_or("target");
        let known: Vec<String> = facts().map(|known| format!("target.{known}")).collect();
        let mistake = Mistake::new(self.find(node, slip), "not a fact that targets tell")
            .label("expected one number or word of the target")
            .suggest(&format!("target.{path}"), known.iter().map(String::as_str));
        self.mistake(mistake);
    }

    fn unknown_name(&self, node: &Node, name: &str, event: Option<Fields>) -> Mistake {
        let mistake = Mistake::new(self.find(node, name), format!("nothing here is named `{}`", shown(name)))
            .label("unknown name");
        match name {
            "self" => return mistake.help("`self` is the client that plays the steps of an `each`"),
            "event" => return mistake.help("`event` is what `where` of an `expect` or `never` looks at"),
            _ => {}
        }
        if let Some((_, span)) = self.known.later.iter().find(|(later, _)| &**later == name) {
            let ends = span.start < node.span.start;
            return mistake.context(
                span.clone(),
                if ends { "bound here, and gone at the end of its block" } else { "bound here, later" },
            );
        }
        mistake.suggest(name, self.known.names().chain(event.map(|_| "event")))
    }

    /// Filters and tests are looked up when they are used; a slip in one is found here instead.
    fn check_words(&mut self, node: &Node, text: &str) {
        let mut wrong = Vec::new();
        for (sign, word) in words_behind(text) {
            let probe = match sign {
                Sign::Filter => format!("''|{word}"),
                Sign::Test => format!("'' is {word}"),
            };
            if Expression::compile(&probe).is_ok_and(|probe| probe.uses_an_unknown_word()) {
                wrong.push(word);
            }
        }
        for word in wrong {
            let span = self.find(node, word);
            self.mistake(
                Mistake::new(span, format!("unknown filter or test `{}`", shown(word)))
                    .label("the expression language has no such word"),
            );
        }
    }

    /// Where a word stands in the text of a node.
    fn find(&self, node: &Node, word: &str) -> Span {
        let Some(text) = self.text.get(node.span.clone()) else { return node.span.clone() };
        let part = |c: char| c.is_alphanumeric() || c == '_';
        let whole = |at: &usize| !text[..*at].ends_with(part) && !text[at + word.len()..].starts_with(part);
        match text.match_indices(word).map(|(at, _)| at).find(whole) {
            Some(at) => node.span.start + at..node.span.start + at + word.len(),
            None => node.span.clone(),
        }
    }
}

enum Sign {
    Filter,
    Test,
}

/// Each word that stands behind `|`, `is` or `is not`, outside quotes.
fn words_behind(text: &str) -> Vec<(Sign, &str)> {
    let mut quote = None;
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '|') => found.extend(leading_word(&text[at + 1..]).map(|word| (Sign::Filter, word))),
            (None, 'i') if text[at..].starts_with("is ") && text[..at].ends_with(' ') => {
                let rest = text[at + 3..].trim_start();
                let rest = rest.strip_prefix("not ").unwrap_or(rest);
                found.extend(leading_word(rest).map(|word| (Sign::Test, word)));
            }
            _ => {}
        }
    }
    found
}

/// What stands between the braces of a template.
fn expressions_in(template: &str) -> impl Iterator<Item = &str> {
    let opened = template.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap_or(rest));
    let blocks = template.split("{%").skip(1).map(|rest| rest.split("%}").next().unwrap_or(rest));
    opened.chain(blocks)
}

fn leading_word(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

impl Fields {
    /// The fields of an event.
    pub(super) fn of_event(event: Name) -> Self {
        event_fields(event).map_or(Self::Open, Self::Exactly)
    }
}
