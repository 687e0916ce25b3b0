//! Values with expressions as `CloudFormation` has them written: `Fn::Sub`.

use serde_json::{Value, json};

use super::sub;
use crate::document::holes::Holes;
use crate::document::json::scan::scan;
use crate::document::text::indent_at;
use crate::document::tree::{Kind, Node};
use crate::policy::hole::is_hole;
use crate::text::edit::{Replacement, TextEdit};

/// The text of `Fn::Sub` for a value; nothing if the value holds no expression,
/// or one that no `${…}` stands for.
pub fn sub_text(value: &str, holes: &Holes) -> Option<String> {
    let written = |c| {
        let text = &holes.get(c)?.text;
        text.starts_with("${").then(|| text.clone())
    };
    sub::text(value, is_hole, written)
}

/// An edit of a template in JSON in which each string with an expression has
/// become an object, written like the one before it.
pub fn functions(text: &str, tree: &Node, holes: &Holes, edit: TextEdit) -> TextEdit {
    edit.map_texts(|edit| with_functions(text, tree, holes, edit))
}

fn with_functions(text: &str, tree: &Node, holes: &Holes, edit: &Replacement) -> String {
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
                let new = New {
                    value: &value,
                    sub,
                    holes,
                };
                let indent = if out.contains('\n') {
                    indent_at(&out, out.len())
                } else {
                    indent_at(text, edit.range.start)
                };
                let indent = indent.to_owned();
                out.push_str(&function(text, tree, edit.range.start, &new, &indent));
            }
            None => out.push_str(literal),
        }
        rest = &rest[start + length..];
    }
    out.push_str(rest);
    out
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

/// A value with expressions as a function, like the last one before an offset;
/// its further lines are indented from `indent`, that of its first one.
fn function(text: &str, tree: &Node, before: usize, new: &New<'_>, indent: &str) -> String {
    let mut example: Option<(usize, String)> = None;
    let mut visit = |_: &_, node: &Node| {
        let raw = text.get(node.span.clone()).unwrap_or_default();
        if !matches!(node.kind, Kind::Scalar) || !raw.starts_with('{') {
            return;
        }
        if (example.is_none() || node.span.start < before)
            && let Ok((_, parsed)) = scan(raw)
            && let Some(written) = new
                .like_sub(raw, &parsed)
                .or_else(|| new.like_join(raw, &parsed))
        {
            let own = format!("\n{}", indent_at(text, node.span.start));
            let written = written.replace(&own, &format!("\n{indent}"));
            example = Some((node.span.start, written));
        }
    };
    tree.visit(&json_patch::jsonptr::PointerBuf::new(), &mut visit);
    let plain = || format!("{{\"Fn::Sub\": {}}}", Value::from(new.sub.as_str()));
    example.map_or_else(plain, |(_, written)| written)
}

/// A value that is to be written.
struct New<'v> {
    value: &'v str,
    /// As the text of `Fn::Sub`.
    sub: String,
    holes: &'v Holes,
}

impl New<'_> {
    /// As another `Fn::Sub` is written.
    fn like_sub(&self, raw: &str, example: &Node) -> Option<String> {
        let argument = example.child("Fn::Sub")?;
        let mut raw = raw.to_owned();
        let string = Value::from(self.sub.as_str()).to_string();
        let is_text = matches!(argument.kind, Kind::Scalar);
        is_text.then(|| raw.replace_range(argument.span.clone(), &string))?;
        Some(raw)
    }

    /// As an `Fn::Join` of texts and the same names in the same places, which
    /// is how the CDK writes ARNs. What that one has more of is left out.
    fn like_join(&self, raw: &str, example: &Node) -> Option<String> {
        let argument = example.child("Fn::Join")?;
        let (delimiter, list) = (argument.child("0")?, argument.child("1")?);
        let Kind::Array(parts) = &list.kind else {
            return None;
        };
        let pieces = self.pieces()?;
        let of = |node: &Node| serde_json::from_str::<Value>(raw.get(node.span.clone())?).ok();
        let end = parts.get(pieces.len().checked_sub(1)?)?.span.end;
        let mut written = (of(delimiter)? == "").then(|| raw.to_owned())?;
        written.replace_range(end..parts.last()?.span.end, "");
        for (part, piece) in parts.iter().zip(&pieces).rev() {
            let own = of(part)?;
            if own.is_string() && piece.is_string() {
                written.replace_range(part.span.clone(), &piece.to_string());
            } else if own != *piece {
                return None;
            }
        }
        Some(written)
    }

    /// The texts and names that the value is put together of.
    fn pieces(&self) -> Option<Vec<Value>> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        for c in self.value.chars() {
            if !is_hole(c) {
                text.push(c);
                continue;
            }
            if !text.is_empty() {
                pieces.push(Value::from(std::mem::take(&mut text)));
            }
            let hole = &self.holes.get(c)?.text;
            let name = hole.strip_prefix("${")?.strip_suffix('}')?.trim();
            pieces.push(json!({ "Ref": name }));
        }
        if !text.is_empty() {
            pieces.push(Value::from(text));
        }
        Some(pieces)
    }
}
