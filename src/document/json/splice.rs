//! Operations as edits of a JSON text, in the layout around them.

use std::ops::Range;

use json_patch::jsonptr::Pointer;
use serde_json::Value;

use super::layout::Layout;
use crate::document::tree::{Kind, Node};
use crate::operations::Operation;
use crate::text::edit::TextEdit;

/// The edit that an operation is in a text with this layout; nothing if there is
/// no such place. `finish` is done to what is written.
pub fn edit(
    layout: &Layout<'_>,
    operation: &Operation,
    finish: &dyn Fn(TextEdit) -> TextEdit,
) -> Option<TextEdit> {
    let (text, tree) = (layout.text, layout.tree);
    let replaced = |node: &Node, new| finish(TextEdit::replace(node.span.clone(), new));
    match operation {
        Operation::List { list, remove, add } => {
            let node = tree.exact(list)?;
            let Kind::Array(items) = &node.kind else {
                let edit = replaced(node, layout.wrap(node, remove.is_empty(), add));
                let new = &edit.parts().first()?.text;
                let own = text.get(node.span.clone())?;
                let around = new.split_once(own).filter(|_| remove.is_empty());
                return match around {
                    // What is inside of the value may be edited too.
                    Some((lead, rest)) => TextEdit::all([
                        TextEdit::insert(node.span.start, lead),
                        TextEdit::insert(node.span.end, rest),
                    ]),
                    None => Some(edit),
                };
            };
            let mut places = node.children();
            if add.is_empty() {
                return remove_items(&places, remove);
            }
            let Some(last) = places.last() else {
                let indent = layout.indent_at(node.span.start);
                let text = layout.write(&add.as_slice().into(), &indent, &[]);
                return Some(replaced(node, text));
            };
            let separator = layout.separator(node);
            let indent = layout.indent_after(node, &separator);
            let examples: Vec<&Node> = items.iter().collect();
            let new = add.iter().map(|value| {
                let value = layout.write(value, &indent, &examples);
                format!("{separator}{value}")
            });
            let added = finish(TextEdit::insert(last.end, new.collect::<String>()));
            let next = last.end + separator.len();
            places.push(next..next);
            Some(added.then(&remove_items(&places, remove)?))
        }
        Operation::Member { object, key, value } => {
            let mut path = object.clone();
            path.push_back(key.as_str());
            let examples = like_places(tree, &path);
            let edit = add_member(layout, tree.exact(object)?, key, value, &examples)?;
            Some(finish(edit))
        }
        Operation::Whole(value) => {
            let indent = layout.indent_at(tree.span.start);
            Some(replaced(tree, layout.write(value, &indent, &[tree])))
        }
    }
}

/// Each item with the comma and the white space that set it apart: those behind
/// it, or, for the last one, those before it. `remove` is in order.
fn remove_items(items: &[Range<usize>], remove: &[usize]) -> Option<TextEdit> {
    let edit = |neighbours: &[usize]| {
        let (first, last) = (*neighbours.first()?, *neighbours.last()?);
        let own = items.get(first)?.start..items.get(last)?.end;
        let before = first.checked_sub(1).and_then(|at| items.get(at));
        Some(TextEdit::delete(match (before, items.get(last + 1)) {
            (_, Some(next)) => own.start..next.start,
            (Some(before), None) => before.end..own.end,
            (None, None) => own,
        }))
    };
    let runs = remove.chunk_by(|one, next| one + 1 == *next);
    TextEdit::all(runs.map(edit).collect::<Option<Vec<_>>>()?)
}

fn add_member<'t>(
    layout: &Layout<'t>,
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
