//! Operations as edits of a Terraform file, in the layout around them.

use std::collections::{BTreeMap, BTreeSet};

use json_patch::jsonptr::Pointer;
use serde_json::Value;

use super::array::{Arrays, Draft, Place, is_own_line};
use super::heredoc::keep_markers;
use super::list::{account_of, check_fits};
use super::statement;
use super::trivia::{indent_at, line_end, newline, skip_trivia};
use super::write::Writer;
use crate::document::error::ApplyError;
use crate::document::text::line_start;
use crate::document::tree::{Form, Kind, Node};
use crate::operations::Operation;
use crate::text::edit::TextEdit;

/// The edit that an operation is; nothing if there is no such place.
pub fn edit(
    writer: &Writer<'_>,
    arrays: &Arrays,
    operation: &Operation,
) -> Result<Option<TextEdit>, ApplyError> {
    let (host, tree) = (writer.host, writer.tree);
    let edit = match operation {
        Operation::List { list, remove, add } => {
            return list_edit(writer, arrays, list, remove, add);
        }
        Operation::Member { object, key, value } => {
            tree.exact(object).and_then(|node| match node.form {
                Form::Blocks => statement::add_conditions(writer, tree, object, key, value),
                _ => add_member(writer, arrays, node, key, value),
            })
        }
        Operation::Whole(_) => None,
    };
    let marked = |edit| keep_markers(host, edit, &arrays.heredocs, newline(host));
    Ok(edit.map(marked))
}

/// The edit of a list that some items go from, by their places in order, and
/// some come to. The items of a list that is put together of several are where
/// these are written.
fn list_edit(
    writer: &Writer<'_>,
    arrays: &Arrays,
    pointer: &Pointer,
    remove: &[usize],
    add: &[Value],
) -> Result<Option<TextEdit>, ApplyError> {
    let (host, newline) = (writer.host, newline(writer.host));
    let Some(node) = writer.tree.exact(pointer) else {
        return Ok(None);
    };
    let Kind::Array(items) = &node.kind else {
        return Ok(wrap(writer, arrays, node, !remove.is_empty(), add));
    };
    check_fits(node, add, writer.holes)?;
    let mut edits = Vec::new();
    // What goes from each array, and what comes to one.
    let mut parts: BTreeMap<usize, (BTreeSet<usize>, &[Value])> = BTreeMap::new();
    if node.form == Form::Blocks && !add.is_empty() {
        edits.push(statement::insert(writer, node, add));
    } else if !add.is_empty() {
        let own = arrays.places.iter().rposition(|own| own.span == node.span);
        let own = own.ok_or_else(|| ApplyError::Unwritable {
            message: format!(
                "the list at {pointer} is put together by an expression that does not end in a list of its own"
            ),
            help: "add it by hand to the list where it belongs",
        })?;
        parts.entry(own).or_default().1 = add;
    }
    let elements = arrays.elements();
    for item in remove.iter().rev().map(|index| items.get(*index)) {
        let Some(item) = item else { return Ok(None) };
        if item.form == Form::Blocks {
            edits.push(Some(statement::remove(host, &item.span)));
        } else if let Some((array, index)) = elements.get(&(item.span.start, item.span.end)) {
            // One text may be several items: `concat(local.a, local.a)`.
            parts.entry(*array).or_default().0.insert(*index);
        } else if let Some(origin) = &item.origin {
            return Err(ApplyError::Unwritable {
                message: format!(
                    "what is to be removed is {}, which is written on its own",
                    origin.name
                ),
                help: "take the name out where it is used, by hand",
            });
        } else {
            return Ok(None);
        }
    }
    edits.extend(parts.into_iter().map(|(own, (remove, add))| {
        let place = &arrays.places[own];
        let mut draft = Draft::new(host, place, &arrays.heredocs, newline);
        if !add.is_empty() {
            let texts = texts(writer, place, node, add);
            draft.append(&texts, matches!(add, [Value::Object(_), ..]))?;
        }
        let mut remove = remove.into_iter().rev();
        remove.try_for_each(|index| draft.remove(index))?;
        Some(draft.finish())
    }));
    Ok(edits
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .and_then(TextEdit::all))
}

/// Values as they are written at the end of a list.
fn texts(writer: &Writer<'_>, place: &Place, node: &Node, values: &[Value]) -> Vec<String> {
    let host = writer.host;
    let indent = match place.elements.last() {
        // `}, {`: as the brace that closes the one before.
        Some(last) if !is_own_line(host, last.start) => indent_at(host, last.end).to_owned(),
        Some(last) => indent_at(host, last.start).to_owned(),
        None => format!("{}  ", indent_at(host, place.span.start)),
    };
    let examples: Vec<&Node> = match &node.kind {
        Kind::Array(nodes) => nodes.iter().collect(),
        _ => Vec::new(),
    };
    let text = |value: &Value| match (&node.form, value) {
        (Form::Accounts { prefix, suffix }, Value::String(arn)) => {
            let account = account_of(arn, prefix, suffix);
            format!("\"{}\"", account.unwrap_or_default())
        }
        _ => writer.value(value, &indent, &examples),
    };
    values.iter().map(text).collect()
}

/// A value's own text, unless it goes, and more values, as a list.
fn wrap(
    writer: &Writer<'_>,
    arrays: &Arrays,
    node: &Node,
    goes: bool,
    more: &[Value],
) -> Option<TextEdit> {
    let host = writer.host;
    let own = &host[node.span.clone()];
    let indent = indent_at(host, node.span.start).to_owned();
    let is_object = matches!(node.kind, Kind::Object(_));
    let newline = newline(host);
    let mut multiline = !is_object && own.contains('\n');
    let texts: Vec<String> = more
        .iter()
        .map(|value| writer.value(value, &indent, &[node]))
        .collect();
    let column = node.span.start - line_start(host, node.span.start);
    let width = column + own.len() + texts.iter().map(|text| text.len() + 2).sum::<usize>() + 2;
    // In a string of a JSON file, a line is long as it is.
    multiline |= !is_object && width > 120 && host.trim_end().contains('\n');
    let (open, separator, close) = if multiline {
        (
            format!("[{newline}{indent}  "),
            format!(",{newline}{indent}  "),
            format!(",{newline}{indent}]"),
        )
    } else {
        ("[".to_owned(), ", ".to_owned(), "]".to_owned())
    };
    let behind: Vec<String> = texts
        .iter()
        .flat_map(|text| [separator.clone(), text.clone()])
        .collect();
    let edit = TextEdit::all([
        TextEdit::insert(node.span.start, open),
        TextEdit::insert(node.span.end, behind.concat() + &close),
    ]);
    let mut draft = Draft::wrapped(host, &node.span, &arrays.heredocs, newline, edit?, &texts)?;
    if goes {
        draft.remove(0)?;
    }
    Some(draft.finish())
}

/// A member at the end of an object.
fn add_member(
    writer: &Writer<'_>,
    arrays: &Arrays,
    object: &Node,
    key: &str,
    value: &Value,
) -> Option<TextEdit> {
    let Kind::Object(members) = &object.kind else {
        return None;
    };
    let host = writer.host;
    let newline = newline(host);
    let Some(last) = members.last() else {
        let indent = indent_at(host, object.span.start);
        let inner = format!("{indent}  ");
        let member = writer.member(key, value, &inner, &[object]);
        let text = format!("{{{newline}{inner}{member}{newline}{indent}}}");
        return Some(TextEdit::replace(object.span.clone(), text));
    };
    let indent = indent_at(host, last.key_span.start).to_owned();
    let end = *arrays.objects.get(&object.span.start)?;
    let comma = skip_trivia(host, end);
    let has_comma = host[comma..].starts_with(',');
    let line_end = line_end(host, if has_comma { comma + 1 } else { end }).unwrap_or(host.len());
    let member = writer.member(key, value, &indent, &[object]);
    let before = host.get(object.span.start..last.key_span.start);
    let is_one_line = before.is_some_and(|text| !text.contains('\n'));
    if is_one_line || line_end >= object.span.end - 1 {
        let at = if has_comma { comma + 1 } else { end };
        let separator = if has_comma { " " } else { ", " };
        return Some(TextEdit::insert(at, format!("{separator}{member}")));
    }
    let comma = if has_comma { "," } else { "" };
    let text = format!("{newline}{indent}{member}{comma}");
    Some(TextEdit::insert(line_end, text))
}
