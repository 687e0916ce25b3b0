//! `Fn::FindInMap`, whose values stand in the template itself.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-findinmap.html>

use json_patch::jsonptr::PointerBuf;

use super::function::function;
use super::intrinsic::Reader;
use crate::document::tree::{Kind, Member, Node, Origin};
use crate::value::Value;

/// A value in a mapping.
pub(super) struct Entry<'t> {
    /// The mapping's name, and the two keys.
    pub path: [&'t str; 3],
    pub value: &'t Value,
    /// Where it is named, and where it stands.
    pub member: &'t Member,
}

impl Entry<'_> {
    /// As messages name it.
    pub fn name(&self) -> String {
        let [mapping, first, second] = self.path;
        format!("{second} of {first} in mapping {mapping}")
    }
}

impl<'t> Reader<'t> {
    /// The values that may be meant: one, if both keys are written out.
    pub(super) fn entries(&self, argument: &Value) -> Vec<Entry<'t>> {
        let (template, tree) = (self.template, self.tree);
        let own = || {
            let [mapping, first, second, ..] = argument.as_array()?.as_slice() else {
                return None;
            };
            let name = mapping.as_str()?;
            let values = template.get("Mappings")?.get(name)?;
            let node = tree.child("Mappings")?.child(name)?;
            let mut found = Vec::new();
            for top in members(node, first) {
                for leaf in members(&top.value, second) {
                    let value = values.get(&top.key).and_then(|own| own.get(&leaf.key));
                    found.extend(value.map(|value| (top, leaf, value)));
                }
            }
            let mapping = template.get("Mappings")?.as_object()?;
            let (name, _) = mapping.get_key_value(name)?;
            Some((name, found))
        };
        let Some((name, found)) = own() else {
            return Vec::new();
        };
        found
            .into_iter()
            .map(|(top, leaf, value)| Entry {
                path: [name, &top.key, &leaf.key],
                value,
                member: leaf,
            })
            .collect()
    }

    /// The value that a function finds, if its keys are written out.
    pub(super) fn entry(&self, name: &str, argument: &Value) -> Option<Entry<'t>> {
        let keys = argument.as_array()?.get(..3)?;
        if name != "Fn::FindInMap" || !keys.iter().all(Value::is_string) {
            return None;
        }
        self.entries(argument).pop()
    }

    /// The list that a function finds: it is edited where it stands.
    pub(super) fn mapped(&mut self, name: &str, argument: &Value) -> Option<(Value, Node)> {
        let entry = self.entry(name, argument)?;
        let items = entry.value.as_array()?;
        let is_text = |item: &Value| item.is_string();
        // Nothing is like the first value of an empty list.
        if items.is_empty() || !items.iter().all(is_text) {
            return None;
        }
        let tokens = ["Mappings"].into_iter().chain(entry.path);
        self.mapped.push(PointerBuf::from_tokens(tokens));
        let (value, mut node) = self.read_list(entry.value, &entry.member.value);
        node.origin = Some(Box::new(Origin {
            name: entry.name(),
            is_default: false,
            is_of_numbers: false,
            uses: uses(self.template, &entry),
            only_if: None,
        }));
        Some((value, node))
    }
}

/// The members that a key may mean.
fn members<'n>(node: &'n Node, key: &Value) -> Vec<&'n Member> {
    let Kind::Object(members) = &node.kind else {
        return Vec::new();
    };
    let is_meant = |member: &&Member| key.as_str().is_none_or(|key| member.key == key);
    members.iter().filter(is_meant).collect()
}

/// How often a template may use a value.
fn uses(template: &Value, entry: &Entry<'_>) -> usize {
    match template {
        Value::Array(items) => items.iter().map(|item| uses(item, entry)).sum(),
        Value::Object(map) => {
            let own = match function(map) {
                Some(("Fn::FindInMap", Value::Array(keys))) => {
                    let mut pairs = keys.iter().zip(entry.path);
                    usize::from(pairs.all(|(key, own)| key.as_str().is_none_or(|key| key == own)))
                }
                _ => 0,
            };
            own + map.values().map(|item| uses(item, entry)).sum::<usize>()
        }
        _ => 0,
    }
}
