//! `add-account`: the accounts' trail ARNs at the end of the context list.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::sync::Arc;

use super::insert::insert;
use super::outcome::{Change, Outcome};
use super::request::Request;
use super::spelling::Written;
use super::target::{self, By, Choice, Scope, Target, Which};
use super::{Case, Plan, Spelling, advice, lists, source};
use crate::policy::condition::Condition;
use crate::policy::truth::Truth;
use crate::policy::{
    AccountId, Arn, Code, Coverage, Finding, Policy, Statement, TrailPattern, Trails,
    accounts_text, hole,
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
    let mut plan = edit(&policy, &asked, request)?;
    if plan.question.is_some() {
        return Ok(plan);
    }
    plan.findings.extend(mismatch);
    if request.restrict {
        let others = asked.with(advice::named(&policy, &asked));
        let cut_off = advice::cut_off(&policy, &plan, &others)?;
        plan.findings.extend(cut_off);
    }
    advice::advise(policy, &asked, &mut plan)?;
    Ok(plan)
}

fn edit(policy: &Policy<'_>, asked: &Trails, request: &Request) -> Result<Plan, Finding> {
    let scope = &request.scope;
    // Of several, a person is asked about what none of them covers.
    let several = match target::unanswered(policy, scope)? {
        Which::Several(statements) if !matches!(scope.choice, Some(Choice::Number(..))) => {
            statements
        }
        _ => Vec::new(),
    };
    let listed = listed(policy, &several, asked, scope);
    let accounts = asked.accounts().iter();
    let rest = accounts.filter(|own| listed.iter().all(|(account, _)| account != *own));
    let rest = asked.with(rest.cloned().collect());
    let mut plan = match target::which(policy, scope)? {
        _ if rest.accounts().is_empty() && !several.is_empty() => Plan::default(),
        Which::One(statement, by) => {
            merge(policy, statement, by, &rest, request).map_err(|refused| {
                if by.is_shape() {
                    refused.help(BESIDE)
                } else {
                    refused
                }
            })?
        }
        Which::Several(statements) => {
            return Ok(Plan::asking(target::several(
                &who(&rest),
                &statements,
                scope,
            )));
        }
        Which::Misnamed(found) => {
            return Err(target::refuse_misnamed(scope.new_sid(), &found)
                .help("to insert a statement under that Sid: --insert"));
        }
        Which::None(_) if request.source_arns.is_empty() => insert(policy, &rest, request)?,
        Which::None(guarded) => match guarded.as_slice() {
            [] => insert(policy, &rest, request)?,
            [only] if only.is_guarded_only() == Truth::True => {
                source::grant(policy, only, &rest, request)?
            }
            [only] => return Ok(Plan::asking(target::may_be_for_trails(only, scope))),
            several => return Ok(Plan::asking(target::several(&who(&rest), several, scope))),
        },
    };
    if !listed.is_empty() {
        plan.outcomes.extend(listed.into_iter().map(|(_, own)| own));
        let place = |own: &Outcome| asked.place(own.account.as_str());
        plan.outcomes.sort_by_key(place);
    }
    Ok(plan)
}

/// The way around a statement that is taken by its shape.
const BESIDE: &str = "to insert a statement beside it: --insert";

fn who(asked: &Trails) -> String {
    accounts_text(&asked.accounts().iter().collect::<Vec<_>>())
}

/// The accounts that a list of one of these statements covers.
fn listed(
    policy: &Policy<'_>,
    statements: &[&Statement<'_>],
    asked: &Trails,
    scope: &Scope,
) -> Vec<(AccountId, Outcome)> {
    let mut found: Vec<(AccountId, Outcome)> = Vec::new();
    for statement in statements {
        let Ok(lists) = lists::context_lists(statement, Some(asked)) else {
            continue;
        };
        let known: Vec<_> = lists
            .iter()
            .map(|list| Known::of(policy, list, asked, scope))
            .collect();
        let target = Arc::new(Target::of(statement));
        for pattern in asked.patterns() {
            let account = &pattern.account;
            let outcome = known
                .iter()
                .map(|known| known.outcome(&pattern))
                .reduce(either);
            let outcome = outcome.filter(|own| own.change != Change::Added);
            if let Some(outcome) = outcome
                && found.iter().all(|(other, _)| other != account)
            {
                found.push((account.clone(), outcome.within(&target)));
            }
        }
    }
    found
}

/// What becomes of an account in two lists that both must hold it.
fn either(first: Outcome, second: Outcome) -> Outcome {
    if second.change == Change::Added {
        second
    } else {
        first
    }
}

/// Adds to the lists of a statement that is there.
fn merge(
    policy: &Policy<'_>,
    statement: &Statement<'_>,
    by: By,
    asked: &Trails,
    request: &Request,
) -> Result<Plan, Finding> {
    lists::check_statement(statement)?;
    let lists = lists::context_lists(statement, Some(asked))?;
    let scope = &request.scope;
    let target = Arc::new(Target::of(statement));
    let mut plan = Plan {
        targets: vec![Arc::clone(&target)],
        ..Plan::default()
    };
    if lists.is_empty() {
        lists::check_conditions(statement)?;
        if !request.restrict {
            if !request.source_arns.is_empty() && statement.is_guarded_only() != Truth::False {
                return source::grant(policy, statement, asked, request);
            }
            return Err(match asked.first() {
                Some(any) => lists::no_list(policy, statement, &any),
                None => Finding::error(Code::NoList, "no account given", statement.at.clone()),
            });
        }
        if let Some(expression) = statement.body().get("Condition").and_then(Value::as_str) {
            return Err(Finding::error(
                Code::ComputedList,
                format!("the condition is computed by {expression}: it has no place for a list"),
                statement.path("Condition"),
            ));
        }
        let spelling = scope.spelling(policy, std::iter::empty(), asked);
        let arns = asked.accounts().iter().map(|own| spelling.arn(own));
        plan.operations
            .push(lists::restrict(statement, arns.collect()));
        let added = |own: &AccountId| Outcome::new(&spelling, own, Change::Added).within(&target);
        plan.outcomes.extend(asked.accounts().iter().map(added));
    } else {
        let mut new = vec![Vec::new(); lists.len()];
        let known: Vec<Known<'_, '_>> = lists
            .iter()
            .map(|list| Known::of(policy, list, asked, scope))
            .collect();
        plan.outcomes.reserve_exact(asked.accounts().len());
        for pattern in asked.patterns() {
            let outcomes = known.iter().zip(&mut new).map(|(known, new)| {
                let outcome = known.outcome(&pattern);
                if outcome.change == Change::Added {
                    new.push(outcome.arn().into());
                }
                outcome
            });
            let outcome = outcomes.reduce(either);
            plan.outcomes.extend(outcome.map(|own| own.within(&target)));
        }
        for (known, new) in known.iter().zip(new) {
            plan.operations.extend(lists::append(known.list, new)?);
            plan.findings
                .extend(may_cover(known, asked, &plan.outcomes));
        }
    }
    if by.is_shape() && request.source_arns.is_empty() && !request.source_account {
        let added = plan.accounts(|change| *change == Change::Added);
        if let Some(question) = source::kept_out(policy, statement, asked, &added, scope) {
            return Ok(Plan::asking(question));
        }
    }
    let taken = target::taken(statement, by);
    let taken = taken.map(|note| note.help(BESIDE));
    plan.findings.extend(taken);
    source::extend(policy, statement, asked, request, &mut plan)?;
    Ok(plan)
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

    fn outcome(&self, pattern: &TrailPattern) -> Outcome {
        Outcome::new(&self.spelling, &pattern.account, self.change(pattern))
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
            Code::MayCover,
            format!(
                "{value:?} may already cover {}: {what}",
                accounts_text(&accounts)
            ),
            known.list.at_value(index),
        )
    };
    found.into_iter().map(finding).collect()
}
