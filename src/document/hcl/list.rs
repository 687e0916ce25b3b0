//! Lists of values, and where such a list is written: in place, in a local, or
//! as the account IDs that an expression makes ARNs of.

use hcl_edit::Span;
use hcl_edit::expr::{Array, Expression, ForExpr, FuncCall};
use hcl_edit::template::Element;
use serde_json::Value;

use super::lower::{Lower, Lowered};
use super::scope::unwrap;
use crate::document::holes::HoleKind;
use crate::document::tree::{Form, Kind, Node};
use crate::policy::AccountId;

impl Lower<'_, '_> {
    /// A value that is a list or a text: a computed one is as written where
    /// its elements stand, if they stand in this file.
    pub fn list(&mut self, expression: &Expression) -> Lowered {
        let inner = unwrap(expression);
        let followed = self.scope.follow_default(inner);
        let found = match followed {
            Expression::Array(array) => {
                let (value, mut node) = self.array(array, HoleKind::Text);
                node.origin = self.scope.origin(inner);
                Some((value, node))
            }
            Expression::ForExpr(comprehension) => self.comprehension(comprehension),
            Expression::FuncCall(call) => self.call(call),
            _ => None,
        };
        found.unwrap_or_else(|| self.value(expression))
    }

    /// `[for a in ACCOUNTS : "…${a}…"]`
    fn comprehension(&mut self, comprehension: &ForExpr) -> Option<Lowered> {
        let intro = &comprehension.intro;
        let is_plain = comprehension.key_expr.is_none() && comprehension.cond.is_none();
        if !is_plain || intro.key_var.is_some() {
            return None;
        }
        let account = intro.value_var.as_str();
        let is_account = |expression: &Expression| matches!(expression, Expression::Variable(name) if name.as_str() == account);
        let collection = &intro.collection_expr;
        let array = self.accounts(collection)?;
        let Expression::StringTemplate(template) = unwrap(&comprehension.value_expr) else {
            return is_account(unwrap(&comprehension.value_expr))
                .then(|| self.array(array, HoleKind::Text));
        };
        let elements: Vec<&Element> = template.iter().collect();
        let is_place = |element: &Element| {
            element
                .as_interpolation()
                .is_some_and(|interpolation| is_account(unwrap(&interpolation.expr)))
        };
        let place = elements.iter().position(|element| is_place(element))?;
        if elements[place + 1..]
            .iter()
            .any(|element| is_place(element))
        {
            return None;
        }
        let prefix = self.template(&mut elements[..place].iter().copied());
        let suffix = self.template(&mut elements[place + 1..].iter().copied());
        Some(self.through(collection, array, prefix, suffix))
    }

    /// `formatlist("…%s…", ACCOUNTS)`, and what only changes a list's type.
    fn call(&mut self, call: &FuncCall) -> Option<Lowered> {
        let arguments: Vec<&Expression> = call.args.iter().collect();
        match (call.name.name.as_str(), arguments.as_slice()) {
            ("concat", [first @ .., last]) => Some(self.concat(first, last)),
            ("toset" | "tolist" | "distinct", [only]) => {
                let array = self.accounts(only)?;
                Some(self.array(array, HoleKind::Text))
            }
            ("formatlist", [format, accounts]) => {
                let array = self.accounts(accounts)?;
                let Value::String(format) = self.text(format).0 else {
                    return None;
                };
                let (prefix, suffix) = format.split_once("%s")?;
                if [prefix, suffix].iter().any(|part| part.contains('%')) {
                    return None;
                }
                Some(self.through(accounts, array, prefix.to_owned(), suffix.to_owned()))
            }
            _ => None,
        }
    }

    /// One list behind the other: what is added goes to the end of the last.
    fn concat(&mut self, first: &[&Expression], last: &Expression) -> Lowered {
        let (mut values, mut nodes) = (Vec::new(), Vec::new());
        let mut end = Node::new(0..0, Kind::Scalar);
        for argument in first.iter().copied().chain([last]) {
            let (value, node) = self.list(argument);
            end = Node {
                kind: Kind::Scalar,
                ..node.clone()
            };
            match (value, node.kind) {
                (Value::Array(more), Kind::Array(more_nodes)) => {
                    values.extend(more);
                    nodes.extend(more_nodes);
                }
                (value, kind) => {
                    values.push(value);
                    nodes.push(Node {
                        kind,
                        ..end.clone()
                    });
                }
            }
        }
        let kind = Kind::Array(nodes);
        (Value::Array(values), Node { kind, ..end })
    }

    /// The literal list that an expression is.
    fn accounts<'e>(&self, expression: &'e Expression) -> Option<&'e Array>
    where
        Self: 'e,
    {
        match self.scope.follow_default(expression) {
            Expression::Array(array) => Some(array),
            Expression::FuncCall(call)
                if matches!(call.name.name.as_str(), "toset" | "tolist" | "distinct") =>
            {
                self.accounts(call.args.iter().next()?)
            }
            _ => None,
        }
    }

    fn through(
        &mut self,
        used: &Expression,
        array: &Array,
        prefix: String,
        suffix: String,
    ) -> Lowered {
        let (values, nodes): (Vec<Value>, Vec<Node>) = array
            .iter()
            .map(|element| {
                let (value, node) = self.text(element);
                let text = match value {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                (Value::String(format!("{prefix}{text}{suffix}")), node)
            })
            .unzip();
        let mut node = Node::new(array.span().unwrap_or_default(), Kind::Array(nodes));
        node.form = Form::Accounts { prefix, suffix };
        node.origin = self.scope.origin(unset(used));
        (Value::Array(values), node)
    }
}

/// What a function that only changes a list's type is called with.
fn unset(expression: &Expression) -> &Expression {
    match unwrap(expression) {
        Expression::FuncCall(call)
            if matches!(call.name.name.as_str(), "toset" | "tolist" | "distinct") =>
        {
            call.args.iter().next().map_or(expression, unset)
        }
        other => other,
    }
}

/// The account ID that becomes a value by a form's prefix and suffix.
#[must_use]
pub fn account_of<'v>(value: &'v str, prefix: &str, suffix: &str) -> Option<&'v str> {
    let account = value.strip_prefix(prefix)?.strip_suffix(suffix)?;
    account.parse::<AccountId>().ok()?;
    Some(account)
}
