//! `remove-account`: every value of the account out of the context list.

use std::collections::HashSet;
use std::sync::Arc;

use super::outcome::{Change, Outcome};
use super::target::{self, By, Scope, Target, Which};
use super::{Case, Plan, Spelling, advice, lists};
use crate::operations::Operation;
use crate::policy::arn::trail_account;
use crate::policy::condition::Condition;
use crate::policy::{AccountId, Code, Finding, Policy, Statement, Trails, listed, pointer};

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
    let mut plan = Plan::default();
    let (meant, others_stay) = meant(policy, &asked, request, &mut plan)?;
    let mut dropped = Vec::new();
    for statement in &meant {
        if take_out(statement, &asked, request, others_stay, &mut plan)? {
            dropped.push(*statement);
        }
    }
    if let Some(last) = dropped.last() {
        if !policy.is_array || policy.statements.len() == dropped.len() {
            return Err(last_statement(last));
        }
        let indices = dropped.iter().map(|own| own.index).collect();
        let statements = pointer(["Statement"]);
        plan.operations
            .push(Operation::take_out(statements, indices));
    }
    plan.targets = meant.iter().map(|own| Arc::new(Target::of(own))).collect();
    let spelling = Spelling::of(&asked, None);
    let listed: Vec<HashSet<&AccountId>> = meant.iter().map(|own| named(own, &asked)).collect();
    for account in asked.accounts() {
        let before = plan.outcomes.len();
        for (target, _) in plan
            .targets
            .iter()
            .zip(&listed)
            .filter(|(_, own)| own.contains(account))
        {
            let removed = Outcome::new(&spelling, account, Change::Removed);
            plan.outcomes.push(removed.within(target));
        }
        if plan.outcomes.len() == before {
            let absent = Outcome::new(&spelling, account, Change::Absent);
            plan.outcomes.push(match plan.targets.as_slice() {
                [only] => absent.within(only),
                _ => absent,
            });
        }
    }
    plan.findings.extend(mismatch);
    let elsewhere = asked.with(Vec::new());
    advice::advise_removed(policy, &asked, &elsewhere, &mut plan)?;
    Ok(plan)
}

/// The statements that the accounts are to be taken out of, and whether others
/// like them stay as they are or keep some of their list.
fn meant<'s, 'a>(
    policy: &'s Policy<'a>,
    asked: &Trails,
    request: &Request,
    plan: &mut Plan,
) -> Result<(Vec<&'s Statement<'a>>, bool), Finding> {
    let scope = &request.scope;
    let names_any = |statement: &Statement<'_>| !named(statement, asked).is_empty();
    let (statement, by) = match target::which(policy, scope)? {
        Which::One(statement, by) => (statement, by),
        Which::Several(statements) => {
            let others_stay = statements.iter().any(|own| !is_last(own, asked));
            let named = statements.into_iter().filter(|own| names_any(own));
            return Ok((named.collect(), others_stay));
        }
        Which::Misnamed(mut found) => {
            found.retain(|(statement, _)| names_any(statement));
            return if found.is_empty() {
                Ok((Vec::new(), false))
            } else {
                Err(target::refuse_misnamed(scope.new_sid(), &found))
            };
        }
        Which::None(_) => return Ok((Vec::new(), false)),
    };
    plan.findings.extend(target::taken(statement, by));
    let mut meant = vec![statement];
    // Once the statement is gone another one is the one that is meant.
    if by != By::Choice
        && scope.sid.is_none()
        && request.drop_statement
        && is_last(statement, asked)
    {
        let others = policy.statements.iter().filter(|own| {
            own.index != statement.index && target::may_be_meant(own) && names_any(own)
        });
        meant.extend(others);
        meant.sort_by_key(|own| own.index);
    }
    Ok((meant, false))
}

/// The account asked about that a value names.
fn meant_by<'q>(value: &str, asked: &'q Trails) -> Option<&'q AccountId> {
    asked.find(trail_account(value)?)
}

/// The accounts that the statement's lists name.
fn named<'q>(statement: &Statement<'_>, asked: &'q Trails) -> HashSet<&'q AccountId> {
    let values = listed::lists(statement).flat_map(|list| &list.values);
    values.filter_map(|value| meant_by(value, asked)).collect()
}

/// Whether one of the statement's lists names nobody else.
fn is_last(statement: &Statement<'_>, asked: &Trails) -> bool {
    let mut lists = listed::lists(statement);
    lists.any(|list| would_be_empty(list, asked))
}

fn would_be_empty(list: &Condition<'_>, asked: &Trails) -> bool {
    let mut values = list.values.iter();
    !list.values.is_empty() && values.all(|value| meant_by(value, asked).is_some())
}

/// Takes the accounts out of the statement's lists. Tells whether the statement
/// goes as a whole: one that would be left with an empty list grants nothing to
/// anybody. Where others like it stay it is needless, and the policy still has a
/// statement for the next account.
fn take_out(
    statement: &Statement<'_>,
    asked: &Trails,
    request: &Request,
    others_stay: bool,
    plan: &mut Plan,
) -> Result<bool, Finding> {
    lists::check_statement(statement)?;
    let lists = lists::context_lists(statement, None)?;
    if lists.is_empty() {
        lists::check_conditions(statement)?;
    }
    if let Some(list) = lists.iter().find(|list| would_be_empty(list, asked)) {
        if request.drop_statement {
            return Ok(true);
        }
        if others_stay {
            let message = format!(
                "{} goes as a whole: it would be left with an empty list, which grants nothing, and another statement lets CloudTrail encrypt",
                statement.name()
            );
            let note = Finding::note(Code::LastValue, message, statement.at.clone());
            plan.findings.push(note);
            return Ok(true);
        }
        return Err(Finding::error(
            Code::LastValue,
            format!(
                "{} would be left with an empty list, which grants nothing",
                statement.name()
            ),
            list.at.clone(),
        )
        .help(match request.scope.choice {
            None => "to take the whole statement out: --drop-statement",
            // After that the number is another statement's.
            Some(_) => {
                "to take the whole statement out: --drop-statement, and --sid for --statement"
            }
        }));
    }
    for list in lists {
        lists::check_literal(list)?;
        let is_meant = |value: &str| meant_by(value, asked).is_some();
        plan.operations.push(remove_values(list, is_meant));
    }
    Ok(false)
}

/// The operation that takes values out of a list.
pub(super) fn remove_values(list: &Condition<'_>, is_meant: impl Fn(&str) -> bool) -> Operation {
    let values = list.values.iter().enumerate();
    let meant = values.filter(|(_, value)| is_meant(value));
    let remove = meant.map(|(index, _)| index).collect();
    Operation::take_out(list.at.clone(), remove)
}

fn last_statement(statement: &Statement<'_>) -> Finding {
    Finding::error(
        Code::LastStatement,
        format!(
            "{} is the policy's only one, and a policy has at least one",
            statement.name()
        ),
        pointer(["Statement"]),
    )
}
