//! Terraform's own syntax: the key policies in a `.tf` file.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/configuration>

mod blocks;
mod json;
mod json_document;
mod json_edits;
mod list;
pub(super) mod lower;
mod mapping;
pub(super) mod names;
pub(super) mod scope;
mod spelling;
mod splice;
mod statement;
pub(super) mod text;
mod write;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, FuncCall};
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Block, BlockLabel, Structure};

use super::holes::Holes;
use super::host::{Body, Found, Syntax};
use super::{DocumentError, Position};
use crate::policy;
pub(super) use json_edits::edits as json_edits;
use lower::{Lower, Lowered};
use names::unwrap;
use scope::Scope;
pub(super) use splice::edits;

/// The resources that have a key policy.
pub(super) const KEYS: [&str; 4] = [
    "aws_kms_key",
    "aws_kms_key_policy",
    "aws_kms_replica_key",
    "aws_kms_external_key",
];

/// The key policies of a Terraform file.
pub(super) fn read(host: &str, holes: &mut Holes) -> Result<Vec<Found>, DocumentError> {
    if host.trim_start().starts_with('{') {
        return json::read(host, holes);
    }
    let body = parse_body(host).map_err(|error| not_hcl(&error))?;
    let scope = Scope::new(host, &body);
    let mut lower = Lower {
        host,
        scope: &scope,
        holes,
        open: Vec::new(),
    };
    let mut found = Vec::new();
    let mut used = Vec::new();
    for block in body.iter().filter_map(Structure::as_block) {
        let labels: Vec<&str> = block.labels.iter().map(BlockLabel::as_str).collect();
        match (block.ident.as_str(), labels.as_slice()) {
            ("data", ["aws_iam_policy_document", name]) => {
                let address = format!("data.aws_iam_policy_document.{name}");
                let lowered = lower.policy_document(block);
                found.push(candidate(address, block, Ok(native(lowered))));
            }
            ("resource", [kind, name]) if KEYS.contains(kind) => {
                let address = format!("{kind}.{name}");
                policy_of(&mut lower, block, address, true, &mut found, &mut used);
            }
            ("module", [name]) => {
                let address = format!("module.{name}");
                policy_of(&mut lower, block, address, false, &mut found, &mut used);
            }
            ("locals", []) => found.extend(locals(&mut lower, block)),
            _ => {}
        }
    }
    attach(host, &mut found, used);
    Ok(found)
}

/// A resource that uses a policy which is written elsewhere.
struct Use {
    user: String,
    address: String,
    at: usize,
}

/// Tells the policies which resources use them. Where none is in this file,
/// the resources stand for theirs.
fn attach(host: &str, found: &mut Vec<Found>, used: Vec<Use>) {
    let mut missing = Vec::new();
    for one in used {
        let mut own = found.iter_mut();
        match own.find(|own| own.address.as_ref() == Some(&one.address)) {
            Some(own) => {
                own.is_other = false;
                own.aliases.push(one.user);
            }
            None => missing.push(one),
        }
    }
    if found.iter().all(|own| own.is_other) {
        found.extend(missing.into_iter().map(|one| Found {
            address: Some(one.user),
            aliases: Vec::new(),
            at: one.at,
            is_other: false,
            body: Err(DocumentError::Elsewhere {
                expression: one.address,
                at: Position::of(host, one.at),
            }),
        }));
    }
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

fn native((value, tree): Lowered) -> Body {
    Body {
        value,
        tree,
        embedding: None,
        syntax: Syntax::Hcl,
    }
}

/// A candidate, and whether its content shows that it is no key policy.
pub(super) fn other_by_content(body: &Result<Body, DocumentError>) -> bool {
    body.as_ref()
        .is_ok_and(|body| policy::is_other(&body.value))
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

/// The policy of a resource, or of a module that takes one: its own, or the
/// one that it uses.
fn policy_of(
    lower: &mut Lower<'_, '_>,
    block: &Block,
    address: String,
    is_key: bool,
    found: &mut Vec<Found>,
    used: &mut Vec<Use>,
) {
    let Some(attribute) = block.body.get_attribute("policy") else {
        return;
    };
    let expression = unwrap(&attribute.value);
    match written(lower, expression) {
        Some(body) => {
            let mut one = candidate(address, block, body);
            one.is_other &= !is_key;
            if is_key || one.body.is_ok() {
                found.push(one);
            }
        }
        None => match lower.scope.references(expression).as_slice() {
            [] if is_key => {
                let body = Err(DocumentError::Elsewhere {
                    expression: lower.host[lower::span(expression)].to_owned(),
                    at: Position::of(lower.host, lower::span(expression).start),
                });
                found.push(candidate(address, block, body));
            }
            users => used.extend(users.iter().map(|own| Use {
                user: address.clone(),
                address: own.clone(),
                at: lower::span(expression).start,
            })),
        },
    }
}

/// A policy that is written where it is used.
fn written(
    lower: &mut Lower<'_, '_>,
    expression: &Expression,
) -> Option<Result<Body, DocumentError>> {
    match expression {
        Expression::FuncCall(call) if is_jsonencode(call) => {
            let argument = unwrap(call.args.iter().next()?);
            match argument {
                Expression::Object(object) => Some(object_policy(lower, object)),
                _ => None,
            }
        }
        Expression::String(_) | Expression::StringTemplate(_) | Expression::HeredocTemplate(_) => {
            lower.json_text(expression)
        }
        _ => None,
    }
}

fn object_policy(
    lower: &mut Lower<'_, '_>,
    object: &hcl_edit::expr::Object,
) -> Result<Body, DocumentError> {
    let lowered = lower.object(object);
    match lowered.1.twins() {
        None => Ok(native(lowered)),
        Some(twins) => Err(DocumentError::Twins {
            first: Position::of(lower.host, twins.first),
            second: Position::of(lower.host, twins.second),
            key: twins.key,
            differ_by_case: twins.differ_by_case,
        }),
    }
}

fn is_jsonencode(call: &FuncCall) -> bool {
    call.name.namespace.is_empty() && call.name.name.as_str() == "jsonencode"
}

/// The locals that hold a policy.
fn locals(lower: &mut Lower<'_, '_>, block: &Block) -> Vec<Found> {
    let mut found = Vec::new();
    for attribute in block.body.iter().filter_map(Structure::as_attribute) {
        let expression = unwrap(&attribute.value);
        let body = match expression {
            Expression::Object(object) => Some(object_policy(lower, object)),
            Expression::StringTemplate(_) | Expression::HeredocTemplate(_)
                if !lower.host[lower::span(expression)].contains("Statement") =>
            {
                None
            }
            other => written(lower, other),
        };
        let has_statement = |body: &Body| body.value.get("Statement").is_some_and(|s| !s.is_null());
        if let Some(body) = body.filter(|body| body.as_ref().is_ok_and(has_statement)) {
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
