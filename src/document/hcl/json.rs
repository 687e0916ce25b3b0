//! Terraform's JSON syntax: the key policies in a `.tf.json` file. Each string
//! in it is a template; a block is an object, or an array of them.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/json>

use std::collections::HashMap;

use hcl_edit::expr::Expression;
use hcl_edit::template::Element;

use super::assigned::Assigned;
use super::file::{File, KEYS, Parsed, Use, attach, other_by_content};
use super::json_document::{blocks, labeled_members, members};
use super::lower::{Lower, Lowered, span};
use super::scope::{Scope, is_of_numbers};
use super::spelling::Decoded;
use super::strings::Strings;
use super::text::Text;
use crate::document::embed::{Builder, Shown};
use crate::document::error::DocumentError;
use crate::document::escaping::Escaping;
use crate::document::found::{Body, Found, Syntax};
use crate::document::holes::Holes;
use crate::document::json::parse;
use crate::document::text::Position;
use crate::document::tree::{Kind, Member, Node};

/// A file in Terraform's JSON syntax, and the key policies in it.
pub(super) fn read(host: &str, holes: &mut Holes) -> Result<File, DocumentError> {
    let (_, tree) = parse(host)?;
    let strings = Strings::default();
    let names = |kind: &str| {
        let blocks = tree.child(kind).map_or_else(Vec::new, blocks);
        let members = blocks.into_iter().flat_map(members);
        members
            .map(|member| (member.key.to_string(), member.key_span.start))
            .collect::<Vec<_>>()
    };
    let names = [names("locals"), names("variable")];
    let of_numbers = labeled_members(&tree, "variable").filter_map(|own| {
        let kind = host.get(own.value.child("type")?.span.clone())?;
        is_of_numbers(kind).then(|| format!("var.{}", own.key))
    });
    let scope = Scope::of_json(host, names, lists(&tree), of_numbers.collect(), &strings);
    let mut lower = Lower::new(host, &scope, holes);
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
            let Assigned { here, uses, other } = lower.json_policy(policy);
            let other = other.filter(|_| uses.is_empty()).map(Err);
            used.extend(uses.into_iter().map(|(own, only_if)| Use {
                user: here.is_none().then(|| address.clone()),
                address: own,
                at: policy.span.start,
                only_if,
            }));
            if let Some(body) = here.or(other) {
                let mut one = candidate(address, name, body);
                one.is_other = false;
                found.push(one);
            }
        }
    }
    for member in labeled(&tree, &["locals"]).iter().map(|(name, _)| *name) {
        if let Some(Ok(body)) = lower.json_policy(&member.value).here
            && body.value.get("Statement").is_some()
        {
            let address = format!("local.{}", member.key);
            found.push(candidate(address, member, Ok(body)));
        }
    }
    let others = tree.child("resource").map_or_else(Vec::new, blocks);
    let others = others.into_iter().flat_map(members);
    let others = others.filter(|kind| !KEYS.contains(&kind.key.as_str()));
    let others: Vec<_> = others.map(|kind| kind.value.span.clone()).collect();
    attach(host, &mut found, used, &others);
    let parsed = Parsed::Json(tree, strings);
    Ok(File { parsed, found })
}

/// The literal lists that locals and the defaults of variables are.
fn lists(tree: &Node) -> HashMap<String, &Node> {
    let locals = labeled_members(tree, "locals").map(|own| ("local", own, Some(&own.value)));
    let variables =
        labeled_members(tree, "variable").map(|own| ("var", own, own.value.child("default")));
    locals
        .chain(variables)
        .filter_map(|(root, own, list)| {
            let list = list.filter(|node| matches!(node.kind, Kind::Array(_)))?;
            Some((format!("{root}.{}", own.key), list))
        })
        .collect()
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

/// The blocks under these labels, each with its last label.
pub(super) fn labeled<'t>(tree: &'t Node, labels: &[&str]) -> Vec<(&'t Member, &'t Node)> {
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
    /// What a string is as a policy: a text, or an expression.
    fn json_policy(&mut self, node: &Node) -> Assigned {
        let is_string = self.host[node.span.clone()].starts_with('"');
        if !matches!(node.kind, Kind::Scalar) || !is_string {
            return Assigned::default();
        }
        let own = self.scope.string(self.host, &node.span);
        let decoded = &own.decoded;
        let template = match &own.template {
            Ok(template) => template,
            Err(error) => {
                let here = Some(Err(DocumentError::NotHcl {
                    message: error.message().to_owned(),
                    at: Position::of(self.host, node.span.start),
                }));
                return Assigned {
                    here,
                    ..Assigned::default()
                };
            }
        };
        if let Some(Element::Interpolation(only)) = template.as_single_element() {
            return self.json_expression(node, decoded, &only.expr);
        }
        let mut text = Text::of(decoded);
        text.push(self, template.iter());
        let inside = node.span.start + 1..node.span.end - 1;
        Assigned {
            here: Some(text.finish(self, inside)),
            ..Assigned::default()
        }
    }

    /// What the only expression of a string is as a policy. It is read as what
    /// is assigned in a file of Terraform's own syntax, inside of the string.
    fn json_expression(&mut self, node: &Node, decoded: &Decoded, own: &Expression) -> Assigned {
        let mut builder = Builder::new();
        for (place, meant) in decoded.pieces(&(0..decoded.text.len())) {
            builder.push(place, meant);
        }
        let inside = node.span.start + 1..node.span.end - 1;
        let embedding = builder.finish(inside, Escaping::JsonString, Shown::Host);
        let at = Position::of(self.host, node.span.start);
        let moved = |error: DocumentError| match error {
            DocumentError::Elsewhere { expression, .. } => {
                DocumentError::Elsewhere { expression, at }
            }
            DocumentError::Unclear { expression, .. } => DocumentError::Unclear { expression, at },
            other => other.moved(&|inner| embedding.position(self.host, inner)),
        };
        let mut assigned = self.inside(&decoded.text).assigned(own);
        assigned.other = assigned.other.map(moved);
        assigned.here = assigned.here.map(|body| match body {
            // A text in the expression is a third spelling.
            Ok(body) if body.embedding.is_some() => Err(DocumentError::Unclear {
                expression: decoded.text[span(own)].to_owned(),
                at,
            }),
            Ok(body) => Ok(Body {
                embedding: Some(embedding.clone()),
                ..body
            }),
            Err(error) => Err(moved(error)),
        });
        assigned
    }
}
