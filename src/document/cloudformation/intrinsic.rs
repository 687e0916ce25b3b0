//! Intrinsic functions as holes: what a policy's value is where a template has
//! an expression.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html>

use std::ops::Range;

use json_patch::jsonptr::PointerBuf;

use super::function::function;
use super::sub::{self, PARTITION, Piece};
use crate::document::holes::{HoleKind, Holes};
use crate::document::placeholder::{Placeholder, is_masked};
use crate::document::tree::{Form, Kind, Member, Node};
use crate::value::{Map, Value};

/// Reads a policy with the functions in it.
pub struct Reader<'t> {
    /// The host's text.
    pub text: &'t str,
    /// The whole template, in the long form.
    pub template: &'t Value,
    pub tree: &'t Node,
    /// The host's placeholders.
    pub placeholders: &'t [Placeholder],
    /// The host's expressions.
    pub holes: &'t mut Holes,
    /// The lists in mappings that are read as the policy's own.
    pub mapped: &'t mut Vec<PointerBuf>,
}

/// What a function's value is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A list of texts.
    Item,
    /// Anything else.
    Value,
}

impl Reader<'_> {
    /// The value with holes, and the tree in which each expression is a scalar.
    pub fn read(&mut self, value: &Value, node: &Node) -> (Value, Node) {
        self.read_in(Place::Value, value, node)
    }

    /// A list of texts.
    pub(super) fn read_list(&mut self, value: &Value, node: &Node) -> (Value, Node) {
        self.read_in(Place::Value, value, node)
    }

    fn read_in(&mut self, place: Place, value: &Value, node: &Node) -> (Value, Node) {
        match (value, &node.kind) {
            (Value::Object(map), Kind::Object(members)) => {
                if let Some((name, argument)) = function(map)
                    && let [member] = members.as_slice()
                {
                    if place == Place::Value
                        && let Some(list) = self.mapped(name, argument)
                    {
                        return list;
                    }
                    let scalar = Node::new(node.span.clone(), Kind::Scalar);
                    let text = self.function(place, name, argument, &member.value, &node.span);
                    let text = self.unmasked(Place::Item, &text, &node.span);
                    return (Value::from(text), scalar);
                }
                let mut read = Map::new();
                let mut nodes = Vec::with_capacity(members.len());
                for member in members {
                    let old = map.get(&member.key).unwrap_or(&Value::Null);
                    let (value, node) = self.read_in(Place::Value, old, &member.value);
                    read.insert(member.key.clone(), value);
                    nodes.push(Member {
                        value: node,
                        ..member.clone()
                    });
                }
                let kind = Kind::Object(nodes);
                (Value::Object(read), Node::new(node.span.clone(), kind))
            }
            (Value::Array(items), Kind::Array(nodes)) => {
                // A statement may be an expression, and is no text.
                let is_texts = !items
                    .iter()
                    .any(|item| item.as_object().is_some_and(|map| function(map).is_none()));
                let place = if is_texts { Place::Item } else { Place::Value };
                let read = items.iter().zip(nodes);
                let (values, nodes) = read
                    .map(|(item, node)| self.read_in(place, item, node))
                    .unzip();
                let kind = Kind::Array(nodes);
                (Value::Array(values), Node::new(node.span.clone(), kind))
            }
            (Value::String(text), _) if node.form == Form::LooseNumber => {
                (Value::from(self.number(text, node)), node.clone())
            }
            (Value::String(text), _) if is_masked(text) => {
                let text = self.unmasked(place, text, &node.span);
                (Value::from(text), node.clone())
            }
            _ => (value.clone(), node.clone()),
        }
    }

    /// A function's text: what is known of it, and holes for the rest.
    fn function(
        &mut self,
        place: Place,
        name: &str,
        argument: &Value,
        node: &Node,
        span: &Range<usize>,
    ) -> String {
        let known = self.text_of_function(name, argument, node, span);
        known.unwrap_or_else(|| {
            let kind = match place {
                Place::Item => HoleKind::Text,
                Place::Value => self.kind(name, argument),
            };
            self.whole(kind, name, argument, span)
        })
    }

    /// The text that a function is, as far as it is made of text.
    fn text_of_function(
        &mut self,
        name: &str,
        argument: &Value,
        node: &Node,
        span: &Range<usize>,
    ) -> Option<String> {
        match (name, argument) {
            ("Ref", Value::String(name)) if name == PARTITION => {
                Some(self.name(name, span.clone()))
            }
            ("Fn::FindInMap", _) => {
                let entry = self.entry(name, argument)?;
                self.part(entry.value, &entry.member.value)
            }
            ("Fn::Sub", Value::String(text)) => Some(self.sub(text, &Map::new(), node, node)),
            ("Fn::Sub", Value::Array(parts)) => {
                let ([Value::String(text), Value::Object(names)], Kind::Array(nodes)) =
                    (parts.as_slice(), &node.kind)
                else {
                    return None;
                };
                let [text_node, names_node] = nodes.as_slice() else {
                    return None;
                };
                Some(self.sub(text, names, text_node, names_node))
            }
            ("Fn::Join", Value::Array(parts)) => {
                let ([Value::String(delimiter), Value::Array(items)], Kind::Array(nodes)) =
                    (parts.as_slice(), &node.kind)
                else {
                    return None;
                };
                let Kind::Array(nodes) = &nodes.get(1)?.kind else {
                    return None;
                };
                let texts: Vec<String> = items
                    .iter()
                    .zip(nodes)
                    .map(|(item, node)| self.part(item, node))
                    .collect::<Option<_>>()?;
                Some(texts.join(delimiter))
            }
            _ => None,
        }
    }

    /// A part of a text that is put together.
    fn part(&mut self, value: &Value, node: &Node) -> Option<String> {
        match (value, &node.kind) {
            (Value::String(text), _) if node.form == Form::LooseNumber => {
                Some(self.number(text, node))
            }
            (Value::String(text), _) => Some(text.to_string()),
            (Value::Bool(_) | Value::Number(_), _) => Some(value.to_string()),
            (Value::Object(map), Kind::Object(members)) => {
                let (name, argument) = function(map)?;
                let [member] = members.as_slice() else {
                    return None;
                };
                if let ("Ref", Value::String(name)) = (name, argument) {
                    return Some(self.name(name, node.span.clone()));
                }
                Some(self.function(Place::Item, name, argument, &member.value, &node.span))
            }
            _ => None,
        }
    }

    fn sub(&mut self, text: &str, names: &Map, text_node: &Node, names_node: &Node) -> String {
        let mut out = String::new();
        let mut from = text_node.span.start;
        for piece in sub::pieces(text) {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Literal(text) => {
                    out.push_str("${");
                    out.push_str(text);
                    out.push('}');
                }
                Piece::Name(name) => {
                    let spelled = format!("${{{name}}}");
                    let name = name.trim();
                    let own = names.get(name).zip(names_node.child(name));
                    if let Some(text) = own.and_then(|(value, node)| self.part(value, node)) {
                        out.push_str(&text);
                        continue;
                    }
                    let raw = self.text.get(from..text_node.span.end).unwrap_or_default();
                    let span = match raw.find(&spelled) {
                        Some(at) => from + at..from + at + spelled.len(),
                        None => text_node.span.clone(),
                    };
                    from = span.end.min(text_node.span.end);
                    out.push_str(&self.name(name, span));
                }
            }
        }
        out
    }
}
