//! What is wrong with a statement, and with the values that its list has already.

use super::Plan;
use super::outcome::Change;
use super::spelling::Written;
use crate::policy::pattern::Matcher;
use crate::policy::truth::Truth;
use crate::policy::{
    AccountId, Arn, CONTEXT_KEY, Code, DESCRIBE_ACTION, ENCRYPT_ACTION, Finding, Statement, Trails,
    hole,
};

/// What is wrong with the statement itself, whatever its list holds.
pub(super) fn target_findings(target: &Statement<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = target.name();
    findings.extend(grants_nothing(target));
    let mut conditions = target.conditions.iter();
    let is_on_context = conditions.any(|condition| condition.is_on(CONTEXT_KEY));
    let mut actions = target.actions();
    let describes = actions.any(|action| {
        action.to_ascii_lowercase().starts_with("kms:describe")
            && Matcher::action(action).matches(DESCRIBE_ACTION)
    });
    if is_on_context && describes {
        findings.push(Finding::note(
            Code::DescribeKeyCondition,
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
                Code::IfExists,
                format!("{name} lists the ARNs under {:?}: a request without an encryption context passes too", condition.operator_name),
                condition.at.clone(),
            ));
        }
    }
    findings
}

/// The warning that the statement is about other calls.
pub(super) fn grants_nothing(target: &Statement<'_>) -> Option<Finding> {
    if target.covers_action(ENCRYPT_ACTION) != Truth::False {
        return None;
    }
    let name = target.name();
    let message = format!("{name} grants nothing: its Action does not cover {ENCRYPT_ACTION}");
    let finding = Finding::warning(Code::Action, message, target.path("Action"));
    Some(finding.help("the guide's Action is \"kms:GenerateDataKey*\""))
}

/// What the values that are there already mean.
pub(super) fn list_findings(target: &Statement<'_>, asked: &Trails, plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    let written = Written::of(asked);
    let is_added = |place: usize| {
        let outcome = plan.outcomes.get(place);
        outcome.is_some_and(|outcome| outcome.change == Change::Added)
    };
    for condition in target.conditions.iter().filter(|c| c.is_on(CONTEXT_KEY)) {
        let mut beside: Vec<(usize, usize, &str)> = Vec::new();
        for (index, value) in condition.values.iter().enumerate() {
            // They are the most of it: what is added, and what it would be for
            // any other account.
            if written.is_like(value) {
                continue;
            }
            let account = Arn::of(value).account.unwrap_or_default();
            if let Some(place) = asked.place(account).filter(|place| is_added(*place)) {
                beside.push((place, index, value));
            } else if names_nobody(value, account) {
                findings.push(Finding::warning(
                    Code::Placeholder,
                    format!("{value:?} matches no trail: {account:?} is no account ID"),
                    condition.at.clone(),
                ));
            }
        }
        // By account, in the order asked.
        beside.sort_unstable();
        for of_one in beside.chunk_by(|(one, ..), (other, ..)| one == other) {
            let Some(account) = of_one
                .first()
                .and_then(|(place, ..)| asked.accounts().get(*place))
            else {
                continue;
            };
            let arn = asked.of(account).to_string();
            let wide = Matcher::glob(&arn);
            let mut values = of_one.iter();
            let narrow =
                values.find(|(.., value)| wide.matches(&hole::fill(value, asked.partition)));
            if let Some((_, index, narrow)) = narrow {
                findings.push(Finding::note(
                    Code::Redundant,
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
