//! Which values of a list cover accounts.

use std::cell::OnceCell;

use super::condition::{Condition, Reading};
use super::condition_value::ConditionValue;
use super::judge::Judge;
use super::operator::Operator;
use super::verdict::Verdict;
use super::{Policy, TrailPattern, hole};

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
                && if for_certain && value.is_alike() {
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
        value: &ConditionValue<'_>,
        pattern: &TrailPattern,
        for_certain: bool,
    ) -> bool {
        let reading = Reading {
            partition: pattern.partition,
            account: &pattern.account,
            has_variables: self.policy.has_variables,
        };
        let matcher = self.condition.matcher(operator, value, &reading);
        // A variable is no expression, and what it means AWS tells.
        if matcher.is_certain() != for_certain || hole::has_unknown(value) == for_certain {
            return false;
        }
        // Most often it is the very same text.
        if for_certain && operator.has_wildcards() && **value == pattern.to_string() {
            return true;
        }
        let verdict = Judge::of_matcher(&matcher, pattern).verdict(&pattern.account);
        verdict
            == if for_certain {
                Verdict::Allowed
            } else {
                Verdict::Depends
            }
    }
}
