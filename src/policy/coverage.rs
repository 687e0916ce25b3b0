//! Which values of a list cover accounts.

use std::cell::OnceCell;

use super::condition::Condition;
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
    /// Whether what a value means depends on the account that is asked about.
    is_by_account: bool,
    /// What is known of each value, once that was asked.
    known: Vec<OnceCell<Covers>>,
}

/// Which accounts a value covers, of those that it concerns.
#[derive(Debug)]
enum Covers {
    /// All of them, or none.
    Alike(bool),
    ByAccount(Box<Matched>),
}

/// What a value matches.
#[derive(Debug)]
struct Matched {
    is_certain: bool,
    judge: Judge,
}

impl<'p, 'a> Coverage<'p, 'a> {
    /// Of a condition's values.
    pub fn new(policy: &'p Policy<'a>, condition: &'p Condition<'a>) -> Self {
        let known = condition.values.iter().map(|_| OnceCell::new());
        Self {
            policy,
            condition,
            is_by_account: policy.has_variables && condition.is_by_account(),
            known: known.collect(),
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
        let text = pattern.to_string();
        let wanted = if for_certain {
            Verdict::Allowed
        } else {
            Verdict::Depends
        };
        let mut values = self.condition.values.iter().zip(&self.known);
        values.position(|(value, known)| {
            // A variable is no expression, and what it means AWS tells.
            if !value.concerns(&pattern.account) || hole::has_unknown(value) == for_certain {
                return false;
            }
            // Most often it is the very same text.
            if for_certain && operator.has_wildcards() && **value == text {
                return true;
            }
            let matched = || self.matched(operator, value, pattern);
            let covers = |own: &Matched| {
                own.is_certain == for_certain && own.judge.verdict(&pattern.account) == wanted
            };
            if self.is_by_account && !value.is_alike() {
                return covers(&matched());
            }
            let known = known.get_or_init(|| match matched() {
                own if value.is_alike() => Covers::Alike(covers(&own)),
                own => Covers::ByAccount(Box::new(own)),
            });
            match known {
                Covers::Alike(covered) => *covered,
                Covers::ByAccount(own) => covers(own),
            }
        })
    }

    fn matched(&self, operator: Operator, value: &str, pattern: &TrailPattern) -> Matched {
        let reading = self.policy.reading(pattern);
        let matcher = self.condition.matcher(operator, value, &reading);
        Matched {
            is_certain: matcher.is_certain(),
            judge: Judge::of_matcher(&matcher, pattern),
        }
    }
}
