//! The holes that a template's expressions are.

use std::ops::Range;

use super::function::short_form;
use super::intrinsic::{Place, Reader};
use super::sub::PARTITION;
use crate::document::hcl::names::is_partition_name;
use crate::document::holes::{Hole, HoleKind};
use crate::document::placeholder::{Placeholder, is_masked, unmask};
use crate::document::tree::Node;
use crate::value::Value;

/// The hole for a placeholder in a text. What is called a partition is the
/// accounts' own, as everywhere.
pub(super) fn of_placeholder(host: &str, placeholder: &Placeholder) -> Hole {
    let text = host.get(placeholder.span.clone()).unwrap_or_default();
    let inside = text.trim_matches(['$', '{', '}', '-', '+', '~', ' ']);
    let name = inside.split(['|', ',']).next().unwrap_or_default().trim();
    let name = name.rsplit(['.', ':']).next().unwrap_or_default();
    Hole {
        text: text.to_owned(),
        kind: if is_partition_name(name) {
            HoleKind::Partition
        } else {
            HoleKind::Text
        },
        span: placeholder.span.clone(),
        sources: Vec::new(),
    }
}

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
        let is_whole = is_bare && place == Place::Value;
        unmask(text, || {
            let mut hole = own.next().map_or_else(
                || Hole {
                    text: self.text.get(span.clone()).unwrap_or_default().to_owned(),
                    kind: HoleKind::Text,
                    span: span.clone(),
                    sources: Vec::new(),
                },
                |one| of_placeholder(self.text, one),
            );
            if is_whole {
                hole.kind = HoleKind::Whole;
            }
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
