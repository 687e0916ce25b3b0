//! The unified diff of a policy's text.

use std::borrow::Cow;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use similar::udiff::UnifiedHunkHeader;
use similar::{Algorithm, ChangeTag, InlineChangeMode, InlineChangeOptions, TextDiff};

use super::escape::{escape, one_line};

const HEADER: Style = Style::new().bold();
const HUNK: Style = AnsiColor::Cyan.on_default();
const DELETED: Style = AnsiColor::Red.on_default();
const INSERTED: Style = AnsiColor::Green.on_default();

/// The unified diff with `context` unchanged lines around each change, as
/// `git apply` and `patch -p1` take it once the colours are stripped. Within
/// a changed line, the part that changed is emphasised.
#[must_use]
pub fn unified(name: &str, old: &str, new: &str, context: usize) -> String {
    // Only line feeds end lines, as for git; `similar` takes a lone carriage
    // return for a line's end too.
    let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<&str>>();
    let (old, new) = (lines(old), lines(new));
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Myers)
        .newline_terminated(true)
        .diff_slices(&old, &new);
    let name = header_name(name);
    let mut inline = InlineChangeOptions::new();
    inline
        .algorithm(Algorithm::Myers)
        .mode(InlineChangeMode::Chars)
        .min_ratio(0.0);
    let mut out = String::new();
    for (index, group) in diff.grouped_ops(context).iter().enumerate() {
        if index == 0 {
            let _ = writeln!(
                out,
                "{HEADER}--- a/{name}{HEADER:#}\n{HEADER}+++ b/{name}{HEADER:#}"
            );
        }
        let _ = writeln!(out, "{HUNK}{}{HUNK:#}", UnifiedHunkHeader::new(group));
        for change in group
            .iter()
            .flat_map(|op| diff.iter_inline_changes_with_options(op, inline))
        {
            let style = match change.tag() {
                ChangeTag::Equal => Style::new(),
                ChangeTag::Delete => DELETED,
                ChangeTag::Insert => INSERTED,
            };
            let _ = write!(out, "{style}{}{style:#}", change.tag());
            let parts: Vec<(bool, Cow<'_, str>)> = change.iter_strings_lossy().collect();
            let end = line_end(&parts);
            // A line that is new as a whole has no part that changed.
            let is_partly_new = parts
                .iter()
                .any(|(emphasised, part)| !emphasised && !part.trim().is_empty());
            let mut left = parts.iter().map(|(_, part)| part.len()).sum::<usize>() - end.len();
            for (emphasised, part) in parts {
                let shown = &part[..left.min(part.len())];
                left -= shown.len();
                let style = if emphasised && is_partly_new {
                    style.bold().underline()
                } else {
                    style
                };
                let _ = write!(out, "{style}{}{style:#}", escape(shown));
            }
            out.push_str(if end.is_empty() {
                "\n\\ No newline at end of file\n"
            } else {
                end
            });
        }
    }
    out
}

/// `git` and `patch` read a name up to a tab, and relative to the tree.
fn header_name(name: &str) -> String {
    let name = name.strip_prefix("./").unwrap_or(name);
    let name = one_line(name.trim_start_matches('/')).replace('\t', "\\t");
    // As git does, so that `patch` does not stop at the space.
    let end = if name.contains(' ') { "\t" } else { "" };
    name + end
}

/// A carriage return is raw only as part of a line's end, where it moves
/// nothing.
fn line_end(parts: &[(bool, Cow<'_, str>)]) -> &'static str {
    let mut bytes = parts.iter().rev().flat_map(|(_, part)| part.bytes().rev());
    match (bytes.next(), bytes.next()) {
        (Some(b'\n'), Some(b'\r')) => "\r\n",
        (Some(b'\n'), _) => "\n",
        _ => "",
    }
}
