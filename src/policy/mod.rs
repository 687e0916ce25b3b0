//! IAM's rules as pure functions over a policy's value: which statement is
//! meant, what is covered, what is blocked, what would do harm. No text, no
//! files, no terminal.

pub mod account;
pub mod arn;
mod asked;
mod automaton;
mod call;
pub mod canonical;
mod code;
pub mod condition;
mod condition_key;
mod condition_value;
mod coverage;
mod covers;
mod evaluate;
mod explain;
mod expressions;
pub mod finding;
pub mod hole;
mod judge;
pub mod key;
mod key_facts;
pub mod listed;
pub mod needs;
pub mod operator;
mod partition;
pub mod pattern;
pub mod statement;
mod trails;
pub mod truth;
mod variable;
mod verdict;
pub mod walk;

use json_patch::jsonptr::PointerBuf;

pub use account::{AccountId, RegionPattern, TrailName, TrailPattern, accounts_text};
pub use arn::Arn;
pub use asked::Trails;
pub use call::Call;
pub use canonical::canonical;
pub use code::Code;
use condition::Reading;
pub use condition_key::{CONTEXT_KEY, SOURCE_ACCOUNT, SOURCE_ARN, source_option};
pub use condition_value::ConditionValue;
pub use coverage::Coverage;
pub use evaluate::Evaluator;
pub use finding::{Finding, Severity};
use finding::{kind, wrong_type};
pub use key::{KeyArn, KeyName};
pub use key_facts::KeyFacts;
pub use partition::{FieldError, Partition};
pub use statement::{Effect, Statement};
pub use variable::SERVICE;
pub use verdict::{Evaluation, Obstacle, Reason, Verdict};

use crate::value::{Map, Value};

/// The Sid in AWS's guide until 2023.
pub const DEFAULT_SID: &str = "Enable CloudTrail Encrypt Permissions";
/// The same statement's Sid in AWS's guide today.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html>
pub const CURRENT_SID: &str = "EnableCloudTrailEncryptPermissions";
/// The action that `CloudTrail` calls to encrypt a log file.
pub const ENCRYPT_ACTION: &str = "kms:GenerateDataKey";
/// The action that `CloudTrail` calls when a trail is created or updated.
pub const DESCRIBE_ACTION: &str = "kms:DescribeKey";
/// The action that `CloudTrail` calls where the bucket has an S3 Bucket Key, and
/// that reads a log.
pub const DECRYPT_ACTION: &str = "kms:Decrypt";

/// A key policy: a view of its value.
#[derive(Debug, Clone)]
pub struct Policy<'a> {
    /// The statements, in the policy's order; behind them those that its host
    /// brings in from elsewhere.
    pub statements: Vec<Statement<'a>>,
    /// How many of them are the policy's own.
    pub own: usize,
    /// Whether `Statement` is an array; a single object is legal too.
    pub is_array: bool,
    /// Whether `${…}` in a value is a policy variable: `Version` 2012-10-17.
    pub has_variables: bool,
    value: &'a Value,
}

impl<'a> Policy<'a> {
    /// Reads a policy's value by the policy grammar.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
    ///
    /// # Errors
    /// One finding for each element whose type the grammar does not allow, and
    /// for a document that is some other kind of policy.
    pub fn read(value: &'a Value) -> Result<Self, Vec<Finding>> {
        let Value::Object(root) = value else {
            return Err(vec![Finding::error(
                Code::NotAPolicy,
                format!("a policy is a JSON object, and this is {}", kind(value)),
                PointerBuf::new(),
            )]);
        };
        if let Some(finding) = other_document(root) {
            return Err(vec![finding]);
        }
        let mut findings = Vec::new();
        let has_variables = match root.get("Version") {
            None => false,
            Some(Value::String(version)) => version == "2012-10-17",
            Some(other) => {
                findings.push(wrong_type(
                    "Version",
                    "a string",
                    other,
                    pointer(["Version"]),
                ));
                false
            }
        };
        let (bodies, is_array): (Vec<&Value>, bool) = match root.get("Statement") {
            Some(Value::Array(items)) => (items.iter().collect(), true),
            Some(single @ Value::Object(_)) => (vec![single], false),
            Some(expression) if hole::is_whole_value(expression) => (vec![expression], false),
            Some(other) => {
                findings.push(wrong_type(
                    "Statement",
                    "an object or an array of objects",
                    other,
                    pointer(["Statement"]),
                ));
                (Vec::new(), true)
            }
            None => {
                findings.push(no_statement(root));
                (Vec::new(), true)
            }
        };
        let mut statements = Vec::with_capacity(bodies.len());
        for (index, body) in bodies.into_iter().enumerate() {
            let at = if is_array {
                pointer(["Statement", &index.to_string()])
            } else {
                pointer(["Statement"])
            };
            statements.push(Statement::read(index, at, body, &mut findings));
        }
        let own = statements.len();
        for (key, at, body) in brought(root) {
            let mut statement = Statement::read(statements.len(), at, body, &mut findings);
            statement.brought_by = Some(key);
            statements.push(statement);
        }
        if findings.is_empty() {
            findings.extend(other_policy(&statements));
        }
        if findings.is_empty() {
            Ok(Self {
                statements,
                own,
                is_array,
                has_variables,
                value,
            })
        } else {
            Err(findings)
        }
    }

    /// As its values are read for trails.
    fn reading<'r>(&self, pattern: &'r TrailPattern) -> Reading<'r> {
        Reading {
            partition: pattern.partition,
            account: &pattern.account,
            has_variables: self.has_variables,
        }
    }

    /// The policy as that of this key.
    pub fn of_key(mut self, key: &'a KeyArn) -> Self {
        for statement in &mut self.statements {
            statement.key = Some(key);
        }
        self
    }

    /// The policy's value.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// The statements with exactly this Sid.
    pub fn with_sid(&self, sid: &str) -> Vec<&Statement<'a>> {
        let has_sid = |statement: &&Statement<'_>| statement.sid == Some(sid);
        self.statements.iter().filter(has_sid).collect()
    }

    /// Calls `visit` with each ARN of the policy's principals, resources and
    /// conditions, and its place.
    pub fn each_arn(&self, mut visit: impl FnMut(&'a str, &PointerBuf)) {
        for statement in &self.statements {
            statement.each_arn(&mut visit);
        }
    }

    /// Whether something holds for every ARN of the policy.
    pub fn all_arns(&self, mut holds: impl FnMut(&'a str) -> bool) -> bool {
        let mut statements = self.statements.iter();
        statements.all(|statement| statement.all_arns(&mut holds))
    }
}

/// What a policy's host brings in from elsewhere: under an expression as a key,
/// an expression for each time.
fn brought(root: &Map) -> impl Iterator<Item = (&str, PointerBuf, &Value)> {
    let keys = root.iter().filter(|(key, _)| hole::is_whole(key));
    keys.flat_map(|(key, bodies)| {
        let bodies = bodies.as_array().into_iter().flatten().enumerate();
        bodies.map(move |(index, body)| {
            let at = pointer([key.as_str(), &index.to_string()]);
            (key.as_str(), at, body)
        })
    })
}

/// A JSON Pointer (RFC 6901) from its tokens, not yet escaped.
pub fn pointer<'t>(tokens: impl IntoIterator<Item = &'t str>) -> PointerBuf {
    PointerBuf::from_tokens(tokens)
}

fn no_statement(root: &Map) -> Finding {
    let finding = Finding::error(
        Code::NoStatement,
        "the policy has no \"Statement\"",
        PointerBuf::new(),
    );
    match root
        .keys()
        .find(|key| key.eq_ignore_ascii_case("Statement"))
    {
        Some(near) => finding.help(format!("{near:?} must be spelled \"Statement\"")),
        None => finding.help("a key policy holds a \"Statement\" array; is this the right file?"),
    }
}

/// Documents that people hand over in place of a policy.
fn other_document(root: &Map) -> Option<Finding> {
    let has = |key: &str| root.contains_key(key);
    let (message, help) =
        if has("AWSTemplateFormatVersion") || root.get("Resources").is_some_and(Value::is_object) {
            (
                "this is a CloudFormation template, not a key policy",
                "give the policy itself: the object under \"KeyPolicy\"",
            )
        } else if has("PolicyVersion") {
            (
                "this is what `aws iam get-policy-version` prints: an IAM policy, not a key policy",
                "a key's own policy comes from `aws kms get-key-policy`",
            )
        } else if has("KeyMetadata") {
            (
                "this is what `aws kms describe-key` prints, not a key policy",
                "a key's own policy comes from `aws kms get-key-policy`",
            )
        } else if root.get("Policy").is_some_and(Value::is_object) {
            (
                "\"Policy\" is an object: neither a key policy nor what the AWS CLI saves",
                "give the object under \"Policy\" alone",
            )
        } else {
            return None;
        };
    Some(Finding::error(Code::NotAKeyPolicy, message, PointerBuf::new()).help(help))
}

/// Whether no statement of a policy is written out.
pub fn says_nothing(value: &Value) -> bool {
    let statements = Policy::read(value).map(|policy| policy.statements);
    statements.is_ok_and(|own| own.iter().all(Statement::is_expression))
}

/// Whether a value is plainly no key policy: none of its statements has a
/// principal, or all of their actions are another service's.
pub fn is_other(value: &Value) -> bool {
    let policy = match Policy::read(value) {
        Ok(policy) => policy,
        Err(findings) => {
            let is_other = |finding: &Finding| finding.code == Code::NotAKeyPolicy;
            return value.get("Statement").is_none() || findings.iter().any(is_other);
        }
    };
    let is_foreign = |action: &str| {
        !hole::has_unknown(action)
            && !action.starts_with('*')
            && !action.to_ascii_lowercase().starts_with("kms:")
    };
    let own = &policy.statements[..policy.own];
    let statements = own.iter();
    !own.is_empty()
        && statements
            .clone()
            .all(|statement| !statement.is_expression())
        && statements.clone().all(|statement| {
            let mut actions = statement.actions().peekable();
            actions.peek().is_some() && actions.all(is_foreign)
        })
}

/// Policies of another kind: they have statements, but not a key policy's.
fn other_policy(statements: &[Statement<'_>]) -> Option<Finding> {
    if statements.is_empty() {
        return None;
    }
    if statements
        .iter()
        .all(|statement| !statement.has_principal())
    {
        return Some(
            Finding::error(
                Code::NotAKeyPolicy,
                "this is an IAM policy, not a key policy: no statement has a \"Principal\"",
                pointer(["Statement"]),
            )
            .help("a key's own policy comes from `aws kms get-key-policy`"),
        );
    }
    let service = |prefix: &str| {
        statements.iter().all(|statement| {
            let mut actions = statement.actions().peekable();
            actions.peek().is_some()
                && actions.all(|action| action.to_ascii_lowercase().starts_with(prefix))
        })
    };
    let kind = if service("s3:") {
        "an S3 bucket policy"
    } else if service("sts:") {
        "a role's trust policy"
    } else {
        return None;
    };
    Some(
        Finding::error(
            Code::NotAKeyPolicy,
            format!("this is {kind}, not a key policy"),
            pointer(["Statement"]),
        )
        .help("CloudTrail needs both a bucket policy and a key policy; this tool edits the key policy"),
    )
}
