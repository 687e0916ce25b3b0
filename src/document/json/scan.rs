//! A JSON text's value and the places of its nodes, in one pass. `serde_json`
//! reads each scalar, and says what is wrong with a text that is no JSON.

use std::sync::Arc;

use memchr::memchr2;
use serde::de::{DeserializeOwned, Error as _};

use crate::document::tree::{Kind, Member, Node};
use crate::value::{Map, Text, Value};

/// How deep `serde_json` lets a text be nested.
const DEEPEST: usize = 127;

/// What became of a text that was read as JSON.
pub type Json = serde_json::Result<(Value, Node)>;

/// The value and the tree of a text; of equal keys in one object all are kept.
///
/// # Errors
/// What `serde_json` has against the text.
pub fn scan(text: &str) -> Json {
    #[cfg(test)]
    crate::document::parses::count_json(text);
    let whole = Arc::new(text.to_owned());
    let mut scan = Scan {
        text: &whole,
        at: 0,
        left: DEEPEST,
    };
    let found = scan.value();
    scan.skip_space();
    found.filter(|_| scan.at == text.len()).ok_or_else(|| {
        let known = serde_json::from_str::<serde_json::Value>(text);
        let unknown = || serde_json::Error::custom("not read as serde_json reads it");
        known.err().unwrap_or_else(unknown)
    })
}

/// A text, and how far it is read.
struct Scan<'t> {
    text: &'t Arc<String>,
    at: usize,
    /// How much deeper it may be nested.
    left: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Whether this byte is next, which is passed then.
    fn takes(&mut self, byte: u8) -> bool {
        self.skip_space();
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn value(&mut self) -> Option<(Value, Node)> {
        self.skip_space();
        let start = self.at;
        let (value, kind) = match self.peek()? {
            b'{' => {
                let (mut members, mut nodes) = (Vec::new(), Vec::new());
                self.items(b'}', |scan| {
                    scan.skip_space();
                    let key_start = scan.at;
                    let key = scan.string()?;
                    let key_span = key_start..scan.at;
                    let (value, node) = scan.takes(b':').then(|| scan.value())??;
                    members.push((key.clone(), value));
                    nodes.push(Member {
                        key,
                        key_span,
                        value: node,
                    });
                    Some(())
                })?;
                (Value::Object(Map::distinct(members)), Kind::Object(nodes))
            }
            b'[' => {
                let (mut items, mut nodes) = (Vec::new(), Vec::new());
                self.items(b']', |scan| {
                    let (value, node) = scan.value()?;
                    items.push(value);
                    nodes.push(node);
                    Some(())
                })?;
                (Value::Array(items), Kind::Array(nodes))
            }
            b'"' => (Value::String(self.string()?), Kind::Scalar),
            _ => (self.scalar::<serde_json::Value>()?.into(), Kind::Scalar),
        };
        Some((value, Node::new(start..self.at, kind)))
    }

    /// What stands between brackets, up to the closing one.
    fn items(&mut self, close: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        self.at += 1;
        if !self.takes(close) {
            loop {
                item(self)?;
                if !self.takes(b',') {
                    break;
                }
            }
            self.takes(close).then_some(())?;
        }
        self.left += 1;
        Some(())
    }

    /// A string; one without escapes is a part of the text.
    fn string(&mut self) -> Option<Text> {
        let start = self.at;
        let inside = self.text.as_bytes().get(start..)?.strip_prefix(b"\"")?;
        let (plain, rest) = inside.split_at(memchr2(b'"', b'\\', inside)?);
        let least = plain.iter().copied().fold(u8::MAX, u8::min);
        if least < b' ' || rest.first() == Some(&b'\\') {
            return self.scalar::<String>().map(Text::from);
        }
        self.at += plain.len() + 2;
        Some(Text::part(self.text, start + 1..self.at - 1))
    }

    /// What `serde_json` reads next.
    fn scalar<T: DeserializeOwned>(&mut self) -> Option<T> {
        let rest = self.text.get(self.at..)?;
        let mut read = serde_json::Deserializer::from_str(rest).into_iter();
        let scalar = read.next()?.ok()?;
        self.at += read.byte_offset();
        Some(scalar)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each node's text is of the value that stands in its place.
    fn check(text: &str, value: &Value, node: &Node) {
        let own: serde_json::Value = serde_json::from_str(&text[node.span.clone()]).unwrap();
        assert_eq!(*value, own);
        match (value, &node.kind) {
            (Value::Array(items), Kind::Array(nodes)) => {
                assert_eq!(items.len(), nodes.len());
                let pairs = items.iter().zip(nodes);
                pairs.for_each(|(item, node)| check(text, item, node));
            }
            (Value::Object(members), Kind::Object(nodes)) => {
                assert_eq!(members.len(), nodes.len());
                for ((key, value), own) in members.iter().zip(nodes) {
                    let spelled = &text[own.key_span.clone()];
                    assert_eq!(own.key, *serde_json::from_str::<String>(spelled).unwrap());
                    assert_eq!(*key, own.key);
                    check(text, value, &own.value);
                }
            }
            (value, kind) => assert!(
                !value.is_array() && !value.is_object() && matches!(kind, Kind::Scalar),
                "{value}"
            ),
        }
    }

    fn is_read_as_by_serde_json(text: &str) {
        let known = serde_json::from_str::<serde_json::Value>(text);
        match (scan(text), known) {
            (Ok((value, node)), Ok(_)) => check(text, &value, &node),
            (Err(own), Err(known)) => assert_eq!(own.to_string(), known.to_string(), "{text}"),
            (own, known) => panic!("{text}: {own:?} {known:?}"),
        }
    }

    #[test]
    fn scalars_and_depth_are_those_of_serde_json() {
        let texts = [
            "",
            " ",
            "null",
            "nul",
            "true ",
            "-1",
            "1",
            "01",
            "1.0",
            "1e400",
            "-",
            "1-",
            "1\"a\"",
            "18446744073709551615",
            "18446744073709551616",
            r#""\n\u00e9\ud83d\ude00""#,
            r#""\ud83d""#,
            r#""\x""#,
            "\"\u{1}\"",
            "\"",
            "\"\\",
            "\"\\\"",
            "é",
            "[1,]",
            "[,]",
            "[1 2]",
            "{\"a\" 1}",
            "{\"a\":}",
            "{,}",
            "{\"a\":1,}",
            "{1:1}",
            "[1]]",
            "[1}",
            "{]",
            "\u{a0}1",
            "\u{feff}1",
            "[\u{b}]",
            "/**/1",
        ];
        texts.into_iter().for_each(is_read_as_by_serde_json);
        for depth in 120..135 {
            let (open, close) = ("[".repeat(depth), "]".repeat(depth));
            is_read_as_by_serde_json(&format!("{open}{close}"));
            is_read_as_by_serde_json(&format!("{open}1{close}"));
            is_read_as_by_serde_json(&format!("[[],{open}{close}]"));
            let (open, close) = ("{\"a\":".repeat(depth), "}".repeat(depth));
            is_read_as_by_serde_json(&format!("{open}{{}}{close}"));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_by_serde_json(
            text in r#"([\[\]{},:" \n]|"[ab]"|"[ab]":|"\\[nu"\\]"|[0-9.eE-]{1,3}|true|null|é){0,12}"#,
        ) {
            is_read_as_by_serde_json(&text);
        }
    }
}
