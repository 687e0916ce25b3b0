//! Edits of a text: what gives way, and what comes.

use std::ops::Range;

/// These bytes give way to this text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The bytes that go.
    pub range: Range<usize>,
    /// The text that comes.
    pub text: String,
}

/// Replacements in one text, in its order and disjoint. Of two at one place the
/// earlier one's text comes first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextEdit(Vec<Replacement>);

impl TextEdit {
    /// These bytes give way to this text.
    pub fn replace(range: Range<usize>, text: impl Into<String>) -> Self {
        let text = text.into();
        Self(vec![Replacement { range, text }])
    }

    /// This text comes here.
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::replace(at..at, text)
    }

    /// These bytes go.
    pub fn delete(range: Range<usize>) -> Self {
        Self::replace(range, "")
    }

    /// All of these at once; nothing if two of them overlap.
    pub fn all(edits: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut all: Vec<Replacement> = edits.into_iter().flat_map(|own| own.0).collect();
        all.sort_by_key(|own| (own.range.start, own.range.end));
        let is_disjoint = all.is_sorted_by(|one, next| one.range.end <= next.range.start);
        is_disjoint.then_some(Self(all))
    }

    /// The replacements, in the order of the text.
    pub fn parts(&self) -> &[Replacement] {
        &self.0
    }

    /// The same edit with other texts.
    pub fn map_texts(mut self, mut text: impl FnMut(&Replacement) -> String) -> Self {
        for own in &mut self.0 {
            own.text = text(own);
        }
        self
    }

    /// The text after the edit.
    pub fn apply(&self, text: &str) -> String {
        let grown: usize = self.0.iter().map(|own| own.text.len()).sum();
        let mut out = String::with_capacity(text.len() + grown);
        let mut at = 0;
        for own in &self.0 {
            out.push_str(&text[at..own.range.start]);
            out.push_str(&own.text);
            at = own.range.end;
        }
        out.push_str(&text[at..]);
        out
    }

    /// Makes the edit in a text; only what stands behind it moves.
    pub fn apply_to(&self, text: &mut String) {
        for own in self.0.iter().rev() {
            text.replace_range(own.range.clone(), &own.text);
        }
    }

    /// Where a part of the text stands after the edit. What is put in right
    /// before or behind it is no part of it.
    pub fn moved(&self, part: &Range<usize>) -> Range<usize> {
        let (mut start, mut end) = (part.start, part.end);
        for Replacement { range, text } in self.0.iter().rev() {
            if range.end <= part.start {
                start = start + text.len() - range.len();
            } else if range.start < part.start {
                start -= part.start - range.start;
            }
            if range.start < part.end {
                end = end + text.len() - (range.end.min(part.end) - range.start);
            }
        }
        start..end.max(start)
    }

    /// This edit, and then another one of the text that it leaves, as one.
    pub fn then(mut self, next: &Self) -> Self {
        next.0.iter().rev().for_each(|own| self.then_one(own));
        self
    }

    fn then_one(&mut self, next: &Replacement) {
        // How much longer and shorter the text became before a replacement.
        let (mut grown, mut shrunk) = (0, 0);
        let mut first = 0;
        while let Some(own) = self.0.get(first)
            && own.range.start + grown + own.text.len() < next.range.start + shrunk
        {
            (grown, shrunk) = (grown + own.text.len(), shrunk + own.range.len());
            first += 1;
        }
        let mut start = next.range.start + shrunk - grown;
        let mut end = None;
        let (mut text, mut tail) = (String::new(), "");
        let mut last = first;
        while let Some(own) = self.0.get(last)
            && own.range.start + grown <= next.range.end + shrunk
        {
            let own_start = own.range.start + grown - shrunk;
            if let Some(lead) = next.range.start.checked_sub(own_start) {
                start = start.min(own.range.start);
                text.push_str(&own.text[..lead]);
            }
            let rest = (next.range.end - own_start.min(next.range.end)).min(own.text.len());
            tail = &own.text[rest..];
            let is_in = next.range.end <= own_start + own.text.len();
            end = is_in.then_some(own.range.end);
            (grown, shrunk) = (grown + own.text.len(), shrunk + own.range.len());
            last += 1;
        }
        let end = end.unwrap_or_else(|| next.range.end + shrunk - grown);
        let text = [&text, &next.text, tail].concat();
        let (range, text) = (start..end, text);
        self.0.splice(first..last, [Replacement { range, text }]);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Replacements in a text of some length: how far each is from the one
    /// before, how long it is, and what comes.
    fn edit_of(length: usize, parts: Vec<(usize, usize, String)>) -> TextEdit {
        let mut at = 0;
        let edits = parts.into_iter().map_while(|(skip, size, text)| {
            let start = at + skip;
            at = start + size;
            (at <= length).then(|| TextEdit::replace(start..at, text))
        });
        TextEdit::all(edits).unwrap()
    }

    fn parts() -> impl Strategy<Value = Vec<(usize, usize, String)>> {
        prop::collection::vec((0..5_usize, 0..4_usize, "[x-z]{0,3}"), 0..5)
    }

    proptest! {
        #[test]
        fn two_edits_as_one_give_the_same_text(
            text in "[a-c]{0,20}", first in parts(), second in parts(),
        ) {
            let first = edit_of(text.len(), first);
            let middle = first.apply(&text);
            let second = edit_of(middle.len(), second);
            let both = first.then(&second);
            prop_assert_eq!(both.apply(&text), second.apply(&middle));
            prop_assert!(TextEdit::all([both.clone()]).is_some_and(|own| own == both));
        }

        #[test]
        fn a_text_is_edited_in_its_place(text in "[a-c]{0,20}", parts in parts()) {
            let edit = edit_of(text.len(), parts);
            let mut own = text.clone();
            edit.apply_to(&mut own);
            prop_assert_eq!(own, edit.apply(&text));
        }

        #[test]
        fn a_part_moves_with_its_text(
            before in "[a-c]{0,9}", part in "[d-f]{1,3}", after in "[a-c]{0,9}",
            first in parts(), second in parts(),
        ) {
            let text = [before.as_str(), &part, &after].concat();
            let own = before.len()..before.len() + part.len();
            let behind = edit_of(after.len(), second);
            let behind = behind.parts().iter().map(|one| {
                let range = own.end + one.range.start..own.end + one.range.end;
                TextEdit::replace(range, one.text.clone())
            });
            let edit = [edit_of(before.len(), first)].into_iter().chain(behind);
            let edit = TextEdit::all(edit).unwrap();
            prop_assert_eq!(&edit.apply(&text)[edit.moved(&own)], &part);
        }
    }

    #[test]
    fn edits_that_overlap_are_refused() {
        let all = |edits: [(usize, usize); 2]| {
            TextEdit::all(edits.map(|(start, end)| TextEdit::replace(start..end, "x")))
        };
        for edits in [[(0, 2), (1, 3)], [(1, 1), (0, 2)], [(0, 1), (0, 1)]] {
            assert_eq!(all(edits), None, "{edits:?}");
        }
        for edits in [
            [(0, 2), (2, 3)],
            [(2, 2), (0, 2)],
            [(0, 2), (0, 0)],
            [(1, 1), (1, 1)],
        ] {
            assert!(all(edits).is_some(), "{edits:?}");
        }
    }

    #[test]
    fn of_two_at_one_place_the_earlier_one_comes_first() {
        let edit = TextEdit::all([TextEdit::insert(1, "x"), TextEdit::insert(1, "y")]);
        assert_eq!(edit.unwrap().apply("ab"), "axyb");
    }
}
