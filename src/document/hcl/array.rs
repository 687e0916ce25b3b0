//! Arrays in a Terraform file: where they stand, and how elements come and go.

use std::collections::HashMap;
use std::mem;
use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Array, Expression, Object};
use hcl_edit::structure::Body;
use hcl_edit::template::Template;
use hcl_edit::visit::{Visit, visit_array, visit_expr, visit_object};

use super::heredoc::keep_markers;
use super::trivia::{comment, indent_at, line_end, skip_trivia};
use crate::text::edit::TextEdit;

/// An array in the file: its brackets, and its elements.
#[derive(Debug, Clone)]
pub struct Place {
    /// From bracket to bracket.
    pub span: Range<usize>,
    pub elements: Vec<Range<usize>>,
}

/// The arrays, the objects and the heredocs of a file.
#[derive(Debug, Default)]
pub struct Arrays {
    /// The arrays, one before those in it.
    pub places: Vec<Place>,
    /// Where each object starts, and where the last member ends that is written
    /// in it: the member's value may be defined elsewhere.
    pub objects: HashMap<usize, usize>,
    pub heredocs: Vec<Range<usize>>,
}

impl Arrays {
    /// Those in a file.
    pub fn of(body: &Body) -> Self {
        let mut arrays = Self::default();
        arrays.visit_body(body);
        arrays
    }

    /// Those in a text inside of a JSON string, whose places they have.
    pub fn of_template(template: &Template) -> Self {
        let mut arrays = Self::default();
        arrays.visit_template(template);
        arrays
    }

    /// The array that each element is in, and its number there.
    pub fn elements(&self) -> HashMap<(usize, usize), (usize, usize)> {
        let arrays = self.places.iter().enumerate();
        let elements = arrays.flat_map(|(array, place)| {
            let elements = place.elements.iter().enumerate();
            elements.map(move |(index, own)| ((own.start, own.end), (array, index)))
        });
        elements.collect()
    }
}

impl Visit for Arrays {
    fn visit_array(&mut self, node: &Array) {
        self.places.push(Place {
            span: node.span().unwrap_or_default(),
            elements: node.iter().filter_map(Span::span).collect(),
        });
        visit_array(self, node);
    }

    fn visit_object(&mut self, node: &Object) {
        let last = node.iter().last();
        let end = last.and_then(|(_, value)| Some(value.expr().span()?.end));
        let start = node.span().map(|span| span.start);
        self.objects.extend(start.zip(end));
        visit_object(self, node);
    }

    fn visit_expr(&mut self, node: &Expression) {
        if matches!(node, Expression::HeredocTemplate(_)) {
            self.heredocs.extend(node.span());
        }
        visit_expr(self, node);
    }
}

/// An array as elements come and go one after the other, each by what is there
/// then; and all of that as one edit.
pub struct Draft<'a> {
    /// The host up to the array's end.
    text: String,
    place: Place,
    /// The heredocs in the array.
    heredocs: Vec<Range<usize>>,
    newline: &'a str,
    edit: TextEdit,
}

impl<'a> Draft<'a> {
    /// The array as it is.
    pub fn new(host: &str, place: &Place, heredocs: &[Range<usize>], newline: &'a str) -> Self {
        let is_in = |own: &&Range<usize>| place.span.contains(&own.start);
        Self {
            text: host[..place.span.end].to_owned(),
            place: place.clone(),
            heredocs: heredocs.iter().filter(is_in).cloned().collect(),
            newline,
            edit: TextEdit::default(),
        }
    }

    /// A single value, as an edit has put it into brackets, with texts behind it.
    pub fn wrapped(
        host: &str,
        value: &Range<usize>,
        heredocs: &[Range<usize>],
        newline: &'a str,
        edit: TextEdit,
        texts: &[String],
    ) -> Option<Self> {
        let elements = vec![value.clone()];
        let place = Place {
            span: value.clone(),
            elements,
        };
        let mut draft = Self::new(host, &place, heredocs, newline);
        draft.extend(edit, texts)?;
        draft.place.span = value.start..draft.text.len();
        Some(draft)
    }

    /// Puts texts at the end; `is_object` says that these are objects.
    pub fn append(&mut self, texts: &[String], is_object: bool) -> Option<()> {
        let edit = append_texts(&self.text, &self.place, texts, self.newline)?;
        let brace = last_brace(&self.text, &self.place).filter(|_| is_object);
        let brace = brace.map(|brace| TextEdit::insert(brace, "  "));
        self.extend(TextEdit::all(brace.into_iter().chain([edit]))?, texts)
    }

    /// Makes an edit that puts texts behind the elements.
    fn extend(&mut self, edit: TextEdit, texts: &[String]) -> Option<()> {
        let edit = self.make(edit);
        // The last part is the one with the texts.
        let mut at = edit.parts().iter().last()?.range.start;
        for before in edit.parts().iter().rev().skip(1) {
            at = at + before.text.len() - before.range.len();
        }
        for text in texts {
            let start = at + self.text.get(at..)?.find(text)?;
            at = start + text.len();
            self.place.elements.push(start..at);
        }
        Some(())
    }

    /// Takes an element out.
    pub fn remove(&mut self, index: usize) -> Option<()> {
        let edit = remove(&self.text, &self.place, index, self.newline)?;
        let element = self.place.elements.remove(index);
        self.heredocs.retain(|own| !element.contains(&own.start));
        self.make(edit);
        Some(())
    }

    fn make(&mut self, edit: TextEdit) -> TextEdit {
        let edit = keep_markers(&self.text, edit, &self.heredocs, self.newline);
        edit.apply_to(&mut self.text);
        let Place { span, elements } = &mut self.place;
        let parts = elements.iter_mut().chain(&mut self.heredocs).chain([span]);
        parts.for_each(|own| *own = edit.moved(own));
        self.edit = mem::take(&mut self.edit).then(&edit);
        edit
    }

    /// All that was done.
    pub fn finish(self) -> TextEdit {
        self.edit
    }
}

/// The brace before the bracket in `[{ … }]` over several lines: `terraform fmt`
/// puts the `}, {` between two objects one step further in.
fn last_brace(host: &str, place: &Place) -> Option<usize> {
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
fn append_texts(host: &str, place: &Place, texts: &[String], newline: &str) -> Option<TextEdit> {
    let close = place.span.end - 1;
    let Some(last) = place.elements.last() else {
        return Some(fill_empty(host, place, texts, newline));
    };
    let comma = skip_trivia(host, last.end);
    let has_comma = host[comma..].starts_with(',');
    let line_end = line_end(host, if has_comma { comma + 1 } else { last.end });
    let line_end = line_end.filter(|end| *end < close);
    let is_own_line = is_own_line(host, last.start);
    let indent = indent_at(host, last.start);
    // A comment to the line's end is the last element's own.
    let is_commented = |end: &usize| {
        let rest = &host[last.end..*end];
        rest.contains('#') || rest.contains("//")
    };
    let Some(line_end) = line_end.filter(|end| is_own_line || is_commented(end)) else {
        let is_hung = is_hung(host, place, last);
        let step = is_hung.then(|| TextEdit::insert(last.start, "  "));
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
            let comma = if end == close { "" } else { "," };
            let new = TextEdit::insert(end, format!("{new}{comma}"));
            return TextEdit::all(step.into_iter().chain([new]));
        }
        // A comment belongs to the element that it follows on its line.
        let at = comments_end(host, last.end, comma).unwrap_or(last.end);
        let new = if has_comma && !host[at..comma].trim().is_empty() {
            TextEdit::insert(comma + 1, format!("{new},"))
        } else {
            TextEdit::insert(at, format!(",{new}"))
        };
        return TextEdit::all(step.into_iter().chain([new]));
    };
    let mut lines = texts.join(&format!(",{newline}{indent}"));
    if has_comma {
        lines.push(',');
    }
    let new = format!("{newline}{indent}{lines}");
    if has_comma {
        Some(TextEdit::insert(line_end, new))
    } else if line_end == last.end {
        Some(TextEdit::insert(last.end, format!(",{new}")))
    } else {
        // The comment stays in its column.
        let padding = usize::from(host[last.end..].starts_with("  "));
        let comma = TextEdit::replace(last.end..last.end + padding, ",");
        TextEdit::all([comma, TextEdit::insert(line_end, new)])
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

fn fill_empty(host: &str, place: &Place, texts: &[String], newline: &str) -> TextEdit {
    let close = place.span.end - 1;
    let inside = &host[place.span.start + 1..close];
    let is_over_lines = inside.contains('\n') || texts.iter().any(|text| text.contains('\n'));
    if inside.trim().is_empty() && !is_over_lines {
        return TextEdit::replace(place.span.clone(), format!("[{}]", texts.join(", ")));
    }
    // Behind what comments there are.
    let outer = indent_at(host, place.span.start);
    let at = place.span.start + 1 + inside.trim_end().len();
    let lines = texts
        .iter()
        .map(|text| format!("{newline}{outer}  {text},"));
    let lines: String = lines.collect();
    if inside.contains('\n') {
        return TextEdit::insert(at, lines);
    }
    TextEdit::replace(at..close, format!("{lines}{newline}{outer}"))
}

/// The edit that takes an element out of its array, with its comma, its line
/// if it has one of its own, and the comments that stand around it there.
fn remove(host: &str, place: &Place, index: usize, newline: &str) -> Option<TextEdit> {
    let element = place.elements.get(index)?;
    let cut = TextEdit::delete;
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
        let break_at = break_at.max(start - newline.len().min(start));
        let own = cut(break_at..line_end);
        // The list may have no comma at its end, and then shall have none.
        if before.is_none() || has_comma || comma >= start {
            return Some(own);
        }
        // A comment that stands in a column stays in it.
        let behind = &host[comma + 1..];
        let is_padded =
            behind.starts_with("  ") && behind.trim_start_matches(' ').starts_with(['#', '/']);
        let cut_comma = TextEdit::replace(comma..comma + 1, if is_padded { " " } else { "" });
        return if comma + 1 == break_at {
            Some(cut(comma..line_end))
        } else {
            TextEdit::all([cut_comma, own])
        };
    }
    let Some(before) = before.filter(|_| next.is_none()) else {
        let Some(next) = next else {
            return Some(cut(element.start..after));
        };
        // What follows on the line is about it, and no other comment is.
        let own_end = if line_end < next.start {
            line_end
        } else {
            comments_end(host, after, next.start).unwrap_or(after)
        };
        if host[own_end..next.start].trim().is_empty() {
            return Some(cut(element.start..next.start));
        }
        let start = host[..element.start].trim_end_matches([' ', '\t']).len();
        return Some(cut(start..own_end));
    };
    let start = line_start.unwrap_or(element.start);
    // So is one behind it.
    let behind = if comma < start { comma + 1 } else { from };
    let kept = comments_end(host, behind, start).unwrap_or(behind);
    if !host[kept..start].trim().is_empty() {
        // The bracket cannot follow on a line that a comment ends.
        let end = comments_end(host, after, close).unwrap_or(after);
        let end = close - host[end..close].trim_start_matches([' ', '\t']).len();
        let indent = indent_at(host, place.span.start);
        return Some(TextEdit::replace(start..end, indent));
    }
    let own = if kept > behind || comma >= start {
        cut(kept..after)
    } else {
        cut(comma..element.end)
    };
    // The one before comes to the bracket's line.
    let further_in = format!("{}  ", indent_at(host, element.start));
    let is_hung = is_hung(host, place, element)
        && is_own_line(host, before.start)
        && indent_at(host, before.start) == further_in
        && !host[before.clone()].contains('\n');
    let step = is_hung.then(|| cut(before.start - 2..before.start));
    TextEdit::all(step.into_iter().chain([own]))
}

#[cfg(test)]
mod tests;
