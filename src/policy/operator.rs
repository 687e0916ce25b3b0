//! Condition operators, by their names.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use super::pattern::Matcher;

/// How an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    /// `ArnLike`, and `ArnEquals`, which is the same
    ArnLike,
    Bool,
    Null,
    /// An operator on numbers, dates, addresses or bytes
    Other,
}

/// `ForAllValues:` and `ForAnyValue:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetPrefix {
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// A condition operator; its name matches with case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    /// How it compares.
    pub comparison: Comparison,
    /// Whether it is the `Not…` form.
    pub negated: bool,
    /// Whether it ends in `IfExists`.
    pub if_exists: bool,
    pub set: Option<SetPrefix>,
}

const COMPARISONS: [(&str, Comparison, bool); 27] = [
    ("StringEquals", Comparison::StringEquals, false),
    ("StringNotEquals", Comparison::StringEquals, true),
    (
        "StringEqualsIgnoreCase",
        Comparison::StringEqualsIgnoreCase,
        false,
    ),
    (
        "StringNotEqualsIgnoreCase",
        Comparison::StringEqualsIgnoreCase,
        true,
    ),
    ("StringLike", Comparison::StringLike, false),
    ("StringNotLike", Comparison::StringLike, true),
    ("ArnEquals", Comparison::ArnLike, false),
    ("ArnNotEquals", Comparison::ArnLike, true),
    ("ArnLike", Comparison::ArnLike, false),
    ("ArnNotLike", Comparison::ArnLike, true),
    ("Bool", Comparison::Bool, false),
    ("Null", Comparison::Null, false),
    ("NumericEquals", Comparison::Other, false),
    ("NumericNotEquals", Comparison::Other, true),
    ("NumericLessThan", Comparison::Other, false),
    ("NumericLessThanEquals", Comparison::Other, false),
    ("NumericGreaterThan", Comparison::Other, false),
    ("NumericGreaterThanEquals", Comparison::Other, false),
    ("DateEquals", Comparison::Other, false),
    ("DateNotEquals", Comparison::Other, true),
    ("DateLessThan", Comparison::Other, false),
    ("DateLessThanEquals", Comparison::Other, false),
    ("DateGreaterThan", Comparison::Other, false),
    ("DateGreaterThanEquals", Comparison::Other, false),
    ("IpAddress", Comparison::Other, false),
    ("NotIpAddress", Comparison::Other, true),
    ("BinaryEquals", Comparison::Other, false),
];

impl Operator {
    /// The operator of this name, if IAM has it.
    pub fn parse(name: &str) -> Option<Self> {
        Self::parse_with(name, |own, given| own == given)
    }

    /// The name that IAM would take, where one differs from it only by case.
    pub fn near_miss(name: &str) -> Option<String> {
        if Self::parse(name).is_some() {
            return None;
        }
        let near = Self::parse_with(name, str::eq_ignore_ascii_case)?;
        let (own, ..) = COMPARISONS.iter().find(|(own, ..)| {
            name.to_ascii_lowercase()
                .contains(&own.to_ascii_lowercase())
                && Self::parse(own).is_some_and(|op| {
                    op.comparison == near.comparison && op.negated == near.negated
                })
        })?;
        let set = match near.set {
            Some(SetPrefix::All) => "ForAllValues:",
            Some(SetPrefix::Any) => "ForAnyValue:",
            None => "",
        };
        Some(format!(
            "{set}{own}{}",
            if near.if_exists { "IfExists" } else { "" }
        ))
    }

    fn parse_with(name: &str, same: impl Fn(&str, &str) -> bool) -> Option<Self> {
        let (set, rest) = match name.split_once(':') {
            Some((prefix, rest)) if same("ForAllValues", prefix) => (Some(SetPrefix::All), rest),
            Some((prefix, rest)) if same("ForAnyValue", prefix) => (Some(SetPrefix::Any), rest),
            Some(_) => return None,
            None => (None, name),
        };
        let (base, if_exists) = match rest
            .len()
            .checked_sub(8)
            .filter(|at| rest.is_char_boundary(*at))
        {
            Some(at) if same("IfExists", &rest[at..]) => (&rest[..at], true),
            _ => (rest, false),
        };
        let (_, comparison, negated) = COMPARISONS.iter().find(|(own, ..)| same(own, base))?;
        Some(Self {
            comparison: *comparison,
            negated: *negated,
            if_exists,
            set,
        })
    }

    /// Whether `*` in a value is a wildcard.
    pub fn has_wildcards(self) -> bool {
        matches!(
            self.comparison,
            Comparison::StringLike | Comparison::ArnLike
        )
    }

    /// How the operator reads a value.
    pub fn matcher(self, value: &str) -> Matcher {
        match self.comparison {
            Comparison::StringLike => Matcher::glob(value),
            Comparison::ArnLike => Matcher::arn(value),
            Comparison::StringEqualsIgnoreCase | Comparison::Bool | Comparison::Null => {
                Matcher::literal_ignore_case(value)
            }
            Comparison::StringEquals | Comparison::Other => Matcher::literal(value),
        }
    }
}
