//! Passwords and tokens: values that travel but are never shown.

use std::{borrow::Cow, fmt, sync::Arc};

use serde::Deserialize;

/// The shortest secret that is looked for in texts; shorter ones are too common to be replaced.
const SHORTEST: usize = 4;
/// What stands in place of a secret.
const INSTEAD: &str = "<secret>";

/// A password, token or app secret. It has no `Display`, and its `Debug` hides it. Clones share the
/// value.
#[derive(Clone, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(from = "String")]
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes the value in.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into().into())
    }

    /// The value itself, for the wire and nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The text without the secret, wherever it stands; secrets of less than four bytes are too
    /// common to be looked for. Servers repeat what they were sent anywhere.
    pub fn withheld_from<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.0.len() >= SHORTEST && text.contains(&*self.0) {
            text.replace(&*self.0, INSTEAD).into()
        } else {
            text.into()
        }
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(value.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(INSTEAD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(format!("{:?}", Some(Secret::new("hunter2"))), "Some(<secret>)");
    }

    #[test]
    fn a_secret_is_withheld_wherever_it_stands_unless_it_is_too_common() {
        assert_eq!(Secret::new("hunter2").withheld_from("is hunter2, hunter2"), "is <secret>, <secret>");
        assert_eq!(Secret::new("1").withheld_from("1 time"), "1 time");
        assert_eq!(Secret::new("").withheld_from("text"), "text");
    }
}
