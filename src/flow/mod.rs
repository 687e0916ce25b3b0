//! The straight line that every editing command takes: source, document,
//! plan, preview, confirm, commit.

use std::collections::HashSet;

use serde_json::Value;

use crate::confirm::{self, Answer};
use crate::document::Document;
use crate::plan::{Choice, DEFAULT_SID, Plan, limits, refusals};
use crate::policy::{Finding, Policy};
use crate::report::{self, Failure, diff, escape::one_line, github, json, markdown};
use crate::source::{BackupSuffix, Commit, Sha256Hex, Source, SourceError};

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
    /// Keep the old bytes beside the file.
    pub backup: Option<BackupSuffix>,
    /// Unchanged lines around a change in the diff.
    pub context: usize,
    /// What goes to standard output.
    pub format: Format,
    /// The hash of the only policy, as it was reviewed.
    pub expected: Option<Sha256Hex>,
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

/// Makes a plan for a policy, with a person's choice of statement if one was
/// asked for.
pub type Planner<'p> = dyn Fn(&Value, Option<&Choice>) -> Result<Plan, Vec<Finding>> + 'p;

/// Answers a question about every policy; one that cannot be read does not
/// hide the answers about the others.
pub fn inspect<T>(
    sources: &[Source],
    ask: impl Fn(&Document, &Policy<'_>) -> Result<T, Finding>,
) -> (Vec<(String, Document, T)>, Status) {
    let mut answers = Vec::new();
    let mut status = Status::Done;
    for source in sources {
        let name = source.to_string();
        let answer = load(source, false).and_then(|(_, document)| {
            let answer = Policy::read(document.value())
                .and_then(|policy| ask(&document, &policy).map_err(|finding| vec![finding]));
            match answer {
                Ok(answer) => Ok((document, answer)),
                Err(findings) => Err(Failure::Refused(Box::new(document), findings)),
            }
        });
        match answer {
            Ok((document, answer)) => answers.push((name, document, answer)),
            Err(failure) => {
                report::say(&report::failure(&name, &failure));
                status = Status::Failed;
            }
        }
    }
    (answers, status)
}

fn load(source: &Source, will_write: bool) -> Result<(Vec<u8>, Document), Failure> {
    let bytes = source.read(will_write)?;
    let document = Document::parse(&bytes)?;
    Ok((bytes, document))
}

/// Sends a result to standard output.
#[must_use]
pub fn print(result: &str, status: Status) -> Status {
    match report::output(result) {
        Ok(()) => status,
        Err(error) => {
            let failure = output_error(error);
            report::say(&report::failure("<stdout>", &failure));
            Status::Failed
        }
    }
}

/// One policy, read and planned.
struct Prepared {
    bytes: Vec<u8>,
    before: Document,
    after: Document,
    plan: Plan,
    choice: Option<Choice>,
}

impl Prepared {
    fn is_changed(&self) -> bool {
        !self.plan.operations.is_empty()
    }
}

/// A run of one command over its policies.
struct Run<'r> {
    options: &'r Options,
    planner: &'r Planner<'r>,
    is_interactive: bool,
    /// The rest is written without asking.
    all: bool,
}

/// Plans every policy, and then, if none has an error, shows, asks and writes
/// one after the other.
#[must_use]
pub fn run(sources: &[Source], options: &Options, planner: &Planner<'_>) -> Status {
    let mut run = Run {
        options,
        planner,
        is_interactive: confirm::is_interactive(),
        all: options.yes,
    };
    let mut seen = HashSet::new();
    let mut prepared = Vec::new();
    let mut failed = false;
    for source in sources {
        // A glob may name one file twice, by a link.
        let identity = match source {
            Source::File(path) => path.canonicalize().unwrap_or_else(|_| path.clone()),
            Source::Stdin => "-".into(),
        };
        if !seen.insert(identity) {
            continue;
        }
        match run.prepare(source, None) {
            Ok(one) => prepared.push((source, one)),
            Err(failure) => {
                report::say(&report::failure(&source.to_string(), &failure));
                failed = true;
            }
        }
    }
    if failed {
        if sources.len() > 1 && options.mode == Mode::Write {
            report::say("  help: no file was written\n");
        }
        return Status::Failed;
    }
    let changed = prepared.iter().filter(|(_, one)| one.is_changed()).count();
    let mut status = Status::Done;
    let mut rest = prepared.into_iter();
    while let Some((source, one)) = rest.next() {
        match run.finish(source, one, changed > 1) {
            Ok(Answer::Quit) => {
                status = status.max(Status::Differs);
                break;
            }
            Ok(Answer::No) => status = status.max(Status::Differs),
            Ok(Answer::Yes | Answer::All) => {}
            Err(failure) => {
                report::say(&report::failure(&source.to_string(), &failure));
                for (source, _) in rest.filter(|(_, one)| one.is_changed()) {
                    report::say(&format!("{}: not written\n", one_line(&source.to_string())));
                }
                return Status::Failed;
            }
        }
    }
    status
}

impl Run<'_> {
    fn prepare(&self, source: &Source, choice: Option<Choice>) -> Result<Prepared, Failure> {
        let will_write = self.options.mode == Mode::Write;
        let (bytes, before) = load(source, will_write)?;
        let found = Sha256Hex::of(&bytes);
        if self
            .options
            .expected
            .as_ref()
            .is_some_and(|expected| *expected != found)
        {
            return Err(SourceError::NotReviewed { found }.into());
        }
        let mut choice = choice;
        let refuse = |findings| Failure::Refused(Box::new(before.clone()), findings);
        let mut plan = (self.planner)(before.value(), choice.as_ref()).map_err(refuse)?;
        if !plan.candidates.is_empty() && self.may_ask(source) && self.options.mode != Mode::Check {
            let chosen = confirm::choose(&source.to_string(), &plan.candidates, DEFAULT_SID)
                .map_err(terminal_error)?;
            choice = Some(chosen.map_or(Choice::New, |target| Choice::Into(target.clone())));
            plan = (self.planner)(before.value(), choice.as_ref()).map_err(refuse)?;
        }
        let after = before.apply(&plan.operations)?;
        if !plan.operations.is_empty() {
            plan.findings
                .extend(limits(before.text(), after.text(), after.value()));
        }
        let refused = refusals(&plan.findings, self.options.strict);
        if !refused.is_empty() {
            return Err(refuse(refused));
        }
        Ok(Prepared {
            bytes,
            before,
            after,
            plan,
            choice,
        })
    }

    fn may_ask(&self, source: &Source) -> bool {
        self.is_interactive && !self.all && *source != Source::Stdin
    }

    /// Shows, asks and writes one policy. The answer says what became of it.
    fn finish(
        &mut self,
        source: &Source,
        mut one: Prepared,
        several: bool,
    ) -> Result<Answer, Failure> {
        let name = source.to_string();
        let said = |what: &str| report::say(&format!("{}: {what}\n", one_line(&name)));
        self.show(source, &one)?;
        let mut confirmed = self.all || *source == Source::Stdin;
        loop {
            if !one.is_changed() {
                if self.options.mode == Mode::Check && one.plan.is_unmet {
                    return Ok(Answer::No);
                }
                if *source == Source::Stdin && self.options.mode == Mode::Write {
                    source.commit(&one.bytes, &one.bytes, None)?;
                }
                return Ok(Answer::Yes);
            }
            match self.options.mode {
                Mode::DryRun => {
                    said("not written (dry run)");
                    said(&format!("sha256 {}", Sha256Hex::of(&one.bytes)));
                    return Ok(Answer::Yes);
                }
                Mode::Check => return Ok(Answer::No),
                Mode::Write => {}
            }
            if !confirmed {
                if !self.is_interactive {
                    return Err(no_terminal());
                }
                match confirm::write(&name, several).map_err(terminal_error)? {
                    Answer::Yes => {}
                    Answer::All => self.all = true,
                    no => {
                        said("not written");
                        return Ok(no);
                    }
                }
                confirmed = true;
            }
            match source.commit(
                &one.bytes,
                &one.after.to_bytes(),
                self.options.backup.as_ref(),
            )? {
                Commit::Written => {
                    if *source != Source::Stdin {
                        said("written");
                    }
                    return Ok(Answer::Yes);
                }
                Commit::Changed => {
                    let again = self.prepare(source, one.choice.clone())?;
                    if self.diff(&name, &again) != self.diff(&name, &one) {
                        said("has changed since it was read; this is the edit now");
                        self.show(source, &again)?;
                        confirmed = self.all;
                    }
                    one = again;
                }
            }
        }
    }

    fn diff(&self, name: &str, one: &Prepared) -> String {
        diff::unified(
            name,
            one.before.text(),
            one.after.text(),
            self.options.context,
        )
    }

    /// The result to standard output, what is said to a person to standard
    /// error; who is asked sees the diff in any case.
    fn show(&self, source: &Source, one: &Prepared) -> Result<(), Failure> {
        let name = source.to_string();
        let writes = self.options.mode == Mode::Write;
        report::say(&report::headline(&name, &one.plan));
        let diff = self.diff(&name, one);
        let result = match self.options.format {
            Format::Diff => diff.clone(),
            Format::JsonPatch => json::line(&json::patch(&one.plan, &one.before)),
            Format::Markdown => markdown::plan(&name, &one.plan, &diff),
            Format::Github => github::plan(&name, &one.plan, &one.before, &one.after),
            Format::Json => json::line(&json::plan(&name, &one.plan, &one.before, &one.after)),
        };
        if writes && *source == Source::Stdin {
            report::say(&diff);
        } else {
            report::output(&result).map_err(output_error)?;
            if writes && self.options.format != Format::Diff && !self.all {
                report::say(&diff);
            }
        }
        for finding in &one.plan.findings {
            report::say(&report::finding(&name, &one.before, &one.after, finding));
        }
        Ok(())
    }
}

fn io_failure(action: &str, error: std::io::Error) -> Failure {
    Failure::Source(SourceError::Io {
        action: action.to_owned(),
        error,
    })
}

fn terminal_error(error: std::io::Error) -> Failure {
    io_failure("ask on the terminal", error)
}

fn output_error(error: std::io::Error) -> Failure {
    io_failure("write to standard output", error)
}

fn no_terminal() -> Failure {
    Failure::Source(SourceError::NoTerminal)
}
