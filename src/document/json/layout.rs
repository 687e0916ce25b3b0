//! How new values are laid out: by example of the nodes around them.

use std::borrow::Cow;

use serde_json::Value;

use super::is_multiline;
use crate::document::text::line_start;
use crate::document::tree::{Kind, Node};
use crate::operations::Operation;

/// A text's habits, seen from a place in it.
#[derive(Debug, Clone)]
pub struct Layout<'t> {
    pub text: &'t str,
    pub tree: &'t Node,
    /// Lists that have got a second item by an edit before, and what stands
    /// between the two.
    grown: Vec<(usize, String)>,
}

/// How the children of one container are set apart.
struct Style {
    open: String,
    separator: String,
    close: String,
    /// The white space that lines inside start with.
    indent: String,
    /// Whether all stands on one line, and so all that is inside.
    is_one_line: bool,
}

impl Style {
    fn enclose(&self, (open, close): (char, char), items: &[String]) -> String {
        if items.is_empty() {
            return format!("{open}{close}");
        }
        let items = items.join(&self.separator);
        format!("{open}{}{items}{}{close}", self.open, self.close)
    }
}

impl<'t> Layout<'t> {
    pub fn new(text: &'t str, tree: &'t Node) -> Self {
        let grown = Vec::new();
        Self { text, tree, grown }
    }

    /// Counts what an edit makes for those after it.
    pub fn learn(&mut self, operation: &Operation) {
        if let Operation::List { list, add, .. } = operation
            && !add.is_empty()
            && let Some(node) = self.tree.exact(list)
            && node.children().len() == 1
        {
            let separator = self.separator(node);
            self.grown.push((node.span.start, separator));
        }
    }

    /// By how much the line that an offset is on is indented. A comma at its
    /// start counts as a space: what follows it stands below it.
    pub fn indent_at(&self, offset: usize) -> Cow<'t, str> {
        indent(&self.text[line_start(self.text, offset)..])
    }

    /// What stands between a container's last child and one more.
    pub fn separator(&self, container: &Node) -> String {
        match container.children().as_slice() {
            [.., before, last] => self.text[before.end..last.start].to_owned(),
            [only] if only.start > container.span.start + 1 => {
                format!(",{}", &self.text[container.span.start + 1..only.start])
            }
            _ => self.comma(),
        }
    }

    /// The indentation of what follows a separator in a container.
    pub fn indent_after(&self, container: &Node, separator: &str) -> String {
        match (separator.rfind('\n'), container.children().last()) {
            (Some(at), _) => indent(&separator[at + 1..]).into_owned(),
            (None, Some(last)) => self.indent_at(last.start).into_owned(),
            (None, None) => self.indent_at(container.span.start).into_owned(),
        }
    }

    /// A value's text. `indent` is that of the line it starts on, `examples`
    /// are nodes that stand in like places.
    pub fn write(&self, value: &Value, indent: &str, examples: &[&'t Node]) -> String {
        self.write_in(false, value, indent, examples)
    }

    fn write_in(
        &self,
        one_line: bool,
        value: &Value,
        indent: &str,
        examples: &[&'t Node],
    ) -> String {
        match value {
            Value::Array(items) => {
                let style = self.style(one_line, value, indent, examples);
                let write = |item| self.write_in(style.is_one_line, item, &style.indent, &[]);
                style.enclose(('[', ']'), &items.iter().map(write).collect::<Vec<_>>())
            }
            Value::Object(map) => {
                let colon = self.colon(examples);
                let style = self.style(one_line, value, indent, examples);
                let write = |(key, item): (&String, &Value)| {
                    let examples = examples_below(examples, key, item);
                    let key = Value::from(key.as_str());
                    let item = self.write_in(style.is_one_line, item, &style.indent, &examples);
                    format!("{key}{colon}{item}")
                };
                style.enclose(('{', '}'), &map.iter().map(write).collect::<Vec<_>>())
            }
            scalar => scalar.to_string(),
        }
    }

    /// A scalar's or an object's own text, if it stays, and more values, as an
    /// array.
    pub fn wrap(&self, node: &Node, stays: bool, more: &[Value]) -> String {
        let raw = self.text[node.span.clone()].to_owned();
        let indent = self.indent_at(node.span.start);
        // What stands as an object in a template is text to the policy.
        let style = if matches!(node.kind, Kind::Scalar) && !raw.contains('\n') {
            self.style(false, &Value::Array(vec![Value::Null]), &indent, &[])
        } else {
            // The brackets stand on the object's own lines, so that these
            // stay as they are; padded in KMS's style, `[ {`.
            let is_padded = self.colon(&[]).starts_with(' ');
            let pad = if is_padded { " " } else { "" };
            Style {
                open: pad.to_owned(),
                separator: self.comma(),
                close: pad.to_owned(),
                indent: indent.into_owned(),
                is_one_line: false,
            }
        };
        let more = more
            .iter()
            .map(|value| self.write(value, &style.indent, &[node]));
        let items: Vec<String> = stays.then_some(raw).into_iter().chain(more).collect();
        style.enclose(('[', ']'), &items)
    }

    /// As the last example with children, else as the text's own way.
    fn style(&self, one_line: bool, value: &Value, indent: &str, examples: &[&'t Node]) -> Style {
        let is_example = |node: &Node| {
            is_like(node, value)
                && !node.children().is_empty()
                && !(one_line && is_multiline(self.text, node))
        };
        let example = examples
            .iter()
            .copied()
            .rfind(|node| is_example(node))
            .or_else(|| self.find(&is_example));
        let multiline = !one_line && is_multiline(self.text, example.unwrap_or(self.tree));
        if multiline {
            let newline = if self.text.contains("\r\n") {
                "\r\n"
            } else {
                "\n"
            };
            let unit = example
                .and_then(|node| self.unit(node))
                .or_else(|| self.unit(self.tree));
            let inner = format!("{indent}{}", unit.as_deref().unwrap_or("  "));
            let separator = match self.leading_comma(example) {
                Some(comma) => {
                    let indent = &inner[..inner.len().saturating_sub(comma.len())];
                    format!("{newline}{indent}{comma}")
                }
                None => format!(",{newline}{inner}"),
            };
            return Style {
                open: format!("{newline}{inner}"),
                separator,
                close: format!("{newline}{indent}"),
                indent: inner,
                is_one_line: false,
            };
        }
        let pad = example.and_then(|node| {
            let first = node.children().first()?.start;
            Some(self.text[node.span.start + 1..first].to_owned())
        });
        let pad = pad.unwrap_or_default();
        Style {
            open: pad.clone(),
            separator: self.comma(),
            close: pad,
            indent: indent.to_owned(),
            is_one_line: true,
        }
    }

    /// The comma that a line starts with, up to what follows it, where commas
    /// stand there: in an example with several children, or else in the text's
    /// first such container.
    fn leading_comma(&self, example: Option<&'t Node>) -> Option<&'t str> {
        let lead = |node: &Node| {
            let (_, line) = self.between(node)?.rsplit_once('\n')?;
            Some(line.trim_start())
        };
        let in_tree = || self.find(&|node| lead(node).is_some()).and_then(lead);
        let comma = example.and_then(lead).or_else(in_tree)?;
        comma.starts_with(',').then_some(comma)
    }

    /// What stands between a container's first two children.
    fn between(&self, node: &Node) -> Option<&'t str> {
        let children = node.children();
        let [first, second, ..] = children.as_slice() else {
            return None;
        };
        self.text.get(first.end..second.start)
    }

    /// By how much a container's children are indented.
    fn unit(&self, node: &Node) -> Option<String> {
        let inner = self.indent_at(node.children().first()?.start);
        let unit = inner.strip_prefix(&*self.indent_at(node.span.start))?;
        (!unit.is_empty()).then(|| unit.to_owned())
    }

    /// What stands between two values on one line.
    fn comma(&self) -> String {
        let one_line = |node: &Node| self.between(node).filter(|own| !own.contains('\n'));
        let in_tree = self.find(&|node| one_line(node).is_some());
        let in_tree = in_tree.and_then(|node| Some((node.span.start, one_line(node)?)));
        let grown = self.grown.iter().map(|(at, own)| (*at, own.as_str()));
        let grown = grown.filter(|(_, own)| !own.contains('\n'));
        if let Some((_, comma)) = grown.chain(in_tree).min_by_key(|(at, _)| *at) {
            return comma.to_owned();
        }
        let compact = self.colon(&[]).trim_start_matches(' ') == ":";
        if compact { "," } else { ", " }.to_owned()
    }

    /// What stands between a key and its value in an object.
    pub fn colon_in(&self, object: &'t Node) -> String {
        self.colon(&[object])
    }

    fn colon(&self, examples: &[&'t Node]) -> String {
        let of = |node: &Node| match &node.kind {
            Kind::Object(members) => members
                .first()
                .map(|member| &self.text[member.key_span.end..member.value.span.start])
                .filter(|colon| !colon.contains('\n')),
            _ => None,
        };
        examples
            .iter()
            .rev()
            .find_map(|node| of(node))
            .or_else(|| of(self.tree))
            .unwrap_or(": ")
            .to_owned()
    }

    /// The first node of the tree, from the top, that is as asked.
    fn find(&self, wanted: &dyn Fn(&Node) -> bool) -> Option<&'t Node> {
        fn search<'t>(node: &'t Node, wanted: &dyn Fn(&Node) -> bool) -> Option<&'t Node> {
            if wanted(node) {
                return Some(node);
            }
            match &node.kind {
                Kind::Scalar => None,
                Kind::Array(nodes) => nodes.iter().find_map(|node| search(node, wanted)),
                Kind::Object(members) => members
                    .iter()
                    .find_map(|member| search(&member.value, wanted)),
            }
        }
        search(self.tree, wanted)
    }
}

fn indent(line: &str) -> Cow<'_, str> {
    let lead = &line[..line.len() - line.trim_start_matches([' ', '\t', ',']).len()];
    if lead.contains(',') {
        lead.replace(',', " ").into()
    } else {
        lead.into()
    }
}

/// An array of scalars is like any array of scalars, an object like any object.
fn is_like(node: &Node, value: &Value) -> bool {
    match &node.kind {
        Kind::Scalar => false,
        Kind::Array(nodes) => {
            value.is_array() && nodes.iter().all(|node| matches!(node.kind, Kind::Scalar))
        }
        Kind::Object(_) => value.is_object(),
    }
}

/// What stands under the same key in the examples, else under any key.
fn examples_below<'t>(examples: &[&'t Node], key: &str, value: &Value) -> Vec<&'t Node> {
    let same: Vec<&Node> = examples
        .iter()
        .filter_map(|node| node.child(key))
        .filter(|node| is_like(node, value))
        .collect();
    if !same.is_empty() {
        return same;
    }
    examples
        .iter()
        .filter_map(|node| match &node.kind {
            Kind::Object(members) => Some(members.iter().map(|member| &member.value)),
            _ => None,
        })
        .flatten()
        .filter(|node| is_like(node, value))
        .collect()
}
