//! What becomes of a policy's value. Each operation refers to the value as it
//! was, so that all can be done at once.

use std::cmp::Reverse;

use json_patch::jsonptr::{Pointer, PointerBuf};
use json_patch::{AddOperation, PatchOperation, RemoveOperation, ReplaceOperation};

use crate::value::Value;

#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// Items go from a list, and others come to its end.
    List {
        /// The list; or a value that stands for a list of it alone, and becomes
        /// one.
        list: PointerBuf,
        /// The items that go, in the order of the list.
        remove: Vec<usize>,
        /// The items that come.
        add: Vec<serde_json::Value>,
    },
    /// A member comes to an object that has none of this key.
    Member {
        object: PointerBuf,
        key: String,
        value: serde_json::Value,
    },
    /// Another policy comes in the place of the whole.
    Whole(serde_json::Value),
}

impl Operation {
    /// Puts items at the end of a list.
    pub fn append(list: PointerBuf, add: Vec<serde_json::Value>) -> Self {
        let remove = Vec::new();
        Self::List { list, remove, add }
    }

    /// Takes items out of a list.
    pub fn take_out(list: PointerBuf, remove: Vec<usize>) -> Self {
        let add = Vec::new();
        Self::List { list, remove, add }
    }

    /// The list or the object that it changes.
    pub fn target(&self) -> &Pointer {
        match self {
            Self::List { list, .. } => list,
            Self::Member { object, .. } => object,
            Self::Whole(_) => Pointer::root(),
        }
    }

    /// Does it to a value.
    ///
    /// # Errors
    /// If there is no such place in the value.
    pub fn apply(&self, value: &mut Value) -> Result<(), String> {
        let no_place = || format!("no such place: {}", self.target());
        let target = value.pointer_mut(self.target().as_str());
        let target = target.ok_or_else(no_place)?;
        match self {
            Self::List { remove, add, .. } => {
                if target.as_array().is_none() {
                    *target = Value::Array(vec![std::mem::take(target)]);
                }
                let items = target.as_array_mut().ok_or_else(no_place)?;
                let is_in_order = remove.is_sorted_by(|one, next| one < next);
                if !is_in_order || remove.last().is_some_and(|last| *last >= items.len()) {
                    return Err(no_place());
                }
                let mut goes = remove.iter().peekable();
                let mut at = 0;
                items.retain(|_| {
                    let stays = goes.next_if_eq(&&at).is_none();
                    at += 1;
                    stays
                });
                items.extend(add.iter().map(Value::from));
            }
            Self::Member { key, value, .. } => {
                let Value::Object(members) = target else {
                    return Err(no_place());
                };
                members.insert(key.clone(), value.into());
            }
            Self::Whole(value) => *target = value.into(),
        }
        Ok(())
    }
}

/// Operations at different places.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Operations(Vec<Operation>);

impl Operations {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One more, if it does anything. Those on one list become one.
    pub fn push(&mut self, operation: Operation) {
        let Operation::List { list, remove, add } = operation else {
            self.0.push(operation);
            return;
        };
        let same = self.0.iter_mut().find_map(|own| match own {
            Operation::List {
                list: own,
                remove,
                add,
            } if *own == list => Some((remove, add)),
            _ => None,
        });
        match same {
            Some((own_remove, own_add)) => {
                own_remove.extend(remove);
                own_remove.sort_unstable();
                own_remove.dedup();
                own_add.extend(add);
            }
            None if remove.is_empty() && add.is_empty() => {}
            None => self.0.push(Operation::List { list, remove, add }),
        }
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Operation> {
        self.0.iter()
    }

    /// The items that are taken out, each with its list, from the last to the
    /// first.
    pub fn taken_out(&self) -> impl Iterator<Item = (&Pointer, usize)> {
        self.0.iter().flat_map(|operation| match operation {
            Operation::List { list, remove, .. } => {
                let items = remove.iter().rev();
                items.map(|index| (&**list, *index)).collect()
            }
            _ => Vec::new(),
        })
    }

    /// Whether something changes at a place or inside of it.
    pub fn touch(&self, at: &Pointer) -> bool {
        self.0.iter().any(|operation| {
            let target = operation.target();
            target.starts_with(at)
                || at.split_back().is_some_and(|(list, _)| list == target)
                    && self.taken_out().any(|(list, index)| {
                        let mut item = list.to_buf();
                        item.push_back(index);
                        *item == *at
                    })
        })
    }

    /// They in an order in which none moves what another is about: what stands
    /// inside of another's target comes first.
    fn inner_first(&self) -> Vec<&Operation> {
        let mut all: Vec<&Operation> = self.0.iter().collect();
        all.sort_by_key(|own| Reverse(own.target().count()));
        all
    }

    /// As RFC 6902 has them, for this value: of each list what comes, and then
    /// what goes.
    pub fn patch(&self, value: &Value) -> Vec<PatchOperation> {
        let mut value = value.clone();
        let mut patch = Vec::new();
        for own in self.inner_first() {
            patch.extend(added(own, &value));
            patch.extend(removed(own));
            // Where it does not apply, the patch does not either.
            let _ = own.apply(&mut value);
        }
        patch
    }

    /// Does them to a value.
    ///
    /// # Errors
    /// If there is no such place in the value. What was done of them is not
    /// undone.
    pub fn apply(&self, value: &mut Value) -> Result<(), String> {
        let mut all = self.inner_first().into_iter();
        all.try_for_each(|one| one.apply(value))
    }
}

/// What an operation takes out, as RFC 6902 has it.
fn removed(operation: &Operation) -> Vec<PatchOperation> {
    let Operation::List { list, remove, .. } = operation else {
        return Vec::new();
    };
    let removed = remove.iter().rev().map(|index| {
        let mut path = list.clone();
        path.push_back(*index);
        PatchOperation::Remove(RemoveOperation { path })
    });
    removed.collect()
}

/// What an operation adds or replaces, as RFC 6902 has it.
fn added(operation: &Operation, value: &Value) -> Vec<PatchOperation> {
    let below = |target: &PointerBuf, key: &str| {
        let mut path = target.clone();
        path.push_back(key);
        path
    };
    match operation {
        Operation::List { list, add, .. } => match value.pointer(list.as_str()) {
            Some(single) if single.as_array().is_none() => {
                let first = std::iter::once(single.into());
                let (path, value) = (list.clone(), first.chain(add.iter().cloned()).collect());
                vec![PatchOperation::Replace(ReplaceOperation { path, value })]
            }
            _ => {
                let path = below(list, "-");
                let add = add.iter().cloned().map(|value| {
                    let path = path.clone();
                    PatchOperation::Add(AddOperation { path, value })
                });
                add.collect()
            }
        },
        Operation::Member { object, key, value } => {
            let (path, value) = (below(object, key), value.clone());
            vec![PatchOperation::Add(AddOperation { path, value })]
        }
        Operation::Whole(value) => {
            let (path, value) = (PointerBuf::new(), value.clone());
            vec![PatchOperation::Replace(ReplaceOperation { path, value })]
        }
    }
}

impl<'o> IntoIterator for &'o Operations {
    type Item = &'o Operation;
    type IntoIter = std::slice::Iter<'o, Operation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Operations {
    type Item = Operation;
    type IntoIter = std::vec::IntoIter<Operation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<Operation> for Operations {
    fn from_iter<I: IntoIterator<Item = Operation>>(operations: I) -> Self {
        let mut all = Self::default();
        all.extend(operations);
        all
    }
}

impl Extend<Operation> for Operations {
    fn extend<I: IntoIterator<Item = Operation>>(&mut self, operations: I) {
        operations.into_iter().for_each(|one| self.push(one));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn operation() -> impl Strategy<Value = Operation> {
        let list = prop::sample::select(vec!["/a", "/b", "/c", "/d/x~1y", "/e", "/f/0"]);
        let remove = prop::collection::btree_set(0..6_usize, 0..4);
        let add = prop::collection::vec("[a-c]{1,2}", 0..4);
        (list, remove, add, 0..8).prop_map(|(list, remove, add, kind)| {
            let list = PointerBuf::parse(list).unwrap();
            match kind {
                0 => {
                    let (object, key) = (PointerBuf::parse("/d").unwrap(), "k~".to_owned());
                    let value = json!({ "x": add, "c": null });
                    Operation::Member { object, key, value }
                }
                _ => Operation::List {
                    list,
                    remove: remove.into_iter().collect(),
                    add: add.into_iter().map(Into::into).collect(),
                },
            }
        })
    }

    proptest! {
        #[test]
        fn what_is_done_is_what_the_patch_does(
            length in 0..5_usize,
            operations in prop::collection::vec(operation(), 0..4),
        ) {
            let mut patched = json!({
                "a": vec!["x"; length], "b": [1, null, "y"], "c": "z", "d": { "x/y": 0 },
            });
            let mut own = Value::from(patched.clone());
            let operations: Operations = operations.into_iter().collect();
            let patch = operations.patch(&own);
            if operations.apply(&mut own).is_ok() {
                prop_assert!(json_patch::patch(&mut patched, &patch).is_ok());
                prop_assert_eq!(own, patched);
            }
        }
    }

    #[test]
    fn operations_on_one_list_are_one() {
        let list = || PointerBuf::parse("/a").unwrap();
        let operations: Operations = [
            Operation::append(list(), vec!["x".into()]),
            Operation::take_out(list(), vec![2]),
            Operation::take_out(list(), vec![0]),
            Operation::take_out(PointerBuf::parse("/b").unwrap(), Vec::new()),
        ]
        .into_iter()
        .collect();
        let one = Operation::List {
            list: list(),
            remove: vec![0, 2],
            add: vec!["x".into()],
        };
        assert_eq!(operations.0, [one]);
    }

    /// A value that becomes a list may be edited in the same run.
    #[test]
    fn what_is_inside_of_another_operation_is_done_first() {
        let list = |path| PointerBuf::parse(path).unwrap();
        let operations: Operations = [
            Operation::append(list("/s"), vec!["new".into()]),
            Operation::append(list("/s/a"), vec!["y".into()]),
        ]
        .into_iter()
        .collect();
        let before = json!({ "s": { "a": "x" } });
        let (mut own, mut patched) = (Value::from(before.clone()), before);
        let patch = operations.patch(&own);
        operations.apply(&mut own).unwrap();
        json_patch::patch(&mut patched, &patch).unwrap();
        assert_eq!(patched, json!({ "s": [{ "a": ["x", "y"] }, "new"] }));
        assert_eq!(own, patched);
    }

    #[test]
    fn items_in_another_order_are_refused() {
        for remove in [vec![1, 0], vec![1, 1], vec![3]] {
            let operation = Operation::take_out(PointerBuf::new(), remove);
            assert!(operation.apply(&mut json!([1, 2, 3]).into()).is_err());
        }
    }

    #[test]
    fn a_place_that_is_not_there_is_refused() {
        let list = PointerBuf::parse("/b").unwrap();
        let operation = Operation::append(list, vec!["x".into()]);
        assert!(operation.apply(&mut json!({ "a": [] }).into()).is_err());
        let member = Operation::Member {
            object: PointerBuf::parse("/a").unwrap(),
            key: "b".to_owned(),
            value: json!(0),
        };
        assert!(member.apply(&mut json!({ "a": [] }).into()).is_err());
    }
}
