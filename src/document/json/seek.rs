//! One place in a JSON text, without a tree of all the others. `serde_json` has
//! taken the text, and its raw values, slices of the text, are the places.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use json_patch::jsonptr::Pointer;
use serde::de::{Deserializer as _, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The place of the node at a pointer, or of the nearest one above it; and
/// whether it is the node itself.
#[must_use]
pub fn nearest(text: &str, pointer: &Pointer) -> (Range<usize>, bool) {
    let mut node = text.trim_matches([' ', '\t', '\r', '\n']);
    for token in pointer.tokens() {
        match child(node, &token.decoded()) {
            Some(below) => node = below,
            None => return (place(node, text), false),
        }
    }
    (place(node, text), true)
}

/// An array, and its last two items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// The array.
    pub span: Range<usize>,
    /// Its last item but one.
    pub before: Option<Range<usize>>,
    /// Its last item.
    pub last: Option<Range<usize>>,
}

/// The array at a pointer.
#[must_use]
pub fn tail(text: &str, pointer: &Pointer) -> Option<Tail> {
    let (span, true) = nearest(text, pointer) else {
        return None;
    };
    let array = &text[span.clone()];
    let mut last = Last::default();
    serde_json::Deserializer::from_str(array)
        .deserialize_seq(&mut last)
        .ok()?;
    Some(Tail {
        span,
        before: last.before.map(|raw| place(raw, text)),
        last: last.last.map(|raw| place(raw, text)),
    })
}

/// A slice of the text, by where it starts in it.
fn place(slice: &str, text: &str) -> Range<usize> {
    let start = slice.as_ptr() as usize - text.as_ptr() as usize;
    start..start + slice.len()
}

fn child<'t>(node: &'t str, token: &str) -> Option<&'t str> {
    let mut found = None;
    let wanted = Child {
        token,
        found: &mut found,
    };
    // It ends in an error on purpose once the child is found.
    let _ = serde_json::Deserializer::from_str(node).deserialize_any(wanted);
    found
}

/// Finds the value under a key or at an index, and reads no further.
struct Child<'w, 't> {
    token: &'w str,
    found: &'w mut Option<&'t str>,
}

impl<'t> Visitor<'t> for Child<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or an object")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut seq: A) -> Result<(), A::Error> {
        let index: usize = self.token.parse().map_err(A::Error::custom)?;
        let mut at = 0;
        while let Some(raw) = seq.next_element::<&RawValue>()? {
            if at == index {
                *self.found = Some(raw.get());
                return Err(A::Error::custom("found"));
            }
            at += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key<'t>>()? {
            let raw = map.next_value::<&RawValue>()?;
            if key.0 == self.token {
                *self.found = Some(raw.get());
                return Err(A::Error::custom("found"));
            }
        }
        Ok(())
    }
}

/// A key, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Key<'t>(#[serde(borrow)] Cow<'t, str>);

/// Keeps the last two items of an array.
#[derive(Default)]
struct Last<'t> {
    before: Option<&'t str>,
    last: Option<&'t str>,
}

impl<'t> Visitor<'t> for &mut Last<'t> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(raw) = seq.next_element::<&RawValue>()? {
            self.before = self.last.replace(raw.get());
        }
        Ok(())
    }
}
