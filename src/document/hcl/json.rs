//! Terraform's JSON syntax: the key policies in a `.tf.json` file. Each string
//! in it is a template; a block is an object, or an array of them.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/json>

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::parser::parse_template;
use hcl_edit::template::Element;
use json_patch::jsonptr::{Pointer, PointerBuf};
use json_patch::{AddOperation, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::{Map, Value, json};

use super::blocks::Pair;
use super::lower::{Lower, Lowered};
use super::scope::{Scope, references};
use super::text::{Decoded, Text};
use super::{KEYS, Use, attach, other_by_content};
use crate::document::embed::Escaping;
use crate::document::holes::{Hole, HoleKind, Holes};
use crate::document::host::{Body, Found, Syntax};
use crate::document::json::{parse, splice};
use crate::document::text::{TextEdit, append};
use crate::document::tree::{Kind, Member, Node};
use crate::document::{DocumentError, Position};

/// The key policies of a file in Terraform's JSON syntax.
pub(super) fn read(host: &str, holes: &mut Holes) -> Result<Vec<Found>, DocumentError> {
    let (_, tree) = parse(host)?;
    let names = |kind: &str| {
        let blocks = tree.child(kind).map_or_else(Vec::new, blocks);
        let members = blocks.into_iter().flat_map(members);
        members
            .map(|member| (member.key.clone(), member.key_span.start))
            .collect::<Vec<_>>()
    };
    let scope = Scope::of_json(host, names("locals"), names("variable"));
    let mut lower = Lower {
        host,
        scope: &scope,
        holes,
    };
    let mut found = Vec::new();
    let mut used = Vec::new();
    for (name, block) in labeled(&tree, &["data", "aws_iam_policy_document"]) {
        let body = Body {
            syntax: Syntax::HclJson,
            ..body(lower.json_document(block))
        };
        let address = format!("data.aws_iam_policy_document.{}", name.key);
        found.push(candidate(address, name, Ok(body)));
    }
    for kind in KEYS {
        for (name, block) in labeled(&tree, &["resource", kind]) {
            let Some(policy) = block.child("policy") else {
                continue;
            };
            let address = format!("{kind}.{}", name.key);
            match lower.json_policy(policy) {
                Ok(Policy::Here(body)) => {
                    let mut one = candidate(address, name, Ok(*body));
                    one.is_other = false;
                    found.push(one);
                }
                Ok(Policy::Used(addresses)) => {
                    used.extend(addresses.into_iter().map(|own| Use {
                        user: address.clone(),
                        address: own,
                        at: policy.span.start,
                    }));
                }
                Err(error) => found.push(candidate(address, name, Err(error))),
            }
        }
    }
    for member in labeled(&tree, &["locals"]).iter().map(|(name, _)| *name) {
        if let Ok(Policy::Here(body)) = lower.json_policy(&member.value)
            && body.value.get("Statement").is_some()
        {
            let address = format!("local.{}", member.key);
            found.push(candidate(address, member, Ok(*body)));
        }
    }
    attach(host, &mut found, used);
    Ok(found)
}

fn body((value, tree): Lowered) -> Body {
    Body {
        value,
        tree,
        embedding: None,
        syntax: Syntax::HclJson,
    }
}

fn candidate(address: String, name: &Member, body: Result<Body, DocumentError>) -> Found {
    Found {
        address: Some(address),
        aliases: Vec::new(),
        at: name.key_span.start,
        is_other: other_by_content(&body),
        body,
    }
}

/// A policy in a string, or the addresses that the string names.
enum Policy {
    Here(Box<Body>),
    Used(Vec<String>),
}

/// The objects that a block is.
fn blocks(node: &Node) -> Vec<&Node> {
    match &node.kind {
        Kind::Array(nodes) => nodes.iter().collect(),
        _ => vec![node],
    }
}

fn members(node: &Node) -> &[Member] {
    match &node.kind {
        Kind::Object(members) => members,
        _ => &[],
    }
}

/// The blocks under these labels, each with its last label.
fn labeled<'t>(tree: &'t Node, labels: &[&str]) -> Vec<(&'t Member, &'t Node)> {
    let mut nodes = vec![tree];
    for label in labels {
        let below = nodes.into_iter().flat_map(blocks);
        nodes = below.filter_map(|node| node.child(label)).collect();
    }
    let named = nodes.into_iter().flat_map(blocks).flat_map(members);
    named
        .flat_map(|member| {
            blocks(&member.value)
                .into_iter()
                .map(move |node| (member, node))
        })
        .collect()
}

impl Lower<'_, '_> {
    fn json_policy(&mut self, node: &Node) -> Result<Policy, DocumentError> {
        let is_string = self.host[node.span.clone()].starts_with('"');
        if !matches!(node.kind, Kind::Scalar) || !is_string {
            return Ok(Policy::Used(Vec::new()));
        }
        let decoded = Decoded::new(self.host, &node.span);
        let at = Position::of(self.host, node.span.start);
        let template = parse_template(&decoded.text).map_err(|error| DocumentError::NotHcl {
            message: error.message().to_owned(),
            at,
        })?;
        if let Some(Element::Interpolation(only)) = template.as_single_element() {
            let addresses = references(&only.expr);
            return match addresses.as_slice() {
                [] => Err(DocumentError::Elsewhere {
                    expression: decoded.text,
                    at,
                }),
                _ => Ok(Policy::Used(addresses)),
            };
        }
        let mut text = Text::of(&decoded);
        text.push(self, template.iter());
        let inside = node.span.start + 1..node.span.end - 1;
        text.finish(self, inside)
            .map(|body| Policy::Here(Box::new(body)))
    }

    /// A scalar; a string is a template.
    fn json_scalar(&mut self, node: &Node, kind: HoleKind) -> Lowered {
        let raw = &self.host[node.span.clone()];
        let node = Node::new(node.span.clone(), Kind::Scalar);
        let value: Value = serde_json::from_str(raw).unwrap_or(Value::Null);
        let Value::String(plain) = &value else {
            return (value, node);
        };
        if !plain.contains("${") && !plain.contains("%{") {
            return (value, node);
        }
        let decoded = Decoded::new(self.host, &node.span);
        let Ok(template) = parse_template(&decoded.text) else {
            return (value, node);
        };
        let single = template.as_single_element().is_some();
        let mut text = String::new();
        for element in &template {
            let span = element.span().unwrap_or_default();
            let (is_partition, sources) = match element {
                Element::Literal(literal) => {
                    text.push_str(literal);
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
        (Value::String(text), node)
    }

    /// A list of texts, in which `&{…}` is IAM's own `${…}`.
    fn json_list(&mut self, node: &Node) -> Lowered {
        let mend = |value: Value| match value {
            Value::String(text) => Value::String(text.replace("&{", "${")),
            other => other,
        };
        let Kind::Array(nodes) = &node.kind else {
            let (value, node) = self.json_scalar(node, HoleKind::Whole);
            return (mend(value), node);
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

    fn json_name(&mut self, block: &Node, name: &str) -> (String, Range<usize>) {
        let Some(node) = block.child(name) else {
            return (String::new(), block.span.clone());
        };
        let (value, node) = self.json_scalar(node, HoleKind::Text);
        (value.as_str().unwrap_or_default().to_owned(), node.span)
    }

    fn json_document(&mut self, block: &Node) -> Lowered {
        let mut policy = Pair::default();
        let at = block.span.start..block.span.start;
        let scalar = |node: &Node| Node::new(node.span.clone(), Kind::Scalar);
        match block.child("version") {
            Some(version) => {
                let version = self.json_scalar(version, HoleKind::Text);
                policy.add("Version", at.clone(), version);
            }
            None => policy.add("Version", at.clone(), (json!("2012-10-17"), scalar(block))),
        }
        let mut statements = Vec::new();
        for name in super::blocks::MERGED {
            for own in block.child(name).into_iter().flat_map(blocks) {
                let (value, node) = self.json_scalar(own, HoleKind::Whole);
                statements.push(match value {
                    Value::String(text) if crate::policy::hole::is_whole(&text) => {
                        (Value::String(text), node)
                    }
                    _ => {
                        let hole = self.json_hole(own);
                        (Value::String(hole), node)
                    }
                });
            }
        }
        let list = block.child("statement");
        for statement in list.into_iter().flat_map(blocks) {
            statements.push(self.json_statement(statement));
        }
        let dynamic = block.child("dynamic").into_iter().flat_map(blocks);
        for own in dynamic.filter_map(|own| own.child("statement")) {
            let hole = self.json_hole(own);
            statements.insert(0, (Value::String(hole), scalar(own)));
        }
        let (values, nodes) = statements.into_iter().unzip();
        let span = list.map_or(block.span.clone(), |list| list.span.clone());
        let node = Node::new(span, Kind::Array(nodes));
        policy.add("Statement", at, (Value::Array(values), node));
        policy.finish(block.span.clone())
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
            statement.add("Effect", at, (json!("Allow"), node));
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
                    unknown.add(&hole, at.clone(), (Value::String(hole.clone()), node));
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
            return (json!("*"), Node::new(block.span.clone(), Kind::Scalar));
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

/// The edits that a run of operations on the policy is: the same operations on
/// the file's own JSON, in its form.
pub fn edits(
    host: &str,
    body: &Body,
    run: &[PatchOperation],
    holes: &Holes,
) -> Option<Vec<TextEdit>> {
    let (value, tree) = parse(host).ok()?;
    let own: Option<Vec<PatchOperation>> = run
        .iter()
        .map(|operation| translate(operation, body, &value, &tree, holes))
        .collect();
    splice::text_edit(host, &tree, &value, &own?).map(|edit| vec![edit])
}

/// Where in the file a node of the policy stands.
fn place(tree: &Node, span: &Range<usize>) -> Option<PointerBuf> {
    let mut found = None;
    tree.visit(&PointerBuf::new(), &mut |at, node| {
        if node.span == *span {
            found = Some(at.clone());
        }
    });
    found
}

fn translate(
    operation: &PatchOperation,
    body: &Body,
    value: &Value,
    tree: &Node,
    holes: &Holes,
) -> Option<PatchOperation> {
    let node = |pointer: &Pointer| {
        let mut tokens = pointer.tokens();
        tokens.try_fold(&body.tree, |node, token| node.child(&token.decoded()))
    };
    let own = |pointer: &Pointer| place(tree, &node(pointer)?.span);
    let add =
        |path: PointerBuf, value: Value| Some(PatchOperation::Add(AddOperation { path, value }));
    // One block more, behind those that are there.
    let more = |path: PointerBuf, block: Value| match value.pointer(path.as_str()) {
        None => add(path, json!([block])),
        Some(Value::Array(_)) => {
            let mut end = path;
            end.push_back("-");
            add(end, block)
        }
        Some(single) => Some(PatchOperation::Replace(ReplaceOperation {
            value: json!([single, block]),
            path,
        })),
    };
    if let Some((list, new)) = append(operation) {
        if list.as_str() != "/Statement" {
            let mut end = own(list)?;
            end.push_back("-");
            return add(end, spelled(new, holes));
        }
        let block = own(Pointer::root())?;
        let mut path = block;
        path.push_back("statement");
        return more(path, statement(new, holes)?);
    }
    match operation {
        PatchOperation::Remove(RemoveOperation { path }) => {
            Some(PatchOperation::Remove(RemoveOperation { path: own(path)? }))
        }
        PatchOperation::Add(AddOperation { path, value: new }) => {
            let tokens: Vec<String> = path.tokens().map(|t| t.decoded().into_owned()).collect();
            let [statement, index, condition, below @ ..] = tokens.as_slice() else {
                return None;
            };
            if statement != "Statement" || condition != "Condition" {
                return None;
            }
            let mut new = new.clone();
            for token in below.iter().rev() {
                new = json!({ token.as_str(): new });
            }
            let mut at = place(tree, &body.tree.child(statement)?.child(index)?.span)?;
            at.push_back("condition");
            more(at, conditions(&new, holes).pop()?)
        }
        _ => None,
    }
}

/// A value whose texts are templates.
fn spelled(value: &Value, holes: &Holes) -> Value {
    match value {
        Value::String(text) => Value::String(Escaping::Template.encode(text, holes)),
        Value::Array(items) => items.iter().map(|item| spelled(item, holes)).collect(),
        other => other.clone(),
    }
}

fn list(value: &Value, holes: &Holes) -> Value {
    match spelled(value, holes) {
        Value::Array(items) => Value::Array(items),
        single => json!([single]),
    }
}

/// A statement as a block.
fn statement(value: &Value, holes: &Holes) -> Option<Value> {
    let mut block = Map::new();
    for (element, value) in value.as_object()? {
        let (name, value) = match element.as_str() {
            "Sid" => ("sid", spelled(value, holes)),
            "Effect" => ("effect", spelled(value, holes)),
            "Action" => ("actions", list(value, holes)),
            "Resource" => ("resources", list(value, holes)),
            "Principal" => {
                let kinds = value.as_object()?.iter();
                let block = |(kind, names): (&String, &Value)| json!({ "type": kind, "identifiers": list(names, holes) });
                ("principals", Value::Array(kinds.map(block).collect()))
            }
            "Condition" => ("condition", Value::Array(conditions(value, holes))),
            _ => return None,
        };
        block.insert(name.to_owned(), value);
    }
    Some(Value::Object(block))
}

fn conditions(value: &Value, holes: &Holes) -> Vec<Value> {
    let mut blocks = Vec::new();
    for (operator, keys) in value.as_object().into_iter().flatten() {
        for (key, values) in keys.as_object().into_iter().flatten() {
            let values = list(values, holes);
            blocks.push(json!({ "test": operator, "variable": key, "values": values }));
        }
    }
    blocks
}
