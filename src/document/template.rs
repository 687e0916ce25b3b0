//! JSON with another engine's placeholders: Terraform's templates (`${…}`,
//! `%{…}`), and those that write `{{ … }}` and `{% … %}` (Jinja, Helm).
//!
//! What a placeholder stands for is not known; inside of a JSON string it is
//! part of a text, elsewhere a whole value. What a directive decides on is a
//! whole value too, if the text is JSON whichever way it goes.

use std::ops::Range;

use hcl_edit::parser::parse_template;
use hcl_edit::template::Template;

use super::embed::{Builder, Shown};
use super::error::DocumentError;
use super::escaping::Escaping;
use super::found::{Body, Found};
use super::hcl::lower::Lower;
use super::hcl::names::is_partition_name;
use super::hcl::scope::Scope;
use super::hcl::text::{Branch, Text, read as read_text};
use super::holes::{Hole, HoleKind, Holes};
use super::text::Position;

/// The delimiters of Jinja and of what took them over.
const TAGS: [(&str, &str); 3] = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];

/// Whether a text has placeholders between braces.
fn has_tags(host: &str) -> bool {
    TAGS.iter()
        .any(|(open, close)| host.contains(open) && host.contains(close))
}

/// Whether a text that is no JSON looks like a template of one.
pub(super) fn is_template(host: &str) -> bool {
    let is_json = host.trim_start().starts_with(['{', '%']);
    is_json && (has_tags(host) || host.contains("${") || host.contains("%{"))
}

/// Whether a text that is JSON has placeholders between braces in its strings.
pub(super) fn has_placeholders(host: &str) -> bool {
    host.contains("{{ ") && host.contains(" }}")
}

/// The first name in `${…}` from an offset on. A policy variable of IAM has a
/// colon, or is one of `*`, `?` and `$`: such text is part of the policy.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
pub(super) fn name(host: &str, from: usize) -> Option<Range<usize>> {
    let mut starts = memchr::memchr_iter(b'$', &host.as_bytes()[from..]).map(|at| from + at);
    starts.find_map(|start| {
        if !host[start..].starts_with("${") {
            return None;
        }
        let inside = &host[start + 2..];
        let inside = &inside[..inside.find('}')?];
        let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
        let is_name = inside.trim_start().starts_with(is_letter)
            && !inside.contains([':', '"', '\n'])
            && !host[..start].ends_with('$');
        is_name.then(|| start..start + inside.len() + 3)
    })
}

/// The policy that a template is of.
pub(super) fn read(
    host: &str,
    is_json: bool,
    holes: &mut Holes,
) -> Result<Vec<Found>, DocumentError> {
    let body = if has_tags(host) {
        tagged(host, next, holes)?
    } else {
        match parse_template(host) {
            Ok(template) => terraform(host, &template, holes)?,
            // Policy variables of IAM are no expressions of Terraform's.
            Err(_) if is_json => tagged(host, next_name, holes)?,
            Err(error) => {
                return Err(DocumentError::NotHcl {
                    message: error.message().to_owned(),
                    at: Position {
                        line: error.location().line(),
                        column: error.location().column(),
                    },
                });
            }
        }
    };
    Ok(vec![Found::whole(body)])
}

fn terraform(host: &str, template: &Template, holes: &mut Holes) -> Result<Body, DocumentError> {
    let scope = Scope::default();
    let mut lower = Lower::new(host, &scope, holes);
    let mut text = Text::new(Escaping::Template);
    text.push(&mut lower, template.iter());
    text.finish(&mut lower, 0..host.len())
}

/// What a tag does.
enum Tag {
    /// Stands for a value.
    Value,
    /// Starts what it decides on.
    Opens,
    /// Ends that.
    Closes,
    /// Neither is there nor decides on anything.
    Nothing,
}

fn tag(open: &str, inside: &str) -> Tag {
    let words = inside.trim_matches(['-', '+', '~', ' ', '\t', '\n', '\r']);
    let word = words.split_whitespace().next().unwrap_or_default();
    match (open, word) {
        ("{#", _) => Tag::Nothing,
        (_, "if" | "for" | "range" | "with" | "filter" | "call" | "macro" | "block" | "raw") => {
            Tag::Opens
        }
        (_, word) if word == "end" || (open == "{%" && word.starts_with("end")) => Tag::Closes,
        ("{%", _) | (_, "else") => Tag::Nothing,
        _ => Tag::Value,
    }
}

/// A tag's place, what it does, and what it names.
type Tagged<'h> = (Range<usize>, Tag, &'h str);

/// A text with tags, of which `next` finds the first from an offset on.
fn tagged<'h>(
    host: &'h str,
    next: impl Fn(&'h str, usize) -> Option<Tagged<'h>>,
    holes: &mut Holes,
) -> Result<Body, DocumentError> {
    let mut builder = Builder::new();
    let mut branches = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while let Some((place, tag, name)) = next(host, at) {
        builder.push(at..place.start, &host[at..place.start]);
        let ambiguous = || DocumentError::Ambiguous {
            at: Position::of(host, place.start),
        };
        match tag {
            Tag::Nothing => {}
            Tag::Value => {
                let is_partition = name.rsplit('.').next().is_some_and(is_partition_name);
                let hole = Hole {
                    text: host[place.clone()].to_owned(),
                    kind: if is_partition {
                        HoleKind::Partition
                    } else if builder.is_in_string() && has_quotes(&host[place.clone()]) {
                        HoleKind::Whole
                    } else {
                        HoleKind::Text
                    },
                    span: place.clone(),
                    sources: Vec::new(),
                };
                builder.push_hole(hole, holes);
            }
            _ if builder.is_in_string() => return Err(ambiguous()),
            Tag::Opens => open.push((builder.len(), place.start)),
            Tag::Closes => {
                let (inner, start) = open.pop().ok_or_else(ambiguous)?;
                branches.push(Branch {
                    inner: inner..builder.len(),
                    host: start..place.end,
                    sources: Vec::new(),
                });
            }
        }
        at = place.end;
    }
    if let Some((_, start)) = open.pop() {
        let at = Position::of(host, start);
        return Err(DocumentError::Ambiguous { at });
    }
    builder.push(at..host.len(), &host[at..]);
    let embedding = builder.finish(0..host.len(), Escaping::Plain, Shown::Host);
    read_text(host, embedding, &branches, |branch| {
        holes.intern(Hole {
            text: host[branch.host.clone()].to_owned(),
            kind: HoleKind::Whole,
            span: branch.host.clone(),
            sources: Vec::new(),
        })
    })
}

/// Whether a tag has a literal with quotes in it, which end a JSON string:
/// `accounts | join('", "')`.
fn has_quotes(tag: &str) -> bool {
    let mut literals = tag.split('\'').skip(1).step_by(2);
    tag.contains("\\\"") || literals.any(|own| own.contains('"'))
}

/// The next name in `${…}` from an offset on.
fn next_name(host: &str, from: usize) -> Option<Tagged<'_>> {
    let place = name(host, from)?;
    let inside = host[place.start + 2..place.end - 1].trim();
    Some((place, Tag::Value, inside))
}

/// The next tag between braces from an offset on.
fn next(host: &str, from: usize) -> Option<Tagged<'_>> {
    let first = |(open, close): &(&'static str, &'static str)| {
        let start = from + host[from..].find(open)?;
        let inside = start + open.len();
        let length = host[inside..].find(close)?;
        Some((start, inside..inside + length, *open))
    };
    let (start, inside, open) = TAGS.iter().filter_map(first).min_by_key(|found| found.0)?;
    let text = &host[inside.clone()];
    let name = text.trim_matches(['-', '+', '~', ' ']).split('|').next();
    let name = name.unwrap_or_default().trim();
    Some((start..inside.end + 2, tag(open, text), name))
}
