//! Templates of `CloudFormation` and SAM, in YAML or JSON: where their key
//! policies stand, and what their intrinsic functions mean.
//!
//! A template is taken in the long form (`{"Fn::Sub": …}`), which is JSON's own
//! and which `yaml` gives for the short one.

mod changed;
pub mod elsewhere;
mod embedded;
pub mod function;
mod hole;
pub mod intrinsic;
mod known;
mod mapping;
mod read;
pub mod sub;
mod template;
pub mod write;

use json_patch::jsonptr::PointerBuf;

use super::found::Existence;
use super::tree::{Kind, Node};
use crate::value::Value;
pub(super) use read::{Whole, read};

/// The resource types that have a `KeyPolicy`.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kms-key.html>
const TYPES: [&str; 2] = ["AWS::KMS::Key", "AWS::KMS::ReplicaKey"];

/// Whether a document is a template.
pub fn is_template(value: &Value) -> bool {
    let is_resource = |resource: &Value| resource.get("Type").is_some_and(Value::is_string);
    let has_resources = || {
        let resources = value.get("Resources").and_then(Value::as_object);
        resources.is_some_and(|resources| {
            let is_loop = |name: &str| name.starts_with("Fn::ForEach::");
            resources
                .iter()
                .any(|(name, own)| is_resource(own) || is_loop(name))
        })
    };
    value.get("AWSTemplateFormatVersion").is_some() || has_resources()
}

/// A key in a template, and where its policy stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub logical_id: String,
    pub policy: PointerBuf,
}

fn is_key(resource: &Value) -> bool {
    let own = resource.get("Type").and_then(Value::as_str);
    own.is_some_and(|own| TYPES.contains(&own))
}

/// The keys of a template that have a policy, in its order.
pub fn keys(template: &Value) -> Vec<Key> {
    let resources = template.get("Resources").and_then(Value::as_object);
    resources
        .into_iter()
        .flatten()
        .filter(|(_, resource)| is_key(resource))
        .filter(|(_, resource)| resource.pointer("/Properties/KeyPolicy").is_some())
        .map(|(logical_id, _)| Key {
            logical_id: logical_id.to_string(),
            policy: PointerBuf::from_tokens(["Resources", logical_id, "Properties", "KeyPolicy"]),
        })
        .collect()
}

/// The macros that a template as a whole goes through, but for those of AWS's
/// own that leave keys as they are.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-section-structure.html>
pub fn macros(template: &Value) -> Vec<String> {
    let own = template.get("Transform");
    let all = match own {
        Some(Value::Array(items)) => items.as_slice(),
        own => own.map(std::slice::from_ref).unwrap_or_default(),
    };
    let name = |item: &Value| match item {
        Value::String(name) => Some(name.to_string()),
        item => item.get("Name")?.as_str().map(str::to_owned),
    };
    let is_harmless = |name: &String| name.starts_with("AWS::") && name != "AWS::Include";
    let names = all.iter().filter_map(name);
    names.filter(|name| !is_harmless(name)).collect()
}

/// The condition that a key is made under.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html>
pub(super) fn condition(whole: &Whole, logical_id: &str) -> Option<Existence> {
    let template = &whole.value;
    let templates = std::iter::once(template).chain(template.get("resources"));
    let mut resources = templates.filter_map(|own| own.get("Resources")?.get(logical_id));
    let name = resources.find_map(|own| own.get("Condition")?.as_str())?;
    let at = place_of_condition(&whole.tree, logical_id);
    Some(Existence {
        what: "key",
        text: format!("Condition: {name}"),
        at: at?,
        is_none: false,
    })
}

/// Where a resource's condition stands.
fn place_of_condition(tree: &Node, logical_id: &str) -> Option<usize> {
    let own = |tree: &Node| match &tree.child("Resources")?.child(logical_id)?.kind {
        Kind::Object(members) => {
            let mut members = members.iter();
            let condition = members.find(|member| member.key == "Condition");
            condition.map(|member| member.key_span.start)
        }
        _ => None,
    };
    own(tree).or_else(|| own(tree.child("resources")?))
}

/// What is known of an expression beyond its text.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>
pub fn meaning(expression: &str) -> Option<&'static str> {
    (expression == "${AWS::AccountId}").then_some(
        "${AWS::AccountId} is the account that the stack is in: its own trails are in the list already",
    )
}
