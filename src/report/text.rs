//! Texts as a terminal can show them safely, and times as a person reads them.

use std::{fmt::Write as _, time::Duration};

/// Most characters of one line.
const LONGEST: usize = 400;

/// The text in one line, without anything that moves the cursor, changes colours or direction.
pub(super) fn safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len().min(LONGEST));
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST {
            write!(safe, "… ({} bytes)", text.len()).expect("a String takes everything");
            break;
        }
        if c.is_control() || is_invisible(c) {
            write!(safe, "{}", c.escape_unicode()).expect("a String takes everything");
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Marks that change the direction of what follows or hide in it.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// A time with three digits: `812us`, `1.24ms`, `3.05s`.
pub(super) fn time(time: Duration) -> String {
    let micros = time.as_micros();
    let (value, unit) = match micros {
        0..1000 => return format!("{micros}us"),
        1000..1_000_000 => (time.as_secs_f64() * 1e3, "ms"),
        _ => (time.as_secs_f64(), "s"),
    };
    let digits = match value {
        value if value < 10.0 => 2,
        value if value < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}{unit}")
}

/// `1 case`, `2 cases`.
pub(super) fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_not_taken_over() {
        assert_eq!(safe("a\u{1b}[2Jb\r\n\u{202e}c"), r"a\u{1b}[2Jb\u{d}\u{a}\u{202e}c");
        assert!(safe(&"x".repeat(10_000)).ends_with("… (10000 bytes)"));
    }

    #[test]
    fn times_have_three_digits() {
        let shown =
            [812, 1_240, 45_600, 812_000, 3_050_000].map(|micros| time(Duration::from_micros(micros)));
        assert_eq!(shown, ["812us", "1.24ms", "45.6ms", "812ms", "3.05s"]);
    }
}
