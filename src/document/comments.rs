//! Comments on lines of their own, above what an edit takes out: they stay,
//! since they may be about more than that.

use std::ops::Range;

use super::text::Position;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment<'t> {
    pub first: usize,
    pub last: usize,
    /// The text of its last line.
    pub text: &'t str,
}

/// The comment right above a span, if nothing but indicators of the syntax (a
/// dash) stands before the span on its line. `markers` start comments.
pub fn above<'t>(text: &'t str, span: &Range<usize>, markers: &[&str]) -> Option<Comment<'t>> {
    let before = text.get(..span.start)?;
    let line = before.rfind('\n')? + 1;
    if !before[line..].trim_matches([' ', '\t', '-']).is_empty() {
        return None;
    }
    // One may stand behind the dash.
    let is_comment = |line: &&str| {
        let line = line.trim_start_matches([' ', '\t', '-']);
        markers.iter().any(|marker| line.starts_with(marker))
    };
    let lines = before[..line].lines().rev();
    let count = lines.clone().take_while(is_comment).count();
    let last = lines.take(count).next()?;
    let line = Position::of(text, line).line;
    Some(Comment {
        first: line - count,
        last: line - 1,
        text: last.trim().trim_start_matches(['-', ' ']),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_right_above_are_the_comment() {
        let text = "a:\n  # x\n\n  # y\r\n  # z\r\n  - b\n  - c # d\n  - - e\n";
        let of = |what: &str| {
            let at = text.find(what).unwrap_or_default();
            above(text, &(at..at + 1), &["#"])
        };
        let comment = Comment {
            first: 4,
            last: 5,
            text: "# z",
        };
        assert_eq!(of("b"), Some(comment));
        assert_eq!(of("c #"), None);
        assert_eq!(of("e"), None);
        assert_eq!(of("a"), None);
    }
}
