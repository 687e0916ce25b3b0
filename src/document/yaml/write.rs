//! Values as YAML's text, by example of the nodes around them.

use std::ops::Range;

use json_patch::jsonptr::PointerBuf;
use serde_json::{Map, Value};

use super::layout::{Layout, examples_below, find, is_like};
use super::quote::{self, Quote};
use super::scan::quoted_end;
use crate::document::holes::Written;
use crate::document::tree::{Kind, Node};
use crate::policy::hole::is_hole;

impl<'t> Layout<'t> {
    /// An item with its dash, which stands at a column. `like` are nodes that
    /// stand in like places, `around` those that hold such items.
    pub(super) fn item(
        &self,
        value: &Value,
        column: usize,
        like: &[&'t Node],
        around: &[&'t Node],
    ) -> String {
        let (is_broken, width) = self.gap(around, value);
        let inner = column + 1 + width;
        match value {
            _ if self.is_flow(value, like) => {
                format!(
                    "-{}{}",
                    " ".repeat(width.max(1)),
                    self.flow(value, column, like)
                )
            }
            Value::Object(map) if is_broken => {
                format!(
                    "-{}{}",
                    self.break_to(inner),
                    self.members(map, inner, like)
                )
            }
            Value::Object(map) => {
                format!("-{}{}", " ".repeat(width), self.members(map, inner, like))
            }
            Value::Array(items) => {
                let items = self.items(items, inner, like);
                format!("-{}{items}", " ".repeat(width))
            }
            scalar => {
                let width = if is_broken { 1 } else { width };
                format!("-{}{}", " ".repeat(width), self.scalar(scalar, false, like))
            }
        }
    }

    fn items(&self, items: &[Value], column: usize, examples: &[&'t Node]) -> String {
        let like: Vec<&Node> = examples
            .iter()
            .filter_map(|node| match &node.kind {
                Kind::Array(items) => Some(items.iter()),
                _ => None,
            })
            .flatten()
            .collect();
        let items: Vec<String> = items
            .iter()
            .map(|item| self.item(item, column, &like, examples))
            .collect();
        items.join(&self.break_to(column))
    }

    fn members(&self, map: &Map<String, Value>, column: usize, examples: &[&'t Node]) -> String {
        let members: Vec<String> = map
            .iter()
            .map(|(key, value)| self.member(key, value, column, examples))
            .collect();
        members.join(&self.break_to(column))
    }

    /// A member whose key stands at a column. `examples` are mappings like the
    /// one that it is put in.
    pub(super) fn member(
        &self,
        key: &str,
        value: &Value,
        column: usize,
        examples: &[&'t Node],
    ) -> String {
        let below = examples_below(examples, key, value);
        let after = self.after_colon(value, column, &below);
        format!("{}:{after}", self.key(key, examples))
    }

    /// What stands behind the colon of a key that stands at a column.
    pub(super) fn after_colon(&self, value: &Value, column: usize, like: &[&'t Node]) -> String {
        match value {
            _ if self.is_flow(value, like) => format!(" {}", self.flow(value, column, like)),
            Value::Object(map) => {
                let inner = column + self.unit(like);
                format!("{}{}", self.break_to(inner), self.members(map, inner, like))
            }
            Value::Array(items) => {
                let inner = column + self.dash_offset(like);
                format!("{}{}", self.break_to(inner), self.items(items, inner, like))
            }
            scalar => format!(" {}", self.scalar(scalar, false, like)),
        }
    }

    /// A value between brackets, or in them.
    pub(super) fn flow(&self, value: &Value, column: usize, like: &[&'t Node]) -> String {
        self.flow_in(false, value, column, like)
    }

    fn flow_in(&self, one_line: bool, value: &Value, column: usize, like: &[&'t Node]) -> String {
        let (open, close) = match value {
            Value::Array(_) => ('[', ']'),
            Value::Object(_) => ('{', '}'),
            scalar => return self.scalar(scalar, true, like),
        };
        let example = self.flow_example(one_line, value, like);
        let is_broken = !one_line && example.is_some_and(|node| self.is_broken(node));
        let inner = column + example.and_then(|node| self.flow_unit(node)).unwrap_or(2);
        let column = if is_broken { inner } else { column };
        let write =
            |value: &Value, like: &[&'t Node]| self.flow_in(!is_broken, value, column, like);
        let parts: Vec<String> = match value {
            Value::Array(items) => items.iter().map(|item| write(item, &[])).collect(),
            Value::Object(map) => map
                .iter()
                .map(|(key, value)| {
                    let below = examples_below(like, key, value);
                    format!("{}: {}", self.key(key, like), write(value, &below))
                })
                .collect(),
            _ => Vec::new(),
        };
        if is_broken {
            let start = self.break_to(inner);
            let outer = example.and_then(|node| self.flow_unit(node)).unwrap_or(2);
            let closing = example.and_then(|node| self.closing(node)).unwrap_or(0);
            let end = self.break_to(inner - outer + closing);
            return format!(
                "{open}{start}{}{end}{close}",
                parts.join(&format!(",{start}"))
            );
        }
        let pad = example.map_or("", |node| self.pad(node));
        let parts = parts.join(", ");
        // `}}` would end what is no placeholder of a template engine yet.
        let gap = if parts.ends_with(close) && pad.is_empty() && self.text.contains("{{") {
            " "
        } else {
            pad
        };
        format!("{open}{pad}{parts}{gap}{close}")
    }

    /// What is in brackets as the value would be.
    fn flow_example(&self, one_line: bool, value: &Value, like: &[&'t Node]) -> Option<&'t Node> {
        let is_example = |node: &Node| {
            let is_flow = !node.children().is_empty() && !self.is_block(node);
            is_like(node, value) && is_flow && (!one_line || !self.is_broken(node))
        };
        let last = like.iter().copied().rfind(|node| is_example(node));
        last.or_else(|| find(self.tree, &is_example))
    }

    /// A key, quoted as the examples' are, else as most are.
    fn key(&self, key: &str, examples: &[&'t Node]) -> String {
        let quotes = |node: &Node| match &node.kind {
            Kind::Object(members) => members
                .iter()
                .filter_map(|member| quote::of(self.text.get(member.key_span.clone())?))
                .collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        let example = examples
            .iter()
            .rev()
            .find_map(|node| quotes(node).first().copied());
        let quote = example.unwrap_or_else(|| {
            let mut all = Vec::new();
            let mut visit = |_: &PointerBuf, node: &Node| all.extend(quotes(node));
            self.tree.visit(&PointerBuf::new(), &mut visit);
            most(&all)
        });
        quote::write(key, quote)
    }

    /// A scalar, quoted as those in like places are.
    fn scalar(&self, value: &Value, is_flow: bool, like: &[&'t Node]) -> String {
        let Value::String(text) = value else {
            return value.to_string();
        };
        let quote = like
            .iter()
            .rev()
            .find_map(|node| self.quote_of(node))
            .unwrap_or_else(|| self.usual_quote());
        match (self.substitute)(text) {
            Some(Written::Sub(text)) => self.expression(&text, quote, is_flow, like),
            Some(Written::Text(spelled)) => {
                // A placeholder is as plain as a letter.
                let bare = text.replace(is_hole, "x");
                match quote {
                    Quote::Plain if quote::is_plain(&bare) => spelled,
                    Quote::Single => format!("'{spelled}'"),
                    Quote::Plain | Quote::Double => format!("\"{spelled}\""),
                }
            }
            None => quote::write(text, quote),
        }
    }

    /// `!Sub` or `Fn::Sub`, written and quoted as the examples are.
    fn expression(&self, text: &str, quote: Quote, is_flow: bool, like: &[&'t Node]) -> String {
        let is_example = |node: &Node| self.sub_argument(node).is_some();
        let example = self.find_in(like, &is_example);
        let Some((node, argument)) =
            example.and_then(|node| Some((node, self.sub_argument(node)?)))
        else {
            // `${` may go without quotes, and yet few write it so.
            let quote = if quote == Quote::Single {
                Quote::Single
            } else {
                Quote::Double
            };
            return format!("!Sub {}", quote::write(text, quote));
        };
        let raw = &self.text[argument.clone()];
        let written = match quote::of(raw) {
            Some(Quote::Plain) if !is_flow && quote::is_plain_with_names(text) => text.to_owned(),
            own => quote::write(text, own.unwrap_or(Quote::Double)),
        };
        let before = &self.text[node.span.start..argument.start];
        let behind = &self.text[argument.end..node.span.end];
        [before, &written, behind].concat()
    }

    /// The text that `Fn::Sub`, in either form and on one line, is given.
    fn sub_argument(&self, node: &Node) -> Option<Range<usize>> {
        if !matches!(node.kind, Kind::Scalar) {
            return None;
        }
        let raw = &self.text[node.span.clone()];
        let prefix = ["!Sub ", "Fn::Sub: ", "'Fn::Sub': ", "\"Fn::Sub\": "]
            .iter()
            .find_map(|name| {
                let start = raw.find(name)?;
                let lead = raw[..start].trim_end_matches(' ');
                let after = &raw[start + name.len()..];
                let wide = after.len() - after.trim_start_matches(' ').len();
                matches!(lead, "" | "{").then_some(start + name.len() + wide)
            })?;
        let rest = &raw[prefix..];
        let length = match quote::of(rest)? {
            Quote::Plain => rest.trim_end_matches(['}', ' ']).len(),
            _ => quoted_end(rest, 0)?,
        };
        // A plain text ends in `}` itself.
        let length = if raw.starts_with('{') || !rest.ends_with('}') {
            length
        } else {
            rest.len()
        };
        let start = node.span.start + prefix;
        (!raw.contains('\n')).then_some(start..start + length)
    }

    fn quote_of(&self, node: &Node) -> Option<Quote> {
        if !matches!(node.kind, Kind::Scalar) {
            return None;
        }
        if let Some(argument) = self.sub_argument(node) {
            return quote::of(&self.text[argument]);
        }
        let raw = &self.text[self.content(node)..node.span.end];
        // A function's long form, or a multi-line scalar, is no example.
        (!raw.contains('\n') && !raw.contains("Fn::") && !raw.starts_with("Ref:"))
            .then(|| quote::of(raw))
            .flatten()
    }

    /// The style of most of the scalars that need no quotes.
    fn usual_quote(&self) -> Quote {
        let mut all = Vec::new();
        self.tree.visit(&PointerBuf::new(), &mut |_, node| {
            let raw = &self.text[self.content(node)..node.span.end];
            let needs_none = quote::is_plain(raw.trim_matches(['"', '\'']));
            all.extend(self.quote_of(node).filter(|_| needs_none));
        });
        most(&all)
    }
}

/// The style that most have; quotes where as many have none, and double ones
/// where as many have single ones.
fn most(quotes: &[Quote]) -> Quote {
    let count = |wanted| quotes.iter().filter(|own| **own == wanted).count();
    let (single, double) = (count(Quote::Single), count(Quote::Double));
    match count(Quote::Plain) {
        plain if plain > single.max(double) || quotes.is_empty() => Quote::Plain,
        _ if single > double => Quote::Single,
        _ => Quote::Double,
    }
}

#[cfg(test)]
mod tests {
    use super::{Quote, most};

    #[test]
    fn the_style_is_that_of_most() {
        use Quote::{Double, Plain, Single};
        for (all, style) in [
            (vec![], Plain),
            (vec![Single, Double], Double),
            (vec![Single, Single, Double], Single),
            (vec![Plain, Single], Single),
            (vec![Plain, Plain, Single, Double], Plain),
        ] {
            assert_eq!(most(&all), style, "{all:?}");
        }
    }
}
