//! The text of `Fn::Sub`: literal text and `${…}`.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html>

/// The pseudo parameter for the partition that the stack is in.
pub const PARTITION: &str = "AWS::Partition";

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Itself.
    Text(&'t str),
    /// `${!Name}`, which is the text `${Name}`.
    Literal(&'t str),
    /// `${Name}`, with the white space in it.
    Name(&'t str),
}

impl Piece<'_> {
    /// How many bytes spell it.
    pub fn spelled(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Literal(text) => "${!}".len() + text.len(),
            Self::Name(text) => "${}".len() + text.len(),
        }
    }
}

/// The pieces of a text, in its order. A `${` without an end is text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else {
            break;
        };
        let (before, inside) = (&rest[..start], &rest[start + 2..start + length]);
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(match inside.strip_prefix('!') {
            Some(literal) => Piece::Literal(literal),
            None => Piece::Name(inside),
        });
        rest = &rest[start + length + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// A text in which each hole is written out; nothing if it has none, or one
/// that no `${…}` can stand for.
pub fn text(
    value: &str,
    is_hole: impl Fn(char) -> bool,
    written: impl Fn(char) -> Option<String>,
) -> Option<String> {
    if !value.contains(&is_hole) {
        return None;
    }
    let mut out = String::new();
    for c in value.replace("${", "${!").chars() {
        if is_hole(c) {
            out.push_str(&written(c)?);
        } else {
            out.push(c);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_name_is_written_as_a_literal() {
        let written = |_| Some("${X}".to_owned());
        let text = |value| text(value, |c| c == '_', written);
        assert_eq!(text("a${b}_").as_deref(), Some("a${!b}${X}"));
        assert_eq!(text("a${b}"), None);
    }

    #[test]
    fn names_and_literals_are_told_apart() {
        assert_eq!(
            pieces("arn:${AWS::Partition}:iam::${!aws:x}${"),
            [
                Piece::Text("arn:"),
                Piece::Name("AWS::Partition"),
                Piece::Text(":iam::"),
                Piece::Literal("aws:x"),
                Piece::Text("${"),
            ]
        );
        let text = "a${B}${!c}";
        let spelled = pieces(text).iter().map(Piece::spelled).sum::<usize>();
        assert_eq!(spelled, text.len());
    }
}
