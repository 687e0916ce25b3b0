//! White space, line breaks and comments.

use crate::document::text;

/// The line break that a file has.
pub fn newline(host: &str) -> &'static str {
    if host.contains("\r\n") { "\r\n" } else { "\n" }
}

/// The white space at the start of the line that an offset is on.
pub fn indent_at(host: &str, offset: usize) -> &str {
    text::indent_at(&host[..offset], offset)
}

/// The length of the comment that a text starts with, a line break not counted.
pub fn comment(text: &str) -> Option<usize> {
    if text.starts_with('#') || text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    let inside = text.strip_prefix("/*")?;
    let end = inside.find("*/").map(|end| end + "/**/".len());
    Some(end.unwrap_or(text.len()))
}

/// Behind white space, line breaks and comments.
pub fn skip_trivia(host: &str, mut at: usize) -> usize {
    loop {
        let trimmed = host[at..].trim_start();
        let start = host.len() - trimmed.len();
        match comment(trimmed) {
            Some(length) => at = start + length,
            None => return start,
        }
    }
}

/// The end of the line, if nothing but white space and comments is left of it.
pub fn line_end(host: &str, mut at: usize) -> Option<usize> {
    loop {
        let trimmed = host[at..].trim_start_matches([' ', '\t']);
        let start = host.len() - trimmed.len();
        if trimmed.starts_with('\n') || trimmed.starts_with("\r\n") || trimmed.is_empty() {
            // White space at the line's end is left where it is.
            return Some(host[..start].trim_end_matches('\r').len());
        }
        let length = comment(trimmed).filter(|length| !trimmed[..*length].contains('\n'))?;
        at = start + length;
    }
}
