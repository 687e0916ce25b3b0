//! What a person or a program sees. It decides nothing.

pub mod check;
pub mod diff;
pub mod escape;
pub mod github;
pub mod json;
pub mod list;
pub mod markdown;
mod progress;
pub mod sarif;
mod verdict;

use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use indexmap::IndexMap;
use json_patch::jsonptr::Pointer;

use crate::document::{ApplyError, Document, DocumentError, Position};
use crate::plan::{Change, Outcome, Plan, Target};
use crate::policy::{AccountId, Finding, Severity, accounts_text};
use crate::source::{Saved, Source, SourceError};
use escape::one_line;
pub use progress::{waiting, waiting_for_keys};

/// Why there is no plan for a policy.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Its source.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Its text.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The edit is refused.
    #[error("the edit is refused")]
    Refused(Box<Document>, Vec<Finding>),
    /// The menu of what it may be.
    #[error("nothing was chosen")]
    Left,
    /// A defect of this program.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

/// Sends a result to standard output; it has colours only if these are
/// [wanted there](output_has_colours). A reader that went away wants no more, which
/// is no error.
///
/// # Errors
/// If it cannot be written for another reason.
pub fn output(result: &dyn Display) -> io::Result<()> {
    let mut stdout = BufWriter::new(io::stdout().lock());
    match write!(stdout, "{result}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Sends text to standard error; where that fails there is nobody to tell.
pub fn say(text: &str) {
    let stderr = io::stderr();
    let text = painted(text, AutoStream::choice(&stderr));
    let _ = stderr.lock().write_all(&text);
}

/// Whether what goes to standard output has colours.
pub fn output_has_colours() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// Whether what goes to standard error has colours.
pub fn speech_has_colours() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// A text with its colours or without, as one piece: written to the stream
/// itself it would go line by line.
fn painted(text: &str, choice: ColorChoice) -> Cow<'_, [u8]> {
    // To look for one byte is much faster than to look for colours.
    if !text.contains('\x1b') {
        return text.as_bytes().into();
    }
    let mut painted = AutoStream::new(Vec::with_capacity(text.len()), choice);
    // Writing to memory does not fail.
    let _ = painted.write_all(text.as_bytes());
    painted.into_inner().into()
}

/// How an answer names its policy: by the file, and by the address in it where
/// others of that file are asked about too.
pub fn label(name: &str, document: &Document) -> String {
    match document.label() {
        Some(address) => format!("{}: {}", one_line(name), one_line(address)),
        None => one_line(name),
    }
}

/// What an edit does, a line for each kind of outcome in a statement.
pub fn headline(name: &str, plan: &Plan) -> String {
    let name = one_line(name);
    let mut out = String::new();
    if plan.replaces_policy() {
        let _ = writeln!(out, "{name}: puts the old policy in the place of this one");
    }
    let mut is_told = false;
    for Told {
        accounts,
        change,
        statement,
    } in outcomes(&plan.outcomes)
    {
        let verb = if accounts.len() == 1 { "is" } else { "are" };
        let accounts = accounts_text(&accounts);
        let target = place(statement);
        let is_new = statement.is_some_and(|own| own.is_new);
        let is_dropped = statement.is_some_and(|own| plan.drops(own.index));
        is_told |= is_edit(change);
        let _ = match change {
            Change::Added if is_new => writeln!(out, "{name}: inserts {target}, for {accounts}"),
            Change::Added => writeln!(out, "{name}: adds {accounts} to {target}"),
            Change::Removed if is_dropped => {
                writeln!(out, "{name}: removes {target} as a whole, with {accounts}")
            }
            Change::Removed => writeln!(out, "{name}: removes {accounts} from {target}"),
            Change::Covered { by } => writeln!(
                out,
                "{name}: {accounts} {verb} covered already by \"{}\" in {target}",
                one_line(by)
            ),
            Change::Allowed => {
                writeln!(out, "{name}: {accounts} may encrypt already by {target}")
            }
            Change::Absent if statement.is_none() => {
                writeln!(out, "{name}: {accounts} {verb} in no list")
            }
            Change::Absent => writeln!(out, "{name}: {accounts} {verb} not in {target}"),
            Change::Present => {
                writeln!(out, "{name}: {accounts} {verb} present already in {target}")
            }
        };
    }
    if plan.operations.is_empty() {
        let _ = writeln!(out, "{name}: nothing to do");
    } else {
        let targets = plan
            .targets
            .iter()
            .filter(|_| !is_told && !plan.replaces_policy());
        // Where nothing is added the target itself may be as it was.
        let is_edited = |own: &&Arc<Target>| plan.edits(&own.at);
        for extended in targets.filter(is_edited).chain(&plan.extended) {
            let target = place(Some(extended));
            let _ = writeln!(out, "{name}: extends the conditions of {target}");
        }
    }
    out
}

fn place(statement: Option<&Target>) -> String {
    statement.map_or_else(
        || "the policy".to_owned(),
        |target| one_line(&target.name()),
    )
}

/// The accounts that come off alike.
struct Told<'p> {
    accounts: Vec<&'p AccountId>,
    change: &'p Change,
    statement: Option<&'p Target>,
}

/// The accounts by what becomes of them, and where.
fn outcomes(outcomes: &[Outcome]) -> Vec<Told<'_>> {
    let mut all: IndexMap<_, Vec<&AccountId>> = IndexMap::new();
    for outcome in outcomes {
        let (change, statement) = (&outcome.change, outcome.statement.as_deref());
        let accounts = all.entry((change, statement)).or_default();
        accounts.push(&outcome.account);
    }
    let told = all.into_iter().map(|((change, statement), accounts)| Told {
        accounts,
        change,
        statement,
    });
    let mut all: Vec<Told<'_>> = told.collect();
    // Edits go first.
    all.sort_by_key(|told| (!is_edit(told.change), *told.change == Change::Removed));
    all
}

fn is_edit(change: &Change) -> bool {
    matches!(change, Change::Added | Change::Removed)
}

/// Where a finding's place is: in the text as it is, or, if the place is yet
/// to come, as it will be.
pub fn position(before: &Document, after: &Document, at: &Pointer) -> Position {
    let document = if before.has(at) { before } else { after };
    document.position(at)
}

/// Says a finding about a policy that is only read.
pub fn say_finding(source: &Source, document: &Document, found: &Finding) {
    say(&finding(&source.to_string(), document, document, found));
}

/// How many policies came off in which way; of no way that none did.
pub fn counts(parts: &[(usize, &str)]) -> String {
    let number: usize = parts.iter().map(|(count, _)| count).sum();
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, how)| format!("{count} {how}")).collect();
    format!("{number} policies: {}\n", parts.join(", "))
}

/// A finding for a person: one line, then help lines.
pub fn finding(name: &str, before: &Document, after: &Document, finding: &Finding) -> String {
    let place = |at: &Pointer| {
        let inside = if before.is_enveloped() {
            " (Policy)"
        } else {
            ""
        };
        let Position { line, column } = position(before, after, at);
        format!("{}{inside}:{line}:{column}", one_line(name))
    };
    let mut out = message(
        finding.severity,
        &format!(
            "{}: {} [{}]",
            place(&finding.at),
            one_line(&finding.message),
            finding.code
        ),
    );
    for (at, why) in &finding.related {
        let _ = writeln!(out, "  see: {}: {}", place(at), one_line(why));
    }
    for line in &finding.help {
        let _ = writeln!(out, "  help: {}", one_line(line));
    }
    out
}

/// The errors of one policy, for a person.
pub fn failure(name: &str, failure: &Failure) -> String {
    let (position, help) = match failure {
        Failure::Refused(document, findings) => {
            return findings
                .iter()
                .map(|one| finding(name, document, document, one))
                .collect();
        }
        Failure::Source(error) => (None, error.help()),
        Failure::Left => (None, None),
        Failure::Document(error) => (error.position(), error.help().map(str::to_owned)),
        Failure::Apply(ApplyError::Unwritable { help, .. }) => (None, Some((*help).to_owned())),
        Failure::Apply(_) => (
            None,
            Some(
                "nothing was written; this is a defect of ctpolicy: please report it with the policy"
                    .to_owned(),
            ),
        ),
    };
    let inside = match failure {
        Failure::Document(DocumentError::Inner(_)) => " (Policy)",
        _ => "",
    };
    let place = position.map_or_else(String::new, |at| {
        format!("{inside}:{}:{}", at.line, at.column)
    });
    let mut out = error(&format!(
        "{}{place}: {}",
        one_line(name),
        one_line(&failure.to_string())
    ));
    if let Failure::Document(error) = failure
        && let DocumentError::Twins { first, .. } | DocumentError::Twice { first, .. } =
            error.innermost()
    {
        let _ = writeln!(
            out,
            "  see: {}{inside}:{}:{}: the first one",
            one_line(name),
            first.line,
            first.column
        );
    }
    if let Failure::Document(error) = failure {
        for candidate in error.candidates() {
            let Position { line, column } = candidate.at;
            let _ = writeln!(
                out,
                "  see: {}:{line}:{column}: {}",
                one_line(name),
                one_line(&candidate.to_string())
            );
        }
    }
    if let Some(help) = help {
        let _ = writeln!(out, "  help: {}", one_line(&help));
    }
    out
}

/// Which keys were found, a line for each whose name does not say it: the
/// account and the Region are in its ARN.
pub fn keys(sources: &[Source]) -> String {
    let mut out = String::new();
    for source in sources {
        if let Source::Key(key) = source {
            let (name, arn) = (key.label(), key.arn().to_string());
            if name != arn {
                let _ = writeln!(out, "{}: the key is {}", one_line(name), one_line(&arn));
            }
        }
    }
    out
}

/// Where an old policy is kept, and how it is put back.
pub fn saved(name: &str, saved: &Saved) -> String {
    format!(
        "{}: the old policy is saved; to put it back:\n  {}\n",
        one_line(name),
        one_line(&saved.command)
    )
}

/// A note.
pub fn note(text: &str) -> String {
    message(Severity::Note, text)
}

/// An error line.
pub fn error(text: &str) -> String {
    message(Severity::Error, text)
}

fn message(severity: Severity, text: &str) -> String {
    let (word, style): (_, Style) = match severity {
        Severity::Error => ("error", AnsiColor::Red.on_default().bold()),
        Severity::Warning => ("warning", AnsiColor::Yellow.on_default().bold()),
        Severity::Note => ("note", AnsiColor::Cyan.on_default().bold()),
    };
    format!("{style}{word}{style:#}: {text}\n")
}
