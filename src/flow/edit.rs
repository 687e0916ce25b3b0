//! The straight line that every editing command takes.

use super::summary::{Fate, summary};
use super::{Format, Mode, Options, Planner, Status, load, refused, terminal_error, which};
use crate::confirm;
use crate::document::{Document, Selection};
use crate::plan::{Case, Choice, DEFAULT_SID, Plan, limits, refusals};
use crate::report::{self, Failure};
use crate::source::{Argument, Source, SourceError, locate, side_by_side};

/// One policy, read and planned.
pub(super) struct Prepared {
    pub before: Document,
    pub after: Document,
    pub plan: Plan,
    known: Known,
}

/// What is known of a policy from an earlier look at it.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// A person's choice of statement.
    choice: Option<Choice>,
    /// The policy's address in its host.
    address: Option<String>,
    /// Whether it was put already, so that it is no more the reviewed one.
    is_put: bool,
}

impl Prepared {
    pub fn is_changed(&self) -> bool {
        !self.plan.operations.is_empty()
    }

    /// What a later look needs to know.
    pub fn known(&self, is_put: bool) -> Known {
        Known {
            address: self.before.address().map(str::to_owned),
            is_put: is_put || self.known.is_put,
            ..self.known.clone()
        }
    }
}

/// A run of one command over its policies.
pub(super) struct Run<'r> {
    pub options: &'r Options,
    planner: &'r Planner<'r>,
    pub is_interactive: bool,
    /// The rest is written without asking.
    pub all: bool,
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
    let asking = report::spinner_for(arguments);
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
    let prepared = side_by_side(&sources, |source| run.prepare(source, Known::default()));
    drop(asking);
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
    /// Reads and plans, with what is known from an earlier look.
    pub fn prepare(&self, source: &Source, known: Known) -> Result<Prepared, Failure> {
        let selection = Selection {
            resource: (known.address.clone()).or_else(|| self.options.selection.resource.clone()),
            ..self.options.selection.clone()
        };
        let before = load(source, self.options.mode == Mode::Write, &selection)?;
        let found = source.fingerprint(before.as_bytes(), before.value());
        if self
            .options
            .expected
            .as_ref()
            .is_some_and(|expected| *expected != found && !known.is_put)
        {
            return Err(SourceError::NotReviewed { found }.into());
        }
        let name = source.to_string();
        let refuse = |findings| refused(&name, &before, findings);
        let case = Case {
            value: before.value(),
            choice: known.choice.as_ref(),
            partition: source.partition(),
        };
        let mut plan = (self.planner)(&case).map_err(refuse)?;
        if let Some(obstacle) = before.obstacle(&plan.operations, &name) {
            return Err(refuse(vec![obstacle]));
        }
        if let (Format::JsonPatch, false) = (self.options.format, plan.operations.is_empty())
            && let Some(finding) = before.no_patch()
        {
            return Err(refuse(vec![finding]));
        }
        let after = match &self.options.replacement {
            Some(whole) if !plan.operations.is_empty() => whole.clone(),
            _ => before.apply(&plan.operations)?,
        };
        let (after, fitted) = source.fit(after);
        plan.findings.extend(source.findings(true));
        plan.findings.extend(fitted);
        if !plan.operations.is_empty() {
            let (old, new) = (before.policy_text(), after.policy_text());
            plan.findings.extend(limits(&old, &new, after.value()));
            plan.findings.extend(before.notes(&plan.operations, &name));
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
            before,
            after,
            plan,
            known,
        })
    }

    /// Where several policies of a host or several statements may be meant, a
    /// person says which.
    fn choose(&self, source: &Source, one: Result<Prepared, Failure>) -> Result<Prepared, Failure> {
        if !self.is_interactive || self.all || *source == Source::Stdin {
            return one;
        }
        let one = one.or_else(|failure| {
            let known = Known {
                address: Some(which(source, failure)?),
                ..Known::default()
            };
            self.prepare(source, known)
        })?;
        if one.plan.candidates.is_empty() || self.options.mode == Mode::Check {
            return Ok(one);
        }
        let chosen = confirm::choose(&source.to_string(), &one.plan.candidates, DEFAULT_SID)
            .map_err(terminal_error)?;
        let choice = chosen.map_or(Choice::New, |target| Choice::Into(target.clone()));
        let known = Known {
            choice: Some(choice),
            ..one.known(false)
        };
        self.prepare(source, known)
    }
}
