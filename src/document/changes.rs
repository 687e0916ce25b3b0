//! Which parts of a text gave way to which parts of the one that came of it.

use std::ops::Range;

use crate::text::edit::{Replacement, TextEdit};

/// Bytes of the old text, and those of the new one in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// In the old text.
    pub old: Range<usize>,
    /// In the new text.
    pub new: Range<usize>,
}

/// Everything that changed, in the order of the text; what stands between the
/// changes is the same in both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes(Vec<Change>);

impl Changes {
    /// The one part in which two texts differ.
    #[must_use]
    pub fn between(old: &str, new: &str) -> Self {
        if old == new {
            return Self::default();
        }
        let mut start = equal_start(old.as_bytes(), new.as_bytes());
        while !old.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = equal_end(&old.as_bytes()[start..], &new.as_bytes()[start..]);
        while !old.is_char_boundary(old.len() - end) {
            end -= 1;
        }
        Self(vec![Change {
            old: start..old.len() - end,
            new: start..new.len() - end,
        }])
    }

    /// The same changes of texts with so many more bytes before.
    pub(super) fn behind(mut self, bytes: usize) -> Self {
        for Change { old, new } in &mut self.0 {
            for at in [&mut old.start, &mut old.end, &mut new.start, &mut new.end] {
                *at += bytes;
            }
        }
        self
    }

    /// The changes.
    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.0.iter()
    }

    /// After disjoint edits, in the order of the text, of what is the new text
    /// so far.
    pub fn then(&mut self, edit: &TextEdit) {
        for edit in edit.parts().iter().rev() {
            self.then_one(edit);
        }
    }

    fn then_one(&mut self, edit: &Replacement) {
        let Range { mut start, mut end } = edit.range;
        let first = self.0.partition_point(|own| own.new.end < start);
        let last = self.0.partition_point(|own| own.new.start <= end);
        // Behind a change, the old text is as far from it as the new one.
        let unshift = |before: usize, at: usize| match before.checked_sub(1) {
            None => at,
            Some(before) => self.0[before].old.end + (at - self.0[before].new.end),
        };
        let (head, tail) = (&self.0[first..last].first(), &self.0[first..last].last());
        let old_start = match head {
            Some(head) if head.new.start <= start => {
                start = head.new.start;
                head.old.start
            }
            _ => unshift(first, start),
        };
        let old_end = match tail {
            Some(tail) if tail.new.end >= end => {
                end = tail.new.end;
                tail.old.end
            }
            _ => unshift(last, end),
        };
        let old = old_start..old_end;
        let grown = edit.text.len();
        let shrunk = edit.range.len();
        let new = start..end - shrunk + grown;
        self.0.splice(first..last, [Change { old, new }]);
        for later in &mut self.0[first + 1..] {
            later.new.start = later.new.start - shrunk + grown;
            later.new.end = later.new.end - shrunk + grown;
        }
    }
}

/// Bytes compared at once: for a policy on one line there are many.
const AT_ONCE: usize = 64;

/// How many bytes at the start are the same.
fn equal_start(a: &[u8], b: &[u8]) -> usize {
    let parts = a.chunks_exact(AT_ONCE).zip(b.chunks_exact(AT_ONCE));
    let equal = AT_ONCE * parts.take_while(|(a, b)| a == b).count();
    let rest = a[equal..].iter().zip(&b[equal..]);
    equal + rest.take_while(|(a, b)| a == b).count()
}

/// How many bytes at the end are the same.
fn equal_end(a: &[u8], b: &[u8]) -> usize {
    let parts = a.rchunks_exact(AT_ONCE).zip(b.rchunks_exact(AT_ONCE));
    let equal = AT_ONCE * parts.take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - equal], &b[..b.len() - equal]);
    let rest = a.iter().rev().zip(b.iter().rev());
    equal + rest.take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The new text, put together from the old one and the changes.
    fn replayed(old: &str, new: &str, changes: &Changes) -> String {
        let edits = changes
            .iter()
            .map(|change| TextEdit::replace(change.old.clone(), &new[change.new.clone()]));
        TextEdit::all(edits).unwrap().apply(old)
    }

    proptest! {
        #[test]
        fn changes_lead_from_the_old_text_to_the_new(
            old in "[ab\n]{0,20}",
            runs in prop::collection::vec(prop::collection::vec((0..8_usize, 0..4_usize, "[xy\n]{0,3}"), 1..4), 0..5),
        ) {
            let mut changes = Changes::default();
            let mut new = old.clone();
            for run in runs {
                let mut at = 0;
                let mut edits = Vec::new();
                for (skip, len, text) in run {
                    let start = (at + skip).min(new.len());
                    let end = (start + len).min(new.len());
                    edits.push(TextEdit::replace(start..end, text));
                    at = end + 1;
                    if at > new.len() {
                        break;
                    }
                }
                let edit = TextEdit::all(edits).unwrap();
                new = edit.apply(&new);
                changes.then(&edit);
                prop_assert_eq!(replayed(&old, &new, &changes), &new[..]);
            }
            prop_assert_eq!(replayed(&old, &new, &Changes::between(&old, &new)), &new[..]);
        }

        #[test]
        fn what_differs_is_cut_between_characters(old in "[aéè€]{0,6}", new in "[aéè€]{0,6}") {
            prop_assert_eq!(replayed(&old, &new, &Changes::between(&old, &new)), new);
        }
    }
}
