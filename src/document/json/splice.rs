//! Operations of a JSON Patch as edits of the text, in the layout around them.

use json_patch::jsonptr::Pointer;
use json_patch::{AddOperation, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::Value;

use super::layout::{self, Layout};
use super::seek::Tail;
use crate::document::text::{TextEdit, append};
use crate::document::tree::{Kind, Node, Tree};

/// The edits that a run of operations is in this text, in its order and
/// disjoint; nothing if there is no such place.
#[must_use]
pub fn text_edits(
    text: &str,
    tree: &Tree,
    value: &Value,
    run: &[PatchOperation],
) -> Option<Vec<TextEdit>> {
    if let Some((array, _)) = append(run.first()?) {
        let values = run.iter().filter_map(append).map(|(_, value)| value);
        let values: Vec<&Value> = values.collect();
        let edit = tree
            .tail(text, array)
            .and_then(|tail| append_scalars(text, tail, &values));
        let edit = edit.or_else(|| {
            let root = tree.root(text);
            append_values(Layout::new(text, root), root.exact(array)?, &values)
        });
        return Some(vec![edit?]);
    }
    let tree = tree.root(text);
    let layout = Layout::new(text, tree);
    let edit = match run.first()? {
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
            let text = match (new, value.pointer(path.as_str())?) {
                (Value::Array(items), old) if !old.is_array() && items.first() == Some(old) => {
                    layout.wrap(node, &items[1..])
                }
                _ => layout.write(new, layout.indent_at(node.span.start), &[node]),
            };
            Some(TextEdit {
                range: node.span.clone(),
                text,
            })
        }
        PatchOperation::Remove(RemoveOperation { path }) => {
            let (container, _) = path.split_back()?;
            let children = run.iter().filter_map(removal).map(|(_, child)| child);
            return remove_children(tree.exact(container)?, children);
        }
        _ => None,
    };
    Some(vec![edit?])
}

/// How many of the operations, from the first, are one run: appends to one
/// array, or removals from one, the last item first, so that each index is
/// that of the text as it is.
#[must_use]
pub fn run_length(operations: &[PatchOperation]) -> usize {
    let index = |child: &str| child.parse::<usize>().ok();
    let Some((array, child)) = operations.first().and_then(removal) else {
        return crate::document::text::run_length(operations);
    };
    let mut above = index(&child);
    let rest = operations.iter().skip(1).map_while(removal);
    1 + rest
        .take_while(|(other, child)| {
            let own = index(child);
            let is_next = *other == array && own.is_some() && own < above;
            above = own;
            is_next
        })
        .count()
}

/// The container that an operation takes something out of, and the key or
/// index of it.
fn removal(operation: &PatchOperation) -> Option<(&Pointer, String)> {
    let PatchOperation::Remove(RemoveOperation { path }) = operation else {
        return None;
    };
    let (container, child) = path.split_back()?;
    Some((container, child.decoded().into_owned()))
}

/// Each child with the comma and the white space that set it apart: those
/// behind it, or, for the last one, those before it.
fn remove_children(container: &Node, names: impl Iterator<Item = String>) -> Option<Vec<TextEdit>> {
    let place = |child: &String| match &container.kind {
        Kind::Scalar => None,
        Kind::Array(_) => child.parse::<usize>().ok(),
        Kind::Object(members) => members.iter().position(|member| member.key == *child),
    };
    let mut places = names
        .map(|child| place(&child))
        .collect::<Option<Vec<_>>>()?;
    places.sort_unstable();
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
        Some(TextEdit {
            range,
            text: String::new(),
        })
    };
    let runs = places.chunk_by(|one, next| one + 1 == *next);
    runs.map(edit).collect()
}

/// Appends where one look at the end of the array tells how.
fn append_scalars(text: &str, array: Tail, values: &[&Value]) -> Option<TextEdit> {
    if values
        .iter()
        .any(|value| value.is_array() || value.is_object())
    {
        return None;
    }
    let Tail { span, before, last } = array;
    let last = last?;
    let tail = [before, Some(last.clone())];
    let separator = layout::separator(text, span.start, tail.iter().flatten())?;
    let values = values.iter().map(|value| format!("{separator}{value}"));
    Some(TextEdit::insert(last.end, values.collect()))
}

fn append_values<'t>(layout: Layout<'t>, array: &'t Node, values: &[&Value]) -> Option<TextEdit> {
    let Kind::Array(nodes) = &array.kind else {
        return None;
    };
    let examples: Vec<&Node> = nodes.iter().collect();
    let Some(last) = nodes.last() else {
        let values = Value::Array(values.iter().copied().cloned().collect());
        let text = layout.write(&values, layout.indent_at(array.span.start), &[]);
        return Some(TextEdit {
            range: array.span.clone(),
            text,
        });
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
        return Some(TextEdit {
            range: object.span.clone(),
            text: layout.write(&whole, indent_of_object, &[]),
        });
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
