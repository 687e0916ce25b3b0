//! JSON: the whole text is the policy, or the AWS CLI's envelope of it. Also
//! what any host holds as JSON text.

pub mod layout;
pub mod splice;

use serde_json::Value;

use super::embed::{Builder, Embedding, Escaping, Shown, json_string};
use super::error::not_json;
use super::host::{Body, Found, Syntax};
use super::tree::{Kind, Node};
use super::{DocumentError, Position};

/// Reads a host that is JSON: a policy, or an envelope of one.
pub(super) fn read(host: &str) -> Result<Found, DocumentError> {
    let (value, tree) = parse(host)?;
    let body = match enveloped(host, &value, &tree) {
        None => Body {
            value,
            tree,
            embedding: None,
            syntax: Syntax::Json,
        },
        Some(embedding) => {
            let (value, tree) =
                parse(&embedding.text).map_err(|inner| DocumentError::Inner(Box::new(inner)))?;
            Body {
                value,
                tree,
                embedding: Some(embedding),
                syntax: Syntax::Json,
            }
        }
    };
    Ok(Found::whole(body))
}

/// The AWS CLI's JSON output: the policy is the string under `Policy`.
fn enveloped(host: &str, value: &Value, tree: &Node) -> Option<Embedding> {
    value.get("Policy")?.as_str()?;
    if value.get("Statement").is_some() {
        return None;
    }
    let span = tree.child("Policy")?.span.clone();
    let inside = span.start + 1..span.end - 1;
    let mut builder = Builder::new();
    for (spelled, meant) in json_string(&host[inside.clone()], inside.start) {
        builder.push(spelled, &meant);
    }
    Some(builder.finish(inside, Escaping::JsonString, Shown::Inner))
}

/// The value and the tree of a JSON text.
pub(super) fn parse(text: &str) -> Result<(Value, Node), DocumentError> {
    if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
        return Err(DocumentError::Empty);
    }
    let value: Value = serde_json::from_str(text).map_err(|error| not_json(text, &error))?;
    let tree = Node::parse(text).map_err(|error| not_json(text, &error))?;
    match tree.twins() {
        None => Ok((value, tree)),
        Some(twins) => Err(DocumentError::Twins {
            first: Position::of(text, twins.first),
            second: Position::of(text, twins.second),
            key: twins.key,
            differ_by_case: twins.differ_by_case,
        }),
    }
}

/// A container's children are laid out over several lines, or on one.
fn is_multiline(text: &str, node: &Node) -> bool {
    match (&node.kind, node.children().first()) {
        (Kind::Scalar, _) | (_, None) => false,
        (_, Some(first)) => text[node.span.start..first.start].contains('\n'),
    }
}
