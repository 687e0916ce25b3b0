//! The names in an expression.

use hcl_edit::expr::{Conditional, Expression, ForExpr, Traversal, TraversalOperator};
use hcl_edit::structure::{Attribute, Block};
use hcl_edit::template::Element;
use hcl_edit::visit::{Visit, visit_conditional, visit_for_expr, visit_traversal};

/// A name that says that it is a partition's.
pub fn is_partition_name(name: &str) -> bool {
    name == "partition" || name.ends_with("_partition")
}

/// Whether an expression's text names an address.
pub fn names(text: &str, address: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut places = text.match_indices(address);
    places.any(|(at, _)| {
        !text[..at].ends_with(|c| is_word(c) || c == '.')
            && !text[at + address.len()..].starts_with(is_word)
    })
}

/// An expression without parentheses, and without the quotes of `"${…}"`.
pub fn unwrap(expression: &Expression) -> &Expression {
    match expression {
        Expression::Parenthesis(inner) => unwrap(inner.inner()),
        Expression::StringTemplate(template) if template.len() == 1 => match template.get(0) {
            Some(Element::Interpolation(interpolation)) => unwrap(&interpolation.expr),
            _ => expression,
        },
        _ => expression,
    }
}

/// `data.aws_partition.current.partition` in its parts, indices left out.
pub fn path(expression: &Expression) -> Option<Vec<String>> {
    match unwrap(expression) {
        Expression::Traversal(traversal) => path_of(traversal),
        Expression::Variable(name) => Some(vec![name.as_str().to_owned()]),
        _ => None,
    }
}

/// As `path`, where no index or splat takes a part of what is named.
pub fn whole_path(expression: &Expression) -> Option<Vec<String>> {
    match unwrap(expression) {
        Expression::Traversal(own) => {
            let mut operators = own.operators.iter();
            operators
                .all(|operator| matches!(operator.value(), TraversalOperator::GetAttr(_)))
                .then(|| path_of(own))?
        }
        other => path(other),
    }
}

/// Whether an expression is a variable of that name: that of a `for`.
pub fn is_variable(expression: &Expression, name: &str) -> bool {
    matches!(unwrap(expression), Expression::Variable(own) if own.as_str() == name)
}

/// As `path`, of what is no variable alone.
pub fn path_of(traversal: &Traversal) -> Option<Vec<String>> {
    let Expression::Variable(root) = &traversal.expr else {
        return None;
    };
    let mut path = vec![root.as_str().to_owned()];
    for operator in &traversal.operators {
        if let TraversalOperator::GetAttr(name) = operator.value() {
            path.push(name.as_str().to_owned());
        }
    }
    Some(path)
}

/// Collects the names that a person can look up.
#[derive(Debug, Default)]
pub struct Names {
    /// In the order of the text.
    pub found: Vec<Vec<String>>,
    /// Whether what only decides between values is left out.
    skips_conditions: bool,
}

impl Names {
    /// The names that values come from, not those that a condition asks.
    pub fn of_values() -> Self {
        Self {
            skips_conditions: true,
            ..Self::default()
        }
    }
}

/// A part of a file that names can be in.
pub trait Named {
    fn collect(&self, names: &mut Names);
}

impl Named for Block {
    fn collect(&self, names: &mut Names) {
        names.visit_block(self);
    }
}

impl Named for Attribute {
    fn collect(&self, names: &mut Names) {
        names.visit_attr(self);
    }
}

impl Visit for Names {
    fn visit_traversal(&mut self, node: &Traversal) {
        if let Some(path) = path_of(node) {
            let named = match path.as_slice() {
                [root, name, ..] if matches!(root.as_str(), "local" | "var") => {
                    Some(vec![root.clone(), name.clone()])
                }
                [root, ..] if matches!(root.as_str(), "data" | "module") => Some(path),
                _ => None,
            };
            self.found.extend(named);
        }
        visit_traversal(self, node);
    }

    fn visit_conditional(&mut self, node: &Conditional) {
        if self.skips_conditions {
            self.visit_expr(&node.true_expr);
            self.visit_expr(&node.false_expr);
        } else {
            visit_conditional(self, node);
        }
    }

    fn visit_for_expr(&mut self, node: &ForExpr) {
        if self.skips_conditions {
            self.visit_expr(&node.intro.collection_expr);
            node.key_expr.iter().for_each(|key| self.visit_expr(key));
            self.visit_expr(&node.value_expr);
        } else {
            visit_for_expr(self, node);
        }
    }
}
