//! The AWS CLI's envelope: `{"Policy": "…escaped…", "PolicyName": "default"}`.

use std::ops::Range;

use super::splice::TextEdit;

/// A host text in which the policy is a JSON string.
#[derive(Debug, Clone)]
pub struct Envelope {
    host: String,
    /// The string, with its quotes.
    span: Range<usize>,
}

impl Envelope {
    pub(super) fn new(host: String, span: Range<usize>) -> Self {
        Self { host, span }
    }

    pub(super) fn text(&self) -> &str {
        &self.host
    }

    /// Makes in the string the edit that is made in the text it stands for;
    /// the escapes around it stay as they are spelled.
    pub(super) fn apply(&mut self, edit: &TextEdit) {
        let quoted = serde_json::Value::from(edit.text.as_str()).to_string();
        let escaped = &quoted[1..quoted.len() - 1];
        let start = self.offset(edit.range.start);
        let end = self.offset(edit.range.end);
        self.host.replace_range(start..end, escaped);
        self.span.end = self.span.end - (end - start) + escaped.len();
    }

    /// The host's offset of an offset in the text that the string stands for.
    fn offset(&self, inner: usize) -> usize {
        let first = self.span.start + 1;
        let body = &self.host[first..self.span.end - 1];
        let mut decoded = 0;
        let mut at = 0;
        while decoded < inner && at < body.len() {
            let (host, text) = step(&body[at..]);
            at += host;
            decoded += text;
        }
        first + at
    }
}

/// The bytes of the first character in a JSON string's body, as spelled and
/// as meant.
fn step(body: &str) -> (usize, usize) {
    let code = |at: usize| {
        body.get(at..at + 4)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
    };
    let plain = body.chars().next().map_or(1, char::len_utf8);
    if !body.starts_with('\\') {
        return (plain, plain);
    }
    if !body.starts_with("\\u") {
        return (2, 1);
    }
    match code(2) {
        // A surrogate pair spells one character of four bytes.
        Some(0xd800..=0xdbff) => (12, 4),
        Some(unit) => (6, char::from_u32(unit).map_or(1, char::len_utf8)),
        None => (2, 1),
    }
}
