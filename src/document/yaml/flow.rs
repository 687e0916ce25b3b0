//! Items of a sequence or mapping in brackets.

use std::ops::Range;

use json_patch::jsonptr::Pointer;

use super::layout::{Layout, find};
use super::scan::{line_end, skip_blank};
use crate::document::error::ApplyError;
use crate::document::tree::{Kind, Node};
use crate::text::edit::TextEdit;

/// Refuses an edit in brackets in which a scalar goes on on a line that is indented
/// no deeper than the key: whether such lines are YAML depends on the reader, and
/// on what stands around them.
pub(super) fn check(layout: Layout<'_>, target: &Pointer) -> Result<(), ApplyError> {
    let node = layout.tree.nearest(target);
    let key = layout.indent(node.span.start);
    let goes_on = |line: &str| {
        let own = line.len() - line.trim_start_matches(' ').len();
        own <= key && !line.trim().is_empty()
    };
    let is_outside = |own: &Node| {
        let mut lines = layout.text[own.span.clone()].lines().skip(1);
        // A function has brackets of its own.
        let is_function = layout.text[layout.content(own)..].starts_with(['{', '[']);
        matches!(own.kind, Kind::Scalar) && !is_function && lines.any(goes_on)
    };
    let is_flow = !matches!(node.kind, Kind::Scalar) && !layout.is_block(node);
    if !is_flow || find(node, &is_outside).is_none() {
        return Ok(());
    }
    Err(ApplyError::Unwritable {
        message: "a value in the brackets goes on on a line that is indented no deeper than the key, which not every reader of YAML takes".to_owned(),
        help: "indent that line, or put the value on one; then run this again",
    })
}

/// The edit that puts items at the end of what is in brackets, and where each is
/// in the text that comes.
pub(super) fn append(
    layout: Layout<'_>,
    sequence: &Node,
    values: &[String],
) -> Option<(TextEdit, Vec<Range<usize>>)> {
    let text = layout.text;
    let children = sequence.children();
    let last = children.last()?;
    let lead = match children.as_slice() {
        [.., before, last] => text.get(before.end..last.start)?,
        _ => text.get(layout.content(sequence) + 1..last.start)?,
    };
    let comma = skip_blank(text, last.end);
    let has_comma = text.get(comma..)?.starts_with(',');
    if !lead.contains('\n') && comment_behind(text, last.end).is_none() {
        let separator = if children.len() > 1 { lead } else { ", " };
        let (new, places) = separated(0, separator, separator, values);
        return Some((TextEdit::insert(last.end, new), places));
    }
    let line = layout.break_to(layout.column(last.start));
    let separator = format!(",{line}");
    if has_comma {
        let line_end = line_end(text, comma);
        // The bracket may stand on the comma's line, and a comment stays there.
        let is_alone = skip_blank(text, comma + 1) > line_end;
        let at = if is_alone { line_end } else { comma + 1 };
        let (new, places) = separated(0, &line, &separator, values);
        return Some((TextEdit::insert(at, new + ","), places));
    }
    // A comment behind the last item stays on its line.
    let end = line_end(text, last.end);
    let end = if comma < end { last.end } else { end };
    let first = format!(",{}{line}", &text[last.end..end]);
    let (new, places) = separated(0, &first, &separator, values);
    Some((TextEdit::replace(last.end..end, new), places))
}

/// Texts, each behind what sets it apart, and where each is, if the first such
/// separator is at `from`.
pub(super) fn separated(
    from: usize,
    first: &str,
    others: &str,
    texts: &[String],
) -> (String, Vec<Range<usize>>) {
    let (mut all, mut places) = (String::new(), Vec::new());
    for (index, text) in texts.iter().enumerate() {
        all.push_str(if index == 0 { first } else { others });
        let start = from + all.len();
        places.push(start..start + text.len());
        all.push_str(text);
    }
    (all, places)
}

/// The edit that puts items into brackets with nothing but comments in them,
/// below these.
pub(super) fn fill(layout: Layout<'_>, sequence: &Node, values: &[String]) -> Option<TextEdit> {
    let text = layout.text;
    let start = layout.content(sequence) + 1;
    let inside = start..sequence.span.end.checked_sub(1)?;
    let comment = comments(text, inside).pop()?.start;
    let is_alone = text[layout.line_start(comment)..comment].trim().is_empty();
    let own = layout.column(comment);
    let key = layout.indent(start);
    // A comment may stand where no item may.
    let column = if is_alone && own > key { own } else { key + 2 };
    let line = layout.break_to(column);
    let (new, _) = separated(0, &line, &format!(",{line}"), values);
    Some(TextEdit::insert(line_end(text, comment), new))
}

/// The comment behind an item, and behind its comma, on the item's line.
pub(super) fn comment_behind(text: &str, end: usize) -> Option<Range<usize>> {
    let blank = [' ', '\t'];
    let rest = text[end..].trim_start_matches(blank);
    let rest = rest.strip_prefix(',').unwrap_or(rest);
    let rest = rest.trim_start_matches(blank);
    let start = text.len() - rest.len();
    rest.starts_with('#').then(|| start..line_end(text, start))
}

/// The comments in a text that has nothing else but white space and commas, and
/// stands from an offset on.
pub(super) fn comments(text: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = within.start;
    while let Some(start) = text[at..within.end].find('#').map(|own| at + own) {
        at = line_end(text, start);
        found.push(start..at);
    }
    found
}

/// An item with its comma and the comment behind it: with its line, where it has
/// one of its own. Other comments stay.
pub(super) fn remove(layout: Layout<'_>, sequence: &Node, index: usize) -> Option<TextEdit> {
    let text = layout.text;
    let items = sequence.children();
    let own = items.get(index)?.clone();
    let before = index.checked_sub(1).and_then(|at| items.get(at));
    let from = before.map_or_else(|| layout.content(sequence) + 1, |before| before.end);
    let next = items.get(index + 1).map(|next| next.start);
    let to = next.unwrap_or_else(|| skip_blank(text, skip_comma(text, own.end)));
    let behind = comment_behind(text, own.end);
    let edit = plainly(layout, &items, index)?;
    let is_gone = |comment: &Range<usize>| {
        edit.parts().iter().any(|part| {
            part.range.start < comment.end
                && comment.start < part.range.end
                && !part.text.contains(&text[comment.clone()])
        })
    };
    let others = comments(text, own.end..to).into_iter();
    let others = others.filter(|one| Some(one) != behind.as_ref());
    let mut others = comments(text, from..own.start).into_iter().chain(others);
    if behind.as_ref().is_none_or(is_gone) && !others.any(|one| is_gone(&one)) {
        return Some(edit);
    }
    let comma_after = |end: usize| {
        let comma = skip_blank(text, end);
        text[comma..].starts_with(',').then_some(comma..comma + 1)
    };
    let before = before.and_then(|before| comma_after(before.end));
    let is_first = |comma: &Range<usize>| {
        let line = layout.line_start(comma.start);
        text[line..comma.start].trim().is_empty()
    };
    let comma = match (before, comma_after(own.end)) {
        (Some(before), Some(after)) if is_first(&before) && is_first(&after) => Some(before),
        (before, after) => after.or(before),
    };
    let gone = [Some(own), behind, comma];
    let gone: Vec<Range<usize>> = gone.into_iter().flatten().collect();
    Some(TextEdit::replace(from..to, without(text, from..to, &gone)))
}

/// A part of a text without what goes, and without the lines that had nothing
/// else on them.
fn without(text: &str, part: Range<usize>, gone: &[Range<usize>]) -> String {
    let mut left = String::new();
    let mut start = part.start;
    for line in text[part.clone()].split_inclusive('\n') {
        let end = start + line.len();
        let is_gone = |at: &usize| gone.iter().any(|own| own.contains(at));
        let is_touched = gone.iter().any(|own| own.start < end && start < own.end);
        let kept: String = line
            .char_indices()
            .filter(|(at, _)| !is_gone(&(start + at)))
            .map(|(_, c)| c)
            .collect();
        let is_first = start == part.start;
        start = end;
        let content = kept.trim_end();
        if !is_touched {
            left.push_str(&kept);
        } else if !line.ends_with('\n') {
            let indent = line.len() - line.trim_start_matches(' ').len();
            left.push_str(if content.is_empty() {
                &kept[..indent.min(kept.len())]
            } else {
                &kept
            });
        } else if is_first || !content.is_empty() {
            left.push_str(content);
            left.push_str(if line.ends_with("\r\n") { "\r\n" } else { "\n" });
        }
    }
    left
}

/// Behind the comma that follows an item, if one does.
fn skip_comma(text: &str, end: usize) -> usize {
    let comma = skip_blank(text, end);
    if text[comma..].starts_with(',') {
        comma + 1
    } else {
        end
    }
}

/// An item with its comma, whatever comments there are.
fn plainly(layout: Layout<'_>, items: &[Range<usize>], index: usize) -> Option<TextEdit> {
    let text = layout.text;
    let own = items.get(index)?.clone();
    let comma = skip_blank(text, own.end);
    let has_comma = text.get(comma..)?.starts_with(',');
    let end = if has_comma { comma + 1 } else { own.end };
    let start = layout.line_start(own.start);
    let line = line_end(text, end);
    let is_alone = text[start..own.start].trim().is_empty() && text[end..line].trim().is_empty();
    Some(
        match (
            index.checked_sub(1).and_then(|at| items.get(at)),
            items.get(index + 1),
        ) {
            _ if is_alone && has_comma => TextEdit::delete(whole_lines(text, start, end)),
            (Some(before), None) if is_alone => {
                // The comma before it goes too, and a comment behind that stays.
                let kept = text.get(before.end..line_end(text, before.end))?;
                TextEdit::replace(before.end..line, kept.replacen(',', "", 1))
            }
            (_, Some(next)) => TextEdit::delete(own.start..next.start),
            (Some(before), None) => TextEdit::delete(before.end..own.end),
            (None, None) => TextEdit::delete(own),
        },
    )
}

/// From a line's start to the end of the line that an offset is on, with one
/// line break.
pub(super) fn whole_lines(text: &str, start: usize, end: usize) -> Range<usize> {
    let end = line_end(text, end);
    match text[end..].find('\n') {
        Some(at) => start..end + at + 1,
        // The text ends here: the line break before goes.
        None => text[..start].trim_end_matches(['\r', '\n']).len()..text.len(),
    }
}
