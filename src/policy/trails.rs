//! Which trails of an account the values of a policy tell apart.

use super::condition::Condition;
use super::digits::digits;
use super::hole;
use super::operator::Operator;
use super::pattern::{Matcher, Token};
use super::statement::Effect;
use super::view::View;
use super::witness::witnesses;
use super::{AccountId, CONTEXT_KEY, Partition, Policy, SOURCE_ARN, TrailPattern};

/// Whether a condition key holds the trail's ARN.
pub(super) fn is_on_trail(condition: &Condition<'_>) -> bool {
    condition.is_on(CONTEXT_KEY) || condition.is_on(SOURCE_ARN)
}

/// Whether a value cannot match any trail of the account, by a look: it holds
/// another account's ID between colons, and a trail's ARN holds only its own.
pub(super) fn is_of_other_account(value: &str, account: &AccountId) -> bool {
    let own = account.digits();
    let mut ids = value.split(':').skip(1).filter_map(digits);
    ids.any(|id| id != own)
}

impl Policy<'_> {
    /// The first value of a condition that matches every trail of `pattern`.
    #[must_use]
    pub fn covering<'v>(
        &self,
        condition: &'v Condition<'_>,
        pattern: &TrailPattern,
    ) -> Option<&'v str> {
        let index = self.covers(condition, pattern, true)?;
        condition.values.get(index).map(AsRef::as_ref)
    }

    /// The first value of a condition that may match every trail of `pattern`,
    /// by an expression in it: its index.
    #[must_use]
    pub fn may_cover(&self, condition: &Condition<'_>, pattern: &TrailPattern) -> Option<usize> {
        self.covers(condition, pattern, false)
    }

    fn covers(
        &self,
        condition: &Condition<'_>,
        pattern: &TrailPattern,
        for_certain: bool,
    ) -> Option<usize> {
        let operator = condition.operator?;
        let mut values = condition.values.iter();
        values.position(|value| self.is_covering(operator, value, pattern, for_certain))
    }

    /// Whether a value matches every trail of `pattern`: for certain, or by an
    /// expression in it.
    pub(super) fn is_covering(
        &self,
        operator: Operator,
        value: &str,
        pattern: &TrailPattern,
        for_certain: bool,
    ) -> bool {
        if hole::has_unknown(value) == for_certain
            || is_of_other_account(value, &pattern.account)
            || (self.has_variables && value.contains("${"))
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
pub(super) fn matchers(
    views: &[View<'_, '_>],
    account: &AccountId,
    partition: Partition,
    universe: &[Token],
) -> Option<Vec<Matcher>> {
    let mut matchers = Vec::new();
    for (condition, values) in views
        .iter()
        .flat_map(View::conditions)
        .filter(|(condition, _)| is_on_trail(condition))
    {
        let Some(operator) = condition.operator else {
            continue;
        };
        let mut own = Vec::new();
        let concerns = |value: &&str| !is_of_other_account(value, account);
        for value in values.iter().map(|(_, value)| value).filter(concerns) {
            let matcher = operator.matcher(&hole::fill(value, partition));
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
pub(super) fn binding(
    views: &[View<'_, '_>],
    allowed: &[&str],
    trails: &[String],
    pattern: &TrailPattern,
) -> Vec<String> {
    let mut patterns: Vec<String> = Vec::new();
    for (condition, values) in views
        .iter()
        .filter(|view| view.statement.effect == Effect::Allow)
        .flat_map(View::conditions)
        .filter(|(condition, _)| is_on_trail(condition))
    {
        let Some(operator) = condition.operator else {
            continue;
        };
        // A witness's Region may look like an account, which no Region does.
        let concerns = |value: &&str| !is_of_other_account(value, &pattern.account);
        for value in values.iter().map(|(_, value)| value).filter(concerns) {
            let matcher = operator.matcher(&hole::fill(value, pattern.partition));
            let binds = allowed.iter().any(|arn| matcher.matches(arn))
                && !trails.iter().all(|arn| matcher.matches(arn));
            if binds && !patterns.iter().any(|pattern| pattern == value) {
                patterns.push(value.to_owned());
            }
        }
    }
    patterns
}
