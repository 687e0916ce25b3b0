//! Statements of `aws_iam_policy_document` as blocks.

use std::ops::Range;

use json_patch::jsonptr::Pointer;
use serde_json::{Map, Value};

use super::trivia::{indent_at, line_end, newline};
use super::write::{Writer, aligned};
use crate::document::tree::{Form, Kind, Node};
use crate::text::edit::TextEdit;

/// A part of a statement block: attributes that stand together, or a block.
type Part = (&'static str, String);

/// Inserts statements behind the last one.
pub fn insert(writer: &Writer<'_>, statements: &Node, values: &[Value]) -> Option<TextEdit> {
    let Kind::Array(nodes) = &statements.kind else {
        return None;
    };
    let host = writer.host;
    let newline = newline(host);
    let own: Vec<&Node> = nodes
        .iter()
        .filter(|node| node.form == Form::Blocks)
        .collect();
    let (at, indent, gap) = if let Some(last) = own.last() {
        let end = last.span.end;
        let at = line_end(host, end).unwrap_or(end);
        let indent = indent_at(host, last.span.start).to_owned();
        (at, indent, gap(host, &own))
    } else {
        let close = statements.span.end - 1;
        let outer = indent_at(host, statements.span.start);
        let at = host[..close].trim_end().len();
        (at, format!("{outer}  "), newline.repeat(2))
    };
    let mut text = String::new();
    for value in values {
        let block = block(writer, value, &indent, own.last().copied())?;
        text.extend([gap.as_str(), &indent, &block]);
    }
    if own.is_empty() && host[at..statements.span.end - 1].find('\n').is_none() {
        text.push_str(newline);
    }
    Some(TextEdit::insert(at, text))
}

/// What stands between two statements: as many empty lines as between the last
/// two.
fn gap(host: &str, nodes: &[&Node]) -> String {
    let newline = newline(host);
    match nodes {
        [.., before, last] => {
            let between = host
                .get(before.span.end..last.span.start)
                .unwrap_or_default();
            let trailing = between.trim_end_matches([' ', '\t']);
            let breaks = trailing.len() - trailing.trim_end_matches(['\r', '\n']).len();
            let lines = (breaks / newline.len()).clamp(1, 2);
            if between.trim().is_empty() {
                newline.repeat(lines)
            } else {
                newline.repeat(2)
            }
        }
        _ => newline.repeat(2),
    }
}

/// A statement block without the indentation of its first line, its parts in
/// the order of the example's.
fn block(
    writer: &Writer<'_>,
    value: &Value,
    indent: &str,
    example: Option<&Node>,
) -> Option<String> {
    let host = writer.host;
    let newline = newline(host);
    let statement = value.as_object()?;
    let inner = format!("{indent}  ");
    let text = example.map_or("", |node| &host[node.span.clone()]);
    let mut attributes: Vec<Part> = Vec::new();
    let mut blocks: Vec<Part> = Vec::new();
    let list = |value: &Value| {
        let items = match value {
            Value::Array(items) => items.clone(),
            other => vec![other.clone()],
        };
        writer.list(&items, &inner, &[])
    };
    for (element, name) in [
        ("Sid", "sid"),
        ("Effect", "effect"),
        ("Action", "actions"),
        ("NotAction", "not_actions"),
        ("Resource", "resources"),
        ("NotResource", "not_resources"),
    ] {
        let Some(value) = statement.get(element) else {
            continue;
        };
        match value {
            Value::String(text) if matches!(name, "sid" | "effect") => {
                attributes.push((name, writer.string(text)));
            }
            other => attributes.push((name, list(other))),
        }
    }
    let has_effect = text.is_empty() || position(text, "effect").is_some();
    if !has_effect && statement.get("Effect").and_then(Value::as_str) == Some("Allow") {
        attributes.retain(|(name, _)| *name != "effect");
    }
    if let Some(principal) = statement.get("Principal") {
        blocks.extend(principals(writer, principal, &inner));
    }
    if let Some(Value::Object(conditions)) = statement.get("Condition") {
        blocks.extend(conditions_of(writer, conditions, &inner));
    }
    Some(assemble(text, &attributes, &blocks, indent, newline))
}

/// Where an attribute or a block of a statement is, in its text.
fn position(text: &str, name: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let word = line.trim_start();
        if word
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with([' ', '=', '{', '\t']))
        {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// Puts the parts together in the example's order, with its empty lines.
fn assemble(
    example: &str,
    attributes: &[Part],
    blocks: &[Part],
    indent: &str,
    newline: &str,
) -> String {
    let inner = format!("{indent}  ");
    // What the example does not have comes where it is by custom: attributes
    // with those before them, blocks at the end.
    let mut last = 0;
    let mut ordered: Vec<(usize, usize, &Part, bool)> = Vec::new();
    for (index, part) in attributes.iter().enumerate() {
        let at = position(example, part.0).unwrap_or(last);
        last = at;
        ordered.push((at, index, part, false));
    }
    for (index, part) in blocks.iter().enumerate() {
        let at = position(example, part.0).unwrap_or(usize::MAX);
        ordered.push((at, attributes.len() + index, part, true));
    }
    ordered.sort_by_key(|(at, index, ..)| (*at, *index));
    let is_spaced = example.is_empty() || {
        let blank = format!("{newline}{newline}");
        example.contains(&blank)
    };
    let mut lines: Vec<String> = Vec::new();
    let mut run: Vec<(String, String)> = Vec::new();
    let flush = |run: &mut Vec<(String, String)>, lines: &mut Vec<String>| {
        lines.extend(aligned(run).iter().map(|line| format!("{inner}{line}")));
        run.clear();
    };
    for (index, (_, _, (name, text), is_block)) in ordered.iter().enumerate() {
        if *is_block {
            flush(&mut run, &mut lines);
            if is_spaced && !lines.is_empty() && lines.last().is_some_and(|line| !line.is_empty()) {
                lines.push(String::new());
            }
            lines.push(format!("{inner}{text}"));
            if is_spaced && index + 1 < ordered.len() {
                lines.push(String::new());
            }
        } else {
            run.push(((*name).to_owned(), text.clone()));
        }
    }
    flush(&mut run, &mut lines);
    format!(
        "statement {{{newline}{}{newline}{indent}}}",
        lines.join(newline)
    )
}

/// `principals { … }` blocks, without the indentation of their first lines.
fn principals(writer: &Writer<'_>, principal: &Value, indent: &str) -> Vec<Part> {
    let kinds: Vec<(String, Vec<Value>)> = match principal {
        Value::Object(kinds) => kinds
            .iter()
            .map(|(kind, names)| match names {
                Value::Array(names) => (kind.clone(), names.clone()),
                other => (kind.clone(), vec![other.clone()]),
            })
            .collect(),
        _ => vec![("*".to_owned(), vec![Value::from("*")])],
    };
    let inner = format!("{indent}  ");
    let block = |(kind, names): (String, Vec<Value>)| {
        let members = [
            ("type".to_owned(), writer.string(&kind)),
            ("identifiers".to_owned(), writer.list(&names, &inner, &[])),
        ];
        ("principals", nested("principals", &members, writer, indent))
    };
    kinds.into_iter().map(block).collect()
}

/// `condition { … }` blocks, without the indentation of their first lines.
fn conditions_of(writer: &Writer<'_>, conditions: &Map<String, Value>, indent: &str) -> Vec<Part> {
    let inner = format!("{indent}  ");
    let mut blocks = Vec::new();
    for (operator, keys) in conditions {
        for (key, values) in keys.as_object().into_iter().flatten() {
            let items = match values {
                Value::Array(items) => items.clone(),
                other => vec![other.clone()],
            };
            let members = [
                ("test".to_owned(), writer.string(operator)),
                ("variable".to_owned(), writer.string(key)),
                ("values".to_owned(), writer.list(&items, &inner, &[])),
            ];
            let block = nested("condition", &members, writer, indent);
            blocks.push(("condition", block));
        }
    }
    blocks
}

fn nested(name: &str, members: &[(String, String)], writer: &Writer<'_>, indent: &str) -> String {
    let newline = newline(writer.host);
    let lines = aligned(members);
    let lines: Vec<String> = lines
        .iter()
        .map(|line| format!("{indent}  {line}"))
        .collect();
    format!(
        "{name} {{{newline}{}{newline}{indent}}}",
        lines.join(newline)
    )
}

/// Condition blocks at the end of the statement that a pointer is in.
pub fn add_conditions(
    writer: &Writer<'_>,
    tree: &Node,
    object: &Pointer,
    key: &str,
    value: &Value,
) -> Option<TextEdit> {
    let tokens = object.tokens().map(|token| token.decoded().into_owned());
    let tokens: Vec<String> = tokens.chain([key.to_owned()]).collect();
    let (index, below) = match tokens.as_slice() {
        [statement, index, condition, below @ ..]
            if statement == "Statement" && condition == "Condition" =>
        {
            (index, below)
        }
        _ => return None,
    };
    let mut conditions = value.clone();
    for token in below.iter().rev() {
        conditions = Value::Object([(token.clone(), conditions)].into_iter().collect());
    }
    let statement = tree.child("Statement")?.child(index)?;
    let host = writer.host;
    let newline = newline(host);
    let indent = indent_at(host, statement.span.start);
    let inner = format!("{indent}  ");
    let close = statement.span.end - 1;
    let at = host[..close].trim_end().len();
    let blocks = conditions_of(writer, conditions.as_object()?, &inner);
    let parts = blocks
        .iter()
        .flat_map(|(_, block)| [newline, newline, &inner, block]);
    Some(TextEdit::insert(at, parts.collect::<String>()))
}

/// A statement block with the empty lines before it, or, for the first one,
/// behind it.
pub fn remove(host: &str, span: &Range<usize>) -> TextEdit {
    let end = line_end(host, span.end).unwrap_or(span.end);
    let before = host[..span.start].trim_end();
    let range = if before.ends_with('{') {
        let rest = &host[end..];
        let blank = rest.len() - rest.trim_start().len();
        let next = end + blank;
        let line = next - indent_at(host, next).len();
        let start = span.start - indent_at(host, span.start).len();
        start..line
    } else {
        before.len()..end
    };
    TextEdit::delete(range)
}
