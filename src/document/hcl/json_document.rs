//! `aws_iam_policy_document` in Terraform's JSON syntax: blocks are objects.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::template::Element;

use super::blocks::{MERGED, Pair};
use super::list::{Mapping, unset};
use super::lower::{Lower, Lowered};
use super::names::unwrap;
use crate::document::holes::{Hole, HoleKind};
use crate::document::json::scan::scan;
use crate::document::tree::{Form, Kind, Member, Node};
use crate::value::Value;

/// The objects that a block is.
pub(super) fn blocks(node: &Node) -> Vec<&Node> {
    match &node.kind {
        Kind::Array(nodes) => nodes.iter().collect(),
        _ => vec![node],
    }
}

pub(super) fn members(node: &Node) -> &[Member] {
    match &node.kind {
        Kind::Object(members) => members,
        _ => &[],
    }
}

/// The members of each block of a kind.
pub(super) fn labeled_members<'t>(tree: &'t Node, kind: &str) -> impl Iterator<Item = &'t Member> {
    let nodes = tree.child(kind).map_or_else(Vec::new, blocks);
    nodes.into_iter().flat_map(members)
}

impl Lower<'_, '_> {
    /// A scalar; a string is a template.
    fn json_scalar(&mut self, node: &Node, kind: HoleKind) -> Lowered {
        let raw = &self.host[node.span.clone()];
        let node = Node::new(node.span.clone(), Kind::Scalar);
        let plain = raw.strip_prefix('"').and_then(|own| own.strip_suffix('"'));
        let value = match plain.filter(|own| !own.contains('\\')) {
            Some(text) => Value::from(text),
            None => scan(raw).map_or(Value::Null, |(value, _)| value),
        };
        let Value::String(plain) = &value else {
            return (value, node);
        };
        if !plain.contains("${") && !plain.contains("%{") {
            return (value, node);
        }
        let own = self.scope.string(self.host, &node.span);
        let (decoded, Ok(template)) = (&own.decoded, &own.template) else {
            return (value, node);
        };
        let single = template.as_single_element().is_some();
        let mut text = String::new();
        for element in template {
            let span = element.span().unwrap_or_default();
            let (is_partition, sources) = match element {
                Element::Literal(literal) => {
                    text.push_str(literal);
                    continue;
                }
                Element::Interpolation(own)
                    if let Expression::FuncCall(call) = unwrap(&own.expr)
                        && let Some(made) = self.inside(&decoded.text).made_text(call) =>
                {
                    text.push_str(&made);
                    continue;
                }
                Element::Interpolation(own) => (
                    self.scope.is_partition(&own.expr),
                    self.scope.sources(&own.expr),
                ),
                Element::Directive(_) => (false, Vec::new()),
            };
            let kind = match kind {
                HoleKind::Whole if single => HoleKind::Whole,
                _ if is_partition => HoleKind::Partition,
                _ => HoleKind::Text,
            };
            let hole = Hole {
                text: decoded.text[span.clone()].to_owned(),
                kind,
                span: decoded.host(&span),
                sources,
            };
            text.push(self.holes.intern(hole));
        }
        (Value::from(text), node)
    }

    /// A list of texts, in which `&{…}` is IAM's own `${…}`.
    fn json_list(&mut self, node: &Node) -> Lowered {
        let mend = |value: Value| match value {
            Value::String(text) => Value::from(text.replace("&{", "${")),
            other => other,
        };
        let Kind::Array(nodes) = &node.kind else {
            return self.json_computed(node).unwrap_or_else(|| {
                let (value, node) = self.json_scalar(node, HoleKind::Whole);
                (mend(value), node)
            });
        };
        let (mut values, mut places) = (Vec::new(), Vec::new());
        for node in nodes {
            let (value, place) = self.json_scalar(node, HoleKind::Text);
            values.push(mend(value));
            places.push(place);
        }
        let node = Node::new(node.span.clone(), Kind::Array(places));
        (Value::Array(values), node)
    }

    /// A list that an expression makes of a literal one in this file.
    fn json_computed(&mut self, node: &Node) -> Option<Lowered> {
        if !self.host[node.span.clone()].starts_with('"') {
            return None;
        }
        let own = self.scope.string(self.host, &node.span);
        let (decoded, template) = (&own.decoded, own.template.as_ref().ok()?);
        let Element::Interpolation(only) = template.as_single_element()? else {
            return None;
        };
        let mut inner = self.inside(&decoded.text);
        let expression = unset(&only.expr);
        let Mapping {
            used,
            prefix,
            suffix,
        } = inner.mapping(expression).unwrap_or(Mapping {
            used: expression,
            prefix: String::new(),
            suffix: String::new(),
        });
        let (origin, list) = self.scope.json_list(used)?;
        let Kind::Array(nodes) = &list.kind else {
            return None;
        };
        let items = nodes
            .iter()
            .map(|node| self.json_scalar(node, HoleKind::Text));
        let (items, places): (Vec<_>, Vec<_>) = items.unzip();
        let mut node = Node::new(list.span.clone(), Kind::Array(places));
        node.origin = Some(origin.into());
        let mut items = Value::Array(items);
        self.convert(&mut items, &node);
        let items = items.as_array().into_iter().flatten();
        let values = items
            .map(|own| self.around(&prefix, own, &suffix))
            .collect();
        if !prefix.is_empty() || !suffix.is_empty() {
            node.form = Form::Accounts {
                prefix: prefix.into(),
                suffix: suffix.into(),
            };
        }
        Some((Value::Array(values), node))
    }

    fn json_name(&mut self, block: &Node, name: &str) -> (String, Range<usize>) {
        let Some(node) = block.child(name) else {
            return (String::new(), block.span.clone());
        };
        let (value, node) = self.json_scalar(node, HoleKind::Text);
        (value.as_str().unwrap_or_default().to_owned(), node.span)
    }

    /// The policy that a document's blocks are.
    pub(super) fn json_document(&mut self, block: &Node) -> Lowered {
        let mut policy = Pair::default();
        let at = block.span.start..block.span.start;
        let scalar = |node: &Node| Node::new(node.span.clone(), Kind::Scalar);
        match block.child("version") {
            Some(version) => {
                let version = self.json_scalar(version, HoleKind::Text);
                policy.add("Version", at.clone(), version);
            }
            None => policy.add(
                "Version",
                at.clone(),
                (Value::from("2012-10-17"), scalar(block)),
            ),
        }
        let mut statements = Vec::new();
        let list = block.child("statement");
        for statement in list.into_iter().flat_map(blocks) {
            statements.push(self.json_statement(statement));
        }
        let (values, nodes) = statements.into_iter().unzip();
        let span = list.map_or(block.span.clone(), |list| list.span.clone());
        let node = Node::new(span, Kind::Array(nodes));
        policy.add("Statement", at.clone(), (Value::Array(values), node));
        for name in MERGED {
            let own = block.child(name).into_iter().flat_map(blocks);
            self.json_brought(&mut policy, name, own.collect());
        }
        let dynamic = block.child("dynamic").into_iter().flat_map(blocks);
        let dynamic = dynamic.filter_map(|own| own.child("statement"));
        self.json_brought(&mut policy, "dynamic \"statement\"", dynamic.collect());
        policy.finish(block.span.clone())
    }

    /// Statements that are written elsewhere, or that an expression makes.
    fn json_brought(&mut self, policy: &mut Pair, what: &str, nodes: Vec<&Node>) {
        let Some(span) = nodes.first().map(|node| node.span.clone()) else {
            return;
        };
        let (mut values, mut places) = (Vec::new(), Vec::new());
        for own in nodes {
            let (value, _) = self.json_scalar(own, HoleKind::Whole);
            values.push(match value {
                Value::String(text) if crate::policy::hole::is_whole(&text) => Value::String(text),
                _ => Value::from(self.json_hole(own)),
            });
            places.push(Node::new(own.span.clone(), Kind::Scalar));
        }
        let key = self.brings(what, span.clone());
        let node = Node::new(span.clone(), Kind::Array(places));
        policy.add(&key, span, (Value::Array(values), node));
    }

    /// The hole for what a node stands for and nobody can tell.
    fn json_hole(&mut self, node: &Node) -> String {
        let hole = Hole {
            text: self.host[node.span.clone()].to_owned(),
            kind: HoleKind::Whole,
            span: node.span.clone(),
            sources: Vec::new(),
        };
        self.holes.intern(hole).to_string()
    }

    fn json_statement(&mut self, block: &Node) -> Lowered {
        let mut statement = Pair::default();
        if block.child("effect").is_none() {
            let node = Node::new(block.span.clone(), Kind::Scalar);
            let at = block.span.start..block.span.start;
            statement.add("Effect", at, (Value::from("Allow"), node));
        }
        for member in members(block) {
            let at = member.key_span.clone();
            match member.key.as_str() {
                "sid" => statement.add("Sid", at, self.json_scalar(&member.value, HoleKind::Text)),
                "effect" => {
                    statement.add(
                        "Effect",
                        at,
                        self.json_scalar(&member.value, HoleKind::Text),
                    );
                }
                "actions" => statement.add("Action", at, self.json_list(&member.value)),
                "not_actions" => statement.add("NotAction", at, self.json_list(&member.value)),
                "resources" => statement.add("Resource", at, self.json_list(&member.value)),
                "not_resources" => statement.add("NotResource", at, self.json_list(&member.value)),
                "principals" | "not_principals" => {
                    let element = if member.key == "principals" {
                        "Principal"
                    } else {
                        "NotPrincipal"
                    };
                    for block in blocks(&member.value) {
                        let lowered = self.json_principals(block);
                        statement.add(element, at.clone(), lowered);
                    }
                }
                "condition" => {
                    for block in blocks(&member.value) {
                        let lowered = self.json_condition(block);
                        statement.add("Condition", at.clone(), lowered);
                    }
                }
                "dynamic" => {
                    let hole = self.json_hole(&member.value);
                    let node = Node::new(at.clone(), Kind::Scalar);
                    let mut unknown = Pair::default();
                    unknown.add(&hole, at.clone(), (Value::from(hole.clone()), node));
                    let unknown = unknown.finish(at.clone());
                    statement.add("Condition", at, unknown);
                }
                _ => {}
            }
        }
        statement.finish(block.span.clone())
    }

    fn json_principals(&mut self, block: &Node) -> Lowered {
        let (kind, kind_span) = self.json_name(block, "type");
        if kind == "*" {
            return (
                Value::from("*"),
                Node::new(block.span.clone(), Kind::Scalar),
            );
        }
        let mut principals = Pair::default();
        if let Some(names) = block.child("identifiers") {
            principals.add(&kind, kind_span, self.json_list(names));
        }
        principals.finish(block.span.clone())
    }

    fn json_condition(&mut self, block: &Node) -> Lowered {
        let (operator, operator_span) = self.json_name(block, "test");
        let (key, key_span) = self.json_name(block, "variable");
        let mut keys = Pair::default();
        if let Some(values) = block.child("values") {
            keys.add(&key, key_span, self.json_list(values));
        }
        let mut operators = Pair::default();
        operators.add(&operator, operator_span, keys.finish(block.span.clone()));
        operators.finish(block.span.clone())
    }
}
