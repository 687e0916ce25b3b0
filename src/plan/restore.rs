//! `restore`: an old policy in the place of the one that is there.

use super::outcome::{Change, Outcome};
use super::{Case, Plan, Scope, Spelling};
use crate::accounts::unique;
use crate::operations::Operation;
use crate::policy::listed::{self, Who};
use crate::policy::needs;
use crate::policy::{
    AccountId, Code, ConditionValue, Evaluator, Finding, Policy, Trails, Verdict, canonical,
    pointer,
};
use crate::value::Value;

/// Plans to put `old` in the place of a policy. Whom that lets encrypt, and
/// whom it cuts off, are the outcomes.
///
/// # Errors
/// If one of the two is no key policy.
pub fn plan(case: &Case<'_>, old: &Value) -> Result<Plan, Vec<Finding>> {
    let mut plan = Plan::default();
    if canonical(case.value) == canonical(old) {
        return Ok(plan);
    }
    let after = Policy::read(old)?;
    plan.operations.push(Operation::Whole(old.into()));
    plan.findings.extend(needs::refused(&after));
    plan.findings.extend(needs::administrator(&after));
    // What is there may be broken: that is what a backup is for.
    let Ok(before) = Policy::read(case.value) else {
        return Ok(plan);
    };
    let scope = Scope::default().in_case(case);
    let partition = match scope.partition_of(&after) {
        Ok(partition) => partition,
        Err(finding) => return Err(vec![finding]),
    };
    let accounts = accounts(&[&before, &after]);
    let asked = Trails::every(partition, accounts);
    let was = Evaluator::new(&before);
    let will = Evaluator::new(&after);
    let spelling = Spelling::of(&asked, None);
    for pattern in asked.patterns() {
        let now = was.verdict(&pattern);
        let then = will.verdict(&pattern);
        let mut one = match (now, then) {
            (one, other) if one == other => continue,
            (_, Verdict::Allowed) => Outcome::new(&spelling, &pattern.account, Change::Added),
            _ => Outcome::new(&spelling, &pattern.account, Change::Removed),
        };
        one.verdict = then;
        if one.change == Change::Removed {
            plan.findings.push(Finding::warning(
                Code::CutOff,
                format!(
                    "account {} may encrypt now, and may not with the restored policy",
                    pattern.account
                ),
                pointer([]),
            ));
        }
        plan.outcomes.push(one);
    }
    Ok(plan)
}

/// The accounts that any of the policies names in a list.
fn accounts(policies: &[&Policy<'_>]) -> Vec<AccountId> {
    let statements = policies.iter().flat_map(|policy| &policy.statements);
    let lists = statements
        .filter(|statement| statement.lets_cloudtrail_encrypt())
        .flat_map(listed::lists);
    let account = |value: &ConditionValue<'_>| match Who::of(value) {
        Who::Account(account) => Some(account),
        _ => None,
    };
    unique(
        lists
            .flat_map(|list| &list.values)
            .filter_map(account)
            .collect(),
    )
}
