//! Reads a scenario file: a tree with places, then its shape against the vocabulary, then names,
//! expressions and everything that depends on them. All mistakes are collected; a scenario comes
//! out only when there are none.

mod address;
mod cast;
mod known;
mod load;
mod message;
mod operation;
mod profile;
mod scalar;
mod shape;
mod step;
mod world;

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fs, io::Read, path::Path, sync::Arc, time::Duration};

use super::{
    mistake::{self, Mistake, Mistakes},
    model::{Actor, Case, Place, Scenario, World},
    scope::value,
    tree::{self, Node, Span},
    vocabulary::{CAPABILITIES, FILE, Kind},
};
use known::Known;
pub use profile::{Profile, read_profile};

/// The largest scenario file, bytes.
const MAX_BYTES: usize = 1024 * 1024;
/// The deadline of a step where the file gives none.
const WITHIN: Duration = Duration::from_secs(5);
/// The deadline of a conversation where the file gives none.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Why a scenario cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("read {name}")]
    Io {
        /// The file, as the user named it.
        name: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The file has mistakes.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
}

/// Reads the scenario in the file at `path`.
///
/// # Errors
/// When the file cannot be read, or has mistakes.
pub fn open(path: &Path) -> Result<Scenario, ReadError> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|source| ReadError::Io { name: name.clone(), source })?;
    if bytes.len() > MAX_BYTES {
        return Err(too_large(&name).into());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let end = text[good..].chars().next().map_or(good, |c| good + c.len_utf8());
        let mistake = Mistake::new(good..end, "the file is not UTF-8").label("this byte is no text");
        Mistakes::new(&name, &text, vec![mistake])
    })?;
    Ok(read_in(path.parent(), &name, &text)?)
}

/// Reads the scenario in `text`; `name` is what messages call it. The files that it uploads are
/// those of this binary.
///
/// # Errors
/// All mistakes of the text.
pub fn read(name: &str, text: &str) -> Result<Scenario, Mistakes> {
    read_in(None, name, text)
}

fn read_in(folder: Option<&Path>, name: &str, text: &str) -> Result<Scenario, Mistakes> {
    if text.len() > MAX_BYTES {
        return Err(too_large(name));
    }
    let (root, mut mistakes) = parsed(name, text)?;
    shape::check(&root, Kind::Object(&FILE), &mut mistakes);
    let mut reader = Reader {
        text,
        folder,
        mistakes,
        known: Known::default(),
        actors: Vec::new(),
        world: World::default(),
        within: WITHIN,
        facts: BTreeSet::new(),
    };
    let scenario = reader.scenario(&root);
    match scenario {
        Some(scenario) if reader.mistakes.is_empty() => Ok(scenario),
        _ => Err(Mistakes::new(name, text, reader.mistakes)),
    }
}

/// The file as a tree, with the mistakes that leave it readable.
fn parsed(name: &str, text: &str) -> Result<(Node, Vec<Mistake>), Mistakes> {
    let mut mistakes = Vec::new();
    match tree::parse(text, &mut mistakes) {
        Ok(root) => Ok((root, mistakes)),
        Err(mistake) => {
            mistakes.push(mistake);
            Err(Mistakes::new(name, text, mistakes))
        }
    }
}

fn too_large(name: &str) -> Mistakes {
    let mistake = Mistake::new(0..0, format!("the file is larger than {MAX_BYTES} bytes"))
        .label("a scenario is a short script");
    Mistakes::new(name, "", vec![mistake])
}

/// The second pass. What the first one refused is passed over in silence.
struct Reader<'a> {
    text: &'a str,
    /// Where the scenario stands, if it is a file.
    folder: Option<&'a Path>,
    mistakes: Vec<Mistake>,
    known: Known,
    actors: Vec<Actor>,
    world: World,
    within: Duration,
    /// What it reads of the target, behind `target.`.
    facts: BTreeSet<String>,
}

impl Reader<'_> {
    fn scenario(&mut self, root: &Node) -> Option<Scenario> {
        self.within = root.child("within").and_then(duration).unwrap_or(WITHIN);
        let actors = self.actors(root);
        self.world = self.read_world(root);
        self.known.note_later(root);
        let vars = root.child("vars").map_or_else(|| serde_json::json!({}), constant);
        self.known.vars = vars.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
        let steps = root.child("steps").map(|steps| self.steps(steps)).unwrap_or_default();
        let load = root.child("load").and_then(|load| self.read_load(load));
        Some(Scenario {
            name: text(root, "scenario")?,
            title: text(root, "title"),
            cites: texts(root, "cites"),
            requires: texts(root, "requires").iter().filter_map(|word| capability(word)).collect(),
            checkers: texts(root, "checkers"),
            case: Case {
                id: text(root, "id"),
                rule: text(root, "rule"),
                severity: choice(root, "severity", &["must", "should", "may"]),
                provenance: choice(root, "provenance", &["D", "W", "T", "X", "I"]),
                set: text(root, "set"),
                killed_by: texts(root, "killed_by"),
                tags: texts(root, "tags"),
            },
            actors,
            world: std::mem::take(&mut self.world),
            vars: value(&vars),
            facts: std::mem::take(&mut self.facts),
            steps,
            load,
            thresholds: root
                .child("thresholds")
                .map(Node::items)
                .unwrap_or_default()
                .iter()
                .filter_map(|node| scalar::threshold(node.text()?, &node.span).ok())
                .collect(),
            timeout: root.child("timeout").and_then(duration).unwrap_or(TIMEOUT),
        })
    }

    fn mistake(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }

    fn place(&self, span: &Span) -> Place {
        mistake::place(self.text, span.start)
    }

    /// The deadline of a step: its own, or the file's.
    fn within(&self, node: &Node) -> Duration {
        node.child("within").and_then(duration).unwrap_or(self.within)
    }
}

/// The text of a scalar child.
fn text(node: &Node, key: &str) -> Option<String> {
    node.child(key).and_then(Node::text).map(ToOwned::to_owned)
}

/// The texts of a list of scalars.
fn texts(node: &Node, key: &str) -> Vec<String> {
    let items = node.child(key).map(Node::items).unwrap_or_default();
    items.iter().filter_map(Node::text).map(ToOwned::to_owned).collect()
}

fn choice(node: &Node, key: &str, words: &[&'static str]) -> Option<&'static str> {
    let typed = node.child(key)?.text()?;
    words.iter().find(|word| **word == typed).copied()
}

fn capability(word: &str) -> Option<&'static str> {
    CAPABILITIES.iter().find(|(name, _)| *name == word).map(|(name, _)| *name)
}

fn duration(node: &Node) -> Option<Duration> {
    scalar::duration(node.text()?).ok()
}

fn flag(node: &Node, key: &str) -> Option<bool> {
    node.child(key)?.scalar()?.flag()
}

fn whole(node: &Node, key: &str) -> Option<u32> {
    node.child(key)?.text()?.parse().ok()
}

fn name(node: &Node, key: &str) -> Option<(Arc<str>, Span)> {
    let node = node.child(key)?;
    let text = node.text()?;
    scalar::name_mistake(text, &node.span).is_none().then(|| (text.into(), node.span.clone()))
}

/// A value as YAML says it.
fn constant(node: &Node) -> serde_json::Value {
    match &node.data {
        tree::Data::Scalar(scalar) => scalar.to_json(),
        tree::Data::List(items) => items.iter().map(constant).collect(),
        tree::Data::Map(entries) => {
            entries.iter().map(|entry| (entry.key.clone(), constant(&entry.value))).collect()
        }
    }
}
