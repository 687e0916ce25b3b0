//! Placeholders of a template engine that a host goes through before it is
//! YAML or JSON: `{{ … }}`, `{% … %}` and `{# … #}` of Jinja and its like, and
//! `${self:…}` and the others of the Serverless Framework.
//!
//! A host is read with each of them masked by as many bytes, so that every
//! place stays the same.

use std::ops::Range;

use super::text::line_start;

/// What stands for a placeholder in the masked text.
pub const MASK: char = '\u{10fffd}';
/// What fills the masked text up.
const FILLER: char = '\u{7f}';

/// What a placeholder does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It stands for text, inside a line of the host.
    Text,
    /// It says nothing: a comment.
    Nothing,
    /// It decides what the host holds.
    Structure,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    pub span: Range<usize>,
    pub effect: Effect,
}

impl Placeholder {
    /// As messages name it: the first of several lines.
    pub fn name(&self, host: &str) -> String {
        let text = host.get(self.span.clone()).unwrap_or_default();
        match text.split_once('\n') {
            None => text.to_owned(),
            Some((first, _)) => format!("{} …", first.trim_end()),
        }
    }
}

/// The placeholders of a host, in its order.
pub fn placeholders(host: &str) -> Vec<Placeholder> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < host.len() {
        let end = host[start..]
            .find('\n')
            .map_or(host.len(), |at| start + at + 1);
        let line = &host[start..end];
        let first = found.len();
        let mut at = 0;
        while let Some((open, close)) = next(&line[at..]) {
            let span = start + at + open..start + at + close;
            let effect = effect(host, &span);
            found.push(Placeholder { span, effect });
            at += close;
        }
        // On a line of its own it may bring in anything.
        let mut rest = line.to_owned();
        for one in found[first..].iter().rev() {
            rest.replace_range(one.span.start - start..one.span.end - start, "");
        }
        if rest.trim().is_empty() {
            for one in &mut found[first..] {
                if one.effect == Effect::Text {
                    one.effect = Effect::Structure;
                }
            }
        }
        start = match of_lines(host, start + at..end) {
            Some(span) => {
                let end = span.end;
                let effect = match effect(host, &span) {
                    Effect::Nothing => Effect::Nothing,
                    _ => Effect::Structure,
                };
                found.push(Placeholder { span, effect });
                end
            }
            None => end,
        };
    }
    found
}

/// What a placeholder does, by its second byte.
fn effect(host: &str, span: &Range<usize>) -> Effect {
    match host.as_bytes()[span.start + 1] {
        b'{' => Effect::Text,
        b'#' => Effect::Nothing,
        _ => Effect::Structure,
    }
}

const TAGS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];

/// A placeholder that starts in the rest of a line, and ends on another one.
fn of_lines(host: &str, rest: Range<usize>) -> Option<Range<usize>> {
    let opens = TAGS.iter().filter_map(|(open, close)| {
        let start = rest.start + host[rest.clone()].find(open)?;
        Some((start, close))
    });
    let (start, close) = opens.min()?;
    let inside = &host[start + 2..];
    let length = inside.find(close)?;
    // What opens again has not been one.
    let is_one = !TAGS.iter().any(|(open, _)| inside[..length].contains(open));
    is_one.then(|| start..start + 2 + length + 2)
}

/// Where the next placeholder in a line starts and ends.
fn next(line: &str) -> Option<(usize, usize)> {
    TAGS.iter()
        .filter_map(|(open, close)| {
            let start = line.find(open)?;
            let length = line[start + 2..].find(close)?;
            Some((start, start + 2 + length + 2))
        })
        .chain(serverless(line))
        .min()
}

/// The first variable of the Serverless Framework. What IAM knows as a policy
/// variable (`${aws:…}`) is none, but for the two that only the framework has.
///
/// <https://www.serverless.com/framework/docs/providers/aws/guide/variables>
fn serverless(line: &str) -> Option<(usize, usize)> {
    const SOURCES: [&str; 12] = [
        "self:", "opt:", "env:", "file(", "param:", "sls:", "ssm:", "ssm(", "cf:", "cf(", "s3:",
        "git:",
    ];
    const NAMES: [&str; 2] = ["aws:accountId}", "aws:region}"];
    let is_variable = |(at, _): &(usize, &str)| {
        let inside = &line[at + 2..];
        SOURCES
            .iter()
            .chain(&NAMES)
            .any(|own| inside.starts_with(own))
    };
    let (start, _) = line.match_indices("${").find(is_variable)?;
    let mut depth = 0;
    for (at, c) in line[start..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return Some((start, start + at + 1)),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The host with its placeholders masked: as comments on lines of their own,
/// else as text.
pub fn mask(host: &str, placeholders: &[Placeholder]) -> String {
    let mut masked = host.to_owned();
    for one in placeholders {
        let length = one.span.len();
        let line = line_start(host, one.span.start);
        let is_first = host[line..one.span.start].trim().is_empty();
        let own = &host[one.span.clone()];
        let text = if own.contains('\n') {
            let lines = own.split('\n');
            let mask = |line: &str| match line.len() {
                0 => String::new(),
                length if is_first => format!("#{}", "-".repeat(length - 1)),
                length => {
                    let text = line.trim_start_matches(' ');
                    let indent = length - text.len();
                    [&line[..indent], &FILLER.to_string().repeat(text.len())].concat()
                }
            };
            lines.map(mask).collect::<Vec<_>>().join("\n")
        } else if one.effect != Effect::Text && is_first {
            format!("#{}", "-".repeat(length - 1))
        } else {
            let fill = length - MASK.len_utf8();
            [MASK.to_string(), FILLER.to_string().repeat(fill)].concat()
        };
        masked.replace_range(one.span.clone(), &text);
    }
    masked
}

/// Whether a text holds a masked placeholder.
pub fn is_masked(text: &str) -> bool {
    text.contains(MASK)
}

/// A masked text with the placeholders written by `write`, in their order.
pub fn unmask(text: &str, mut write: impl FnMut() -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(MASK) {
        out.push_str(&rest[..at]);
        out.push_str(&write());
        rest = rest[at + MASK.len_utf8()..].trim_start_matches(FILLER);
    }
    out.push_str(rest);
    out
}

/// Whether a character is filler.
pub fn is_filler(text: &str) -> bool {
    text.chars().all(|c| c == FILLER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_may_end_on_another_line() {
        let host = "{% set x = [\n  1,\n] %}\na: \"{{\n  b }}\"\nc: {{ d }}\ne: '{{'\nf: {{ g }}\n";
        let found = placeholders(host);
        let texts: Vec<_> = found.iter().map(|one| &host[one.span.clone()]).collect();
        assert_eq!(
            texts,
            [
                "{% set x = [\n  1,\n] %}",
                "{{\n  b }}",
                "{{ d }}",
                "{{ g }}"
            ]
        );
        let masked = mask(host, &found);
        assert_eq!(masked.len(), host.len());
        assert!(masked.starts_with('#'));
        assert!(
            masked
                .lines()
                .zip(host.lines())
                .all(|(a, b)| a.len() == b.len())
        );
    }

    #[test]
    fn variables_of_the_serverless_framework_are_told_from_those_of_iam() {
        let host = "a: ${self:custom.${opt:stage, 'dev'}.x}/${aws:username}/${AWS::AccountId}/${aws:region}\n";
        let found = placeholders(host);
        let texts: Vec<_> = found.iter().map(|one| &host[one.span.clone()]).collect();
        assert_eq!(
            texts,
            ["${self:custom.${opt:stage, 'dev'}.x}", "${aws:region}"]
        );
    }

    #[test]
    fn the_masked_text_is_as_long_and_has_no_placeholder() {
        let host = "a: {{ x }} # é\n{% if y %}\nb: \"{{z}}-{{ z }}\"\n{# c #}\n  {{ all }}\n";
        let found = placeholders(host);
        let effects: Vec<_> = found.iter().map(|one| one.effect).collect();
        assert_eq!(
            effects,
            [
                Effect::Text,
                Effect::Structure,
                Effect::Text,
                Effect::Text,
                Effect::Nothing,
                Effect::Structure
            ]
        );
        let masked = mask(host, &found);
        assert_eq!(masked.len(), host.len());
        assert!(placeholders(&masked).is_empty());
        let mut texts = found.iter().map(|one| host[one.span.clone()].to_owned());
        let line = unmask(masked.lines().next().unwrap(), || texts.next().unwrap());
        assert_eq!(line, "a: {{ x }} # é");
    }
}
