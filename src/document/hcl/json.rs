//! Terraform's JSON syntax: the key policies in a `.tf.json` file. Each string
//! in it is a template; a block is an object, or an array of them.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/json>

use std::collections::HashMap;

use hcl_edit::parser::parse_template;
use hcl_edit::template::Element;

use super::json_document::{blocks, members};
use super::lower::{Lower, Lowered};
use super::scope::Scope;
use super::spelling::Decoded;
use super::text::Text;
use super::{KEYS, Use, attach, other_by_content};
use crate::document::holes::Holes;
use crate::document::host::{Body, Found, Syntax};
use crate::document::json::parse;
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
    let scope = Scope::of_json(host, [names("locals"), names("variable")], lists(&tree));
    let mut lower = Lower {
        host,
        scope: &scope,
        holes,
        open: Vec::new(),
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
                        user: Some(address.clone()),
                        address: own,
                        at: policy.span.start,
                        only_if: None,
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

fn labeled_members<'t>(tree: &'t Node, kind: &str) -> impl Iterator<Item = &'t Member> {
    let nodes = tree.child(kind).map_or_else(Vec::new, blocks);
    nodes.into_iter().flat_map(members)
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
            let addresses = self.scope.references(&only.expr);
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
}
