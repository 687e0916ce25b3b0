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
    let tokens = pointer.tokens().map(|token| token.decoded().into_owned());
    let tokens: Vec<String> = tokens.collect();
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

fn below<'t>(text: &'t str, path: &[String]) -> Option<&'t str> {
    let mut found = None;
    let wanted = Below {
        path,
        found: &mut found,
    };
    let read = wanted.deserialize(&mut serde_json::Deserializer::from_str(text));
    read.ok().and(found)
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
