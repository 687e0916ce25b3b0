//! Places in a text, and edits of it.

use std::sync::atomic::{AtomicUsize, Ordering};

pub(super) const BOM: &str = "\u{feff}";

pub(super) fn without_bom(text: &str) -> &str {
    text.strip_prefix(BOM).unwrap_or(text)
}

/// A place in a text, both counted from 1; the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl Position {
    pub(super) fn offset(self, text: &str) -> usize {
        let lines = text.split_inclusive('\n');
        let start: usize = lines.take(self.line.saturating_sub(1)).map(str::len).sum();
        let line = &text[start.min(text.len())..];
        let column = line.char_indices().nth(self.column.saturating_sub(1));
        start + column.map_or(line.len(), |(at, _)| at)
    }

    pub(super) fn of(text: &str, offset: usize) -> Self {
        let before = &text.as_bytes()[..offset.min(text.len())];
        let line_start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        Self {
            line: 1 + before.iter().filter(|&&byte| byte == b'\n').count(),
            column: 1 + String::from_utf8_lossy(&before[line_start..])
                .chars()
                .count(),
        }
    }
}

/// The lines of a text, for many positions in it.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    starts: Vec<usize>,
    is_ascii: bool,
}

impl Lines {
    pub fn of(text: &str) -> Self {
        let behind = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            starts: std::iter::once(0).chain(behind).collect(),
            is_ascii: text.is_ascii(),
        }
    }

    /// As [`Position::of`].
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let offset = offset.min(text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let column = if self.is_ascii {
            offset - start
        } else {
            let before = &text.as_bytes()[start..offset];
            String::from_utf8_lossy(before).chars().count()
        };
        Position {
            line,
            column: 1 + column,
        }
    }
}

/// How often something was asked for; a copy has not been asked yet.
#[derive(Debug, Default)]
pub(super) struct Asked(AtomicUsize);

impl Asked {
    /// Counts one more, and says whether it is worth it to prepare for more.
    pub fn is_often(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) >= 8
    }
}

impl Clone for Asked {
    fn clone(&self) -> Self {
        Self::default()
    }
}

pub(super) fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |at| at + 1)
}

/// The white space at the start of the line that an offset is on.
pub(super) fn indent_at(text: &str, offset: usize) -> &str {
    let rest = &text[line_start(text, offset)..];
    &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_give_the_position_that_counting_does() {
        for text in ["", "a", "\n", "a\nbc\n\nd", "é\n€x\r\ny", "\n\n"] {
            let lines = Lines::of(text);
            for offset in 0..=text.len() + 1 {
                let counted = Position::of(text, offset);
                assert_eq!(lines.position(text, offset), counted, "{text:?} {offset}");
            }
        }
    }
}
