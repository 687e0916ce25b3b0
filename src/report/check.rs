//! The answers of `check`.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use super::escape::one_line;
use super::verdict::verdict;
use super::{counts, github, json as findings_json, label, markdown};
use crate::audit::check::{Answer, Check};
use crate::document::{Document, Position};
use crate::policy::Verdict;
use crate::source::Source;

/// Where a policy is, its document, and the answers about it.
pub type Checked = (Source, Document, Check);

/// The answer in a word.
pub fn word(answer: &Answer) -> &'static str {
    match (answer.verdict, answer.trail.is_some()) {
        (Verdict::Allowed, false) => "allowed",
        (Verdict::Partly, _) => "allowed for some trails",
        (Verdict::Blocked, false) => "not allowed",
        (Verdict::Allowed, true) => "yes",
        (Verdict::Blocked, true) => "no",
        (Verdict::Depends, _) => "depends",
    }
}

/// The answer in a sentence.
pub fn sentence(answer: &Answer) -> String {
    format!("{}: {}{}", answer.subject(), word(answer), which(answer))
}

/// The trails that are allowed, if not all are.
fn which(answer: &Answer) -> String {
    let patterns = answer.patterns.iter();
    let quoted: Vec<String> = patterns.map(|pattern| format!("{pattern:?}")).collect();
    if quoted.is_empty() {
        String::new()
    } else {
        let more = if answer.has_more { " and others" } else { "" };
        format!(": {}{more}", quoted.join(", "))
    }
}

/// A sentence that names the policy where its file has several that are asked
/// about.
pub(super) fn labelled(document: &Document, sentence: &str) -> String {
    match document.label() {
        Some(address) => format!("{address}: {sentence}"),
        None => sentence.to_owned(),
    }
}

/// For a person; the last line counts the policies, with those that could not
/// be read, if there are several.
pub fn text(checked: &[Checked], failed: usize, is_coloured: bool) -> String {
    let mut out: String = checked
        .iter()
        .map(|one| answers(one, is_coloured))
        .collect();
    if checked.len() + failed > 1 {
        let passed = checked.iter().filter(|(.., check)| check.is_passed());
        let passed = passed.count();
        out += &counts(&[
            (passed, "passed"),
            (checked.len() - passed, "did not pass"),
            (failed, "without an answer"),
        ]);
    }
    out
}

fn answers((source, document, check): &Checked, is_coloured: bool) -> String {
    let name = source.to_string();
    let label = label(&name, document);
    let name = one_line(&name);
    let mut out = String::new();
    for answer in &check.answers {
        let style = match answer.verdict {
            _ if !is_coloured => Style::new(),
            Verdict::Allowed => AnsiColor::Green.on_default(),
            Verdict::Partly | Verdict::Depends => AnsiColor::Yellow.on_default(),
            Verdict::Blocked => AnsiColor::Red.on_default(),
        };
        let (subject, word) = (one_line(&answer.subject()), word(answer));
        let which = one_line(&which(answer));
        let _ = writeln!(out, "{label}: {subject}: {style}{word}{style:#}{which}");
        for why in &answer.reasons {
            let Position { line, column } = document.position(&why.at);
            let message = one_line(&why.message);
            let _ = writeln!(out, "  {name}:{line}:{column}: {message}");
        }
    }
    for line in &check.help {
        let _ = writeln!(out, "  help: {}", one_line(line));
    }
    out
}

/// For programs.
pub fn json((source, document, check): &Checked) -> Value {
    let answers = check.answers.iter();
    let answers: Vec<Value> = answers.map(|own| json_answer(document, own)).collect();
    let notes: Vec<Value> = check
        .notes
        .iter()
        .map(|note| findings_json::finding(note, document, document))
        .collect();
    let mut checked = findings_json::of(source);
    checked["resource"] = document.address().into();
    checked["passed"] = check.is_passed().into();
    checked["answers"] = answers.into();
    checked["help"] = check.help.clone().into();
    checked["notes"] = notes.into();
    checked
}

fn json_answer(document: &Document, answer: &Answer) -> Value {
    let reasons: Vec<Value> = answer
        .reasons
        .iter()
        .map(|why| {
            let at = document.position(&why.at);
            json!({
                "code": why.code,
                "message": why.message,
                "statement": why.statement,
                "number": why.statement.map(|index| index + 1),
                "path": document.spell(why.at.as_str()),
                "line": at.line,
                "column": at.column,
            })
        })
        .collect();
    let mut json = json!({
        "account": answer.account.as_str(),
        "trail": answer.trail,
        "verdict": verdict(answer.verdict),
        "patterns": answer.patterns,
        "reasons": reasons,
    });
    if answer.has_more {
        json["more_patterns"] = true.into();
    }
    json
}

/// For a pull request.
pub fn markdown((source, document, check): &Checked) -> String {
    let name = source.title();
    let mut out = String::new();
    for answer in &check.answers {
        let _ = writeln!(
            out,
            "**{}**: {}.\n",
            markdown::text(&label(&name, document)),
            markdown::text(&sentence(answer))
        );
        for why in &answer.reasons {
            let line = document.position(&why.at).line;
            let _ = writeln!(out, "- line {line}: {}", markdown::text(&why.message));
        }
    }
    for line in &check.help {
        let _ = writeln!(out, "- help: {}", markdown::text(line));
    }
    out.push_str(&markdown::findings(&check.notes));
    out.push('\n');
    out
}

/// Workflow annotations.
pub fn github((source, document, check): &Checked) -> String {
    let name = &source.title();
    let mut out = String::new();
    for answer in &check.answers {
        let level = match answer.verdict {
            Verdict::Allowed => github::Level::Notice,
            Verdict::Depends => github::Level::Warning,
            Verdict::Partly | Verdict::Blocked => github::Level::Error,
        };
        let first = answer.reasons.first();
        let at = first.map_or(document.start(), |why| document.position(&why.at));
        let mut message = labelled(document, &sentence(answer));
        for why in &answer.reasons {
            message.push('\n');
            message.push_str(&why.message);
        }
        if answer.verdict != Verdict::Allowed {
            for line in &check.help {
                let _ = write!(message, "\nhelp: {line}");
            }
        }
        out.push_str(&github::annotation(level, name, at, word(answer), &message));
    }
    for note in &check.notes {
        out.push_str(&github::finding(name, document, document, note));
    }
    out
}
