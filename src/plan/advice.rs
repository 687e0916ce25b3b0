//! What a person should know of an edit: whether it grants what was meant,
//! and what else `CloudTrail` or KMS will trip on.

use json_patch::jsonptr::PointerBuf;

use super::{Change, Plan, accounts_text};
use crate::policy::condition::Truth;
use crate::policy::evaluate::explain;
use crate::policy::pattern::Matcher;
use crate::policy::statement::walk;
use crate::policy::{
    AccountId, CONTEXT_KEY, ENCRYPT_ACTION, Effect, Evaluation, Finding, Obstacle, Policy, Reason,
    SOURCE_ACCOUNT, SOURCE_ARN, Statement, TrailPattern, Verdict,
};

const DESCRIBE_ACTION: &str = "kms:DescribeKey";

/// Adds to the plan's findings; all of them speak of the policy as it will be.
pub(super) fn advise(
    before: &Policy<'_>,
    patterns: &[TrailPattern],
    plan: &mut Plan,
) -> Result<(), Finding> {
    let mut value = before.value().clone();
    json_patch::patch(&mut value, &plan.operations).map_err(|error| {
        Finding::error(
            "internal",
            format!("the patch does not apply: {error}"),
            PointerBuf::new(),
        )
    })?;
    let after = Policy::read(&value).map_err(|mut findings| findings.remove(0))?;
    let target = plan
        .target
        .as_ref()
        .and_then(|target| after.statements.get(target.index));
    let mut findings = Vec::new();
    if let Some(target) = target {
        findings.extend(target_findings(target));
        findings.extend(list_findings(target, patterns, plan));
    }
    findings.extend(open_findings(before, patterns, plan));
    findings.extend(blocked(&after, target, patterns));
    findings.extend(principal_ids(&after));
    findings.extend(missing_statements(&after, plan));
    plan.findings.extend(findings);
    Ok(())
}

/// What is wrong with the statement itself, whatever its list holds.
fn target_findings(target: &Statement<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = target.name();
    if !target.covers_action(ENCRYPT_ACTION) {
        findings.push(
            Finding::warning(
                "action",
                format!("{name} grants nothing: its Action does not cover {ENCRYPT_ACTION}"),
                target.path("Action"),
            )
            .help("the guide's Action is \"kms:GenerateDataKey*\""),
        );
    }
    if target.covers_key() != Truth::True {
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
    for condition in target.conditions.iter().filter(|c| c.is_on(CONTEXT_KEY)) {
        for value in &condition.values {
            let account = value.split(':').nth(4).unwrap_or_default();
            let is_arn = value.starts_with("arn:") && value.contains(":cloudtrail:");
            if is_arn && !account.is_empty() && !is_account_field(account) {
                findings.push(Finding::warning(
                    "placeholder",
                    format!("{value:?} matches no trail: {account:?} is no account ID"),
                    condition.at.clone(),
                ));
            }
        }
        for pattern in patterns {
            let arn = pattern.to_string();
            let wide = Matcher::glob(&arn);
            let narrow = condition.values.iter().find(|value| {
                **value != arn
                    && value.split(':').nth(4) == Some(pattern.account.as_str())
                    && wide.matches(value)
            });
            let is_added = plan
                .outcomes
                .iter()
                .any(|o| o.account == pattern.account && o.change == Change::Added);
            if let (Some(narrow), true) = (narrow, is_added) {
                findings.push(Finding::note(
                    "redundant",
                    format!("{narrow:?} is redundant beside \"{arn}\"; it is left as it is"),
                    condition.at.clone(),
                ));
            }
        }
    }
    findings
}

/// Security notes on accounts that may encrypt only because any account may.
fn open_findings(policy: &Policy<'_>, patterns: &[TrailPattern], plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (pattern, outcome) in patterns.iter().zip(&plan.outcomes) {
        let (target, what) = match (&outcome.change, &plan.target) {
            (Change::Covered { by }, Some(target)) => (target, format!("{by:?}")),
            (Change::AllowedBy { statement }, _) => (statement, statement.name()),
            _ => continue,
        };
        let Some(statement) = policy.statements.get(target.index) else {
            continue;
        };
        let note = Finding::note(
            "any-account",
            format!("security: {what} lets the CloudTrail of any AWS account use this key"),
            statement.at.clone(),
        );
        if is_open(policy, statement, pattern) && !findings.contains(&note) {
            findings.push(note);
        }
    }
    findings
}

fn is_account_field(text: &str) -> bool {
    text.contains(['*', '?', '$']) || text.parse::<AccountId>().is_ok()
}

/// Whether the statement lets accounts encrypt that nobody has named.
fn is_open(policy: &Policy<'_>, target: &Statement<'_>, like: &TrailPattern) -> bool {
    ["000000000000", "987654321098"].iter().all(|account| {
        account.parse().is_ok_and(|account| {
            let pattern = TrailPattern::every(like.partition, account);
            policy.evaluate_statement(target, &pattern).verdict == Verdict::Allowed
        })
    })
}

/// The accounts that may not encrypt after the edit, with each reason once.
/// That another statement does not allow an account either is no news.
fn blocked(
    after: &Policy<'_>,
    target: Option<&Statement<'_>>,
    patterns: &[TrailPattern],
) -> Vec<Finding> {
    let mut reasons: Vec<(Obstacle, Verdict, Vec<&AccountId>)> = Vec::new();
    for pattern in patterns {
        let whole = after.evaluate(pattern);
        if whole.verdict == Verdict::Allowed {
            continue;
        }
        let own = target.map(|target| after.evaluate_statement(target, pattern));
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
                    Reason::Denied | Reason::MayBeDenied { .. } | Reason::TooEntangled => true,
                };
                match reasons.iter_mut().find(|(other, ..)| *other == obstacle) {
                    Some((.., accounts)) if accounts.contains(&&pattern.account) => {}
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
    let place = obstacle
        .statement
        .and_then(|index| after.statements.get(index))
        .map_or_else(|| "the policy".to_owned(), Statement::name);
    let (code, help) = match &obstacle.reason {
        Reason::Condition { key, .. } if key.eq_ignore_ascii_case(SOURCE_ARN) => (
            "source-arn",
            "add the trail's ARN in the same edit: --source-arn ARN",
        ),
        Reason::Condition { key, .. } if key.eq_ignore_ascii_case(SOURCE_ACCOUNT) => (
            "source-account",
            "add the account there in the same edit: --source-account",
        ),
        Reason::Condition { operator, .. } if operator == "Null" => (
            "null-contradiction",
            "Null with \"true\" wants no encryption context, and CloudTrail always sends one: take it out",
        ),
        Reason::Condition { .. } => ("condition", "all the conditions of a statement must hold"),
        Reason::Unknown { .. } => (
            "condition-unknown",
            "all the conditions of a statement must hold; try it with one trail first",
        ),
        Reason::Denied => ("denied", "the Deny has to make an exception for the trail"),
        Reason::MayBeDenied { .. } => (
            "may-be-denied",
            "look whether the Deny means CloudTrail too; aws:PrincipalIsAWSService exempts AWS services",
        ),
        Reason::Resource | Reason::NoStatement | Reason::TooEntangled => {
            ("undecided", "read the statement's patterns")
        }
    };
    let message = format!(
        "{consequence}: {place}: {}",
        explain(&obstacle.reason, &who)
    );
    let at = obstacle.at.clone();
    if verdict == Verdict::Partly {
        Finding::note(code, message, at)
    } else {
        Finding::warning(code, message, at).help(help)
    }
}

/// Principals that were deleted come back as unique IDs, and KMS then refuses
/// the whole policy.
fn principal_ids(after: &Policy<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for statement in &after.statements {
        let Some(principal) = statement.body().get("Principal") else {
            continue;
        };
        walk(principal, &statement.path("Principal"), &mut |text, at| {
            if is_unique_id(text) {
                findings.push(
                    Finding::warning(
                        "deleted-principal",
                        format!("{text:?} is what is left of a deleted user or role: KMS refuses a policy that names it"),
                        at.clone(),
                    )
                    .help("take it out before putting the policy"),
                );
            }
        });
    }
    findings
}

fn is_unique_id(text: &str) -> bool {
    ["AIDA", "AROA"].iter().any(|prefix| {
        text.strip_prefix(prefix).is_some_and(|rest| {
            rest.len() >= 12 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    })
}

/// What `CloudTrail` and the lockout check of KMS need beside this statement.
fn missing_statements(after: &Policy<'_>, plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    let allows = |statement: &Statement<'_>, action: &str| {
        statement.effect == Effect::Allow && statement.covers_action(action)
    };
    let describes = after.statements.iter().any(|statement| {
        let has_context = |key: &str| {
            key.to_ascii_lowercase()
                .starts_with("kms:encryptioncontext")
        };
        allows(statement, DESCRIBE_ACTION)
            && statement.is_for_cloudtrail()
            && !statement
                .conditions
                .iter()
                .any(|condition| has_context(condition.key))
    });
    if plan.operations.is_empty() {
        return findings;
    }
    if !describes {
        findings.push(Finding::note(
            "no-describe-key",
            format!("no statement lets CloudTrail call {DESCRIBE_ACTION}, which creating or updating a trail needs: {{\"Sid\": \"Allow CloudTrail access\", \"Effect\": \"Allow\", \"Principal\": {{\"Service\": \"cloudtrail.amazonaws.com\"}}, \"Action\": \"kms:DescribeKey\", \"Resource\": \"*\"}}"),
            PointerBuf::new(),
        ));
    }
    let is_administered = after.statements.iter().any(|statement| {
        allows(statement, "kms:PutKeyPolicy") && statement.principals("AWS").next().is_some()
    });
    let is_new = plan.target.as_ref().is_some_and(|target| target.is_new);
    if is_new && !is_administered {
        findings.push(Finding::note(
            "no-administrator",
            "no statement lets an AWS principal call kms:PutKeyPolicy: KMS may refuse the policy, so that nobody is locked out",
            PointerBuf::new(),
        ));
    }
    findings
}
