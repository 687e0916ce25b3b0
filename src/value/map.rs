//! The members of a JSON object.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use super::{Text, Value};

/// Members up to which looking at each key is faster than an index of them.
pub(super) const FEW: usize = 16;

/// Each key of a map and its value.
pub type Iter<'m> = std::iter::Map<
    std::slice::Iter<'m, (Text, Value)>,
    fn(&'m (Text, Value)) -> (&'m Text, &'m Value),
>;

/// Members in the order that they are written in, each key once.
#[derive(Clone, Default)]
pub struct Map {
    members: Vec<(Text, Value)>,
    /// Where each key is, if there are many.
    #[expect(
        clippy::box_collection,
        reason = "a value is as large as the largest kind, and this is rare"
    )]
    places: Option<Box<HashMap<Text, usize>>>,
}

impl Map {
    pub fn new() -> Self {
        Self::default()
    }

    /// The members, no two of which have one key.
    pub(super) fn distinct(mut members: Vec<(Text, Value)>) -> Self {
        // A policy is mostly small objects.
        members.shrink_to_fit();
        let mut map = Self {
            members,
            places: None,
        };
        map.index();
        map
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    fn place(&self, key: &str) -> Option<usize> {
        match &self.places {
            Some(places) => places.get(key).copied(),
            None => self.members.iter().position(|(own, _)| own == key),
        }
    }

    fn index(&mut self) {
        let keys = self.members.iter().map(|(key, _)| key.clone());
        self.places = (self.len() > FEW).then(|| Box::new(keys.zip(0..).collect()));
    }

    pub fn get_key_value(&self, key: &str) -> Option<(&Text, &Value)> {
        let (key, value) = self.members.get(self.place(key)?)?;
        Some((key, value))
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.get_key_value(key).map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let place = self.place(key)?;
        self.members.get_mut(place).map(|(_, value)| value)
    }

    /// Whether there is a value under a key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.place(key).is_some()
    }

    /// Puts a value under a key: in the place of the one that is there, or
    /// behind all others.
    pub fn insert(&mut self, key: impl Into<Text>, value: Value) -> Option<Value> {
        let key = key.into();
        let known = match &mut self.places {
            None => self.place(&key),
            Some(places) => match places.entry(key.clone()) {
                Entry::Occupied(known) => Some(*known.get()),
                Entry::Vacant(new) => {
                    new.insert(self.members.len());
                    None
                }
            },
        };
        if let Some((_, own)) = known.and_then(|place| self.members.get_mut(place)) {
            return Some(std::mem::replace(own, value));
        }
        self.members.push((key, value));
        if self.places.is_none() {
            self.index();
        }
        None
    }

    /// Takes a value out; the others keep their order, and move up one by one.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let (_, value) = self.members.remove(self.place(key)?);
        self.index();
        Some(value)
    }

    /// Each key and its value.
    pub fn iter(&self) -> Iter<'_> {
        self.members.iter().map(|(key, value)| (key, value))
    }

    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Text> {
        self.members.iter().map(|(key, _)| key)
    }

    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.members.iter().map(|(_, value)| value)
    }
}

impl<K: Into<Text>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(members: I) -> Self {
        let members = members.into_iter();
        let mut map = Self {
            members: Vec::with_capacity(members.size_hint().0),
            places: None,
        };
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
        self.members.into_iter()
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
