//! Every text in a value.

use json_patch::jsonptr::PointerBuf;

use super::statement::Statement;
use crate::value::Value;

impl<'a> Statement<'a> {
    /// The elements that may hold ARNs, with their names.
    fn with_arns(&self) -> impl Iterator<Item = (&'static str, &'a Value)> {
        let names = [
            "Principal",
            "NotPrincipal",
            "Resource",
            "NotResource",
            "Condition",
        ];
        names
            .into_iter()
            .filter_map(|name| Some((name, self.get(name)?)))
    }

    /// Calls `visit` with every ARN that the statement holds, and its place.
    pub fn each_arn(&self, visit: &mut impl FnMut(&'a str, &PointerBuf)) {
        for (element, value) in self.with_arns() {
            walk(value, &self.path(element), &mut |text, at| {
                if text.starts_with("arn:") {
                    visit(text, at);
                }
            });
        }
    }

    /// Whether something holds for every ARN of the statement.
    pub fn all_arns(&self, holds: &mut impl FnMut(&'a str) -> bool) -> bool {
        let mut holds = |text: &'a str| !text.starts_with("arn:") || holds(text);
        self.with_arns()
            .all(|(_, value)| all_texts(value, &mut holds))
    }
}

/// Calls `visit` with every string in a value, and its place.
pub fn walk<'a>(value: &'a Value, at: &PointerBuf, visit: &mut impl FnMut(&'a str, &PointerBuf)) {
    walk_at(value, &mut at.clone(), visit);
}

fn walk_at<'a>(
    value: &'a Value,
    at: &mut PointerBuf,
    visit: &mut impl FnMut(&'a str, &PointerBuf),
) {
    match value {
        Value::String(text) => visit(text, at),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                at.push_back(index);
                walk_at(item, at, visit);
                at.pop_back();
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                at.push_back(key.as_str());
                walk_at(item, at, visit);
                at.pop_back();
            }
        }
        _ => {}
    }
}

/// Whether something holds for every string in a value.
fn all_texts<'a>(value: &'a Value, holds: &mut impl FnMut(&'a str) -> bool) -> bool {
    match value {
        Value::String(text) => holds(text),
        Value::Array(items) => items.iter().all(|item| all_texts(item, holds)),
        Value::Object(map) => map.values().all(|item| all_texts(item, holds)),
        _ => true,
    }
}
