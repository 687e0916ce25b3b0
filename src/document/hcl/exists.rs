//! Whether Terraform makes a key, and which of two policies it gives it.

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, BlockLabel, Body, Structure};

use super::file::{KEYS, Parsed, defined};
use super::json;
use super::json_document::{blocks, members};
use super::lower::span;
use super::names::{names, path_of, unwrap};
use crate::document::found::Existence;
use crate::document::holes::one_line;
use crate::document::tree::{Kind, Node};

/// What says how often a block counts.
///
/// <https://developer.hashicorp.com/terraform/language/meta-arguments>
const META: [&str; 2] = ["count", "for_each"];

/// What decides whether a policy, or a resource that uses it, is made.
pub(in crate::document) fn conditions(
    host: &str,
    parsed: &Parsed,
    address: &str,
) -> Vec<Existence> {
    let body = match parsed {
        Parsed::Hcl(body) => body,
        Parsed::Json(tree, _) => return json_conditions(host, tree, address),
    };
    let blocks = body.iter().filter_map(Structure::as_block);
    let own = blocks.filter(|block| {
        let is_it = address_of(block).is_some_and(|own| own == address);
        is_it || policy(block).is_some_and(|text| names(&host[span(&text.value)], address))
    });
    let mut found = Vec::new();
    for block in own {
        for name in META {
            let Some(attribute) = block.body.get_attribute(name) else {
                continue;
            };
            let value = &host[span(&attribute.value)];
            let at = attribute.span().map_or(0, |span| span.start);
            let is_none = makes_none(written_out(body, &attribute.value));
            found.extend(existence(&block.ident, (name, value), at, is_none));
        }
    }
    found
}

/// The same in the JSON syntax.
fn json_conditions(host: &str, tree: &Node, address: &str) -> Vec<Existence> {
    let resources = KEYS
        .iter()
        .map(|kind| ("resource", *kind, format!("{kind}.")));
    let document = "aws_iam_policy_document";
    let documents = [("data", document, format!("data.{document}."))];
    let mut found = Vec::new();
    for (section, kind, prefix) in resources.chain(documents) {
        for (name, block) in json::labeled(tree, &[section, kind]) {
            let text = |name: &str| host.get(block.child(name)?.span.clone());
            let is_it = address.strip_prefix(&prefix) == Some(name.key.as_str());
            let is_used =
                section == "resource" && text("policy").is_some_and(|text| names(text, address));
            if !is_it && !is_used {
                continue;
            }
            for meta in META {
                let Some((value, node)) = text(meta).zip(block.child(meta)) else {
                    continue;
                };
                let is_none = json_makes_none(host, json_written_out(host, tree, node));
                let own = (meta, value.trim_matches('"'));
                found.extend(existence(section, own, node.span.start, is_none));
            }
        }
    }
    found
}

/// What a string that is no more than the name of a local is.
fn json_written_out<'t>(host: &str, tree: &'t Node, node: &'t Node) -> &'t Node {
    let text = host.get(node.span.clone()).unwrap_or_default();
    let name = text.strip_prefix("\"${local.");
    let Some(name) = name.and_then(|own| own.strip_suffix("}\"")) else {
        return node;
    };
    let locals = tree.child("locals").map_or_else(Vec::new, blocks);
    let mut all = locals.into_iter().flat_map(members);
    let own = all.find(|member| member.key == name);
    own.map_or(node, |member| &member.value)
}

fn json_makes_none(host: &str, node: &Node) -> Option<bool> {
    match &node.kind {
        Kind::Scalar => {
            let text = host.get(node.span.clone())?.trim_matches('"');
            // To Terraform, "NaN" and "inf" are no numbers.
            let number = text.parse::<f64>().ok().filter(|own| own.is_finite())?;
            Some(number == 0.0)
        }
        Kind::Array(items) => Some(items.is_empty()),
        Kind::Object(members) => Some(members.is_empty()),
    }
}

/// What `count` or `for_each` decides, if it does: what is written out and
/// makes one is no condition.
fn existence(
    section: &str,
    (name, value): (&str, &str),
    at: usize,
    is_none: Option<bool>,
) -> Option<Existence> {
    (is_none != Some(false)).then(|| Existence {
        what: if section == "data" { "policy" } else { "key" },
        text: format!("{name} = {}", one_line(value)),
        at,
        is_none: is_none.is_some(),
    })
}

/// Two policies that are given to one key, of which this one is one or is used
/// by one: each resource, and where it stands.
///
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key_policy>
pub(in crate::document) fn rival(
    host: &str,
    parsed: &Parsed,
    address: &str,
) -> Option<[(String, usize); 2]> {
    let resources = match parsed {
        Parsed::Hcl(body) => resources(host, body),
        Parsed::Json(tree, _) => json_resources(host, tree),
    };
    let is_policy = |own: &Resource<'_>| own.address.starts_with("aws_kms_key_policy.");
    for key in resources.iter().filter(|own| !is_policy(own)) {
        let rival = resources.iter().find(|own| {
            let is_its = own.key_id.is_some_and(|id| names(id, &key.address));
            is_policy(own) && own.policy != key.policy && is_its
        });
        let Some(rival) = rival else {
            continue;
        };
        let is_meant = |own: &Resource<'_>| own.address == address || names(own.policy, address);
        if is_meant(key) || is_meant(rival) {
            let place = |own: &Resource<'_>| (own.address.clone(), own.at);
            return Some([place(key), place(rival)]);
        }
    }
    None
}

/// A resource with a key policy.
struct Resource<'t> {
    address: String,
    at: usize,
    /// As they are written.
    policy: &'t str,
    key_id: Option<&'t str>,
}

fn resources<'t>(host: &'t str, body: &Body) -> Vec<Resource<'t>> {
    let blocks = body.iter().filter_map(Structure::as_block);
    let own = blocks.filter_map(|block| {
        let key_id = block.body.get_attribute("key_id");
        Some(Resource {
            address: address_of(block)?,
            at: block.span().map_or(0, |span| span.start),
            policy: host.get(span(&policy(block)?.value))?,
            key_id: key_id.and_then(|own| host.get(span(&own.value))),
        })
    });
    own.collect()
}

fn json_resources<'t>(host: &'t str, tree: &Node) -> Vec<Resource<'t>> {
    let all = KEYS.iter().flat_map(|kind| {
        let labeled = json::labeled(tree, &["resource", kind]).into_iter();
        labeled.map(move |(name, block)| (format!("{kind}.{}", name.key), name, block))
    });
    let own = all.filter_map(|(address, name, block)| {
        let text = |name: &str| host.get(block.child(name)?.span.clone());
        Some(Resource {
            address,
            at: name.key_span.start,
            policy: text("policy")?,
            key_id: text("key_id"),
        })
    });
    own.collect()
}

/// The address of a block that is or has a key policy.
fn address_of(block: &Block) -> Option<String> {
    let labels: Vec<&str> = block.labels.iter().map(BlockLabel::as_str).collect();
    match (block.ident.as_str(), labels.as_slice()) {
        ("data", ["aws_iam_policy_document", name]) => {
            Some(format!("data.aws_iam_policy_document.{name}"))
        }
        ("resource", [kind, name]) if KEYS.contains(kind) => Some(format!("{kind}.{name}")),
        ("module", [name]) => Some(format!("module.{name}")),
        _ => None,
    }
}

fn policy(block: &Block) -> Option<&Attribute> {
    address_of(block)?;
    block.body.get_attribute("policy")
}

/// What an expression that is no more than the name of a local is.
fn written_out<'b>(body: &'b Body, expression: &'b Expression) -> &'b Expression {
    let named = || {
        let Expression::Traversal(traversal) = unwrap(expression) else {
            return None;
        };
        match path_of(traversal)?.as_slice() {
            [root, name] if root == "local" && traversal.operators.len() == 1 => {
                Some(&defined(body, name)?.value)
            }
            _ => None,
        }
    };
    named().unwrap_or(expression)
}

/// Whether `count` or `for_each` makes none, where it is written out.
fn makes_none(expression: &Expression) -> Option<bool> {
    match unwrap(expression) {
        Expression::Number(number) => Some(number.value().as_f64() == Some(0.0)),
        Expression::Object(object) => Some(object.is_empty()),
        Expression::Array(array) => Some(array.is_empty()),
        Expression::FuncCall(call) if matches!(call.name.name.as_str(), "toset" | "tomap") => {
            makes_none(call.args.iter().next()?)
        }
        _ => None,
    }
}
