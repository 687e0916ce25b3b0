//! Whether Terraform makes a key, and which of two policies it gives it.

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, BlockLabel, Structure};

use super::lower::span;
use super::names::unwrap;
use super::{KEYS, Parsed, json};
use crate::document::holes::one_line;
use crate::document::host::Existence;
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
        Parsed::Json(tree) => return json_conditions(host, tree, address),
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
            let is_none = makes_none(&attribute.value);
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
                let plain = value.trim_matches('"');
                let is_none = match plain.parse::<f64>() {
                    Ok(number) => Some(number == 0.0),
                    Err(_) => match &node.kind {
                        Kind::Scalar => None,
                        Kind::Array(items) => Some(items.is_empty()),
                        Kind::Object(members) => Some(members.is_empty()),
                    },
                };
                let at = node.span.start;
                found.extend(existence(section, (meta, plain), at, is_none));
            }
        }
    }
    found
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
    let Parsed::Hcl(body) = parsed else {
        return None;
    };
    let resources: Vec<(&Block, String, &str)> = body
        .iter()
        .filter_map(Structure::as_block)
        .filter_map(|block| {
            let own = address_of(block)?;
            Some((block, own, host.get(span(&policy(block)?.value))?))
        })
        .collect();
    let is_policy = |address: &str| address.starts_with("aws_kms_key_policy.");
    for (key, own, text) in resources.iter().filter(|(_, own, _)| !is_policy(own)) {
        let rival = resources.iter().find(|(block, other, other_text)| {
            let key_id = block.body.get_attribute("key_id");
            let key_id = key_id.and_then(|key_id| host.get(span(&key_id.value)));
            is_policy(other) && text != other_text && key_id.is_some_and(|id| names(id, own))
        });
        let Some((policy, other, other_text)) = rival else {
            continue;
        };
        let is_meant = [own, other].iter().any(|one| *one == address)
            || [text, other_text].iter().any(|text| names(text, address));
        if is_meant {
            let place = |block: &Block| block.span().map_or(0, |span| span.start);
            return Some([(own.clone(), place(key)), (other.clone(), place(policy))]);
        }
    }
    None
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

/// Whether an expression's text names an address.
fn names(text: &str, address: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut places = text.match_indices(address);
    places.any(|(at, _)| {
        !text[..at].ends_with(|c| is_word(c) || c == '.')
            && !text[at + address.len()..].starts_with(is_word)
    })
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
