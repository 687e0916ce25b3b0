//! Operations of a JSON Patch as edits of the text, in the layout around them.

use json_patch::jsonptr::Pointer;
use json_patch::{AddOperation, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::Value;

use super::layout::Layout;
use crate::document::text::{TextEdit, append};
use crate::document::tree::{Kind, Node};

/// The edit that a run of operations is in this text; nothing if there is no
/// such place.
#[must_use]
pub fn text_edit(
    text: &str,
    tree: &Node,
    value: &Value,
    run: &[PatchOperation],
) -> Option<TextEdit> {
    let layout = Layout::new(text, tree);
    if let Some((array, _)) = append(run.first()?) {
        let values: Vec<&Value> = run
            .iter()
            .filter_map(append)
            .map(|(_, value)| value)
            .collect();
        return append_values(layout, exact(tree, array)?, &values);
    }
    match run.first()? {
        PatchOperation::Add(AddOperation { path, value }) => {
            let (object, key) = path.split_back()?;
            let examples = like_places(tree, path);
            add_member(
                layout,
                exact(tree, object)?,
                &key.decoded(),
                value,
                &examples,
            )
        }
        PatchOperation::Replace(ReplaceOperation { path, value: new }) => {
            let node = exact(tree, path)?;
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
            let (container, child) = path.split_back()?;
            remove_child(exact(tree, container)?, &child.decoded())
        }
        _ => None,
    }
}

/// A child with the comma and the white space that set it apart: those behind
/// it, or, for the last one, those before it.
fn remove_child(container: &Node, child: &str) -> Option<TextEdit> {
    let at = match &container.kind {
        Kind::Scalar => None,
        Kind::Array(_) => child.parse::<usize>().ok(),
        Kind::Object(members) => members.iter().position(|member| member.key == child),
    }?;
    let children = container.children();
    let own = children.get(at)?.clone();
    let range = match (
        at.checked_sub(1).and_then(|at| children.get(at)),
        children.get(at + 1),
    ) {
        (_, Some(next)) => own.start..next.start,
        (Some(before), None) => before.end..own.end,
        (None, None) => own,
    };
    Some(TextEdit {
        range,
        text: String::new(),
    })
}

pub(in crate::document) fn exact<'t>(tree: &'t Node, pointer: &Pointer) -> Option<&'t Node> {
    pointer
        .tokens()
        .try_fold(tree, |node, token| node.child(&token.decoded()))
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
