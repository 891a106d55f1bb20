//! A YAML document as a tree in which every node knows its place, the ground for reporting all
//! mistakes of a file at once. Bounded: a file that is too deep or grows through its aliases ends in
//! a mistake, not in memory.

use std::{collections::HashMap, ops::Range};

use granit_parser::{Event, Parser, ScalarStyle, ScanError};

use super::mistake::Mistake;

/// Where something stands: bytes of the file.
pub(super) type Span = Range<usize>;

/// How deep collections may nest.
const MAX_DEPTH: usize = 64;
/// How many nodes a file may have, what its aliases stand for included.
const MAX_NODES: usize = 50_000;

/// One value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) data: Data,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub(super) enum Data {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A scalar as written: what it means depends on what is expected in its place.
#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub(super) text: String,
    /// Without quotes, so that it may be a number, a flag or nothing.
    pub(super) plain: bool,
}

/// One pair of a mapping.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) value: Node,
}

impl Scalar {
    /// Whether it is YAML's null.
    pub(super) fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// The value by the rules of YAML 1.2's core schema, so `no` and `on` are texts.
    pub(super) fn to_json(&self) -> serde_json::Value {
        if !self.plain {
            return self.text.clone().into();
        }
        if self.is_null() {
            return serde_json::Value::Null;
        }
        if let Some(flag) = self.flag() {
            return flag.into();
        }
        let numeric = self.text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        match (self.text.parse::<i64>(), self.text.parse::<f64>()) {
            (Ok(whole), _) if numeric => whole.into(),
            (_, Ok(number)) if numeric && number.is_finite() => number.into(),
            _ => self.text.clone().into(),
        }
    }

    /// `true` or `false`, without quotes.
    pub(super) fn flag(&self) -> Option<bool> {
        match self.text.as_str() {
            "true" | "True" | "TRUE" if self.plain => Some(true),
            "false" | "False" | "FALSE" if self.plain => Some(false),
            _ => None,
        }
    }
}

impl Node {
    /// The scalar, if it is one.
    pub(super) const fn scalar(&self) -> Option<&Scalar> {
        match &self.data {
            Data::Scalar(scalar) => Some(scalar),
            Data::List(_) | Data::Map(_) => None,
        }
    }

    /// The text of a scalar that is not null.
    pub(super) fn text(&self) -> Option<&str> {
        self.scalar().filter(|scalar| !scalar.is_null()).map(|scalar| scalar.text.as_str())
    }

    /// The items of a list, none for anything else.
    pub(super) fn items(&self) -> &[Self] {
        match &self.data {
            Data::List(items) => items,
            Data::Scalar(_) | Data::Map(_) => &[],
        }
    }

    /// The pairs of a mapping, none for anything else.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.data {
            Data::Map(entries) => entries,
            Data::Scalar(_) | Data::List(_) => &[],
        }
    }

    /// The value of a key of a mapping.
    pub(super) fn child(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// What it is, for people.
    pub(super) fn describe(&self) -> &'static str {
        match &self.data {
            Data::Map(_) => "a mapping",
            Data::List(_) => "a list",
            Data::Scalar(scalar) => match scalar.to_json() {
                serde_json::Value::Null => "nothing",
                serde_json::Value::Bool(_) => "a flag",
                serde_json::Value::Number(_) => "a number",
                _ => "a text",
            },
        }
    }
}

/// Reads the one document of `text`. Mistakes that leave a tree are added to `mistakes`.
///
/// # Errors
/// The mistake that makes a tree impossible.
pub(super) fn parse(text: &str, mistakes: &mut Vec<Mistake>) -> Result<Node, Mistake> {
    let mut builder =
        Builder { text, mistakes, open: Vec::new(), anchors: HashMap::new(), nodes: 0, root: None };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| syntax_mistake(text, &error))?;
        let start = byte_offset(text, &span.start);
        let end = byte_offset(text, &span.end).max(start);
        if builder.handle(event, start..end)? == Progress::Finished {
            break;
        }
    }
    let nothing = builder.root.as_ref().is_none_or(|root| root.scalar().is_some_and(Scalar::is_null));
    if nothing {
        return Err(Mistake::new(0..0, "the file says nothing").label("a scenario is expected here").help(
            "start with `scenario: a-name`, `actors:` and `steps:`; `chatproof list scenarios` shows examples",
        ));
    }
    builder.root.ok_or_else(|| Mistake::new(0..0, "the file says nothing"))
}

#[derive(Eq, PartialEq)]
enum Progress {
    Reading,
    Finished,
}

/// A collection that is still open.
struct Open {
    node: Node,
    anchor: usize,
    /// The key that waits for its value; `Skip` where the key was a mistake.
    pending: Pending,
}

enum Pending {
    Key,
    Value {
        key: String,
        span: Span,
    },
    /// The value of a key that is a mistake: read and forgotten.
    Skip,
}

struct Builder<'a> {
    text: &'a str,
    mistakes: &'a mut Vec<Mistake>,
    open: Vec<Open>,
    /// Finished anchored nodes with their size and height.
    anchors: HashMap<usize, (Node, usize, usize)>,
    nodes: usize,
    root: Option<Node>,
}

impl Builder<'_> {
    fn handle(&mut self, event: Event<'_>, span: Span) -> Result<Progress, Mistake> {
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                self.mistakes.push(
                    Mistake::new(span, "a second document in one file")
                        .label("another scenario starts here")
                        .help("one scenario a file: put it into a file of its own"),
                );
                return Ok(Progress::Finished);
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), &span);
                self.count(1, &span)?;
                let span = trimmed(self.text, span);
                let plain = style == ScalarStyle::Plain;
                let node = Node { span, data: Data::Scalar(Scalar { text: text.into_owned(), plain }) };
                self.place(node, anchor)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some(), &span);
                self.enter(Node { span, data: Data::List(Vec::new()) }, anchor)?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some(), &span);
                self.enter(Node { span, data: Data::Map(Vec::new()) }, anchor)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(mut done) = self.open.pop() {
                    let whole = done.node.span.start..span.end.max(done.node.span.end);
                    done.node.span = trimmed(self.text, whole);
                    self.place(done.node, done.anchor)?;
                }
            }
            Event::Alias(anchor) => {
                let Some((node, size, height)) = self.anchors.get(&anchor).cloned() else {
                    return Err(Mistake::new(span, "an alias inside the value that it stands for")
                        .label("this would never end"));
                };
                self.count(size, &span)?;
                if self.open.len() + height > MAX_DEPTH {
                    return Err(too_deep(span));
                }
                // The copy keeps the places of its target: that is where a mistake in it must be mended.
                self.place(node, 0)?;
            }
            _ => {}
        }
        Ok(Progress::Reading)
    }

    fn enter(&mut self, node: Node, anchor: usize) -> Result<(), Mistake> {
        self.count(1, &node.span)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(node.span));
        }
        self.open.push(Open { node, anchor, pending: Pending::Key });
        Ok(())
    }

    fn count(&mut self, more: usize, span: &Span) -> Result<(), Mistake> {
        self.nodes += more;
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        Err(Mistake::new(span.clone(), format!("more than {MAX_NODES} values in one file"))
            .label("the limit is reached here")
            .help("what an alias (`*name`) stands for counts each time"))
    }

    fn refuse_tag(&mut self, tagged: bool, span: &Span) {
        if tagged {
            self.mistakes.push(
                Mistake::new(span.clone(), "a scenario has no tags")
                    .label("the `!tag` before this value means nothing")
                    .help("remove the tag; put a text into quotes to keep it a text"),
            );
        }
    }

    /// Puts a finished node into the collection that is open, or makes it the root.
    fn place(&mut self, node: Node, anchor: usize) -> Result<(), Mistake> {
        if anchor != 0 {
            let (size, height) = measure(&node);
            self.anchors.insert(anchor, (node.clone(), size, height));
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut parent.node.data {
            Data::List(items) => items.push(node),
            Data::Map(entries) => match std::mem::replace(&mut parent.pending, Pending::Key) {
                Pending::Key => {
                    parent.pending = match node.data {
                        Data::Scalar(Scalar { text, .. }) => Pending::Value { key: text, span: node.span },
                        Data::List(_) | Data::Map(_) => {
                            self.mistakes.push(
                                Mistake::new(node.span, "a key that is not a word")
                                    .label("a list or mapping cannot be a key")
                                    .help("put a template such as `{{ name }}` into quotes"),
                            );
                            Pending::Skip
                        }
                    };
                }
                Pending::Value { key, span } => match entries.iter().find(|entry| entry.key == key) {
                    Some(first) => self.mistakes.push(
                        Mistake::new(span, format!("`{}` is written twice", super::mistake::shown(&key)))
                            .label("here again")
                            .context(first.key_span.clone(), "first written here"),
                    ),
                    None => entries.push(Entry { key, key_span: span, value: node }),
                },
                Pending::Skip => {}
            },
            Data::Scalar(_) => {}
        }
        Ok(())
    }
}

fn too_deep(span: Span) -> Mistake {
    Mistake::new(span, format!("more than {MAX_DEPTH} levels in one another")).label("too deep")
}

/// How many nodes there are in a tree, and how many levels. Depth is bounded by [`MAX_DEPTH`].
fn measure(node: &Node) -> (usize, usize) {
    let add = |(size, height): (usize, usize), child: &Node| {
        let (more, below) = measure(child);
        (size + more, height.max(below + 1))
    };
    match &node.data {
        Data::Scalar(_) => (1, 0),
        Data::List(items) => items.iter().fold((1, 1), add),
        Data::Map(entries) => entries.iter().map(|entry| &entry.value).fold((1, 1), add),
    }
}

/// The span without the white space and comments that YAML counts to the end of a block.
fn trimmed(text: &str, span: Span) -> Span {
    let Some(inside) = text.get(span.clone()) else { return span };
    span.start..span.start + inside.trim_end().len()
}

fn byte_offset(text: &str, marker: &granit_parser::Marker) -> usize {
    let offset = marker
        .byte_offset()
        .or_else(|| text.char_indices().nth(marker.index()).map(|(at, _)| at))
        .unwrap_or(text.len());
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn syntax_mistake(text: &str, error: &ScanError) -> Mistake {
    let at = byte_offset(text, error.marker());
    let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    let problem = error.kind().to_string();
    let mistake = Mistake::new(at..end, format!("not YAML: {problem}")).label("here");
    if problem.starts_with("tab") {
        return mistake.help("indent with spaces");
    }
    mistake.help("texts with `: `, `{`, `#` or a leading `*`, `&`, `!`, `%`, `@` need quotes")
}
