//! Operations of a JSON Patch as edits of a YAML text, in the layout around
//! them. A comment stays with the line that it is on.

use std::mem;
use std::ops::Range;

use json_patch::jsonptr::Pointer;
use json_patch::{AddOperation, PatchOperation, ReplaceOperation};
use serde_json::Value;

use super::chomping::{self, Chomping};
use super::flow::{self, whole_lines};
use super::layout::Layout;
use super::scan::line_end;
use crate::document::json::splice::like_places;
use crate::document::text::{append, behind};
use crate::document::tree::{Kind, Member, Node};
use crate::operations::Operation;
use crate::text::edit::TextEdit;

/// The edit that an operation is in this text; nothing if there is no such
/// place.
pub fn text_edit(
    layout: Layout<'_>,
    tree: &Node,
    value: &crate::value::Value,
    operation: &Operation,
) -> Option<TextEdit> {
    let operation = match operation {
        Operation::Append { array, values } => {
            let add: Vec<Value> = values.iter().map(Value::from).collect();
            return list_edit(layout, tree, array, &[], &add);
        }
        Operation::TakeOut { array, indices } => {
            let remove: Vec<usize> = indices.iter().rev().copied().collect();
            return list_edit(layout, tree, array, &remove, &[]);
        }
        Operation::Other(operation) => operation,
    };
    if let Some((array, value)) = append(operation) {
        return list_edit(layout, tree, array, &[], std::slice::from_ref(value));
    }
    match operation {
        PatchOperation::Add(AddOperation { path, value }) => {
            let (mapping, key) = path.split_back()?;
            add_member(layout, tree, mapping, &key.decoded(), value)
        }
        PatchOperation::Replace(ReplaceOperation { path, value: new }) => {
            match behind(new, value.pointer(path.as_str())?) {
                Some(more) => wrap(layout, tree, path, more),
                None => put(layout, tree, path, new),
            }
        }
        PatchOperation::Remove(own) => {
            let (sequence, index) = own.path.split_back()?;
            let index = index.decoded().parse().ok()?;
            list_edit(layout, tree, sequence, &[index], &[])
        }
        _ => None,
    }
}

/// A sequence as items come and go one after the other, each by what is there
/// then; and all of that as one edit.
struct Draft {
    /// The text up to what follows the sequence.
    text: String,
    sequence: Node,
    edit: TextEdit,
}

impl Draft {
    fn new(text: &str, sequence: &Node) -> Self {
        // How an item goes depends on what is below.
        let end = line_end(text, sequence.span.end);
        let below = end + (text[end..].len() - text[end..].trim_start().len());
        Self {
            text: text[..line_end(text, below)].to_owned(),
            sequence: sequence.clone(),
            edit: TextEdit::default(),
        }
    }

    fn items(&mut self) -> Option<&mut Vec<Node>> {
        match &mut self.sequence.kind {
            Kind::Array(items) => Some(items),
            _ => None,
        }
    }

    fn make(&mut self, edit: &TextEdit) {
        edit.apply_to(&mut self.text);
        let own = |node: &mut Node| node.span = edit.moved(&node.span);
        self.items().into_iter().flatten().for_each(own);
        own(&mut self.sequence);
        self.edit = mem::take(&mut self.edit).then(edit);
    }
}

/// The edit of a list that some items go from, by their places in order, and
/// some come to.
fn list_edit(
    layout: Layout<'_>,
    tree: &Node,
    path: &Pointer,
    remove: &[usize],
    add: &[Value],
) -> Option<TextEdit> {
    let sequence = tree.exact(path)?;
    if sequence.children().is_empty() && remove.is_empty() {
        return put(layout, tree, path, &Value::Array(add.to_vec()));
    }
    let mut draft = Draft::new(layout.text, sequence);
    if !add.is_empty() {
        let (edit, items) = append_items(layout, tree, path, sequence, add)?;
        let at = edit.parts().iter().next()?.range.start;
        draft.make(&edit);
        let new = |own: &Range<usize>| Node::new(at + own.start..at + own.end, Kind::Scalar);
        draft.items()?.extend(items.iter().map(new));
    }
    for index in remove.iter().rev() {
        let layout = Layout {
            text: &draft.text,
            ..layout
        };
        let edit = remove_item(layout, &draft.sequence, *index)?;
        draft.items()?.remove(*index);
        draft.make(&edit);
    }
    Some(draft.edit)
}

/// The member whose value stands at a pointer, and the mapping that it is in.
fn member_at<'t>(tree: &'t Node, path: &Pointer) -> Option<(&'t Node, &'t Member)> {
    let (mapping, key) = path.split_back()?;
    let mapping = tree.exact(mapping)?;
    let Kind::Object(members) = &mapping.kind else {
        return None;
    };
    let member = members.iter().find(|member| member.key == key.decoded())?;
    Some((mapping, member))
}

/// Behind the colon of a member's key.
fn colon_end(layout: Layout<'_>, member: &Member) -> Option<usize> {
    let key_end = member.key_span.end;
    let colon = layout
        .text
        .get(key_end..member.value.span.start)?
        .find(':')?;
    Some(key_end + colon + 1)
}

/// A value in the place of another.
fn put(layout: Layout<'_>, tree: &Node, path: &Pointer, value: &Value) -> Option<TextEdit> {
    let like = like_places(tree, path);
    match member_at(tree, path) {
        Some((mapping, member)) if layout.is_block(mapping) => Some(TextEdit::replace(
            colon_end(layout, member)?..member.value.span.end,
            layout.after_colon(value, layout.column(member.key_span.start), &like),
        )),
        _ => {
            let node = tree.exact(path)?;
            let text = layout.flow(value, layout.indent(node.span.start), &like);
            Some(TextEdit::replace(node.span.clone(), text))
        }
    }
}

/// The edit that puts items at the end, and where each is in the text that comes.
fn append_items(
    layout: Layout<'_>,
    tree: &Node,
    path: &Pointer,
    sequence: &Node,
    values: &[Value],
) -> Option<(TextEdit, Vec<Range<usize>>)> {
    let Kind::Array(items) = &sequence.kind else {
        return None;
    };
    let like: Vec<&Node> = items.iter().collect();
    if !layout.is_block(sequence) {
        let column = layout.indent(items.last()?.span.start);
        let texts = values
            .iter()
            .map(|value| layout.flow(value, column, &like))
            .collect::<Vec<_>>();
        return flow::append(layout, sequence, &texts);
    }
    let column = layout.column(layout.content(sequence));
    let around: Vec<&Node> = std::iter::once(sequence)
        .chain(like_places(tree, path))
        .collect();
    let last = items.last()?;
    let apart = blank_lines(layout, sequence);
    let (mut text, mut new) = (String::new(), Vec::new());
    for (index, value) in values.iter().enumerate() {
        // Behind such a scalar it would be the scalar's.
        if index > 0 || chomping::at_end(layout, last) != Some(Chomping::Keep) {
            text.push_str(&apart);
        }
        text.push_str(&layout.break_to(column));
        let dash = text.len();
        text.push_str(&layout.item(value, column, &like, &around));
        new.push(dash + 1..text.len());
    }
    let at = line_end(layout.text, last.span.end);
    Some((TextEdit::insert(at, text), new))
}

/// An empty line, if one stands between the last two items.
fn blank_lines(layout: Layout<'_>, sequence: &Node) -> String {
    let between = || {
        let items = sequence.children();
        let [.., before, last] = items.as_slice() else {
            return None;
        };
        let from = line_end(layout.text, before.end);
        layout.text.get(from..last.start)
    };
    let is_apart = between().is_some_and(|between| {
        let mut lines = between.lines().skip(1).peekable();
        let mut blank = false;
        while let Some(line) = lines.next() {
            blank |= line.trim().is_empty() && lines.peek().is_some();
        }
        blank
    });
    if is_apart {
        layout.newline().to_owned()
    } else {
        String::new()
    }
}

/// The start of the empty lines right above a line's start.
fn behind_content(text: &str, start: usize) -> usize {
    let content = text[..start].trim_end().len();
    let line = text[content..start].find('\n');
    line.map_or(start, |at| content + at + 1)
}

/// A value that becomes the first item of a sequence.
fn wrap(layout: Layout<'_>, tree: &Node, path: &Pointer, more: &[Value]) -> Option<TextEdit> {
    let text = layout.text;
    let (mapping, member) = member_at(tree, path)?;
    let node = &member.value;
    let raw = &text[node.span.clone()];
    let like = like_places(tree, path);
    let examples = [node];
    let probe = Value::Array(more.to_vec());
    let in_brackets = !layout.is_block(mapping)
        || matches!(node.kind, Kind::Object(_)) && !layout.is_block(node)
        || layout.is_flow(&probe, &like) && !raw.contains('\n') && !raw.contains(": ");
    if in_brackets {
        let column = layout.indent(node.span.start);
        let items: Vec<String> = more
            .iter()
            .map(|value| layout.flow(value, column, &examples))
            .collect();
        let text = format!("[{raw}, {}]", items.join(", "));
        return Some(TextEdit::replace(node.span.clone(), text));
    }
    let key = layout.column(member.key_span.start);
    let end = line_end(text, node.span.end);
    let rest = &text[node.span.start..end];
    let start = node.span.start;
    let is_below = text.get(member.key_span.end..start)?.contains('\n');
    let (from, head, column) = if is_below {
        let from = layout.line_start(start);
        let lead = text.get(from..start)?;
        let own = layout.column(start);
        // The lines that it goes on with stay where they are, behind the dash.
        let more = raw.lines().skip(1).filter(|line| !line.trim().is_empty());
        let inner = more.map(|line| line.len() - line.trim_start_matches(' ').len());
        let inner = inner.min();
        let column = own.min(inner.map_or(own, |inner| inner + 1));
        let column = column.saturating_sub(2).max(key);
        let before = lead.get(..lead.len().checked_sub(own.checked_sub(column)?)?)?;
        let head = match own.checked_sub(column + 2) {
            None if inner.is_some() => format!("{before}-{}{lead}", layout.newline()),
            gap => format!("{before}- {}", " ".repeat(gap.unwrap_or(0))),
        };
        (from, head, column)
    } else {
        // What a scalar of several lines goes on with is indented against the key.
        let offset = if raw.contains('\n') {
            0
        } else {
            layout.dash_offset(&like)
        };
        let column = key + offset;
        let head = format!("{}- ", layout.break_to(column));
        (colon_end(layout, member)?, head, column)
    };
    let mut edit = format!("{head}{rest}");
    for value in more {
        edit.push_str(&layout.break_to(column));
        edit.push_str(&layout.item(value, column, &examples, &[]));
    }
    Some(TextEdit::replace(from..end, edit))
}

fn add_member(
    layout: Layout<'_>,
    tree: &Node,
    path: &Pointer,
    key: &str,
    value: &Value,
) -> Option<TextEdit> {
    let mapping = tree.exact(path)?;
    let Kind::Object(members) = &mapping.kind else {
        return None;
    };
    let mut like = like_places(tree, path);
    like.push(mapping);
    let own: Vec<&Member> = members
        .iter()
        .filter(|member| mapping.span.contains(&member.key_span.start))
        .collect();
    let Some(last) = own.last() else {
        let whole = Value::Object([(key.to_owned(), value.clone())].into_iter().collect());
        return put(layout, tree, path, &whole);
    };
    if layout.is_block(mapping) {
        let column = layout.column(last.key_span.start);
        let member = layout.member(key, value, column, &like);
        let at = line_end(layout.text, last.value.span.end.max(last.key_span.end));
        return Some(TextEdit::insert(at, layout.break_to(column) + &member));
    }
    let column = layout.indent(last.key_span.start);
    let member = Value::Object([(key.to_owned(), value.clone())].into_iter().collect());
    let member = layout.flow(&member, column, &like);
    let member = member
        .trim_start_matches('{')
        .trim_end_matches('}')
        .trim()
        .to_owned();
    flow::append(layout, mapping, &[member]).map(|(edit, _)| edit)
}

/// An item with its line, or, on a line with others, with its comma. Of the
/// empty lines around it those above go, as they came with it.
fn remove_item(layout: Layout<'_>, sequence: &Node, index: usize) -> Option<TextEdit> {
    let text = layout.text;
    let items = sequence.children();
    let own = items.get(index)?.clone();
    if layout.is_block(sequence) {
        let dash = layout.dash(sequence, index)?;
        let start = layout.line_start(dash);
        if text[start..dash].trim().is_empty() {
            let lines = whole_lines(text, start, own.end);
            let above = chomping::above(layout, sequence, index, start);
            if above == Some(Chomping::Keep) {
                // Those above are not the item's, and those behind shall not
                // become the scalar's.
                let behind = &text[lines.end..];
                let blank = behind.len() - behind.trim_start().len();
                let next = behind[..blank].rfind('\n').map_or(0, |at| at + 1);
                return Some(TextEdit::delete(start..lines.end + next));
            }
            if above == Some(Chomping::Clip) && lines.end == text.len() {
                // The line break is the scalar's.
                return Some(TextEdit::delete(behind_content(text, start)..lines.end));
            }
            let behind = text[lines.end..].lines().next();
            let is_apart =
                index + 1 == items.len() || behind.is_some_and(|own| own.trim().is_empty());
            let start = if index > 0 && is_apart {
                behind_content(text, lines.start)
            } else {
                lines.start
            };
            return Some(TextEdit::delete(start..lines.end));
        }
        // `- - a`: the next item takes its place.
        return Some(TextEdit::delete(dash..layout.dash(sequence, index + 1)?));
    }
    flow::remove(layout, &items, index)
}
