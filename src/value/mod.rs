//! The values of what is read. As `serde_json::Value`, each small object of a
//! policy would be a hash map.

mod map;
mod text;

use std::fmt;

use json_patch::jsonptr::{Pointer, Token};
use serde::{Serialize, Serializer};
use serde_json::Number;

pub use map::Map;
pub use text::Text;

/// A JSON value (RFC 8259).
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    Number(Number),
    String(Text),
    Array(Vec<Value>),
    Object(Map),
}

impl Value {
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub fn is_string(&self) -> bool {
        self.as_str().is_some()
    }

    pub fn is_array(&self) -> bool {
        self.as_array().is_some()
    }

    pub fn is_object(&self) -> bool {
        self.as_object().is_some()
    }

    /// The Boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if it is an array.
    pub fn as_array(&self) -> Option<&Vec<Self>> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The items, if it is an array.
    pub fn as_array_mut(&mut self) -> Option<&mut Vec<Self>> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members, if it is an object.
    pub fn as_object(&self) -> Option<&Map> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// A member's value, if it is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_object()?.get(key)
    }

    /// The value at a JSON Pointer (RFC 6901), which has to be one.
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        let mut tokens = Pointer::parse(pointer).ok()?.tokens();
        tokens.try_fold(self, |value, token| match value {
            Self::Array(items) => items.get(index(&token, items.len())?),
            Self::Object(members) => members.get(&token.decoded()),
            _ => None,
        })
    }

    /// The value at a JSON Pointer (RFC 6901), which has to be one.
    pub fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Self> {
        let mut tokens = Pointer::parse(pointer).ok()?.tokens();
        tokens.try_fold(self, |value, token| match value {
            Self::Array(items) => {
                let index = index(&token, items.len())?;
                items.get_mut(index)
            }
            Self::Object(members) => members.get_mut(&token.decoded()),
            _ => None,
        })
    }
}

/// The place of an item that is there.
pub(crate) fn index(token: &Token<'_>, items: usize) -> Option<usize> {
    token.to_index().ok()?.for_len(items).ok()
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Self>>(items: I) -> Self {
        Self::Array(items.into_iter().collect())
    }
}

impl From<&serde_json::Value> for Value {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Number(number.clone()),
            serde_json::Value::String(text) => Self::from(text.as_str()),
            serde_json::Value::Array(items) => items.iter().map(Self::from).collect(),
            serde_json::Value::Object(members) => {
                let members = members.iter();
                let members = members.map(|(key, value)| (key.as_str(), Self::from(value)));
                Self::Object(members.collect())
            }
        }
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        Self::from(&value)
    }
}

impl PartialEq<serde_json::Value> for Value {
    fn eq(&self, other: &serde_json::Value) -> bool {
        match (self, other) {
            (Self::Null, serde_json::Value::Null) => true,
            (Self::Bool(own), serde_json::Value::Bool(other)) => own == other,
            (Self::Number(own), serde_json::Value::Number(other)) => own == other,
            (Self::String(own), serde_json::Value::String(other)) => own == other.as_str(),
            (Self::Array(own), serde_json::Value::Array(other)) => own == other,
            (Self::Object(own), serde_json::Value::Object(other)) => {
                let is_own =
                    |(key, value): (&String, _)| own.get(key).is_some_and(|own| own == value);
                own.len() == other.len() && other.iter().all(is_own)
            }
            _ => false,
        }
    }
}

/// As `serde_json` has it, for a JSON Patch.
impl From<&Value> for serde_json::Value {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(number.clone()),
            Value::String(text) => Self::String(text.to_string()),
            Value::Array(items) => items.iter().map(Self::from).collect(),
            Value::Object(members) => {
                let members = members.iter();
                let members = members.map(|(key, value)| (key.to_string(), Self::from(value)));
                Self::Object(members.collect())
            }
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => serializer.collect_map(members.iter()),
        }
    }
}

/// Without white space.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    use super::*;

    fn value() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
            "[a\"\\\\\u{1}é]{0,3}".prop_map(Json::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::vec(("[ab~/]{0,2}", inner), 0..4)
                    .prop_map(|members| Json::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_is_that_of_serde_json(
            mut known in value(),
            other in value(),
            pointer in "(/([ab]|~0|~1|[0-3]|01|-|)){0,3}|a",
        ) {
            let mut own = Value::from(known.clone());
            prop_assert_eq!(Json::from(&own), known.clone());
            prop_assert_eq!(&own, &known);
            prop_assert_eq!(own == other, known == other);
            prop_assert_eq!(own.to_string(), known.to_string());
            prop_assert_eq!(own.pointer(&pointer).map(Json::from), known.pointer(&pointer).cloned());
            if let (Some(own), Some(known)) = (own.pointer_mut(&pointer), known.pointer_mut(&pointer)) {
                *own = Value::Null;
                *known = json!(null);
            }
            prop_assert_eq!(own, Value::from(known));
        }
    }
}
