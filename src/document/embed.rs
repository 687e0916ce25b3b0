//! JSON text inside another host: in a JSON string (the AWS CLI's envelope), a
//! heredoc, a quoted string, a template. The policy is read from the inner
//! text; an edit of it is made in the host's, whose spelling stays elsewhere.

use std::ops::Range;

use super::escaping::Escaping;
use super::holes::{Hole, HoleKind, Holes};
use super::text::Position;
use crate::text::edit::{Replacement, TextEdit};

/// Inner bytes, and the host bytes that spell them.
#[derive(Debug, Clone)]
struct Piece {
    inner: Range<usize>,
    host: Range<usize>,
    /// Byte for byte the same.
    is_verbatim: bool,
}

/// Where positions are counted, and what the diff shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Inner,
    /// The host's.
    Host,
}

/// An inner text and its place in the host.
#[derive(Debug, Clone)]
pub struct Embedding {
    /// The policy's JSON text, a hole for each expression.
    pub text: String,
    pieces: Vec<Piece>,
    /// Where the host's spelling of it starts and ends.
    span: Range<usize>,
    escaping: Escaping,
    /// What people see.
    pub shown: Shown,
    /// The inner text that a directive of the host decides on.
    pub guarded: Vec<Range<usize>>,
}

impl Embedding {
    /// Where in the host the directive starts that decides on the place of an
    /// edit.
    pub fn guard(&self, edit: &TextEdit) -> Option<usize> {
        let guard = |edit: &Replacement| {
            let mut guarded = self.guarded.iter();
            guarded.find(|own| own.start < edit.range.end && edit.range.start <= own.end)
        };
        let own = edit.parts().iter().find_map(guard)?;
        Some(self.start(own.start))
    }

    /// The host's offset of an inner offset, where something starts.
    pub fn start(&self, inner: usize) -> usize {
        let piece = self.pieces.iter().find(|piece| inner < piece.inner.end);
        piece.map_or(self.span.end, |piece| piece.host_offset(inner))
    }

    /// The host's offset of an inner offset, where something ends.
    pub fn end(&self, inner: usize) -> usize {
        let mut pieces = self.pieces.iter().rev();
        let piece = pieces.find(|piece| piece.inner.start < inner);
        piece.map_or(self.span.start, |piece| piece.host_offset(inner))
    }

    /// The host's place of a place in the inner text.
    pub(super) fn position(&self, host: &str, inner: Position) -> Position {
        Position::of(host, self.start(inner.offset(&self.text)))
    }

    /// The edit of the host that an edit of the inner text is.
    pub fn edit(&self, edit: &TextEdit, holes: &Holes) -> Option<TextEdit> {
        TextEdit::all(edit.parts().iter().map(|own| {
            let end = self.end(own.range.end);
            let start = if own.range.is_empty() {
                end
            } else {
                self.start(own.range.start)
            };
            TextEdit::replace(start..end, self.escaping.encode(&own.text, holes))
        }))
    }
}

impl Piece {
    fn host_offset(&self, inner: usize) -> usize {
        if self.is_verbatim {
            self.host.start + inner.saturating_sub(self.inner.start)
        } else if inner <= self.inner.start {
            self.host.start
        } else {
            self.host.end
        }
    }
}

/// Builds an embedding from the host's spelling, from its start to its end.
#[derive(Debug)]
pub struct Builder {
    text: String,
    pieces: Vec<Piece>,
    in_string: bool,
    escaped: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            text: String::new(),
            pieces: Vec::new(),
            in_string: false,
            escaped: false,
        }
    }

    /// Whether what comes next stands inside a string of the inner text.
    pub fn is_in_string(&self) -> bool {
        self.in_string
    }

    /// How much of the inner text there is.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether there is no inner text yet.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Adds text that host bytes spell.
    pub fn push(&mut self, host: Range<usize>, text: &str) {
        for c in text.chars() {
            match c {
                _ if self.escaped => self.escaped = false,
                '\\' if self.in_string => self.escaped = true,
                '"' => self.in_string = !self.in_string,
                _ => {}
            }
        }
        let is_verbatim = host.len() == text.len();
        self.piece(host, text, is_verbatim);
    }

    /// Adds an expression; outside of the inner text's strings it may be any
    /// value.
    pub fn push_hole(&mut self, hole: Hole, holes: &mut Holes) {
        let host = hole.span.clone();
        if self.in_string {
            let c = holes.intern(hole);
            self.piece(host, &c.to_string(), false);
        } else {
            let c = holes.intern(Hole {
                kind: HoleKind::Whole,
                ..hole
            });
            self.piece(host, &format!("\"{c}\""), false);
        }
    }

    fn piece(&mut self, host: Range<usize>, text: &str, is_verbatim: bool) {
        let start = self.text.len();
        self.text.push_str(text);
        let inner = start..self.text.len();
        match self.pieces.last_mut() {
            Some(last) if last.is_verbatim && is_verbatim && last.host.end == host.start => {
                last.inner.end = inner.end;
                last.host.end = host.end;
            }
            _ => self.pieces.push(Piece {
                inner,
                host,
                is_verbatim,
            }),
        }
    }

    pub fn finish(self, span: Range<usize>, escaping: Escaping, shown: Shown) -> Embedding {
        Embedding {
            text: self.text,
            pieces: self.pieces,
            span,
            escaping,
            shown,
            guarded: Vec::new(),
        }
    }
}

/// The characters of a JSON string's body, each with the bytes that spell it.
///
/// `body` starts at `offset` of the host, and `serde_json` has taken it.
pub fn json_string(body: &str, offset: usize) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < body.len() {
        let host = step(&body[at..]).min(body.len() - at);
        let spelled = &body[at..at + host];
        let meant = if spelled.starts_with('\\') {
            serde_json::from_str(&format!("\"{spelled}\"")).unwrap_or_default()
        } else {
            spelled.to_owned()
        };
        found.push((offset + at..offset + at + host, meant));
        at += host;
    }
    found
}

/// The bytes of the first character in a JSON string's body, as spelled.
fn step(body: &str) -> usize {
    if !body.starts_with('\\') {
        return body.chars().next().map_or(1, char::len_utf8);
    }
    if !body.starts_with("\\u") {
        return 2;
    }
    let unit = body
        .get(2..6)
        .and_then(|digits| u32::from_str_radix(digits, 16).ok());
    match unit {
        // A surrogate pair spells one character.
        Some(0xd800..=0xdbff) => 12,
        Some(_) => 6,
        None => 2,
    }
}
