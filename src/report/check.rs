//! The answers of `check`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::escape::one_line;
use super::verdict::verdict;
use super::{github, json as findings_json, markdown};
use crate::audit::check::{Answer, Check};
use crate::document::Document;
use crate::policy::{Obstacle, Policy, Verdict};

/// A policy's name, its document, and the answers about it.
pub type Checked = (String, Document, Check);

/// The answer in a word.
#[must_use]
pub fn word(answer: &Answer) -> &'static str {
    match (answer.evaluation.verdict, answer.trail.is_some()) {
        (Verdict::Allowed, false) => "allowed",
        (Verdict::Partly, _) => "allowed for some trails",
        (Verdict::Blocked, false) => "not allowed",
        (Verdict::Allowed, true) => "yes",
        (Verdict::Blocked, true) => "no",
        (Verdict::Depends, _) => "depends",
    }
}

/// Who was asked about.
#[must_use]
pub fn subject(answer: &Answer) -> String {
    match &answer.trail {
        Some(arn) => format!("trail {arn}"),
        None => format!("account {}", answer.account),
    }
}

/// The answer in a sentence.
#[must_use]
pub fn sentence(answer: &Answer) -> String {
    let patterns = &answer.evaluation.patterns;
    let quoted: Vec<String> = patterns
        .iter()
        .map(|pattern| format!("{pattern:?}"))
        .collect();
    let which = if quoted.is_empty() {
        String::new()
    } else {
        format!(": {}", quoted.join(", "))
    };
    format!("{}: {}{which}", subject(answer), word(answer))
}

/// Why the answers about one policy are what they are.
#[derive(Debug)]
pub struct Reasons<'d> {
    document: &'d Document,
    policy: Option<Policy<'d>>,
}

impl<'d> Reasons<'d> {
    /// Of the answers about a document's policy.
    #[must_use]
    pub fn new(document: &'d Document) -> Self {
        Self {
            document,
            policy: Policy::read(document.value()).ok(),
        }
    }

    /// The reasons of an answer, in words, each with its place.
    #[must_use]
    pub fn of(&self, answer: &Answer) -> Vec<(Obstacle, String)> {
        let Some(policy) = &self.policy else {
            return Vec::new();
        };
        let obstacles = answer.evaluation.obstacles.iter();
        obstacles
            .map(|obstacle| {
                let words = obstacle.explain(policy, &subject(answer));
                (obstacle.clone(), self.document.spell(&words).into_owned())
            })
            .collect()
    }
}

/// For a person.
#[must_use]
pub fn text((name, document, check): &Checked) -> String {
    let name = one_line(name);
    let mut out = String::new();
    let reasons = Reasons::new(document);
    for answer in &check.answers {
        let _ = writeln!(out, "{name}: {}", one_line(&sentence(answer)));
        for (obstacle, words) in reasons.of(answer) {
            let at = document.position(&obstacle.at);
            let _ = writeln!(
                out,
                "  {name}:{}:{}: {}",
                at.line,
                at.column,
                one_line(&words)
            );
        }
    }
    out
}

/// For programs.
#[must_use]
pub fn json((name, document, check): &Checked) -> Value {
    let reasons = Reasons::new(document);
    let answers: Vec<Value> = check
        .answers
        .iter()
        .map(|answer| json_answer(document, &reasons, answer))
        .collect();
    let notes: Vec<Value> = check
        .notes
        .iter()
        .map(|note| findings_json::finding(note, document, document))
        .collect();
    json!({ "policy": name, "passed": check.is_passed(), "answers": answers, "notes": notes })
}

fn json_answer(document: &Document, reasons: &Reasons<'_>, answer: &Answer) -> Value {
    let reasons: Vec<Value> = reasons
        .of(answer)
        .into_iter()
        .map(|(obstacle, words)| {
            let at = document.position(&obstacle.at);
            json!({
                "code": obstacle.reason.code(),
                "message": words,
                "statement": obstacle.statement,
                "path": document.spell(obstacle.at.as_str()),
                "line": at.line,
                "column": at.column,
            })
        })
        .collect();
    json!({
        "account": answer.account.as_str(),
        "trail": answer.trail,
        "verdict": verdict(answer.evaluation.verdict),
        "patterns": answer.evaluation.patterns,
        "reasons": reasons,
    })
}

/// For a pull request.
#[must_use]
pub fn markdown((name, document, check): &Checked) -> String {
    let mut out = String::new();
    let reasons = Reasons::new(document);
    for answer in &check.answers {
        let _ = writeln!(
            out,
            "**{}**: {}.\n",
            markdown::text(name),
            markdown::text(&sentence(answer))
        );
        for (obstacle, words) in reasons.of(answer) {
            let line = document.position(&obstacle.at).line;
            let _ = writeln!(out, "- line {line}: {}", markdown::text(&words));
        }
    }
    out.push_str(&markdown::findings(&check.notes));
    out.push('\n');
    out
}

/// Workflow annotations.
#[must_use]
pub fn github((name, document, check): &Checked) -> String {
    let mut out = String::new();
    let reasons = Reasons::new(document);
    for answer in &check.answers {
        let level = match answer.evaluation.verdict {
            Verdict::Allowed => github::Level::Notice,
            Verdict::Depends => github::Level::Warning,
            Verdict::Partly | Verdict::Blocked => github::Level::Error,
        };
        let reasons = reasons.of(answer);
        let first = reasons.first();
        let at = first.map_or(document.start(), |(obstacle, _)| {
            document.position(&obstacle.at)
        });
        let mut message = sentence(answer);
        for (_, words) in &reasons {
            message.push('\n');
            message.push_str(words);
        }
        out.push_str(&github::annotation(level, name, at, word(answer), &message));
    }
    for note in &check.notes {
        out.push_str(&github::finding(name, document, document, note));
    }
    out
}
