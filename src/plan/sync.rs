//! `sync-accounts`: the context list equal to a list of accounts.

use std::collections::HashSet;

use super::outcome::{Change, Outcome};
use super::remove::remove_values;
use super::request::Request;
use super::spelling::Written;
use super::{Case, Plan, Spelling, add, advice, lists, target};
use crate::policy::arn::trail_account;
use crate::policy::{AccountId, Finding, Policy, Statement, Trails};

/// Plans the edit of one policy: what is missing is added as `add-account`
/// adds it, and plain values of other accounts are taken out. A value that is
/// narrower or a wildcard is left, and named.
///
/// # Errors
/// Every reason to refuse it.
pub fn plan(case: &Case<'_>, request: &Request) -> Result<Plan, Vec<Finding>> {
    let policy = Policy::read(case.value)?;
    let request = Request {
        scope: request.scope.in_case(case),
        ..request.clone()
    };
    plan_policy(&policy, &request).map_err(|finding| vec![finding])
}

fn plan_policy(policy: &Policy<'_>, request: &Request) -> Result<Plan, Finding> {
    let mut plan = add::plan_policy(policy.clone(), request)?;
    let Some(statement) = target::find(policy, &request.scope)? else {
        return Ok(plan);
    };
    let (asked, _) = request.scope.asked(policy, &request.accounts)?;
    let lists = lists::context_lists(statement, Some(&asked))?;
    let others = asked.with(other_accounts(statement, &asked));
    let (written, stays) = (Written::of(&others), Written::of(&asked));
    let is_removed = |value: &str| written.account(value).is_some();
    let values = lists.iter().flat_map(|list| &list.values);
    let listed: HashSet<&AccountId> = values.filter_map(|value| written.account(value)).collect();
    let accounts = others.accounts().iter();
    let removed = others.with(
        accounts
            .filter(|own| listed.contains(own))
            .cloned()
            .collect(),
    );
    for list in lists {
        lists::check_literal(list)?;
        // Added values stand behind those that go, and make an array of a scalar.
        plan.operations.push(remove_values(list, is_removed));
        let is_kept = |value: &str| is_removed(value) || stays.account(value).is_some();
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
    let gone = |own: &AccountId| Outcome::new(&spelling, own, Change::Removed);
    plan.outcomes.extend(removed.accounts().iter().map(gone));
    advice::advise_removed(policy, &removed, &mut plan)?;
    Ok(plan)
}

/// The accounts in the statement's lists that are not asked for.
fn other_accounts(statement: &Statement<'_>, asked: &Trails) -> Vec<AccountId> {
    let mut seen = HashSet::new();
    let mut others: Vec<AccountId> = Vec::new();
    let lists = statement
        .conditions
        .iter()
        .filter(|c| c.is_on(crate::policy::CONTEXT_KEY));
    for value in lists.flat_map(|list| &list.values) {
        if let Some(Ok(account)) = trail_account(value).map(str::parse::<AccountId>)
            && asked.find(account.as_str()).is_none()
            && seen.insert(account.clone())
        {
            others.push(account);
        }
    }
    others
}
