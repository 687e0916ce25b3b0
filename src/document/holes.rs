//! The expressions of a host, each under the character that stands for it in
//! the policy's value.

use std::borrow::Cow;
use std::ops::Range;

use super::text::Position;
use super::yaml::number::is_loose_number;
use crate::policy::hole::{self, is_hole};

/// What an expression stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoleKind {
    /// Part of a text.
    Text,
    /// A whole value of any type.
    Whole,
    /// The partition's name.
    Partition,
}

/// A place that an expression draws on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What it is called in the host: `local.accounts`.
    pub name: String,
    /// Where it is defined, if that is in this host.
    pub at: Option<Position>,
}

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// As it is written, with its markers: `${var.x}`, `!Ref X`.
    pub text: String,
    pub kind: HoleKind,
    /// Where it stands first, in the host.
    pub span: Range<usize>,
    pub sources: Vec<Source>,
}

impl Hole {
    /// As messages name it, on one line.
    pub fn name(&self) -> Cow<'_, str> {
        one_line(&self.text)
    }

    /// Whether it is a number without quotes, and no expression at all.
    pub fn is_number(&self) -> bool {
        is_loose_number(&self.text)
    }
}

/// A value with expressions as a template of `CloudFormation` has it.
#[derive(Debug)]
pub enum Written {
    /// The text of `Fn::Sub`.
    Sub(String),
    /// A text with placeholders of a template engine, which goes first.
    Text(String),
}

/// The most characters that several lines are put on one with.
const WIDTH: usize = 80;

/// An expression on one line: several are put together, and cut where they are
/// too much.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains('\n') {
        Cow::Owned(short(text))
    } else {
        Cow::Borrowed(text)
    }
}

/// An expression on one line, cut where it is too much.
pub fn short(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(WIDTH) {
        line.truncate(line[..end].rfind(' ').unwrap_or(end));
        line.push_str(" …");
    }
    line
}

/// The expressions of a host; equal texts of one kind are one.
#[derive(Debug, Clone, Default)]
pub struct Holes {
    holes: Vec<(char, Hole)>,
}

impl Holes {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.holes.is_empty()
    }

    /// The character for an expression; the first one with its text counts.
    pub fn intern(&mut self, hole: Hole) -> char {
        let same = |(_, own): &&mut (char, Hole)| own.kind == hole.kind && own.text == hole.text;
        if let Some((c, own)) = self.holes.iter_mut().find(same) {
            if !hole.sources.is_empty() {
                own.sources = hole.sources;
            }
            return *c;
        }
        let range = match hole.kind {
            HoleKind::Text => hole::TEXT,
            HoleKind::Whole => hole::WHOLE,
            HoleKind::Partition => hole::PARTITION,
        };
        let of_kind = |(_, own): &&(char, Hole)| own.kind == hole.kind;
        let count = self.holes.iter().filter(of_kind).count();
        // So many expressions of one kind that the range is full share the last.
        let c = range.clone().nth(count).unwrap_or(*range.end());
        self.holes.push((c, hole));
        c
    }

    /// A text that is to stand among others: each expression in it with its
    /// markers.
    pub fn in_text(&mut self, text: &str) -> String {
        let mut marked = String::with_capacity(text.len());
        for c in text.chars() {
            match self.get(c) {
                Some(own) if !own.text.starts_with(['$', '%']) => {
                    let kind = match own.kind {
                        HoleKind::Whole => HoleKind::Text,
                        kind => kind,
                    };
                    let text = format!("${{{}}}", own.text);
                    let hole = Hole {
                        text,
                        kind,
                        ..own.clone()
                    };
                    marked.push(self.intern(hole));
                }
                _ => marked.push(c),
            }
        }
        marked
    }

    /// The expression that a character stands for.
    pub fn get(&self, c: char) -> Option<&Hole> {
        let found = self.holes.iter().find(|(own, _)| *own == c);
        found.map(|(_, hole)| hole)
    }

    /// Whether there is a number without quotes.
    pub fn has_numbers(&self) -> bool {
        self.holes.iter().any(|(_, hole)| hole.is_number())
    }

    /// A text as people read it: each expression as it is written. Also where
    /// the text has been through Rust's `{:?}`.
    pub fn spell<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.spell_by(text, Hole::name)
    }

    /// A text with all of each expression.
    pub fn spell_whole<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.spell_by(text, |hole| Cow::Borrowed(&hole.text))
    }

    fn spell_by<'t>(&self, text: &'t str, name: impl Fn(&Hole) -> Cow<'_, str>) -> Cow<'t, str> {
        if self.holes.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut spelled = Cow::Borrowed(text);
        for (c, hole) in &self.holes {
            let debug = format!("\\u{{{:x}}}", u32::from(*c));
            for spelling in [c.to_string(), debug] {
                if spelled.contains(&spelling) {
                    spelled = Cow::Owned(spelled.replace(&spelling, &name(hole)));
                }
            }
        }
        spelled
    }

    /// The expressions that a text holds, as messages name them.
    pub fn within<'h>(&'h self, text: &'h str) -> impl Iterator<Item = &'h Hole> {
        self.holes.iter().filter_map(move |(c, hole)| {
            let debug = format!("\\u{{{:x}}}", u32::from(*c));
            (text.contains(*c) || text.contains(&debug)).then_some(hole)
        })
    }
}

/// The first character of a text that is a hole's although the host wrote it
/// itself: its offset.
pub fn private(text: &str) -> Option<usize> {
    if text.is_ascii() {
        return None;
    }
    text.find(is_hole)
}
