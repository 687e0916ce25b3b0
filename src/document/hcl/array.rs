//! Arrays in a Terraform file: where they stand, and how elements come and go.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Array;
use hcl_edit::parser::parse_body;
use hcl_edit::visit::{Visit, visit_array};

use super::trivia::{comment, indent_at, line_end, newline, skip_trivia};
use crate::document::text::TextEdit;

/// An array in the file: its brackets, and its elements.
#[derive(Debug, Clone)]
pub struct Place {
    /// From bracket to bracket.
    pub span: Range<usize>,
    /// Its elements.
    pub elements: Vec<Range<usize>>,
}

/// Finds the array that is meant.
struct Finder<'w> {
    wanted: &'w dyn Fn(&Place) -> bool,
    found: Option<Place>,
}

impl Visit for Finder<'_> {
    fn visit_array(&mut self, node: &Array) {
        let place = Place {
            span: node.span().unwrap_or_default(),
            elements: node.iter().filter_map(Span::span).collect(),
        };
        if (self.wanted)(&place) {
            self.found = Some(place);
        }
        visit_array(self, node);
    }
}

/// The array that is meant.
pub fn find(host: &str, wanted: &dyn Fn(&Place) -> bool) -> Option<Place> {
    let body = parse_body(host).ok()?;
    let mut finder = Finder {
        wanted,
        found: None,
    };
    finder.visit_body(&body);
    finder.found
}

/// The brace before the bracket in `[{ … }]` over several lines: `terraform fmt`
/// puts the `}, {` between two objects one step further in.
pub fn last_brace(host: &str, place: &Place) -> Option<usize> {
    let (last, before) = place.elements.split_last()?;
    let brace = host.get(..last.end)?.strip_suffix(['}', ']', ')'])?.len();
    let outer = indent_at(host, place.span.start);
    let is_last = !is_own_line(host, last.start)
        && is_own_line(host, brace)
        && indent_at(host, brace) == outer;
    let is_further_in = |element: &Range<usize>| indent_at(host, element.end).len() > outer.len();
    (is_last && before.iter().all(is_further_in)).then_some(brace)
}

/// The edits that put texts at the end of an array; a comment behind the last
/// element stays with it.
pub fn append_texts(host: &str, place: &Place, texts: &[String]) -> Vec<TextEdit> {
    let close = place.span.end - 1;
    let Some(last) = place.elements.last() else {
        return vec![fill_empty(host, place, texts)];
    };
    let comma = skip_trivia(host, last.end);
    let has_comma = host[comma..].starts_with(',');
    let line_end = line_end(host, if has_comma { comma + 1 } else { last.end });
    let line_end = line_end.filter(|end| *end < close);
    let is_own_line = is_own_line(host, last.start);
    let indent = indent_at(host, last.start);
    let newline = newline(host);
    // A comment to the line's end is the last element's own.
    let is_commented = |end: &usize| {
        let rest = &host[last.end..*end];
        rest.contains('#') || rest.contains("//")
    };
    let Some(line_end) = line_end.filter(|end| is_own_line || is_commented(end)) else {
        let is_hung = is_hung(host, place, last);
        let step = is_hung.then(|| TextEdit::insert(last.start, "  ".to_owned()));
        let starts: Vec<String> = (1..=texts.len())
            .map(
                |number| match (is_own_line, is_hung && number < texts.len()) {
                    (false, _) => " ".to_owned(),
                    (true, true) => format!("{newline}{indent}  "),
                    (true, false) => format!("{newline}{indent}"),
                },
            )
            .collect();
        let new = starts.iter().zip(texts);
        let new: Vec<String> = new.map(|(start, text)| format!("{start}{text}")).collect();
        let new = new.join(",");
        let behind = comments_end(host, comma + 1, close).filter(|_| has_comma);
        if let Some(end) = behind {
            if is_own_line {
                let comma = if end == close { "" } else { "," };
                let new = TextEdit::insert(end, format!("{new}{comma}"));
                return step.into_iter().chain([new]).collect();
            }
            // Before a comma, a comment is that of what stands before it.
            let gone = TextEdit {
                range: comma..comma + 1,
                text: String::new(),
            };
            return vec![gone, TextEdit::insert(end, format!(",{new}"))];
        }
        // So is one before the comma.
        let between = &host[last.end..comma];
        let at = if between.contains('\n') {
            last.end
        } else {
            last.end + between.trim_end().len()
        };
        let new = TextEdit::insert(at, format!(",{new}"));
        return step.into_iter().chain([new]).collect();
    };
    let mut lines = texts.join(&format!(",{newline}{indent}"));
    if has_comma {
        lines.push(',');
    }
    let new = TextEdit::insert(line_end, format!("{newline}{indent}{lines}"));
    if has_comma {
        vec![new]
    } else if line_end == last.end {
        vec![TextEdit::insert(last.end, format!(",{}", new.text))]
    } else {
        // The comment stays in its column.
        let padding = usize::from(host[last.end..].starts_with("  "));
        let comma = TextEdit {
            range: last.end..last.end + padding,
            text: ",".to_owned(),
        };
        vec![comma, new]
    }
}

/// The end of the comments between delimiters that follow on the line, if there
/// are any.
fn comments_end(host: &str, from: usize, close: usize) -> Option<usize> {
    let (mut at, mut end) = (from, None);
    loop {
        let rest = host.get(at..close)?.trim_start_matches([' ', '\t']);
        if !rest.starts_with("/*") {
            return end;
        }
        at = close - rest.len() + comment(rest)?;
        end = Some(at);
    }
}

/// Behind the last line break between two places, of those in no comment.
fn line_start(host: &str, from: usize, to: usize) -> Option<usize> {
    let (mut at, mut start) = (from, None);
    while let Some(first) = host.get(at..to)?.chars().next() {
        at += comment(&host[at..to]).unwrap_or(first.len_utf8());
        if first == '\n' {
            start = Some(at);
        }
    }
    start
}

/// Whether the last element's line is the one with the closing bracket, which
/// `terraform fmt` puts one step back.
fn is_hung(host: &str, place: &Place, last: &Range<usize>) -> bool {
    is_own_line(host, last.start)
        && indent_at(host, last.start).len() <= indent_at(host, place.span.start).len()
        && !host[last.start..place.span.end].contains('\n')
}

/// Whether nothing but white space stands before it on its line.
pub fn is_own_line(host: &str, at: usize) -> bool {
    host[..at].trim_end_matches([' ', '\t']).ends_with('\n')
}

fn fill_empty(host: &str, place: &Place, texts: &[String]) -> TextEdit {
    let inside = &host[place.span.start + 1..place.span.end - 1];
    if inside.trim().is_empty() && !inside.contains('\n') {
        return TextEdit {
            range: place.span.clone(),
            text: format!("[{}]", texts.join(", ")),
        };
    }
    // Behind what comments there are.
    let newline = newline(host);
    let outer = indent_at(host, place.span.start);
    let at = place.span.start + 1 + inside.trim_end().len();
    let lines = texts
        .iter()
        .map(|text| format!("{newline}{outer}  {text},"));
    TextEdit::insert(at, lines.collect())
}

/// The edits that take an element out of its array, with its comma, its line
/// if it has one of its own, and the comments that stand around it there.
pub fn remove(host: &str, element: &Range<usize>) -> Option<Vec<TextEdit>> {
    let place = find(host, &|place| place.elements.contains(element))?;
    let index = place.elements.iter().position(|own| own == element)?;
    let cut = |range: Range<usize>| TextEdit {
        range,
        text: String::new(),
    };
    let close = place.span.end - 1;
    let before = index.checked_sub(1).map(|index| &place.elements[index]);
    let next = place.elements.get(index + 1);
    let comma = skip_trivia(host, element.end);
    let has_comma = host[comma..].starts_with(',');
    let after = if has_comma { comma + 1 } else { element.end };
    let line_end = line_end(host, after).unwrap_or(host.len());
    let comma = before.map_or(place.span.start, |own| skip_trivia(host, own.end));
    let from = match before {
        // The last one's line may start with its comma.
        Some(before) if next.is_none() => before.end,
        _ => comma + 1,
    };
    let line_start = line_start(host, from, element.start).filter(|start| {
        // A comment before a comma is that of what stands before it.
        let lead = host.get(*start..comma).unwrap_or_default();
        lead.trim().is_empty()
    });
    let ends_line = line_end < close && next.is_none_or(|next| next.start > line_end);
    if let Some(start) = line_start.filter(|_| ends_line) {
        // From the line break before: the last line's own break stays.
        let break_at = host[..start].trim_end_matches(['\n', '\r']).len();
        let break_at = break_at.max(start - newline(host).len().min(start));
        let own = cut(break_at..line_end);
        // The list may have no comma at its end, and then shall have none.
        if before.is_none() || has_comma || comma >= start {
            return Some(vec![own]);
        }
        // A comment that stands in a column stays in it.
        let behind = &host[comma + 1..];
        let is_padded =
            behind.starts_with("  ") && behind.trim_start_matches(' ').starts_with(['#', '/']);
        let cut_comma = TextEdit {
            text: if is_padded { " " } else { "" }.to_owned(),
            ..cut(comma..comma + 1)
        };
        return Some(if comma + 1 == own.range.start {
            vec![cut(comma..own.range.end)]
        } else {
            vec![cut_comma, own]
        });
    }
    let Some(before) = before.filter(|_| next.is_none()) else {
        let Some(next) = next else {
            return Some(vec![cut(element.start..after)]);
        };
        // What follows on the line is about it, and no other comment is.
        let own_end = if line_end < next.start {
            line_end
        } else {
            comments_end(host, after, next.start).unwrap_or(after)
        };
        if host[own_end..next.start].trim().is_empty() {
            return Some(vec![cut(element.start..next.start)]);
        }
        let start = host[..element.start].trim_end_matches([' ', '\t']).len();
        return Some(vec![cut(start..own_end)]);
    };
    let start = line_start.unwrap_or(element.start);
    // So is one behind it.
    let behind = if comma < start { comma + 1 } else { from };
    let kept = comments_end(host, behind, start).unwrap_or(behind);
    if !host[kept..start].trim().is_empty() {
        // The bracket cannot follow on a line that a comment ends.
        let end = comments_end(host, after, close).unwrap_or(after);
        let end = close - host[end..close].trim_start_matches([' ', '\t']).len();
        return Some(vec![TextEdit {
            range: start..end,
            text: indent_at(host, place.span.start).to_owned(),
        }]);
    }
    let own = if kept > behind || comma >= start {
        cut(kept..after)
    } else {
        cut(comma..element.end)
    };
    // The one before comes to the bracket's line.
    let further_in = format!("{}  ", indent_at(host, element.start));
    let is_hung = is_hung(host, &place, element)
        && is_own_line(host, before.start)
        && indent_at(host, before.start) == further_in
        && !host[before.clone()].contains('\n');
    let step = is_hung.then(|| cut(before.start - 2..before.start));
    Some(step.into_iter().chain([own]).collect())
}

#[cfg(test)]
mod tests;
