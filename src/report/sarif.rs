//! SARIF 2.1.0, for code-scanning dashboards.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use serde_json::{Value, json};

use super::Failure;
use super::check::{Checked, labelled, sentence};
use crate::document::{Document, Position};
use crate::policy::{Code, Finding, Severity, Verdict};
use crate::source::Source;

/// The whole log: a result for each answer that is not "allowed", and one for
/// each note. A policy that has no answer is a notification, and the run has
/// failed: without that the log would close the alerts on it.
pub fn log(checked: &[Checked], failures: &[(String, Failure)]) -> Value {
    let mut results = Vec::new();
    for (source, document, check) in checked {
        // Of a key the ARN, by whatever name it was asked for.
        let name = &match source {
            Source::Key(key) => key.arn().to_string(),
            Source::File(_) | Source::Pipe(_) => source.to_string(),
        };
        for answer in &check.answers {
            let level = match answer.verdict {
                Verdict::Allowed => continue,
                Verdict::Depends => "warning",
                Verdict::Partly | Verdict::Blocked => "error",
            };
            let reasons = answer.reasons.iter();
            let words: Vec<&str> = reasons.map(|why| why.message.as_str()).collect();
            let message = format!(
                "{}. {}",
                labelled(document, &sentence(answer)),
                words.join("; ")
            );
            let first = answer.reasons.first();
            let rule = first.map_or(Code::NotAllowed, |why| why.code);
            let at = first.map_or(document.start(), |why| document.position(&why.at));
            results.push(result(rule, level, &message, name, at));
        }
        results.extend(
            check
                .notes
                .iter()
                .map(|note| note_result(note, name, document)),
        );
    }
    let mut rules: Vec<&str> = results
        .iter()
        .filter_map(|result| result["ruleId"].as_str())
        .collect();
    rules.sort_unstable();
    rules.dedup();
    let rules: Vec<Value> = rules
        .into_iter()
        .map(|rule| json!({ "id": rule }))
        .collect();
    let notifications: Vec<Value> = failures.iter().flat_map(notifications).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "ctpolicy",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "invocations": [{
                "executionSuccessful": failures.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    })
}

/// A failure, one for each thing that is wrong.
fn notifications((name, failure): &(String, Failure)) -> Vec<Value> {
    let notification = |message: &str, at: Option<Position>| {
        let mut place = json!({ "artifactLocation": { "uri": uri(name) } });
        if let Some(at) = at {
            place["region"] = json!({ "startLine": at.line, "startColumn": at.column });
        }
        json!({
            "level": "error",
            "message": { "text": message },
            "locations": [{ "physicalLocation": place }],
        })
    };
    match failure {
        Failure::Refused(document, findings) => findings
            .iter()
            .map(|finding| notification(&finding.message, Some(document.position(&finding.at))))
            .collect(),
        Failure::Document(error) => vec![notification(&error.to_string(), error.position())],
        other => vec![notification(&other.to_string(), None)],
    }
}

fn note_result(note: &Finding, name: &str, document: &Document) -> Value {
    result(
        note.code,
        match note.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        },
        &note.message,
        name,
        document.position(&note.at),
    )
}

fn result(rule: Code, level: &str, message: &str, file: &str, at: Position) -> Value {
    json!({
        "ruleId": rule,
        "level": level,
        "message": { "text": message },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(file) },
            "region": { "startLine": at.line, "startColumn": at.column },
        }}],
    })
}

/// A relative reference by RFC 3986: what is no plain path character is
/// percent-encoded.
fn uri(path: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    path.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_no_plain_path_is_encoded() {
        assert_eq!(super::uri("a b/%é~_-.json"), "a%20b/%25%C3%A9~_-.json");
    }
}
