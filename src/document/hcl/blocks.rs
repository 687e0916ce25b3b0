//! `data "aws_iam_policy_document"`: blocks as a policy.
//!
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document>

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Body, Structure};

use super::lower::{Lower, Lowered, span};
use super::names::unwrap;
use crate::document::holes::{Hole, HoleKind};
use crate::document::tree::{Form, Kind, Member, Node};
use crate::value::{Map, Text, Value};

/// Attributes that bring in the statements of other documents.
pub(super) const MERGED: [&str; 4] = [
    "source_json",
    "source_policy_documents",
    "override_json",
    "override_policy_documents",
];

/// An object under construction, in both shapes.
#[derive(Debug, Default)]
pub struct Pair {
    pub map: Map,
    pub members: Vec<Member>,
}

impl Pair {
    /// Adds a member; of two with one name, the lists are one.
    pub fn add(&mut self, key: &str, key_span: Range<usize>, (value, node): Lowered) {
        if let Some(own) = self.map.get_mut(key) {
            let member = self.members.iter_mut().find(|member| member.key == key);
            if let Some(member) = member {
                merge(own, &mut member.value, value, node);
            }
            return;
        }
        let key = Text::from(key);
        self.map.insert(key.clone(), value);
        self.members.push(Member {
            key,
            key_span,
            value: node,
        });
    }

    /// The object, which stands here and is written as blocks.
    pub fn finish(self, span: Range<usize>) -> Lowered {
        let mut node = Node::new(span, Kind::Object(self.members));
        node.form = Form::Blocks;
        (Value::Object(self.map), node)
    }
}

/// Blocks of one kind are merged by the provider, in their order.
fn merge(own: &mut Value, own_node: &mut Node, more: Value, more_node: Node) {
    let mut parts = own_node.parts_from(0);
    parts.extend(more_node.parts_from(own_node.children().len()));
    match (own, &mut own_node.kind, more, more_node.kind) {
        (Value::Array(values), Kind::Array(nodes), Value::Array(more), Kind::Array(more_nodes)) => {
            values.extend(more);
            nodes.extend(more_nodes);
            own_node.span = more_node.span;
            own_node.form = more_node.form;
            own_node.parts = Some(parts.into());
        }
        (Value::Object(map), Kind::Object(members), Value::Object(more), Kind::Object(nodes)) => {
            let mut pair = Pair {
                map: std::mem::take(map),
                members: std::mem::take(members),
            };
            for ((key, value), member) in more.into_iter().zip(nodes) {
                pair.add(&key, member.key_span, (value, member.value));
            }
            *map = pair.map;
            *members = pair.members;
        }
        // Text and lists of one kind: the last is what counts.
        (own, kind, more, more_kind) => {
            *own = more;
            *kind = more_kind;
            own_node.span = more_node.span;
            own_node.form = more_node.form;
        }
    }
}

fn key_span(attribute: &Attribute) -> Range<usize> {
    attribute.key.span().unwrap_or_default()
}

pub(super) fn head(block: &Block) -> Range<usize> {
    block.ident.span().unwrap_or_default()
}

pub(super) fn whole(block: &Block) -> Range<usize> {
    block.span().unwrap_or_default()
}

impl Lower<'_, '_> {
    /// The policy that a document's blocks are.
    pub fn policy_document(&mut self, block: &Block) -> Lowered {
        let mut policy = Pair::default();
        if let Some(attribute) = block.body.get_attribute("version") {
            let version = self.text(&attribute.value);
            policy.add("Version", key_span(attribute), version);
        } else {
            let node = Node::new(head(block), Kind::Scalar);
            policy.add("Version", head(block), (Value::from("2012-10-17"), node));
        }
        if let Some(attribute) = block.body.get_attribute("policy_id") {
            let id = self.text(&attribute.value);
            policy.add("Id", key_span(attribute), id);
        }
        let mut statements = Vec::new();
        for structure in &block.body {
            let Some(inner) = structure.as_block() else {
                continue;
            };
            match (inner.ident.as_str(), inner.labels.as_slice()) {
                ("statement", []) => statements.push(self.statement(&inner.body, whole(inner))),
                ("dynamic", [kind]) if kind.as_str() == "statement" => {
                    statements.push(self.dynamic_statement(inner));
                }
                _ => {}
            }
        }
        let (values, nodes) = statements.into_iter().unzip();
        let mut node = Node::new(whole(block), Kind::Array(nodes));
        node.form = Form::Blocks;
        policy.add("Statement", head(block), (Value::Array(values), node));
        for name in MERGED {
            if let Some(attribute) = block.body.get_attribute(name) {
                let merged = self.merged(&attribute.value);
                let key = self.brings(name, key_span(attribute));
                policy.add(&key, key_span(attribute), merged);
            }
        }
        policy.finish(whole(block))
    }

    /// The key under which a policy has the statements that are brought in from
    /// elsewhere.
    pub(super) fn brings(&mut self, what: &str, span: Range<usize>) -> String {
        let hole = Hole {
            text: what.to_owned(),
            kind: HoleKind::Whole,
            span,
            sources: Vec::new(),
        };
        self.holes.intern(hole).to_string()
    }

    /// Other documents, whose statements are not here.
    fn merged(&mut self, expression: &Expression) -> Lowered {
        let elements: Vec<&Expression> = match unwrap(expression) {
            Expression::Array(array) => array.iter().collect(),
            other => vec![other],
        };
        let opaque = |element: &Expression| {
            let span = span(element);
            let hole = self.hole(unwrap(element), span.clone(), HoleKind::Whole);
            (Value::from(hole), Node::new(span, Kind::Scalar))
        };
        let (values, nodes) = elements.into_iter().map(opaque).unzip();
        let node = Node::new(span(expression), Kind::Array(nodes));
        (Value::Array(values), node)
    }

    pub(super) fn statement(&mut self, body: &Body, span: Range<usize>) -> Lowered {
        let mut statement = Pair::default();
        let at = span.start..span.start;
        if body.get_attribute("effect").is_none() {
            let node = Node::new(span.clone(), Kind::Scalar);
            statement.add("Effect", at, (Value::from("Allow"), node));
        }
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let key = match attribute.key.as_str() {
                        "sid" => "Sid",
                        "effect" => "Effect",
                        "actions" => "Action",
                        "not_actions" => "NotAction",
                        "resources" => "Resource",
                        "not_resources" => "NotResource",
                        _ => continue,
                    };
                    let value = match key {
                        "Sid" | "Effect" => self.text(&attribute.value),
                        _ => self.strings(&attribute.value),
                    };
                    statement.add(key, key_span(attribute), value);
                }
                Structure::Block(block) => self.part(&mut statement, block),
            }
        }
        statement.finish(span)
    }

    fn part(&mut self, statement: &mut Pair, block: &Block) {
        let name = match (block.ident.as_str(), block.labels.as_slice()) {
            ("dynamic", [kind]) => kind.as_str(),
            (name, _) => name,
        };
        let element = match name {
            "principals" => "Principal",
            "not_principals" => "NotPrincipal",
            "condition" => "Condition",
            _ => return,
        };
        let lowered = if block.has_ident("dynamic") {
            self.dynamic(block)
        } else if element == "Condition" {
            self.condition(block)
        } else {
            self.principals(block)
        };
        statement.add(element, head(block), lowered);
    }

    fn attribute(&mut self, block: &Block, name: &str) -> (String, Range<usize>) {
        let Some(attribute) = block.body.get_attribute(name) else {
            return (String::new(), head(block));
        };
        let (value, node) = self.text(&attribute.value);
        let text = value.as_str().map(str::to_owned);
        (text.unwrap_or_else(|| value.to_string()), node.span)
    }

    fn principals(&mut self, block: &Block) -> Lowered {
        let (kind, kind_span) = self.attribute(block, "type");
        let names = match block.body.get_attribute("identifiers") {
            Some(attribute) => self.strings(&attribute.value),
            None => (
                Value::Array(Vec::new()),
                Node::new(whole(block), Kind::Array(Vec::new())),
            ),
        };
        if kind == "*" {
            let node = Node::new(whole(block), Kind::Scalar);
            return (Value::from("*"), node);
        }
        let mut principals = Pair::default();
        principals.add(&kind, kind_span, names);
        principals.finish(whole(block))
    }

    fn condition(&mut self, block: &Block) -> Lowered {
        let (operator, operator_span) = self.attribute(block, "test");
        let (key, key_span) = self.attribute(block, "variable");
        let values = match block.body.get_attribute("values") {
            Some(attribute) => self.strings(&attribute.value),
            None => (
                Value::Array(Vec::new()),
                Node::new(whole(block), Kind::Array(Vec::new())),
            ),
        };
        let mut keys = Pair::default();
        keys.add(&key, key_span, values);
        let mut operators = Pair::default();
        operators.add(&operator, operator_span, keys.finish(whole(block)));
        operators.finish(whole(block))
    }

    /// A list of texts, in which `&{…}` is IAM's own `${…}`.
    fn strings(&mut self, expression: &Expression) -> Lowered {
        let (mut value, node) = self.list(expression);
        let mend = |text: &mut Text| {
            if text.contains("&{") {
                *text = text.replace("&{", "${").into();
            }
        };
        match &mut value {
            Value::String(text) => mend(text),
            Value::Array(items) => {
                for item in items {
                    if let Value::String(text) = item {
                        mend(text);
                    }
                }
            }
            _ => {}
        }
        (value, node)
    }
}
