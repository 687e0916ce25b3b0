//! Operations as edits of a YAML text, in the layout around
//! them. A comment stays with the line that it is on.

use std::mem;
use std::ops::Range;

use json_patch::jsonptr::Pointer;
use serde_json::Value;

use super::chomping::{self, Chomping};
use super::flow::{self, separated, whole_lines};
use super::layout::Layout;
use super::scan::line_end;
use crate::document::error::ApplyError;
use crate::document::json::splice::like_places;
use crate::document::tree::{Kind, Member, Node};
use crate::operations::Operation;
use crate::text::edit::TextEdit;

/// The edit that an operation is in this text; nothing if there is no such
/// place.
///
/// # Errors
/// If what comes would change the value before it.
pub fn edit(layout: Layout<'_>, operation: &Operation) -> Result<Option<TextEdit>, ApplyError> {
    flow::check(layout, operation.target())?;
    let (added, edit) = match operation {
        Operation::List { list, remove, add } => match list_edit(layout, list, remove, add) {
            Some(draft) => (draft.added, Some(draft.edit)),
            None => (None, None),
        },
        Operation::Member { object, key, value } => (add_member(layout, object, key, value), None),
        Operation::Whole(value) => (put(layout, Pointer::root(), value), None),
    };
    if let Some(added) = &added {
        chomping::check(layout, added)?;
    }
    Ok(edit.or(added))
}

/// A sequence as items come and go one after the other, each by what is there
/// then; and all of that as one edit.
struct Draft {
    /// The text up to what follows the sequence.
    text: String,
    items: Vec<Node>,
    /// Where its first dash or its bracket stands.
    start: usize,
    /// The edit by which items came.
    added: Option<TextEdit>,
    edit: TextEdit,
}

/// An edit by which items come, and where each is in its text.
struct Added {
    edit: TextEdit,
    items: Vec<Range<usize>>,
}

impl Draft {
    fn new(layout: Layout<'_>, node: &Node) -> Self {
        let text = layout.text;
        // How an item goes depends on what is below.
        let end = line_end(text, node.span.end);
        let below = end + (text[end..].len() - text[end..].trim_start().len());
        Self {
            text: text[..line_end(text, below)].to_owned(),
            items: match &node.kind {
                Kind::Array(items) => items.clone(),
                _ => Vec::new(),
            },
            start: layout.content(node),
            added: None,
            edit: TextEdit::default(),
        }
    }

    fn add(&mut self, Added { edit, items }: Added) {
        self.make(&edit);
        let at = edit.parts().first().map_or(0, |own| own.range.start);
        let new = |own: Range<usize>| Node::new(at + own.start..at + own.end, Kind::Scalar);
        self.items.extend(items.into_iter().map(new));
        self.added = Some(edit);
    }

    fn remove(&mut self, layout: Layout<'_>, index: usize) -> Option<()> {
        let text = &self.text;
        let layout = Layout { text, ..layout };
        let sequence = Node::new(
            self.start..text.len(),
            Kind::Array(mem::take(&mut self.items)),
        );
        let edit = remove_item(layout, &sequence, index)?;
        if let Kind::Array(items) = sequence.kind {
            self.items = items;
        }
        self.items.remove(index);
        self.make(&edit);
        Some(())
    }

    fn make(&mut self, edit: &TextEdit) {
        edit.apply_to(&mut self.text);
        for item in &mut self.items {
            item.span = edit.moved(&item.span);
        }
        self.edit = mem::take(&mut self.edit).then(edit);
    }
}

/// A list that some items go from, by their places in order, and some come to.
fn list_edit(layout: Layout<'_>, path: &Pointer, remove: &[usize], add: &[Value]) -> Option<Draft> {
    let node = layout.tree.exact(path)?;
    let mut draft = Draft::new(layout, node);
    match &node.kind {
        Kind::Array(items) if items.is_empty() && remove.is_empty() => {
            let like = like_places(layout.tree, path);
            let column = layout.indent(node.span.start);
            let texts: Vec<_> = add
                .iter()
                .map(|value| layout.flow(value, column, &like))
                .collect();
            let below = flow::fill(layout, node, &texts);
            draft.add(Added {
                edit: below.or_else(|| put(layout, path, &add.into()))?,
                items: Vec::new(),
            });
        }
        Kind::Array(_) if add.is_empty() => {}
        Kind::Array(items) => draft.add(append_items(layout, path, node, items, add)?),
        _ => {
            let (start, added) = wrap(layout, path, add)?;
            draft.add(added);
            draft.start = start;
        }
    }
    let mut remove = remove.iter().rev();
    remove.try_for_each(|index| draft.remove(layout, *index))?;
    Some(draft)
}

/// The member whose value stands at a pointer, and the mapping that it is in.
fn member_at<'t>(tree: &'t Node, path: &Pointer) -> Option<(&'t Node, &'t Member)> {
    let (mapping, key) = path.split_back()?;
    let mapping = tree.exact(mapping)?;
    let Kind::Object(members) = &mapping.kind else {
        return None;
    };
    let member = members.iter().find(|member| member.key == *key.decoded())?;
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

/// A value in the place of another. The comments around that stay with the key.
fn put(layout: Layout<'_>, path: &Pointer, value: &Value) -> Option<TextEdit> {
    let tree = layout.tree;
    let like = like_places(tree, path);
    match member_at(tree, path) {
        Some((mapping, member)) if layout.is_block(mapping) => {
            let text = layout.text;
            let own = &member.value.span;
            let colon = colon_end(layout, member)?;
            let new = layout.after_colon(value, layout.column(member.key_span.start), &like);
            let above = flow::comments(text, colon..own.start).pop();
            let behind = flow::comment_behind(text, own.end);
            Some(match (above, behind) {
                (above, behind) if new.starts_with(['\r', '\n']) => {
                    let start = above.map_or(colon, |above| above.end);
                    let end = behind.map_or(own.end, |behind| behind.end);
                    TextEdit::replace(start..end, [&text[own.end..end], &new].concat())
                }
                (Some(_), _) => TextEdit::replace(own.clone(), new.trim_start()),
                (None, _) => TextEdit::replace(colon..own.end, new),
            })
        }
        _ => {
            let node = tree.exact(path)?;
            let text = layout.flow(value, layout.indent(node.span.start), &like);
            Some(TextEdit::replace(node.span.clone(), text))
        }
    }
}

/// Items at the end.
fn append_items(
    layout: Layout<'_>,
    path: &Pointer,
    sequence: &Node,
    items: &[Node],
    values: &[Value],
) -> Option<Added> {
    let like: Vec<&Node> = items.iter().collect();
    if !layout.is_block(sequence) {
        let column = layout.indent(items.last()?.span.start);
        let texts = values
            .iter()
            .map(|value| layout.flow(value, column, &like))
            .collect::<Vec<_>>();
        let (edit, items) = flow::append(layout, sequence, &texts)?;
        return Some(Added { edit, items });
    }
    let column = layout.column(layout.content(sequence));
    let around: Vec<&Node> = std::iter::once(sequence)
        .chain(like_places(layout.tree, path))
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
    let (edit, items) = (TextEdit::insert(at, text), new);
    Some(Added { edit, items })
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

/// A value that becomes the first item of a sequence, and where that starts.
fn wrap(layout: Layout<'_>, path: &Pointer, more: &[Value]) -> Option<(usize, Added)> {
    let (text, tree) = (layout.text, layout.tree);
    let (mapping, member) = member_at(tree, path)?;
    let node = &member.value;
    let raw = &text[node.span.clone()];
    let like = like_places(tree, path);
    let examples = [node];
    let probe = Value::Array(more.to_vec());
    let comment = flow::comment_behind(text, node.span.end);
    let in_brackets = !layout.is_block(mapping)
        || matches!(node.kind, Kind::Object(_)) && !layout.is_block(node)
        || layout.is_flow(&probe, &like)
            && !raw.contains('\n')
            && !raw.contains(": ")
            && comment.is_none();
    if in_brackets {
        let column = layout.indent(node.span.start);
        let items: Vec<String> = more
            .iter()
            .map(|value| layout.flow(value, column, &examples))
            .collect();
        let own = 1..1 + raw.len();
        let (range, comma, first, next) = match comment {
            // It stays behind the value that it is behind.
            Some(comment) if !layout.is_block(mapping) => {
                let between = text.get(node.span.end..comment.start)?;
                let blank = between.replace(',', "");
                let comma = if between.contains(',') { "," } else { "" };
                let below = layout.break_to(layout.column(node.span.start) + 1);
                let first = format!(",{blank}{}{below}", &text[comment.clone()]);
                let range = node.span.start..comment.end;
                (range, comma, first, format!(",{below}"))
            }
            _ => (node.span.clone(), "", ", ".to_owned(), ", ".to_owned()),
        };
        let (items, places) = separated(own.end, &first, &next, &items);
        // What is inside of the value may be edited too.
        let edit = TextEdit::all([
            TextEdit::insert(range.start, "["),
            TextEdit::replace(node.span.end..range.end, format!("{items}]{comma}")),
        ])?;
        let items = [own].into_iter().chain(places).collect();
        return Some((node.span.start, Added { edit, items }));
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
    let own = head.len()..head.len() + raw.len();
    let mut items = Vec::from([own]);
    let dash = from + head.find('-')?;
    let lead = TextEdit::replace(from..start, head.as_str());
    let mut new = head + rest;
    let kept = new.len();
    for value in more {
        new.push_str(&layout.break_to(column));
        let own = new.len() + 1;
        new.push_str(&layout.item(value, column, &examples, &[]));
        items.push(own..new.len());
    }
    let edit = TextEdit::all([lead, TextEdit::insert(end, &new[kept..])])?;
    Some((dash, Added { edit, items }))
}

fn add_member(layout: Layout<'_>, path: &Pointer, key: &str, value: &Value) -> Option<TextEdit> {
    let tree = layout.tree;
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
    let in_brackets = |column| {
        let member = Value::Object([(key.to_owned(), value.clone())].into_iter().collect());
        let member = layout.flow(&member, column, &like);
        let inside = member.strip_prefix('{')?.strip_suffix('}')?;
        Some([inside.trim().to_owned()])
    };
    let Some(last) = own.last() else {
        let member = in_brackets(layout.indent(mapping.span.start))?;
        if let Some(edit) = flow::fill(layout, mapping, &member) {
            return Some(edit);
        }
        let whole = Value::Object([(key.to_owned(), value.clone())].into_iter().collect());
        return put(layout, path, &whole);
    };
    if layout.is_block(mapping) {
        let column = layout.column(last.key_span.start);
        let member = layout.member(key, value, column, &like);
        let at = line_end(layout.text, last.value.span.end);
        return Some(TextEdit::insert(at, layout.break_to(column) + &member));
    }
    let member = in_brackets(layout.indent(last.key_span.start))?;
    flow::append(layout, mapping, &member).map(|(edit, _)| edit)
}

/// An item without the comments between it and its dash.
fn keep_comments(
    layout: Layout<'_>,
    dash: usize,
    own: &Range<usize>,
    comments: &[Range<usize>],
) -> TextEdit {
    let text = layout.text;
    let pad = " ".repeat(layout.column(dash));
    let kept: Vec<String> = comments
        .iter()
        .map(|comment| format!("{pad}{}", &text[comment.clone()]))
        .collect();
    let start = layout.line_start(dash);
    let end = line_end(text, own.end);
    TextEdit::replace(start..end, kept.join(layout.newline()))
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
            let comments = flow::comments(text, dash + 1..own.start);
            if !comments.is_empty() {
                return Some(keep_comments(layout, dash, &own, &comments));
            }
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
    flow::remove(layout, sequence, index)
}
