//! The members of a JSON object.

use std::fmt;

use super::{Text, Value};

/// Each key of a map and its value.
pub type Iter<'m> = std::iter::Map<
    std::slice::Iter<'m, (Text, Value)>,
    fn(&'m (Text, Value)) -> (&'m Text, &'m Value),
>;

/// Members in the order that they are written in, each key once.
#[derive(Clone, Default)]
pub struct Map(Vec<(Text, Value)>);

impl Map {
    pub fn new() -> Self {
        Self::default()
    }

    /// The members, no two of which have one key.
    pub fn distinct(members: Vec<(Text, Value)>) -> Self {
        Self(members)
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn place(&self, key: &str) -> Option<usize> {
        self.0.iter().position(|(own, _)| own == key)
    }

    pub fn get_key_value(&self, key: &str) -> Option<(&Text, &Value)> {
        self.iter().find(|(own, _)| *own == key)
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.get_key_value(key).map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let mut members = self.0.iter_mut();
        members.find_map(|(own, value)| (own == key).then_some(value))
    }

    /// Whether there is a value under a key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Puts a value under a key: in the place of the one that is there, or
    /// behind all others.
    pub fn insert(&mut self, key: impl Into<Text>, value: Value) -> Option<Value> {
        let key = key.into();
        if let Some(own) = self.get_mut(&key) {
            return Some(std::mem::replace(own, value));
        }
        self.0.push((key, value));
        None
    }

    /// Takes a value out; the others keep their order, and move up one by one.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let (_, value) = self.0.remove(self.place(key)?);
        Some(value)
    }

    /// Each key and its value.
    pub fn iter(&self) -> Iter<'_> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Text> {
        self.0.iter().map(|(key, _)| key)
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }
}

impl<K: Into<Text>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(members: I) -> Self {
        let mut map = Self::new();
        for (key, value) in members {
            map.insert(key, value);
        }
        map
    }
}

impl IntoIterator for Map {
    type Item = (Text, Value);
    type IntoIter = std::vec::IntoIter<(Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'m> IntoIterator for &'m Map {
    type Item = (&'m Text, &'m Value);
    type IntoIter = Iter<'m>;

    fn into_iter(self) -> Iter<'m> {
        self.iter()
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

/// The order of the members does not count.
impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        let is_in_other = |(key, value): (&Text, &Value)| other.get(key) == Some(value);
        self.len() == other.len() && self.iter().all(is_in_other)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_map_is_that_of_serde_json(
            steps in prop::collection::vec((any::<bool>(), 0..40_u8), 0..120),
        ) {
            let numbered = |number: usize| serde_json::Value::from(number);
            let mut own = Map::new();
            let mut known = serde_json::Map::new();
            for (number, (is_put, key)) in steps.into_iter().enumerate() {
                let key = format!("key{key}");
                if is_put {
                    let old = own.insert(key.as_str(), numbered(number).into());
                    let known_old = known.insert(key.clone(), numbered(number));
                    prop_assert_eq!(old, known_old.map(Value::from));
                } else {
                    let old = own.remove(&key);
                    prop_assert_eq!(old, known.shift_remove(&key).map(Value::from));
                }
                prop_assert_eq!(own.get(&key).is_some(), known.contains_key(&key));
                prop_assert_eq!(own.len(), known.len());
            }
            prop_assert!(own.keys().map(Text::as_str).eq(known.keys().map(String::as_str)));
            let mut members: Vec<_> = own.clone().into_iter().collect();
            members.reverse();
            prop_assert_eq!(own, members.into_iter().collect::<Map>());
        }
    }
}
