//! Showing what a peer said: escaped, so that it cannot act on a terminal or a page, and bounded.

use std::fmt;

/// How many bytes of a peer's words are shown.
const SHOWN: usize = 80;

/// The beginning of something that a peer said, in double quotes, printable ASCII only.
#[derive(Clone, Copy, Debug)]
pub struct Excerpt<'a>(pub &'a [u8]);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.0[..self.0.len().min(SHOWN)];
        write!(f, "\"{}\"", shown.escape_ascii())?;
        if self.0.len() > SHOWN {
            write!(f, "… ({} bytes)", self.0.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_length_is_bounded() {
        assert_eq!(Excerpt(b"\x1b[2J\"\n").to_string(), r#""\x1b[2J\"\n""#);
        let long = Excerpt(&[b'x'; 1000]).to_string();
        assert!(long.len() < 110 && long.ends_with("… (1000 bytes)"), "{long}");
    }
}
