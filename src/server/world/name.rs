//! Names of users, groups and rooms: which are legal, and how they are folded.

use std::borrow::Cow;

/// Longest name, bytes.
const LONGEST: usize = 64;

/// Why a name is not legal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Illegal {
    /// No character at all.
    Empty,
    /// More than 64 bytes.
    TooLong,
    /// A character outside `A-Z a-z 0-9 _ . -`.
    Character,
    /// A letter that names are folded away from.
    UpperCase,
}

impl Illegal {
    /// The reason in words.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "longer than 64 bytes",
            Self::Character => "only letters, digits, _ . and - are allowed",
            Self::UpperCase => "names are lower case",
        }
    }
}

/// Whether `name` is a legal name in its folded form.
pub(super) fn check(name: &str) -> Result<(), Illegal> {
    if name.is_empty() {
        Err(Illegal::Empty)
    } else if name.len() > LONGEST {
        Err(Illegal::TooLong)
    } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')) {
        Err(Illegal::Character)
    } else if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Err(Illegal::UpperCase)
    } else {
        Ok(())
    }
}

/// The form that names are kept and compared in: `Aa` is `aa`.
pub(super) fn fold(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}
