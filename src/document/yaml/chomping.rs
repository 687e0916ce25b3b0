//! The line breaks at a block scalar's end: which are its own, and which edits
//! would make one its own.

use super::layout::{Layout, find};
use super::scan::line_end;
use crate::document::error::ApplyError;
use crate::document::tree::{Kind, Node};
use crate::text::edit::{Replacement, TextEdit};

/// What a block scalar does with the line breaks at its end.
///
/// <https://yaml.org/spec/1.2.2/#8112-block-chomping-indicator>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chomping {
    /// `|-`: none is its own.
    Strip,
    /// `|`: one is.
    Clip,
    /// `|+`: all are.
    Keep,
}

/// That of the block scalar that starts here, if one does.
pub(super) fn of(text: &str, header: usize) -> Option<Chomping> {
    let line = &text[header..line_end(text, header)];
    let indicators = line.split('#').next().unwrap_or_default();
    line.starts_with(['|', '>']).then(|| {
        if indicators.contains('+') {
            Chomping::Keep
        } else if indicators.contains('-') {
            Chomping::Strip
        } else {
            Chomping::Clip
        }
    })
}

/// A block scalar's end without its last line break; what it keeps belongs to
/// it.
pub(super) fn block_end(text: &str, header: usize) -> usize {
    if of(text, header) != Some(Chomping::Keep) {
        return text.trim_end_matches([' ', '\t', '\r', '\n']).len();
    }
    // The parser ends it at the next node, behind the indent of that.
    match text.trim_end_matches([' ', '\t']).strip_suffix('\n') {
        Some(end) => end.strip_suffix('\r').unwrap_or(end).len(),
        None => text.len(),
    }
}

/// What the block scalar does with line breaks that a node ends in, if it ends
/// in one.
pub(super) fn at_end(layout: Layout<'_>, node: &Node) -> Option<Chomping> {
    let own = |inner: &Node| {
        let is_last = matches!(inner.kind, Kind::Scalar) && inner.span.end == node.span.end;
        is_last.then(|| of(layout.text, layout.content(inner)))?
    };
    find(node, &|inner| own(inner).is_some()).and_then(own)
}

/// What a block scalar that stands right above an item, whose line starts at
/// `start`, does with the line breaks at its end.
pub(super) fn above(
    layout: Layout<'_>,
    sequence: &Node,
    index: usize,
    start: usize,
) -> Option<Chomping> {
    let Kind::Array(items) = &sequence.kind else {
        return None;
    };
    let before = items.get(index.checked_sub(1)?)?;
    let between = layout.text.get(before.span.end..start)?;
    between.trim().is_empty().then(|| at_end(layout, before))?
}

/// Refuses an edit that puts something behind a block scalar (`|`) which the text
/// ends in without a line break: it would give the scalar one.
pub(in crate::document) fn check(layout: Layout<'_>, edit: &TextEdit) -> Result<(), ApplyError> {
    if edit.parts().iter().any(|own| gives_a_break(layout, own)) {
        return Err(ApplyError::Unwritable {
            message: "the file ends in a block scalar (`|` or `>`) and not in a line break: behind it the value would get one, which some parsers think it has and others do not".to_owned(),
            help: "end the scalar's header in `-` if its value has no line break at its end, else add one to the file; then run this again",
        });
    }
    Ok(())
}

fn gives_a_break(layout: Layout<'_>, edit: &Replacement) -> bool {
    let text = layout.text;
    let is_open = |node: &Node| {
        let chomping = || of(text, layout.content(node));
        matches!(node.kind, Kind::Scalar)
            && !text[node.span.end..].contains('\n')
            && matches!(chomping(), Some(Chomping::Clip | Chomping::Keep))
    };
    edit.range.end == text.len()
        && find(layout.tree, &is_open).is_some_and(|scalar| {
            edit.range.start >= scalar.span.end || edit.text.contains(&text[scalar.span.clone()])
        })
}
