//! What a file says about its own names: locals, variables, data sources.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Body, Structure};
use hcl_edit::visit::Visit;

use super::names::{Names, is_partition_name, path, unwrap, whole_path};
use super::strings::{Strings, Templated};
use crate::document::tree::{Node, Origin};

/// How far names are followed.
pub const DEPTH: usize = 8;

/// The names that a file defines.
#[derive(Debug, Default)]
pub struct Scope<'b> {
    /// The file's text.
    pub host: &'b str,
    locals: HashMap<String, Definition<'b>>,
    variables: HashMap<String, Definition<'b>>,
    /// Where the names stand that are defined twice.
    pub twice: HashMap<String, (usize, usize)>,
    /// How often each name is used.
    uses: HashMap<String, usize>,
    /// The literal lists of a file in the JSON syntax.
    lists: HashMap<String, &'b Node>,
    /// The variables that are lists of numbers.
    of_numbers: HashSet<String>,
    /// The strings of a file in the JSON syntax.
    strings: Option<&'b Strings>,
}

/// A local, or a variable with its default.
#[derive(Debug, Clone, Copy)]
pub struct Definition<'b> {
    /// The value, if the file has one.
    pub value: Option<&'b Expression>,
    /// Where it is defined.
    pub at: usize,
    /// A variable's type, if it is a plain one.
    pub kind: Option<&'b str>,
}

impl<'b> Scope<'b> {
    /// The names of a file.
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
                            kind: None,
                        };
                        let name = attribute.key.as_str().to_owned();
                        if let Some(first) = scope.locals.get(&name) {
                            let places = (first.at, definition.at);
                            scope.twice.insert(format!("local.{name}"), places);
                        }
                        scope.locals.insert(name, definition);
                    }
                }
                ("variable", [name]) => {
                    let default = block.body.get_attribute("default");
                    let definition = Definition {
                        value: default.map(|attribute| &attribute.value),
                        at: block.span().map_or(0, |span| span.start),
                        kind: block.body.get_attribute("type").and_then(|kind| {
                            let Expression::Variable(kind) = &kind.value else {
                                return None;
                            };
                            Some(kind.as_str())
                        }),
                    };
                    let kind = block.body.get_attribute("type");
                    if kind
                        .and_then(|own| host.get(own.value.span()?))
                        .is_some_and(is_of_numbers)
                    {
                        scope.of_numbers.insert(format!("var.{}", name.as_str()));
                    }
                    if let Some(first) = scope.variables.get(name.as_str()) {
                        let places = (first.at, definition.at);
                        scope.twice.insert(format!("var.{}", name.as_str()), places);
                    }
                    scope.variables.insert(name.as_str().to_owned(), definition);
                }
                _ => {}
            }
        }
        let mut names = Names::default();
        names.visit_body(body);
        for path in names.found {
            *scope.uses.entry(path.join(".")).or_default() += 1;
        }
        scope
    }

    /// The definition that a list is written in, from where it is used.
    pub fn origin(&self, expression: &Expression) -> Option<Origin> {
        let mut expression = unwrap(expression);
        let mut origin = None;
        for _ in 0..DEPTH {
            let Some(path) = whole_path(expression) else {
                break;
            };
            let Some(value) = self.definition(&path).and_then(|own| own.value) else {
                break;
            };
            let name = path.join(".");
            origin = Some(Origin {
                is_default: path[0] == "var",
                is_of_numbers: self.of_numbers.contains(&name),
                uses: self.uses.get(&name).copied().unwrap_or(1),
                only_if: None,
                name,
            });
            expression = unwrap(value);
        }
        origin
    }

    /// The names of a file in Terraform's JSON syntax, with their places and
    /// the literal lists among them.
    pub fn of_json(
        host: &'b str,
        [locals, variables]: [Vec<(String, usize)>; 2],
        lists: HashMap<String, &'b Node>,
        of_numbers: HashSet<String>,
        strings: &'b Strings,
    ) -> Self {
        let definition = |(name, at)| {
            let (value, kind) = (None, None);
            (name, Definition { value, at, kind })
        };
        Self {
            host,
            locals: locals.into_iter().map(definition).collect(),
            variables: variables.into_iter().map(definition).collect(),
            twice: HashMap::new(),
            uses: HashMap::new(),
            lists,
            of_numbers,
            strings: Some(strings),
        }
    }

    /// The literal list of a name, in Terraform's JSON syntax.
    pub fn json_list(&self, expression: &Expression) -> Option<(Origin, &'b Node)> {
        let path = whole_path(expression)?;
        let name = path.join(".");
        let list = self.lists.get(&name)?;
        let origin = Origin {
            is_default: path[0] == "var",
            is_of_numbers: self.of_numbers.contains(&name),
            uses: 1,
            only_if: None,
            name,
        };
        Some((origin, list))
    }

    /// A string of a file in Terraform's JSON syntax, with its quotes.
    pub fn string(&self, host: &str, span: &Range<usize>) -> Arc<Templated> {
        match self.strings {
            Some(strings) => strings.at(host, span),
            None => Strings::default().at(host, span),
        }
    }

    /// What a name is defined as.
    pub fn definition(&self, path: &[String]) -> Option<Definition<'b>> {
        match path {
            [root, name] if root == "local" => self.locals.get(name).copied(),
            [root, name] if root == "var" => self.variables.get(name).copied(),
            _ => None,
        }
    }

    /// An expression without parentheses, and a local's value in its place.
    pub fn follow<'e>(&self, expression: &'e Expression) -> &'e Expression
    where
        'b: 'e,
    {
        let mut expression = expression;
        for _ in 0..DEPTH {
            let next = match whole_path(expression).as_deref() {
                Some([root, name]) if root == "local" => {
                    self.locals.get(name).and_then(|local| local.value)
                }
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
    pub fn follow_default<'e>(&self, expression: &'e Expression) -> &'e Expression
    where
        'b: 'e,
    {
        let expression = self.follow(expression);
        let default = whole_path(expression)
            .and_then(|path| self.definition(&path))
            .and_then(|definition| definition.value);
        default.map_or(expression, |value| self.follow(value))
    }

    /// The text that an expression is for certain.
    pub fn text(&self, expression: &Expression) -> Option<String> {
        match self.follow(expression) {
            Expression::String(text) => Some(text.value().clone()),
            Expression::Number(number) => Some(number.value().to_string()),
            _ => None,
        }
    }

    /// Whether an expression is a text and no list, whichever text it is.
    pub fn is_text(&self, expression: &Expression) -> bool {
        match self.follow(expression) {
            Expression::String(_)
            | Expression::StringTemplate(_)
            | Expression::HeredocTemplate(_)
            | Expression::Number(_) => true,
            Expression::FuncCall(call) => matches!(
                call.name.name.as_str(),
                "format" | "join" | "lower" | "upper" | "replace" | "tostring" | "trimspace"
            ),
            other => {
                self.is_partition(expression)
                    || path(other).is_some_and(|path| self.is_plain(&path))
            }
        }
    }

    /// Whether a name is that of a text, a number or a Boolean.
    pub fn is_plain(&self, path: &[String]) -> bool {
        let is_plain = |value: &Expression| {
            matches!(
                unwrap(value),
                Expression::String(_) | Expression::Number(_) | Expression::Bool(_)
            )
        };
        match path {
            [data, kind, _, _] if data == "data" => matches!(
                kind.as_str(),
                "aws_partition" | "aws_region" | "aws_caller_identity"
            ),
            [each, key] if each == "each" => key == "key",
            [root, _] => self.definition(path).is_some_and(|own| match own.kind {
                Some(kind) => matches!(kind, "string" | "number" | "bool"),
                None => (root == "local" || root == "var") && own.value.is_some_and(is_plain),
            }),
            _ => false,
        }
    }

    /// Whether an expression is the partition's name: the data source's, or
    /// what is called so.
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
}

/// Whether a variable's type, as it is written, is that of a list of numbers.
pub fn is_of_numbers(kind: &str) -> bool {
    let kind: String = kind.split_whitespace().collect();
    matches!(kind.trim_matches('"'), "list(number)" | "set(number)")
}
