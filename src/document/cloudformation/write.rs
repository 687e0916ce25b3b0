//! Values with expressions as `CloudFormation` has them written: `Fn::Sub`.

use std::ops::Range;

use json_patch::jsonptr::PointerBuf;
use serde_json::{Value, json};

use super::Whole;
use super::sub;
use crate::document::holes::{Holes, Written};
use crate::document::placeholder::placeholders;
use crate::document::text::indent_at;
use crate::document::tree::{Kind, Node};
use crate::policy::hole::is_hole;
use crate::text::edit::{Replacement, TextEdit};

/// A value with expressions as it is written; nothing if the value holds none, or
/// one that no `${…}` stands for.
pub fn written(value: &str, holes: &Holes) -> Option<Written> {
    let text = |c| Some(holes.get(c)?.text.clone());
    let is_placeholder = |c: char| text(c).is_some_and(|own| !placeholders(&own).is_empty());
    let mut expressions = value.chars().filter(|c| is_hole(*c)).peekable();
    if expressions.peek().is_some() && expressions.all(is_placeholder) {
        let spelled = value.chars().map(|c| text(c).unwrap_or_else(|| c.into()));
        return Some(Written::Text(spelled.collect()));
    }
    let name = |c| text(c).filter(|own| own.starts_with("${"));
    sub::text(value, is_hole, name).map(Written::Sub)
}

/// Writes strings with expressions as objects, each like the one before it.
pub(in crate::document) struct Functions<'t> {
    text: &'t str,
    holes: &'t Holes,
    /// The functions of the policy, in its order, as the template has them.
    examples: Vec<&'t Node>,
}

impl<'t> Functions<'t> {
    pub(in crate::document) fn new(
        text: &'t str,
        tree: &Node,
        whole: Option<&'t Whole>,
        holes: &'t Holes,
    ) -> Self {
        let mut examples = Vec::new();
        tree.visit(&PointerBuf::new(), &mut |_, node| {
            let raw = text.get(node.span.clone()).unwrap_or_default();
            if matches!(node.kind, Kind::Scalar) && raw.starts_with('{') {
                examples.extend(whole.and_then(|own| own.tree.at(&node.span)));
            }
        });
        Self {
            text,
            holes,
            examples,
        }
    }

    /// An edit in which each string with an expression has become an object.
    pub(in crate::document) fn of(&self, edit: TextEdit) -> TextEdit {
        edit.map_texts(|edit| self.written(edit))
    }

    fn written(&self, edit: &Replacement) -> String {
        let (text, holes) = (self.text, self.holes);
        let mut out = String::new();
        let mut rest = edit.text.as_str();
        while let Some(start) = rest.find('"') {
            let Some(length) = string_length(&rest[start..]) else {
                break;
            };
            let literal = &rest[start..start + length];
            out.push_str(&rest[..start]);
            let value: String = serde_json::from_str(literal).unwrap_or_default();
            match written(&value, holes) {
                Some(Written::Text(text)) => out.extend(["\"", &text, "\""]),
                Some(Written::Sub(sub)) => {
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
                    out.push_str(&self.function(edit.range.start, &new, &indent));
                }
                None => out.push_str(literal),
            }
            rest = &rest[start + length..];
        }
        out.push_str(rest);
        out
    }

    /// A value with expressions as a function, like the last one before an offset;
    /// its further lines are indented from `indent`, that of its first one.
    fn function(&self, before: usize, new: &New<'_>, indent: &str) -> String {
        let text = self.text;
        let like = |node: &&Node| -> Option<String> {
            let raw = text.get(node.span.clone())?;
            let own = new
                .like_sub(raw, node)
                .or_else(|| new.like_join(raw, node))?;
            let line = format!("\n{}", indent_at(text, node.span.start));
            Some(own.replace(&line, &format!("\n{indent}")))
        };
        let is_before = |node: &&&Node| node.span.start < before;
        let mut last = self.examples.iter().rev().filter(is_before);
        let plain = || format!("{{\"Fn::Sub\": {}}}", Value::from(new.sub.as_str()));
        let example = last.find_map(like);
        let example = example.or_else(|| self.examples.iter().find_map(like));
        example.unwrap_or_else(plain)
    }
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

/// A node's place in the text of one that it stands in.
fn within(outer: &Node, node: &Node) -> Range<usize> {
    node.span.start - outer.span.start..node.span.end - outer.span.start
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
        is_text.then(|| raw.replace_range(within(example, argument), &string))?;
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
        let place = |node: &Node| within(example, node);
        let of = |node: &Node| serde_json::from_str::<Value>(raw.get(place(node))?).ok();
        let end = place(parts.get(pieces.len().checked_sub(1)?)?).end;
        let mut written = (of(delimiter)? == "").then(|| raw.to_owned())?;
        written.replace_range(end..place(parts.last()?).end, "");
        for (part, piece) in parts.iter().zip(&pieces).rev() {
            let own = of(part)?;
            if own.is_string() && piece.is_string() {
                written.replace_range(place(part), &piece.to_string());
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
