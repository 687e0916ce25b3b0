//! Lists in mappings that a template uses outside the key policy too.

use super::function::function;
use super::read::{Whole, templates};
use super::sub::{Piece, pieces};
use crate::document::elsewhere::{Elsewhere, Other};
use crate::document::hcl::shared::Edited;
use crate::document::hcl::wording::{self, Effect};
use crate::document::placeholder::is_masked;
use crate::document::tree::{Kind, Member, Node};
use crate::operations::Operations;
use crate::value::Value;

/// Each list in a mapping that the operations on a policy edit. `tree` is the
/// policy's.
pub(in crate::document) fn lists(
    whole: &Whole,
    tree: &Node,
    operations: &Operations,
) -> Vec<Elsewhere> {
    let mut edited = Edited::all(tree, operations);
    edited.retain(|own| own.node.origin.is_some());
    // Each account is an operation.
    edited.dedup_by_key(|own| (own.list, own.element.is_some()));
    if edited.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (_, value, whole) in templates(&whole.value, &whole.tree) {
        found.extend(edited.iter().filter_map(|edited| {
            let path = path_of(whole, edited.node.span.start)?;
            let statement = &tree.exact(edited.list.get(..2)?)?.span;
            let mut finder = Finder {
                path,
                others: Vec::new(),
            };
            finder.walk(value, whole, &Place::default());
            let mut others = finder.others;
            // What the statement itself does with it is judged where it is read.
            others.retain(|one| one.is_denying || !statement.contains(&one.at));
            Some(Elsewhere {
                name: edited.node.origin.as_ref()?.name.clone(),
                list: edited.list.to_buf(),
                is_removed: edited.element.is_some(),
                others,
            })
        }));
    }
    found
}

fn items_of(node: &Node) -> &[Node] {
    match &node.kind {
        Kind::Array(items) => items,
        _ => &[],
    }
}

fn members(node: &Node) -> &[Member] {
    match &node.kind {
        Kind::Object(members) => members,
        _ => &[],
    }
}

/// The mapping and the two keys whose value stands at a place.
fn path_of(template: &Node, at: usize) -> Option<[&str; 3]> {
    let in_it = |node| {
        let mut all = members(node).iter();
        all.find(|own| own.value.span.contains(&at))
    };
    let mapping = in_it(template.child("Mappings")?)?;
    let first = in_it(&mapping.value)?;
    let second = in_it(&first.value)?;
    Some([&mapping.key, &first.key, &second.key])
}

/// What a value stands in.
#[derive(Debug, Clone, Default)]
struct Place<'t> {
    address: Vec<&'t str>,
    key: &'t str,
    allows: Option<String>,
    is_denying: bool,
    is_context: bool,
}

struct Finder<'t> {
    path: [&'t str; 3],
    others: Vec<Other>,
}

impl<'t> Finder<'t> {
    fn walk(&mut self, value: &Value, node: &'t Node, place: &Place<'t>) {
        match value {
            Value::Array(items) => {
                for (item, node) in items.iter().zip(items_of(node)) {
                    self.walk(item, node, place);
                }
            }
            Value::Object(map) => {
                let walked = match function(map) {
                    Some(("Fn::FindInMap", Value::Array(keys))) => {
                        self.add(keys, node, place);
                        None
                    }
                    Some(("Fn::Sub", Value::Array(parts))) => self.walk_sub(parts, node, place),
                    Some(("Fn::Join", Value::Array(parts))) => self.walk_join(parts, node, place),
                    _ => None,
                };
                if walked.is_some() {
                    return;
                }
                let mut own = place.clone();
                match effect(value) {
                    Some(Effect::Deny) => own.is_denying = true,
                    Some(Effect::Allow) => {
                        own.allows =
                            Some(map.get("Action").map_or_else(String::new, Value::to_string));
                    }
                    _ => {}
                }
                for member in members(node) {
                    let Some(value) = map.get(&member.key) else {
                        continue;
                    };
                    self.walk(value, &member.value, &own.below(&member.key, value));
                }
            }
            _ => {}
        }
    }

    /// What the names that `Fn::Sub` brings stand for: the text around each
    /// may be that of a statement. Nothing is done if the shape is another one.
    fn walk_sub(&mut self, parts: &[Value], node: &'t Node, place: &Place<'t>) -> Option<()> {
        let text = parts.first()?.as_str()?;
        let values = parts.get(1)?.as_object()?;
        let names = node.child("Fn::Sub")?.child("1")?;
        if function(values).is_some() {
            return None;
        }
        for member in members(names) {
            let Some(value) = values.get(&member.key) else {
                continue;
            };
            let (mut own, mut at) = (place.clone(), 0);
            for piece in pieces(text) {
                if matches!(piece, Piece::Name(name) if member.key == name.trim()) {
                    own = own.inside(text, at);
                }
                at += piece.spelled();
            }
            self.walk(value, &member.value, &own);
        }
        Some(())
    }

    /// The same of the parts that `Fn::Join` puts together, unless a function
    /// makes their list.
    fn walk_join(&mut self, parts: &[Value], node: &'t Node, place: &Place<'t>) -> Option<()> {
        let delimiter = parts.first()?.as_str()?;
        let items = parts.get(1)?.as_array()?;
        let node = node.child("Fn::Join")?.child("1")?;
        let texts = items.iter().map(|item| item.as_str().unwrap_or("${}"));
        let text = texts.clone().collect::<Vec<_>>().join(delimiter);
        let mut at = 0;
        for ((item, node), own) in items.iter().zip(items_of(node)).zip(texts) {
            self.walk(item, node, &place.clone().inside(&text, at));
            at += own.len() + delimiter.len();
        }
        Some(())
    }

    fn add(&mut self, keys: &[Value], node: &Node, place: &Place<'_>) {
        let mut pairs = keys.iter().zip(self.path);
        if !pairs.all(|(key, own)| key.as_str().is_none_or(|key| key == own)) {
            return;
        }
        let address = match place.address.as_slice() {
            ["Resources", id] => (*id).to_owned(),
            other => other.join("."),
        };
        let is_encrypt = place.allows.as_deref().is_some_and(wording::is_encrypt);
        self.others.push(Other {
            at: node.span.start,
            place: format!("{address}, {}", place.key),
            allows: place.allows.clone(),
            is_denying: place.is_denying,
            is_context: place.is_context && is_encrypt && !place.is_denying,
        });
    }
}

impl<'t> Place<'t> {
    /// That of an offset in a text that stands here.
    fn inside(mut self, text: &str, at: usize) -> Self {
        let own = wording::Place::of(text, at);
        self.is_denying |= own.is_denying;
        self.is_context |= own.is_context;
        self.allows = own.allows.or(self.allows);
        self
    }

    fn below(&self, key: &'t str, value: &Value) -> Self {
        let mut own = self.clone();
        if own.address.len() < 2 {
            own.address.push(key);
        }
        if !key.starts_with("Fn::") {
            own.key = key;
        }
        // What a loop makes of each element is no less there than the element.
        own.is_denying |=
            wording::is_negated(key) || (key.starts_with("Fn::ForEach") && denies(value));
        own.is_context |= wording::is_context(key);
        own
    }
}

/// The effect of what is a statement.
fn effect(value: &Value) -> Option<Effect> {
    let mut members = value.as_object()?.iter();
    let (_, effect) = members.find(|(key, _)| key.eq_ignore_ascii_case("effect"))?;
    Some(match effect {
        Value::String(text) if is_masked(text) => Effect::Deny,
        Value::String(text) => wording::effect(text),
        // A function says what it does.
        Value::Object(_) => Effect::Deny,
        _ => Effect::Other,
    })
}

fn denies(value: &Value) -> bool {
    effect(value) == Some(Effect::Deny)
        || match value {
            Value::Array(items) => items.iter().any(denies),
            Value::Object(map) => map.values().any(denies),
            _ => false,
        }
}
