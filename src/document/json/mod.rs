//! JSON: the whole text is the policy, or what the AWS CLI saves of it: an
//! envelope, or its text as a JSON string. Also what any host holds as JSON text.

pub mod layout;
mod nodes;
pub mod splice;

use std::sync::Arc;

use super::embed::{Builder, Embedding, Shown, json_string};
use super::error::DocumentError;
use super::escaping::Escaping;
use super::found::{Body, Found, Syntax};
use super::parsers::not_json;
use super::text::{Position, without_bom};
use super::tree::{Kind, Node, Tree};
use crate::value::{Value, json};

/// Reads the `whole` text of a host that is JSON: a policy, or an envelope of
/// one. `value` is what it holds, if that is known.
pub(super) fn read(whole: &Arc<String>, value: Option<Value>) -> Result<Found, DocumentError> {
    let host = without_bom(whole);
    let value = match value {
        Some(value) => value,
        None => read_value(host, Some(whole))?,
    };
    let embedding = enveloped(host, &value)?;
    let value = match &embedding {
        None => value,
        Some(inner) => {
            read_value(&inner.text, None).map_err(|inner| DocumentError::Inner(Box::new(inner)))?
        }
    };
    Ok(Found::whole(Body {
        value,
        tree: Tree::of_json(),
        embedding,
        syntax: Syntax::Json,
    }))
}

/// The AWS CLI's JSON output: the policy is the string under `Policy`, or, by
/// `--query Policy`, the whole.
fn enveloped(host: &str, value: &Value) -> Result<Option<Embedding>, DocumentError> {
    let is_envelope =
        value.get("Policy").is_some_and(Value::is_string) && value.get("Statement").is_none();
    if !is_envelope && !value.is_string() {
        return Ok(None);
    }
    let tree = Node::parse(host).map_err(|error| not_json(host, &error))?;
    let policy = if is_envelope {
        tree.child("Policy")
    } else {
        Some(&tree)
    };
    let Some(policy) = policy else {
        return Ok(None);
    };
    let inside = policy.span.start + 1..policy.span.end - 1;
    let mut builder = Builder::new();
    for (spelled, meant) in json_string(&host[inside.clone()], inside.start) {
        builder.push(spelled, &meant);
    }
    let embedding = builder.finish(inside, Escaping::JsonString, Shown::Inner);
    Ok(Some(embedding))
}

fn read_value(text: &str, whole: Option<&Arc<String>>) -> Result<Value, DocumentError> {
    json::read(text, whole).or_else(|_| parse(text).map(|(value, _)| value))
}

/// The value and the tree of a JSON text.
pub(super) fn parse(text: &str) -> Result<(Value, Node), DocumentError> {
    if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
        return Err(DocumentError::Empty);
    }
    let value = json::parse(text).map_err(|error| not_json(text, &error))?;
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
