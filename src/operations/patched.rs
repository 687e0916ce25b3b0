//! One operation of a JSON Patch, done to a value.

use json_patch::jsonptr::Pointer;
use json_patch::{AddOperation, PatchOperation, RemoveOperation, ReplaceOperation};

use crate::value::{Value, index};

/// Does what the operation says (RFC 6902, section 4), if there is such a place
/// in the value. Policies are edited by `add`, `remove` and `replace` alone.
pub fn apply(value: &mut Value, operation: &PatchOperation) -> Option<()> {
    match operation {
        PatchOperation::Add(AddOperation { path, value: new }) => add(value, path, new.into()),
        PatchOperation::Remove(RemoveOperation { path }) => remove(value, path),
        PatchOperation::Replace(ReplaceOperation { path, value: new }) => {
            *value.pointer_mut(path.as_str())? = new.into();
            Some(())
        }
        _ => None,
    }
}

fn add(value: &mut Value, path: &Pointer, new: Value) -> Option<()> {
    let Some((container, child)) = path.split_back() else {
        *value = new;
        return Some(());
    };
    match value.pointer_mut(container.as_str())? {
        Value::Array(items) => {
            let index = child.to_index().ok()?.for_len_incl(items.len()).ok()?;
            items.insert(index, new);
        }
        Value::Object(members) => {
            members.insert(&*child.decoded(), new);
        }
        _ => return None,
    }
    Some(())
}

fn remove(value: &mut Value, path: &Pointer) -> Option<()> {
    let (container, child) = path.split_back()?;
    match value.pointer_mut(container.as_str())? {
        Value::Array(items) => {
            let index = index(&child, items.len())?;
            items.remove(index);
        }
        Value::Object(members) => {
            members.remove(&child.decoded())?;
        }
        _ => return None,
    }
    Some(())
}
