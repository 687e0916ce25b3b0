//! Comments beside what is edited.

use super::write::indent_at;

/// The offset of a comment that stands alone on the line above what starts at
/// an offset, if that has a line of its own.
#[must_use]
pub fn above(host: &str, at: usize) -> Option<usize> {
    let line = at - indent_at(host, at).len();
    let before = host.get(..line)?.strip_suffix('\n')?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let own = before[start..].trim();
    let is_comment = own.starts_with('#')
        || own.starts_with("//")
        || own.starts_with("/*") && own.ends_with("*/")
        || own.ends_with("*/") && !own.contains("/*");
    is_comment.then(|| start + indent_at(host, start + before[start..].len()).len())
}

#[cfg(test)]
mod tests {
    use super::above;

    #[test]
    fn a_comment_on_the_line_above() {
        let host = "[\n  # ours\n  \"a\", # theirs\n  \"b\", \"c\"\n]";
        let at = |text: &str| above(host, host.find(text).unwrap_or_default());
        assert_eq!(at("\"a\""), Some(4));
        // A comment behind another item is that one's.
        assert_eq!(at("\"b\""), None);
        assert_eq!(at("\"c\""), None);
        assert_eq!(above("\"a\"", 0), None);
    }
}
