//! Items of a sequence or mapping in brackets.

use std::ops::Range;

use super::layout::Layout;
use super::scan::{line_end, skip_blank};
use crate::document::tree::Node;
use crate::text::edit::TextEdit;

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
    if !lead.contains('\n') {
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

/// An item with its comma: with its line, where it has one of its own.
pub(super) fn remove(layout: Layout<'_>, items: &[Range<usize>], index: usize) -> Option<TextEdit> {
    let text = layout.text;
    let own = items.get(index)?.clone();
    let comma = skip_blank(text, own.end);
    let has_comma = text.get(comma..)?.starts_with(',');
    let end = if has_comma { comma + 1 } else { own.end };
    let start = layout.line_start(own.start);
    let line = line_end(text, end);
    let is_alone = text[start..own.start].trim().is_empty()
        && (text[end..line].trim().is_empty() || skip_blank(text, end) > line);
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
