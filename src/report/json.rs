//! A plan for programs.

use serde_json::{Value, json};

use super::verdict::verdict;
use super::{escape, position};
use crate::document::Document;
use crate::plan::{Change, Outcome, Plan, Target};
use crate::policy::{Finding, Severity};
use crate::source::Source;

/// A value on a line of its own.
pub fn line(value: &Value) -> String {
    escape::json(&value.to_string()).into_owned() + "\n"
}

/// The change as an RFC 6902 JSON Patch; nothing where it would apply to no
/// policy, since what stands in the text as an expression is not what KMS has.
pub fn patch(plan: &Plan, before: &Document) -> Value {
    if !plan.operations.is_empty() && before.has_expressions() {
        return Value::Null;
    }
    json!(plan.json_patch(before.value()))
}

/// One object for a policy.
pub fn plan(source: &Source, plan: &Plan, before: &Document, after: &Document) -> Value {
    let accounts: Vec<Value> = plan
        .outcomes
        .iter()
        .map(|one| outcome(one, before))
        .collect();
    let warnings: Vec<Value> = plan
        .findings
        .iter()
        .map(|one| finding(one, before, after))
        .collect();
    let mut object = of(source);
    object["changed"] = (!plan.operations.is_empty()).into();
    object["statement"] = json!(plan.target().map(target));
    object["extended"] = plan.extended.iter().map(|own| target(own)).collect();
    object["accounts"] = accounts.into();
    object["warnings"] = warnings.into();
    object["patch"] = patch(plan, before);
    object
}

/// An object about a policy, which begins with where it is.
pub fn of(source: &Source) -> Value {
    let mut object = json!({ "policy": source.to_string() });
    if let Source::Key(key) = source {
        let arn = key.arn();
        object["key"] = json!({
            "arn": arn.to_string(),
            "account": arn.account.as_str(),
            "region": arn.region,
        });
    }
    object
}

fn target(target: &Target) -> Value {
    json!({
        "index": target.index,
        "number": target.number(),
        "sid": target.sid,
        "inserted": target.is_new,
    })
}

fn outcome(outcome: &Outcome, before: &Document) -> Value {
    let arn = outcome.arn();
    let arn = before.spell(&arn);
    let statement = outcome.statement.as_deref().map(target);
    let (result, by) = match &outcome.change {
        Change::Added => ("added", Value::Null),
        Change::Present => ("present", Value::from(&*arn)),
        Change::Covered { by } => ("covered", Value::from(by.as_str())),
        Change::Removed => ("removed", Value::Null),
        Change::Absent => ("absent", Value::Null),
        Change::Allowed => ("allowed", json!(statement)),
    };
    json!({
        "account": outcome.account.as_str(),
        "arn": arn,
        "result": result,
        "verdict": verdict(outcome.verdict),
        "by": by,
        "statement": statement,
    })
}

/// A finding.
pub fn finding(finding: &Finding, before: &Document, after: &Document) -> Value {
    let at = position(before, after, &finding.at);
    json!({
        "code": finding.code,
        "severity": match finding.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        },
        "message": finding.message,
        "help": finding.help,
        "path": before.spell(finding.at.as_str()),
        "line": at.line,
        "column": at.column,
    })
}
