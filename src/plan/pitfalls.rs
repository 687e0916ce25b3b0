//! What is wrong with a statement, and with the values that its list has already.

use std::collections::HashMap;

use super::{Change, Plan};
use crate::policy::condition::Truth;
use crate::policy::needs::DESCRIBE_ACTION;
use crate::policy::pattern::Matcher;
use crate::policy::{
    AccountId, CONTEXT_KEY, ENCRYPT_ACTION, Finding, Statement, TrailPattern, arn, hole,
};

/// What is wrong with the statement itself, whatever its list holds.
pub(super) fn target_findings(target: &Statement<'_>) -> Vec<Finding> {
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
pub(super) fn list_findings(
    target: &Statement<'_>,
    patterns: &[TrailPattern],
    plan: &Plan,
) -> Vec<Finding> {
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
