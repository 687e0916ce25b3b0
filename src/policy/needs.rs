//! What `CloudTrail`, readers and KMS need beside the encrypt statement.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html>

use indexmap::IndexMap;
use json_patch::jsonptr::PointerBuf;

use super::account::accounts_text;
use super::call::Call;
use super::code::Code;
use super::condition_key::is_on_context;
use super::evaluate::{Evaluator, SHOWN};
use super::truth::Truth;
use super::walk::walk;
use super::{
    AccountId, DECRYPT_ACTION, DESCRIBE_ACTION, ENCRYPT_ACTION, Effect, Finding, Obstacle, Policy,
    Reason, SOURCE_ACCOUNT, SOURCE_ARN, Statement, TrailPattern, Verdict, hole,
};
use crate::value::Value;

/// The guide's statement for `kms:DescribeKey`.
const DESCRIBE_STATEMENT: &str = r#"{"Sid": "Allow CloudTrail access", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:DescribeKey", "Resource": "*"}"#;

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

/// A warning on the trails for which `CloudTrail` may not call `DescribeKey`,
/// and a note on accounts for which that is so of some trails.
pub fn describe_key(policy: &Policy<'_>, trails: &[TrailPattern]) -> Vec<Finding> {
    let lacks = lacks(policy, Call::Describe, trails).into_iter();
    let finding = |lack: Lack<'_>| {
        let message = lack.message(policy, "which creating or updating a trail needs");
        let at = lack.at();
        if lack.verdict == Verdict::Partly {
            return Finding::note(Code::NoDescribeKey, message, at);
        }
        let finding = Finding::warning(Code::NoDescribeKey, message, at);
        let help = lack.help(policy).into_iter();
        help.fold(finding, Finding::help)
    };
    lacks.map(finding).collect()
}

/// Notes on the trails for which `CloudTrail` may not call `Decrypt`, as it does
/// where the bucket has an S3 Bucket Key.
pub fn bucket_key(policy: &Policy<'_>, trails: &[TrailPattern]) -> Vec<Finding> {
    let lacks = lacks(policy, Call::Decrypt, trails).into_iter();
    let finding = |lack: Lack<'_>| {
        let why = "which it needs if the bucket uses an S3 Bucket Key";
        let message = lack.message(policy, why);
        Finding::note(Code::NoBucketKeyDecrypt, message, lack.at())
    };
    lacks.map(finding).collect()
}

/// Whether `--source-arn` and `--source-account` also extend a statement's
/// conditions on this key: by it `CloudTrail` may call what it needs beside
/// encryption, for the trails that are named there. One that lets encrypt stays
/// as it is: an event data store's has no list, so it would let the account
/// encrypt.
pub fn is_extended(statement: &Statement<'_>, key: &str) -> bool {
    let covers = |action| statement.covers_action(action) == Truth::True;
    let mut conditions = statement.conditions.iter();
    let is_account = key.eq_ignore_ascii_case(SOURCE_ACCOUNT);
    statement.effect == Effect::Allow
        && statement.names_cloudtrail() == Truth::True
        && (covers(DESCRIBE_ACTION) || covers(DECRYPT_ACTION))
        && statement.covers_action(ENCRYPT_ACTION) == Truth::False
        && (statement.names_trails() == Truth::True
            || (is_account && !conditions.any(|own| own.is_on(SOURCE_ARN))))
}

/// Trails for which `CloudTrail` may not make a call, all for the same reasons.
struct Lack<'t> {
    call: Call,
    verdict: Verdict,
    obstacles: Vec<Obstacle>,
    /// The trails for which it may all the same.
    allowed: Vec<String>,
    trails: Vec<&'t TrailPattern>,
}

/// The trails for which a call is not allowed, or not for all of a pattern.
/// What rests on something that the policy does not say is no lack.
fn lacks<'t>(policy: &Policy<'_>, call: Call, trails: &'t [TrailPattern]) -> Vec<Lack<'t>> {
    let evaluator = Evaluator::of_call(policy, call);
    let mut found: IndexMap<_, (Vec<&TrailPattern>, Vec<String>)> = IndexMap::new();
    for trail in trails {
        if matches!(
            evaluator.verdict(trail),
            Verdict::Allowed | Verdict::Depends
        ) {
            continue;
        }
        let own = evaluator.evaluate(trail);
        let (trails, allowed) = found.entry((own.verdict, own.obstacles)).or_default();
        trails.push(trail);
        allowed.extend(own.patterns);
    }
    let found = found.into_iter();
    let lacks = found.map(|((verdict, obstacles), (trails, allowed))| Lack {
        call,
        verdict,
        obstacles,
        allowed,
        trails,
    });
    lacks.collect()
}

impl Lack<'_> {
    fn message(&self, policy: &Policy<'_>, needed: &str) -> String {
        let action = self.call.action();
        let who = self.who();
        let mut obstacles = self.obstacles.iter();
        if obstacles.any(|own| own.reason == Reason::NoStatement) {
            return format!("no statement lets CloudTrail call {action}, {needed}");
        }
        let whys = self.obstacles.iter().map(|own| self.why(policy, own, &who));
        let whys: Vec<String> = whys.collect();
        if self.verdict != Verdict::Partly {
            let whys = whys.join("; ");
            return format!("CloudTrail may not call {action} for {who}, {needed}: {whys}");
        }
        let shown = self.allowed.iter().take(SHOWN);
        let shown: Vec<String> = shown.map(|own| format!("{own:?}")).collect();
        let which = match self.allowed.len().saturating_sub(SHOWN) {
            0 if shown.is_empty() => whys.join("; "),
            0 => shown.join(", "),
            more => format!("{} and {more} more", shown.join(", ")),
        };
        format!("CloudTrail may call {action} for some trails of {who} alone, {needed}: {which}")
    }

    /// Whose call it is.
    fn who(&self) -> String {
        let arns = || self.trails.iter().map(ToString::to_string);
        match self.trails.as_slice() {
            [only] if !only.is_wild() => format!("trail {only}"),
            several if several.iter().all(|own| !own.is_wild()) => {
                format!("trails {}", arns().collect::<Vec<_>>().join(", "))
            }
            several => {
                let mut accounts: Vec<&AccountId> =
                    several.iter().map(|own| &own.account).collect();
                accounts.dedup();
                accounts_text(&accounts)
            }
        }
    }

    fn why(&self, policy: &Policy<'_>, obstacle: &Obstacle, who: &str) -> String {
        let statement = obstacle.statement.and_then(|at| policy.statements.get(at));
        match (&obstacle.reason, statement) {
            (Reason::Condition { key, .. }, Some(statement))
                if self.call == Call::Describe && is_on_context(key) =>
            {
                let (name, action) = (statement.name(), self.call.action());
                format!("{name}: it requires {key}, which a call of {action} never has")
            }
            _ => obstacle.explain(policy, who),
        }
    }

    fn at(&self) -> PointerBuf {
        let first = self.obstacles.first();
        first.map(|own| own.at.clone()).unwrap_or_default()
    }

    /// What to do, where every way is shut.
    fn help(&self, policy: &Policy<'_>) -> Vec<String> {
        let mut help = Vec::new();
        for obstacle in &self.obstacles {
            let statement = obstacle.statement.and_then(|at| policy.statements.get(at));
            let line = match (&obstacle.reason, statement) {
                (Reason::Denied, _) => obstacle.reason.help().to_owned(),
                (Reason::Condition { key, .. }, Some(statement)) if is_extended(statement, key) => {
                    let is_arn = key.eq_ignore_ascii_case(SOURCE_ARN);
                    let option = if is_arn {
                        "--source-arn ARN"
                    } else {
                        "--source-account"
                    };
                    format!("add-account adds it there: {option}")
                }
                _ => format!("the guide's statement: {DESCRIBE_STATEMENT}"),
            };
            if !help.contains(&line) {
                help.push(line);
            }
        }
        help
    }
}

/// Who encrypts may not read.
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
pub fn refused(policy: &Policy<'_>) -> Vec<Finding> {
    let mut findings = deleted_principals(policy);
    let own = policy.statements.get(..policy.own).unwrap_or_default();
    for statement in own.iter().filter(|own| !own.is_expression()) {
        findings.extend(without_element(statement));
        findings.extend(other_resource(statement));
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

/// In a key policy the resource is `*`, says a mail of AWS to its customers.
/// The guides of other services still show a key's ARN.
fn other_resource(statement: &Statement<'_>) -> Option<Finding> {
    let mut resources = statement.resources();
    let other = resources.find(|resource| *resource != "*" && !hole::has_unknown(resource))?;
    let message = format!(
        "{} has the Resource {other:?}: since August 2025 KMS may refuse a policy with any but \"*\"",
        statement.name()
    );
    let finding = Finding::warning(Code::Resource, message, statement.path("Resource"));
    Some(finding.help("in a key policy the Resource is \"*\", which means this key"))
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
