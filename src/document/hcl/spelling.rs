//! How templates are spelled: the escapes of quoted strings and heredocs, and
//! of the JSON strings that hold templates in Terraform's JSON syntax.

use std::ops::Range;

use crate::document::embed::json_string;
use crate::document::escaping::Escaping;

/// A template that the host spells with escapes: a string of a JSON text.
#[derive(Debug)]
pub struct Decoded {
    /// The template.
    pub text: String,
    /// Each of its characters' offset, and the host's bytes for it.
    places: Vec<(usize, Range<usize>)>,
}

impl Decoded {
    /// A JSON string with its quotes, at `span` of the host.
    pub fn new(host: &str, span: &Range<usize>) -> Self {
        let mut text = String::new();
        let mut places = Vec::new();
        let body = &host[span.start + 1..span.end - 1];
        for (place, meant) in json_string(body, span.start + 1) {
            places.push((text.len(), place));
            text.push_str(&meant);
        }
        Self { text, places }
    }

    /// The characters of a stretch of the template, each with the host's bytes.
    pub fn pieces(&self, span: &Range<usize>) -> impl Iterator<Item = (Range<usize>, &str)> {
        let first = self.places.partition_point(|(at, _)| *at < span.start);
        let end = self.places.partition_point(|(at, _)| *at < span.end);
        (first..end).map(|index| {
            let (at, place) = &self.places[index];
            let next = self.places.get(index + 1);
            let until = next.map_or(self.text.len(), |(at, _)| *at);
            (place.clone(), &self.text[*at..until])
        })
    }

    /// The host's bytes for a stretch of the template.
    pub fn host(&self, span: &Range<usize>) -> Range<usize> {
        let index = |at: usize| self.places.partition_point(|(start, _)| *start < at);
        let first = self.places.get(index(span.start));
        let last = index(span.end).checked_sub(1).map(|at| &self.places[at]);
        match (first, last) {
            (Some((_, first)), Some((_, last))) => first.start..last.end.max(first.start),
            _ => 0..0,
        }
    }
}

/// The characters of a literal, each with the bytes that spell it.
pub fn spelled(host: &str, span: Range<usize>, escaping: Escaping) -> Vec<(Range<usize>, String)> {
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
