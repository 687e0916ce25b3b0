//! The key policies of a template, or of a host in YAML that is one.

use json_patch::jsonptr::PointerBuf;

use super::is_template;
use super::template::Template;
use crate::document::error::DocumentError;
use crate::document::found::{Body, Found, Syntax};
use crate::document::holes::Holes;
use crate::document::json::scan::{Json, scan};
use crate::document::parsers::{is_at_comment, not_json, not_yaml};
use crate::document::placeholder::{Placeholder, mask, placeholders};
use crate::document::text::Position;
use crate::document::tree::{Kind, Node};
use crate::document::yaml::{self, convert::Shared};
use crate::value::Value;

/// A host in the long form, as it was read: with its key policies.
#[derive(Debug)]
pub(in crate::document) struct Whole {
    pub(in crate::document) value: Value,
    pub(in crate::document) tree: Node,
    /// The nodes of YAML that an edit would change in several places.
    pub(in crate::document) shared: Vec<Shared>,
    syntax: Syntax,
}

/// Reads a host that is a template, in YAML or JSON, or a key policy in YAML.
/// `known` is what became of it as JSON, if that was tried.
///
/// # Errors
/// If it is neither YAML nor JSON, or holds a key twice.
pub(in crate::document) fn read(
    host: &str,
    known: Option<Json>,
    holes: &mut Holes,
) -> Result<(Vec<Found>, Whole), DocumentError> {
    let placeholders = placeholders(host);
    let masked = mask(host, &placeholders);
    let known = known.filter(|_| placeholders.is_empty());
    let whole = parse(host, &masked, known)?;
    let found = policies(host, &masked, &placeholders, &whole, holes)?;
    Ok((found, whole))
}

/// The policies of a host.
fn policies(
    host: &str,
    masked: &str,
    placeholders: &[Placeholder],
    whole: &Whole,
    holes: &mut Holes,
) -> Result<Vec<Found>, DocumentError> {
    let Whole {
        value,
        tree,
        syntax,
        ..
    } = whole;
    if let Some((first, second, key)) = twice(tree) {
        return Err(DocumentError::Twins {
            key,
            first: Position::of(host, first),
            second: Position::of(host, second),
            differ_by_case: false,
        });
    }
    let mut found = Vec::new();
    let mut rest = value.clone();
    let templates = templates(value, tree);
    let is_policy = templates.is_empty();
    let all = [(PointerBuf::new(), value, tree)];
    let parts = if is_policy { all.to_vec() } else { templates };
    for (at, value, tree) in parts {
        let mut template = Template {
            host,
            masked,
            value,
            tree,
            syntax: *syntax,
            placeholders,
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
        found.extend(nested(host, value, tree));
    }
    // What is no key policy is to stay as it is, like another policy.
    found.push(Found {
        address: None,
        aliases: Vec::new(),
        at: 0,
        is_other: true,
        body: Ok(Body {
            value: rest,
            tree: Node::new(tree.span.clone(), Kind::Scalar),
            embedding: None,
            syntax: *syntax,
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

/// A host in the long form. YAML may start like JSON. In `masked` its
/// placeholders are masked.
fn parse(host: &str, masked: &str, known: Option<Json>) -> Result<Whole, DocumentError> {
    let text = host.trim_matches([' ', '\t', '\r', '\n']);
    let is_comment = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_comment) {
        return Err(DocumentError::Empty);
    }
    let json = || known.unwrap_or_else(|| scan(masked));
    let as_json = match text.starts_with(['{', '/']).then(json) {
        Some(Ok((value, tree))) => {
            return Ok(Whole {
                value,
                tree,
                shared: Vec::new(),
                syntax: Syntax::JsonTemplate,
            });
        }
        // YAML would take such a comment for part of a key.
        Some(Err(error)) if is_at_comment(masked, &error) => return Err(not_json(host, &error)),
        Some(Err(error)) => Some(error),
        None => None,
    };
    if let Some(error) = odd_line_end(host) {
        return Err(error);
    }
    match (yaml::parse(masked), as_json) {
        (Ok(document), _) => Ok(Whole {
            value: document.value,
            tree: document.tree,
            shared: document.shared,
            syntax: Syntax::Yaml,
        }),
        (Err(_), Some(error)) => Err(not_json(host, &error)),
        (Err(error), None) => Err(not_yaml(host, &error)),
    }
}

/// A character at which some readers of YAML end a line and others do not: what
/// stands behind it on its line may be a comment or not. YAML 1.1 knows more of
/// them than YAML 1.2.
///
/// <https://yaml.org/spec/1.1/#id871856>, <https://yaml.org/spec/1.2.2/#54-line-break-characters>
fn odd_line_end(host: &str) -> Option<DocumentError> {
    let ends = ['\r', '\u{85}', '\u{2028}', '\u{2029}'];
    let mut found = host.match_indices(ends);
    let (at, own) = found.find(|(at, own)| *own != "\r" || !host[at + 1..].starts_with('\n'))?;
    let (message, help) = if own == "\r" {
        (
            "a line that ends in CR alone, as on an old Mac",
            "give its lines LF or CR LF ends first: perl -pi -e 's/\\r(?!\\n)/\\n/g' FILE",
        )
    } else {
        (
            "U+0085, U+2028 or U+2029, at which some readers of YAML end the line and others do not",
            "put a space or a line end in its place",
        )
    };
    Some(DocumentError::NotYaml {
        message: message.to_owned(),
        at: Position::of(host, at),
        help: Some(help),
    })
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
                    return Some((first, start, member.key.to_string()));
                }
            }
            members.iter().find_map(|member| twice(&member.value))
        }
    }
}
