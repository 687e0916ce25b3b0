//! A template, and the policies that its keys have.

use json_patch::jsonptr::PointerBuf;

use super::function::text_of;
use super::intrinsic::Reader;
use super::{changed, keys};
use crate::document::error::DocumentError;
use crate::document::found::{Body, Found, Syntax};
use crate::document::holes::Holes;
use crate::document::placeholder::{self, Effect, Placeholder};
use crate::document::text::Position;
use crate::document::tree::{Kind, Node};
use crate::policy;
use crate::value::Value;

/// Where a resource's logical ID stands.
fn name_of(tree: &Node, logical_id: &str) -> std::ops::Range<usize> {
    match tree.child("Resources").map(|node| &node.kind) {
        Some(Kind::Object(members)) => members
            .iter()
            .find(|member| member.key == logical_id)
            .map_or(0..0, |member| member.key_span.clone()),
        _ => 0..0,
    }
}

/// A template, and what is being read of it.
pub(super) struct Template<'t> {
    pub(super) host: &'t str,
    /// The host with its placeholders masked.
    pub(super) masked: &'t str,
    pub(super) value: &'t Value,
    pub(super) tree: &'t Node,
    pub(super) syntax: Syntax,
    pub(super) placeholders: &'t [Placeholder],
    pub(super) holes: &'t mut Holes,
    /// The lists in mappings that stand for lists in policies.
    pub(super) mapped: Vec<PointerBuf>,
}

impl Template<'_> {
    /// The policy that the host itself is, or the AWS CLI's envelope of it.
    pub(super) fn policy(&mut self) -> Result<Body, DocumentError> {
        let (value, tree) = (self.value, self.tree);
        let enveloped = value.get("Policy").filter(|policy| policy.is_string());
        let envelope = enveloped.filter(|_| value.get("Statement").is_none());
        match (envelope, tree.child("Policy")) {
            (Some(policy), Some(node)) => self.body(policy, node),
            _ => self.body(value, tree),
        }
    }

    /// The policies of its keys, which go from `rest`, a copy of its value.
    pub(super) fn keys(&mut self, rest: &mut Value) -> Vec<Found> {
        let (host, value, tree) = (self.host, self.value, self.tree);
        let mut take = |at: &PointerBuf| {
            if let Some(own) = rest.pointer_mut(at.as_str()) {
                *own = Value::Null;
            }
        };
        let mut found = Vec::new();
        for key in keys(value) {
            let Some(policy) = value.pointer(key.policy.as_str()) else {
                continue;
            };
            let body = match changed::of_key(tree, &key.logical_id) {
                Some((name, at)) => Err(DocumentError::Changed {
                    by: name.to_owned(),
                    at: Position::of(host, at),
                }),
                None => self.body(policy, tree.nearest(&key.policy)),
            };
            if body.is_ok() {
                take(&key.policy);
            }
            let name = name_of(tree, &key.logical_id);
            let address = if placeholder::is_masked(&key.logical_id) {
                host[name.clone()].to_owned()
            } else {
                key.logical_id
            };
            let is_other = |body: &Body| policy::is_other(&body.value);
            found.push(Found {
                at: name.start,
                is_other: body.as_ref().is_ok_and(is_other),
                address: Some(address),
                aliases: Vec::new(),
                body,
            });
        }
        std::mem::take(&mut self.mapped).iter().for_each(take);
        found.extend(changed::made(host, value, tree));
        found
    }

    /// A policy as it stands at a node.
    fn body(&mut self, value: &Value, node: &Node) -> Result<Body, DocumentError> {
        self.check_placeholders(node)?;
        if let Some((text, node, names)) = text_of(value, node) {
            return self.embedded(text, node, names);
        }
        // A macro may change what stands beside it, and add statements that deny.
        if let Some((name, at)) = changed::inside(node) {
            return Err(DocumentError::Changed {
                by: name.to_owned(),
                at: Position::of(self.host, at),
            });
        }
        let (value, tree) = self.reader().read(value, node);
        if let (Value::String(text), Kind::Scalar) = (&value, &tree.kind) {
            return Err(DocumentError::Computed {
                expression: self.holes.spell(text).into_owned(),
                at: Position::of(self.host, tree.span.start),
            });
        }
        if let Some(twins) = tree.twins() {
            return Err(DocumentError::Twins {
                key: twins.key,
                first: Position::of(self.host, twins.first),
                second: Position::of(self.host, twins.second),
                differ_by_case: twins.differ_by_case,
            });
        }
        Ok(Body {
            value,
            tree,
            embedding: None,
            syntax: self.syntax,
        })
    }

    /// What decides what the policy holds leaves no text to edit.
    fn check_placeholders(&self, node: &Node) -> Result<(), DocumentError> {
        let mut keys = Vec::new();
        node.visit(&PointerBuf::new(), &mut |_, node| {
            if let Kind::Object(members) = &node.kind {
                keys.extend(members.iter().map(|member| member.key_span.clone()));
            }
        });
        let is_inside = |one: &&Placeholder| node.span.contains(&one.span.start);
        let found = self.placeholders.iter().filter(is_inside).find(|one| {
            let is_key = || keys.iter().any(|key| key.contains(&one.span.start));
            one.effect == Effect::Structure || (one.effect == Effect::Text && is_key())
        });
        match found {
            None => Ok(()),
            Some(one) => Err(DocumentError::Placeholder {
                placeholder: one.name(self.host),
                at: Position::of(self.host, one.span.start),
            }),
        }
    }

    pub(super) fn reader(&mut self) -> Reader<'_> {
        Reader {
            text: self.host,
            template: self.value,
            tree: self.tree,
            placeholders: self.placeholders,
            holes: self.holes,
            mapped: &mut self.mapped,
        }
    }
}
