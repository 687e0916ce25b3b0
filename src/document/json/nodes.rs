//! The nodes of a JSON text. `serde_json` alone decides what is JSON: its raw
//! values are slices of the text, and their places are the spans.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::document::tree::{Kind, Member, Node};

impl Node {
    /// The tree of a text that `serde_json` has taken as a `Value`, so that it
    /// is known not to be nested too deeply.
    ///
    /// # Errors
    /// What `serde_json` has against the text.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        let raw: &RawValue = serde_json::from_str(text)?;
        Self::build(raw, text)
    }

    fn build(raw: &RawValue, text: &str) -> serde_json::Result<Self> {
        let span = span(raw, text);
        let kind = match raw.get().as_bytes().first() {
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(raw.get())?;
                let nodes = items.into_iter().map(|item| Self::build(item, text));
                Kind::Array(nodes.collect::<Result<_, _>>()?)
            }
            Some(b'{') => {
                let Members(members) = serde_json::from_str(raw.get())?;
                let members = members.into_iter().map(|(key, value)| {
                    Ok(Member {
                        key: serde_json::from_str::<Cow<'_, str>>(key.get())?.into_owned(),
                        key_span: self::span(key, text),
                        value: Self::build(value, text)?,
                    })
                });
                Kind::Object(members.collect::<serde_json::Result<_>>()?)
            }
            _ => Kind::Scalar,
        };
        Ok(Self::new(span, kind))
    }
}

/// A raw value borrows from the text, so its address tells its place.
fn span(raw: &RawValue, text: &str) -> Range<usize> {
    let start = raw.get().as_ptr() as usize - text.as_ptr() as usize;
    start..start + raw.get().len()
}

/// An object's members in the order of the text, equal keys and all.
struct Members<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}
