//! `sync-accounts`: the context list equal to a list of accounts.

use std::collections::{HashMap, HashSet};

use super::add::{self, outcome};
use super::remove::{account_of, remove_values};
use super::{Case, Change, Plan, Spelling, advice, lists, target};
use crate::policy::{AccountId, Finding, Policy, Statement, TrailPattern, arn, hole};

/// Plans the edit of one policy: what is missing is added as `add-account`
/// adds it, and plain values of other accounts are taken out. A value that is
/// narrower or a wildcard is left, and named.
///
/// # Errors
/// Every reason to refuse it.
pub fn plan(case: &Case<'_>, request: &add::Request) -> Result<Plan, Vec<Finding>> {
    let policy = Policy::read(case.value)?;
    let request = add::Request {
        scope: request.scope.in_case(case),
        ..request.clone()
    };
    plan_policy(&policy, &request).map_err(|finding| vec![finding])
}

fn plan_policy(policy: &Policy<'_>, request: &add::Request) -> Result<Plan, Finding> {
    let mut plan = add::plan_policy(policy.clone(), request)?;
    let Some(statement) = target::find(policy, &request.scope)? else {
        return Ok(plan);
    };
    let (patterns, _) = request.scope.patterns(policy, &request.accounts)?;
    let others = other_accounts(statement, &patterns);
    let (mut removed, _) = request.scope.patterns(policy, &others)?;
    let lists = lists::context_lists(statement, &patterns)?;
    let listed_of = |patterns: &[TrailPattern]| -> HashSet<AccountId> {
        let lists = lists.iter();
        lists
            .flat_map(|list| lists::plain_accounts(list, patterns))
            .collect()
    };
    let listed = listed_of(&removed);
    removed.retain(|pattern| listed.contains(&pattern.account));
    let (out, stay) = (by_account(&removed), by_account(&patterns));
    let is_removed = |value: &str| is_plain(value, &out);
    for list in lists {
        lists::check_literal(list)?;
        // Added values stand behind those that go, and make an array of a scalar.
        plan.operations.push(remove_values(list, is_removed));
        let is_kept = |value: &str| is_removed(value) || is_plain(value, &stay);
        let left = list.values.iter().enumerate();
        let left = left.filter(|(_, value)| !is_kept(value));
        plan.findings.extend(left.map(|(index, value)| {
            Finding::note(
                "left",
                format!("{value:?} is no plain account pattern; it is left as it is"),
                list.at_value(index),
            )
        }));
    }
    let spelling = Spelling::of(&removed, None);
    let gone = |p: &TrailPattern| outcome(&spelling, &p.account, Change::Removed);
    plan.outcomes.extend(removed.iter().map(gone));
    advice::advise_removed(policy, &removed, &mut plan)?;
    Ok(plan)
}

fn by_account(patterns: &[TrailPattern]) -> HashMap<&str, &TrailPattern> {
    let patterns = patterns.iter();
    patterns
        .map(|pattern| (pattern.account.as_str(), pattern))
        .collect()
}

fn is_plain(value: &str, patterns: &HashMap<&str, &TrailPattern>) -> bool {
    let account = arn::account(value);
    let pattern = account.and_then(|account| patterns.get(account));
    pattern.is_some_and(|pattern| hole::fill(value, pattern.partition) == pattern.to_string())
}

/// The accounts in the statement's lists that are not asked for.
fn other_accounts(statement: &Statement<'_>, patterns: &[TrailPattern]) -> Vec<AccountId> {
    let asked: HashSet<&AccountId> = patterns.iter().map(|pattern| &pattern.account).collect();
    let mut seen = HashSet::new();
    let mut others: Vec<AccountId> = Vec::new();
    let lists = statement
        .conditions
        .iter()
        .filter(|c| c.is_on(crate::policy::CONTEXT_KEY));
    for value in lists.flat_map(|list| &list.values) {
        if let Some(Ok(account)) = account_of(value).map(str::parse::<AccountId>)
            && !asked.contains(&account)
            && seen.insert(account.clone())
        {
            others.push(account);
        }
    }
    others
}
