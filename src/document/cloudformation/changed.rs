//! What makes another policy of the one that is written: macros and loops.

use super::is_key;
use crate::document::error::DocumentError;
use crate::document::found::Found;
use crate::document::text::Position;
use crate::document::tree::{Kind, Member, Node};
use crate::value::Value;

/// The function in a policy that may change it.
pub(super) fn inside(policy: &Node) -> Option<(&str, usize)> {
    beside(policy).or_else(|| alone(policy))
}

/// The macro around a key's policy.
pub(super) fn of_key<'n>(tree: &'n Node, logical_id: &str) -> Option<(&'n str, usize)> {
    let key = tree.child("Resources")?.child(logical_id)?;
    alone(key).or_else(|| alone(key.child("Properties")?))
}

/// The keys that loops make, which have no text of their own.
pub(super) fn made(host: &str, template: &Value, tree: &Node) -> Vec<Found> {
    let mut made = Vec::new();
    if let Some((resources, node)) = template.get("Resources").zip(tree.child("Resources")) {
        looped(resources, node, &mut made);
    }
    let found = made.into_iter().map(|(member, name)| {
        let at = member.key_span.start;
        Found {
            address: Some(member.key.to_string()),
            aliases: Vec::new(),
            at,
            is_other: false,
            body: Err(DocumentError::Changed {
                by: name.to_owned(),
                at: Position::of(host, at),
            }),
        }
    });
    found.collect()
}

/// A function that is a member beside others: a macro that changes these, or a
/// loop that makes more.
fn beside(node: &Node) -> Option<(&str, usize)> {
    match &node.kind {
        Kind::Scalar => None,
        Kind::Array(items) => items.iter().find_map(beside),
        Kind::Object(members) => match members.as_slice() {
            // Its argument is no part of the policy.
            [only] if only.key.starts_with("Fn::") => None,
            members => members.iter().find_map(|member| {
                let is_function = member.key.starts_with("Fn::");
                let own = is_function.then_some((member.key.as_str(), member.key_span.start));
                own.or_else(|| beside(&member.value))
            }),
        },
    }
}

/// The macro that is a member, alone or not.
fn alone(node: &Node) -> Option<(&str, usize)> {
    let Kind::Object(members) = &node.kind else {
        return None;
    };
    let found = members.iter().find(|member| member.key == "Fn::Transform");
    found.map(|member| (member.key.as_str(), member.key_span.start))
}

/// The keys that loops make, each with the loop's name.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html>
fn looped<'v>(resources: &'v Value, node: &'v Node, found: &mut Vec<(&'v Member, &'v str)>) {
    let (Value::Object(map), Kind::Object(members)) = (resources, &node.kind) else {
        return;
    };
    for member in members
        .iter()
        .filter(|one| one.key.starts_with("Fn::ForEach::"))
    {
        let body = map.get(&member.key).and_then(|own| own.as_array()?.get(2));
        let (Some(body), Some(node)) = (body, member.value.child("2")) else {
            continue;
        };
        if let Kind::Object(made) = &node.kind {
            let is_key = |one: &&Member| body.get(&one.key).is_some_and(is_key);
            found.extend(
                made.iter()
                    .filter(is_key)
                    .map(|one| (one, member.key.as_str())),
            );
        }
        looped(body, node, found);
    }
}
