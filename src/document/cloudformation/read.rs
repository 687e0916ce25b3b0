//! The key policies of a template, or of a host in YAML that is one.

use json_patch::jsonptr::PointerBuf;

use super::embedded::text_of;
use super::intrinsic::Reader;
use super::{changed, is_template, keys};
use crate::document::holes::Holes;
use crate::document::host::{Body, Found, Syntax};
use crate::document::parsers::{is_at_comment, not_json, not_yaml};
use crate::document::placeholder::{self, Effect, Placeholder, mask, placeholders};
use crate::document::tree::{Kind, Node};
use crate::document::{DocumentError, Position, yaml};
use crate::policy;
use crate::value::{Value, json};

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
    let mut found = Vec::new();
    let mut rest = value.clone();
    let templates = templates(&value, &tree);
    let is_policy = templates.is_empty();
    let whole = [(PointerBuf::new(), &value, &tree)];
    let parts = if is_policy { whole.to_vec() } else { templates };
    for (at, value, tree) in parts {
        let mut template = Template {
            host,
            value,
            tree,
            syntax,
            placeholders: &placeholders,
            holes,
            mapped: Vec::new(),
        };
        if is_policy {
            return Ok(vec![Found::whole(template.policy()?)]);
        }
        let own = rest.pointer_mut(at.as_str());
        found.extend(template.keys(own.unwrap_or(&mut Value::Null)));
    }
    if found.is_empty() {
        found.extend(nested(host, &value, &tree));
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

/// A key in a template that is a text of this one: a stack set's.
fn nested(host: &str, template: &Value, tree: &Node) -> Option<Found> {
    let resources = template.get("Resources")?.as_object()?;
    let (logical_id, _) = resources.iter().find(|(_, resource)| {
        let body = resource.pointer("/Properties/TemplateBody");
        body.is_some_and(|body| body.to_string().contains("AWS::KMS::"))
    })?;
    let at = PointerBuf::from_tokens(["Resources", logical_id, "Properties", "TemplateBody"]);
    let at = tree.nearest(&at).span.start;
    Some(Found {
        address: Some(logical_id.to_string()),
        aliases: Vec::new(),
        at,
        is_other: false,
        body: Err(DocumentError::Nested {
            logical_id: logical_id.to_string(),
            at: Position::of(host, at),
        }),
    })
}

/// The templates in a host: itself, or those under `resources` in a file of the
/// Serverless Framework.
pub(super) fn templates<'v>(
    value: &'v Value,
    tree: &'v Node,
) -> Vec<(PointerBuf, &'v Value, &'v Node)> {
    if is_template(value) {
        return vec![(PointerBuf::new(), value, tree)];
    }
    let Some((own, node)) = value.get("resources").zip(tree.child("resources")) else {
        return Vec::new();
    };
    let one = [(PointerBuf::from_tokens(["resources"]), own, node)];
    let several = own.as_array().into_iter().flatten().enumerate();
    let several = several.filter_map(|(index, own)| {
        let index = index.to_string();
        let node = node.child(&index)?;
        Some((PointerBuf::from_tokens(["resources", &index]), own, node))
    });
    let all = one.into_iter().chain(several);
    all.filter(|(_, own, _)| is_template(own)).collect()
}

/// A host in the long form. YAML may start like JSON.
pub(super) fn parse(
    host: &str,
    placeholders: &[Placeholder],
) -> Result<(Value, Node, Syntax), DocumentError> {
    let text = host.trim_matches([' ', '\t', '\r', '\n']);
    let is_comment = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_comment) {
        return Err(DocumentError::Empty);
    }
    let masked = mask(host, placeholders);
    let json = || -> serde_json::Result<_> {
        let value = json::parse(&masked)?;
        Ok((value, Node::parse(&masked)?, Syntax::JsonTemplate))
    };
    let as_json = text.starts_with(['{', '/']).then(json);
    match as_json {
        Some(Ok(found)) => return Ok(found),
        // YAML would take such a comment for part of a key.
        Some(Err(error)) if is_at_comment(&masked, &error) => return Err(not_json(host, &error)),
        _ => {}
    }
    if let Some(at) = lone_return(host) {
        return Err(DocumentError::NotYaml {
            message: "a line that ends in CR alone, as on an old Mac".to_owned(),
            at: Position::of(host, at),
            help: Some(
                "give its lines LF or CR LF ends first: perl -pi -e 's/\\r(?!\\n)/\\n/g' FILE",
            ),
        });
    }
    match (yaml::parse(host), as_json) {
        (Ok(document), _) => Ok((document.value, document.tree, Syntax::Yaml)),
        (Err(_), Some(Err(error))) => Err(not_json(host, &error)),
        (Err(error), _) => Err(not_yaml(host, &error)),
    }
}

/// A CR that no LF follows. YAML ends a line there, and nobody else does.
fn lone_return(host: &str) -> Option<usize> {
    let mut returns = host.match_indices('\r');
    let found = returns.find(|(at, _)| !host[at + 1..].starts_with('\n'));
    found.map(|(at, _)| at)
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
    /// The lists in mappings that stand for lists in policies.
    mapped: Vec<PointerBuf>,
}

impl Template<'_> {
    /// The policy that the host itself is, or the AWS CLI's envelope of it.
    fn policy(&mut self) -> Result<Body, DocumentError> {
        let (value, tree) = (self.value, self.tree);
        let enveloped = value.get("Policy").filter(|policy| policy.is_string());
        let envelope = enveloped.filter(|_| value.get("Statement").is_none());
        match (envelope, tree.child("Policy")) {
            (Some(policy), Some(node)) => self.body(policy, node),
            _ => self.body(value, tree),
        }
    }

    /// The policies of its keys, which go from `rest`, a copy of its value.
    fn keys(&mut self, rest: &mut Value) -> Vec<Found> {
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
