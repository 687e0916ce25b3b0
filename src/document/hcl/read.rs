//! The key policies in a `.tf` file.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/configuration>

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Block, BlockLabel, Structure};

use super::assigned::Assigned;
use super::file::{File, KEYS, Parsed, Use, attach, native, other_by_content};
use super::json;
use super::lower::{self, Lower};
use super::names::unwrap;
use super::scope::Scope;
use crate::document::error::DocumentError;
use crate::document::found::{Body, Found};
use crate::document::holes::Holes;
use crate::document::text::Position;

/// A Terraform file, and the key policies in it.
pub(in crate::document) fn read(
    host: &str,
    is_json: bool,
    holes: &mut Holes,
) -> Result<File, DocumentError> {
    if is_json || host.trim_start().starts_with('{') {
        return json::read(host, holes);
    }
    let body = parse_body(host).map_err(|error| not_hcl(&error))?;
    let scope = Scope::new(host, &body);
    let mut lower = Lower::new(host, &scope, holes);
    let mut found = Vec::new();
    let (mut used, mut others) = (Vec::new(), Vec::new());
    for block in body.iter().filter_map(Structure::as_block) {
        let for_each = block.body.get_attribute("for_each");
        lower.each = for_each.map_or_else(Vec::new, |own| scope.sources(&own.value));
        let labels: Vec<&str> = block.labels.iter().map(BlockLabel::as_str).collect();
        match (block.ident.as_str(), labels.as_slice()) {
            ("data", ["aws_iam_policy_document", name]) => {
                let address = format!("data.aws_iam_policy_document.{name}");
                let lowered = lower.policy_document(block);
                let body = scope.check_twice(block).map(|()| native(lowered));
                found.push(candidate(address, block, body));
            }
            ("resource", [kind, name]) if KEYS.contains(kind) => {
                let address = format!("{kind}.{name}");
                policy_of(&mut lower, block, &address, true, &mut found, &mut used);
            }
            ("resource", [_, _]) => others.extend(block.span()),
            ("module", [name]) => {
                let address = format!("module.{name}");
                policy_of(&mut lower, block, &address, false, &mut found, &mut used);
            }
            ("locals", []) => found.extend(locals(&mut lower, block)),
            _ => {}
        }
    }
    check_twice(host, &mut found);
    attach(host, &mut found, used, &others);
    let parsed = Parsed::Hcl(body);
    Ok(File { parsed, found })
}

/// Of two policies with one address, Terraform takes neither.
fn check_twice(host: &str, found: &mut Vec<Found>) {
    let mut kept: Vec<Found> = Vec::new();
    for one in found.drain(..) {
        let same = kept.iter_mut().find(|own| own.address == one.address);
        match same {
            Some(own) => {
                own.body = Err(DocumentError::Twice {
                    name: own.address.clone().unwrap_or_default(),
                    first: Position::of(host, own.at),
                    second: Position::of(host, one.at),
                });
            }
            None => kept.push(one),
        }
    }
    *found = kept;
}

fn not_hcl(error: &hcl_edit::parser::Error) -> DocumentError {
    DocumentError::NotHcl {
        message: error.message().to_owned(),
        at: Position {
            line: error.location().line(),
            column: error.location().column(),
        },
    }
}

fn candidate(address: String, block: &Block, body: Result<Body, DocumentError>) -> Found {
    Found {
        address: Some(address),
        aliases: Vec::new(),
        at: block.span().map_or(0, |span| span.start),
        is_other: other_by_content(&body),
        body,
    }
}

/// The policy of a resource, or of a module that takes one: its own, or those
/// that it uses.
fn policy_of(
    lower: &mut Lower<'_, '_>,
    block: &Block,
    address: &str,
    is_key: bool,
    found: &mut Vec<Found>,
    used: &mut Vec<Use>,
) {
    let Some(attribute) = block.body.get_attribute("policy") else {
        return;
    };
    let Assigned { here, uses, other } = lower.assigned(&attribute.value);
    let at = lower::span(&attribute.value).start;
    let has_own = here.is_some();
    used.extend(uses.into_iter().map(|(own, only_if)| Use {
        user: (!has_own).then(|| address.to_owned()),
        address: own,
        at,
        only_if,
    }));
    let is_used = !has_own && used.last().is_some_and(|own| own.at == at);
    let other = other.filter(|_| !is_used).map(Err);
    let Some(body) = here.or(other) else { return };
    let body = body.and_then(|body| lower.scope.check_twice(block).map(|()| body));
    let mut one = candidate(address.to_owned(), block, body);
    one.is_other &= !is_key;
    if is_key || one.body.is_ok() {
        found.push(one);
    }
}

/// The locals that hold a policy.
fn locals(lower: &mut Lower<'_, '_>, block: &Block) -> Vec<Found> {
    let mut found = Vec::new();
    for attribute in block.body.iter().filter_map(Structure::as_attribute) {
        let expression = unwrap(&attribute.value);
        let body = match expression {
            Expression::Object(object) => Some(lower.object_policy(object)),
            other if lower.host[lower::span(other)].contains("Statement") => {
                lower.local_policy(other)
            }
            _ => None,
        };
        let has_statement = |body: &Body| body.value.get("Statement").is_some_and(|s| !s.is_null());
        if let Some(body) = body.filter(|body| body.as_ref().is_ok_and(has_statement)) {
            let body = body.and_then(|body| lower.scope.check_twice(attribute).map(|()| body));
            found.push(Found {
                address: Some(format!("local.{}", attribute.key.as_str())),
                aliases: Vec::new(),
                at: attribute.span().map_or(0, |span| span.start),
                is_other: other_by_content(&body),
                body,
            });
        }
    }
    found
}
