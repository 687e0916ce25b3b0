//! IAM's wildcard patterns.

use super::arn::Arn;
use super::truth::Truth;
use super::{hole, variable};

/// A set of characters that a wildcard stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Any character.
    Any,
    /// Any character but `:`; the ARN operators match colon parts one by one.
    NotColon,
}

impl Class {
    /// Whether the character is in the set.
    pub fn contains(self, c: char) -> bool {
        self == Self::Any || c != ':'
    }
}

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Token {
    /// This character.
    Char(char),
    /// This lower-case character, and its upper case.
    Fold(char),
    /// One character of the class.
    One(Class),
    /// Any number of characters of the class, also none.
    Run(Class),
}

impl Token {
    /// Characters that stand for themselves, but for what is not known.
    fn plain(c: char) -> Self {
        match c {
            variable::STAR => Self::Char('*'),
            variable::QUESTION_MARK => Self::Char('?'),
            variable::ACCOUNT => Self::Run(Class::NotColon),
            _ if hole::is_unknown(c) => Self::Run(Class::Any),
            _ => Self::Char(c),
        }
    }

    fn wild(text: &str, class: Class) -> impl Iterator<Item = Self> {
        text.chars().map(move |c| match c {
            '*' => Self::Run(class),
            '?' => Self::One(class),
            other => Self::plain(other),
        })
    }

    pub(super) fn takes(self, c: char) -> bool {
        match self {
            Self::Char(own) => own == c,
            Self::Fold(own) => own == c.to_ascii_lowercase(),
            Self::One(class) | Self::Run(class) => class.contains(c),
        }
    }
}

/// A value of a condition, as its operator reads it. Where part of the value
/// is not known, it matches what some text there would match.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    pub(super) tokens: Vec<Token>,
    is_certain: bool,
}

impl Matcher {
    fn new(value: &str, tokens: impl Iterator<Item = Token>) -> Self {
        Self {
            tokens: tokens.collect(),
            is_certain: is_certain(value),
        }
    }

    /// `StringLike`: `*` is any run of characters, `?` is one, anywhere.
    pub fn glob(value: &str) -> Self {
        Self::new(value, Token::wild(value, Class::Any))
    }

    /// An action's name: as `glob`, without case.
    pub fn action(value: &str) -> Self {
        let tokens = Token::wild(value, Class::Any);
        Self::new(value, tokens.map(Self::fold))
    }

    /// `StringEquals`: every character is itself.
    pub fn literal(value: &str) -> Self {
        Self::new(value, value.chars().map(Token::plain))
    }

    /// `StringEqualsIgnoreCase`.
    pub fn literal_ignore_case(value: &str) -> Self {
        Self::new(value, value.chars().map(Token::plain).map(Self::fold))
    }

    fn fold(token: Token) -> Token {
        match token {
            Token::Char(c) if c.is_ascii_alphabetic() => Token::Fold(c.to_ascii_lowercase()),
            other => other,
        }
    }

    /// `ArnLike` and `ArnEquals`: the six parts between colons match one by
    /// one, and only the last may hold colons. A value of fewer parts is no
    /// ARN and matches nothing.
    pub fn arn(value: &str) -> Self {
        // What is not known may hold colons.
        if !is_certain(value) {
            return Self::glob(value);
        }
        match Arn::of(value).halves() {
            Some((head, resource)) => {
                let head = Token::wild(head, Class::NotColon);
                Self::new(value, head.chain(Token::wild(resource, Class::Any)))
            }
            None => Self::nothing(),
        }
    }

    /// Matches the ARNs whose account this one matches.
    pub(super) fn in_account(self) -> Self {
        let field = [Token::Run(Class::NotColon), Token::Char(':')];
        let of_field = |token| match token {
            Token::One(_) => Token::One(Class::NotColon),
            Token::Run(_) => Token::Run(Class::NotColon),
            other => other,
        };
        let account = self.tokens.into_iter().map(of_field);
        let behind = [Token::Char(':'), Token::Run(Class::Any)];
        Self {
            tokens: field
                .repeat(4)
                .into_iter()
                .chain(account)
                .chain(behind)
                .collect(),
            is_certain: self.is_certain,
        }
    }

    /// What no text matches: none holds this character.
    pub fn nothing() -> Self {
        Self::new("", [Token::Char('\0')].into_iter())
    }

    /// Whether all of the value is known.
    pub fn is_certain(&self) -> bool {
        self.is_certain
    }

    /// What a match of it is worth.
    pub fn certainty(&self) -> Truth {
        if self.is_certain {
            Truth::True
        } else {
            Truth::Unknown
        }
    }

    /// Whether the whole text matches, if that can be known.
    pub fn truth(&self, text: &str) -> Truth {
        if self.matches(text) {
            self.certainty()
        } else {
            Truth::False
        }
    }

    /// Whether the whole text matches, or may match.
    pub fn matches(&self, text: &str) -> bool {
        // Whether what was read matches so many of the tokens.
        let mut places = vec![false; self.tokens.len() + 1];
        let mut next = places.clone();
        places[0] = true;
        self.pass_runs(&mut places);
        for c in text.chars() {
            next.fill(false);
            for (at, token) in self.tokens.iter().enumerate() {
                if places[at] && token.takes(c) {
                    next[at + usize::from(!matches!(token, Token::Run(_)))] = true;
                }
            }
            self.pass_runs(&mut next);
            std::mem::swap(&mut places, &mut next);
        }
        places[self.tokens.len()]
    }

    /// A run may be empty, so being before it is being behind it too.
    fn pass_runs(&self, places: &mut [bool]) {
        for (at, token) in self.tokens.iter().enumerate() {
            places[at + 1] |= places[at] && matches!(token, Token::Run(_));
        }
    }
}

fn is_certain(value: &str) -> bool {
    !hole::has_unknown(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn string_like_wildcards_cross_colons_and_arn_like_ones_do_not() {
        let value = "arn:aws:cloudtrail:*:trail/*";
        let arn = "arn:aws:cloudtrail:eu-west-1:222222222222:trail/main";
        assert!(Matcher::glob(value).matches(arn));
        assert!(!Matcher::arn(value).matches(arn));
        assert!(Matcher::arn("arn:aws:cloudtrail:*:2222222222??:trail/*").matches(arn));
        assert!(!Matcher::arn("*").matches(arn));
    }

    #[test]
    fn wildcards_are_literal_under_string_equals() {
        assert!(Matcher::literal("a*").matches("a*"));
        assert!(!Matcher::literal("a*").matches("ab"));
    }

    #[test]
    fn actions_match_without_case() {
        assert!(Matcher::action("KMS:generatedatakey*").matches("kms:GenerateDataKey"));
        assert!(
            !Matcher::action("kms:GenerateDataKeyWithoutPlaintext").matches("kms:GenerateDataKey")
        );
    }
}
