//! Lists of values, and where such a list is written: in place, in a local, or
//! as the account IDs that an expression makes ARNs of.

use hcl_edit::expr::{Expression, FuncCall};

use super::lower::{Lower, Lowered, span};
use super::names::unwrap;
use crate::document::error::ApplyError;
use crate::document::holes::{Hole, HoleKind, Holes};
use crate::document::tree::{Form, Kind, Node};
use crate::policy::AccountId;
use crate::value::Value;

/// How deep lists are followed.
const DEPTH: usize = 32;

/// A list that an expression makes of each element of another one.
#[derive(Debug)]
pub struct Mapping<'e> {
    /// The other list.
    pub used: &'e Expression,
    /// What stands before an element.
    pub prefix: String,
    /// What stands behind it.
    pub suffix: String,
}

impl Lower<'_, '_> {
    /// A value that is a list or a text: a computed one is as written where
    /// its elements stand, if they stand in this file.
    pub fn list(&mut self, expression: &Expression) -> Lowered {
        self.list_of(expression, HoleKind::Text)
    }

    /// As `list`; `kind` is what an expression among the elements is.
    pub fn list_of(&mut self, expression: &Expression, kind: HoleKind) -> Lowered {
        // Locals that are made of each other are no Terraform, but must end.
        let start = span(self.scope.follow_default(expression)).start;
        self.step();
        if self.open.contains(&start) || self.open.len() == DEPTH || self.is_spent() {
            return self.value(expression);
        }
        self.open.push(start);
        let found = self.written_list(expression, kind);
        self.open.pop();
        let found = found.filter(|_| !self.is_spent());
        found.unwrap_or_else(|| self.value(expression))
    }

    fn written_list(&mut self, expression: &Expression, kind: HoleKind) -> Option<Lowered> {
        let inner = unwrap(expression);
        let (mut value, mut node) = match self.scope.follow_default(inner) {
            Expression::Array(array) => self.array(array, kind),
            Expression::FuncCall(call) => match self.call(call, kind) {
                Some(found) => found,
                None => self.mapped(self.scope.follow_default(inner))?,
            },
            other => self.mapped(other)?,
        };
        node.say_origin(self.scope.origin(inner));
        self.convert(&mut value, &node);
        Some((value, node))
    }

    /// Makes the items what their list's type makes of them: to a number, zeros
    /// before it do not count, and an account ID is another text then.
    pub fn convert(&mut self, value: &mut Value, list: &Node) {
        let is_of_numbers = list.origin.as_ref().is_some_and(|own| own.is_of_numbers);
        let (Value::Array(items), Kind::Array(nodes), true) = (value, &list.kind, is_of_numbers)
        else {
            return;
        };
        for (item, node) in items.iter_mut().zip(nodes) {
            let text = item.as_str().filter(|text| loses_zeros(text));
            if let Some(text) = text {
                let hole = Hole {
                    text: format!("${{tonumber(\"{text}\")}}"),
                    kind: HoleKind::Text,
                    span: node.span.clone(),
                    sources: Vec::new(),
                };
                *item = Value::from(self.holes.intern(hole).to_string());
            }
        }
    }

    /// What only puts lists together, or changes a list's type.
    fn call(&mut self, call: &FuncCall, kind: HoleKind) -> Option<Lowered> {
        match arguments(call)?.as_slice() {
            [first @ .., last] if call.name.name.as_str() == "concat" => {
                Some(self.concat(first, last, kind))
            }
            [only] if keeps_elements(call) => {
                let found = self.list_of(only, kind);
                found.0.is_array().then_some(found)
            }
            _ => None,
        }
    }

    /// One list behind the other: what is added goes to the end of the last.
    fn concat(&mut self, first: &[&Expression], last: &Expression, kind: HoleKind) -> Lowered {
        let (last_value, last_node) = self.list_of(last, kind);
        // What has no list at its end has no place for one more.
        let has_end = last_value.is_array();
        let (mut values, mut nodes) = (Vec::new(), Vec::new());
        let mut parts = Vec::new();
        for argument in first {
            let (value, node) = self.list_of(argument, kind);
            parts.extend(node.parts_from(values.len()));
            if let (Value::Array(more), Kind::Array(more_nodes)) = (&value, &node.kind) {
                values.extend(more.iter().cloned());
                nodes.extend(more_nodes.iter().cloned());
                continue;
            }
            let (value, node) = if has_end && kind == HoleKind::Text {
                self.text(argument)
            } else {
                self.value(argument)
            };
            values.push(value);
            nodes.push(node);
        }
        parts.extend(last_node.parts_from(values.len()));
        let mut node = last_node.clone();
        node.parts = Some(parts.into());
        match (last_value, last_node.kind) {
            (Value::Array(more), Kind::Array(more_nodes)) => {
                values.extend(more);
                nodes.extend(more_nodes);
            }
            (value, kind) => {
                values.push(value);
                nodes.push(Node {
                    kind,
                    ..node.clone()
                });
            }
        }
        node.kind = Kind::Array(nodes);
        (Value::Array(values), node)
    }

    /// The list that an expression makes of another one that is written in
    /// this file: its values, and the other's places.
    fn mapped(&mut self, expression: &Expression) -> Option<Lowered> {
        let Mapping {
            used,
            prefix,
            suffix,
        } = self.mapping(expression)?;
        let (Value::Array(elements), mut node) = self.list(used) else {
            return None;
        };
        // Of what a mapping has made already, the places say too little.
        let mut parts = node.parts.iter().flatten();
        if node.form != Form::Value || parts.any(|part| part.form != Form::Value) {
            return None;
        }
        let values = elements
            .iter()
            .map(|element| self.around(&prefix, element, &suffix));
        let values = values.collect();
        if !prefix.is_empty() || !suffix.is_empty() {
            node.form = Form::Accounts {
                prefix: prefix.into(),
                suffix: suffix.into(),
            };
            for part in node.parts.iter_mut().flatten() {
                part.form = node.form.clone();
            }
        }
        Some((Value::Array(values), node))
    }

    /// An element with what an expression puts around it.
    pub fn around(&mut self, prefix: &str, element: &Value, suffix: &str) -> Value {
        let text = match element {
            Value::String(text) => text.clone(),
            other => other.to_string().into(),
        };
        if prefix.is_empty() && suffix.is_empty() {
            return Value::String(text);
        }
        let text = self.holes.in_text(&text);
        Value::from([prefix, &text, suffix].concat())
    }
}

/// Whether a text is another one once it has been a number.
pub fn loses_zeros(text: &str) -> bool {
    text.starts_with('0') && text.parse::<AccountId>().is_ok()
}

/// What a function is called with, if that is written out: the items of an
/// argument with `...` behind it are arguments themselves.
pub fn arguments(call: &FuncCall) -> Option<Vec<&Expression>> {
    (!call.args.expand_final()).then(|| call.args.iter().collect())
}

/// Whether a function keeps a list's elements, if not their order or number.
fn keeps_elements(call: &FuncCall) -> bool {
    let name = call.name.name.as_str();
    call.name.namespace.is_empty()
        && !call.args.expand_final()
        && matches!(
            name,
            "toset" | "tolist" | "distinct" | "sort" | "compact" | "nonsensitive"
        )
}

/// What a function that only changes a list's type is called with.
pub fn unset(expression: &Expression) -> &Expression {
    match unwrap(expression) {
        Expression::FuncCall(call) if keeps_elements(call) => {
            call.args.iter().next().map_or(expression, unset)
        }
        other => other,
    }
}

/// The account ID that becomes a value by a form's prefix and suffix.
pub fn account_of<'v>(value: &'v str, prefix: &str, suffix: &str) -> Option<&'v str> {
    let account = value.strip_prefix(prefix)?.strip_suffix(suffix)?;
    account.parse::<AccountId>().ok()?;
    Some(account)
}

/// Whether values can be written where they belong: in a list of account IDs,
/// only what the expression makes of one.
///
/// # Errors
/// The first value that is something else.
pub fn check_fits(
    node: &Node,
    values: &[serde_json::Value],
    holes: &Holes,
) -> Result<(), ApplyError> {
    let Form::Accounts { prefix, suffix } = &node.form else {
        return Ok(());
    };
    let texts = values.iter().filter_map(|value| value.as_str());
    match texts
        .into_iter()
        .find(|text| account_of(text, prefix, suffix).is_none())
    {
        None => Ok(()),
        Some(arn) => Err(ApplyError::Unwritable {
            message: format!(
                "{:?} is not of the form that the list's expression makes of an account ID",
                holes.spell(arn)
            ),
            help: "give --trail-region, --trail and --partition as the expression has them, or write the ARN into the list yourself",
        }),
    }
}
