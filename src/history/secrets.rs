//! Keeps the secrets of a run out of everything that is written: by value, not by name, because a
//! server can repeat them anywhere.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use crate::protocol::secret::Secret;

/// The secrets of a run. Clones know the same ones.
#[derive(Clone, Default)]
pub struct Secrets(Arc<RwLock<BTreeSet<Secret>>>);

impl Secrets {
    /// Looks out for one more secret.
    pub fn add(&self, secret: &Secret) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(secret.clone());
    }

    /// The text without any of the secrets.
    pub fn clean(&self, text: &str) -> String {
        let secrets = self.0.read().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().fold(text.to_owned(), |clean, secret| match secret.withheld_from(&clean) {
            Cow::Borrowed(_) => clean,
            Cow::Owned(cleaner) => cleaner,
        })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_struct("Secrets").field("known", &known).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_replaced_wherever_they_stand_and_never_shown() {
        let secrets = Secrets::default();
        let clone = secrets.clone();
        clone.add(&Secret::new("YWMt-token"));
        secrets.add(&Secret::new("1"));
        assert_eq!(secrets.clean("said YWMt-token, 1 time"), "said <secret>, 1 time");
        assert_eq!(format!("{secrets:?}"), "Secrets { known: 2 }");
    }
}
