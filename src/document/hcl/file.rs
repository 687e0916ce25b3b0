//! A Terraform file, as it was read.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::structure::{self, Structure};

use super::json_document::labeled_members;
use super::lower::Lowered;
use super::names::names;
use super::strings::Strings;
use crate::document::error::DocumentError;
use crate::document::found::{Body, Found, Syntax};
use crate::document::text::Position;
use crate::document::tree::{Node, Origin};
use crate::policy;

/// The resources that have a key policy.
pub(super) const KEYS: [&str; 4] = [
    "aws_kms_key",
    "aws_kms_key_policy",
    "aws_kms_replica_key",
    "aws_kms_external_key",
];

/// A Terraform file, as it was read: it is asked more than for its policies.
#[derive(Debug)]
pub(in crate::document) struct File {
    /// What the parser made of it.
    pub(in crate::document) parsed: Parsed,
    pub(in crate::document) found: Vec<Found>,
}

/// A parsed file, in either syntax.
#[derive(Debug)]
pub(in crate::document) enum Parsed {
    Hcl(structure::Body),
    Json(Node, Strings),
}

impl Parsed {
    /// The text of a local's definition.
    pub(in crate::document) fn local<'t>(&self, host: &'t str, name: &str) -> Option<&'t str> {
        let (Self::Hcl(body), Some(name)) = (self, name.strip_prefix("local.")) else {
            return None;
        };
        host.get(defined(body, name)?.span()?)
    }

    /// The local or the variable in whose definition a place is.
    pub(in crate::document) fn defined_at(&self, at: usize) -> Option<String> {
        let is_in = |span: Option<Range<usize>>| span.is_some_and(|span| span.contains(&at));
        let body = match self {
            Self::Hcl(body) => body,
            Self::Json(tree, _) => {
                return [("locals", "local"), ("variable", "var")]
                    .into_iter()
                    .find_map(|(kind, root)| {
                        let mut members = labeled_members(tree, kind);
                        let own = members.find(|own| is_in(Some(own.value.span.clone())))?;
                        Some(format!("{root}.{}", own.key))
                    });
            }
        };
        let mut blocks = body.iter().filter_map(Structure::as_block);
        let block = blocks.find(|block| is_in(block.span()))?;
        match (block.ident.as_str(), block.labels.as_slice()) {
            ("locals", []) => {
                let mut locals = block.body.iter().filter_map(Structure::as_attribute);
                let own = locals.find(|own| is_in(own.span()))?;
                Some(format!("local.{}", own.key.as_str()))
            }
            ("variable", [name]) => Some(format!("var.{}", name.as_str())),
            _ => None,
        }
    }
}

pub(super) fn defined<'b>(
    body: &'b structure::Body,
    name: &str,
) -> Option<&'b structure::Attribute> {
    let blocks = body.iter().filter_map(Structure::as_block);
    let mut locals = blocks.filter(|block| block.has_ident("locals"));
    locals.find_map(|block| block.body.get_attribute(name))
}

/// A resource that uses a policy which is written elsewhere.
pub(super) struct Use {
    /// Its address, if it has no other policy.
    pub(super) user: Option<String>,
    /// The policy's.
    pub(super) address: String,
    /// Where it is used.
    pub(super) at: usize,
    /// When it is used, if not always.
    pub(super) only_if: Option<String>,
}

/// Tells the policies which resources use them; `others` are the resources that
/// have no key policy. Where none is in this file, the resources stand for theirs.
pub(super) fn attach(host: &str, found: &mut Vec<Found>, used: Vec<Use>, others: &[Range<usize>]) {
    for own in found.iter_mut() {
        let Some(address) = own.address.as_deref() else {
            continue;
        };
        // What says nothing itself is what its user takes.
        let says_nothing = own
            .body
            .as_ref()
            .is_ok_and(|own| policy::says_nothing(&own.value));
        own.is_other |= says_nothing && others.iter().any(|own| names(&host[own.clone()], address));
        let mine = used.iter().filter(|one| one.address == address);
        own.aliases
            .extend(mine.clone().filter_map(|one| one.user.clone()));
        let conditions: Option<Vec<&str>> =
            mine.clone().map(|one| one.only_if.as_deref()).collect();
        // A module may take any policy; a key takes only its own.
        let is_module = |user: &String| user.starts_with("module.");
        let mut users = mine.map(|one| &one.user);
        own.is_other &= !users.any(|user| !user.as_ref().is_some_and(is_module));
        if let (Ok(body), Some([condition, ..])) = (&mut own.body, conditions.as_deref()) {
            body.tree
                .say_origin(Some(Origin::only_if(address, *condition)));
        }
    }
    if !found.iter().all(|own| own.is_other) {
        return;
    }
    let mut missing: Vec<Found> = Vec::new();
    for one in used {
        if one.user.is_some() && missing.iter().any(|own| own.address == one.user) {
            continue;
        }
        missing.push(Found {
            address: one.user,
            aliases: Vec::new(),
            at: one.at,
            is_other: false,
            body: Err(DocumentError::Elsewhere {
                expression: one.address,
                at: Position::of(host, one.at),
            }),
        });
    }
    found.extend(missing);
}

pub(super) fn native((value, tree): Lowered) -> Body {
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
