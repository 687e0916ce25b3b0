//! What a person should know of an edit: whether it grants what was meant,
//! and what else `CloudTrail` or KMS will trip on.

use std::collections::{HashMap, HashSet};
use std::mem;

use json_patch::jsonptr::PointerBuf;

use super::blocked::blocked;
use super::outcome::Change;
use super::pitfalls::{list_findings, target_findings};
use super::{Plan, source};
use crate::operations::{Operation, Operations};
use crate::policy::condition::Condition;
use crate::policy::needs;
use crate::policy::{
    AccountId, CONTEXT_KEY, Coverage, Evaluator, Finding, Partition, Policy, Statement,
    TrailPattern, Trails, Verdict,
};
use crate::value::Value;

/// Adds to the plan's findings; all of them speak of the policy as it will be.
pub(super) fn advise(before: Policy<'_>, asked: &Trails, plan: &mut Plan) -> Result<(), Finding> {
    let open = open_findings(&before, asked, plan);
    // The policy as it will be borrows the values that come.
    let operations = mem::take(&mut plan.operations);
    let old = before.value();
    let new;
    let after = if let Some(after) = appended(before, &operations) {
        after
    } else {
        new = patched(old, &operations)?;
        Policy::read(&new).map_err(|mut findings| findings.remove(0))?
    };
    let target = plan
        .target
        .as_ref()
        .and_then(|target| after.statements.get(target.index));
    let mut findings = Vec::new();
    if let Some(target) = target {
        findings.extend(target_findings(target));
        findings.extend(list_findings(target, asked, plan));
    }
    let evaluator = Evaluator::new(&after);
    let verdicts = set_verdicts(&evaluator, asked, plan);
    let verdicts = asked.accounts().iter().zip(verdicts);
    let others = verdicts.filter(|(_, verdict)| *verdict != Verdict::Allowed);
    let others = asked.with(others.map(|(account, _)| account.clone()).collect());
    findings.extend(open);
    findings.extend(blocked(&evaluator, &after, target, &others));
    findings.extend(needs::deleted_principals(&after));
    if !operations.is_empty() {
        findings.extend(needs::describe_key(&after));
    }
    if plan.target.as_ref().is_some_and(|target| target.is_new) {
        findings.extend(needs::administrator(&after));
    }
    plan.findings.extend(findings);
    plan.operations = operations;
    Ok(())
}

/// The policy after operations that only append to lists of its conditions:
/// then there is no need for another policy's value.
fn appended<'a>(mut after: Policy<'a>, operations: &'a Operations) -> Option<Policy<'a>> {
    for operation in operations {
        let (list, add) = match operation {
            Operation::List { list, remove, add } if remove.is_empty() => (list, add),
            _ => return None,
        };
        let mut conditions = after
            .statements
            .iter_mut()
            .flat_map(|own| &mut own.conditions);
        let list = conditions.find(|own| own.is_array && own.at == *list)?;
        list.extend(add.iter().filter_map(serde_json::Value::as_str));
    }
    Some(after)
}

fn patched(before: &Value, operations: &Operations) -> Result<Value, Finding> {
    let mut value = before.clone();
    operations.apply(&mut value).map_err(|error| {
        let message = format!("the patch does not apply: {error}");
        Finding::error("internal", message, PointerBuf::new())
    })?;
    Ok(value)
}

/// Says whether each account may encrypt after the edit. Returns that for each
/// that is asked about, in their order.
fn set_verdicts(evaluator: &Evaluator<'_, '_>, asked: &Trails, plan: &mut Plan) -> Vec<Verdict> {
    let verdict = |pattern| evaluator.verdict(&pattern);
    let verdicts: Vec<Verdict> = asked.patterns().map(verdict).collect();
    for outcome in &mut plan.outcomes {
        let place = asked.place(outcome.account.as_str());
        if let Some(verdict) = place.and_then(|place| verdicts.get(place)) {
            outcome.verdict = *verdict;
        }
    }
    verdicts
}

/// Adds what a person should know of accounts that were to be taken out.
pub(super) fn advise_removed(
    before: &Policy<'_>,
    asked: &Trails,
    plan: &mut Plan,
) -> Result<(), Finding> {
    let value = patched(before.value(), &plan.operations)?;
    let after = Policy::read(&value).map_err(|mut findings| findings.remove(0))?;
    let evaluator = Evaluator::new(&after);
    set_verdicts(&evaluator, asked, plan);
    let statements = after.statements.iter();
    let allowing: Vec<Allowing<'_, '_>> = statements
        .filter(|statement| statement.lets_cloudtrail_encrypt())
        .map(|statement| Allowing::of(&after, statement))
        .collect();
    for account in asked.accounts() {
        let every = TrailPattern::every(asked.partition, account.clone());
        let may = match evaluator.verdict(&every) {
            Verdict::Blocked => continue,
            Verdict::Allowed => "may still encrypt",
            Verdict::Partly => "may still encrypt some trails",
            Verdict::Depends => "may still be able to encrypt",
        };
        plan.is_unmet = true;
        plan.findings.extend(
            allowing
                .iter()
                .filter_map(|allowing| allowing.finding(&every, may))
                .map(|finding| match &plan.target {
                    // The help names another statement.
                    Some(target) if target.at == finding.at => Finding {
                        help: Vec::new(),
                        ..finding
                    },
                    _ => finding,
                }),
        );
    }
    if !plan.operations.is_empty() {
        plan.findings.extend(needs::deleted_principals(&after));
        let target = plan.target.as_ref().filter(|_| !plan.drops_statement());
        let target = target.and_then(|target| after.statements.get(target.index));
        let left = target.map(|target| source::left(target, asked));
        plan.findings.extend(left.into_iter().flatten());
    }
    Ok(())
}

/// A statement that lets `CloudTrail` encrypt.
struct Allowing<'p, 'a> {
    statement: &'p Statement<'a>,
    evaluator: Evaluator<'p, 'a>,
    lists: Vec<(&'p Condition<'a>, Coverage<'p, 'a>)>,
}

impl<'p, 'a> Allowing<'p, 'a> {
    fn of(policy: &'p Policy<'a>, statement: &'p Statement<'a>) -> Self {
        let lists = statement.conditions.iter().filter(|c| c.is_on(CONTEXT_KEY));
        Self {
            statement,
            evaluator: Evaluator::of_statement(policy, statement),
            lists: lists
                .map(|list| (list, Coverage::new(policy, list)))
                .collect(),
        }
    }

    /// That the statement lets an account encrypt that was to be taken out.
    fn finding(&self, pattern: &TrailPattern, may: &str) -> Option<Finding> {
        if self.evaluator.verdict(pattern) == Verdict::Blocked {
            return None;
        }
        let mut lists = self.lists.iter();
        let by = lists.clone().find_map(|(list, coverage)| {
            let value = list.values.get(coverage.covering(pattern)?)?;
            Some(format!(", by {value:?}"))
        });
        let perhaps = || {
            lists.find_map(|(list, coverage)| {
                let value = list.values.get(coverage.may_cover(pattern)?)?;
                Some(format!(", perhaps by {value:?}"))
            })
        };
        let by = by.or_else(perhaps).unwrap_or_default();
        let (account, statement) = (&pattern.account, self.statement);
        let message = format!("account {account} {may}: {}{by}", statement.name());
        let finding = Finding::warning("still-allowed", message, statement.at.clone());
        Some(match statement.sid {
            Some(sid) => finding.help(format!("look at that statement too: --sid {sid:?}")),
            None => finding,
        })
    }
}

/// Security notes on accounts that may encrypt only because any account may.
fn open_findings(policy: &Policy<'_>, asked: &Trails, plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut told = HashSet::new();
    let mut open: HashMap<usize, bool> = HashMap::new();
    for outcome in &plan.outcomes {
        let (target, by) = match (&outcome.change, &plan.target) {
            (Change::Covered { by }, Some(target)) => (target, Some(by)),
            (Change::AllowedBy { statement }, _) => (&**statement, None),
            _ => continue,
        };
        if !told.insert((target.index, by)) {
            continue;
        }
        let Some(statement) = policy.statements.get(target.index) else {
            continue;
        };
        let is_open = open.entry(target.index);
        if !*is_open.or_insert_with(|| is_open_to_all(policy, statement, asked.partition)) {
            continue;
        }
        let what = by.map_or_else(|| target.name(), |by| format!("{by:?}"));
        findings.push(Finding::note(
            "any-account",
            format!("security: {what} lets the CloudTrail of any AWS account use this key"),
            statement.at.clone(),
        ));
    }
    findings
}

/// Whether the statement lets accounts encrypt that nobody has named.
fn is_open_to_all(policy: &Policy<'_>, target: &Statement<'_>, partition: Partition) -> bool {
    let accounts = ["000000000000", "987654321098"].map(str::parse);
    let accounts: Vec<AccountId> = accounts.into_iter().flatten().collect();
    let asked = Trails::every(partition, accounts);
    let evaluator = Evaluator::of_statement(policy, target);
    let mut patterns = asked.patterns();
    patterns.all(|pattern| evaluator.verdict(&pattern) == Verdict::Allowed)
}
