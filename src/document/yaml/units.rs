//! The pieces of a scalar's text, each with the bytes that spell it, so that
//! JSON inside a scalar can be edited in place.

use std::ops::Range;

use saphyr_parser::ScalarStyle;

use super::scan::line_end;

/// Bytes of the host, and the text that they spell.
pub type Unit = (Range<usize>, String);

/// A scalar's pieces; nothing if its spelling is too entangled to tell.
///
/// `content` is where it stands behind its tag and anchor, `text` what the
/// parser says that it means.
pub fn units(
    host: &str,
    content: Range<usize>,
    style: ScalarStyle,
    text: &str,
) -> Option<Vec<Unit>> {
    let units = match style {
        ScalarStyle::Literal | ScalarStyle::Folded => block(host, content, text)?,
        ScalarStyle::Plain => flow(host, content, text, |_| None)?,
        ScalarStyle::SingleQuoted => {
            let inside = content.start + 1..content.end - 1;
            flow(host, inside, text, |rest| {
                rest.starts_with("''").then_some((2, "'".to_owned()))
            })?
        }
        ScalarStyle::DoubleQuoted => {
            let inside = content.start + 1..content.end - 1;
            flow(host, inside, text, escape)?
        }
    };
    let whole: String = units.iter().map(|(_, text)| text.as_str()).collect();
    (whole == text).then_some(units)
}

/// The spaces that each line of a block scalar starts with.
pub fn block_indent(host: &str, content: Range<usize>, text: &str) -> Option<usize> {
    let spaces = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let first = |text: &str| {
        text.lines()
            .find(|line| !line.trim().is_empty())
            .map(spaces)
    };
    let body = host.get(line_end(host, content.start)..content.end)?;
    first(body)?.checked_sub(first(text)?)
}

/// Line by line: a block scalar has no escapes.
fn block(host: &str, content: Range<usize>, text: &str) -> Option<Vec<Unit>> {
    let indent = block_indent(host, content.clone(), text)?;
    let mut units = Vec::new();
    let mut rest = text;
    let mut at = after_break(host, line_end(host, content.start))?;
    // The last line break belongs to the scalar too.
    let end = after_break(host, line_end(host, content.end)).unwrap_or(host.len());
    while !rest.is_empty() && at <= end {
        let mut break_at = line_end(host, at);
        let start = (at + indent).min(break_at);
        if start < break_at {
            let line = host.get(start..break_at)?;
            rest = rest.strip_prefix(line)?;
            units.push((start..break_at, line.to_owned()));
        } else {
            break_at = at;
        }
        let Some(mut next) = after_break(host, line_end(host, break_at)) else {
            break;
        };
        // Folding makes one of several line breaks, or a space.
        let spelled = rest.len() - rest.trim_start_matches('\n').len();
        let meant = if rest.starts_with(' ') { 1 } else { spelled };
        while next < end
            && host[next..line_end(host, next)]
                .trim_start_matches(' ')
                .is_empty()
        {
            match after_break(host, line_end(host, next)) {
                Some(after) => next = after,
                None => break,
            }
        }
        let (own, after) = rest.split_at(meant);
        units.push((break_at..next, own.to_owned()));
        rest = after;
        at = next;
    }
    rest.is_empty().then_some(units)
}

fn after_break(host: &str, at: usize) -> Option<usize> {
    let rest = host.get(at..)?;
    let length = match rest {
        _ if rest.starts_with("\r\n") => 2,
        _ if rest.starts_with('\n') => 1,
        _ => return None,
    };
    Some(at + length)
}

/// Character by character; line breaks are folded.
fn flow(
    host: &str,
    inside: Range<usize>,
    text: &str,
    escape: impl Fn(&str) -> Option<(usize, String)>,
) -> Option<Vec<Unit>> {
    let mut units = Vec::new();
    let mut meant = 0;
    let mut at = inside.start;
    while at < inside.end {
        let rest = host.get(at..inside.end)?;
        let (length, own) = if let Some(found) = escape(rest) {
            found
        } else {
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            let first = rest.chars().next()?;
            if rest[..blank].contains('\n') {
                let breaks = rest[..blank].matches('\n').count();
                let own = if breaks > 1 {
                    "\n".repeat(breaks - 1)
                } else {
                    " ".to_owned()
                };
                (blank, own)
            } else {
                (first.len_utf8(), first.to_string())
            }
        };
        if !text.get(meant..)?.starts_with(own.as_str()) {
            return None;
        }
        meant += own.len();
        units.push((at..at + length, own));
        at += length;
    }
    Some(units)
}

/// An escape of a double-quoted scalar, by its length and what it means.
///
/// <https://yaml.org/spec/1.2.2/#57-escaped-characters>
fn escape(rest: &str) -> Option<(usize, String)> {
    let kind = rest.strip_prefix('\\')?.chars().next()?;
    let digits = |count: usize| {
        let digits = rest.get(2..2 + count)?;
        let c = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
        Some((2 + count, c.to_string()))
    };
    let one = |text: &str| Some((2, text.to_owned()));
    match kind {
        'x' => digits(2),
        'u' => digits(4),
        'U' => digits(8),
        'n' => one("\n"),
        't' | '\t' => one("\t"),
        'r' => one("\r"),
        '"' | '\\' | '/' | ' ' => one(&kind.to_string()),
        '\n' | '\r' => {
            let after = &rest[1..];
            Some((1 + after.len() - after.trim_start().len(), String::new()))
        }
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::super::raw::{RawKind, RawNode, parse};
    use super::*;

    fn value(text: &str) -> (RawNode, String, ScalarStyle) {
        let root = parse(text).unwrap();
        let RawKind::Mapping(mut members) = root.kind else {
            panic!()
        };
        let (_, node) = members.remove(0);
        let RawKind::Scalar(text, style) = node.kind.clone() else {
            panic!()
        };
        (node, text, style)
    }

    #[test]
    fn the_bytes_of_each_piece_are_told_in_every_style() {
        for text in [
            "a: |\n    {\n      \"x\": 1\n    }\nb: c\n",
            "a: !Sub |-  # c\n  {\n\n    \"é\": 1\n  }",
            "a: >\n  {\n    \"x\": 1,\n    \"y\": 2\n  }\n\nb: c\n",
            "a: >-\n  { \"x\":\n  1 }\n",
            "a: \"{\\\"x\\\": \\u00e9}\\n\"\n",
            "a: 'it''s {\"x\":\n    1}'\n",
            "a: 'x\n\n\n  y'\n",
            "a: \"x\\/y\"\n",
            "a: one two\n  three # c\n",
            "a: |\r\n  {\r\n    \"x\": 1\r\n  }\r\nb: c\r\n",
            "a: |2\n    x\n",
        ] {
            let (node, meant, style) = value(text);
            let units = units(text, node.content..node.span.end, style, &meant);
            let units = units.unwrap_or_else(|| panic!("{text}"));
            for (range, own) in &units {
                let spelled = &text[range.clone()];
                let is_break = own.trim().is_empty();
                assert!(
                    is_break || spelled == own || spelled.starts_with(['\\', '\'']),
                    "{text}"
                );
            }
        }
    }
}
