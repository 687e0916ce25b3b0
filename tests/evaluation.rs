//! IAM's rules, case by case: `testdata/evaluation.json`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ctpolicy::policy::{Call, Evaluator, Partition, Policy, TrailPattern, Verdict};
use serde_json::{Value, json};

/// A statement that lets `CloudTrail` encrypt, with what a case changes in it.
fn statement(change: &Value) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
    });
    for (key, value) in change.as_object().unwrap() {
        if value.is_null() {
            statement.as_object_mut().unwrap().remove(key);
        } else {
            statement[key] = value.clone();
        }
    }
    statement
}

fn every(account: &str) -> TrailPattern {
    TrailPattern::every(Partition::AWS, account.parse().unwrap())
}

#[test]
fn the_table() {
    let table: Vec<Value> =
        serde_json::from_str(include_str!("../testdata/evaluation.json")).unwrap();
    let mut failures = Vec::new();
    for case in &table {
        let statements: Vec<Value> = case["statements"]
            .as_array()
            .unwrap()
            .iter()
            .map(statement)
            .collect();
        let policy = json!({
            "Version": case.get("version").cloned().unwrap_or(json!("2012-10-17")),
            "Statement": statements,
        })
        .into();
        let policy = Policy::read(&policy).unwrap();
        let answer = policy.evaluate(&every("222222222222"));
        let found = match answer.verdict {
            Verdict::Allowed => "allowed",
            Verdict::Partly => "partly",
            Verdict::Blocked => "blocked",
            Verdict::Depends => "depends",
        };
        assert!(case["rule"].is_string(), "{case}");
        if found != case["expect"] {
            failures.push(format!(
                "{}: {found}, and not {}: {}",
                case["rule"], case["expect"], case["statements"]
            ));
        }
        assert_eq!(answer.obstacles.is_empty(), found == "allowed", "{case}");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(table.len() >= 90, "{}", table.len());
}

/// What each call has under a key, by the answer to a statement with the
/// condition: to encrypt, to describe, to decrypt.
#[test]
fn the_calls_beside_encryption() {
    use Verdict::{Allowed, Blocked, Depends, Partly};
    let (mine, other) = ("222222222222", "111111111111");
    let trail = |account| format!("arn:aws:cloudtrail:us-east-1:{account}:trail/main");
    let list = format!("arn:aws:cloudtrail:*:{mine}:trail/*");
    let context = "kms:EncryptionContext:aws:cloudtrail:arn";
    let conditions = [
        (json!({}), [Allowed, Allowed, Allowed]),
        (
            json!({ "StringLike": { context: list } }),
            [Allowed, Blocked, Depends],
        ),
        (
            json!({ "StringLike": { context: trail(other) } }),
            [Blocked, Blocked, Depends],
        ),
        (
            json!({ "StringLike": { "KMS:encryptionContext:aws:s3:arn": "*" } }),
            [Depends, Blocked, Depends],
        ),
        (
            json!({ "StringLikeIfExists": { context: trail(other) } }),
            [Blocked, Allowed, Depends],
        ),
        (
            json!({ "StringNotLike": { context: trail(other) } }),
            [Allowed, Allowed, Depends],
        ),
        (
            json!({ "Null": { context: "true" } }),
            [Blocked, Allowed, Depends],
        ),
        (
            json!({ "Null": { context: "false" } }),
            [Allowed, Blocked, Depends],
        ),
        (
            json!({ "ForAnyValue:StringEquals": { "kms:EncryptionContextKeys": "aws:s3:arn" } }),
            [Allowed, Blocked, Depends],
        ),
        (
            json!({ "StringEquals": { "aws:SourceArn": trail(mine) } }),
            [Partly, Partly, Partly],
        ),
        (
            json!({ "StringEquals": { "aws:SourceArn": trail(other) } }),
            [Blocked, Blocked, Blocked],
        ),
        (
            json!({ "StringEquals": { "aws:SourceAccount": mine } }),
            [Allowed, Allowed, Allowed],
        ),
        (
            json!({ "StringEquals": { "aws:SourceAccount": other } }),
            [Blocked, Blocked, Blocked],
        ),
        (
            json!({ "StringEquals": { "kms:CallerAccount": mine } }),
            [Depends, Depends, Depends],
        ),
    ];
    let pattern = every(mine);
    for (condition, expected) in conditions {
        let own = statement(&json!({ "Action": "kms:*", "Condition": condition }));
        let policy = json!({ "Version": "2012-10-17", "Statement": own }).into();
        let policy = Policy::read(&policy).unwrap();
        let found = [Call::Encrypt, Call::Describe, Call::Decrypt]
            .map(|call| Evaluator::of_call(&policy, call).verdict(&pattern));
        assert_eq!(found, expected, "{condition}");
    }
    let deny = statement(&json!({ "Effect": "Deny", "Action": "kms:DescribeKey" }));
    let policy = json!({ "Statement": [statement(&json!({ "Action": "kms:*" })), deny] }).into();
    let policy = Policy::read(&policy).unwrap();
    let found = [Call::Encrypt, Call::Describe, Call::Decrypt]
        .map(|call| Evaluator::of_call(&policy, call).verdict(&pattern));
    assert_eq!(found, [Allowed, Blocked, Allowed]);
}
