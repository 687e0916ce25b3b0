//! Operations as edits of a Terraform file, in the layout around them.

use json_patch::{AddOperation, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::Value;

use super::array::{append_texts, find, is_own_line, last_brace, remove};
use super::heredoc::keep_markers;
use super::list::{account_of, check_fits};
use super::statement;
use super::trivia::{indent_at, line_end, newline, skip_trivia};
use super::write::Writer;
use crate::document::error::ApplyError;
use crate::document::found::Body;
use crate::document::holes::Holes;
use crate::document::text::{TextEdit, append, behind, line_start};
use crate::document::tree::{Form, Kind, Node};

/// The edits that a run of operations is; nothing if there is no such place.
pub fn edits(
    host: &str,
    body: &Body,
    run: &[PatchOperation],
    holes: &Holes,
) -> Result<Option<Vec<TextEdit>>, ApplyError> {
    let edits = own_edits(host, body, run, holes)?;
    Ok(edits.map(|edits| keep_markers(host, edits)))
}

fn own_edits(
    host: &str,
    body: &Body,
    run: &[PatchOperation],
    holes: &Holes,
) -> Result<Option<Vec<TextEdit>>, ApplyError> {
    let Some(first) = run.first() else {
        return Ok(None);
    };
    let tree = body.tree.root(host);
    let writer = Writer::new(host, tree, holes);
    if let Some((pointer, _)) = append(first) {
        let values: Vec<&Value> = run.iter().filter_map(append).map(|(_, v)| v).collect();
        return match tree.exact(pointer) {
            Some(node) => {
                check_fits(node, &values, holes)?;
                append_values(&writer, node, &values)
                    .map(Some)
                    .ok_or_else(|| ApplyError::Unwritable {
                        message: format!(
                            "the list at {pointer} is put together by an expression that does not end in a list of its own"
                        ),
                        help: "add it by hand to the list where it belongs",
                    })
            }
            None => Ok(None),
        };
    }
    Ok(match first {
        PatchOperation::Add(AddOperation { path, value }) => path
            .split_back()
            .and_then(|(object, key)| Some((tree.exact(object)?, key.decoded().into_owned())))
            .and_then(|(object, key)| match object.form {
                Form::Blocks => statement::add_conditions(&writer, tree, path, value),
                _ => add_member(&writer, object, &key, value),
            }),
        PatchOperation::Replace(ReplaceOperation { path, value: new }) => {
            let old = body.value.pointer(path.as_str());
            let more = old.and_then(|old| behind(new, old));
            tree.exact(path)
                .and_then(|node| Some(wrap(&writer, node, more?)))
        }
        PatchOperation::Remove(RemoveOperation { path }) => match tree.exact(path) {
            Some(node) if node.form == Form::Blocks => {
                Some(vec![statement::remove(host, &node.span)])
            }
            Some(node) => {
                let edits = remove(host, &node.span);
                if let (None, Some(origin)) = (&edits, &node.origin) {
                    return Err(ApplyError::Unwritable {
                        message: format!(
                            "what is to be removed is {}, which is written on its own",
                            origin.name
                        ),
                        help: "take the name out where it is used, by hand",
                    });
                }
                edits
            }
            None => None,
        },
        _ => None,
    })
}

fn append_values(writer: &Writer<'_>, node: &Node, values: &[&Value]) -> Option<Vec<TextEdit>> {
    if node.form == Form::Blocks {
        return statement::insert(writer, node, values);
    }
    let host = writer.host;
    let place = find(host, &|place| place.span == node.span)?;
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
    let mut texts = Vec::new();
    for value in values {
        let text = match (&node.form, value) {
            (Form::Accounts { prefix, suffix }, Value::String(arn)) => {
                let account = account_of(arn, prefix, suffix);
                format!("\"{}\"", account.unwrap_or_default())
            }
            _ => writer.value(value, &indent, &examples),
        };
        texts.push(text);
    }
    let mut edits = append_texts(host, &place, &texts);
    if let Some(brace) = last_brace(host, &place)
        && matches!(values, [Value::Object(_), ..])
    {
        edits.insert(0, TextEdit::insert(brace, "  ".to_owned()));
    }
    Some(edits)
}

/// A value's own text, and more values, as a list.
fn wrap(writer: &Writer<'_>, node: &Node, more: &[Value]) -> Vec<TextEdit> {
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
    vec![
        TextEdit::insert(node.span.start, open),
        TextEdit::insert(node.span.end, behind.concat() + &close),
    ]
}

/// A member at the end of an object.
fn add_member(
    writer: &Writer<'_>,
    object: &Node,
    key: &str,
    value: &Value,
) -> Option<Vec<TextEdit>> {
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
        return Some(vec![TextEdit {
            range: object.span.clone(),
            text,
        }]);
    };
    let indent = indent_at(host, last.key_span.start).to_owned();
    let end = last.value.span.end;
    let comma = skip_trivia(host, end);
    let has_comma = host[comma..].starts_with(',');
    let line_end = line_end(host, if has_comma { comma + 1 } else { end }).unwrap_or(host.len());
    let member = writer.member(key, value, &indent, &[object]);
    let before = host.get(object.span.start..last.key_span.start);
    let is_one_line = before.is_some_and(|text| !text.contains('\n'));
    if is_one_line || line_end >= object.span.end - 1 {
        let at = if has_comma { comma + 1 } else { end };
        let separator = if has_comma { " " } else { ", " };
        return Some(vec![TextEdit::insert(at, format!("{separator}{member}"))]);
    }
    let comma = if has_comma { "," } else { "" };
    let text = format!("{newline}{indent}{member}{comma}");
    Some(vec![TextEdit::insert(line_end, text)])
}
