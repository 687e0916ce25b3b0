//! JSON text in heredocs and quoted strings.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::template::{Directive, Element, Template};
use serde_json::Value;

use super::lower::{Lower, span};
use crate::document::embed::{Builder, Embedding, Escaping, Shown};
use crate::document::holes::{Hole, HoleKind};
use crate::document::host::{Body, Syntax};
use crate::document::tree::{Kind, Node};
use crate::document::{DocumentError, Position, json};

/// A stretch of the inner text that a directive decides on: whether it is
/// there, or how often.
#[derive(Debug, Clone)]
pub struct Branch {
    /// The inner text.
    pub inner: Range<usize>,
    /// The directive, in the host.
    pub host: Range<usize>,
}

/// The parts of a template, put together as JSON text.
#[derive(Debug)]
pub struct Text {
    builder: Builder,
    branches: Vec<Branch>,
    escaping: Escaping,
}

impl Text {
    /// Nothing yet.
    #[must_use]
    pub fn new(escaping: Escaping) -> Self {
        Self {
            builder: Builder::new(),
            branches: Vec::new(),
            escaping,
        }
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
                    for (spelled, meant) in spelled(lower.host, span, self.escaping) {
                        self.builder.push(spelled, &meant);
                    }
                }
                Element::Interpolation(interpolation) => {
                    let expression = &interpolation.expr;
                    match lower.scope.text(expression) {
                        Some(known) if self.builder.is_in_string() => {
                            let known = Value::from(known).to_string();
                            self.builder.push(span, &known[1..known.len() - 1]);
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
                Element::Directive(_) if self.builder.is_in_string() => {
                    self.hole(lower, span, HoleKind::Text, Vec::new());
                }
                Element::Directive(directive) => {
                    for template in branches(directive) {
                        let start = self.builder.len();
                        self.push(lower, template.iter());
                        let branch = Branch {
                            inner: start..self.builder.len(),
                            host: span.clone(),
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
        sources: Vec<crate::document::holes::Source>,
    ) {
        let hole = Hole {
            text: lower.host[span.clone()].to_owned(),
            kind,
            span,
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
                sources: Vec::new(),
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
        match branches.first() {
            Some(branch) => DocumentError::Ambiguous {
                at: Position::of(host, branch.host.start),
            },
            None => error.moved(&at),
        }
    })?;
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

/// The hole for what stands at the first place, inside of the second.
type Conceal<'c> = dyn FnMut(&Range<usize>, &Range<usize>) -> Option<char> + 'c;

/// Puts a hole in the place of each value that a directive decides on and
/// that its container outlasts.
fn conceal(value: &mut Value, node: &mut Node, hole: &mut Conceal<'_>) {
    let outside = node.span.clone();
    let mut one = |value: &mut Value, node: &mut Node, from: usize| match hole(
        &(from..node.span.end),
        &outside,
    ) {
        Some(c) => {
            *value = Value::String(c.to_string());
            node.kind = Kind::Scalar;
        }
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

/// The characters of a literal, each with the bytes that spell it.
fn spelled(host: &str, span: Range<usize>, escaping: Escaping) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut at = span.start;
    while at < span.end {
        let rest = &host[at..span.end];
        let (length, meant) = if rest.starts_with("$${") || rest.starts_with("%%{") {
            (3, rest[1..3].to_owned())
        } else if escaping == Escaping::HclQuoted && rest.starts_with('\\') {
            escape(rest)
        } else {
            let c = rest.chars().next().unwrap_or_default();
            (c.len_utf8(), c.to_string())
        };
        found.push((at..at + length, meant));
        at += length;
    }
    found
}

/// An escape of a quoted string: how long it is, and what it means.
fn escape(rest: &str) -> (usize, String) {
    let code = |digits: usize| {
        rest.get(2..2 + digits)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32)
            .map(|c| (2 + digits, c.to_string()))
    };
    let plain = |c: char| Some((1 + c.len_utf8(), c.to_string()));
    let found = match rest[1..].chars().next() {
        Some('n') => Some((2, "\n".to_owned())),
        Some('r') => Some((2, "\r".to_owned())),
        Some('t') => Some((2, "\t".to_owned())),
        Some('u') => code(4),
        Some('U') => code(8),
        Some(c) => plain(c),
        None => None,
    };
    found.unwrap_or((1, "\\".to_owned()))
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
