//! One place in a JSON text, without a tree of all the others. `serde_json` has
//! taken the text, and its raw values, slices of the text, are the places.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use json_patch::jsonptr::Pointer;
use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

/// The place of the node at a pointer, or of the nearest one above it; and
/// whether it is the node itself.
#[must_use]
pub fn nearest(text: &str, pointer: &Pointer) -> (Range<usize>, bool) {
    let tokens = tokens(pointer);
    let whole = text.trim_matches([' ', '\t', '\r', '\n']);
    let mut depth = tokens.len();
    loop {
        let node = match &tokens[..depth] {
            [] => Some(whole),
            path => below(whole, path),
        };
        if let Some(node) = node {
            return (place(node, text), depth == tokens.len());
        }
        depth -= 1;
    }
}

/// The last two items of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// Where the array starts.
    pub start: usize,
    /// Its last item but one.
    pub before: Option<Range<usize>>,
    /// Its last item.
    pub last: Range<usize>,
}

/// The end of the array at a pointer; nothing if there is none, or what it ends
/// in is not one or two texts.
#[must_use]
pub fn tail(text: &str, pointer: &Pointer) -> Option<Tail> {
    let array = below(text, &tokens(pointer))?;
    let items = array.strip_prefix('[')?.strip_suffix(']')?;
    let (rest, last) = text_at_end(items)?;
    let before = match rest.trim_end().strip_suffix(',') {
        Some(rest) => Some(text_at_end(rest)?.1),
        None => None,
    };
    Some(Tail {
        start: place(array, text).start,
        before: before.map(|before| place(before, text)),
        last: place(last, text),
    })
}

/// The JSON string that a part of valid JSON ends in, and what is before it: the
/// first quote back that no backslash escapes is where it starts.
fn text_at_end(part: &str) -> Option<(&str, &str)> {
    let part = part.trim_end();
    let inside = part.strip_suffix('"')?;
    let mut quotes = inside.rmatch_indices('"').map(|(at, _)| at);
    let start = quotes.find(|at| {
        let before = inside[..*at].bytes().rev();
        before.take_while(|byte| *byte == b'\\').count() % 2 == 0
    })?;
    Some(part.split_at(start))
}

/// A slice of the text, by where it starts in it.
fn place(slice: &str, text: &str) -> Range<usize> {
    let start = slice.as_ptr() as usize - text.as_ptr() as usize;
    start..start + slice.len()
}

fn tokens(pointer: &Pointer) -> Vec<String> {
    let tokens = pointer.tokens();
    tokens.map(|token| token.decoded().into_owned()).collect()
}

fn below<'t>(text: &'t str, path: &[String]) -> Option<&'t str> {
    let mut found = None;
    let wanted = Below {
        path,
        found: &mut found,
    };
    let read = wanted.deserialize(&mut serde_json::Deserializer::from_str(text));
    read.ok()?;
    found
}

/// Finds the value at a path, and passes over all else. To stop once it is
/// found, by an error, would cost about as much: its line is counted.
struct Below<'w, 't> {
    path: &'w [String],
    found: &'w mut Option<&'t str>,
}

impl<'t> DeserializeSeed<'t> for Below<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path.is_empty() {
            *self.found = Some(<&RawValue>::deserialize(deserializer)?.get());
            return Ok(());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Below<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or an object")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut seq: A) -> Result<(), A::Error> {
        let Some((index, path)) = self.path.split_first() else {
            return Ok(());
        };
        let index: usize = index.parse().map_err(A::Error::custom)?;
        for _ in 0..index {
            if seq.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
        let found = self.found;
        seq.next_element_seed(Below { path, found })?;
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((token, path)) = self.path.split_first() else {
            return Ok(());
        };
        while let Some(key) = map.next_key::<Key<'t>>()? {
            if key.0 == *token {
                let found = &mut *self.found;
                map.next_value_seed(Below { path, found })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// A key, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Key<'t>(#[serde(borrow)] Cow<'t, str>);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_array_ends_in_its_last_two_texts(
            texts in prop::collection::vec(r#"[ab"\\,\[\]é]{0,6}"#, 1..4),
            space in "[ \n\t]{0,2}",
        ) {
            let items: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
            let array = format!("[{space}{}{space}]", items.join(&format!("{space},{space}")));
            let text = format!("{{\"a\": [{array}], \"b\": []}}");
            let found = tail(&text, Pointer::from_static("/a/0")).unwrap();
            prop_assert_eq!(&text[found.start..][..array.len()], &array);
            let before = found.before.map(|before| text[before].to_owned());
            let given = items.len().checked_sub(2).map(|at| items[at].clone());
            prop_assert_eq!(before, given);
            prop_assert_eq!(&text[found.last], items.last().unwrap());
        }
    }

    #[test]
    fn an_array_that_ends_in_something_else_is_left_to_the_tree() {
        for array in ["[]", "[1]", "[\"a\", {}]", "[{}, \"a\"]", "{}", "\"a\""] {
            assert_eq!(tail(array, Pointer::root()), None, "{array}");
        }
    }
}
