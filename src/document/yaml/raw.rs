//! A YAML text's nodes as they are written: tags, anchors, aliases, styles, and
//! the place of each. `saphyr-parser` alone decides what is YAML.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::chomping::block_end;
use super::lenient;
use super::scan::{block_header, content_start, flow_end, quoted_end};
use super::units::block_indent;

/// How deeply collections may be nested, as in JSON.
pub const MAX_DEPTH: usize = 127;

#[derive(Debug, Clone, PartialEq)]
pub struct RawNode {
    /// From the first of its properties to behind its last byte.
    pub span: Range<usize>,
    /// Where it starts behind its tag and anchor.
    pub content: usize,
    /// Its tag as it is written, with a core schema's tag as `!!name`.
    pub tag: Option<String>,
    /// Its anchor's number.
    pub anchor: Option<usize>,
    pub kind: RawKind,
}

impl RawNode {
    fn scalars(&self, found: &mut Vec<Range<usize>>) {
        match &self.kind {
            RawKind::Scalar(..) => found.push(self.span.clone()),
            RawKind::Sequence(items) => items.iter().for_each(|item| item.scalars(found)),
            RawKind::Mapping(members) => {
                for (key, value) in members {
                    key.scalars(found);
                    value.scalars(found);
                }
            }
            RawKind::Alias(_) => {}
        }
    }
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum RawKind {
    /// A scalar's text, and how it is written.
    Scalar(String, ScalarStyle),
    /// A sequence's items.
    Sequence(Vec<RawNode>),
    /// A mapping's keys and values.
    Mapping(Vec<(RawNode, RawNode)>),
    /// An alias of the anchor with this number.
    Alias(usize),
}

/// Why a text is not one YAML document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawError {
    pub message: String,
    /// Where, in bytes.
    pub at: usize,
}

/// A collection whose end is yet to come.
struct Open {
    span: Range<usize>,
    content: usize,
    tag: Option<String>,
    anchor: Option<usize>,
    is_mapping: bool,
    items: Vec<RawNode>,
}

/// The only document of a text.
///
/// # Errors
/// If the text is no YAML, holds no document or more than one, or is nested
/// too deeply.
pub fn parse(text: &str) -> Result<RawNode, RawError> {
    match read(text, text) {
        Err(error) if error.message.starts_with("invalid indentation") => {
            lenient(text).ok_or(error)
        }
        read => read,
    }
}

/// Reads a text with closing brackets where YAML does not want them.
fn lenient(text: &str) -> Option<RawNode> {
    let mut brackets = lenient::brackets(text);
    let root = read(text, &lenient::join(text, &brackets)).ok()?;
    // A bracket inside a scalar is text.
    let mut scalars = Vec::new();
    root.scalars(&mut scalars);
    let count = brackets.len();
    brackets.retain(|at| !scalars.iter().any(|span| span.contains(at)));
    if brackets.len() == count {
        return Some(root);
    }
    read(text, &lenient::join(text, &brackets)).ok()
}

/// Reads a text by another one of the same places.
fn read(text: &str, parsed: &str) -> Result<RawNode, RawError> {
    #[cfg(test)]
    crate::document::parses::count();
    let mut reader = Reader {
        text,
        offsets: parsed.char_indices().map(|(at, _)| at).collect(),
        stack: Vec::new(),
        root: None,
        last_end: 0,
    };
    for event in Parser::<StrInput<'_>>::new_from_str(parsed) {
        let (event, span) = event.map_err(|error| reader.scan_error(&error))?;
        reader.take(event, span)?;
    }
    reader.root.ok_or_else(|| RawError {
        message: "it holds no document".to_owned(),
        at: text.len(),
    })
}

struct Reader<'t> {
    text: &'t str,
    /// Each character's place in bytes: the parser counts characters.
    offsets: Vec<usize>,
    stack: Vec<Open>,
    root: Option<RawNode>,
    /// Where the last event ended.
    last_end: usize,
}

impl Reader<'_> {
    fn scan_error(&self, error: &ScanError) -> RawError {
        RawError {
            message: error.info().to_owned(),
            at: self.byte(error.marker().index()),
        }
    }

    fn byte(&self, character: usize) -> usize {
        let at = self.offsets.get(character).copied();
        at.unwrap_or(self.text.len())
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), RawError> {
        let span = self.byte(span.start.index())..self.byte(span.end.index());
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(span, text.into_owned(), style, anchor, tag.as_deref());
                self.push(node)?;
            }
            Event::Alias(anchor) => {
                let node = RawNode {
                    content: span.start,
                    span,
                    tag: None,
                    anchor: None,
                    kind: RawKind::Alias(anchor),
                };
                self.push(node)?;
            }
            Event::SequenceStart(anchor, tag) => self.open(span, false, anchor, tag.as_deref())?,
            Event::MappingStart(anchor, tag) => self.open(span, true, anchor, tag.as_deref())?,
            Event::SequenceEnd | Event::MappingEnd => self.close(span.start)?,
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn scalar(
        &self,
        mut span: Range<usize>,
        mut text: String,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> RawNode {
        let has_properties = anchor != 0 || tag.is_some();
        if !has_properties && matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            span.start = block_header(self.text, self.last_end, &[':', '-', '?']);
        }
        let content = content_start(self.text, span.start);
        span.end = match style {
            ScalarStyle::Plain if text.is_empty() && has_properties => {
                self.text[span.clone()].trim_end().len() + span.start
            }
            ScalarStyle::Plain if text.is_empty() => span.start,
            ScalarStyle::Plain => span.end,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                quoted_end(self.text, content).unwrap_or(span.end)
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                if span.end == self.text.len() && self.has_break_added(content, &text) {
                    text.pop();
                }
                block_end(&self.text[..span.end], content)
            }
        };
        RawNode {
            content: content.min(span.end),
            span,
            tag: tag.map(tag_text),
            anchor: (anchor != 0).then_some(anchor),
            kind: RawKind::Scalar(text, style),
        }
    }

    /// Whether the parser ended a block scalar at the text's end in a line break
    /// that the text does not have: to the specification there is none.
    ///
    /// <https://yaml.org/spec/1.2.2/#8112-block-chomping-indicator>
    fn has_break_added(&self, content: usize, value: &str) -> bool {
        let last = self.text.rsplit(['\n', '\r']).next().unwrap_or_default();
        let indent = block_indent(self.text, content..self.text.len(), value);
        value.ends_with('\n') && indent.is_some_and(|indent| last.chars().count() >= indent.max(1))
    }

    fn open(
        &mut self,
        span: Range<usize>,
        is_mapping: bool,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), RawError> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(RawError {
                message: format!("nested more than {MAX_DEPTH} levels deep"),
                at: span.start,
            });
        }
        let mut span = span;
        let has_properties = anchor != 0 || tag.is_some();
        let is_member = self.stack.last().is_some_and(|open| open.is_mapping);
        if is_member && !is_mapping && !has_properties && !self.text[span.clone()].contains('[') {
            // Of dashes in their key's column the parser tells the first item.
            span.start = block_header(self.text, self.last_end, &[':', '?']);
        }
        let content = content_start(self.text, span.start);
        self.last_end = content;
        if matches!(self.text.as_bytes().get(content), Some(b'[' | b'{')) {
            self.last_end += 1;
        }
        self.stack.push(Open {
            span,
            content,
            tag: tag.map(tag_text),
            anchor: (anchor != 0).then_some(anchor),
            is_mapping,
            items: Vec::new(),
        });
        Ok(())
    }

    fn close(&mut self, at: usize) -> Result<(), RawError> {
        let Some(open) = self.stack.pop() else {
            return Ok(());
        };
        // A pair in a flow sequence (`[a: b]`) is a mapping without brackets.
        let bracket = if open.is_mapping { b'{' } else { b'[' };
        let is_flow = self.text.as_bytes().get(open.content) == Some(&bracket)
            && open
                .items
                .first()
                .is_none_or(|first| first.span.start > open.content);
        let end = if is_flow {
            flow_end(self.text, at)
        } else {
            open.items.last().map_or(open.content, |last| last.span.end)
        };
        let kind = if open.is_mapping {
            let mut items = open.items.into_iter();
            let mut members = Vec::new();
            while let (Some(key), Some(value)) = (items.next(), items.next()) {
                members.push((key, value));
            }
            RawKind::Mapping(members)
        } else {
            RawKind::Sequence(open.items)
        };
        self.push(RawNode {
            span: open.span.start..end,
            content: open.content,
            tag: open.tag,
            anchor: open.anchor,
            kind,
        })
    }

    fn push(&mut self, node: RawNode) -> Result<(), RawError> {
        self.last_end = node.span.end;
        match self.stack.last_mut() {
            Some(open) => open.items.push(node),
            None if self.root.is_some() => {
                return Err(RawError {
                    message: "it holds more than one document (`---`)".to_owned(),
                    at: node.span.start,
                });
            }
            None => self.root = Some(node),
        }
        Ok(())
    }
}

fn tag_text(tag: &Tag) -> String {
    if tag.is_yaml_core_schema() {
        format!("!!{}", tag.suffix)
    } else if tag.handle.is_empty() && tag.suffix == "!" {
        // The one that says no more than that a scalar is a text.
        tag.suffix.clone()
    } else {
        tag.to_string()
    }
}
