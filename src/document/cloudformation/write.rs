//! Values with expressions as `CloudFormation` has them written: `Fn::Sub`.

use serde_json::Value;

use super::sub;
use crate::document::TextEdit;
use crate::document::holes::Holes;
use crate::document::text::indent_at;
use crate::document::tree::{Kind, Node};
use crate::policy::hole::is_hole;

/// The text of `Fn::Sub` for a value; nothing if the value holds no expression,
/// or one that no `${…}` stands for.
#[must_use]
pub fn sub_text(value: &str, holes: &Holes) -> Option<String> {
    let written = |c| {
        let text = &holes.get(c)?.text;
        text.starts_with("${").then(|| text.clone())
    };
    sub::text(value, is_hole, written)
}

/// An edit of a template in JSON in which each string with an expression has
/// become an object, written like the one before it.
#[must_use]
pub fn functions(text: &str, tree: &Node, holes: &Holes, edit: TextEdit) -> TextEdit {
    let mut out = String::new();
    let mut rest = edit.text.as_str();
    while let Some(start) = rest.find('"') {
        let Some(length) = string_length(&rest[start..]) else {
            break;
        };
        let literal = &rest[start..start + length];
        out.push_str(&rest[..start]);
        let value: String = serde_json::from_str(literal).unwrap_or_default();
        match sub_text(&value, holes) {
            Some(sub) => {
                let string = Value::from(sub).to_string();
                let indent = if out.contains('\n') {
                    indent_at(&out, out.len())
                } else {
                    indent_at(text, edit.range.start)
                };
                let indent = indent.to_owned();
                out.push_str(&function(text, tree, edit.range.start, &string, &indent));
            }
            None => out.push_str(literal),
        }
        rest = &rest[start + length..];
    }
    out.push_str(rest);
    TextEdit { text: out, ..edit }
}

/// How long the string is that a JSON text starts with.
fn string_length(text: &str) -> Option<usize> {
    let mut is_escaped = true;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// `{"Fn::Sub": …}` around a string, like the last one before an offset; its
/// further lines are indented from `indent`, that of its first one.
fn function(text: &str, tree: &Node, before: usize, string: &str, indent: &str) -> String {
    let mut example: Option<(usize, String)> = None;
    let mut visit = |_: &_, node: &Node| {
        let raw = text.get(node.span.clone()).unwrap_or_default();
        if !matches!(node.kind, Kind::Scalar) || !raw.starts_with('{') {
            return;
        }
        if let Ok(parsed) = Node::parse(raw)
            && let Some(argument) = parsed.child("Fn::Sub")
            && matches!(argument.kind, Kind::Scalar)
        {
            let is_first = example.is_none();
            if is_first || node.span.start < before {
                let mut raw = raw.to_owned();
                raw.replace_range(argument.span.clone(), string);
                let own = format!("\n{}", indent_at(text, node.span.start));
                let raw = raw.replace(&own, &format!("\n{indent}"));
                example = Some((node.span.start, raw));
            }
        }
    };
    tree.visit(&json_patch::jsonptr::PointerBuf::new(), &mut visit);
    example.map_or_else(|| format!("{{\"Fn::Sub\": {string}}}"), |(_, raw)| raw)
}
