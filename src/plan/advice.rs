//! What a person should know of an edit: whether it grants what was meant,
//! and what else `CloudTrail` or KMS will trip on.

use std::collections::{HashMap, HashSet};
use std::mem;

use json_patch::jsonptr::PointerBuf;

use super::blocked::blocked;
use super::outcome::Change;
use super::pitfalls::{list_findings, target_findings};
use super::{Plan, source};
use crate::accounts::unique;
use crate::operations::{Operation, Operations};
use crate::policy::condition::Condition;
use crate::policy::needs;
use crate::policy::truth::Truth;
use crate::policy::{
    AccountId, CONTEXT_KEY, Code, ConditionValue, Coverage, DECRYPT_ACTION, Evaluator, Finding,
    Partition, Policy, Statement, TrailPattern, Trails, Verdict, accounts_text, arn,
};
use crate::value::Value;

/// How many principals a message names.
const SHOWN: usize = 3;

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
        .target()
        .and_then(|target| after.statements.get(target.index));
    let mut findings = Vec::new();
    if let Some(target) = target {
        findings.extend(target_findings(target));
        findings.extend(list_findings(target, asked, plan));
        findings.extend(readers(target, plan));
    }
    let evaluator = Evaluator::new(&after);
    let verdicts = set_verdicts(&evaluator, asked, plan);
    let verdicts = asked.accounts().iter().zip(verdicts);
    let others = verdicts.filter(|(_, verdict)| *verdict != Verdict::Allowed);
    let others = asked.with(others.map(|(account, _)| account.clone()).collect());
    findings.extend(open);
    findings.extend(blocked(&evaluator, &after, target, &others));
    findings.extend(needs::refused(&after));
    let trails: Vec<_> = asked.patterns().collect();
    findings.extend(needs::describe_key(&after, &trails));
    if plan.target().is_some_and(|target| target.is_new) {
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

pub(super) fn patched(before: &Value, operations: &Operations) -> Result<Value, Finding> {
    let mut value = before.clone();
    operations.apply(&mut value).map_err(|error| {
        let message = format!("the patch does not apply: {error}");
        Finding::error(Code::Internal, message, PointerBuf::new())
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

/// Adds what a person should know of accounts that were to be taken out, and of
/// others that are not to encrypt `elsewhere`, by another statement.
pub(super) fn advise_removed(
    before: &Policy<'_>,
    asked: &Trails,
    elsewhere: &Trails,
    plan: &mut Plan,
) -> Result<(), Finding> {
    let value = patched(before.value(), &plan.operations)?;
    let after = Policy::read(&value).map_err(|mut findings| findings.remove(0))?;
    let evaluator = Evaluator::new(&after);
    set_verdicts(&evaluator, asked, plan);
    // What is left of each statement that lets CloudTrail encrypt, beside the
    // one that people see now, whose number is another after a removal.
    let is_kept = |own: &&Statement<'_>| !plan.drops(own.index);
    let kept: Vec<_> = before
        .statements
        .iter()
        .filter(is_kept)
        .zip(&after.statements)
        .filter(|(_, new)| new.lets_cloudtrail_encrypt())
        .map(|(old, new)| (old, Allowing::of(&after, new)))
        .collect();
    let mut is_unmet = false;
    let mut findings = Vec::new();
    let accounts = asked.accounts().iter().map(|own| (own, false));
    for (account, is_elsewhere) in
        accounts.chain(elsewhere.accounts().iter().map(|own| (own, true)))
    {
        let every = TrailPattern::every(asked.partition, account.clone());
        let may = match evaluator.verdict(&every) {
            Verdict::Blocked => continue,
            Verdict::Allowed => "may still encrypt",
            Verdict::Partly => "may still encrypt some trails",
            Verdict::Depends => "may still be able to encrypt",
        };
        let count = findings.len();
        for (old, allowing) in &kept {
            if is_elsewhere && plan.is_in(old) {
                continue;
            }
            let finding = allowing.message(&every, &old.name(), may);
            findings.extend(finding.map(|message| {
                let finding = Finding::warning(Code::StillAllowed, message, old.at.clone());
                if plan.is_in(old) || old.is_expression() {
                    return finding;
                }
                let option = match old.sid {
                    Some(sid) => format!("--sid {sid:?}"),
                    // Its number once the edit is made.
                    None => format!("--statement {}", allowing.statement.number()),
                };
                finding.help(format!("look at that statement too: {option}"))
            }));
        }
        is_unmet |= !is_elsewhere || findings.len() > count;
    }
    if !plan.operations.is_empty() {
        findings.extend(needs::refused(&after));
        let targets = before
            .statements
            .iter()
            .filter(|own| plan.is_in(own) && is_kept(own));
        findings.extend(targets.flat_map(|target| source::left(target, asked)));
    }
    plan.is_unmet = is_unmet;
    plan.findings.extend(findings);
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

    /// How the statement, under the name that it has now, lets an account
    /// encrypt that was to be taken out.
    fn message(&self, pattern: &TrailPattern, name: &str, may: &str) -> Option<String> {
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
        Some(format!("account {} {may}: {name}{by}", pattern.account))
    }
}

/// The accounts that statements which let `CloudTrail` encrypt name in their
/// lists and conditions, but for those that are asked about.
pub(super) fn named(policy: &Policy<'_>, asked: &Trails) -> Vec<AccountId> {
    let statements = policy.statements.iter();
    let conditions = statements
        .filter(|own| own.lets_cloudtrail_encrypt())
        .flat_map(|own| &own.conditions);
    let values = conditions.flat_map(|own| &own.values);
    let account = |value: &ConditionValue<'_>| {
        let account = arn::trail_account(value).unwrap_or(value);
        account.parse().ok()
    };
    let accounts: Vec<AccountId> = values.filter_map(account).collect();
    let others = unique(accounts).into_iter();
    others
        .filter(|own| asked.find(own.as_str()).is_none())
        .collect()
}

/// Warnings on accounts that may encrypt now, and by the edit no more.
pub(super) fn cut_off(
    before: &Policy<'_>,
    plan: &Plan,
    accounts: &Trails,
) -> Result<Vec<Finding>, Finding> {
    let value = patched(before.value(), &plan.operations)?;
    let after = Policy::read(&value).map_err(|mut findings| findings.remove(0))?;
    let at = plan.target().map(|target| target.at.clone());
    let (now, then) = (Evaluator::new(before), Evaluator::new(&after));
    let mut findings = Vec::new();
    for account in accounts.accounts() {
        let every = TrailPattern::every(accounts.partition, account.clone());
        let (now, then) = (now.verdict(&every), then.verdict(&every));
        let now = match now {
            Verdict::Blocked => continue,
            _ if now == then => continue,
            Verdict::Allowed => "may encrypt now",
            _ if then != Verdict::Blocked => continue,
            Verdict::Partly => "may encrypt some trails now",
            Verdict::Depends => "may be able to encrypt now",
        };
        let then = match then {
            Verdict::Partly => "and some trails only after this edit",
            Verdict::Depends => "and perhaps not after this edit",
            _ => "and may not after this edit",
        };
        let message = format!("account {account} {now}, {then}");
        findings.push(Finding::warning(
            Code::CutOff,
            message,
            at.clone().unwrap_or_default(),
        ));
    }
    Ok(findings)
}

/// The warning that whoever reads by the statement may read the logs of the
/// accounts that are added to it.
fn readers(target: &Statement<'_>, plan: &Plan) -> Option<Finding> {
    let added = plan.accounts(|change| *change == Change::Added);
    let others = target.other_principals();
    if added.is_empty() || others.is_empty() || target.covers_action(DECRYPT_ACTION) == Truth::False
    {
        return None;
    }
    let shown: Vec<String> = others
        .iter()
        .take(SHOWN)
        .map(|own| format!("{own:?}"))
        .collect();
    let more = others.len().saturating_sub(SHOWN);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let message = format!(
        "{}{more} may read the logs of {}: {} gives {DECRYPT_ACTION} too",
        shown.join(", "),
        accounts_text(&added),
        target.name(),
    );
    let finding = Finding::warning(Code::Readers, message, target.path("Principal"));
    Some(finding.help("give CloudTrail a statement of its own: --insert"))
}

/// Security notes on statements by which any account may encrypt, where an
/// account needs no other or is added to another all the same.
fn open_findings(policy: &Policy<'_>, asked: &Trails, plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut told: HashSet<(usize, Option<&str>)> = HashSet::new();
    let mut tell = |statement: &Statement<'_>, by: Option<&'_ str>| {
        let what = by.map_or_else(|| statement.name(), |by| format!("{by:?}"));
        findings.push(Finding::note(
            Code::AnyAccount,
            format!("security: {what} lets the CloudTrail of any AWS account use this key"),
            statement.at.clone(),
        ));
    };
    let mut open: HashMap<usize, bool> = HashMap::new();
    for outcome in &plan.outcomes {
        let by = match &outcome.change {
            Change::Covered { by } => Some(by.as_str()),
            Change::Allowed => None,
            _ => continue,
        };
        let index = outcome.statement.as_ref().map(|own| own.index);
        let Some(statement) = index.and_then(|index| policy.statements.get(index)) else {
            continue;
        };
        if !told.insert((statement.index, by)) {
            continue;
        }
        let is_open = open.entry(statement.index);
        if *is_open.or_insert_with(|| is_open_to_all(policy, statement, asked.partition)) {
            tell(statement, by);
        }
    }
    if plan.outcomes.iter().any(|own| own.change == Change::Added) {
        let others = policy.statements.iter().filter(|own| {
            own.lets_cloudtrail_encrypt()
                && !plan.is_in(own)
                && is_open_to_all(policy, own, asked.partition)
        });
        others.for_each(|own| tell(own, None));
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
