//! How a bad world file is shown: file, line, column, the line itself with a caret, what to do.

use std::{fmt, ops::Range};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_saphyr::{DefaultMessageFormatter, Location, MessageFormatter as _};

/// A world file that cannot be used. Its text is the whole report, several lines, without colour.
#[derive(Debug, thiserror::Error)]
#[error("read the world file:\n{report}")]
pub struct WorldFileError {
    report: String,
    mistakes: usize,
}

/// One thing in a world file that cannot be meant.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) at: Location,
    pub(super) what: String,
    pub(super) label: String,
    pub(super) help: Option<String>,
}

impl WorldFileError {
    /// How many mistakes the report shows.
    pub const fn mistakes(&self) -> usize {
        self.mistakes
    }

    pub(super) fn form(source: &str, text: &str, error: &serde_saphyr::Error) -> Self {
        Self { report: Mistake::of_form(error.without_snippet()).show(source, text), mistakes: 1 }
    }

    pub(super) fn meaning(source: &str, text: &str, mistakes: &[Mistake]) -> Self {
        let reports: Vec<String> = mistakes.iter().map(|mistake| mistake.show(source, text)).collect();
        Self { report: reports.join("\n\n"), mistakes: mistakes.len() }
    }
}

impl Mistake {
    /// What the YAML reader has found, without the lines around it that it would quote.
    fn of_form(error: &serde_saphyr::Error) -> Self {
        let at = error.location().unwrap_or(Location::UNKNOWN);
        let (what, label, help) = match error {
            serde_saphyr::Error::SerdeUnknownField { field, expected, .. } => (
                format!("unknown key `{field}`"),
                "not a key of this mapping".to_owned(),
                Some(match nearest(field, expected.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`? The keys are {}", expected.join(", ")),
                    None => format!("the keys are {}", expected.join(", ")),
                }),
            ),
            serde_saphyr::Error::SerdeUnknownVariant { variant, expected, .. } => (
                format!("unknown word `{variant}`"),
                format!("expected one of {}", expected.join(", ")),
                nearest(variant, expected.iter().copied()).map(|near| format!("did you mean `{near}`?")),
            ),
            serde_saphyr::Error::InvalidScalar { ty, .. } => {
                let expected = match *ty {
                    "bool" => "true or false",
                    number if number.starts_with(['i', 'u']) => "a whole number",
                    other => other,
                };
                ("a value of another type".to_owned(), format!("expected {expected}"), None)
            }
            other => (DefaultMessageFormatter.format_message(other).into_owned(), "here".to_owned(), None),
        };
        Self { at, what, label, help }
    }

    fn show(&self, source: &str, text: &str) -> String {
        let mut group = Group::with_title(Level::ERROR.primary_title(&self.what));
        if self.at != Location::UNKNOWN {
            let annotation = AnnotationKind::Primary.span(self.span(text)).label(&self.label);
            group = group.element(Snippet::source(text).path(source).annotation(annotation));
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help));
        }
        Renderer::plain().render(&[group])
    }

    /// The bytes of `text` that the mistake is about.
    fn span(&self, text: &str) -> Range<usize> {
        let span = self.at.span();
        let chars = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let start = text.char_indices().nth(chars(span.offset())).map_or(text.len(), |(at, _)| at);
        // The reader gives some mistakes no length: then the word that begins there is meant.
        let word = text[start..]
            .chars()
            .take_while(|character| character.is_alphanumeric() || "_-.".contains(*character));
        let length = chars(span.len()).max(word.count());
        start..start + text[start..].chars().take(length).map(char::len_utf8).sum::<usize>()
    }
}

/// The candidate that a misspelt text may have meant.
pub(super) fn nearest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = (text.chars().count() / 3).max(1);
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(candidate, text), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, candidate)| candidate)
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}
