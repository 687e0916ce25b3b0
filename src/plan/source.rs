//! The conditions on `aws:SourceArn` and `aws:SourceAccount`.

use std::collections::HashSet;

use super::request::Request;
use super::{accounts_text, lists};
use crate::accounts::unique;
use crate::operations::Operations;
use crate::policy::arn::trail_account;
use crate::policy::condition::Condition;
use crate::policy::operator::{Comparison, Operator};
use crate::policy::pattern::Matcher;
use crate::policy::truth::Truth;
use crate::policy::{
    AccountId, Finding, Partition, SOURCE_ACCOUNT, SOURCE_ARN, Statement, Trails, pointer,
};

/// An ARN of another partition would be taken, and match nothing.
pub(super) fn check_partition(partition: Partition, source_arns: &[String]) -> Result<(), Finding> {
    let own = format!("arn:{partition}:");
    match source_arns.iter().find(|arn| !arn.starts_with(&own)) {
        None => Ok(()),
        Some(arn) => Err(Finding::error(
            "source-arn-partition",
            format!("{arn:?} is not in partition {partition}, where the accounts are"),
            pointer([]),
        )
        .help("mend the ARN, or say the partition with --partition")),
    }
}

/// Extends the conditions on `aws:SourceArn` and `aws:SourceAccount`, where
/// there are any: a new one would cut every other account off.
pub(super) fn extend(
    statement: &Statement<'_>,
    request: &Request,
    findings: &mut Vec<Finding>,
) -> Result<Operations, Finding> {
    let accounts: Vec<String> = if request.source_account {
        request.accounts.iter().map(ToString::to_string).collect()
    } else {
        Vec::new()
    };
    let mut operations = Operations::default();
    for (key, values) in [
        (SOURCE_ARN, &request.source_arns),
        (SOURCE_ACCOUNT, &accounts),
    ] {
        let mut extended = false;
        for condition in statement.conditions.iter().filter(|c| c.is_on(key)) {
            let Some(operator) = condition.operator.filter(|operator| {
                !operator.negated
                    && operator.set.is_none()
                    && operator.comparison != Comparison::Null
            }) else {
                continue;
            };
            extended = true;
            if let Some(value) = values
                .iter()
                .find(|v| v.contains(['*', '?']) && !operator.has_wildcards())
            {
                return Err(Finding::error(
                    "source-arn-wildcard",
                    format!(
                        "{key} stands under {:?}, where a wildcard matches nothing: {value:?}",
                        condition.operator_name
                    ),
                    condition.at.clone(),
                )
                .help("give the ARN of one trail, or rename the operator to ArnLike"));
            }
            let (exact, patterns): (HashSet<&str>, Vec<Matcher>) = split(condition, operator);
            let is_new = |value: &&String| {
                !exact.contains(value.as_str())
                    && !patterns.iter().any(|own| own.truth(value) == Truth::True)
            };
            let new = values.iter().filter(is_new).cloned().map(Into::into);
            operations.extend(lists::append(condition, new.collect())?);
        }
        if !extended && !values.is_empty() {
            findings.push(Finding::note(
                "no-source-condition",
                format!("{} has no condition on {key} to extend; adding one would cut the other accounts off", statement.name()),
                statement.at.clone(),
            ));
        }
    }
    Ok(operations)
}

/// What the conditions on `aws:SourceArn` and `aws:SourceAccount` still say of
/// accounts that are no more in the list.
pub(super) fn left(statement: &Statement<'_>, removed: &Trails) -> Vec<Finding> {
    let mut findings = Vec::new();
    for key in [SOURCE_ARN, SOURCE_ACCOUNT] {
        for condition in statement.conditions.iter().filter(|c| c.is_on(key)) {
            let named = condition.values.iter();
            let named =
                named.filter_map(|value| removed.find(trail_account(value).unwrap_or(value)));
            let accounts = unique(named.cloned().collect());
            if !accounts.is_empty() {
                let accounts: Vec<&AccountId> = accounts.iter().collect();
                let accounts = accounts_text(&accounts);
                findings.push(Finding::note(
                    "source-left",
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
