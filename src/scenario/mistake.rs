//! Mistakes in a scenario file: each with its place, all of them at once, drawn for people.

use std::{fmt, ops::Range, sync::Arc};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::model::Place;

/// How many mistakes are drawn; the rest is counted.
const SHOWN: usize = 30;
/// How much of a word of the file is repeated in a message.
const SHOWN_CHARS: usize = 60;

/// One mistake and how to mend it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mistake(Box<Words>);

#[derive(Clone, Debug, Eq, PartialEq)]
struct Words {
    span: Range<usize>,
    title: String,
    label: String,
    context: Option<(Range<usize>, String)>,
    help: Option<String>,
}

impl Mistake {
    pub(super) fn new(span: Range<usize>, title: impl Into<String>) -> Self {
        Self(Box::new(Words { span, title: title.into(), label: String::new(), context: None, help: None }))
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.0.label = label.into();
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    pub(super) fn context(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.0.context = Some((span, label.into()));
        self
    }

    /// Suggests the word of `known` that is most like `typed`, or lists them if they are few.
    pub(super) fn suggest<'a>(self, typed: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match closest(typed, &known) {
            Some(word) => self.help(format!("did you mean `{word}`?")),
            None if known.is_empty() => self,
            None => {
                let all: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
                self.help(format!("known here: {}", all.join(", ")))
            }
        }
    }

    /// What is wrong, in one line.
    pub fn title(&self) -> &str {
        &self.0.title
    }

    /// How to mend it, where that is known.
    pub fn advice(&self) -> Option<&str> {
        self.0.help.as_deref()
    }
}

/// Everything that is wrong with one file.
#[derive(Clone)]
pub struct Mistakes {
    name: String,
    source: Arc<str>,
    list: Vec<Mistake>,
}

impl Mistakes {
    /// In the order of the file; nothing is said twice.
    pub(super) fn new(name: &str, source: &str, mut list: Vec<Mistake>) -> Self {
        list.sort_by(|a, b| (a.0.span.start, &a.0.title).cmp(&(b.0.span.start, &b.0.title)));
        list.dedup();
        Self { name: name.to_owned(), source: source.into(), list }
    }

    /// The file, as the user named it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Each mistake and its place, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (Place, &Mistake)> {
        self.list.iter().map(|mistake| (place(&self.source, mistake.0.span.start), mistake))
    }

    /// All mistakes with the lines they stand in, for a terminal or, without colour, for a log.
    pub fn render(&self, ink: Ink) -> String {
        let renderer = match ink {
            Ink::Plain => Renderer::plain(),
            Ink::Color => Renderer::styled(),
        };
        let mut drawn: Vec<String> =
            self.list.iter().take(SHOWN).map(|mistake| renderer.render(&[self.report(mistake)])).collect();
        if let Some(more) = self.list.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            drawn.push(format!("and {more} more mistakes in {}", self.name));
        }
        drawn.join("\n\n")
    }

    fn report<'a>(&'a self, mistake: &'a Mistake) -> annotate_snippets::Group<'a> {
        let primary = AnnotationKind::Primary.span(self.first_line(&mistake.0.span));
        let mut snippet = Snippet::source(&*self.source)
            .path(self.name.as_str())
            .annotation(primary.label(mistake.0.label.as_str()));
        if let Some((span, label)) = &mistake.0.context {
            let context = AnnotationKind::Context.span(self.first_line(span));
            snippet = snippet.annotation(context.label(label.as_str()));
        }
        let group = Level::ERROR.primary_title(mistake.0.title.as_str()).element(snippet);
        match &mistake.0.help {
            Some(help) => group.element(Level::HELP.message(help.as_str())),
            None => group,
        }
    }

    /// The part of a span that lies in its first line: a caret under a whole block tells nothing.
    fn first_line(&self, span: &Range<usize>) -> Range<usize> {
        let start = span.start.min(self.source.len());
        let end = span.end.clamp(start, self.source.len());
        let length = self.source.get(start..end).and_then(|text| text.find('\n')).unwrap_or(end - start);
        start..start + length
    }
}

/// Whether mistakes are drawn in colour.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ink {
    /// Text only.
    Plain,
    /// With ANSI escapes.
    Color,
}

impl fmt::Debug for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Ink::Plain))
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.list.len() {
            1 => write!(f, "1 mistake in {}", self.name),
            count => write!(f, "{count} mistakes in {}", self.name),
        }
    }
}

impl std::error::Error for Mistakes {}

/// The line and column of a byte of the file.
pub(super) fn place(source: &str, at: usize) -> Place {
    let before = &source.as_bytes()[..at.min(source.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let column = source.get(start..before.len()).map_or(0, |text| text.chars().count());
    let number = |count: usize| u32::try_from(count + 1).unwrap_or(u32::MAX);
    Place { line: number(line), column: number(column) }
}

/// A word of the file as it may be repeated in a message: escaped and bounded.
pub(super) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN_CHARS).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN_CHARS).is_some() {
        short.push('…');
    }
    short
}

/// The word that `typed` was most likely meant to be.
pub(super) fn closest<'a>(typed: &str, known: &[&'a str]) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let likeness = |word: &str| {
        let word = word.to_lowercase();
        let swapped = strsim::damerau_levenshtein(&typed, &word);
        // One slip in three letters is a slip; more is another word.
        (swapped * 3 <= typed.chars().count().max(word.chars().count())).then_some(swapped)
    };
    if typed.len() > SHOWN_CHARS {
        return None;
    }
    known.iter().filter_map(|word| Some((likeness(word)?, *word))).min().map(|(_, word)| word)
}
