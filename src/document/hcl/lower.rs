//! Expressions as values: what `jsonencode` would make of them, with a hole
//! for each expression that the file does not tell.

use std::collections::HashMap;
use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Array, Expression, Object, ObjectKey};
use hcl_edit::template::Element;

use super::names::{path, unwrap};
use super::scope::Scope;
use crate::document::error::DocumentError;
use crate::document::found::Body;
use crate::document::holes::{Hole, HoleKind, Holes, Source};
use crate::document::tree::{Kind, Member, Node};
use crate::value::{Map, Text, Value};

/// Lowers the expressions of a file.
#[derive(Debug)]
pub struct Lower<'b, 'h> {
    /// The file's text.
    pub host: &'b str,
    /// The file's names.
    pub scope: &'b Scope<'b>,
    /// The expressions found so far.
    pub holes: &'h mut Holes,
    /// Where the lists start that it is in the middle of.
    pub open: Vec<usize>,
    /// How many lists and policies it has looked for in the value that is read.
    steps: usize,
    /// What `each` draws on in the block that is read.
    pub each: Vec<Source>,
    /// The policies in locals that were read, by where their values start.
    pub known: HashMap<usize, Option<Result<Body, DocumentError>>>,
}

/// The most lists that are looked for in one value: names of names may double
/// with each, and are computed then.
const MOST: usize = 10_000;

/// A value and where it stands.
pub type Lowered = (Value, Node);

impl<'b, 'h> Lower<'b, 'h> {
    pub fn new(host: &'b str, scope: &'b Scope<'b>, holes: &'h mut Holes) -> Self {
        Self {
            host,
            scope,
            holes,
            open: Vec::new(),
            steps: 0,
            each: Vec::new(),
            known: HashMap::new(),
        }
    }
}

impl Lower<'_, '_> {
    /// The same for expressions in a text that stands inside the file.
    pub fn inside<'s>(&'s mut self, host: &'s str) -> Lower<'s, 's> {
        Lower::new(host, self.scope, self.holes)
    }

    /// One step more; the count starts anew where it is in the middle of nothing.
    pub fn step(&mut self) {
        if self.open.is_empty() {
            self.steps = 0;
        }
        self.steps += 1;
    }

    /// Whether it has looked for too much.
    pub fn is_spent(&self) -> bool {
        self.steps > MOST
    }

    pub fn hole(&mut self, expression: &Expression, span: Range<usize>, kind: HoleKind) -> String {
        let kind = match kind {
            HoleKind::Text if self.scope.is_partition(expression) => HoleKind::Partition,
            kind => kind,
        };
        let hole = Hole {
            text: self.host[span.clone()].to_owned(),
            kind,
            span,
            sources: self.drawn_on(expression),
        };
        self.holes.intern(hole).to_string()
    }

    fn drawn_on(&self, expression: &Expression) -> Vec<Source> {
        let is_each = path(expression).is_some_and(|path| path[0] == "each");
        if is_each {
            self.each.clone()
        } else {
            self.scope.sources(expression)
        }
    }

    /// A value in a place where any type may stand.
    pub fn value(&mut self, expression: &Expression) -> Lowered {
        self.lower(expression, HoleKind::Whole)
    }

    /// A value that is a text, if the policy is of any use.
    pub fn text(&mut self, expression: &Expression) -> Lowered {
        self.lower(expression, HoleKind::Text)
    }

    fn lower(&mut self, expression: &Expression, kind: HoleKind) -> Lowered {
        let span = span(expression);
        let scalar = |value| (value, Node::new(span.clone(), Kind::Scalar));
        match unwrap(expression) {
            Expression::Null(_) => scalar(Value::Null),
            Expression::Bool(value) => scalar(Value::Bool(*value.value())),
            Expression::Number(number) => {
                let number = number.value().to_string();
                let known = number.parse().map(Value::Number);
                scalar(known.unwrap_or(Value::from(number)))
            }
            Expression::String(text) => scalar(Value::from(text.value().clone())),
            Expression::StringTemplate(template) => {
                let text = self.template(&mut template.iter());
                scalar(Value::from(text))
            }
            Expression::HeredocTemplate(heredoc) => {
                let text = self.template(&mut heredoc.template.iter());
                scalar(Value::from(text))
            }
            Expression::Array(array) if kind == HoleKind::Whole => {
                self.array(array, HoleKind::Text)
            }
            Expression::Object(object) if kind == HoleKind::Whole => self.object(object),
            other if kind == HoleKind::Whole && self.is_named_object(other) => {
                self.named_object(other)
            }
            Expression::FuncCall(call) if let Some(text) = self.made_text(call) => {
                scalar(Value::from(text))
            }
            other => match self.scope.text(other) {
                Some(text) => scalar(Value::from(text)),
                None => scalar(Value::from(self.hole(other, span.clone(), kind))),
            },
        }
    }

    /// Whether an expression is the name of an object that this file has.
    fn is_named_object(&self, expression: &Expression) -> bool {
        let followed = self.scope.follow(expression);
        let is_open = self.open.contains(&span(followed).start);
        matches!(followed, Expression::Object(_)) && !is_open && !self.is_spent()
    }

    /// An object that is written where its name is defined.
    fn named_object(&mut self, expression: &Expression) -> Lowered {
        let followed = self.scope.follow(expression);
        let Expression::Object(object) = followed else {
            return self.text(expression);
        };
        self.open.push(span(followed).start);
        let (value, mut node) = self.object(object);
        self.open.pop();
        if self.is_spent() {
            return self.value(expression);
        }
        node.origin = self.scope.origin(expression).map(Box::new);
        (value, node)
    }

    /// The text of a template, a hole for each expression in it.
    pub fn template(&mut self, elements: &mut dyn Iterator<Item = &Element>) -> String {
        let mut text = String::new();
        for element in elements {
            let span = element.span().unwrap_or_default();
            match element {
                Element::Literal(literal) => text.push_str(literal),
                Element::Interpolation(interpolation) => {
                    match self.scope.text(&interpolation.expr) {
                        Some(known) => text.push_str(&known),
                        None => {
                            text.push_str(&self.hole(&interpolation.expr, span, HoleKind::Text));
                        }
                    }
                }
                Element::Directive(_) => {
                    let hole = Hole {
                        text: self.host[span.clone()].to_owned(),
                        kind: HoleKind::Text,
                        span,
                        sources: Vec::new(),
                    };
                    text.push(self.holes.intern(hole));
                }
            }
        }
        text
    }

    /// A list; `kind` is what an expression among its elements is.
    pub fn array(&mut self, array: &Array, kind: HoleKind) -> Lowered {
        let mut values = Vec::new();
        let mut nodes = Vec::new();
        for element in array {
            let (value, node) = match unwrap(element) {
                Expression::Object(object) => self.object(object),
                Expression::Array(inner) => self.array(inner, kind),
                _ => self.lower(element, kind),
            };
            values.push(value);
            nodes.push(node);
        }
        let span = array.span().unwrap_or_default();
        (Value::Array(values), Node::new(span, Kind::Array(nodes)))
    }

    /// An object, with statements and lists of ARNs where IAM has them.
    pub fn object(&mut self, object: &Object) -> Lowered {
        let mut map = Map::new();
        let mut members = Vec::new();
        for (key, item) in object {
            let (key, key_span) = self.key(key);
            let expression = item.expr();
            let (value, node) = match unwrap(expression) {
                Expression::Array(array) if key == "Statement" => {
                    self.array(array, HoleKind::Whole)
                }
                _ if key == "Statement" => self.list_of(expression, HoleKind::Whole),
                Expression::Array(_) | Expression::Object(_) => self.value(expression),
                _ => self.list(expression),
            };
            let key = Text::from(key);
            map.insert(key.clone(), value);
            members.push(Member {
                key,
                key_span,
                value: node,
            });
        }
        let span = object.span().unwrap_or_default();
        (Value::Object(map), Node::new(span, Kind::Object(members)))
    }

    fn key(&mut self, key: &ObjectKey) -> (String, Range<usize>) {
        match key {
            ObjectKey::Ident(name) => (name.as_str().to_owned(), name.span().unwrap_or_default()),
            ObjectKey::Expression(expression) => {
                let span = span(expression);
                // `key = …` and `"key" = …` name themselves; `(key) = …` does not.
                let is_name = matches!(expression, Expression::Variable(_));
                match path(expression) {
                    Some(name) if is_name => (name.join("."), span),
                    _ => match self.lower(expression, HoleKind::Text).0 {
                        Value::String(text) => (text.to_string(), span),
                        other => (other.to_string(), span),
                    },
                }
            }
        }
    }
}

pub fn span(expression: &Expression) -> Range<usize> {
    expression.span().unwrap_or_default()
}
