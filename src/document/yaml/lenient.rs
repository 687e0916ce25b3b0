//! Closing brackets where YAML 1.2 does not want them, and every other reader
//! takes them: at the start of a line, in their key's column.

/// The text in which the line of an offset, where only white space stands before
/// the offset, continues the line before it; as long as the text, so that every
/// place stays. Nothing if the offset is not such a place.
#[must_use]
pub fn join(text: &str, offset: usize) -> Option<String> {
    let mut joined = text.to_owned().into_bytes();
    let mut end = offset;
    loop {
        let newline = text[..end].rfind('\n')?;
        if !text[newline..end].trim().is_empty() {
            return None;
        }
        joined[newline] = b' ';
        if text[..newline].ends_with('\r') {
            joined[newline - 1] = b' ';
        }
        let start = text[..newline].rfind('\n').map_or(0, |at| at + 1);
        let line = &text[start..newline];
        let comment = comment(line);
        if let Some(at) = comment {
            joined[start + at..newline].fill(b' ');
        }
        if !line[..comment.unwrap_or(line.len())].trim().is_empty() {
            return String::from_utf8(joined).ok();
        }
        end = start;
        // This line is empty but for a comment: on to the one before it.
        joined[start..newline].fill(b' ');
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
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_bracket_joins_the_line_before_it_and_every_place_stays() {
        let text = "\"a\": [\n  \"# b\",  # é\n\n  # c\n]\n";
        let at = text.find(']').unwrap();
        let joined = join(text, at).unwrap();
        assert_eq!(joined.len(), text.len());
        assert_eq!(joined.find(']'), Some(at));
        assert_eq!(joined.trim_end().replace(' ', ""), "\"a\":[\n\"#b\",]");
        assert_eq!(join("a: [ ]", 5), None);
    }
}
