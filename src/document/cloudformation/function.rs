//! Intrinsic functions in the long form, and how people read them.

use std::sync::LazyLock;

use crate::document::tree::Node;
use crate::document::yaml::quote;
use crate::value::{Map, Value};

/// The function that an object is, and its argument.
pub fn function(map: &Map) -> Option<(&str, &Value)> {
    let mut members = map.iter();
    match (members.next(), members.next()) {
        (Some((name, argument)), None) if name == "Ref" || name.starts_with("Fn::") => {
            Some((name, argument))
        }
        _ => None,
    }
}

/// A function as YAML has it on one line.
pub fn short_form(name: &str, argument: &Value) -> String {
    let name = name.strip_prefix("Fn::").unwrap_or(name);
    format!("!{name} {}", one_line(argument))
}

fn one_line(value: &Value) -> String {
    match value {
        Value::String(text) if quote::is_plain(text) => text.to_string(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(one_line).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            if let Some((name, argument)) = function(map) {
                return short_form(name, argument);
            }
            let members = map.iter();
            let members: Vec<String> = members
                .map(|(key, value)| format!("{key}: {}", one_line(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        other => other.to_string(),
    }
}

/// The names that `Fn::Sub` brings.
pub(super) type Names<'v> = &'v Map;

/// The text of a policy that is written as one, its node, and, where that is
/// `Fn::Sub`'s, the names that it brings.
pub(super) fn text_of<'v>(
    value: &'v Value,
    node: &'v Node,
) -> Option<(&'v str, &'v Node, Option<Names<'v>>)> {
    static NONE: LazyLock<Map> = LazyLock::new(Map::new);
    if let Value::String(text) = value {
        return Some((text, node, None));
    }
    let ("Fn::Sub", argument) = function(value.as_object()?)? else {
        return None;
    };
    let node = node.child("Fn::Sub")?;
    match argument {
        Value::String(text) => Some((text, node, Some(&*NONE))),
        Value::Array(parts) => match parts.as_slice() {
            [Value::String(text), Value::Object(names)] => {
                Some((text, node.child("0")?, Some(names)))
            }
            _ => None,
        },
        _ => None,
    }
}
