//! The straight line that every editing command takes: source, document,
//! plan, preview, confirm, commit.

mod edit;
mod finish;
mod inspect;
mod out;
mod preview;
mod summary;

use crate::confirm;
use crate::document::{Document, DocumentError, HostKind, Selection};
use crate::plan::{Case, Plan};
use crate::policy::Finding;
use crate::report::{self, Failure};
use crate::source::{Manner, Purpose, Sha256Hex, Source, SourceError};

pub use edit::run;
pub use inspect::{Inspected, Inspection, Reading, inspect};

/// What happens to an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is written.
    Write,
    /// It is shown.
    DryRun,
    /// It is shown, and the status tells whether there is one.
    Check,
}

/// What goes to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A unified diff
    Diff,
    /// An RFC 6902 JSON Patch that applies to this policy alone
    JsonPatch,
    /// One JSON object per policy
    Json,
    /// A sentence and the diff, for a pull request
    Markdown,
    /// GitHub workflow annotations
    Github,
}

/// How a command goes about it.
#[derive(Debug, Clone)]
pub struct Options {
    /// What happens to an edit.
    pub mode: Mode,
    /// Write without asking.
    pub yes: bool,
    /// Take warnings for errors.
    pub strict: bool,
    /// How an edit is written.
    pub manner: Manner,
    /// Unchanged lines around a change in the diff.
    pub context: usize,
    /// What goes to standard output.
    pub format: Format,
    /// The hash of the only policy, as it was reviewed.
    pub expected: Option<Sha256Hex>,
    /// What the plan puts in the place of a whole policy, if that is what it
    /// does.
    pub replacement: Option<Document>,
    /// Which policy in which kind of host.
    pub selection: Selection,
    /// The number of the statement that is meant, from 1.
    pub statement: Option<usize>,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Done, or nothing to do.
    Done = 0,
    /// `--check` found a change, or the person said no.
    Differs = 1,
    /// An error.
    Failed = 2,
}

/// Makes a plan for a policy.
pub type Planner<'p> = dyn Fn(&Case<'_>) -> Result<Plan, Vec<Finding>> + Sync + 'p;

/// Reads the policy that is meant.
fn load(source: &Source, will_write: bool, selection: &Selection) -> Result<Document, Failure> {
    let bytes = source.read(Purpose::Edit { will_write })?;
    Ok(Document::open(bytes, &selected(source, selection))?)
}

/// What is meant of a source.
fn selected(source: &Source, selection: &Selection) -> Selection {
    match source {
        // KMS holds nothing but the policy.
        Source::Key(_) => Selection {
            kind: Some(HostKind::Json),
            ..Selection::default()
        },
        Source::File(_) | Source::Pipe(_) => Selection {
            name: source.to_string(),
            ..selection.clone()
        },
    }
}

/// Where a host holds several policies, a person says which one is meant.
///
/// # Errors
/// The failure, if it is another one.
fn which(source: &Source, failure: Failure) -> Result<String, Failure> {
    match &failure {
        Failure::Document(DocumentError::Several { candidates }) => {
            let chosen = confirm::choose_policy(&source.to_string(), candidates);
            let chosen = chosen.map_err(terminal_error)?;
            chosen.map(|one| one.address.clone()).ok_or(Failure::Left)
        }
        _ => Err(failure),
    }
}

/// A refusal in the words of the policy's host.
fn refused(name: &str, document: &Document, findings: Vec<Finding>) -> Failure {
    let explain = |finding| document.explain(finding, name);
    let findings = findings.into_iter().map(explain).collect();
    Failure::Refused(Box::new(document.clone()), findings)
}

fn terminal_error(error: std::io::Error) -> Failure {
    Failure::Source(SourceError::Io {
        action: "ask on the terminal".to_owned(),
        error,
    })
}

/// Sends a result to standard output.
pub fn print(result: &str, status: Status) -> Status {
    match report::output(&result) {
        Ok(()) => status,
        Err(error) => {
            let failure = output_error(error);
            report::say(&report::failure("<stdout>", &failure));
            Status::Failed
        }
    }
}

fn output_error(error: std::io::Error) -> Failure {
    Failure::Source(SourceError::Io {
        action: "write to standard output".to_owned(),
        error,
    })
}
