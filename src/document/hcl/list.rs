//! Lists of values, and where such a list is written: in place, in a local, or
//! as the account IDs that an expression makes ARNs of.

use hcl_edit::Span;
use hcl_edit::expr::{Array, Expression, ForExpr, FuncCall};
use hcl_edit::template::Element;
use serde_json::Value;

use super::lower::{Lower, Lowered};
use super::scope::unwrap;
use crate::document::ApplyError;
use crate::document::holes::{HoleKind, Holes};
use crate::document::tree::{Form, Kind, Node};
use crate::policy::AccountId;

impl Lower<'_, '_> {
    /// A value that is a list or a text: a computed one is as written where
    /// its elements stand, if they stand in this file.
    pub fn list(&mut self, expression: &Expression) -> Lowered {
        self.list_of(expression, HoleKind::Text)
    }

    /// As `list`; `kind` is what an expression among the elements is.
    pub fn list_of(&mut self, expression: &Expression, kind: HoleKind) -> Lowered {
        let inner = unwrap(expression);
        let followed = self.scope.follow_default(inner);
        let found = match followed {
            Expression::Array(array) => {
                let (value, mut node) = self.array(array, kind);
                node.origin = self.scope.origin(inner);
                Some((value, node))
            }
            other => self.mapped(other).or_else(|| match other {
                Expression::FuncCall(call) => self.call(call, kind),
                _ => None,
            }),
        };
        found.unwrap_or_else(|| self.value(expression))
    }

    /// A list that an expression makes of each element of another: that other
    /// one, and what stands before and behind an element.
    ///
    /// `[for a in ACCOUNTS : "…${a}…"]`, `formatlist("…%s…", ACCOUNTS)`.
    pub fn mapping<'e>(
        &mut self,
        expression: &'e Expression,
    ) -> Option<(&'e Expression, String, String)> {
        match expression {
            Expression::ForExpr(comprehension) => self.comprehension(comprehension),
            Expression::FuncCall(call) if call.name.name.as_str() == "formatlist" => {
                let [format, accounts] = call.args.iter().collect::<Vec<_>>()[..] else {
                    return None;
                };
                let Value::String(format) = self.text(format).0 else {
                    return None;
                };
                let (prefix, suffix) = format.split_once("%s")?;
                let is_plain = ![prefix, suffix].iter().any(|part| part.contains('%'));
                is_plain.then(|| (unset(accounts), prefix.to_owned(), suffix.to_owned()))
            }
            _ => None,
        }
    }

    fn comprehension<'e>(
        &mut self,
        comprehension: &'e ForExpr,
    ) -> Option<(&'e Expression, String, String)> {
        let intro = &comprehension.intro;
        let is_plain = comprehension.key_expr.is_none() && comprehension.cond.is_none();
        if !is_plain || intro.key_var.is_some() {
            return None;
        }
        let account = intro.value_var.as_str();
        let is_account = |expression: &Expression| matches!(expression, Expression::Variable(name) if name.as_str() == account);
        let collection = unset(&intro.collection_expr);
        let Expression::StringTemplate(template) = &comprehension.value_expr else {
            let is_same = is_account(unwrap(&comprehension.value_expr));
            return is_same.then(|| (collection, String::new(), String::new()));
        };
        let elements: Vec<&Element> = template.iter().collect();
        let is_place = |element: &Element| {
            let place = element.as_interpolation();
            place.is_some_and(|own| is_account(unwrap(&own.expr)))
        };
        let place = elements.iter().position(|element| is_place(element))?;
        let (before, behind) = (&elements[..place], &elements[place + 1..]);
        if behind.iter().any(|element| is_place(element)) {
            return None;
        }
        let prefix = self.template(&mut before.iter().copied());
        let suffix = self.template(&mut behind.iter().copied());
        Some((collection, prefix, suffix))
    }

    /// What only puts lists together, or changes a list's type.
    fn call(&mut self, call: &FuncCall, kind: HoleKind) -> Option<Lowered> {
        let arguments: Vec<&Expression> = call.args.iter().collect();
        match (call.name.name.as_str(), arguments.as_slice()) {
            ("concat", [first @ .., last]) => Some(self.concat(first, last, kind)),
            ("toset" | "tolist" | "distinct", [only]) => {
                let array = self.accounts(only)?;
                let (value, mut node) = self.array(array, HoleKind::Text);
                node.origin = self.scope.origin(unset(only));
                Some((value, node))
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
        for argument in first {
            let (value, node) = self.list_of(argument, kind);
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
        let mut node = last_node.clone();
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

    fn mapped(&mut self, expression: &Expression) -> Option<Lowered> {
        let (used, prefix, suffix) = self.mapping(expression)?;
        let array = self.accounts(used)?;
        Some(self.through(used, array, prefix, suffix))
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
        if !prefix.is_empty() || !suffix.is_empty() {
            node.form = Form::Accounts { prefix, suffix };
        }
        node.origin = self.scope.origin(used);
        (Value::Array(values), node)
    }
}

/// What a function that only changes a list's type is called with.
pub fn unset(expression: &Expression) -> &Expression {
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

/// Whether values can be written where they belong: in a list of account IDs,
/// only what the expression makes of one.
///
/// # Errors
/// The first value that is something else.
pub fn check_fits(node: &Node, values: &[&Value], holes: &Holes) -> Result<(), ApplyError> {
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
