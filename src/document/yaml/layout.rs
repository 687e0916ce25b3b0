//! How new values are laid out in YAML: by example of the nodes around them.

use serde_json::Value;

use super::scan::{content_start, line_end};
use crate::document::holes::Written;
use crate::document::text::line_start;
use crate::document::tree::{Kind, Node};

/// A text's habits.
#[derive(Clone, Copy)]
pub struct Layout<'t> {
    pub(super) text: &'t str,
    pub(super) tree: &'t Node,
    /// How a value that holds expressions is written.
    pub(super) substitute: &'t dyn Fn(&str) -> Option<Written>,
}

impl<'t> Layout<'t> {
    pub fn new(
        text: &'t str,
        tree: &'t Node,
        substitute: &'t dyn Fn(&str) -> Option<Written>,
    ) -> Self {
        Self {
            text,
            tree,
            substitute,
        }
    }

    pub(super) fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        }
    }

    /// A new line, up to a column.
    pub(super) fn break_to(&self, column: usize) -> String {
        format!("{}{}", self.newline(), " ".repeat(column))
    }

    /// How many characters stand before an offset on its line.
    pub(super) fn column(&self, offset: usize) -> usize {
        self.text[self.line_start(offset)..offset].chars().count()
    }

    /// How many spaces the line of an offset starts with.
    pub(super) fn indent(&self, offset: usize) -> usize {
        let line = &self.text[self.line_start(offset)..];
        line.len() - line.trim_start_matches(' ').len()
    }

    pub(super) fn line_start(&self, offset: usize) -> usize {
        line_start(self.text, offset)
    }

    /// Behind a node's tag and anchor; of one that has nothing else, its end.
    pub(super) fn content(&self, node: &Node) -> usize {
        content_start(self.text, node.span.start).min(node.span.end)
    }

    /// Whether a collection is written without brackets.
    pub(super) fn is_block(&self, node: &Node) -> bool {
        let first = self.text.as_bytes().get(self.content(node));
        !matches!(node.kind, Kind::Scalar) && !matches!(first, Some(b'[' | b'{' | b'*'))
    }

    /// Where an item's dash stands, and where the line ends that the item
    /// before it is on (the dash itself, if it is the first).
    pub(super) fn dash(&self, sequence: &Node, index: usize) -> Option<usize> {
        let items = sequence.children();
        let first = self.content(sequence);
        let Some(before) = index.checked_sub(1) else {
            return Some(first);
        };
        let column = first - self.line_start(first);
        let between = items.get(before)?.end..items.get(index)?.start;
        let mut line = line_end(self.text, between.start);
        while line < between.end {
            let start = line + self.text[line..].find('\n')? + 1;
            let at = start + column;
            if self
                .text
                .get(start..=at)
                .is_some_and(|l| l.trim_start_matches(' ') == "-")
            {
                return Some(at);
            }
            line = line_end(self.text, start);
        }
        None
    }

    /// The first node of these, and else of the tree, that is as asked.
    pub(super) fn find_in(
        &self,
        examples: &[&'t Node],
        wanted: &dyn Fn(&Node) -> bool,
    ) -> Option<&'t Node> {
        let in_tree = || find(self.tree, wanted);
        let last = examples.iter().rev().find_map(|node| find(node, wanted));
        last.or_else(in_tree)
    }

    /// By how much a mapping in a mapping is indented.
    pub(super) fn unit(&self, examples: &[&'t Node]) -> usize {
        let of = |wanted| self.offset_of(examples, wanted).filter(|unit| *unit > 0);
        of(&|node| matches!(node.kind, Kind::Object(_)))
            .or_else(|| of(&|node| matches!(node.kind, Kind::Array(_))))
            .unwrap_or(2)
    }

    /// By how much a sequence's dashes are indented against the key.
    pub(super) fn dash_offset(&self, examples: &[&'t Node]) -> usize {
        self.offset_of(examples, &|node| matches!(node.kind, Kind::Array(_)))
            .unwrap_or_else(|| self.unit(examples))
    }

    fn offset_of(&self, examples: &[&'t Node], wanted: &dyn Fn(&Node) -> bool) -> Option<usize> {
        let offset = |node: &Node| match &node.kind {
            Kind::Object(members) if self.is_block(node) => members
                .iter()
                .filter(|member| node.span.contains(&member.key_span.start))
                .filter(|member| wanted(&member.value) && self.is_block(&member.value))
                .find_map(|member| {
                    let inner = self.column(self.content(&member.value));
                    inner.checked_sub(self.column(member.key_span.start))
                }),
            _ => None,
        };
        self.find_in(examples, &|node| offset(node).is_some())
            .and_then(offset)
    }

    /// What stands between a dash and its item; over two lines, the item is
    /// indented by as much.
    pub(super) fn gap(&self, examples: &[&'t Node], item: &Value) -> (bool, usize) {
        let gap = |node: &Node| {
            let Kind::Array(items) = &node.kind else {
                return None;
            };
            let last = items.iter().rposition(|own| is_like(own, item))?;
            if !self.is_block(node) {
                return None;
            }
            let dash = self.dash(node, last)?;
            let start = items[last].span.start;
            let is_broken = self.text.get(dash..start)?.contains('\n');
            let width = self.column(start).checked_sub(self.column(dash) + 1)?;
            Some((is_broken, width))
        };
        self.find_in(examples, &|node| gap(node).is_some())
            .and_then(gap)
            .unwrap_or((false, 1))
    }

    /// Whether a collection stands in brackets: as the last like it does, and
    /// an empty one always.
    pub(super) fn is_flow(&self, value: &Value, like: &[&'t Node]) -> bool {
        let is_empty = match value {
            Value::Array(items) => items.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => return false,
        };
        let is_example = |node: &Node| is_like(node, value) && !node.children().is_empty();
        let example = like.iter().copied().rfind(|node| is_example(node));
        let example = example.or_else(|| find(self.tree, &is_example));
        is_empty || !self.is_block(example.unwrap_or(self.tree))
    }

    /// Whether what stands in the brackets starts on another line.
    pub(super) fn is_broken(&self, node: &Node) -> bool {
        let start = self.content(node);
        let first = node.children().first().map_or(start, |child| child.start);
        self.text
            .get(start..first)
            .is_some_and(|lead| lead.contains('\n'))
    }

    /// By how much what stands in the brackets is indented.
    pub(super) fn flow_unit(&self, node: &Node) -> Option<usize> {
        let first = node.children().first()?.start;
        let indent = self.indent(self.content(node));
        self.column(first)
            .checked_sub(indent)
            .filter(|unit| *unit > 0)
    }

    /// By how much the closing bracket is indented, if it starts its line.
    pub(super) fn closing(&self, node: &Node) -> Option<usize> {
        let bracket = node.span.end.checked_sub(1)?;
        let is_first = self
            .text
            .get(self.line_start(bracket)..bracket)?
            .trim()
            .is_empty();
        let indent = self.indent(self.content(node));
        self.column(bracket)
            .checked_sub(indent)
            .filter(|_| is_first)
    }

    /// The spaces inside the brackets; a `?` may follow them.
    pub(super) fn pad(&self, node: &Node) -> &'t str {
        let start = self.content(node) + 1;
        let first = node.children().first().map_or(start, |child| child.start);
        let lead = self.text.get(start..first).unwrap_or_default();
        &lead[..lead.len() - lead.trim_start_matches([' ', '\t']).len()]
    }
}

/// The first node, from the top, that is as asked.
pub(super) fn find<'t>(node: &'t Node, wanted: &dyn Fn(&Node) -> bool) -> Option<&'t Node> {
    if wanted(node) {
        return Some(node);
    }
    match &node.kind {
        Kind::Scalar => None,
        Kind::Array(items) => items.iter().find_map(|item| find(item, wanted)),
        Kind::Object(members) => members
            .iter()
            .find_map(|member| find(&member.value, wanted)),
    }
}

/// Whether a node can be the example of a value's layout: of the same shape,
/// and for an array with the same kind of items.
pub(super) fn is_like(node: &Node, value: &Value) -> bool {
    match (&node.kind, value) {
        (Kind::Scalar, value) => !value.is_array() && !value.is_object(),
        (Kind::Array(nodes), Value::Array(items)) => {
            let is_scalar = |node: &Node| matches!(node.kind, Kind::Scalar);
            nodes.iter().all(is_scalar) == items.iter().all(|item| !item.is_object())
        }
        (Kind::Object(_), value) => value.is_object(),
        (Kind::Array(_), _) => false,
    }
}

/// What stands under the same key in the examples, else under any key.
pub(super) fn examples_below<'t>(examples: &[&'t Node], key: &str, value: &Value) -> Vec<&'t Node> {
    let below = |wanted: &dyn Fn(&str) -> bool| -> Vec<&'t Node> {
        examples
            .iter()
            .filter_map(|node| match &node.kind {
                Kind::Object(members) => Some(members.iter()),
                _ => None,
            })
            .flatten()
            .filter(|member| wanted(&member.key))
            .map(|member| &member.value)
            .filter(|node| is_like(node, value))
            .collect()
    };
    let same = below(&|own| own == key);
    if same.is_empty() {
        below(&|_| true)
    } else {
        same
    }
}
