//! A YAML document in JSON's terms: its value, and the tree of the same shape.
//!
//! Tags of `CloudFormation` stand for its long form: `!Sub x` is
//! `{"Fn::Sub": x}`. Aliases stand for what they name, merge keys (`<<`) for
//! the members that they bring in.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html>

use std::collections::HashMap;
use std::mem;
use std::ops::Range;

use saphyr_parser::ScalarStyle;

use super::number::is_loose_number;
use super::raw::{MAX_DEPTH, RawError, RawKind, RawNode};
use crate::document::tree::{Form, Kind, Member, Node};
use crate::value::{Map, Text, Value};

/// How many nodes a document may have once its aliases are written out.
const MAX_NODES: usize = 2_000_000;

/// A node with an anchor that is used elsewhere too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The anchored node.
    pub span: Range<usize>,
    pub aliases: Vec<usize>,
}

/// A document's value and tree, and the nodes that stand for several places.
#[derive(Debug, Clone)]
pub struct Converted {
    pub value: Value,
    /// The tree, of the same shape.
    pub tree: Node,
    /// The nodes that an edit would change in several places.
    pub shared: Vec<Shared>,
}

/// Converts a document.
///
/// # Errors
/// If a key is no scalar, an alias stands for itself, or aliases expand beyond
/// all bounds.
pub fn convert(root: &RawNode) -> Result<Converted, RawError> {
    let mut converter = Converter::default();
    converter.collect(root);
    let (value, tree) = converter.node(root)?;
    let mut shared: Vec<Shared> = converter.shared.into_values().collect();
    shared.sort_by_key(|shared| shared.span.start);
    Ok(Converted {
        value,
        tree,
        shared,
    })
}

#[derive(Default)]
struct Converter<'r> {
    anchors: HashMap<usize, &'r RawNode>,
    shared: HashMap<usize, Shared>,
    /// The anchors that are being written out.
    open: Vec<usize>,
    nodes: usize,
    depth: usize,
}

impl<'r> Converter<'r> {
    fn collect(&mut self, node: &'r RawNode) {
        if let Some(anchor) = node.anchor {
            self.anchors.insert(anchor, node);
        }
        match &node.kind {
            RawKind::Scalar(..) => {}
            RawKind::Sequence(items) => items.iter().for_each(|item| self.collect(item)),
            RawKind::Mapping(members) => {
                for (key, value) in members {
                    self.collect(key);
                    self.collect(value);
                }
            }
            RawKind::Alias(anchor) => {
                if let Some(anchored) = self.anchors.get(anchor) {
                    let shared = self.shared.entry(*anchor).or_insert_with(|| Shared {
                        span: anchored.span.clone(),
                        aliases: Vec::new(),
                    });
                    shared.aliases.push(node.span.start);
                }
            }
        }
    }

    fn node(&mut self, node: &'r RawNode) -> Result<(Value, Node), RawError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(fault("the aliases expand to too many nodes", node));
        }
        // Aliases nest deeper than the text does.
        if self.depth > MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            return Err(fault(&message, node));
        }
        self.depth += 1;
        let converted = self.tagged(node);
        self.depth -= 1;
        converted
    }

    fn tagged(&mut self, node: &'r RawNode) -> Result<(Value, Node), RawError> {
        match node.tag.as_deref().and_then(function) {
            None => self.plain(node, node.span.clone()),
            Some(name) => {
                let (value, inner) = self.plain(node, node.content..node.span.end)?;
                let name = Text::from(name);
                let member = Member {
                    key: name.clone(),
                    key_span: node.span.start..node.content,
                    value: inner,
                };
                let tree = Node::new(node.span.clone(), Kind::Object(vec![member]));
                let value = Value::Object([(name, value)].into_iter().collect());
                Ok((value, tree))
            }
        }
    }

    fn plain(&mut self, node: &'r RawNode, span: Range<usize>) -> Result<(Value, Node), RawError> {
        let mut form = Form::default();
        let (value, kind) = match &node.kind {
            RawKind::Scalar(text, style) => {
                if is_plain(node, *style) && is_loose_number(text) {
                    form = Form::LooseNumber;
                }
                (scalar(text, *style, node), Kind::Scalar)
            }
            RawKind::Sequence(items) => {
                let mut values = Vec::with_capacity(items.len());
                let mut nodes = Vec::with_capacity(items.len());
                for item in items {
                    let (value, node) = self.node(item)?;
                    values.push(value);
                    nodes.push(node);
                }
                (Value::Array(values), Kind::Array(nodes))
            }
            RawKind::Mapping(members) => self.mapping(members)?,
            RawKind::Alias(anchor) => {
                let anchored = self.anchors.get(anchor).copied();
                let anchored = anchored.filter(|_| !self.open.contains(anchor));
                let Some(anchored) = anchored else {
                    return Err(fault("an alias of a node that it stands in", node));
                };
                self.open.push(*anchor);
                let converted = self.node(anchored);
                self.open.pop();
                let (value, tree) = converted?;
                form = tree.form;
                (value, tree.kind)
            }
        };
        let tree = Node {
            form,
            ..Node::new(span, kind)
        };
        Ok((value, tree))
    }

    fn mapping(&mut self, members: &'r [(RawNode, RawNode)]) -> Result<(Value, Kind), RawError> {
        let mut map = Map::new();
        let mut nodes = Vec::with_capacity(members.len());
        let mut merged = Vec::new();
        for (key, value) in members {
            let RawKind::Scalar(name, style) = &key.kind else {
                return Err(fault("a key that is no scalar", key));
            };
            let (value, tree) = self.node(value)?;
            if name == "<<" && *style == ScalarStyle::Plain {
                merged.extend(bring_in(value, tree));
                continue;
            }
            let key_span = key.span.clone();
            let key = Text::from(name.as_str());
            map.insert(key.clone(), value);
            nodes.push(Member {
                key,
                key_span,
                value: tree,
            });
        }
        // A mapping's own members come first, and so do those merged first.
        for (value, member) in merged {
            if !map.contains_key(&member.key) {
                map.insert(member.key.clone(), value);
                nodes.push(member);
            }
        }
        Ok((Value::Object(map), Kind::Object(nodes)))
    }
}

/// The members that a merge key brings in: those of a mapping, or of each of a
/// sequence of them.
fn bring_in(value: Value, tree: Node) -> Vec<(Value, Member)> {
    match (value, tree.kind) {
        (Value::Object(mut map), Kind::Object(members)) => members
            .into_iter()
            .map(|member| {
                (
                    map.get_mut(&member.key).map(mem::take).unwrap_or_default(),
                    member,
                )
            })
            .collect(),
        (Value::Array(values), Kind::Array(nodes)) => values
            .into_iter()
            .zip(nodes)
            .flat_map(|(value, node)| bring_in(value, node))
            .collect(),
        _ => Vec::new(),
    }
}

/// The long form's name of a tag that is one of `CloudFormation`'s functions, or
/// of whoever else's.
fn function(tag: &str) -> Option<String> {
    let name = tag.strip_prefix('!').filter(|name| !name.is_empty())?;
    match name {
        "Ref" | "Condition" => Some(name.to_owned()),
        core if core.starts_with('!') => None,
        other => Some(format!("Fn::{other}")),
    }
}

/// What a scalar means. A number is its own text: a policy's grammar has no
/// other numbers than account IDs and condition values, where both are the same.
fn scalar(text: &str, style: ScalarStyle, node: &RawNode) -> Value {
    if !is_plain(node, style) {
        return Value::from(text);
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Value::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        other => Value::from(other),
    }
}

/// Whether what a scalar is depends on its text.
fn is_plain(node: &RawNode, style: ScalarStyle) -> bool {
    style == ScalarStyle::Plain && !matches!(node.tag.as_deref(), Some("!!str" | "!"))
}

fn fault(message: &str, node: &RawNode) -> RawError {
    RawError {
        message: message.to_owned(),
        at: node.span.start,
    }
}
