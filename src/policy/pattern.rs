//! IAM's wildcard patterns.

use std::collections::BTreeSet;

use super::arn::Arn;
use super::hole;
use super::truth::Truth;

/// A set of characters that a wildcard stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Any character.
    Any,
    /// Any character but `:`; the ARN operators match colon parts one by one.
    NotColon,
    /// A character of a Region's name.
    Region,
    /// A character of a trail's name.
    TrailName,
}

impl Class {
    /// Whether the character is in the set.
    pub fn contains(self, c: char) -> bool {
        match self {
            Self::Any => true,
            Self::NotColon => c != ':',
            Self::Region => c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-',
            Self::TrailName => c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'),
        }
    }
}

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Token {
    /// This character.
    Char(char),
    /// One character of the class.
    One(Class),
    /// Any number of characters of the class, also none.
    Run(Class),
}

impl Token {
    /// The tokens of a text without wildcards.
    pub fn literal(text: &str) -> Vec<Self> {
        let token = |c| Self::hole(c).unwrap_or(Self::Char(c));
        text.chars().map(token).collect()
    }

    fn wild(text: &str, class: Class) -> impl Iterator<Item = Self> {
        text.chars().map(move |c| match c {
            '*' => Self::Run(class),
            '?' => Self::One(class),
            other => Self::hole(other).unwrap_or(Self::Char(other)),
        })
    }

    /// What is not known may be any text.
    fn hole(c: char) -> Option<Self> {
        hole::is_unknown(c).then_some(Self::Run(Class::Any))
    }

    pub(super) fn takes(self, c: char) -> bool {
        match self {
            Self::Char(own) => own == c,
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
    ignore_case: bool,
    is_certain: bool,
}

impl Matcher {
    /// `StringLike`: `*` is any run of characters, `?` is one, anywhere.
    pub fn glob(value: &str) -> Self {
        Self {
            tokens: Token::wild(value, Class::Any).collect(),
            ignore_case: false,
            is_certain: !hole::has_unknown(value),
        }
    }

    /// An action's name: as `glob`, without case.
    pub fn action(value: &str) -> Self {
        Self {
            tokens: Token::wild(&value.to_ascii_lowercase(), Class::Any).collect(),
            ignore_case: true,
            is_certain: !hole::has_unknown(value),
        }
    }

    /// `StringEquals`: every character is itself.
    pub fn literal(value: &str) -> Self {
        Self {
            tokens: Token::literal(value),
            ignore_case: false,
            is_certain: !hole::has_unknown(value),
        }
    }

    /// `StringEqualsIgnoreCase`.
    pub fn literal_ignore_case(value: &str) -> Self {
        Self {
            tokens: Token::literal(&value.to_ascii_lowercase()),
            ignore_case: true,
            is_certain: !hole::has_unknown(value),
        }
    }

    /// `ArnLike` and `ArnEquals`: the six parts between colons match one by
    /// one, and only the last may hold colons. A value of fewer parts is no
    /// ARN and matches nothing.
    pub fn arn(value: &str) -> Self {
        // What is not known may hold colons.
        if hole::has_unknown(value) {
            return Self::glob(value);
        }
        let tokens = match Arn::of(value).halves() {
            Some((head, resource)) => Token::wild(head, Class::NotColon)
                .chain(Token::wild(resource, Class::Any))
                .collect(),
            // No text holds this character in an ARN's place for a colon.
            None => vec![Token::Char('\0')],
        };
        Self {
            tokens,
            ignore_case: false,
            is_certain: !hole::has_unknown(value),
        }
    }

    /// Whether all of the value is known.
    pub fn is_certain(&self) -> bool {
        self.is_certain
    }

    /// Whether the whole text matches, if that can be known.
    pub fn truth(&self, text: &str) -> Truth {
        match (self.matches(text), self.is_certain) {
            (false, _) => Truth::False,
            (true, true) => Truth::True,
            (true, false) => Truth::Unknown,
        }
    }

    /// Whether the whole text matches, or may match.
    pub fn matches(&self, text: &str) -> bool {
        let mut states = self.start();
        for c in text.chars() {
            states = self.step(&states, c);
            if states.is_empty() {
                return false;
            }
        }
        self.accepts(&states)
    }

    pub(super) fn start(&self) -> States {
        let mut states = States::default();
        self.enter(0, &mut states);
        states
    }

    fn fold(&self, c: char) -> char {
        if self.ignore_case {
            c.to_ascii_lowercase()
        } else {
            c
        }
    }

    /// Whether the pattern goes on with just this character.
    pub(super) fn names(&self, states: &States, c: char) -> bool {
        let token = Token::Char(self.fold(c));
        let mut states = states.iter();
        states.any(|state| self.tokens.get(state) == Some(&token))
    }

    pub(super) fn step(&self, states: &States, c: char) -> States {
        let c = self.fold(c);
        let mut next = States::default();
        for state in states.iter() {
            match self.tokens.get(state) {
                Some(token @ Token::Run(_)) if token.takes(c) => self.enter(state, &mut next),
                Some(token) if !matches!(token, Token::Run(_)) && token.takes(c) => {
                    self.enter(state + 1, &mut next);
                }
                _ => {}
            }
        }
        next
    }

    /// A run may be empty, so being at one is being behind it too.
    fn enter(&self, mut state: usize, states: &mut States) {
        while states.insert(state) && matches!(self.tokens.get(state), Some(Token::Run(_))) {
            state += 1;
        }
    }

    pub(super) fn accepts(&self, states: &States) -> bool {
        states.contains(self.tokens.len())
    }

    /// Whether a look tells that it matches the whole universe: token for
    /// token it is the same, with wildcards for the runs. So is the plain ARN
    /// of an account, beside which no walk is needed.
    pub fn is_spelled(&self, universe: &[Token]) -> bool {
        let is_name = |token: &Token| match token {
            Token::One(class) | Token::Run(class) => {
                matches!(class, Class::Region | Class::TrailName)
            }
            Token::Char(_) => false,
        };
        let mut rest = universe;
        for token in &self.tokens {
            match token {
                Token::Run(Class::Any | Class::NotColon) => {
                    let run = rest.iter().take_while(|token| is_name(token)).count();
                    rest = &rest[run..];
                }
                own => match rest.split_first() {
                    Some((first, behind)) if first == own && !self.ignore_case => rest = behind,
                    _ => return false,
                },
            }
        }
        rest.is_empty()
    }
}

/// Places in a pattern: bits for the first ones, which is all in most patterns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct States {
    first: u128,
    rest: BTreeSet<usize>,
}

impl States {
    fn bit(state: usize) -> Option<u128> {
        let shift = u32::try_from(state).ok()?;
        1_u128.checked_shl(shift)
    }

    /// Whether it was not in it.
    fn insert(&mut self, state: usize) -> bool {
        match Self::bit(state) {
            Some(bit) => {
                let is_new = self.first & bit == 0;
                self.first |= bit;
                is_new
            }
            None => self.rest.insert(state),
        }
    }

    fn contains(&self, state: usize) -> bool {
        match Self::bit(state) {
            Some(bit) => self.first & bit != 0,
            None => self.rest.contains(&state),
        }
    }

    fn is_empty(&self) -> bool {
        self.first == 0 && self.rest.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.first.count_ones() as usize + self.rest.len()
    }

    /// From the first on.
    fn iter(&self) -> impl Iterator<Item = usize> {
        let mut left = self.first;
        let first = std::iter::from_fn(move || {
            let state = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            (state < u128::BITS).then_some(state as usize)
        });
        first.chain(self.rest.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::super::witness::witnesses;
    use super::*;
    use crate::policy::{Partition, TrailPattern};

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
    fn a_look_tells_of_a_plain_arn_and_of_nothing_that_a_walk_denies() {
        let account = || "222222222222".parse().unwrap();
        let universe = TrailPattern::every(Partition::AWS, account()).universe();
        for (value, is_spelled) in [
            ("arn:aws:cloudtrail:*:222222222222:trail/*", true),
            ("arn:aws:cloudtrail:**:222222222222:trail/*", true),
            ("arn:aws:cloudtrail:*:222222222222:trail/**", true),
            ("arn:aws:cloudtrail:*:222222222222:*", false),
            ("arn:aws:cloudtrail:?*:222222222222:trail/*", false),
            ("arn:aws:cloudtrail:*:222222222222:trail/", false),
            ("arn:aws:cloudtrail:*:222222222222:trail/*x", false),
            ("arn:aws:cloudtrail:*:222222222222:trail/x*", false),
            ("arn:aws:cloudtrail:eu*:222222222222:trail/*", false),
            ("arn:aws:cloudtrail:*:333333333333:trail/*", false),
        ] {
            for matcher in [Matcher::glob(value), Matcher::arn(value)] {
                assert_eq!(matcher.is_spelled(&universe), is_spelled, "{value}");
                let trails = witnesses(&universe, &[&matcher]).unwrap();
                let takes_all = trails.iter().all(|trail| matcher.matches(trail));
                assert!(takes_all || !is_spelled, "{value}");
            }
            assert!(!Matcher::literal(value).is_spelled(&universe), "{value}");
        }
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
