//! Items of a sequence or mapping in brackets.

use std::ops::Range;

use super::layout::Layout;
use super::scan::{line_end, skip_blank};
use crate::document::text::TextEdit;
use crate::document::tree::Node;

/// Items at the end of a sequence in brackets.
pub(super) fn append(layout: Layout<'_>, sequence: &Node, values: &[String]) -> Option<TextEdit> {
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
        let values: Vec<String> = values.iter().map(|v| format!("{separator}{v}")).collect();
        return Some(TextEdit::insert(last.end, values.concat()));
    }
    let line = layout.break_to(layout.column(last.start));
    let values = values.join(&format!(",{line}"));
    if has_comma {
        let line_end = line_end(text, comma);
        // The bracket may stand on the comma's line, and a comment stays there.
        let is_alone = skip_blank(text, comma + 1) > line_end;
        let at = if is_alone { line_end } else { comma + 1 };
        return Some(TextEdit::insert(at, format!("{line}{values},")));
    }
    let end = line_end(text, last.end);
    if comma < end {
        return Some(TextEdit::insert(last.end, format!(",{line}{values}")));
    }
    Some(TextEdit {
        text: format!(",{}{line}{values}", &text[last.end..end]),
        range: last.end..end,
    })
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
            _ if is_alone && has_comma => gone(whole_lines(text, start, end)),
            (Some(before), None) if is_alone => {
                // The comma before it goes too, and a comment behind that stays.
                let kept = text.get(before.end..line_end(text, before.end))?;
                TextEdit {
                    range: before.end..line,
                    text: kept.replacen(',', "", 1),
                }
            }
            (_, Some(next)) => gone(own.start..next.start),
            (Some(before), None) => gone(before.end..own.end),
            (None, None) => gone(own),
        },
    )
}

/// These bytes go.
pub(super) fn gone(range: Range<usize>) -> TextEdit {
    TextEdit {
        range,
        text: String::new(),
    }
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
