//! Closing brackets where YAML 1.2 does not want them, and every other reader
//! takes them: at the start of a line, in their key's column.

use crate::document::text::line_start;

/// Where a closing bracket is the first on its line.
pub fn brackets(text: &str) -> Vec<usize> {
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let at = line.len() - line.trim_start_matches(' ').len();
        if line[at..].starts_with([']', '}']) {
            found.push(start + at);
        }
        start += line.len();
    }
    found
}

/// The text in which each of these lines continues the one before it; as long
/// as the text, so that every place stays.
pub fn join(text: &str, brackets: &[usize]) -> String {
    let mut joined = text.to_owned().into_bytes();
    for at in brackets {
        join_line(text, *at, &mut joined);
    }
    String::from_utf8(joined).unwrap_or_else(|_| text.to_owned())
}

/// Only white space stands before the offset on its line.
fn join_line(text: &str, offset: usize, joined: &mut [u8]) {
    let mut end = offset;
    while let Some(newline) = text[..end].rfind('\n') {
        joined[newline] = b' ';
        if text[..newline].ends_with('\r') {
            joined[newline - 1] = b' ';
        }
        let start = line_start(text, newline);
        let line = &text[start..newline];
        let comment = comment(line);
        if let Some(at) = comment {
            joined[start + at..newline].fill(b' ');
        }
        if !line[..comment.unwrap_or(line.len())].trim().is_empty() {
            return;
        }
        // This line is empty but for a comment: on to the one before it.
        joined[start..newline].fill(b' ');
        end = start;
    }
}

/// Where a comment starts in a line inside brackets.
fn comment(line: &str) -> Option<usize> {
    let mut quote = None;
    let mut before = ' ';
    let mut is_escaped = false;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            _ if is_escaped => is_escaped = false,
            (Some('"'), '\\') => is_escaped = true,
            (Some(own), c) if own == c => quote = None,
            (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(c),
            (None, '#') if before.is_whitespace() => return Some(at),
            _ => {}
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_starts_behind_white_space_and_outside_of_quotes() {
        for (line, comment) in [
            ("a, # b", Some(3)),
            ("a#b", None),
            ("\"# a\", # b", Some(7)),
            ("\"\\\" # a\", # b", Some(10)),
            ("it's # b", Some(5)),
        ] {
            assert_eq!(super::comment(line), comment, "{line}");
        }
        assert_eq!(brackets("a: {\n  b: c\n}\n"), [12]);
    }

    #[test]
    fn a_bracket_joins_the_line_before_it_and_every_place_stays() {
        let text = "\"a\": [\n  \"# b\",  # é\n\n  # c\n]\n";
        let at = text.find(']').unwrap();
        assert_eq!(brackets(text), [at]);
        let joined = join(text, &[at]);
        assert_eq!(joined.len(), text.len());
        assert_eq!(joined.find(']'), Some(at));
        assert_eq!(joined.trim_end().replace(' ', ""), "\"a\":[\n\"#b\",]");
    }
}
