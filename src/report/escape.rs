//! Nothing from a policy is sent raw to a terminal.

use std::borrow::Cow;

/// Control characters (tab and line feed apart) and the characters that
/// reorder text (Unicode's bidirectional controls, UAX #9) as `\u{…}`.
pub fn escape(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().map(|c| match c {
        '\r' => "\\r".to_owned(),
        c if is_unsafe(c) => format!("\\u{{{:x}}}", u32::from(c)),
        c => c.to_string(),
    });
    Cow::Owned(escaped.collect())
}

/// A message's text: on one line, whatever stands in the policy.
pub fn one_line(text: &str) -> String {
    escape(text).replace('\n', "\\n")
}

/// A JSON text with the same characters in JSON's own escapes; all of them are
/// of Unicode's basic plane.
pub fn json(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().map(|c| match c {
        c if is_unsafe(c) => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    Cow::Owned(escaped.collect())
}

/// Whether no character is unsafe; of ASCII the bytes tell, at the speed that a
/// policy on one line needs.
fn is_plain(text: &str) -> bool {
    let is_printable = |byte: &u8| matches!(byte, b'\t' | b'\n' | b' '..=b'~');
    let all = |part: &[u8]| part.iter().fold(true, |all, byte| all & is_printable(byte));
    text.as_bytes().chunks(256).all(all) || !text.contains(is_unsafe)
}

fn is_unsafe(c: char) -> bool {
    let reorders = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks_lines = matches!(c, '\u{2028}' | '\u{2029}');
    reorders || breaks_lines || (c.is_control() && !matches!(c, '\t' | '\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_move_the_cursor_or_reorder_text_is_spelled_out() {
        assert_eq!(
            escape("a\u{1b}[2Jb\u{9b}c\u{202e}d\re\tf"),
            "a\\u{1b}[2Jb\\u{9b}c\\u{202e}d\\re\tf"
        );
        assert_eq!(json("\"\u{9b}\u{202e}\""), "\"\\u009b\\u202e\"");
        assert_eq!(one_line("a\nb"), "a\\nb");
        assert!(matches!(escape("plain ü"), Cow::Borrowed(_)));
    }
}
