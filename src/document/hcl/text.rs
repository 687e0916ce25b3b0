//! JSON text in heredocs and quoted strings.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::template::{Directive, Element, Template};

use super::lower::{Lower, span};
use super::spelling::{Decoded, spelled};
use crate::document::embed::{Builder, Embedding, Shown};
use crate::document::error::DocumentError;
use crate::document::escaping::Escaping;
use crate::document::found::{Body, Syntax};
use crate::document::holes::{Hole, HoleKind, Source};
use crate::document::json;
use crate::document::text::Position;
use crate::document::tree::{Kind, Node, Origin};
use crate::policy::hole::WHOLE;
use crate::value::{Map, Value};

/// A stretch of the inner text that a directive decides on: whether it is
/// there, or how often.
#[derive(Debug, Clone)]
pub struct Branch {
    pub inner: Range<usize>,
    /// The directive, in the host.
    pub host: Range<usize>,
    pub sources: Vec<Source>,
}

/// The parts of a template, put together as JSON text.
#[derive(Debug)]
pub struct Text<'d> {
    builder: Builder,
    branches: Vec<Branch>,
    escaping: Escaping,
    decoded: Option<&'d Decoded>,
}

impl<'d> Text<'d> {
    /// Nothing yet.
    pub fn new(escaping: Escaping) -> Self {
        Self {
            builder: Builder::new(),
            branches: Vec::new(),
            escaping,
            decoded: None,
        }
    }

    /// Nothing yet of what a JSON string of the host holds.
    pub fn of(decoded: &'d Decoded) -> Self {
        Self {
            decoded: Some(decoded),
            ..Self::new(Escaping::JsonTemplate)
        }
    }

    fn place(&self, span: Range<usize>) -> Range<usize> {
        self.decoded.map_or(span.clone(), |own| own.host(&span))
    }

    /// Adds elements of a template whose places are in the host.
    pub fn push<'e>(
        &mut self,
        lower: &mut Lower<'_, '_>,
        elements: impl Iterator<Item = &'e Element>,
    ) {
        for element in elements {
            let span = element.span().unwrap_or_default();
            match element {
                Element::Literal(_) => {
                    let text = self.decoded.map_or(lower.host, |own| &own.text);
                    for (spelled, meant) in spelled(text, span, self.escaping) {
                        self.builder.push(self.place(spelled), &meant);
                    }
                }
                Element::Interpolation(interpolation) => {
                    let expression = &interpolation.expr;
                    let text = self.decoded.map_or(lower.host, |own| &own.text);
                    let is_split = self.builder.is_in_string()
                        && lower.scope.has_quotes(expression, &text[span.clone()]);
                    match lower.scope.text(expression) {
                        _ if is_split => {
                            let sources = lower.scope.sources(expression);
                            self.hole(lower, span, HoleKind::Whole, sources);
                        }
                        Some(known) if self.builder.is_in_string() => {
                            let known = Value::from(known).to_string();
                            let place = self.place(span);
                            self.builder.push(place, &known[1..known.len() - 1]);
                        }
                        _ => {
                            let kind = if lower.scope.is_partition(expression) {
                                HoleKind::Partition
                            } else {
                                HoleKind::Text
                            };
                            let sources = lower.scope.sources(expression);
                            self.hole(lower, span, kind, sources);
                        }
                    }
                }
                Element::Directive(directive) if self.builder.is_in_string() => {
                    let text = self.decoded.map_or(lower.host, |own| &own.text);
                    let mut literals = branches(directive)
                        .into_iter()
                        .flat_map(|own| own.iter().filter(|own| own.is_literal()))
                        .filter_map(Span::span);
                    let is_split = literals.any(|own| text[own].contains('"'));
                    let kind = if is_split {
                        HoleKind::Whole
                    } else {
                        HoleKind::Text
                    };
                    self.hole(lower, span, kind, Vec::new());
                }
                Element::Directive(directive) => {
                    for template in branches(directive) {
                        let start = self.builder.len();
                        self.push(lower, template.iter());
                        let branch = Branch {
                            inner: start..self.builder.len(),
                            host: self.place(span.clone()),
                            sources: match &**directive {
                                Directive::For(own) => {
                                    lower.scope.sources(&own.for_expr.collection_expr)
                                }
                                Directive::If(_) => Vec::new(),
                            },
                        };
                        self.branches.push(branch);
                    }
                }
            }
        }
    }

    fn hole(
        &mut self,
        lower: &mut Lower<'_, '_>,
        span: Range<usize>,
        kind: HoleKind,
        sources: Vec<Source>,
    ) {
        let text = self.decoded.map_or(lower.host, |own| &own.text);
        let hole = Hole {
            text: text[span.clone()].to_owned(),
            kind,
            span: self.place(span),
            sources,
        };
        self.builder.push_hole(hole, lower.holes);
    }

    /// The policy in the text.
    ///
    /// # Errors
    /// If the text is no JSON, however its expressions turn out.
    pub fn finish(
        self,
        lower: &mut Lower<'_, '_>,
        inside: Range<usize>,
    ) -> Result<Body, DocumentError> {
        let embedding = self.builder.finish(inside, self.escaping, Shown::Host);
        let branches = self.branches;
        read(lower.host, embedding, &branches, |branch| {
            let hole = Hole {
                text: lower.host[branch.host.clone()].to_owned(),
                kind: HoleKind::Whole,
                span: branch.host.clone(),
                sources: branch.sources.clone(),
            };
            lower.holes.intern(hole)
        })
    }
}

/// Reads the JSON text in an embedding; what a directive decides on is a hole.
///
/// # Errors
/// If it is no JSON.
pub fn read(
    host: &str,
    mut embedding: Embedding,
    branches: &[Branch],
    mut hole: impl FnMut(&Branch) -> char,
) -> Result<Body, DocumentError> {
    let (mut value, mut tree) = json::parse(&embedding.text).map_err(|error| {
        let at = |at: Position| Position::of(host, embedding.start(at.offset(&embedding.text)));
        let place = error.position().map(at);
        let is_before =
            |branch: &&Branch| place.is_none_or(|at| Position::of(host, branch.host.start) <= at);
        match branches.iter().rfind(is_before).or(branches.first()) {
            Some(branch) => DocumentError::Ambiguous {
                at: Position::of(host, branch.host.start),
            },
            None => error.moved(&at),
        }
    })?;
    let is_whole =
        |own: &&Branch| own.inner.start <= tree.span.start && tree.span.end <= own.inner.end;
    if let Some(branch) = branches.iter().find(is_whole) {
        let condition = format!("`{}` says so", tag(&host[branch.host.clone()]));
        tree.say_origin(Some(Origin::only_if("the policy", condition)));
    }
    split(&mut value);
    let guarded = branches.iter().map(|branch| branch.inner.clone());
    embedding.guarded = guarded.collect();
    if !branches.is_empty() {
        conceal(&mut value, &mut tree, &mut |inside, outside| {
            let is_in = |branch: &&Branch| {
                branch.inner.start <= inside.start
                    && inside.end <= branch.inner.end
                    && !(branch.inner.start <= outside.start && outside.end <= branch.inner.end)
            };
            branches.iter().find(is_in).map(&mut hole)
        });
    }
    Ok(Body {
        value,
        tree,
        embedding: Some(embedding),
        syntax: Syntax::Json,
    })
}

/// The tag that a directive starts with.
fn tag(directive: &str) -> &str {
    let end = directive.find('}').map_or(directive.len(), |at| at + 1);
    let rest = directive[end..].trim_start_matches('}');
    &directive[..directive.len() - rest.len()]
}

/// A string in which an expression has quotes may be several: nobody knows.
fn split(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(hole) = text.chars().find(|c| WHOLE.contains(c)) {
                *text = hole.to_string().into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(split),
        Value::Object(map) => map.values_mut().for_each(split),
        _ => {}
    }
}

/// The hole for what stands at the first place, inside of the second.
type Conceal<'c> = dyn FnMut(&Range<usize>, &Range<usize>) -> Option<char> + 'c;

/// Puts a hole in the place of each value that a directive decides on and
/// that its container outlasts; a statement is read, and doubted.
fn conceal(value: &mut Value, node: &mut Node, hole: &mut Conceal<'_>) {
    let outside = node.span.clone();
    let mut one = |value: &mut Value, node: &mut Node, from: usize| match hole(
        &(from..node.span.end),
        &outside,
    ) {
        Some(c) => match value {
            Value::Object(statement) if statement.contains_key("Effect") => {
                doubt(statement, c);
            }
            _ => {
                *value = Value::from(c.to_string());
                node.kind = Kind::Scalar;
            }
        },
        None => conceal(value, node, hole),
    };
    match (value, &mut node.kind) {
        (Value::Array(items), Kind::Array(nodes)) => {
            for (item, node) in items.iter_mut().zip(nodes) {
                let from = node.span.start;
                one(item, node, from);
            }
        }
        (Value::Object(map), Kind::Object(members)) => {
            for member in members {
                if let Some(item) = map.get_mut(&member.key) {
                    one(item, &mut member.value, member.key_span.start);
                }
            }
        }
        _ => {}
    }
}

/// Puts a statement under one more condition, which nobody can tell.
fn doubt(statement: &mut Map, hole: char) {
    let unknown = Value::from(hole.to_string());
    match statement.get_mut("Condition") {
        Some(Value::Object(conditions)) => {
            conditions.insert(hole.to_string(), unknown);
        }
        _ => {
            statement.insert("Condition".to_owned(), unknown);
        }
    }
}

fn branches(directive: &Directive) -> Vec<&Template> {
    match directive {
        Directive::If(directive) => {
            let other = directive.else_expr.as_ref().map(|other| &other.template);
            std::iter::once(&directive.if_expr.template)
                .chain(other)
                .collect()
        }
        Directive::For(directive) => vec![&directive.for_expr.template],
    }
}

impl Lower<'_, '_> {
    /// The policy in a heredoc or a quoted string.
    pub fn json_text(&mut self, expression: &Expression) -> Option<Result<Body, DocumentError>> {
        let own = span(expression);
        match expression {
            Expression::String(_) => {
                let inside = own.start + 1..own.end - 1;
                let mut text = Text::new(Escaping::HclQuoted);
                for (place, meant) in spelled(self.host, inside.clone(), Escaping::HclQuoted) {
                    text.builder.push(place, &meant);
                }
                Some(text.finish(self, inside))
            }
            Expression::StringTemplate(template) => {
                let mut text = Text::new(Escaping::HclQuoted);
                text.push(self, template.iter());
                Some(text.finish(self, own.start + 1..own.end - 1))
            }
            Expression::HeredocTemplate(heredoc) => {
                let mut text = Text::new(Escaping::Template);
                text.push(self, heredoc.template.iter());
                let inside = heredoc.template.span().unwrap_or(own);
                Some(text.finish(self, inside))
            }
            _ => None,
        }
    }
}
