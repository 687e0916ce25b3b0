//! What `CloudTrail`, readers and KMS need beside the encrypt statement.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html>

use json_patch::jsonptr::PointerBuf;

use super::code::Code;
use super::truth::Truth;
use super::walk::walk;
use super::{Effect, Finding, Policy, Statement, hole};
use crate::value::Value;

/// The action that `CloudTrail` calls when a trail is created or updated.
pub const DESCRIBE_ACTION: &str = "kms:DescribeKey";
/// The action that `CloudTrail` calls where the bucket has an S3 Bucket Key, and
/// that reads a log.
pub const DECRYPT_ACTION: &str = "kms:Decrypt";

fn allows(statement: &Statement<'_>, action: &str) -> bool {
    statement.effect != Effect::Deny && statement.covers_action(action) != Truth::False
}

/// Whether a statement names, or may name, an AWS principal.
fn names_aws(statement: &Statement<'_>) -> bool {
    let principal = statement.body().get("Principal");
    statement.is_expression()
        || principal.is_some_and(hole::is_whole_value)
        || statement.principals("AWS").next().is_some()
}

fn note(code: Code, message: String) -> Finding {
    Finding::note(code, message, PointerBuf::new())
}

/// `DescribeKey` has no encryption context, so a condition on one never holds
/// for it.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>
#[must_use]
pub fn describe_key(policy: &Policy<'_>) -> Option<Finding> {
    let is_on_context = |key: &str| {
        key.to_ascii_lowercase()
            .starts_with("kms:encryptioncontext")
    };
    let is_there = policy.statements.iter().any(|statement| {
        allows(statement, DESCRIBE_ACTION)
            && statement.is_for_cloudtrail() != Truth::False
            && !statement
                .conditions
                .iter()
                .any(|condition| is_on_context(condition.key))
    });
    (!is_there).then(|| {
        note(Code::NoDescribeKey, format!("no statement lets CloudTrail call {DESCRIBE_ACTION}, which creating or updating a trail needs: {{\"Sid\": \"Allow CloudTrail access\", \"Effect\": \"Allow\", \"Principal\": {{\"Service\": \"cloudtrail.amazonaws.com\"}}, \"Action\": \"kms:DescribeKey\", \"Resource\": \"*\"}}"))
    })
}

/// A bucket with an S3 Bucket Key makes `CloudTrail` call `Decrypt`.
#[must_use]
pub fn bucket_key(policy: &Policy<'_>) -> Option<Finding> {
    let is_there = policy.statements.iter().any(|statement| {
        allows(statement, DECRYPT_ACTION) && statement.is_for_cloudtrail() != Truth::False
    });
    (!is_there).then(|| {
        note(Code::NoBucketKeyDecrypt, format!("no statement lets CloudTrail call {DECRYPT_ACTION}, which it needs if the bucket uses an S3 Bucket Key"))
    })
}

/// Who encrypts may not read.
#[must_use]
pub fn reader(policy: &Policy<'_>) -> Option<Finding> {
    let is_there = policy
        .statements
        .iter()
        .any(|statement| allows(statement, DECRYPT_ACTION) && names_aws(statement));
    (!is_there).then(|| {
        note(Code::NoReaderDecrypt, format!("no statement lets an AWS principal call {DECRYPT_ACTION}: nobody can read the encrypted logs"))
    })
}

/// KMS refuses a policy that would lock its caller out.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html>
#[must_use]
pub fn administrator(policy: &Policy<'_>) -> Option<Finding> {
    let is_there = policy
        .statements
        .iter()
        .any(|statement| allows(statement, "kms:PutKeyPolicy") && names_aws(statement));
    (!is_there).then(|| {
        note(Code::NoAdministrator, "no statement lets an AWS principal call kms:PutKeyPolicy: KMS may refuse the policy, so that nobody is locked out".to_owned())
    })
}

/// Statements for which KMS refuses the whole policy, whoever wrote them.
#[must_use]
pub fn refused(policy: &Policy<'_>) -> Vec<Finding> {
    let mut findings = deleted_principals(policy);
    let own = policy.statements.get(..policy.own).unwrap_or_default();
    for statement in own.iter().filter(|own| !own.is_expression()) {
        findings.extend(without_element(statement));
        findings.extend(bad_principals(statement));
    }
    findings
}

/// Every statement says for which key, and which calls.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html>
fn without_element(statement: &Statement<'_>) -> Option<Finding> {
    let lacks = |name: &&str| {
        let opposite = format!("Not{name}");
        [name, opposite.as_str()]
            .iter()
            .all(|name| statement.get(name).is_none())
    };
    let name = ["Action", "Resource"].into_iter().find(lacks)?;
    let message = format!(
        "{} has no {name}: since August 2025 KMS refuses a policy with such a statement",
        statement.name()
    );
    let finding = Finding::warning(Code::NoElement, message, statement.at.clone());
    Some(if name == "Resource" {
        finding.help("in a key policy the Resource is \"*\", which means this key")
    } else {
        finding.help("take the statement out, or say which actions it is about")
    })
}

/// A principal is somebody, by a whole name.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
fn bad_principals(statement: &Statement<'_>) -> Option<Finding> {
    let at = || statement.path("Principal");
    let Some(Value::Object(kinds)) = statement.get("Principal") else {
        return None;
    };
    let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
    if kinds.is_empty() || kinds.values().any(is_empty) {
        let message = format!(
            "{} has an empty list of principals: KMS refuses such a policy",
            statement.name()
        );
        return Some(Finding::warning(Code::EmptyPrincipal, message, at()));
    }
    let mut names = statement.principals("AWS");
    let wild = names.find(|name| *name != "*" && name.contains(['*', '?']))?;
    let message =
        format!("{wild:?} is no principal: KMS takes no wildcard in one, and refuses the policy");
    Some(
        Finding::warning(Code::PrincipalWildcard, message, at())
            .help("name the principal, or take \"*\" and a condition on aws:PrincipalArn"),
    )
}

/// Principals that were deleted come back as unique IDs, and KMS then refuses
/// the whole policy.
#[must_use]
pub fn deleted_principals(policy: &Policy<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for statement in &policy.statements {
        let Some(principal) = statement.body().get("Principal") else {
            continue;
        };
        walk(principal, &statement.path("Principal"), &mut |text, at| {
            if is_unique_id(text) {
                findings.push(
                    Finding::warning(
                        Code::DeletedPrincipal,
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
