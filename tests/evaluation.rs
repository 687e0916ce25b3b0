//! IAM's rules, case by case: `testdata/evaluation.json`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ctpolicy::audit::check::{Question, check};
use ctpolicy::plan::Scope;
use ctpolicy::policy::{Policy, Verdict};
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
        let question = Question::Accounts(vec!["222222222222".parse().unwrap()]);
        let scope = Scope {
            partition: Some("aws".parse().unwrap()),
            ..Scope::default()
        };
        let answer = check(&policy, &question, &scope).unwrap().answers.remove(0);
        let found = match answer.evaluation.verdict {
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
        assert_eq!(
            answer.evaluation.obstacles.is_empty(),
            found == "allowed",
            "{case}"
        );
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(table.len() >= 90, "{}", table.len());
}
