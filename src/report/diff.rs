//! The unified diff of a policy's text.

use std::fmt::{self, Display, Formatter};
use std::mem::replace;
use std::ops::Range;

use anstyle::{AnsiColor, Style};
use memchr::memchr_iter;
use similar::udiff::UnifiedHunkHeader;
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

use super::escape::{escape, one_line};

const HEADER: Style = Style::new().bold();
const HUNK: Style = AnsiColor::Cyan.on_default();
const DELETED: Style = AnsiColor::Red.on_default();
const INSERTED: Style = AnsiColor::Green.on_default();

/// How a diff looks.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Unchanged lines around each change.
    pub context: usize,
    /// In colours, and with the part of a line that changed emphasised.
    pub is_coloured: bool,
}

impl Look {
    fn style(self, style: Style) -> Style {
        if self.is_coloured {
            style
        } else {
            Style::new()
        }
    }
}

/// A unified diff, as `git apply` and `patch -p1` take it where it has no
/// colours. It is shown from the two texts: of a policy on one line, its own
/// would be as long as both.
#[derive(Debug)]
pub struct Diff<'t> {
    name: String,
    look: Look,
    old: Vec<&'t str>,
    new: Vec<&'t str>,
    hunks: Vec<Vec<DiffOp>>,
}

/// The unified diff of two texts.
pub fn unified<'t>(name: &str, old: &'t str, new: &'t str, look: Look) -> Diff<'t> {
    // Only line feeds end lines, as for git; `similar` takes a lone carriage
    // return for a line's end too.
    let lines = |text: &'t str| {
        let mut start = 0;
        let ends = memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        let lines = ends
            .chain([text.len()])
            .map(|end| &text[replace(&mut start, end)..end]);
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>()
    };
    let (old, new) = (lines(old), lines(new));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    // `similar` doubles the context, which must not overflow.
    let context = look.context.min(old.len());
    Diff {
        name: header_name(name),
        look,
        hunks: group_diff_ops(ops, context),
        old,
        new,
    }
}

impl Display for Diff<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.hunks.is_empty() {
            return Ok(());
        }
        let (name, header) = (&self.name, self.look.style(HEADER));
        write!(
            f,
            "{header}--- a/{name}{header:#}\n{header}+++ b/{name}{header:#}\n"
        )?;
        for hunk in &self.hunks {
            let style = self.look.style(HUNK);
            writeln!(f, "{style}{}{style:#}", UnifiedHunkHeader::new(hunk))?;
            hunk.iter().try_for_each(|op| self.write(f, op))?;
        }
        Ok(())
    }
}

impl Diff<'_> {
    fn write(&self, f: &mut Formatter<'_>, op: &DiffOp) -> fmt::Result {
        let gone = &self.old[op.old_range()];
        let come = &self.new[op.new_range()];
        let mut write = |sign, style, lines: &[&str], part: Range<usize>| {
            write_lines(f, self.look, (sign, style), lines, part)
        };
        match op.tag() {
            DiffTag::Equal => write(' ', Style::new(), gone, 0..0),
            DiffTag::Delete => write('-', DELETED, gone, 0..0),
            DiffTag::Insert => write('+', INSERTED, come, 0..0),
            DiffTag::Replace => {
                let (was, is) = if self.look.is_coloured {
                    different(&gone.concat(), &come.concat())
                } else {
                    (0..0, 0..0)
                };
                write('-', DELETED, gone, was)?;
                write('+', INSERTED, come, is)
            }
        }
    }
}

/// The one part in which two texts differ.
fn different(old: &str, new: &str) -> (Range<usize>, Range<usize>) {
    let start = equal(old.chars(), new.chars());
    let end = equal(old[start..].chars().rev(), new[start..].chars().rev());
    (start..old.len() - end, start..new.len() - end)
}

/// The bytes of the characters that both start with.
fn equal(a: impl Iterator<Item = char>, b: impl Iterator<Item = char>) -> usize {
    let pairs = a.zip(b).take_while(|(a, b)| a == b);
    pairs.map(|(a, _)| a.len_utf8()).sum()
}

/// Lines with their sign. `part`, in bytes of all of them, is emphasised where
/// it is not the whole of a line.
fn write_lines(
    f: &mut Formatter<'_>,
    look: Look,
    (sign, style): (char, Style),
    lines: &[&str],
    part: Range<usize>,
) -> fmt::Result {
    let mut at = 0;
    for line in lines {
        let end = line_end(line);
        let text = &line[..line.len() - end.len()];
        let plain = look.style(style);
        write!(f, "{plain}{sign}{plain:#}")?;
        let inside = |offset: usize| offset.saturating_sub(at).min(text.len());
        let part = inside(part.start)..inside(part.end);
        at += line.len();
        let (before, behind) = (&text[..part.start], &text[part.end..]);
        let is_partly_new = !before.trim().is_empty() || !behind.trim().is_empty();
        for (is_part, shown) in [(false, before), (true, &text[part]), (false, behind)] {
            let style = if is_part && is_partly_new {
                look.style(style.bold().underline())
            } else {
                plain
            };
            if !shown.is_empty() {
                write!(f, "{style}{}{style:#}", escape(shown))?;
            }
        }
        f.write_str(if end.is_empty() {
            "\n\\ No newline at end of file\n"
        } else {
            end
        })?;
    }
    Ok(())
}

/// `git` and `patch` read a name up to a tab, and relative to the tree.
fn header_name(name: &str) -> String {
    let name = name.strip_prefix("./").unwrap_or(name);
    let name = one_line(name.trim_start_matches('/')).replace('\t', "\\t");
    // As git does, so that `patch` does not stop at the space.
    let end = if name.contains(' ') { "\t" } else { "" };
    name + end
}

/// A carriage return is raw only as part of a line's end, where it moves
/// nothing.
fn line_end(line: &str) -> &'static str {
    if line.ends_with("\r\n") {
        "\r\n"
    } else if line.ends_with('\n') {
        "\n"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The new text by the diff alone; and for each hunk the unchanged lines
    /// at its start and end, and whether an end of the text is there.
    fn applied(old: &str, diff: &str) -> (String, Vec<[(usize, bool); 2]>) {
        let old: Vec<&str> = old.split_inclusive('\n').collect();
        let (mut new, mut at, mut ends) = (String::new(), 0, Vec::new());
        for hunk in diff.split("\n@@ -").skip(1) {
            let (header, body) = hunk.split_once(" @@\n").unwrap();
            let (gone, come) = header.split_once(" +").unwrap();
            let range = |text: &str| {
                let (start, len) = text.split_once(',').unwrap_or((text, "1"));
                let (start, len): (usize, usize) = (start.parse().unwrap(), len.parse().unwrap());
                if len == 0 {
                    (start, 0)
                } else {
                    (start - 1, len)
                }
            };
            let (start, len) = range(gone);
            new.extend(old[at..start].iter().copied());
            assert_eq!(new.matches('\n').count(), range(come).0);
            at = start + len;
            let body = format!("{body}\n").replace("\n\\ No newline at end of file\n", "\u{0}\n");
            let lines: Vec<&str> = body.lines().filter(|line| !line.is_empty()).collect();
            let mut seen = Vec::new();
            for line in &lines {
                let (sign, text) = line.split_at(1);
                let line = match text.strip_suffix('\u{0}') {
                    Some(bare) => bare.to_owned(),
                    None => format!("{text}\n"),
                };
                if sign != "+" {
                    seen.push(line.clone());
                }
                if sign != "-" {
                    new.push_str(&line);
                }
            }
            assert_eq!(seen, &old[start..at]);
            let same = |line: &&&str| line.starts_with(' ');
            let head = lines.iter().take_while(same).count();
            let tail = lines.iter().rev().take_while(same).count();
            ends.push([(head, start == 0), (tail, at == old.len())]);
        }
        new.extend(old[at..].iter().copied());
        (new, ends)
    }

    fn plain(context: usize) -> Look {
        Look {
            context,
            is_coloured: false,
        }
    }

    #[test]
    fn a_name_is_relative_and_ends_at_a_tab_where_it_has_a_space() {
        for (name, header) in [
            ("./a.json", "a.json"),
            ("/a/b.json", "a/b.json"),
            ("a b", "a b\t"),
            ("a\tb", "a\\tb"),
        ] {
            assert_eq!(header_name(name), header);
        }
    }

    #[test]
    fn the_part_of_a_line_that_changed_is_underlined() {
        let look = Look {
            is_coloured: true,
            ..plain(0)
        };
        let is_underlined = |old, new| {
            let diff = unified("p", old, new, look).to_string();
            diff.contains("\x1b[4m")
        };
        assert!(is_underlined("a b\n", "a c\n"));
        assert!(!is_underlined("a\n", "b\n"));
        assert!(!is_underlined("a\n", "a\nb\n"));
    }

    #[test]
    fn a_change_among_like_lines_has_all_its_context() {
        let old = "a\n".repeat(30);
        let new = "a\n".repeat(29);
        let diff = unified("p", &old, &new, plain(2)).to_string();
        assert_eq!(diff, "--- a/p\n+++ b/p\n@@ -28,3 +28,2 @@\n a\n a\n-a\n");
    }

    proptest! {
        #[test]
        fn a_diff_gives_the_new_text(
            old in "([abx]\n){0,30}[a]?",
            new in "([abx]\n){0,30}[a]?",
            context in prop_oneof![0..4_usize, Just(usize::MAX)],
        ) {
            let diff = unified("p", &old, &new, plain(context)).to_string();
            let (got, ends) = applied(&old, &diff);
            prop_assert_eq!(got, new);
            for end in ends.into_iter().flatten() {
                prop_assert!(end.0 == context || (end.1 && end.0 < context), "{end:?}\n{diff}");
            }
        }
    }
}
