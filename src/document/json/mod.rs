//! JSON: the whole text is the policy, or what the AWS CLI saves of it: an
//! envelope, or its text as a JSON string. Also what any host holds as JSON text.

pub mod layout;
pub mod scan;
pub mod splice;

use super::embed::{Builder, Embedding, Shown, json_string};
use super::error::DocumentError;
use super::escaping::Escaping;
use super::found::{Body, Found, Syntax};
use super::parsers::not_json;
use super::text::Position;
use super::tree::{Kind, Node};
use crate::value::Value;
use scan::{Json, scan};

/// Reads a host that is JSON: a policy, or an envelope of one. `known` is what
/// became of it as JSON, if that was tried.
pub(super) fn read(host: &str, known: Option<Json>) -> Result<Found, DocumentError> {
    let (value, tree) = read_as(host, known)?;
    let embedding = enveloped(host, &value, &tree);
    let (value, tree) = match &embedding {
        None => (value, tree),
        Some(inner) => parse(&inner.text).map_err(|inner| DocumentError::Inner(Box::new(inner)))?,
    };
    Ok(Found::whole(Body {
        value,
        tree,
        embedding,
        syntax: Syntax::Json,
    }))
}

/// The AWS CLI's JSON output: the policy is the string under `Policy`, or, by
/// `--query Policy`, the whole.
fn enveloped(host: &str, value: &Value, tree: &Node) -> Option<Embedding> {
    let policy = match value {
        Value::String(_) => tree,
        _ if value.get("Statement").is_some() => return None,
        _ if value.get("Policy")?.is_string() => tree.child("Policy")?,
        _ => return None,
    };
    let inside = policy.span.start + 1..policy.span.end - 1;
    let mut builder = Builder::new();
    for (spelled, meant) in json_string(&host[inside.clone()], inside.start) {
        builder.push(spelled, &meant);
    }
    Some(builder.finish(inside, Escaping::JsonString, Shown::Inner))
}

/// The value and the tree of a JSON text.
pub(super) fn parse(text: &str) -> Result<(Value, Node), DocumentError> {
    read_as(text, None)
}

fn read_as(text: &str, known: Option<Json>) -> Result<(Value, Node), DocumentError> {
    if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
        return Err(DocumentError::Empty);
    }
    let found = known.unwrap_or_else(|| scan(text));
    let found = found.map_err(|error| not_json(text, &error))?;
    match found.1.twins() {
        None => Ok(found),
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
