//! Places that the parser does not tell: a node's end, a block's header.

/// Behind a node's tag and anchor, and the white space and comments that
/// follow each.
pub fn content_start(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let rest = &text[at..];
        if !rest.starts_with(['&', '!']) {
            return at;
        }
        let property = rest.find([' ', '\t', '\r', '\n']).unwrap_or(rest.len());
        at = skip_blank(text, at + property);
    }
}

/// Behind white space and comments.
pub fn skip_blank(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let rest = &text[at..];
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        at += blank;
        if !text[at..].starts_with('#') || (blank == 0 && at > 0 && !text[..at].ends_with('\n')) {
            return at;
        }
        at = line_end(text, at);
    }
}

/// Where the line break of an offset's line stands, or the text's end.
pub fn line_end(text: &str, from: usize) -> usize {
    let end = text[from..].find('\n').map_or(text.len(), |at| from + at);
    if end > from && text[..end].ends_with('\r') && end < text.len() {
        end - 1
    } else {
        end
    }
}

/// A block scalar's `|` or `>`, or a block sequence's first dash; only these
/// indicators, and comments, stand before it.
pub(super) fn block_header(text: &str, from: usize, indicators: &[char]) -> usize {
    let mut at = skip_blank(text, from);
    while text[at..].starts_with(indicators) {
        at = skip_blank(text, at + 1);
    }
    at
}

/// Behind the quote that ends a quoted scalar.
pub(super) fn quoted_end(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = *bytes.get(from)?;
    let mut at = from + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' if quote == b'"' => at += 2,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// Behind the bracket that ends a flow collection; the parser may tell the comma
/// in front of it.
pub(super) fn flow_end(text: &str, from: usize) -> usize {
    let mut at = from;
    while text[at..].starts_with(',') {
        at = skip_blank(text, at + 1);
    }
    (at + 1).min(text.len())
}
