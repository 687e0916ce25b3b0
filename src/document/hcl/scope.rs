//! What a file says about its own names: locals, variables, data sources.

use std::collections::HashMap;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, Traversal, TraversalOperator};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::Element;
use hcl_edit::visit::{Visit, visit_traversal};

use crate::document::Position;
use crate::document::holes::Source;
use crate::document::tree::{Node, Origin};

/// How far names are followed.
const DEPTH: usize = 8;

/// The names that a file defines.
#[derive(Debug, Default)]
pub struct Scope<'b> {
    host: &'b str,
    locals: HashMap<String, Definition<'b>>,
    variables: HashMap<String, Definition<'b>>,
    /// How often each name is used.
    uses: HashMap<String, usize>,
    /// The literal lists of a file in the JSON syntax.
    lists: HashMap<String, &'b Node>,
}

/// A local, or a variable with its default.
#[derive(Debug, Clone, Copy)]
pub struct Definition<'b> {
    /// The value, if the file has one.
    pub value: Option<&'b Expression>,
    /// Where it is defined.
    pub at: usize,
}

impl<'b> Scope<'b> {
    /// The names of a file.
    #[must_use]
    pub fn new(host: &'b str, body: &'b Body) -> Self {
        let mut scope = Self {
            host,
            ..Self::default()
        };
        for block in body.iter().filter_map(Structure::as_block) {
            match (block.ident.as_str(), block.labels.as_slice()) {
                ("locals", []) => {
                    for attribute in block.body.iter().filter_map(Structure::as_attribute) {
                        let definition = Definition {
                            value: Some(&attribute.value),
                            at: attribute.span().map_or(0, |span| span.start),
                        };
                        let name = attribute.key.as_str().to_owned();
                        scope.locals.insert(name, definition);
                    }
                }
                ("variable", [name]) => {
                    let default = block.body.get_attribute("default");
                    let definition = Definition {
                        value: default.map(|attribute| &attribute.value),
                        at: block.span().map_or(0, |span| span.start),
                    };
                    scope.variables.insert(name.as_str().to_owned(), definition);
                }
                _ => {}
            }
        }
        let mut names = Names(Vec::new());
        names.visit_body(body);
        for path in names.0 {
            *scope.uses.entry(path.join(".")).or_default() += 1;
        }
        scope
    }

    /// The definition that a list is written in, from where it is used.
    #[must_use]
    pub fn origin(&self, expression: &Expression) -> Option<Origin> {
        let mut expression = unwrap(expression);
        let mut origin = None;
        for _ in 0..DEPTH {
            let Some(path) = path(expression) else { break };
            let Some(value) = self.definition(&path).and_then(|own| own.value) else {
                break;
            };
            let name = path.join(".");
            origin = Some(Origin {
                is_default: path[0] == "var",
                uses: self.uses.get(&name).copied().unwrap_or(1),
                name,
            });
            expression = unwrap(value);
        }
        origin
    }

    /// The names of a file in Terraform's JSON syntax, with their places and
    /// the literal lists among them.
    #[must_use]
    pub fn of_json(
        host: &'b str,
        [locals, variables]: [Vec<(String, usize)>; 2],
        lists: HashMap<String, &'b Node>,
    ) -> Self {
        let definition = |(name, at)| (name, Definition { value: None, at });
        Self {
            host,
            locals: locals.into_iter().map(definition).collect(),
            variables: variables.into_iter().map(definition).collect(),
            uses: HashMap::new(),
            lists,
        }
    }

    /// The literal list of a name, in Terraform's JSON syntax.
    #[must_use]
    pub fn json_list(&self, expression: &Expression) -> Option<(Origin, &'b Node)> {
        let path = path(expression)?;
        let name = path.join(".");
        let list = self.lists.get(&name)?;
        let origin = Origin {
            is_default: path[0] == "var",
            uses: 1,
            name,
        };
        Some((origin, list))
    }

    fn definition(&self, path: &[String]) -> Option<Definition<'b>> {
        match path {
            [root, name] if root == "local" => self.locals.get(name).copied(),
            [root, name] if root == "var" => self.variables.get(name).copied(),
            _ => None,
        }
    }

    /// An expression without parentheses, and a local's value in its place.
    #[must_use]
    pub fn follow<'e>(&self, expression: &'e Expression) -> &'e Expression
    where
        'b: 'e,
    {
        let mut expression = expression;
        for _ in 0..DEPTH {
            let next = match unwrap(expression) {
                Expression::Traversal(traversal) => match path_of(traversal).as_deref() {
                    Some([root, name]) if root == "local" => {
                        self.locals.get(name).and_then(|local| local.value)
                    }
                    _ => None,
                },
                _ => None,
            };
            match next {
                Some(next) => expression = next,
                None => return unwrap(expression),
            }
        }
        unwrap(expression)
    }

    /// As `follow`, but also a variable's default.
    #[must_use]
    pub fn follow_default<'e>(&self, expression: &'e Expression) -> &'e Expression
    where
        'b: 'e,
    {
        let expression = self.follow(expression);
        let default = path(expression)
            .and_then(|path| self.definition(&path))
            .and_then(|definition| definition.value);
        default.map_or(expression, |value| self.follow(value))
    }

    /// The text that an expression is for certain.
    #[must_use]
    pub fn text(&self, expression: &Expression) -> Option<String> {
        match self.follow(expression) {
            Expression::String(text) => Some(text.value().clone()),
            Expression::Number(number) => Some(number.value().to_string()),
            _ => None,
        }
    }

    /// Whether an expression is the partition's name: the data source's, or
    /// what is called so.
    #[must_use]
    pub fn is_partition(&self, expression: &Expression) -> bool {
        let is_data = |path: &[String]| {
            matches!(path, [data, kind, .., last]
                if data == "data" && kind == "aws_partition" && (last == "partition" || last == "id"))
        };
        let named = path(expression);
        let meant = path(self.follow(expression));
        meant.is_some_and(|path| is_data(&path))
            || named.is_some_and(|path| path.last().is_some_and(|last| is_partition_name(last)))
    }

    /// What an expression draws on: variables, locals and what these draw on.
    #[must_use]
    pub fn sources(&self, expression: &Expression) -> Vec<Source> {
        let mut found = Vec::new();
        self.collect(expression, &mut found, DEPTH);
        found
    }

    fn collect(&self, expression: &Expression, found: &mut Vec<Source>, depth: usize) {
        let mut names = Names(Vec::new());
        names.visit_expr(expression);
        for path in names.0 {
            let definition = self.definition(&path);
            let name = path.join(".");
            if found.iter().any(|source| source.name == name) {
                continue;
            }
            let at = definition.map(|definition| Position::of(self.host, definition.at));
            found.push(Source { name, at });
            if let (Some(value), true) = (definition.and_then(|d| d.value), depth > 0)
                && path[0] == "local"
            {
                self.collect(value, found, depth - 1);
            }
        }
    }
}

/// A name that says that it is a partition's.
#[must_use]
pub fn is_partition_name(name: &str) -> bool {
    name == "partition" || name.ends_with("_partition")
}

/// An expression without parentheses, and without the quotes of `"${…}"`.
#[must_use]
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
#[must_use]
pub fn path(expression: &Expression) -> Option<Vec<String>> {
    match unwrap(expression) {
        Expression::Traversal(traversal) => path_of(traversal),
        Expression::Variable(name) => Some(vec![name.as_str().to_owned()]),
        _ => None,
    }
}

fn path_of(traversal: &Traversal) -> Option<Vec<String>> {
    let Expression::Variable(root) = &traversal.expr else {
        return None;
    };
    let mut path = vec![root.as_str().to_owned()];
    for operator in &traversal.operators {
        match operator.value() {
            TraversalOperator::GetAttr(name) => path.push(name.as_str().to_owned()),
            TraversalOperator::Index(_) | TraversalOperator::LegacyIndex(_) => {}
            _ => return None,
        }
    }
    Some(path)
}

/// Collects the names that a person can look up.
struct Names(Vec<Vec<String>>);

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
            self.0.extend(named);
        }
        visit_traversal(self, node);
    }
}

/// The data sources and locals that an expression names: their addresses.
#[must_use]
pub fn references(expression: &Expression) -> Vec<String> {
    let mut names = Names(Vec::new());
    names.visit_expr(expression);
    let address = |path: Vec<String>| match path.as_slice() {
        [root, kind, name, ..] if root == "data" => Some(format!("data.{kind}.{name}")),
        [root, name] if root == "local" => Some(format!("local.{name}")),
        _ => None,
    };
    names.0.into_iter().filter_map(address).collect()
}
