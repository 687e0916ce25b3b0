//! What parsers have against a text, as people read it.

use super::error::DocumentError;
use super::text::Position;
use super::yaml::raw::RawError;

/// The parser names the place apart from its message.
pub(super) fn not_yaml(text: &str, error: &RawError) -> DocumentError {
    let message = error.message.split(" at byte ").next().unwrap_or_default();
    DocumentError::NotYaml {
        message: message.to_owned(),
        at: Position::of(text, error.at),
        help: message
            .contains("more than one document")
            .then_some("a template is one document: put each into a file of its own"),
    }
}

/// Where an error is: `serde_json` counts columns in bytes, and names the last
/// byte it read.
fn offset_of(text: &str, error: &serde_json::Error) -> usize {
    let line_start = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum::<usize>();
    (line_start + error.column().saturating_sub(1)).min(text.len())
}

/// Whether what is no JSON is a comment of another language's: `//`, `/*`.
/// Behind a colon YAML takes a text that starts so.
pub(super) fn is_at_comment(text: &str, error: &serde_json::Error) -> bool {
    let (before, rest) = text
        .split_at_checked(offset_of(text, error))
        .unwrap_or_default();
    (rest.starts_with("//") || rest.starts_with("/*")) && !before.trim_end().ends_with(':')
}

/// What `serde_json` has against a text.
pub(super) fn not_json(text: &str, error: &serde_json::Error) -> DocumentError {
    let offset = offset_of(text, error);
    let at_error = text.as_bytes().get(offset).copied();
    let full = error.to_string();
    let plain = full
        .rsplit_once(" at line ")
        .map_or(full.as_str(), |(message, _)| message);
    let (message, help) = match (plain, at_error) {
        (_, Some(b'/' | b'#')) => ("a comment", Some("JSON has no comments: take them out")),
        ("trailing comma", _) => (
            "a comma before the closing bracket",
            Some("JSON has no trailing commas: take it out"),
        ),
        ("trailing characters", _) => (
            "something follows the policy",
            Some("a file holds one policy, and a policy one \"Statement\""),
        ),
        ("recursion limit exceeded", _) => ("nested more than 127 levels deep", None),
        (_, Some(b'\'')) => (
            "a single quote",
            Some("JSON strings stand in double quotes"),
        ),
        (other, _) if error.is_eof() => (other, Some("the file ends too early: is it whole?")),
        (other, _) if !text.trim_start().starts_with('{') => (
            other,
            Some("is this the right file? a key policy in JSON starts with {"),
        ),
        (other, _) => (other, None),
    };
    let mut at = Position::of(text, offset);
    if error.is_eof() {
        at = Position::of(text, text.len());
    }
    DocumentError::NotJson {
        message: message.to_owned(),
        at,
        help,
    }
}
