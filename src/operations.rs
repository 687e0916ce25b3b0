//! RFC 6902 operations on a policy's value. Those on one list are kept as one:
//! there may be a hundred thousand of them.

mod patched;
mod texts;

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, PatchOperation, RemoveOperation};

pub use texts::Texts;

use crate::value::Value;

/// One operation, or those on one list.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// Texts at the end of an array.
    Append {
        array: PointerBuf,
        values: Texts,
    },
    /// Items out of an array.
    TakeOut {
        array: PointerBuf,
        /// The items, from the last to the first, so that the places of the
        /// others stay.
        indices: Vec<usize>,
    },
    Other(PatchOperation),
}

impl Operation {
    /// As RFC 6902 has it.
    pub fn patch(&self) -> Vec<PatchOperation> {
        match self {
            Self::Append { array, values } => {
                let mut path = array.clone();
                path.push_back("-");
                let add = |value: &str| {
                    let (path, value) = (path.clone(), value.into());
                    PatchOperation::Add(AddOperation { path, value })
                };
                values.iter().map(add).collect()
            }
            Self::TakeOut { array, indices } => {
                let remove = |index: &usize| {
                    let mut path = array.clone();
                    path.push_back(*index);
                    PatchOperation::Remove(RemoveOperation { path })
                };
                indices.iter().map(remove).collect()
            }
            Self::Other(operation) => vec![operation.clone()],
        }
    }

    /// Does to a value what the patch does, but in one pass over a list.
    ///
    /// # Errors
    /// If there is no such place in the value, or no list where one is meant:
    /// to an object a patch would add a member `-`. What was done of it is not
    /// undone.
    pub fn apply(&self, value: &mut Value) -> Result<(), String> {
        let no_array = |array: &PointerBuf| format!("no array at {array}");
        match self {
            Self::Append { array, values } => {
                let items = items(value, array).ok_or_else(|| no_array(array))?;
                items.reserve_exact(values.iter().len());
                items.extend(values.shared().map(Value::from));
            }
            Self::TakeOut { array, indices } => {
                let items = items(value, array).ok_or_else(|| no_array(array))?;
                let is_in_order = indices.is_sorted_by(|one, next| one > next);
                if !is_in_order || indices.first().is_some_and(|last| *last >= items.len()) {
                    return Err(format!("no such items in the array at {array}"));
                }
                let mut goes = indices.iter().rev().peekable();
                let mut at = 0;
                items.retain(|_| {
                    let stays = goes.next_if_eq(&&at).is_none();
                    at += 1;
                    stays
                });
            }
            Self::Other(operation) => {
                patched::apply(value, operation)
                    .ok_or_else(|| format!("cannot be done here: {operation}"))?;
            }
        }
        Ok(())
    }
}

fn items<'v>(value: &'v mut Value, array: &PointerBuf) -> Option<&'v mut Vec<Value>> {
    value.pointer_mut(array.as_str())?.as_array_mut()
}

impl From<PatchOperation> for Operation {
    fn from(operation: PatchOperation) -> Self {
        Self::Other(operation)
    }
}

/// Operations, in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Operations(Vec<Operation>);

impl Operations {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One more, if it does anything.
    pub fn push(&mut self, operation: impl Into<Operation>) {
        let operation = operation.into();
        let is_nothing = match &operation {
            Operation::Append { values, .. } => values.is_empty(),
            Operation::TakeOut { indices, .. } => indices.is_empty(),
            Operation::Other(_) => false,
        };
        if !is_nothing {
            self.0.push(operation);
        }
    }

    /// Each of them, those on one list as one.
    pub fn iter(&self) -> std::slice::Iter<'_, Operation> {
        self.0.iter()
    }

    /// As RFC 6902 has them.
    pub fn patch(&self) -> Vec<PatchOperation> {
        self.0.iter().flat_map(Operation::patch).collect()
    }

    /// Does to a value what the patch does.
    ///
    /// # Errors
    /// As each of them.
    pub fn apply(&self, value: &mut Value) -> Result<(), String> {
        self.0.iter().try_for_each(|one| one.apply(value))
    }
}

impl IntoIterator for Operations {
    type Item = Operation;
    type IntoIter = std::vec::IntoIter<Operation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'o> IntoIterator for &'o Operations {
    type Item = &'o Operation;
    type IntoIter = std::slice::Iter<'o, Operation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Into<Operation>> FromIterator<T> for Operations {
    fn from_iter<I: IntoIterator<Item = T>>(operations: I) -> Self {
        let mut all = Self::default();
        all.extend(operations);
        all
    }
}

impl<T: Into<Operation>> Extend<T> for Operations {
    fn extend<I: IntoIterator<Item = T>>(&mut self, operations: I) {
        operations.into_iter().for_each(|one| self.push(one));
    }
}

#[cfg(test)]
mod tests {
    use json_patch::ReplaceOperation;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn operation() -> impl Strategy<Value = Operation> {
        let array = prop::sample::select(vec!["/a", "/b", "/a/0", "/c"]);
        let values = prop::collection::vec("[a-c]{1,2}", 1..4);
        let indices = prop::collection::vec(0..6_usize, 1..4);
        let path = "(/[abcd])?(/([0-3]|01|-|x|x~1y|))?";
        (array, path, values, indices, 0..5).prop_map(|(array, path, values, indices, kind)| {
            let array = PointerBuf::parse(array).unwrap();
            let path = PointerBuf::parse(path).unwrap();
            let value = json!({ "x": values, "c": null });
            match kind {
                0 => {
                    let values = values.iter().collect();
                    Operation::Append { array, values }
                }
                1 => Operation::TakeOut { array, indices },
                2 => PatchOperation::Add(AddOperation { path, value }).into(),
                3 => PatchOperation::Replace(ReplaceOperation { path, value }).into(),
                _ => PatchOperation::Remove(RemoveOperation { path }).into(),
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
            // Items that are not named from the last to the first are refused.
            let is_in_order = |operation: &Operation| match operation {
                Operation::TakeOut { indices, .. } => indices.is_sorted_by(|one, next| one > next),
                _ => true,
            };
            prop_assume!(operations.iter().all(is_in_order));
            let operations: Operations = operations.into_iter().collect();
            let patch = operations.patch();
            let done = operations.apply(&mut own);
            let is_patched = json_patch::patch(&mut patched, &patch).is_ok();
            if done.is_ok() {
                prop_assert!(is_patched);
                prop_assert_eq!(own, patched);
            } else if operations.iter().all(|one| matches!(one, Operation::Other(_))) {
                prop_assert!(!is_patched);
            }
        }
    }

    #[test]
    fn texts_for_an_object_are_refused() {
        let array = PointerBuf::parse("/a").unwrap();
        let values = ["b"].iter().collect();
        let append = Operation::Append { array, values };
        assert!(append.apply(&mut json!({ "a": {} }).into()).is_err());
    }

    #[test]
    fn items_in_another_order_are_refused() {
        for indices in [vec![0, 1], vec![1, 1], vec![3]] {
            let array = PointerBuf::new();
            let operation = Operation::TakeOut { array, indices };
            assert!(operation.apply(&mut json!([1, 2, 3]).into()).is_err());
        }
    }
}
