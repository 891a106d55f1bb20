//! Showing what a peer said: escaped, so that it cannot act on a terminal or a page, and bounded.

use std::fmt;

/// How many characters, or bytes of what is no text, are shown.
const SHOWN: usize = 80;

/// The beginning of something that a peer said, in double quotes: text as it is but for what a
/// terminal would obey or hide, anything else in printable ASCII.
#[derive(Clone, Copy, Debug)]
pub struct Excerpt<'a>(pub &'a [u8]);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = match std::str::from_utf8(self.0) {
            Ok(text) => {
                let end = text.char_indices().nth(SHOWN).map_or(text.len(), |(end, _)| end);
                write!(f, "{:?}", &text[..end])?;
                end == text.len()
            }
            Err(_) => {
                let end = self.0.len().min(SHOWN);
                write!(f, "\"{}\"", self.0[..end].escape_ascii())?;
                end == self.0.len()
            }
        };
        if whole { Ok(()) } else { write!(f, "… ({} bytes)", self.0.len()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_length_is_bounded() {
        assert_eq!(Excerpt(b"\x1b[2J\"\n").to_string(), r#""\u{1b}[2J\"\n""#);
        assert_eq!(Excerpt(b"\x1b\xff").to_string(), r#""\x1b\xff""#);
        assert_eq!(Excerpt("it's 你好 😀 \u{202e}".as_bytes()).to_string(), r#""it's 你好 😀 \u{202e}""#);
        let long = Excerpt(&[b'x'; 1000]).to_string();
        assert!(long.len() < 110 && long.ends_with("… (1000 bytes)"), "{long}");
    }
}
