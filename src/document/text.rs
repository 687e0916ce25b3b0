//! Places in a text.

use memchr::{memchr_iter, memrchr};

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
        let before = &text[..text.floor_char_boundary(offset)];
        let line_start = memrchr(b'\n', before.as_bytes()).map_or(0, |at| at + 1);
        Self {
            line: 1 + memchr_iter(b'\n', before.as_bytes()).count(),
            column: 1 + before[line_start..].chars().count(),
        }
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
