//! Operations as edits of a file in Terraform's JSON syntax: they are the same
//! operations on the file's own JSON, in Terraform's form.

use std::collections::HashSet;
use std::ops::Range;

use json_patch::jsonptr::{Pointer, PointerBuf};
use json_patch::{AddOperation, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::{Map, Value, json};

use super::list::{account_of, check_fits};
use crate::document::error::ApplyError;
use crate::document::escaping::Escaping;
use crate::document::found::Body;
use crate::document::holes::Holes;
use crate::document::json::{parse, splice};
use crate::document::text::append;
use crate::document::tree::{Form, Kind, Node};
use crate::operations::Operation;
use crate::text::edit::TextEdit;

/// The edit that an operation on the policy is: the same operation on the file's
/// own JSON, in its form.
pub fn edit(
    host: &str,
    body: &Body,
    operation: &Operation,
    holes: &Holes,
) -> Result<Option<TextEdit>, ApplyError> {
    let policy = body.tree.root(host);
    let added = match operation {
        Operation::Append { array, values } => {
            Some((&**array, values.iter().map(Value::from).collect()))
        }
        Operation::Other(own) => append(own).map(|(array, value)| (array, vec![value.clone()])),
        Operation::TakeOut { .. } => None,
    };
    if let Some((array, values)) = &added
        && let Some(node) = policy.exact(array)
    {
        check_fits(node, values, holes)?;
    }
    let translated = || {
        let (value, tree) = parse(host).ok()?;
        let own = translate(operation, policy, &value, &tree, holes)?;
        let tree = tree.into();
        let edits = own
            .iter()
            .map(|own| splice::text_edit(host, &tree, &value, own));
        edits.collect::<Option<Vec<_>>>().and_then(TextEdit::all)
    };
    Ok(translated())
}

/// The operations on the file that one on the policy is.
fn translate(
    operation: &Operation,
    policy: &Node,
    value: &crate::value::Value,
    tree: &Node,
    holes: &Holes,
) -> Option<Vec<Operation>> {
    match operation {
        Operation::Append { array, values } => {
            let list = policy.exact(array)?;
            let new = values.iter().map(|own| match &list.form {
                Form::Accounts { prefix, suffix } => {
                    account_of(own, prefix, suffix).map(str::to_owned)
                }
                _ => Some(Escaping::Template.encode(own, holes)),
            });
            let (array, values) = (place(tree, &list.span)?, new.collect::<Option<_>>()?);
            Some(vec![Operation::Append { array, values }])
        }
        Operation::TakeOut { array, indices } => {
            let items = policy.exact(array)?.children();
            let items: Option<HashSet<_>> = indices.iter().map(|own| items.get(*own)).collect();
            Some(taken_out(tree, &items?))
        }
        Operation::Other(own) => Some(vec![translate_one(own, policy, value, tree, holes)?.into()]),
    }
}

/// What takes these items out of the lists of the file that they are in.
fn taken_out(tree: &Node, items: &HashSet<&Range<usize>>) -> Vec<Operation> {
    let mut found = Vec::new();
    tree.visit(&PointerBuf::new(), &mut |at, node| {
        if let Kind::Array(nodes) = &node.kind {
            let own = nodes.iter().enumerate().rev();
            let own = own.filter(|(_, item)| items.contains(&item.span));
            let indices: Vec<usize> = own.map(|(index, _)| index).collect();
            let array = at.clone();
            found.extend((!indices.is_empty()).then_some(Operation::TakeOut { array, indices }));
        }
    });
    found
}

/// Where in the file a node of the policy stands.
fn place(tree: &Node, span: &Range<usize>) -> Option<PointerBuf> {
    let mut found = None;
    tree.visit(&PointerBuf::new(), &mut |at, node| {
        if node.span == *span {
            found = Some(at.clone());
        }
    });
    found
}

fn translate_one(
    operation: &PatchOperation,
    policy: &Node,
    value: &crate::value::Value,
    tree: &Node,
    holes: &Holes,
) -> Option<PatchOperation> {
    let node = |pointer: &Pointer| policy.exact(pointer);
    let own = |pointer: &Pointer| place(tree, &node(pointer)?.span);
    let add =
        |path: PointerBuf, value: Value| Some(PatchOperation::Add(AddOperation { path, value }));
    // One block more, behind those that are there.
    let more = |path: PointerBuf, block: Value| match value.pointer(path.as_str()) {
        None => add(path, json!([block])),
        Some(crate::value::Value::Array(_)) => {
            let mut end = path;
            end.push_back("-");
            add(end, block)
        }
        Some(single) => Some(PatchOperation::Replace(ReplaceOperation {
            value: json!([single, block]),
            path,
        })),
    };
    if let Some((list, new)) = append(operation) {
        if list.as_str() != "/Statement" {
            let mut end = own(list)?;
            end.push_back("-");
            let new = match &node(list)?.form {
                Form::Accounts { prefix, suffix } => {
                    json!(account_of(new.as_str()?, prefix, suffix)?)
                }
                _ => spelled(new, holes),
            };
            return add(end, new);
        }
        let block = own(Pointer::root())?;
        let mut path = block;
        path.push_back("statement");
        return more(path, statement(new, holes)?);
    }
    match operation {
        PatchOperation::Remove(RemoveOperation { path }) => {
            Some(PatchOperation::Remove(RemoveOperation { path: own(path)? }))
        }
        PatchOperation::Add(AddOperation { path, value: new }) => {
            let tokens: Vec<String> = path.tokens().map(|t| t.decoded().into_owned()).collect();
            let [statement, index, condition, below @ ..] = tokens.as_slice() else {
                return None;
            };
            if statement != "Statement" || condition != "Condition" {
                return None;
            }
            let mut new = new.clone();
            for token in below.iter().rev() {
                new = json!({ token.as_str(): new });
            }
            let mut at = place(tree, &policy.child(statement)?.child(index)?.span)?;
            at.push_back("condition");
            more(at, conditions(&new, holes).pop()?)
        }
        _ => None,
    }
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
