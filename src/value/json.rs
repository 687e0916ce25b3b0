//! A JSON text's value, read and compared in one pass over the text.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::map::FEW;
use super::{Map, Text, Value};

/// Items up to which a list keeps no room for more.
const MANY: usize = 64;

/// The value of a text in which no two keys of one object are the same or
/// differ only by case. Its strings are shared with `whole`, which the text is
/// a part of, where they stand in it as they are; without it they are copies.
///
/// # Errors
/// What `serde_json` has against the text, or that there are such keys.
pub fn read(text: &str, whole: Option<&Arc<String>>) -> serde_json::Result<Value> {
    Read {
        whole,
        twins: false,
    }
    .all(text)
}

/// The value of a text; of the same keys in one object the last one counts, and
/// keys that differ by case are different.
///
/// # Errors
/// What `serde_json` has against the text.
pub fn parse(text: &str) -> serde_json::Result<Value> {
    let whole = None;
    Read { whole, twins: true }.all(text)
}

/// Whether [`read`] gives this value for a text; nothing is kept of the text.
pub fn is_of(text: &str, value: &Value) -> bool {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Same(value).deserialize(&mut deserializer).is_ok() && deserializer.end().is_ok()
}

/// The keys of one object, as IAM tells them apart.
#[derive(Default)]
struct Keys(HashSet<String>);

impl Keys {
    /// Whether none of the keys before is this one; `before` holds them all.
    fn is_new<'k>(&mut self, key: &str, before: impl ExactSizeIterator<Item = &'k Text>) -> bool {
        if before.len() < FEW {
            return !before.into_iter().any(|own| own.eq_ignore_ascii_case(key));
        }
        if self.0.is_empty() {
            self.0.extend(before.map(|own| own.to_ascii_lowercase()));
        }
        self.0.insert(key.to_ascii_lowercase())
    }
}

#[derive(Clone, Copy)]
struct Read<'w> {
    /// Whose parts the strings are, if not texts of their own.
    whole: Option<&'w Arc<String>>,
    /// Whether an object may have keys that are one.
    twins: bool,
}

impl Read<'_> {
    fn all(self, text: &str) -> serde_json::Result<Value> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value = self.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(value)
    }

    fn text(self, text: &str) -> Text {
        self.whole
            .map_or_else(|| text.into(), |whole| Text::within(whole, text))
    }
}

impl<'de> DeserializeSeed<'de> for Read<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Read<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Value, E> {
        Ok(self.text(value).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        // What a long list has left over is room for what an edit appends.
        if items.len() < MANY {
            items.shrink_to_fit();
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        if self.twins {
            let mut all = Map::new();
            while let Some(key) = map.next_key_seed(Key(|key: &str| self.text(key)))? {
                all.insert(key, map.next_value_seed(self)?);
            }
            return Ok(Value::Object(all));
        }
        let mut members: Vec<(Text, Value)> = Vec::new();
        let mut keys = Keys::default();
        while let Some(key) = map.next_key_seed(Key(|key: &str| self.text(key)))? {
            if !keys.is_new(&key, members.iter().map(|(own, _)| own)) {
                return Err(A::Error::custom("two keys that are one"));
            }
            members.push((key, map.next_value_seed(self)?));
        }
        Ok(Value::Object(Map::distinct(members)))
    }
}

/// Reads a key, as what the function makes of it.
struct Key<F>(F);

impl<'de, T, F: FnOnce(&str) -> T> DeserializeSeed<'de> for Key<F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<T, F: FnOnce(&str) -> T> Visitor<'_> for Key<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<T, E> {
        Ok((self.0)(key))
    }
}

/// Takes the one value, and fails with any other.
struct Same<'v>(&'v Value);

impl Same<'_> {
    fn is<E: serde::de::Error>(holds: bool) -> Result<(), E> {
        if holds {
            Ok(())
        } else {
            Err(E::custom("another value"))
        }
    }

    fn is_number<E: serde::de::Error>(&self, value: &Number) -> Result<(), E> {
        Self::is(matches!(self.0, Value::Number(own) if own == value))
    }
}

impl<'de> DeserializeSeed<'de> for Same<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Same<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the same value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Self::is(self.0.is_null())
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        Self::is(self.0.as_bool() == Some(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.is_number(&value.into())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.is_number(&value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        match Number::from_f64(value) {
            Some(number) => self.is_number(&number),
            None => Self::is(self.0.is_null()),
        }
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        Self::is(self.0.as_str() == Some(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Value::Array(items) = self.0 else {
            return Self::is(false);
        };
        for item in items {
            let found = seq.next_element_seed(Same(item))?;
            Self::is(found.is_some())?;
        }
        // What is left is no item of the value's.
        let more = seq.next_element_seed(Same(&Value::Null))?;
        Self::is(more.is_none())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Value::Object(members) = self.0 else {
            return Self::is(false);
        };
        let mut keys = Keys::default();
        let mut seen: Vec<&Text> = Vec::with_capacity(members.len());
        while let Some(member) = map.next_key_seed(Key(|key: &str| members.get_key_value(key)))? {
            let Some((key, value)) = member else {
                return Self::is(false);
            };
            Self::is(keys.is_new(key, seen.iter().copied()))?;
            seen.push(key);
            map.next_value_seed(Same(value))?;
        }
        Self::is(seen.len() == members.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 19] = [
        "null",
        "true",
        "-1",
        "1",
        "1.0",
        "1.5",
        "1e400",
        "18446744073709551615",
        r#""a\n\u00e9""#,
        "[]",
        "[1, 2]",
        "[1]",
        "[1, 2, null]",
        "{}",
        r#"{"a": 1, "b": [null]}"#,
        r#"{"b": [null], "a": 1}"#,
        r#"{"a": 1}"#,
        r#"{"a": 1, "b": [null], "a": 1}"#,
        r#"{"a": 1, "A": 1}"#,
    ];

    fn read(text: &str) -> serde_json::Result<Value> {
        super::read(text, None)
    }

    #[test]
    fn values_are_those_of_serde_json_but_for_twins() {
        for text in TEXTS {
            let known = serde_json::from_str::<serde_json::Value>(text);
            let known = known.map(Value::from);
            assert_eq!(parse(text).ok(), known.as_ref().ok().cloned(), "{text}");
            match (read(text), known) {
                (Ok(own), Ok(known)) => assert_eq!(own, known, "{text}"),
                (Err(_), known) => assert!(
                    known.is_err() || text.contains("1, \"A\"") || text.ends_with("\"a\": 1}"),
                    "{text}"
                ),
                (Ok(_), Err(_)) => panic!("{text}"),
            }
        }
    }

    #[test]
    fn a_text_is_of_its_own_value_alone() {
        for text in TEXTS {
            for other in TEXTS {
                let Ok(value) = read(other) else { continue };
                let is_same = read(text).is_ok_and(|own| own == value);
                assert_eq!(is_of(text, &value), is_same, "{text} {other}");
            }
        }
    }

    #[test]
    fn strings_are_parts_of_the_text_where_they_stand_in_it() {
        let whole = Arc::new(r#"x {"key": ["value", "\u0041"], "\u0042": ""}"#.to_owned());
        let inside = whole.as_bytes().as_ptr_range();
        let is_part = |text: &str| {
            let own = text.as_bytes().as_ptr_range();
            inside.start <= own.start && own.end <= inside.end
        };
        let value = super::read(&whole[2..], Some(&whole)).unwrap();
        let members: Vec<_> = value.as_object().unwrap().iter().collect();
        let values: Vec<_> = members[0].1.as_array().unwrap().iter().collect();
        assert!(is_part(members[0].0) && is_part(values[0].as_str().unwrap()));
        assert!(!is_part(members[1].0) && !is_part(values[1].as_str().unwrap()));
        assert_eq!(size_of::<Value>(), 32);
    }

    #[test]
    fn many_keys_are_told_apart_like_few() {
        let object = |keys: &[String]| {
            let members: Vec<String> = keys.iter().map(|key| format!("{key:?}: 0")).collect();
            format!("{{{}}}", members.join(","))
        };
        let mut keys: Vec<String> = (0..40).map(|number| format!("key{number}")).collect();
        let value = read(&object(&keys)).unwrap();
        assert!(is_of(&object(&keys), &value));
        keys.push("KEY7".to_owned());
        assert!(read(&object(&keys)).is_err());
        assert!(!is_of(&object(&keys), &value));
    }
}
