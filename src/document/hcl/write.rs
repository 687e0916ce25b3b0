//! Values as Terraform writes them, laid out like those around them and as
//! `terraform fmt` has it.

use serde_json::{Map, Value};

use super::trivia::newline;
use crate::document::escaping::Escaping;
use crate::document::holes::Holes;
use crate::document::tree::{Kind, Node};

/// The widest line that a list is put on.
const WIDTH: usize = 100;

/// Writes values into a file.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'t> {
    /// The file's text.
    pub host: &'t str,
    pub tree: &'t Node,
    pub holes: &'t Holes,
    /// Whether all is put on one line.
    is_flat: bool,
}

impl<'t> Writer<'t> {
    pub fn new(host: &'t str, tree: &'t Node, holes: &'t Holes) -> Self {
        Self {
            host,
            tree,
            holes,
            is_flat: false,
        }
    }

    /// A text in quotes, expressions as they are written.
    pub fn string(&self, text: &str) -> String {
        format!("\"{}\"", Escaping::HclQuoted.encode(text, self.holes))
    }

    /// A value. `indent` is that of the line it starts on, `examples` are nodes
    /// that stand in like places.
    pub fn value(&self, value: &Value, indent: &str, examples: &[&Node]) -> String {
        match value {
            Value::String(text) => self.string(text),
            Value::Array(items) => self.list(items, indent, examples),
            Value::Object(map) => self.object(map, indent, examples),
            other => other.to_string(),
        }
    }

    /// `key = value`, in the examples' way.
    pub fn member(&self, key: &str, value: &Value, indent: &str, examples: &[&Node]) -> String {
        let (key, assign) = (self.key(key, examples), self.assign(examples));
        let value = self.value(value, indent, &[]);
        format!("{key}{assign}{value}")
    }

    /// The text between two places, if they are in this order: a value may be
    /// written elsewhere than its key.
    fn between(&self, start: usize, end: usize) -> &'t str {
        self.host.get(start..end).unwrap_or_default()
    }

    fn key(&self, key: &str, examples: &[&Node]) -> String {
        let is_name = |key: &str| {
            let mut chars = key.chars();
            chars.next().is_some_and(|c| c.is_ascii_alphabetic())
                && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        };
        let first = self.first_member(examples);
        let is_quoted = first.is_some_and(|(key, _)| key.starts_with('"'));
        if is_name(key) && !is_quoted {
            key.to_owned()
        } else {
            self.string(key)
        }
    }

    /// What stands between a key and its value: ` = `, `: `.
    fn assign(&self, examples: &[&Node]) -> String {
        match self.first_member(examples) {
            Some((_, between)) if between.trim() == ":" => between.to_owned(),
            _ => " = ".to_owned(),
        }
    }

    /// The first member's key as written, and what stands behind it.
    fn first_member(&self, examples: &[&Node]) -> Option<(&'t str, &'t str)> {
        let of = |node: &Node| match &node.kind {
            Kind::Object(members) => members.first().map(|member| {
                let key = &self.host[member.key_span.clone()];
                (
                    key,
                    self.between(member.key_span.end, member.value.span.start),
                )
            }),
            _ => None,
        };
        let mut examples = examples.iter().rev();
        examples.find_map(|node| of(node)).or_else(|| of(self.tree))
    }

    fn object(&self, map: &Map<String, Value>, indent: &str, examples: &[&Node]) -> String {
        let newline = newline(self.host);
        let below = |key: &str| {
            let nodes = examples.iter().filter_map(|node| node.child(key));
            nodes.collect::<Vec<&Node>>()
        };
        let one_line = self.is_flat
            || examples.last().is_some_and(|node| {
                matches!(node.kind, Kind::Object(_)) && !self.host[node.span.clone()].contains('\n')
            });
        let writer = Self {
            is_flat: one_line,
            ..*self
        };
        let inner = if one_line {
            indent.to_owned()
        } else {
            format!("{indent}  ")
        };
        let assign = self.assign(examples);
        let members: Vec<(String, String)> = map
            .iter()
            .map(|(key, value)| {
                let text = writer.value(value, &inner, &below(key));
                (self.key(key, examples), text)
            })
            .collect();
        if one_line {
            let members = members
                .iter()
                .map(|(key, value)| format!("{key}{assign}{value}"));
            return format!("{{ {} }}", members.collect::<Vec<_>>().join(", "));
        }
        let lines = if assign == " = " {
            aligned(&members)
        } else {
            let plain = |(key, value): &(String, String)| format!("{key}{assign}{value}");
            members.iter().map(plain).collect()
        };
        let comma = if self.has_commas(examples) { "," } else { "" };
        let lines: Vec<String> = lines.iter().map(|line| format!("{inner}{line}")).collect();
        let body = lines.join(&format!("{comma}{newline}"));
        format!("{{{newline}{body}{newline}{indent}}}")
    }

    /// Whether the members of objects on several lines are set apart by commas.
    fn has_commas(&self, examples: &[&Node]) -> bool {
        let of = |node: &Node| match &node.kind {
            Kind::Object(members) => match members.as_slice() {
                [first, second, ..] => {
                    let between = self.between(first.value.span.end, second.key_span.start);
                    Some(between.trim_start().starts_with(','))
                }
                _ => None,
            },
            _ => None,
        };
        let mut examples = examples.iter().rev();
        examples
            .find_map(|node| of(node))
            .or_else(|| of(self.tree))
            .unwrap_or(false)
    }

    /// A list of values: on one line if there is one, or the lists around it
    /// are so and it fits.
    pub fn list(&self, items: &[Value], indent: &str, examples: &[&Node]) -> String {
        let newline = newline(self.host);
        let texts: Vec<String> = items
            .iter()
            .map(|item| self.value(item, indent, &[]))
            .collect();
        let width = indent.len() + texts.iter().map(|text| text.len() + 2).sum::<usize>();
        let is_multiline = |node: &&Node| {
            matches!(&node.kind, Kind::Array(items) if !items.is_empty())
                && self.host[node.span.clone()].starts_with('[')
                && self.host[node.span.clone()].contains('\n')
        };
        let example = examples
            .iter()
            .copied()
            .find(is_multiline)
            .or_else(|| self.find(&|node| is_multiline(&node) && is_scalars(node)));
        let one_line = match items {
            _ if self.is_flat => true,
            [] => true,
            [_] => example.is_none_or(|node| node.children().len() != 1),
            _ => example.is_none() && width < WIDTH && texts.len() < 3,
        };
        if one_line {
            return format!("[{}]", texts.join(", "));
        }
        let comma = match example {
            Some(node) => {
                let text = self.host[node.span.clone()].trim_end_matches(']');
                text.trim_end().ends_with(',')
            }
            None => true,
        };
        let end = if comma { "," } else { "" };
        let body = texts.join(&format!(",{newline}{indent}  "));
        format!("[{newline}{indent}  {body}{end}{newline}{indent}]")
    }

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

fn is_scalars(node: &Node) -> bool {
    matches!(&node.kind, Kind::Array(nodes) if nodes.iter().all(|node| matches!(node.kind, Kind::Scalar)))
}

/// `terraform fmt` aligns the `=` of lines that follow each other; a value
/// over several lines ends such a run.
pub fn aligned(members: &[(String, String)]) -> Vec<String> {
    let mut lines = Vec::with_capacity(members.len());
    for run in members.chunk_by(|a, b| !a.1.contains('\n') && !b.1.contains('\n')) {
        let keys = run.iter().map(|(key, _)| key.chars().count());
        let width = keys.max().unwrap_or(0);
        lines.extend(run.iter().map(|(key, value)| {
            let pad = " ".repeat(width - key.chars().count());
            format!("{key}{pad} = {value}")
        }));
    }
    lines
}
