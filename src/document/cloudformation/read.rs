//! The key policies of a template, or of a host in YAML that is one.

use json_patch::jsonptr::PointerBuf;
use serde_json::Value;

use super::embedded::text_of;
use super::intrinsic::Reader;
use super::{is_template, keys};
use crate::document::error::{not_json, not_yaml};
use crate::document::holes::Holes;
use crate::document::host::{Body, Found, Syntax};
use crate::document::placeholder::{self, Effect, Placeholder, mask, placeholders};
use crate::document::tree::{Kind, Node};
use crate::document::{DocumentError, Position, yaml};
use crate::policy;

/// Reads a host that is a template, in YAML or JSON, or a key policy in YAML.
///
/// # Errors
/// If it is neither YAML nor JSON, or holds a key twice.
pub(in crate::document) fn read(
    host: &str,
    holes: &mut Holes,
) -> Result<Vec<Found>, DocumentError> {
    let placeholders = placeholders(host);
    let (value, tree, syntax) = parse(host, &placeholders)?;
    if let Some((first, second, key)) = twice(&tree) {
        return Err(DocumentError::Twins {
            key,
            first: Position::of(host, first),
            second: Position::of(host, second),
            differ_by_case: false,
        });
    }
    let mut template = Template {
        host,
        value: &value,
        tree: &tree,
        syntax,
        placeholders: &placeholders,
        holes,
    };
    if !is_template(&value) {
        let enveloped = value.get("Policy").filter(|policy| policy.is_string());
        let envelope = enveloped.filter(|_| value.get("Statement").is_none());
        let body = match (envelope, tree.child("Policy")) {
            (Some(policy), Some(node)) => template.body(policy, node)?,
            _ => template.body(&value, &tree)?,
        };
        return Ok(vec![Found::whole(body)]);
    }
    let mut rest = value.clone();
    let mut found = Vec::new();
    for key in keys(&value) {
        let Some(policy) = value.pointer(key.policy.as_str()) else {
            continue;
        };
        let body = template.body(policy, tree.nearest(&key.policy));
        if body.is_ok()
            && let Some(own) = rest.pointer_mut(key.policy.as_str())
        {
            own.take();
        }
        let name = name_of(&tree, &key.logical_id);
        let address = if placeholder::is_masked(&key.logical_id) {
            host[name.clone()].to_owned()
        } else {
            key.logical_id
        };
        found.push(Found {
            at: name.start,
            is_other: body
                .as_ref()
                .is_ok_and(|body| policy::is_other(&body.value)),
            address: Some(address),
            aliases: Vec::new(),
            body,
        });
    }
    // What is no key policy is to stay as it is, like another policy.
    found.push(Found {
        address: None,
        aliases: Vec::new(),
        at: 0,
        is_other: true,
        body: Ok(Body {
            value: rest,
            tree: tree.into(),
            embedding: None,
            syntax,
        }),
    });
    Ok(found)
}

/// A host in the long form. YAML may start like JSON.
fn parse(host: &str, placeholders: &[Placeholder]) -> Result<(Value, Node, Syntax), DocumentError> {
    let text = host.trim_matches([' ', '\t', '\r', '\n']);
    let is_comment = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_comment) {
        return Err(DocumentError::Empty);
    }
    let masked = mask(host, placeholders);
    let json = || -> serde_json::Result<_> {
        let value = serde_json::from_str(&masked)?;
        Ok((value, Node::parse(&masked)?, Syntax::JsonTemplate))
    };
    let as_json = text.starts_with('{').then(json);
    if let Some(Ok(found)) = as_json {
        return Ok(found);
    }
    match (yaml::parse(host), as_json) {
        (Ok(document), _) => Ok((document.value, document.tree, Syntax::Yaml)),
        (Err(_), Some(Err(error))) => Err(not_json(host, &error)),
        (Err(error), _) => Err(not_yaml(host, &error)),
    }
}

/// A key that stands twice in one mapping, which is one of the two.
fn twice(tree: &Node) -> Option<(usize, usize, String)> {
    match &tree.kind {
        Kind::Scalar => None,
        Kind::Array(items) => items.iter().find_map(twice),
        Kind::Object(members) => {
            let mut seen = std::collections::HashMap::new();
            for member in members {
                let start = member.key_span.start;
                if let Some(first) = seen.insert(member.key.as_str(), start) {
                    return Some((first, start, member.key.clone()));
                }
            }
            members.iter().find_map(|member| twice(&member.value))
        }
    }
}

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
    value: &'t Value,
    tree: &'t Node,
    pub(super) syntax: Syntax,
    pub(super) placeholders: &'t [Placeholder],
    pub(super) holes: &'t mut Holes,
}

impl Template<'_> {
    /// A policy as it stands at a node.
    fn body(&mut self, value: &Value, node: &Node) -> Result<Body, DocumentError> {
        self.check_placeholders(node)?;
        if let Some((text, node, names)) = text_of(value, node) {
            return self.embedded(text, node, names);
        }
        // A macro may add statements, and these may deny.
        if let Some(transform) = node.child("Fn::Transform") {
            return Err(DocumentError::Computed {
                expression: "Fn::Transform".to_owned(),
                at: Position::of(self.host, transform.span.start),
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
            tree: tree.into(),
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
                placeholder: self.host[one.span.clone()].to_owned(),
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
        }
    }
}
