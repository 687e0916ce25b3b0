//! Operations of a JSON Patch as edits of the text, in the layout around them.

use std::fmt::Write as _;

use json_patch::jsonptr::Pointer;
use json_patch::{AddOperation, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::Value;

use super::layout::{self, Layout};
use super::seek::Tail;
use crate::document::text::{append, behind};
use crate::document::tree::{Kind, Node, Tree};
use crate::operations::{Operation, Texts};
use crate::text::edit::TextEdit;

/// The edit that an operation is in this text; nothing if there is no such place.
pub fn text_edit(
    text: &str,
    tree: &Tree,
    value: &crate::value::Value,
    operation: &Operation,
) -> Option<TextEdit> {
    match operation {
        Operation::Append { array, values } => {
            let edit = tree
                .tail(text, array)
                .and_then(|tail| append_texts(text, tail, values));
            edit.or_else(|| {
                let values: Vec<Value> = values.iter().map(Value::from).collect();
                append_values(text, tree.root(text), array, &values)
            })
        }
        Operation::TakeOut { array, indices } => {
            let places: Vec<usize> = indices.iter().rev().copied().collect();
            remove_children(tree.root(text).exact(array)?, &places)
        }
        Operation::Other(PatchOperation::Remove(RemoveOperation { path })) => {
            let (container, child) = path.split_back()?;
            let container = tree.root(text).exact(container)?;
            let child = child.decoded();
            let place = match &container.kind {
                Kind::Scalar => None,
                Kind::Array(_) => child.parse::<usize>().ok(),
                Kind::Object(members) => members.iter().position(|member| member.key == child),
            };
            remove_children(container, &[place?])
        }
        Operation::Other(operation) => other_edit(text, tree.root(text), value, operation),
    }
}

fn other_edit(
    text: &str,
    tree: &Node,
    value: &crate::value::Value,
    operation: &PatchOperation,
) -> Option<TextEdit> {
    if let Some((array, value)) = append(operation) {
        return append_values(text, tree, array, std::slice::from_ref(value));
    }
    let layout = Layout::new(text, tree);
    match operation {
        PatchOperation::Add(AddOperation { path, value }) => {
            let (object, key) = path.split_back()?;
            let examples = like_places(tree, path);
            add_member(
                layout,
                tree.exact(object)?,
                &key.decoded(),
                value,
                &examples,
            )
        }
        PatchOperation::Replace(ReplaceOperation { path, value: new }) => {
            let node = tree.exact(path)?;
            let text = match behind(new, value.pointer(path.as_str())?) {
                Some(more) => layout.wrap(node, more),
                None => layout.write(new, &layout.indent_at(node.span.start), &[node]),
            };
            Some(TextEdit::replace(node.span.clone(), text))
        }
        _ => None,
    }
}

/// Each child with the comma and the white space that set it apart: those
/// behind it, or, for the last one, those before it. `places` are in order.
fn remove_children(container: &Node, places: &[usize]) -> Option<TextEdit> {
    let children = container.children();
    let edit = |neighbours: &[usize]| {
        let (first, last) = (*neighbours.first()?, *neighbours.last()?);
        let own = children.get(first)?.start..children.get(last)?.end;
        let before = first.checked_sub(1).and_then(|at| children.get(at));
        let range = match (before, children.get(last + 1)) {
            (_, Some(next)) => own.start..next.start,
            (Some(before), None) => before.end..own.end,
            (None, None) => own,
        };
        Some(TextEdit::delete(range))
    };
    let runs = places.chunk_by(|one, next| one + 1 == *next);
    TextEdit::all(runs.map(edit).collect::<Option<Vec<_>>>()?)
}

/// Appends where one look at the end of the array tells how.
fn append_texts(text: &str, array: Tail, values: &Texts) -> Option<TextEdit> {
    let Tail {
        start,
        before,
        last,
    } = array;
    let tail = [before, Some(last.clone())];
    let separator = layout::separator(text, start, tail.iter().flatten())?;
    let mut new = String::new();
    for value in values.iter() {
        let _ = write!(new, "{separator}{}", Value::from(value));
    }
    Some(TextEdit::insert(last.end, new))
}

fn append_values(text: &str, tree: &Node, array: &Pointer, values: &[Value]) -> Option<TextEdit> {
    let layout = Layout::new(text, tree);
    let array = tree.exact(array)?;
    let Kind::Array(nodes) = &array.kind else {
        return None;
    };
    let examples: Vec<&Node> = nodes.iter().collect();
    let Some(last) = nodes.last() else {
        let text = layout.write(&values.into(), &layout.indent_at(array.span.start), &[]);
        return Some(TextEdit::replace(array.span.clone(), text));
    };
    let separator = layout.separator(array);
    let indent = layout.indent_after(array, &separator);
    let mut text = String::new();
    for value in values {
        text.push_str(&separator);
        text.push_str(&layout.write(value, &indent, &examples));
    }
    Some(TextEdit::insert(last.span.end, text))
}

fn add_member<'t>(
    layout: Layout<'t>,
    object: &'t Node,
    key: &str,
    value: &Value,
    examples: &[&'t Node],
) -> Option<TextEdit> {
    let Kind::Object(members) = &object.kind else {
        return None;
    };
    let indent_of_object = layout.indent_at(object.span.start);
    let whole = Value::Object([(key.to_owned(), value.clone())].into_iter().collect());
    let Some(last) = members.last() else {
        let text = layout.write(&whole, &indent_of_object, &[]);
        return Some(TextEdit::replace(object.span.clone(), text));
    };
    let separator = layout.separator(object);
    let indent = layout.indent_after(object, &separator);
    let colon = layout.colon_in(object);
    let value = layout.write(value, &indent, examples);
    let key = Value::from(key);
    Some(TextEdit::insert(
        last.value.span.end,
        format!("{separator}{key}{colon}{value}"),
    ))
}

/// The nodes at a pointer with any index in place of each of its own.
pub(in crate::document) fn like_places<'t>(tree: &'t Node, pointer: &Pointer) -> Vec<&'t Node> {
    pointer.tokens().fold(vec![tree], |nodes, token| {
        let token = token.decoded();
        let below = |node: &'t Node| match &node.kind {
            Kind::Array(items) => items.iter().collect(),
            _ => node.child(&token).into_iter().collect::<Vec<_>>(),
        };
        nodes.into_iter().flat_map(below).collect()
    })
}
