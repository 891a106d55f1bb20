//! Seeds, and the names that tell one run from another.

/// How many characters tell a run from every other one on the same target.
const NAME: usize = 8;

/// A fresh name for what a run makes on a target: lower-case letters and digits.
pub(super) fn run_name() -> String {
    let mut number: u64 = rand::random();
    let mut name = String::with_capacity(NAME);
    for _ in 0..NAME {
        name.extend(char::from_digit((number % 36) as u32, 36));
        number /= 36;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_differ() {
        let (one, other) = (run_name(), run_name());
        assert_ne!(one, other);
        assert!(one.len() == NAME && one.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
    }
}
