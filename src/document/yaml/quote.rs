//! How a scalar is written: plain, or in quotes.

use saphyr_parser::ScalarStyle;

/// A scalar's style on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// As it is.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
}

/// The style of a scalar whose text, behind tag and anchor, starts so; nothing
/// for what is no scalar on one line.
pub fn of(raw: &str) -> Option<Quote> {
    match raw.bytes().next()? {
        b'"' => Some(Quote::Double),
        b'\'' => Some(Quote::Single),
        b'|' | b'>' | b'*' | b'[' | b'{' => None,
        _ => Some(Quote::Plain),
    }
}

/// A scalar's style, by its text behind tag and anchor.
pub fn style(raw: &str) -> ScalarStyle {
    match raw.bytes().next() {
        Some(b'"') => ScalarStyle::DoubleQuoted,
        Some(b'\'') => ScalarStyle::SingleQuoted,
        Some(b'|') => ScalarStyle::Literal,
        Some(b'>') => ScalarStyle::Folded,
        _ => ScalarStyle::Plain,
    }
}

/// A text in a style, or in the next one that can hold it.
pub fn write(text: &str, quote: Quote) -> String {
    match quote {
        Quote::Plain if is_plain(text) => text.to_owned(),
        Quote::Single if !text.chars().any(char::is_control) => {
            format!("'{}'", text.replace('\'', "''"))
        }
        // JSON's strings are YAML's too.
        _ => serde_json::Value::from(text).to_string(),
    }
}

/// Whether a text means itself without quotes, to every reader of YAML 1.1 or
/// 1.2 and also between brackets; some others would too.
pub fn is_plain(text: &str) -> bool {
    let words = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"];
    let is_inside = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(
                c,
                ' ' | ':' | '/' | '*' | '.' | '_' | '-' | '@' | '?' | '=' | '+'
            )
    };
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(is_inside)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Whether a text with `${…}` in it means itself without quotes, outside of
/// brackets.
pub fn is_plain_with_names(text: &str) -> bool {
    is_plain(&text.replace("${", "").replace('}', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_mean_something_else_is_quoted() {
        for text in [
            "*",
            "",
            "no",
            "222222222222",
            "a: b",
            "a ",
            "-",
            "~",
            "a #b",
            "${X}",
            "a:",
            "y",
            "N",
        ] {
            assert_eq!(write(text, Quote::Plain), format!("\"{text}\""));
        }
        assert_eq!(write("a\tb", Quote::Single), "\"a\\tb\"");
    }

    #[test]
    fn what_means_itself_stays_plain() {
        for text in [
            "arn:aws:cloudtrail:*:222222222222:trail/*",
            "kms:GenerateDataKey*",
            "Enable CloudTrail Encrypt Permissions",
        ] {
            assert_eq!(write(text, Quote::Plain), text);
        }
    }

    #[test]
    fn a_quote_inside_single_quotes_is_doubled() {
        assert_eq!(write("it's", Quote::Single), "'it''s'");
    }
}
