//! How a bad world file is shown: file, line, column, the line itself with a caret, what to do.

use std::{fmt, ops::Range};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_saphyr::{Location, render_options};

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

    pub(super) fn form(source: &str, error: &serde_saphyr::Error) -> Self {
        let report = error.render_with_options(render_options! { source_name: Some(source) });
        Self { report, mistakes: 1 }
    }

    pub(super) fn meaning(source: &str, text: &str, mistakes: &[Mistake]) -> Self {
        let reports: Vec<String> = mistakes.iter().map(|mistake| mistake.show(source, text)).collect();
        Self { report: reports.join("\n\n"), mistakes: mistakes.len() }
    }
}

impl Mistake {
    fn show(&self, source: &str, text: &str) -> String {
        let snippet = Snippet::source(text)
            .path(source)
            .annotation(AnnotationKind::Primary.span(self.span(text)).label(&self.label));
        let mut group = Group::with_title(Level::ERROR.primary_title(&self.what)).element(snippet);
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
        let length: usize = text[start..].chars().take(chars(span.len())).map(char::len_utf8).sum();
        start..start + length
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}
