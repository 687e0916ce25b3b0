//! The holes that a template's expressions are.

use std::ops::Range;

use super::function::short_form;
use super::intrinsic::{Place, Reader};
use super::sub::PARTITION;
use crate::document::holes::{Hole, HoleKind};
use crate::document::placeholder::{is_masked, unmask};
use crate::document::tree::Node;
use crate::value::Value;

impl Reader<'_> {
    /// The hole for a number that may be another one.
    pub(super) fn number(&mut self, text: &str, node: &Node) -> String {
        let hole = Hole {
            text: text.to_owned(),
            kind: HoleKind::Text,
            span: node.span.clone(),
            sources: Vec::new(),
        };
        self.holes.intern(hole).to_string()
    }

    /// A text with holes for its placeholders.
    pub(super) fn unmasked(&mut self, place: Place, text: &str, span: &Range<usize>) -> String {
        if !is_masked(text) {
            return text.to_owned();
        }
        let own = self.placeholders.iter();
        let mut own = own.filter(|one| span.start <= one.span.start && one.span.end <= span.end);
        // Without quotes it may be a list.
        let is_bare = own.clone().any(|one| one.span == *span);
        let kind = if is_bare && place == Place::Value {
            HoleKind::Whole
        } else {
            HoleKind::Text
        };
        unmask(text, || {
            let span = own.next().map_or(span.clone(), |one| one.span.clone());
            let hole = Hole {
                text: self.text.get(span.clone()).unwrap_or_default().to_owned(),
                kind,
                span,
                sources: Vec::new(),
            };
            self.holes.intern(hole).to_string()
        })
    }

    /// The hole for an expression as a whole.
    pub(super) fn whole(
        &mut self,
        kind: HoleKind,
        name: &str,
        argument: &Value,
        span: &Range<usize>,
    ) -> String {
        let raw = self.text.get(span.clone()).unwrap_or_default();
        let text = match raw.trim_start().starts_with('{') {
            true => raw.split_whitespace().collect::<Vec<_>>().join(" "),
            false if raw.contains('\n') => short_form(name, argument),
            false => raw.to_owned(),
        };
        let mut sources = Vec::new();
        self.draws_on(name, argument, &mut sources);
        let span = span.clone();
        let hole = Hole {
            text,
            kind,
            span,
            sources,
        };
        self.holes.intern(hole).to_string()
    }

    /// The hole for a name in a text.
    pub(super) fn name(&mut self, name: &str, span: Range<usize>) -> String {
        self.holes.intern(self.named(name, span)).to_string()
    }

    /// The expression `${name}`.
    pub fn named(&self, name: &str, span: Range<usize>) -> Hole {
        let kind = if name == PARTITION {
            HoleKind::Partition
        } else {
            HoleKind::Text
        };
        let mut sources = Vec::new();
        self.draws_on("Ref", &Value::from(name), &mut sources);
        Hole {
            text: format!("${{{name}}}"),
            kind,
            span,
            sources,
        }
    }
}
