//! What a person should know of an edit: whether it grants what was meant,
//! and what else `CloudTrail` or KMS will trip on.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};
use std::mem;

use json_patch::jsonptr::PointerBuf;
use serde_json::Value;

use super::{Change, Plan, accounts_text};
use crate::operations::{Operation, Operations};
use crate::policy::condition::Truth;
use crate::policy::needs::{self, DESCRIBE_ACTION};
use crate::policy::pattern::Matcher;
use crate::policy::{
    AccountId, CONTEXT_KEY, ENCRYPT_ACTION, Evaluation, Finding, Judge, Obstacle, Policy, Reason,
    Statement, TrailPattern, Verdict, arn, hole,
};

/// Adds to the plan's findings; all of them speak of the policy as it will be.
pub(super) fn advise(
    before: Policy<'_>,
    patterns: &[TrailPattern],
    plan: &mut Plan,
) -> Result<(), Finding> {
    let open = open_findings(&before, patterns, plan);
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
        findings.extend(list_findings(target, patterns, plan));
    }
    let judge = Judge::new(&after, accounts(patterns));
    let others = set_verdicts(&judge, patterns, plan);
    findings.extend(open);
    findings.extend(blocked(&judge, &after, target, &others));
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
        let Operation::Append { array, values } = operation else {
            return None;
        };
        let mut conditions = after
            .statements
            .iter_mut()
            .flat_map(|own| &mut own.conditions);
        let list = conditions.find(|own| own.is_array && own.at == *array)?;
        let values = values.iter().map(String::as_str);
        list.values.extend(values.map(Cow::Borrowed));
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

/// Says whether each account may encrypt after the edit. Returns those of which
/// not every trail may.
fn set_verdicts<'t>(
    judge: &Judge<'_, '_>,
    patterns: &'t [TrailPattern],
    plan: &mut Plan,
) -> Vec<&'t TrailPattern> {
    let verdict = |pattern: &TrailPattern| judge.evaluate(pattern).verdict;
    let verdicts: HashMap<&AccountId, Verdict> = patterns
        .iter()
        .map(|pattern| (&pattern.account, verdict(pattern)))
        .collect();
    for outcome in &mut plan.outcomes {
        if let Some(verdict) = verdicts.get(&outcome.account) {
            outcome.verdict = *verdict;
        }
    }
    let is_allowed = |own: &AccountId| verdicts.get(own) == Some(&Verdict::Allowed);
    let patterns = patterns.iter();
    patterns.filter(|own| !is_allowed(&own.account)).collect()
}

fn accounts(patterns: &[TrailPattern]) -> impl Iterator<Item = &AccountId> {
    patterns.iter().map(|pattern| &pattern.account)
}

/// Adds what a person should know of accounts that were to be taken out.
pub(super) fn advise_removed(
    before: &Policy<'_>,
    patterns: &[TrailPattern],
    plan: &mut Plan,
) -> Result<(), Finding> {
    let value = patched(before.value(), &plan.operations)?;
    let after = Policy::read(&value).map_err(|mut findings| findings.remove(0))?;
    let judge = Judge::new(&after, accounts(patterns));
    set_verdicts(&judge, patterns, plan);
    for pattern in patterns {
        let every = TrailPattern::every(pattern.partition, pattern.account.clone());
        let may = match judge.evaluate(&every).verdict {
            Verdict::Blocked => continue,
            Verdict::Allowed => "may still encrypt",
            Verdict::Partly => "may still encrypt some trails",
            Verdict::Depends => "may still be able to encrypt",
        };
        plan.is_unmet = true;
        plan.findings.extend(
            after
                .statements
                .iter()
                .filter_map(|statement| still_allowed(&after, statement, &every, may))
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
    }
    Ok(())
}

/// Where a statement lets an account encrypt that was to be taken out.
fn still_allowed(
    after: &Policy<'_>,
    statement: &Statement<'_>,
    pattern: &TrailPattern,
    may: &str,
) -> Option<Finding> {
    if !statement.lets_cloudtrail_encrypt()
        || after.evaluate_statement(statement, pattern).verdict == Verdict::Blocked
    {
        return None;
    }
    let mut lists = statement.conditions.iter().filter(|c| c.is_on(CONTEXT_KEY));
    let by = lists
        .clone()
        .find_map(|list| after.covering(list, pattern))
        .map(|value| format!(", by {value:?}"));
    let perhaps = || {
        lists.find_map(|list| {
            let value = list.values.get(after.may_cover(list, pattern)?)?;
            Some(format!(", perhaps by {value:?}"))
        })
    };
    let by = by.or_else(perhaps).unwrap_or_default();
    let message = format!(
        "account {} {may}: {}{by}",
        pattern.account,
        statement.name()
    );
    let finding = Finding::warning("still-allowed", message, statement.at.clone());
    Some(match statement.sid {
        Some(sid) => finding.help(format!("look at that statement too: --sid {sid:?}")),
        None => finding,
    })
}

/// What is wrong with the statement itself, whatever its list holds.
fn target_findings(target: &Statement<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = target.name();
    if target.covers_action(ENCRYPT_ACTION) == Truth::False {
        findings.push(
            Finding::warning(
                "action",
                format!("{name} grants nothing: its Action does not cover {ENCRYPT_ACTION}"),
                target.path("Action"),
            )
            .help("the guide's Action is \"kms:GenerateDataKey*\""),
        );
    }
    if target.covers_key() != Truth::True && !target.resources().any(hole::has_unknown) {
        findings.push(
            Finding::warning(
                "resource",
                format!("{name} has a Resource that is not \"*\": KMS ignores such a statement, and since August 2025 refuses to store it"),
                target.path("Resource"),
            )
            .help("in a key policy the Resource is \"*\", which means this key"),
        );
    }
    if target.actions().any(|action| {
        action.to_ascii_lowercase().starts_with("kms:describe")
            && Matcher::action(action).matches(DESCRIBE_ACTION)
    }) {
        findings.push(Finding::note(
            "describe-key-condition",
            format!("{name} also holds {DESCRIBE_ACTION}, which never works under a condition on the encryption context; it needs a statement of its own"),
            target.path("Action"),
        ));
    }
    for condition in &target.conditions {
        if condition.is_on(CONTEXT_KEY)
            && condition
                .operator
                .is_some_and(|operator| operator.if_exists)
        {
            findings.push(Finding::warning(
                "if-exists",
                format!("{name} lists the ARNs under {:?}: a request without an encryption context passes too", condition.operator_name),
                condition.at.clone(),
            ));
        }
    }
    findings
}

/// What the values that are there already mean.
fn list_findings(target: &Statement<'_>, patterns: &[TrailPattern], plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    let added: HashMap<&str, &TrailPattern> = patterns
        .iter()
        .zip(&plan.outcomes)
        .filter(|(_, outcome)| outcome.change == Change::Added)
        .map(|(pattern, _)| (pattern.account.as_str(), pattern))
        .collect();
    for condition in target.conditions.iter().filter(|c| c.is_on(CONTEXT_KEY)) {
        let mut own: HashMap<&str, Vec<(usize, &str)>> = HashMap::new();
        for (index, value) in condition.values.iter().enumerate() {
            let account = arn::account(value).unwrap_or_default();
            if let Some(pattern) = added.get(account) {
                // What is added itself is the most of it.
                if hole::fill(value, pattern.partition) != pattern.to_string() {
                    own.entry(account).or_default().push((index, value));
                }
            } else if names_nobody(value, account) {
                findings.push(Finding::warning(
                    "placeholder",
                    format!("{value:?} matches no trail: {account:?} is no account ID"),
                    condition.at.clone(),
                ));
            }
        }
        for pattern in patterns {
            let Some(own) = own.get(pattern.account.as_str()) else {
                continue;
            };
            let arn = pattern.to_string();
            let wide = Matcher::glob(&arn);
            let narrow = own
                .iter()
                .find(|(_, value)| wide.matches(&hole::fill(value, pattern.partition)));
            if let Some((index, narrow)) = narrow {
                findings.push(Finding::note(
                    "redundant",
                    format!("{narrow:?} is redundant beside \"{arn}\"; it is left as it is"),
                    condition.at_value(*index),
                ));
            }
        }
    }
    findings
}

/// Security notes on accounts that may encrypt only because any account may.
fn open_findings(policy: &Policy<'_>, patterns: &[TrailPattern], plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut told = HashSet::new();
    let mut open: HashMap<usize, bool> = HashMap::new();
    for (pattern, outcome) in patterns.iter().zip(&plan.outcomes) {
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
        // The patterns differ in the account alone.
        let is_open = open.entry(target.index);
        if !*is_open.or_insert_with(|| is_open_to_all(policy, statement, pattern)) {
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

/// Whether a value is a trail ARN for what is no account. What is wrong with a
/// name of `CloudFormation`'s the document says.
fn names_nobody(value: &str, account: &str) -> bool {
    !account.is_empty()
        && !is_account_field(account)
        && value.starts_with("arn:")
        && value.contains(":cloudtrail:")
        && !value.contains("${AWS::")
}

fn is_account_field(text: &str) -> bool {
    text.contains(['*', '?', '$']) || hole::has_unknown(text) || text.parse::<AccountId>().is_ok()
}

/// Whether the statement lets accounts encrypt that nobody has named.
fn is_open_to_all(policy: &Policy<'_>, target: &Statement<'_>, like: &TrailPattern) -> bool {
    let accounts = ["000000000000", "987654321098"].map(str::parse::<AccountId>);
    let judge = Judge::of_statement(policy, target, accounts.iter().flatten());
    accounts.iter().all(|account| {
        account.as_ref().is_ok_and(|account| {
            let pattern = TrailPattern::every(like.partition, account.clone());
            judge.evaluate(&pattern).verdict == Verdict::Allowed
        })
    })
}

/// Why these accounts may not encrypt after the edit, with each reason once.
/// That another statement does not allow an account either is no news.
fn blocked(
    judge: &Judge<'_, '_>,
    after: &Policy<'_>,
    target: Option<&Statement<'_>>,
    patterns: &[&TrailPattern],
) -> Vec<Finding> {
    let mut reasons: Vec<(Obstacle, Verdict, Vec<&AccountId>)> = Vec::new();
    let lets = |index: usize| {
        let statement = after.statements.get(index);
        statement.is_some_and(Statement::lets_cloudtrail_encrypt)
    };
    // Most often every account is allowed, and nobody need be asked why not.
    let own_judge = LazyCell::new(|| {
        let accounts = patterns.iter().map(|pattern| &pattern.account);
        target.map(|target| Judge::of_statement(after, target, accounts))
    });
    for pattern in patterns {
        let whole = judge.evaluate(pattern);
        let own = own_judge.as_ref().map(|judge| judge.evaluate(pattern));
        for Evaluation {
            verdict, obstacles, ..
        } in own.into_iter().chain([whole])
        {
            let is_own = |obstacle: &Obstacle| {
                target.is_some_and(|target| obstacle.statement == Some(target.index))
            };
            for obstacle in obstacles {
                let is_told = match obstacle.reason {
                    Reason::Condition { .. } | Reason::Unknown { .. } => is_own(&obstacle),
                    // `target_findings` tells of these.
                    Reason::Resource | Reason::NoStatement => false,
                    // A whole statement that is an expression may deny.
                    Reason::Expression { ref element, .. } => {
                        is_own(&obstacle)
                            || element == "Statement"
                            || obstacle.statement.is_none_or(|index| !lets(index))
                    }
                    Reason::Denied
                    | Reason::MayBeDenied { .. }
                    | Reason::TooEntangled
                    | Reason::Host { .. } => true,
                };
                match reasons.iter_mut().find(|(other, ..)| *other == obstacle) {
                    // Each account comes once.
                    Some((.., accounts)) if accounts.last() == Some(&&pattern.account) => {}
                    Some((.., accounts)) => accounts.push(&pattern.account),
                    None if is_told => reasons.push((obstacle, verdict, vec![&pattern.account])),
                    None => {}
                }
            }
        }
    }
    reasons
        .into_iter()
        .map(|(obstacle, verdict, accounts)| finding(after, &obstacle, verdict, &accounts))
        .collect()
}

fn finding(
    after: &Policy<'_>,
    obstacle: &Obstacle,
    verdict: Verdict,
    accounts: &[&AccountId],
) -> Finding {
    let who = accounts_text(accounts);
    let one = accounts.len() == 1;
    let consequence = match verdict {
        Verdict::Depends => format!("{who} may stay blocked"),
        Verdict::Partly => format!("some trails of {who} stay blocked"),
        _ => format!("{who} {} blocked", if one { "stays" } else { "stay" }),
    };
    let (code, help) = (obstacle.reason.code(), obstacle.reason.help());
    let message = format!("{consequence}: {}", obstacle.explain(after, &who));
    let at = obstacle.at.clone();
    if verdict == Verdict::Partly {
        Finding::note(code, message, at)
    } else {
        Finding::warning(code, message, at).help(help)
    }
}
