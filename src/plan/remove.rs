//! `remove-account`: every value of the account out of the context list.

use std::collections::HashSet;

use super::add::outcome;
use super::target::{self, Scope, Target};
use super::{Case, Change, Plan, Spelling, advice, lists};
use crate::operations::Operation;
use crate::policy::condition::Condition;
use crate::policy::{AccountId, Finding, Policy, Statement, TrailPattern, pointer};
use json_patch::{PatchOperation, RemoveOperation};

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The accounts, each once.
    pub accounts: Vec<AccountId>,
    /// The statement; the ARN's other fields do not matter.
    pub scope: Scope,
    /// Take the whole statement out when its list would be empty.
    pub drop_statement: bool,
}

/// Plans the edit of one policy.
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
    let (patterns, mismatch) = request.scope.patterns(policy, &request.accounts)?;
    let spelling = Spelling::of(&patterns, None);
    let absent = |p: &TrailPattern| outcome(&spelling, &p.account, Change::Absent);
    let mut plan = match target::find(policy, &request.scope)? {
        Some(statement) => take_out(policy, statement, &patterns, &spelling, request)?,
        None => Plan {
            outcomes: patterns.iter().map(absent).collect(),
            ..Plan::about(None)
        },
    };
    plan.findings.extend(mismatch);
    advice::advise_removed(policy, &patterns, &mut plan)?;
    Ok(plan)
}

fn take_out(
    policy: &Policy<'_>,
    statement: &Statement<'_>,
    patterns: &[TrailPattern],
    spelling: &Spelling,
    request: &Request,
) -> Result<Plan, Finding> {
    lists::check_statement(statement)?;
    let lists = lists::context_lists(statement, &[])?;
    if lists.is_empty() {
        lists::check_conditions(statement)?;
    }
    let asked: HashSet<&str> = patterns.iter().map(|p| p.account.as_str()).collect();
    let is_meant = |value: &str| account_of(value).is_some_and(|own| asked.contains(own));
    let listed: HashSet<&str> = lists
        .iter()
        .flat_map(|list| &list.values)
        .filter_map(|value| account_of(value).filter(|own| asked.contains(own)))
        .collect();
    let mut plan = Plan::about(Some(Target::of(statement)));
    plan.outcomes.extend(patterns.iter().map(|pattern| {
        let is_listed = listed.contains(pattern.account.as_str());
        let change = if is_listed {
            Change::Removed
        } else {
            Change::Absent
        };
        outcome(spelling, &pattern.account, change)
    }));
    let last_goes = |list: &&&Condition<'_>| {
        !list.values.is_empty() && list.values.iter().all(|value| is_meant(value))
    };
    match lists.iter().find(last_goes) {
        Some(_) if request.drop_statement => plan.operations.push(drop(policy, statement)?),
        Some(list) => {
            return Err(Finding::error(
                "last-value",
                format!(
                    "{} would be left with an empty list, which grants nothing",
                    statement.name()
                ),
                list.at.clone(),
            )
            .help("to take the whole statement out: --drop-statement"));
        }
        None => {
            for list in lists {
                lists::check_literal(list)?;
                plan.operations.push(remove_values(list, is_meant));
            }
        }
    }
    Ok(plan)
}

/// The account field of a value, if it is a `CloudTrail` ARN.
pub(super) fn account_of(value: &str) -> Option<&str> {
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "cloudtrail", _, account, _] => Some(account),
        _ => None,
    }
}

/// The operation that takes values out of a list.
pub(super) fn remove_values(list: &Condition<'_>, is_meant: impl Fn(&str) -> bool) -> Operation {
    let indices = list.values.iter().enumerate().rev();
    let meant = indices.filter(|(_, value)| is_meant(value));
    Operation::TakeOut {
        array: list.at.clone(),
        indices: meant.map(|(index, _)| index).collect(),
    }
}

fn drop(policy: &Policy<'_>, statement: &Statement<'_>) -> Result<PatchOperation, Finding> {
    if !policy.is_array || policy.statements.len() == 1 {
        return Err(Finding::error(
            "last-statement",
            format!(
                "{} is the policy's only one, and a policy has at least one",
                statement.name()
            ),
            pointer(["Statement"]),
        ));
    }
    Ok(PatchOperation::Remove(RemoveOperation {
        path: statement.at.clone(),
    }))
}
