//! The conditions on `aws:SourceArn` and `aws:SourceAccount`.

use std::collections::HashSet;
use std::sync::Arc;

use super::outcome::{Change, Outcome};
use super::request::Request;
use super::target::{Question, Scope, Target};
use super::{Plan, Spelling, lists};
use crate::accounts::unique;
use crate::operations::Operations;
use crate::policy::arn::{is_event_data_store, trail_account};
use crate::policy::condition::Condition;
use crate::policy::needs;
use crate::policy::operator::{Comparison, Operator};
use crate::policy::pattern::Matcher;
use crate::policy::truth::Truth;
use crate::policy::{
    AccountId, Code, Effect, Evaluator, Finding, Obstacle, Partition, Policy, Reason,
    SOURCE_ACCOUNT, SOURCE_ARN, Statement, Trails, Verdict, accounts_text, pointer, source_option,
};

const KEYS: [&str; 2] = [SOURCE_ARN, SOURCE_ACCOUNT];

/// An ARN of another partition would be taken, and match nothing.
pub(super) fn check_partition(partition: Partition, source_arns: &[String]) -> Result<(), Finding> {
    let own = format!("arn:{partition}:");
    match source_arns.iter().find(|arn| !arn.starts_with(&own)) {
        None => Ok(()),
        Some(arn) => Err(Finding::error(
            Code::SourceArnPartition,
            format!("{arn:?} is not in partition {partition}, where the accounts are"),
            pointer([]),
        )
        .help("mend the ARN, or say the partition with --partition")),
    }
}

/// What a request adds to conditions.
struct Sources<'r> {
    arns: &'r [String],
    accounts: Vec<String>,
}

impl<'r> Sources<'r> {
    fn of(request: &'r Request, asked: &Trails) -> Self {
        let accounts = asked.accounts().iter().map(ToString::to_string);
        Self {
            arns: &request.source_arns,
            accounts: if request.source_account {
                accounts.collect()
            } else {
                Vec::new()
            },
        }
    }

    fn under(&self, key: &str) -> &[String] {
        if key == SOURCE_ARN {
            self.arns
        } else {
            &self.accounts
        }
    }
}

/// Extends the statement's conditions, where there are any: a new one would cut
/// every other account off. Extends those of the statements beside it, too.
pub(super) fn extend(
    policy: &Policy<'_>,
    statement: &Statement<'_>,
    asked: &Trails,
    request: &Request,
    plan: &mut Plan,
) -> Result<(), Finding> {
    let sources = Sources::of(request, asked);
    for key in KEYS {
        let values = sources.under(key);
        let mut conditions = statement.conditions.iter().filter(|own| own.guards(key));
        if !values.is_empty() && conditions.next().is_none() {
            plan.findings.push(Finding::note(
                Code::NoSourceCondition,
                format!("{} has no condition on {key} to extend; adding one would cut the other accounts off", statement.name()),
                statement.at.clone(),
            ));
        }
        plan.operations
            .extend(extend_under(statement, key, values)?);
    }
    extend_beside(policy, Some(statement), asked, request, plan)
}

/// Extends the conditions of the statements by which `CloudTrail` may call what
/// it needs beside encryption: without it, an account's trail cannot be created.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html>
pub(super) fn extend_beside(
    policy: &Policy<'_>,
    target: Option<&Statement<'_>>,
    asked: &Trails,
    request: &Request,
    plan: &mut Plan,
) -> Result<(), Finding> {
    let sources = Sources::of(request, asked);
    let own = policy.statements.get(..policy.own).unwrap_or_default();
    let target = target.map(|target| target.index);
    for statement in own.iter().filter(|own| Some(own.index) != target) {
        let mut operations = Operations::default();
        for key in KEYS {
            if needs::is_extended(statement, key) {
                operations.extend(extend_under(statement, key, sources.under(key))?);
            }
        }
        if !operations.is_empty() {
            plan.operations.extend(operations);
            plan.extended.push(Arc::new(Target::of(statement)));
        }
    }
    Ok(())
}

fn extend_under(
    statement: &Statement<'_>,
    key: &str,
    values: &[String],
) -> Result<Operations, Finding> {
    let mut operations = Operations::default();
    for condition in statement.conditions.iter().filter(|own| own.guards(key)) {
        let Some(operator) = condition.operator else {
            continue;
        };
        if let Some(value) = values
            .iter()
            .find(|v| v.contains(['*', '?']) && !operator.has_wildcards())
        {
            return Err(Finding::error(
                Code::SourceArnWildcard,
                format!(
                    "{key} stands under {:?}, where a wildcard matches nothing: {value:?}",
                    condition.operator_name
                ),
                condition.at.clone(),
            )
            .help("give the ARN of one trail, or rename the operator to ArnLike"));
        }
        let new = missing(condition, operator, values)
            .cloned()
            .map(Into::into);
        let new = new.collect();
        operations.extend(lists::append(condition, new)?);
    }
    Ok(operations)
}

/// The values that a condition does not let through yet.
fn missing<'v>(
    condition: &Condition<'_>,
    operator: Operator,
    values: &'v [String],
) -> impl Iterator<Item = &'v String> {
    let (exact, patterns) = split(condition, operator);
    values.iter().filter(move |value| {
        !exact.contains(value.as_str())
            && !patterns.iter().any(|own| own.truth(value) == Truth::True)
    })
}

/// Adds trails to the `aws:SourceArn` of a statement that it alone guards: that
/// is the whole edit.
pub(super) fn grant(
    policy: &Policy<'_>,
    statement: &Statement<'_>,
    asked: &Trails,
    request: &Request,
) -> Result<Plan, Finding> {
    let target = Arc::new(Target::of(statement));
    let name = statement.name();
    let mut plan = Plan {
        targets: vec![Arc::clone(&target)],
        ..Plan::default()
    };
    let refuse = |message, help: String| {
        Err(Finding::error(Code::SourceArn, message, statement.at.clone()).help(help))
    };
    let is_asked = |arn: &&String| trail_account(arn).and_then(|own| asked.find(own)).is_some();
    if let Some(arn) = request.source_arns.iter().find(|arn| !is_asked(arn)) {
        return refuse(
            format!("{arn:?} is of no account given, and {name} would let its trail encrypt"),
            "give that account too, or mend the ARN".to_owned(),
        );
    }
    let conditions = || {
        statement
            .conditions
            .iter()
            .filter(|own| own.guards(SOURCE_ARN))
    };
    for account in asked.accounts() {
        let is_own = |arn: &&str| trail_account(arn) == Some(account.as_str());
        let given = request.source_arns.iter().map(String::as_str).find(is_own);
        let there = conditions()
            .flat_map(|own| &own.values)
            .map(AsRef::as_ref)
            .find(is_own);
        let Some(arn) = given.or(there) else {
            let option = source_option(SOURCE_ARN, asked.partition, &[account]);
            return refuse(
                format!(
                    "{name} lets the trails under {SOURCE_ARN} encrypt, and none of account {account} is given"
                ),
                format!("to add one: {option}"),
            );
        };
        let is_missing = |own: &Condition<'_>| {
            let mut new = own
                .operator
                .map(|operator| missing(own, operator, &request.source_arns));
            new.as_mut().is_some_and(|new| new.any(|new| new == arn))
        };
        let change = if conditions().any(is_missing) {
            Change::Added
        } else {
            Change::Present
        };
        let outcome = Outcome::new(&Spelling::around(arn), account, change);
        plan.outcomes.push(outcome.within(&target));
    }
    extend(policy, statement, asked, request, &mut plan)?;
    Ok(plan)
}

/// The question whether a statement is meant whose conditions would keep every
/// trail of these accounts out, whatever its list says.
pub(super) fn kept_out(
    policy: &Policy<'_>,
    statement: &Statement<'_>,
    asked: &Trails,
    added: &[&AccountId],
    scope: &Scope,
) -> Option<Question> {
    let mut guard = statement.clone();
    guard
        .conditions
        .retain(|own| KEYS.iter().any(|key| own.guards(key)));
    let evaluator = Evaluator::of_statement(policy, &guard);
    let mut first = None;
    let is_out = |account: &&&AccountId| {
        let evaluation = evaluator.evaluate(&asked.of(account));
        let mut obstacles = evaluation.obstacles.into_iter();
        let is_condition = |own: &Obstacle| matches!(own.reason, Reason::Condition { .. });
        let obstacle = obstacles.find(is_condition);
        let is_out = evaluation.verdict == Verdict::Blocked && obstacle.is_some();
        first = first.take().or(obstacle.filter(|_| is_out));
        is_out
    };
    let out: Vec<&AccountId> = added.iter().filter(is_out).copied().collect();
    let obstacle = first?;
    let who = accounts_text(&out);
    let key = match &obstacle.reason {
        Reason::Condition { key, .. } => key,
        _ => SOURCE_ARN,
    };
    let option = source_option(key, asked.partition, &out);
    let message = format!(
        "{who} would stay blocked: {}",
        obstacle.explain(policy, &who)
    );
    let (code, at) = (obstacle.reason.code(), obstacle.at.clone());
    let refusal = Finding::error(code, message, at)
        .help(format!("to let its trails through there: {option}"))
        .help("to insert another statement, which is wider: --insert");
    Some(Question {
        refusal,
        candidates: vec![Target::of(statement)],
        sid: scope.new_sid().to_owned(),
    })
}

/// The warning that a new statement without such conditions is wider than one
/// that has them.
pub(super) fn wider(policy: &Policy<'_>, asked: &Trails, request: &Request) -> Option<Finding> {
    if !request.source_arns.is_empty() || request.source_account {
        return None;
    }
    let (statement, condition) = policy.statements.iter().find_map(|statement| {
        let is_for_stores = statement.conditions.iter().any(|own| {
            own.is_on(SOURCE_ARN) && own.values.iter().any(|value| is_event_data_store(value))
        });
        let mut guards = statement
            .conditions
            .iter()
            .filter(|own| KEYS.iter().any(|key| own.guards(key)));
        let guard = guards.next()?;
        (statement.effect == Effect::Allow && statement.lets_cloudtrail_encrypt() && !is_for_stores)
            .then_some((statement, guard))
    })?;
    let key = condition.key;
    let message = format!(
        "the new statement is wider than {}, which {key} guards: any trail of the accounts may use the key by it",
        statement.name()
    );
    let finding = Finding::warning(Code::Wider, message, condition.at.clone());
    let accounts: Vec<&AccountId> = asked.accounts().iter().collect();
    let option = source_option(key, asked.partition, &accounts);
    Some(
        if statement.is_guarded_only() != Truth::False && !request.scope.wants_new() {
            finding.help(format!("to add a trail there instead: {option}"))
        } else {
            finding.help(format!("to guard the new one too: {option}"))
        },
    )
}

/// What the conditions on `aws:SourceArn` and `aws:SourceAccount` still say of
/// accounts that are no more in the list.
pub(super) fn left(statement: &Statement<'_>, removed: &Trails) -> Vec<Finding> {
    let mut findings = Vec::new();
    for key in KEYS {
        for condition in statement.conditions.iter().filter(|c| c.is_on(key)) {
            let named = condition.values.iter();
            let named =
                named.filter_map(|value| removed.find(trail_account(value).unwrap_or(value)));
            let accounts = unique(named.cloned().collect());
            if !accounts.is_empty() {
                let accounts: Vec<&AccountId> = accounts.iter().collect();
                let accounts = accounts_text(&accounts);
                findings.push(Finding::note(
                    Code::SourceLeft,
                    format!("{key} still names {accounts}; it is left as it is"),
                    condition.at.clone(),
                ));
            }
        }
    }
    findings
}

/// A condition's values that match themselves alone, and the others as the
/// operator reads them.
fn split<'v>(condition: &'v Condition<'_>, operator: Operator) -> (HashSet<&'v str>, Vec<Matcher>) {
    let is_plain = |value: &str| {
        let has_case = value.bytes().any(|byte| byte.is_ascii_alphabetic());
        value.is_ascii()
            && !value.contains(['*', '?'])
            && !(has_case && operator.comparison == Comparison::StringEqualsIgnoreCase)
            && operator.matcher(value).truth(value) == Truth::True
    };
    let (mut exact, mut patterns) = (HashSet::new(), Vec::new());
    for value in &condition.values {
        if is_plain(value) {
            exact.insert(value.as_ref());
        } else {
            patterns.push(operator.matcher(value));
        }
    }
    (exact, patterns)
}
