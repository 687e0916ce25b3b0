//! Operations on a policy in Terraform's JSON syntax: they are operations on the
//! file's own JSON, in Terraform's form.

use std::collections::HashSet;
use std::ops::Range;

use json_patch::jsonptr::PointerBuf;
use serde_json::{Map, Value, json};

use super::list::{account_of, check_fits};
use crate::document::error::ApplyError;
use crate::document::escaping::Escaping;
use crate::document::holes::Holes;
use crate::document::tree::{Form, Kind, Node};
use crate::operations::{Operation, Operations};

/// The operations on the file that those on a policy in it are.
pub fn in_file(
    file: &Node,
    policy: &Node,
    operations: &Operations,
    holes: &Holes,
) -> Result<Operations, ApplyError> {
    let mut found = Operations::default();
    for operation in operations {
        if let Operation::List { list, add, .. } = operation
            && let Some(node) = policy.exact(list)
        {
            check_fits(node, add, holes)?;
        }
        let own = translate(operation, file, policy, holes);
        found.extend(own.ok_or_else(ApplyError::no_place)?);
    }
    Ok(found)
}

fn translate(
    operation: &Operation,
    file: &Node,
    policy: &Node,
    holes: &Holes,
) -> Option<Vec<Operation>> {
    match operation {
        Operation::List { list, remove, add } => {
            let node = policy.exact(list)?;
            if matches!(node.kind, Kind::Scalar) {
                let (list, remove) = (place(file, &node.span)?, remove.clone());
                let add = add.iter().map(|value| spelled(value, holes)).collect();
                return Some(vec![Operation::List { list, remove, add }]);
            }
            let items = node.children();
            let items: Option<HashSet<_>> = remove.iter().map(|own| items.get(*own)).collect();
            let mut own = taken_out(file, &items?);
            if list.as_str() == "/Statement" {
                let at = place(file, &policy.span)?;
                let add = add.iter().map(|value| statement(value, holes));
                own.extend(one_more(file, at, "statement", add.collect::<Option<_>>()?));
            } else if !add.is_empty() {
                let add = add.iter().map(|value| match (&node.form, value) {
                    (Form::Accounts { prefix, suffix }, Value::String(arn)) => {
                        Some(json!(account_of(arn, prefix, suffix)?))
                    }
                    _ => Some(spelled(value, holes)),
                });
                let list = place(file, &node.span)?;
                own.push(Operation::append(list, add.collect::<Option<_>>()?));
            }
            Some(own)
        }
        Operation::Member { object, key, value } => {
            let tokens = object.tokens().map(|token| token.decoded().into_owned());
            let tokens: Vec<String> = tokens.chain([key.clone()]).collect();
            let [statement, index, condition, below @ ..] = tokens.as_slice() else {
                return None;
            };
            if statement != "Statement" || condition != "Condition" {
                return None;
            }
            let mut value = value.clone();
            for token in below.iter().rev() {
                value = json!({ token.as_str(): value });
            }
            let at = place(file, &policy.child(statement)?.child(index)?.span)?;
            let block = conditions(&value, holes).pop()?;
            Some(one_more(file, at, "condition", vec![block]))
        }
        Operation::Whole(_) => None,
    }
}

/// Blocks of a kind in another one, behind those that are there.
fn one_more(file: &Node, mut at: PointerBuf, kind: &str, blocks: Vec<Value>) -> Vec<Operation> {
    if blocks.is_empty() {
        return Vec::new();
    }
    let is_there = file.exact(&at).is_some_and(|own| own.child(kind).is_some());
    if is_there {
        at.push_back(kind);
        return vec![Operation::append(at, blocks)];
    }
    let (key, value) = (kind.to_owned(), Value::Array(blocks));
    vec![Operation::Member {
        object: at,
        key,
        value,
    }]
}

/// Where in the file a node of the policy stands.
fn place(file: &Node, span: &Range<usize>) -> Option<PointerBuf> {
    let mut found = None;
    file.visit(&PointerBuf::new(), &mut |at, node| {
        if node.span == *span {
            found = Some(at.clone());
        }
    });
    found
}

/// What takes these items out of the lists of the file that they are in.
fn taken_out(file: &Node, items: &HashSet<&Range<usize>>) -> Vec<Operation> {
    let mut found = Vec::new();
    file.visit(&PointerBuf::new(), &mut |at, node| {
        if let Kind::Array(nodes) = &node.kind {
            let own = nodes.iter().enumerate();
            let own = own.filter(|(_, item)| items.contains(&item.span));
            let remove: Vec<usize> = own.map(|(index, _)| index).collect();
            found.push(Operation::take_out(at.clone(), remove));
        }
    });
    found
}

/// A value whose texts are templates.
fn spelled(value: &Value, holes: &Holes) -> Value {
    match value {
        Value::String(text) => Value::String(Escaping::Template.encode(text, holes)),
        Value::Array(items) => items.iter().map(|item| spelled(item, holes)).collect(),
        other => other.clone(),
    }
}

fn list(value: &Value, holes: &Holes) -> Value {
    match spelled(value, holes) {
        Value::Array(items) => Value::Array(items),
        single => json!([single]),
    }
}

/// A statement as a block.
fn statement(value: &Value, holes: &Holes) -> Option<Value> {
    let mut block = Map::new();
    for (element, value) in value.as_object()? {
        let (name, value) = match element.as_str() {
            "Sid" => ("sid", spelled(value, holes)),
            "Effect" => ("effect", spelled(value, holes)),
            "Action" => ("actions", list(value, holes)),
            "Resource" => ("resources", list(value, holes)),
            "Principal" => {
                let kinds = value.as_object()?.iter();
                let block = |(kind, names): (&String, &Value)| json!({ "type": kind, "identifiers": list(names, holes) });
                ("principals", Value::Array(kinds.map(block).collect()))
            }
            "Condition" => ("condition", Value::Array(conditions(value, holes))),
            _ => return None,
        };
        block.insert(name.to_owned(), value);
    }
    Some(Value::Object(block))
}

fn conditions(value: &Value, holes: &Holes) -> Vec<Value> {
    let mut blocks = Vec::new();
    for (operator, keys) in value.as_object().into_iter().flatten() {
        for (key, values) in keys.as_object().into_iter().flatten() {
            let values = list(values, holes);
            blocks.push(json!({ "test": operator, "variable": key, "values": values }));
        }
    }
    blocks
}
