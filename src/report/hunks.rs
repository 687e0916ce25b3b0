//! The parts of two texts that a diff is about: the lines around each change.
//! A differ that is handed these need not look for them in the whole texts.

use std::ops::Range;

use crate::document::changes::{Change, Changes};

/// Lines of both texts around changes that are near each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Bytes of the old text, whole lines.
    pub old: Range<usize>,
    /// Bytes of the new text, whole lines.
    pub new: Range<usize>,
    /// Lines of the old text before it.
    pub old_line: usize,
    /// Lines of the new text before it.
    pub new_line: usize,
}

/// The windows with so many unchanged lines around each change, fewer only at
/// an end of the text.
#[must_use]
pub fn windows(old: &str, new: &str, changes: &Changes, around: usize) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    for Change {
        old: gone,
        new: come,
    } in changes.iter()
    {
        let back = lines_back(&old[..gone.start], around);
        let forth = lines_forth(&old[gone.end..], around);
        let end = (gone.end + forth, come.end + forth);
        match windows.last_mut() {
            Some(last) if gone.start - back <= last.old.end => {
                (last.old.end, last.new.end) = end;
            }
            last => {
                let (old_at, new_at) = (gone.start - back, come.start - back);
                let seen = last.map_or((0, 0, 0, 0), |last| {
                    (last.old.start, last.new.start, last.old_line, last.new_line)
                });
                windows.push(Window {
                    old: old_at..end.0,
                    new: new_at..end.1,
                    old_line: seen.2 + line_feeds(&old[seen.0..old_at]),
                    new_line: seen.3 + line_feeds(&new[seen.1..new_at]),
                });
            }
        }
    }
    windows
}

/// How far back the line starts that is so many before that of the end.
fn lines_back(before: &str, lines: usize) -> usize {
    let start = before.rmatch_indices('\n').nth(lines);
    before.len() - start.map_or(0, |(at, _)| at + 1)
}

/// How far forth the line ends that is so many behind that of the start.
fn lines_forth(behind: &str, lines: usize) -> usize {
    let end = behind.match_indices('\n').nth(lines);
    end.map_or(behind.len(), |(at, _)| at + 1)
}

fn line_feeds(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}
