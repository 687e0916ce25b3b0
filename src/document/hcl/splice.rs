//! Operations as edits of a Terraform file, in the layout around them.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Array;
use hcl_edit::parser::parse_body;
use hcl_edit::visit::{Visit, visit_array};
use json_patch::jsonptr::Pointer;
use json_patch::{AddOperation, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::Value;

use super::list::{account_of, check_fits};
use super::statement;
use super::write::{Writer, indent_at, line_end, skip_trivia};
use crate::document::ApplyError;
use crate::document::holes::Holes;
use crate::document::host::Body;
use crate::document::text::{TextEdit, append};
use crate::document::tree::{Form, Kind, Node};

/// An array in the file: its brackets, and its elements.
#[derive(Debug, Clone)]
pub struct Place {
    /// From bracket to bracket.
    pub span: Range<usize>,
    /// Its elements.
    pub elements: Vec<Range<usize>>,
}

/// Finds the array that is meant.
struct Finder<'w> {
    wanted: &'w dyn Fn(&Place) -> bool,
    found: Option<Place>,
}

impl Visit for Finder<'_> {
    fn visit_array(&mut self, node: &Array) {
        let place = Place {
            span: node.span().unwrap_or_default(),
            elements: node.iter().filter_map(Span::span).collect(),
        };
        if (self.wanted)(&place) {
            self.found = Some(place);
        }
        visit_array(self, node);
    }
}

fn find(host: &str, wanted: &dyn Fn(&Place) -> bool) -> Option<Place> {
    let body = parse_body(host).ok()?;
    let mut finder = Finder {
        wanted,
        found: None,
    };
    finder.visit_body(&body);
    finder.found
}

fn exact<'t>(tree: &'t Node, pointer: &Pointer) -> Option<&'t Node> {
    pointer
        .tokens()
        .try_fold(tree, |node, token| node.child(&token.decoded()))
}

/// The edits that a run of operations is; nothing if there is no such place.
pub fn edits(
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
        return match exact(tree, pointer) {
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
            .and_then(|(object, key)| Some((exact(tree, object)?, key.decoded().into_owned())))
            .and_then(|(object, key)| match object.form {
                Form::Blocks => statement::add_conditions(&writer, tree, path, value),
                _ => add_member(&writer, object, &key, value),
            }),
        PatchOperation::Replace(ReplaceOperation { path, value: new }) => {
            let old = body.value.pointer(path.as_str());
            exact(tree, path).and_then(|node| match (new, old) {
                (Value::Array(items), Some(old)) if items.first() == Some(old) => {
                    Some(wrap(&writer, node, &items[1..]))
                }
                _ => None,
            })
        }
        PatchOperation::Remove(RemoveOperation { path }) => {
            exact(tree, path).and_then(|node| match node.form {
                Form::Blocks => Some(vec![statement::remove(host, &node.span)]),
                _ => remove(host, &node.span),
            })
        }
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

/// The brace before the bracket in `[{ … }]` over several lines: `terraform fmt`
/// puts the `}, {` between two objects one step further in.
fn last_brace(host: &str, place: &Place) -> Option<usize> {
    let (last, before) = place.elements.split_last()?;
    let brace = last.end - 1;
    let outer = indent_at(host, place.span.start);
    let is_last = !is_own_line(host, last.start)
        && is_own_line(host, brace)
        && indent_at(host, brace) == outer;
    let is_further_in = |element: &Range<usize>| indent_at(host, element.end).len() > outer.len();
    (is_last && before.iter().all(is_further_in)).then_some(brace)
}

/// The edits that put texts at the end of an array; a comment behind the last
/// element stays with it.
pub fn append_texts(host: &str, place: &Place, texts: &[String]) -> Vec<TextEdit> {
    let close = place.span.end - 1;
    let Some(last) = place.elements.last() else {
        return vec![fill_empty(host, place, texts)];
    };
    let comma = skip_trivia(host, last.end);
    let has_comma = host[comma..].starts_with(',');
    let line_end = line_end(host, if has_comma { comma + 1 } else { last.end });
    let line_end = line_end.filter(|end| *end < close);
    let is_own_line = is_own_line(host, last.start);
    let indent = indent_at(host, last.start);
    let newline = newline(host);
    // A comment to the line's end is the last element's own.
    let is_commented = |end: &usize| {
        let rest = &host[last.end..*end];
        rest.contains('#') || rest.contains("//")
    };
    let Some(line_end) = line_end.filter(|end| is_own_line || is_commented(end)) else {
        let separator = if is_own_line {
            format!(",{newline}{indent}")
        } else {
            ", ".to_owned()
        };
        let text = texts.iter().map(|text| format!("{separator}{text}"));
        // So is one before the comma.
        let between = &host[last.end..comma];
        let at = if between.contains('\n') {
            last.end
        } else {
            last.end + between.trim_end().len()
        };
        return vec![TextEdit::insert(at, text.collect())];
    };
    let mut lines = texts.join(&format!(",{newline}{indent}"));
    if has_comma {
        lines.push(',');
    }
    let new = TextEdit::insert(line_end, format!("{newline}{indent}{lines}"));
    if has_comma {
        vec![new]
    } else if line_end == last.end {
        vec![TextEdit::insert(last.end, format!(",{}", new.text))]
    } else {
        // The comment stays in its column.
        let padding = usize::from(host[last.end..].starts_with("  "));
        let comma = TextEdit {
            range: last.end..last.end + padding,
            text: ",".to_owned(),
        };
        vec![comma, new]
    }
}

/// Whether nothing but white space stands before it on its line.
fn is_own_line(host: &str, at: usize) -> bool {
    host[..at].trim_end_matches([' ', '\t']).ends_with('\n')
}

fn fill_empty(host: &str, place: &Place, texts: &[String]) -> TextEdit {
    let inside = &host[place.span.start + 1..place.span.end - 1];
    if inside.trim().is_empty() && !inside.contains('\n') {
        return TextEdit {
            range: place.span.clone(),
            text: format!("[{}]", texts.join(", ")),
        };
    }
    // Behind what comments there are.
    let newline = newline(host);
    let outer = indent_at(host, place.span.start);
    let at = place.span.start + 1 + inside.trim_end().len();
    let lines = texts
        .iter()
        .map(|text| format!("{newline}{outer}  {text},"));
    TextEdit::insert(at, lines.collect())
}

pub fn newline(host: &str) -> &'static str {
    if host.contains("\r\n") { "\r\n" } else { "\n" }
}

/// The edit that takes an element out of its array, with its comma, its line
/// if it has one of its own, and the comment that stands behind it there.
fn remove(host: &str, element: &Range<usize>) -> Option<Vec<TextEdit>> {
    let place = find(host, &|place| place.elements.contains(element))?;
    let index = place.elements.iter().position(|own| own == element)?;
    let cut = |range: Range<usize>| TextEdit {
        range,
        text: String::new(),
    };
    let before = index.checked_sub(1).map(|index| &place.elements[index]);
    let comma = skip_trivia(host, element.end);
    let has_comma = host[comma..].starts_with(',');
    let after = if has_comma { comma + 1 } else { element.end };
    let line_end = line_end(host, after).unwrap_or(host.len());
    let line_start = element.start - indent_at(host, element.start).len();
    let is_own_line = is_own_line(host, element.start)
        && line_end < place.span.end - 1
        && place
            .elements
            .get(index + 1)
            .is_none_or(|next| next.start > line_end);
    if is_own_line {
        // From the line break before: the last line's own break stays.
        let break_at = host[..line_start].trim_end_matches(['\n', '\r']).len();
        let break_at = break_at.max(line_start - newline(host).len().min(line_start));
        let own = cut(break_at..line_end);
        return Some(match before {
            // The list has no comma at its end, and shall have none.
            Some(before) if !has_comma => {
                let comma = skip_trivia(host, before.end);
                if comma + 1 == own.range.start {
                    vec![cut(comma..own.range.end)]
                } else {
                    vec![cut(comma..comma + 1), own]
                }
            }
            _ => vec![own],
        });
    }
    let next = place.elements.get(index + 1);
    Some(vec![match (before, next) {
        (_, Some(next)) => cut(element.start..next.start),
        (Some(before), None) => {
            let comma = skip_trivia(host, before.end);
            let between = &host[before.end..comma];
            let start = if between.contains('\n') {
                before.end
            } else {
                comma
            };
            cut(start..element.end)
        }
        (None, None) => cut(element.clone()),
    }])
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
    let column = node.span.start - host[..node.span.start].rfind('\n').map_or(0, |at| at + 1);
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
