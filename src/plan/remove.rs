//! `remove-account`: every value of the account out of the context list.

use std::collections::HashSet;

use super::outcome::{Change, Outcome};
use super::target::{self, Scope, Target};
use super::{Case, Plan, Spelling, advice, lists};
use crate::operations::Operation;
use crate::policy::arn::trail_account;
use crate::policy::condition::Condition;
use crate::policy::{AccountId, Finding, Policy, Statement, Trails, pointer};

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
    let (asked, mismatch) = request.scope.asked(policy, &request.accounts)?;
    let spelling = Spelling::of(&asked, None);
    let absent = |own: &AccountId| Outcome::new(&spelling, own, Change::Absent);
    let mut plan = match target::find(policy, &request.scope)? {
        Some(statement) => take_out(policy, statement, &asked, &spelling, request)?,
        None => Plan {
            outcomes: asked.accounts().iter().map(absent).collect(),
            ..Plan::about(None)
        },
    };
    plan.findings.extend(mismatch);
    advice::advise_removed(policy, &asked, &mut plan)?;
    Ok(plan)
}

fn take_out(
    policy: &Policy<'_>,
    statement: &Statement<'_>,
    asked: &Trails,
    spelling: &Spelling,
    request: &Request,
) -> Result<Plan, Finding> {
    lists::check_statement(statement)?;
    let lists = lists::context_lists(statement, None)?;
    if lists.is_empty() {
        lists::check_conditions(statement)?;
    }
    let meant = |value: &str| asked.find(trail_account(value)?);
    let is_meant = |value: &str| meant(value).is_some();
    let values = lists.iter().flat_map(|list| &list.values);
    let listed: HashSet<&AccountId> = values.filter_map(|value| meant(value)).collect();
    let mut plan = Plan::about(Some(Target::of(statement)));
    plan.outcomes.extend(asked.accounts().iter().map(|account| {
        let change = if listed.contains(account) {
            Change::Removed
        } else {
            Change::Absent
        };
        Outcome::new(spelling, account, change)
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

/// The operation that takes values out of a list.
pub(super) fn remove_values(list: &Condition<'_>, is_meant: impl Fn(&str) -> bool) -> Operation {
    let values = list.values.iter().enumerate();
    let meant = values.filter(|(_, value)| is_meant(value));
    let remove = meant.map(|(index, _)| index).collect();
    Operation::take_out(list.at.clone(), remove)
}

fn drop(policy: &Policy<'_>, statement: &Statement<'_>) -> Result<Operation, Finding> {
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
    let statements = pointer(["Statement"]);
    Ok(Operation::take_out(statements, vec![statement.index]))
}
