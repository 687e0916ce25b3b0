//! The entries of `list-accounts`.

use std::collections::HashSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::escape::one_line;
use super::verdict::verdict;
use super::{github, json as findings_json, label, markdown};
use crate::audit::list::Entry;
use crate::audit::room::{Accounts, Room};
use crate::document::Document;
use crate::plan::{CURE, MAX_BYTES, Target};
use crate::policy::listed::Who;
use crate::policy::{Code, Verdict};
use crate::source::Source;

/// Where a policy is, its document, its entries and the room left.
pub type Listed = (Source, Document, (Vec<Entry>, Room));

const HEADINGS: [&str; 4] = ["WHO", "MAY ENCRYPT", "VALUE", "STATEMENT"];

/// What a verdict means for the trails of a value.
fn may(entry: &Entry) -> &'static str {
    match entry.verdict {
        Verdict::Allowed => "yes",
        Verdict::Partly => "some trails",
        Verdict::Blocked => "no",
        Verdict::Depends => "depends",
    }
}

fn row(document: &Document, entry: &Entry) -> [String; 4] {
    let sid = entry
        .sid
        .as_deref()
        .map_or_else(|| "(no Sid)".to_owned(), |sid| format!("\"{sid}\""));
    let line = document.position(&entry.at).line;
    let place = match &entry.brought_by {
        Some(by) => format!("those that {by} brings, line {line}"),
        None => format!("{}, {sid}, line {line}", entry.statement + 1),
    };
    [
        entry.who.text(),
        may(entry).to_owned(),
        entry.value.clone(),
        place,
    ]
    .map(|cell| one_line(&cell))
}

/// A table.
pub fn table((source, document, (entries, room)): &Listed) -> String {
    let rows: Vec<[String; 4]> = entries.iter().map(|entry| row(document, entry)).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEADINGS[column].len()]).max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    let name = label(&source.to_string(), document);
    let mut out = format!("{name}\n");
    let mut line = |cells: [&str; 4]| {
        let [who, may, value, statement] = cells;
        let [a, b, c] = widths;
        let _ = writeln!(out, "  {who:a$}  {may:b$}  {value:c$}  {statement}");
    };
    if rows.is_empty() {
        let _ = writeln!(out, "  no statement lets CloudTrail encrypt");
    } else {
        line(HEADINGS);
        for row in &rows {
            line([&row[0], &row[1], &row[2], &row[3]]);
        }
    }
    for entry in entries.iter().filter(|entry| entry.is_open) {
        let _ = writeln!(
            out,
            "  security: {:?} lets the CloudTrail of any AWS account use this key",
            entry.value
        );
    }
    let _ = writeln!(out, "  {}", room_text(room));
    if let Some(line) = goes_into(document, room) {
        let _ = writeln!(out, "  {line}");
    }
    out
}

/// The statement that an account is added to, if that is not plain.
fn goes_into(document: &Document, room: &Room) -> Option<String> {
    let mut names: Vec<String> = room.statements.iter().map(Target::name).collect();
    let last = names.pop().filter(|_| !room.has_sid)?;
    let line = if names.is_empty() {
        format!("add-account adds to {last}")
    } else {
        let others = names.join(", ");
        format!("add-account has to be told which is meant: {others} or {last}")
    };
    Some(one_line(&document.spell(&line)))
}

fn room_text(room: &Room) -> String {
    let Room {
        bytes, minified, ..
    } = room;
    let about = if room.is_exact { "" } else { "about " };
    let size = format!("{about}{bytes} of {MAX_BYTES} bytes ({minified} without white space)");
    let fit = room.accounts.map_or_else(String::new, |Accounts { as_laid_out, without_space }| {
        format!(": {about}{as_laid_out} more accounts fit as it is laid out, {without_space} without white space")
    });
    let doubt = if room.is_exact {
        ""
    } else {
        "; it depends on what the expressions stand for"
    };
    let cure = if room.is_near_end() {
        format!("; {CURE}")
    } else {
        String::new()
    };
    [&size, &fit, doubt, &cure].concat()
}

/// One account ID a line, each once: those that may encrypt, or may be able to.
pub fn ids(listed: &[Listed]) -> String {
    let mut seen = HashSet::new();
    let mut ids: Vec<&str> = Vec::new();
    for entry in listed.iter().flat_map(|(.., (entries, _))| entries) {
        if let (Who::Account(account), false) = (&entry.who, entry.verdict == Verdict::Blocked)
            && seen.insert(account.as_str())
        {
            ids.push(account.as_str());
        }
    }
    ids.iter().fold(String::new(), |all, id| all + id + "\n")
}

/// For programs.
pub fn json((source, document, (entries, room)): &Listed) -> Value {
    let entries: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let account = match &entry.who {
                Who::Account(account) => Some(account.as_str()),
                _ => None,
            };
            json!({
                "value": entry.value,
                "account": account,
                "meaning": entry.who.text(),
                "any_account": entry.is_open,
                "verdict": verdict(entry.verdict),
                "statement": { "index": entry.statement, "number": entry.statement + 1, "sid": entry.sid },
                "path": document.spell(entry.at.as_str()),
                "line": document.position(&entry.at).line,
            })
        })
        .collect();
    let room = json!({
        "bytes": room.bytes,
        "minified": room.minified,
        "accounts_as_laid_out": room.accounts.map(|accounts| accounts.as_laid_out),
        "accounts_without_space": room.accounts.map(|accounts| accounts.without_space),
        "exact": room.is_exact,
        "statements": room.statements.iter().map(Target::number).collect::<Vec<_>>(),
    });
    let notes: Vec<Value> = document
        .provisos()
        .iter()
        .map(|note| findings_json::finding(note, document, document))
        .collect();
    let mut listed = findings_json::of(source);
    listed["resource"] = document.address().into();
    listed["entries"] = entries.into();
    listed["room"] = room;
    listed["notes"] = notes.into();
    listed
}

/// For a pull request.
pub fn markdown((source, document, (entries, room)): &Listed) -> String {
    let mut out = format!(
        "**{}**\n\n| {} |\n|{}\n",
        markdown::text(&label(&source.title(), document)),
        HEADINGS.join(" | "),
        " --- |".repeat(4)
    );
    for entry in entries {
        let cells = row(document, entry).map(|cell| markdown::text(&cell));
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    let _ = writeln!(out, "\n{}", room_text(room));
    if let Some(line) = goes_into(document, room) {
        let _ = writeln!(out, "\n{}", markdown::text(&line));
    }
    out.push('\n');
    out
}

/// Workflow annotations.
pub fn github((source, document, (entries, _)): &Listed) -> String {
    let name = &source.title();
    let mut out = String::new();
    for entry in entries {
        let (level, title) = if entry.is_open {
            (github::Level::Warning, &*Code::AnyAccount.to_string())
        } else {
            (github::Level::Notice, "account")
        };
        let message = format!("{} ({}): {}", entry.who.text(), entry.value, may(entry));
        let at = document.position(&entry.at);
        out.push_str(&github::annotation(level, name, at, title, &message));
    }
    out
}
