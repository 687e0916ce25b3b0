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
            path => below::<Raw<'_>>(whole, path).and_then(|raw| raw.0),
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

/// The end of the array at a pointer; nothing if there is none, or it has no
/// items.
#[must_use]
pub fn tail(text: &str, pointer: &Pointer) -> Option<Tail> {
    let items: Items<'_> = below(text, &tokens(pointer))?;
    let first = place(items.first?, text).start;
    Some(Tail {
        // Only white space stands between the two.
        start: text[..first].rfind('[')?,
        before: items.before.map(|raw| place(raw, text)),
        last: place(items.last?, text),
    })
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

/// What is wanted of the value at a path.
trait Wanted<'t>: Default {
    fn read<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error>;
}

fn below<'t, W: Wanted<'t>>(text: &'t str, path: &[String]) -> Option<W> {
    let mut found = W::default();
    let wanted = Below {
        path,
        found: &mut found,
    };
    let read = wanted.deserialize(&mut serde_json::Deserializer::from_str(text));
    read.ok().map(|()| found)
}

/// Finds the value at a path, and passes over all else. To stop once it is
/// found, by an error, would cost about as much: its line is counted.
struct Below<'w, W> {
    path: &'w [String],
    found: &'w mut W,
}

impl<'t, W: Wanted<'t>> DeserializeSeed<'t> for Below<'_, W> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path.is_empty() {
            *self.found = W::read(deserializer)?;
            return Ok(());
        }
        deserializer.deserialize_any(self)
    }
}

impl<'t, W: Wanted<'t>> Visitor<'t> for Below<'_, W> {
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

/// The value's text.
#[derive(Default)]
struct Raw<'t>(Option<&'t str>);

impl<'t> Wanted<'t> for Raw<'t> {
    fn read<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Ok(Self(Some(raw.get())))
    }
}

/// The ends of an array.
#[derive(Default)]
struct Items<'t> {
    first: Option<&'t str>,
    before: Option<&'t str>,
    last: Option<&'t str>,
}

impl<'t> Wanted<'t> for Items<'t> {
    fn read<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        let mut items = Self::default();
        deserializer.deserialize_seq(&mut items)?;
        Ok(items)
    }
}

impl<'t> Visitor<'t> for &mut Items<'t> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(raw) = seq.next_element::<&RawValue>()? {
            self.first.get_or_insert(raw.get());
            self.before = self.last.replace(raw.get());
        }
        Ok(())
    }
}
