//! The straight line that every editing command takes.

use super::summary::{Fate, summary};
use super::{
    Format, Mode, Options, Planner, Status, load, output_error, refused, terminal_error, which,
};
use crate::confirm::{self, Answer};
use crate::document::{Document, Selection};
use crate::plan::{Case, Choice, DEFAULT_SID, Plan, limits, refusals};
use crate::policy::{Finding, Policy, needs};
use crate::report::{self, Failure, diff, escape::one_line, github, json, markdown};
use crate::source::{Argument, Commit, Source, SourceError, locate, side_by_side};

/// How often a policy that others edit at the same time is planned anew.
const MOST_ATTEMPTS: usize = 20;

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

    /// The policy's address in its host.
    fn address(&self) -> Option<String> {
        self.before.address().map(str::to_owned)
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

/// Plans every policy, and then shows, asks and writes one after the other. A
/// file that cannot be planned stops the run before anything is written; a
/// live key that cannot does not hold up the others.
#[must_use]
pub fn run(arguments: &[Argument], options: &Options, planner: &Planner<'_>) -> Status {
    let mut run = Run {
        options,
        planner,
        is_interactive: confirm::is_interactive(),
        all: options.yes,
    };
    let (sources, lost) = locate(arguments);
    let mut fates = Vec::new();
    for (name, error) in lost {
        report::say(&report::failure(&name, &error.into()));
        fates.push((name, Fate::Failed));
    }
    if options.expected.is_some() && sources.len() > 1 {
        report::say(&report::error(
            "--expect-sha256 is for one policy, and the key has replicas",
        ));
        return Status::Failed;
    }
    let prepared = side_by_side(&sources, |source| run.prepare(source));
    let mut ready = Vec::new();
    let mut stopped = false;
    for (source, one) in sources.iter().zip(prepared) {
        match run.choose(source, one) {
            Ok(one) => ready.push((source, one)),
            Err(failure) => {
                report::say(&report::failure(&source.to_string(), &failure));
                stopped |= !matches!(source, Source::Key(_));
                fates.push((source.to_string(), Fate::Failed));
            }
        }
    }
    if stopped {
        if arguments.len() > 1 && options.mode == Mode::Write {
            report::say("  help: nothing was written\n");
        }
        return Status::Failed;
    }
    run.finish_all(ready, &mut fates);
    if fates.len() > 1
        && sources
            .iter()
            .any(|source| matches!(source, Source::Key(_)))
    {
        report::say(&summary(&fates));
    }
    let status = |fate: &Fate| match fate {
        Fate::Written | Fate::Unchanged => Status::Done,
        Fate::WouldChange if options.mode == Mode::DryRun => Status::Done,
        Fate::WouldChange | Fate::NotWritten => Status::Differs,
        Fate::Failed => Status::Failed,
    };
    fates
        .iter()
        .map(|(_, fate)| status(fate))
        .max()
        .unwrap_or(Status::Done)
}

impl Run<'_> {
    fn prepare(&self, source: &Source) -> Result<Prepared, Failure> {
        self.prepare_for(source, None, None)
    }

    /// Reads and plans, with a person's choice of statement and of the policy
    /// in its host, if there is one.
    fn prepare_for(
        &self,
        source: &Source,
        choice: Option<Choice>,
        address: Option<String>,
    ) -> Result<Prepared, Failure> {
        let selection = Selection {
            resource: address.or_else(|| self.options.selection.resource.clone()),
            ..self.options.selection.clone()
        };
        let (bytes, before) = load(source, self.options.mode == Mode::Write, &selection)?;
        let found = source.fingerprint(&bytes, before.value());
        if self
            .options
            .expected
            .as_ref()
            .is_some_and(|expected| *expected != found)
        {
            return Err(SourceError::NotReviewed { found }.into());
        }
        let name = source.to_string();
        let refuse = |findings| refused(&name, &before, findings);
        let case = Case {
            value: before.value(),
            choice: choice.as_ref(),
            partition: source.partition(),
        };
        let mut plan = (self.planner)(&case).map_err(refuse)?;
        let after = match &self.options.replacement {
            Some(whole) if !plan.operations.is_empty() => whole.clone(),
            _ => before.apply(&plan.operations)?,
        };
        plan.findings.extend(source.findings(true));
        if !plan.operations.is_empty() {
            let (old, new) = (before.policy_text(), after.policy_text());
            plan.findings.extend(limits(&old, &new, after.value()));
        }
        let refused = refusals(&plan.findings, self.options.strict);
        if !refused.is_empty() {
            return Err(refuse(refused));
        }
        let findings = std::mem::take(&mut plan.findings);
        let explain = |finding| before.explain(finding, &name);
        plan.findings = findings.into_iter().map(explain).collect();
        plan.spell(&|text| before.spell(text).into_owned());
        Ok(Prepared {
            bytes,
            before,
            after,
            plan,
            choice,
        })
    }

    /// Where several policies of a host or several statements may be meant, a
    /// person says which.
    fn choose(&self, source: &Source, one: Result<Prepared, Failure>) -> Result<Prepared, Failure> {
        if !self.is_interactive || self.all || *source == Source::Stdin {
            return one;
        }
        let one =
            one.or_else(|failure| self.prepare_for(source, None, Some(which(source, failure)?)))?;
        if one.plan.candidates.is_empty() || self.options.mode == Mode::Check {
            return Ok(one);
        }
        let chosen = confirm::choose(&source.to_string(), &one.plan.candidates, DEFAULT_SID)
            .map_err(terminal_error)?;
        let choice = chosen.map_or(Choice::New, |target| Choice::Into(target.clone()));
        self.prepare_for(source, Some(choice), one.address())
    }

    /// Finishes one policy after the other; a failure does not hide the rest.
    fn finish_all(&mut self, ready: Vec<(&Source, Prepared)>, fates: &mut Vec<(String, Fate)>) {
        let changed = ready.iter().filter(|(_, one)| one.is_changed()).count();
        let mut has_quit = false;
        for (source, one) in ready {
            let name = source.to_string();
            let fate = if has_quit {
                Fate::NotWritten
            } else {
                match self.finish(source, one, changed > 1) {
                    Ok((fate, quit)) => {
                        has_quit = quit;
                        fate
                    }
                    Err(failure) => {
                        report::say(&report::failure(&name, &failure));
                        Fate::Failed
                    }
                }
            };
            fates.push((name, fate));
        }
    }

    /// Shows, asks and writes one policy; says what became of it, and whether
    /// the person wants no more.
    fn finish(
        &mut self,
        source: &Source,
        mut one: Prepared,
        several: bool,
    ) -> Result<(Fate, bool), Failure> {
        let name = source.to_string();
        let said = |what: &str| report::say(&format!("{}: {what}\n", one_line(&name)));
        self.show(source, &one)?;
        let mut confirmed = self.all || *source == Source::Stdin;
        for _ in 0..MOST_ATTEMPTS {
            if !one.is_changed() {
                if self.options.mode == Mode::Check && one.plan.is_unmet {
                    return Ok((Fate::WouldChange, false));
                }
                if *source == Source::Stdin && self.options.mode == Mode::Write {
                    source.commit(&one.bytes, &one.bytes, None)?;
                }
                return Ok((Fate::Unchanged, false));
            }
            match self.options.mode {
                Mode::DryRun => {
                    said("not written (dry run)");
                    let hash = source.fingerprint(&one.bytes, one.before.value());
                    said(&format!("sha256 {hash}"));
                    return Ok((Fate::WouldChange, false));
                }
                Mode::Check => return Ok((Fate::WouldChange, false)),
                Mode::Write => {}
            }
            if !confirmed {
                if !self.is_interactive {
                    return Err(SourceError::NoTerminal.into());
                }
                match confirm::write(&source.title(), several).map_err(terminal_error)? {
                    Answer::Yes => {}
                    Answer::All => self.all = true,
                    no => {
                        said("not written");
                        return Ok((Fate::NotWritten, no == Answer::Quit));
                    }
                }
                confirmed = true;
            }
            if self.commit(source, &one)? == Commit::Written {
                if *source != Source::Stdin {
                    said("written");
                }
                return Ok((Fate::Written, false));
            }
            let again = self.prepare_for(source, one.choice.clone(), one.address())?;
            if self.diff(source, &again) != self.diff(source, &one) {
                said("has changed since it was read; this is the edit now");
                self.show(source, &again)?;
                confirmed = self.all;
            }
            one = again;
        }
        Err(SourceError::Contended.into())
    }

    fn commit(&self, source: &Source, one: &Prepared) -> Result<Commit, Failure> {
        let new = one.after.to_bytes();
        let backup = self.options.backup.as_ref();
        let Source::Key(key) = source else {
            return Ok(source.commit(&one.bytes, &new, backup)?);
        };
        report::say(&report::saved(&source.to_string(), &key.save(&one.bytes)?));
        let _interruptible = confirm::during_a_put();
        let _spinner = report::spinner("putting the policy, and reading it back until it shows");
        source
            .commit(&one.bytes, &new, backup)
            .map_err(|error| refused_principal(one, error))
    }

    fn diff(&self, source: &Source, one: &Prepared) -> String {
        diff::unified(
            &source.title(),
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
        let diff = self.diff(source, one);
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

/// KMS does not say which principal it refuses; the policy shows the deleted
/// ones.
fn refused_principal(one: &Prepared, error: SourceError) -> Failure {
    let deleted = match Policy::read(one.after.value()) {
        Ok(policy) if error.is_invalid_principal() => needs::deleted_principals(&policy),
        _ => Vec::new(),
    };
    if deleted.is_empty() {
        return error.into();
    }
    let findings = deleted.into_iter().map(|finding| {
        Finding::error(
            finding.code,
            format!("{error}: {}", finding.message),
            finding.at,
        )
        .help("take it out of the policy first, then run the same command again")
    });
    Failure::Refused(Box::new(one.after.clone()), findings.collect())
}
