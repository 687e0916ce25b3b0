//! Which trails of an account the values of a policy match, and tell apart.

use std::cell::OnceCell;

use super::condition::Condition;
use super::hole;
use super::operator::Operator;
use super::pattern::{Matcher, Token};
use super::witness::witnesses;
use super::{Policy, TrailPattern};

/// Which values of a list cover accounts, of trails that differ in the account
/// alone.
#[derive(Debug)]
pub struct Coverage<'p, 'a> {
    policy: &'p Policy<'a>,
    condition: &'p Condition<'a>,
    /// Whether each value covers the accounts that it concerns, once that was
    /// asked of one and is the same for all.
    known: Vec<OnceCell<bool>>,
}

impl<'p, 'a> Coverage<'p, 'a> {
    /// Of a condition's values.
    pub fn new(policy: &'p Policy<'a>, condition: &'p Condition<'a>) -> Self {
        Self {
            policy,
            condition,
            known: vec![OnceCell::new(); condition.values.len()],
        }
    }

    /// The first value that matches every trail of `pattern`: its index.
    pub fn covering(&self, pattern: &TrailPattern) -> Option<usize> {
        self.find(pattern, true)
    }

    /// The first value that may match every trail of `pattern`, by an
    /// expression in it: its index.
    pub fn may_cover(&self, pattern: &TrailPattern) -> Option<usize> {
        self.find(pattern, false)
    }

    fn find(&self, pattern: &TrailPattern, for_certain: bool) -> Option<usize> {
        let operator = self.condition.operator?;
        let mut values = self.condition.values.iter().zip(&self.known);
        values.position(|(value, known)| {
            let covers = || self.covers(operator, value, pattern, for_certain);
            value.concerns(&pattern.account)
                && if for_certain && value.frame().is_some() {
                    *known.get_or_init(covers)
                } else {
                    covers()
                }
        })
    }

    /// Whether a value matches every trail of `pattern`: for certain, or by an
    /// expression in it.
    fn covers(
        &self,
        operator: Operator,
        value: &str,
        pattern: &TrailPattern,
        for_certain: bool,
    ) -> bool {
        if hole::has_unknown(value) == for_certain
            || (self.policy.has_variables && value.contains("${"))
        {
            return false;
        }
        let matcher = operator.matcher(&hole::fill(value, pattern.partition));
        let universe = pattern.universe();
        matcher.is_spelled(&universe)
            || witnesses(&universe, &[&matcher])
                .is_some_and(|trails| trails.iter().all(|trail| matcher.matches(trail)))
    }
}

/// The patterns that tell trails of the account apart: neither those that
/// match none or all of them, nor those beside one that matches all.
pub(super) fn matchers<'c>(
    conditions: impl Iterator<Item = &'c Condition<'c>>,
    asked: &TrailPattern,
    universe: &[Token],
) -> Option<Vec<Matcher>> {
    let mut matchers = Vec::new();
    for condition in conditions {
        let Some(operator) = condition.operator else {
            continue;
        };
        let mut own = Vec::new();
        for (_, value) in condition.concerning(&asked.account) {
            let matcher = operator.matcher(&hole::fill(value, asked.partition));
            if matcher.is_certain() && matcher.is_spelled(universe) {
                own.clear();
                break;
            }
            match witnesses(universe, &[&matcher])?.as_slice() {
                [any] if matcher.is_certain() && matcher.matches(any) => {
                    own.clear();
                    break;
                }
                [_] => {}
                _ if matchers.contains(&matcher) => {}
                _ => own.push(matcher),
            }
        }
        matchers.extend(own);
    }
    Some(matchers)
}

/// The values that an allowed trail matches and some other trail does not.
pub(super) fn binding<'v>(
    values: impl Iterator<Item = (Operator, &'v str)>,
    allowed: &[&str],
    trails: &[String],
    asked: &TrailPattern,
) -> Vec<usize> {
    let binds = |(operator, value): (Operator, &str)| {
        let matcher = operator.matcher(&hole::fill(value, asked.partition));
        allowed.iter().any(|arn| matcher.matches(arn))
            && !trails.iter().all(|arn| matcher.matches(arn))
    };
    let values = values.enumerate();
    values
        .filter(|(_, own)| binds(*own))
        .map(|(at, _)| at)
        .collect()
}
