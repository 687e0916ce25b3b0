//! `add-account`: the accounts' trail ARNs at the end of the context list.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::insert::insert;
use super::outcome::{Change, Outcome};
use super::request::Request;
use super::spelling::Written;
use super::target::{self, Scope, Target};
use super::{Case, Plan, Spelling, accounts_text, advice, lists, source};
use crate::operations::Operations;
use crate::policy::condition::Condition;
use crate::policy::{
    AccountId, Arn, Coverage, Finding, Policy, Statement, TrailPattern, Trails, hole,
};
use crate::value::Value;

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
    plan_policy(policy, &request).map_err(|finding| vec![finding])
}

pub(super) fn plan_policy(policy: Policy<'_>, request: &Request) -> Result<Plan, Finding> {
    let (asked, mismatch) = request.scope.asked(&policy, &request.accounts)?;
    source::check_partition(asked.partition, &request.source_arns)?;
    let mut plan = match target::find(&policy, &request.scope)? {
        Some(statement) => merge(&policy, statement, &asked, request)?,
        None => insert(&policy, &asked, request)?,
    };
    plan.findings.extend(mismatch);
    advice::advise(policy, &asked, &mut plan)?;
    Ok(plan)
}

/// Adds to the lists of a statement that is there.
fn merge(
    policy: &Policy<'_>,
    statement: &Statement<'_>,
    asked: &Trails,
    request: &Request,
) -> Result<Plan, Finding> {
    lists::check_statement(statement)?;
    let lists = lists::context_lists(statement, Some(asked))?;
    let mut operations = Operations::default();
    let mut outcomes = Vec::new();
    let mut findings = Vec::new();
    if lists.is_empty() {
        lists::check_conditions(statement)?;
        if !request.restrict {
            return Err(match asked.first() {
                Some(any) => lists::no_list(policy, statement, &any),
                None => Finding::error("no-list", "no account given", statement.at.clone()),
            });
        }
        if let Some(expression) = statement.body().get("Condition").and_then(Value::as_str) {
            return Err(Finding::error(
                "computed-list",
                format!("the condition is computed by {expression}: it has no place for a list"),
                statement.path("Condition"),
            ));
        }
        let scope = &request.scope;
        let spelling = scope.spelling(policy, std::iter::empty(), asked);
        let arns = asked.accounts().iter().map(|own| spelling.arn(own));
        operations.push(lists::restrict(statement, arns.collect()));
        let added = |own: &AccountId| Outcome::new(&spelling, own, Change::Added);
        outcomes.extend(asked.accounts().iter().map(added));
    } else {
        let mut new = vec![Vec::new(); lists.len()];
        let known: Vec<Known<'_, '_>> = lists
            .iter()
            .map(|list| Known::of(policy, list, asked, &request.scope))
            .collect();
        outcomes.reserve_exact(asked.accounts().len());
        for pattern in asked.patterns() {
            let account = &pattern.account;
            let mut whole: Option<Outcome> = None;
            for (known, new) in known.iter().zip(&mut new) {
                let change = known.change(&pattern);
                if change == Change::Added {
                    new.push(known.spelling.arn(account).into());
                }
                if whole.is_none() || change == Change::Added {
                    whole = Some(Outcome::new(&known.spelling, account, change));
                }
            }
            outcomes.extend(whole);
        }
        for (known, new) in known.iter().zip(new) {
            operations.extend(lists::append(known.list, new)?);
            findings.extend(may_cover(known, asked, &outcomes));
        }
    }
    operations.extend(source::extend(statement, request, &mut findings)?);
    Ok(Plan {
        operations,
        outcomes,
        findings,
        ..Plan::about(Some(Target::of(statement)))
    })
}

/// A list, and what it means for the accounts asked for.
struct Known<'p, 'a> {
    list: &'p Condition<'a>,
    written: Written<'p>,
    /// The accounts whose ARN is in the list just so, if that was asked.
    present: OnceCell<HashSet<&'p AccountId>>,
    coverage: Coverage<'p, 'a>,
    spelling: Spelling,
}

impl<'p, 'a> Known<'p, 'a> {
    fn of(
        policy: &'p Policy<'a>,
        list: &'p Condition<'a>,
        asked: &'p Trails,
        scope: &Scope,
    ) -> Self {
        let values = list.values.iter().map(AsRef::as_ref);
        Self {
            list,
            written: Written::of(asked),
            present: OnceCell::new(),
            coverage: Coverage::new(policy, list),
            spelling: scope.spelling(policy, values, asked),
        }
    }

    /// What becomes of an account.
    fn change(&self, pattern: &TrailPattern) -> Change {
        let by = self.coverage.covering(pattern);
        let Some(by) = by.and_then(|by| self.list.values.get(by)) else {
            return Change::Added;
        };
        let values = self.list.values.iter();
        let present = || values.filter_map(|own| self.written.account(own)).collect();
        // What is there just so covers itself.
        if self.present.get_or_init(present).contains(&pattern.account) {
            Change::Present
        } else {
            Change::Covered { by: by.to_string() }
        }
    }
}

/// Notes on values that may cover the accounts that are added, by an expression.
fn may_cover<'q>(known: &Known<'_, '_>, asked: &'q Trails, outcomes: &[Outcome]) -> Vec<Finding> {
    let mut found: Vec<(usize, Vec<&'q AccountId>)> = Vec::new();
    for (account, outcome) in asked.accounts().iter().zip(outcomes) {
        if outcome.change != Change::Added {
            continue;
        }
        if let Some(index) = known.coverage.may_cover(&asked.of(account)) {
            match found.iter_mut().find(|(other, _)| *other == index) {
                Some((_, accounts)) => accounts.push(account),
                None => found.push((index, vec![account])),
            }
        }
    }
    let finding = |(index, accounts): (usize, Vec<&AccountId>)| {
        let value = known.list.values.get(index).map_or("", AsRef::as_ref);
        let what = match Arn::of(value).account {
            Some(field) if hole::has_unknown(field) => "its account is an expression",
            _ => "it is an expression",
        };
        Finding::note(
            "may-cover",
            format!(
                "{value:?} may already cover {}: {what}",
                accounts_text(&accounts)
            ),
            known.list.at_value(index),
        )
    };
    found.into_iter().map(finding).collect()
}
