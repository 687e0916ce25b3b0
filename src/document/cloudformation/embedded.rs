//! Policies that a template holds as JSON text, in a scalar or in `Fn::Sub`.

use std::ops::Range;

use serde_json::json;

use super::function::Names;
use super::hole::of_placeholder;
use super::sub::{self, PARTITION, Piece};
use super::template::Template;
use crate::document::embed::{Builder, Embedding, Shown, json_string};
use crate::document::error::DocumentError;
use crate::document::escaping::Escaping;
use crate::document::found::{Body, Syntax};
use crate::document::holes::HoleKind;
use crate::document::placeholder;
use crate::document::text::Position;
use crate::document::tree::Node;
use crate::document::yaml::units::Unit;
use crate::document::{json as json_text, yaml};

impl Template<'_> {
    /// A policy that is JSON in a scalar, with the names of `Fn::Sub` in it.
    pub(super) fn embedded(
        &mut self,
        text: &str,
        node: &Node,
        names: Option<Names<'_>>,
    ) -> Result<Body, DocumentError> {
        let embedding = self
            .embed(text, node, names)
            .ok_or_else(|| DocumentError::NotYaml {
                message: "the policy's JSON stands in a scalar whose spelling cannot be followed"
                    .to_owned(),
                at: Position::of(self.host, node.span.start),
                help: Some("write it as a literal block (`|`)"),
            })?;
        let (value, tree) = json_text::parse(&embedding.text)
            .map_err(|error| error.moved(&|at| embedding.position(self.host, at)))?;
        Ok(Body {
            value,
            tree,
            embedding: Some(embedding),
            syntax: Syntax::Json,
        })
    }

    fn embed(&mut self, text: &str, node: &Node, names: Option<Names<'_>>) -> Option<Embedding> {
        let host = self.host;
        let content = yaml::scan::content_start(host, node.span.start)..node.span.end;
        let (units, escaping) = if self.syntax == Syntax::JsonTemplate {
            let inside = content.start + 1..content.end - 1;
            let units = json_string(&self.masked[inside.clone()], inside.start);
            (units, Escaping::JsonString)
        } else {
            let style = yaml::quote::style(&host[content.clone()]);
            let units = yaml::units::units(self.masked, content.clone(), style, text)?;
            (units, escaping(host, content.clone(), text))
        };
        let mut builder = Builder::new();
        let mut units = units.into_iter().flat_map(characters);
        let pieces = match names {
            Some(_) => sub::pieces(text),
            None => vec![Piece::Text(text)],
        };
        for piece in pieces {
            let mut own = Vec::new();
            let mut missing = piece.spelled();
            while missing > 0 {
                let unit = units.next()?;
                missing = missing.checked_sub(unit.1.len())?;
                own.push(unit);
            }
            let span = own.first()?.0.start..own.last()?.0.end;
            match piece {
                Piece::Text(_) => {
                    for (range, text) in own {
                        let mut all = self.placeholders.iter();
                        match all.find(|one| one.span.start == range.start) {
                            Some(one) if placeholder::is_masked(&text) => {
                                builder.push_hole(of_placeholder(host, one), self.holes);
                            }
                            _ if placeholder::is_filler(&text) => {}
                            _ => builder.push(range, &text),
                        }
                    }
                }
                Piece::Literal(text) => builder.push(span, &format!("${{{text}}}")),
                Piece::Name(name) => {
                    let mut hole = self.reader().named(name.trim(), span);
                    // A name that the function brings is none of the template's.
                    if let Some(own) = names.and_then(|names| names.get(name.trim())) {
                        hole.sources.clear();
                        if *own == json!({ "Ref": PARTITION }) {
                            hole.kind = HoleKind::Partition;
                        }
                    }
                    builder.push_hole(hole, self.holes);
                }
            }
        }
        Some(builder.finish(content, escaping, Shown::Host))
    }
}

/// How text is written into a scalar of YAML.
fn escaping(host: &str, content: Range<usize>, text: &str) -> Escaping {
    match host.as_bytes().get(content.start) {
        Some(b'|' | b'>') => Escaping::Block {
            indent: yaml::units::block_indent(host, content, text).unwrap_or(0),
            is_crlf: host.contains("\r\n"),
        },
        Some(b'\'') => Escaping::SingleQuoted,
        _ => Escaping::JsonString,
    }
}

/// A unit's characters: those of verbatim text one by one.
fn characters(unit: Unit) -> Vec<Unit> {
    let (range, text) = unit;
    if range.len() != text.len() || text.chars().nth(1).is_none() {
        return vec![(range, text)];
    }
    text.char_indices()
        .map(|(at, c)| {
            let start = range.start + at;
            (start..start + c.len_utf8(), c.to_string())
        })
        .collect()
}
