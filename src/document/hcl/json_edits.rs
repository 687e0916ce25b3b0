//! Operations as edits of a file in Terraform's JSON syntax: they are the same
//! operations on the file's own JSON, in Terraform's form.

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
use crate::document::text::{TextEdit, append};
use crate::document::tree::{Form, Node};
use crate::operations::Operation;

/// The edits that a run of operations on the policy is: the same operations on
/// the file's own JSON, in its form.
pub fn edits(
    host: &str,
    body: &Body,
    run: &[PatchOperation],
    holes: &Holes,
) -> Result<Option<Vec<TextEdit>>, ApplyError> {
    for (list, value) in run.iter().filter_map(append) {
        if let Some(node) = body.tree.root(host).exact(list) {
            check_fits(node, &[value], holes)?;
        }
    }
    Ok(translated(host, body, run, holes))
}

fn translated(
    host: &str,
    body: &Body,
    run: &[PatchOperation],
    holes: &Holes,
) -> Option<Vec<TextEdit>> {
    let (value, tree) = parse(host).ok()?;
    let own: Option<Vec<PatchOperation>> = run
        .iter()
        .map(|operation| translate(operation, body.tree.root(host), &value, &tree, holes))
        .collect();
    splice::text_edits(host, &tree.into(), &value, &joined(own?)?)
}

/// One operation again: texts for one list are appended at once.
fn joined(mut run: Vec<PatchOperation>) -> Option<Operation> {
    if run.len() == 1 {
        return run.pop().map(Operation::from);
    }
    let (array, _) = append(run.first()?)?;
    let text = |(_, value): (_, &Value)| value.as_str().map(str::to_owned);
    Some(Operation::Append {
        array: array.to_buf(),
        values: run
            .iter()
            .map(|one| append(one).and_then(text))
            .collect::<Option<_>>()?,
    })
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

fn translate(
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
