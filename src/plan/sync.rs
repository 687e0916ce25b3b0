//! `sync-accounts`: the context list equal to a list of accounts.

use std::collections::HashSet;
use std::sync::Arc;

use super::outcome::{Change, Outcome};
use super::remove::remove_values;
use super::request::Request;
use super::spelling::Written;
use super::target::{self, Target, Which};
use super::{Case, Plan, Spelling, add, advice, lists};
use crate::policy::arn::trail_account;
use crate::policy::{AccountId, Code, Finding, Policy, Statement, Trails, listed};

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
    if plan.question.is_some() {
        return Ok(plan);
    }
    let scope = &request.scope;
    let (asked, _) = scope.asked(policy, &request.accounts)?;
    let mut removed = asked.with(Vec::new());
    match target::which(policy, scope)? {
        Which::Several(statements) => {
            // Each of the lists would have to be the accounts'.
            if statements
                .iter()
                .any(|own| !others(own, &asked).accounts().is_empty())
            {
                let question = target::several("the accounts", &statements, scope);
                return Ok(Plan::asking(question));
            }
        }
        Which::One(statement, by) => {
            removed = others(statement, &asked);
            take_out(statement, &asked, &removed, &mut plan)?;
            if by.is_shape() {
                let name = format!("--statement {}", statement.number());
                let cut_off = advice::cut_off(policy, &plan, &removed)?.into_iter();
                let help = format!("if that is the list you mean: {name}");
                plan.findings.extend(cut_off.map(|own| own.help(&help)));
            }
        }
        Which::Misnamed(_) | Which::None(_) => {}
    }
    let elsewhere = advice::named(policy, &asked).into_iter();
    let elsewhere = elsewhere.filter(|own| removed.find(own.as_str()).is_none());
    let elsewhere = asked.with(elsewhere.collect());
    advice::advise_removed(policy, &removed, &elsewhere, &mut plan)?;
    Ok(plan)
}

/// The accounts with plain values in the statement's lists that are not asked
/// for.
fn others(statement: &Statement<'_>, asked: &Trails) -> Trails {
    let others = asked.with(other_accounts(statement, asked));
    let written = Written::of(&others);
    let values = listed::lists(statement).flat_map(|list| &list.values);
    let plain: HashSet<&AccountId> = values.filter_map(|value| written.account(value)).collect();
    let accounts = others.accounts().iter();
    asked.with(
        accounts
            .filter(|own| plain.contains(own))
            .cloned()
            .collect(),
    )
}

fn take_out(
    statement: &Statement<'_>,
    asked: &Trails,
    removed: &Trails,
    plan: &mut Plan,
) -> Result<(), Finding> {
    let (goes, stays) = (Written::of(removed), Written::of(asked));
    for list in lists::context_lists(statement, Some(asked))? {
        lists::check_literal(list)?;
        // Added values stand behind those that go, and make an array of a scalar.
        let is_removed = |value: &str| goes.account(value).is_some();
        plan.operations.push(remove_values(list, is_removed));
        let is_kept = |value: &str| is_removed(value) || stays.account(value).is_some();
        let left = list.values.iter().enumerate();
        let left = left.filter(|(_, value)| !is_kept(value));
        plan.findings.extend(left.map(|(index, value)| {
            Finding::note(
                Code::Left,
                format!("{value:?} is no plain account pattern; it is left as it is"),
                list.at_value(index),
            )
        }));
    }
    let spelling = Spelling::of(removed, None);
    let target = Arc::new(Target::of(statement));
    let gone = |own: &AccountId| Outcome::new(&spelling, own, Change::Removed).within(&target);
    plan.outcomes.extend(removed.accounts().iter().map(gone));
    Ok(())
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
