//! The straight line that every editing command takes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use super::preview::Preview;
use super::summary::{Fate, summary};
use super::{Format, Mode, Options, Planner, Status, load, refused, terminal_error, which};
use crate::confirm;
use crate::document::{Document, Selection};
use crate::plan::{Case, Choice, Question, limits, refusals};
use crate::report::{self, Failure, escape::one_line};
use crate::source::{Argument, Sha256Hex, Source, SourceError, Waits, locate, side_by_side};

/// One policy, read and planned.
pub(super) struct Prepared {
    /// What the source holds.
    pub old: Vec<u8>,
    pub new: Vec<u8>,
    pub is_changed: bool,
    /// Whether something else than an edit is missing.
    pub is_unmet: bool,
    /// Of the old policy, for a dry run.
    pub hash: Option<Sha256Hex>,
    pub preview: Preview,
    /// What a person has to say first, and the policy that it is about.
    question: Option<Box<(Question, Document)>>,
    /// What a later look needs to know.
    pub known: Known,
}

/// What is known of a policy from an earlier look at it.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// A person's choice of statement.
    choice: Option<Choice>,
    /// The policy's address in its host.
    address: Option<String>,
}

/// A run of one command over its policies.
pub(super) struct Run<'r> {
    pub options: &'r Options,
    planner: &'r Planner<'r>,
    pub is_interactive: bool,
    /// The rest is written without asking.
    pub all: AtomicBool,
    /// That a file system has no locks was said.
    pub is_lockless_told: AtomicBool,
}

/// Plans every policy, and then shows, asks and writes one after the other. A
/// file that cannot be planned stops the run before anything is written; a
/// live key that cannot does not hold up the others.
pub fn run(arguments: &[Argument], options: &Options, planner: &Planner<'_>) -> Status {
    let run = Run {
        options,
        planner,
        is_interactive: confirm::is_interactive(),
        all: options.yes.into(),
        is_lockless_told: false.into(),
    };
    let asking = report::waiting_for_keys(arguments);
    let (sources, lost) = locate(arguments);
    drop(asking);
    let mut fates = Vec::new();
    for (name, error) in lost {
        report::say(&report::failure(&name, &error.into()));
        fates.push((name, Fate::Failed));
    }
    report::say(&report::keys(&sources));
    let for_one = [
        ("--expect-sha256", options.expected.is_some()),
        ("--statement", options.statement.is_some()),
    ];
    if let Some((option, _)) = for_one.iter().find(|(_, is_given)| *is_given)
        && sources.len() > 1
    {
        report::say(&report::error(&format!(
            "{option} is for one policy, and the key has replicas"
        )));
        return Status::Failed;
    }
    if let Some(message) = lost_backup(&sources, options) {
        report::say(&report::error(&message));
        report::say(
            "  help: take another suffix (--backup=.old), or leave the backups out of the list\n",
        );
        return Status::Failed;
    }
    let asking = report::waiting_for_keys(arguments);
    let mut looks = Vec::new();
    let plan = |source: &Source| run.prepare(source, run.known());
    side_by_side(&sources, Waits::to_read(&sources), plan, |one| {
        looks.push(one);
    });
    drop(asking);
    let mut ready = Vec::new();
    let mut stopped = false;
    for (source, one) in sources.iter().zip(looks) {
        match run.choose(source, one) {
            Ok(one) => ready.push((source, one)),
            Err(Failure::Left) => {
                let name = source.to_string();
                report::say(&format!("{}: not written\n", one_line(&name)));
                fates.push((name, Fate::NotWritten));
            }
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
    run.finish_all(&ready, &mut fates);
    if fates.len() > 1 {
        let is_key = |source: &Source| matches!(source, Source::Key(_));
        report::say(&summary(&fates, sources.iter().any(is_key)));
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

/// A file whose old bytes would go to one that is edited too.
fn lost_backup(sources: &[Source], options: &Options) -> Option<String> {
    let suffix = options.manner.backup.as_ref()?;
    let places: HashMap<PathBuf, &Source> =
        sources.iter().map(|own| (own.identity(), own)).collect();
    sources.iter().find_map(|source| {
        let other = places.get(&suffix.path(&source.identity()))?;
        Some(format!(
            "{}: its backup would take the place of {}, which is given too",
            one_line(&source.to_string()),
            one_line(&other.to_string())
        ))
    })
}

impl Run<'_> {
    /// What is known before the first look.
    fn known(&self) -> Known {
        let number = self.options.statement;
        Known {
            choice: number.map(|own| Choice::Number(own, None)),
            ..Known::default()
        }
    }

    /// Reads and plans, with what is known from an earlier look.
    pub fn prepare(&self, source: &Source, known: Known) -> Result<Prepared, Failure> {
        let selection = Selection {
            resources: match &known.address {
                Some(address) => vec![address.clone()],
                None => self.options.selection.resources.clone(),
            },
            ..self.options.selection.clone()
        };
        let before = load(source, self.options.mode == Mode::Write, &selection)?;
        let name = source.to_string();
        let refuse = |before: &Document, findings| refused(&name, before, findings);
        let sids = before.computed_sids();
        let case = Case {
            value: before.value(),
            choice: known.choice.as_ref(),
            sids: &sids,
            partition: source.partition(),
        };
        let plan = (self.planner)(&case);
        // However it came there: another policy than the reviewed one is not
        // edited. Where nothing is to be edited, there is nothing to review.
        if let Some(expected) = &self.options.expected
            && !matches!(&plan, Ok(plan) if plan.operations.is_empty())
        {
            let found = source.fingerprint(before.as_bytes(), before.value());
            if found != *expected {
                return Err(SourceError::NotReviewed { found }.into());
            }
        }
        let mut plan = plan.map_err(|findings| refuse(&before, findings))?;
        if let Some(question) = &plan.question
            && !self.may_answer(source)
        {
            return Err(refuse(&before, vec![question.refusal.clone()]));
        }
        if let Some(obstacle) = before.obstacle(&plan.operations, &name) {
            return Err(refuse(&before, vec![obstacle]));
        }
        if let (Format::JsonPatch, false) = (self.options.format, plan.operations.is_empty())
            && let Some(finding) = before.no_patch()
        {
            return Err(refuse(&before, vec![finding]));
        }
        let after = match &self.options.replacement {
            Some(whole) if !plan.operations.is_empty() => whole.clone(),
            _ => before.apply(&plan.operations)?,
        };
        let (after, fitted) = source.fit(after);
        let doubts = before.doubts();
        for outcome in &mut plan.outcomes {
            outcome.verdict = outcome.verdict.doubted(&doubts);
        }
        plan.findings.extend(before.remarks());
        plan.findings.extend(source.findings(true));
        plan.findings.extend(fitted);
        if plan.operations.is_empty() {
            plan.findings.extend(before.whole_proviso());
        } else {
            let (old, new) = (before.policy_text(), after.policy_text());
            plan.findings.extend(limits(&old, &new, after.value()));
            plan.findings.extend(before.notes(&plan.operations, &name));
            if !self.options.manner.in_place {
                plan.findings.extend(source.other_names());
            }
        }
        plan.findings.extend(before.existence());
        let refused = refusals(&plan.findings, self.options.strict);
        if !refused.is_empty() {
            return Err(refuse(&before, refused));
        }
        let findings = std::mem::take(&mut plan.findings);
        let explain = |finding| before.explain(finding, &name);
        plan.findings = findings.into_iter().map(explain).collect();
        plan.spell(&|text| before.spell(text).into_owned());
        let is_changed = !plan.operations.is_empty();
        let is_asked = self.is_interactive && !self.is_all() && self.options.mode == Mode::Write;
        let hashes = is_changed && self.options.mode == Mode::DryRun;
        Ok(Prepared {
            is_changed,
            is_unmet: plan.is_unmet,
            hash: hashes.then(|| source.fingerprint(before.as_bytes(), before.value())),
            preview: self
                .options
                .preview(source, is_asked, &plan, &before, &after),
            known: Known {
                address: before.address().map(str::to_owned),
                choice: known.choice.map(|choice| choice.shown(before.value())),
            },
            old: before.as_bytes().to_vec(),
            new: after.as_bytes().to_vec(),
            question: plan.question.map(|question| Box::new((question, before))),
        })
    }

    /// Whether nobody is asked any more.
    pub fn is_all(&self) -> bool {
        self.all.load(Ordering::Relaxed)
    }

    /// Whether a person is asked what is meant.
    fn may_choose(&self, source: &Source) -> bool {
        self.is_interactive && !self.is_all() && !source.is_pipe()
    }

    /// Whether a person is asked which statement is meant.
    fn may_answer(&self, source: &Source) -> bool {
        self.may_choose(source) && self.options.mode != Mode::Check
    }

    /// Where several policies of a host or several statements may be meant, a
    /// person says which.
    fn choose(&self, source: &Source, one: Result<Prepared, Failure>) -> Result<Prepared, Failure> {
        if !self.may_choose(source) {
            return one;
        }
        let one = match one {
            Ok(one) => one,
            Err(failure) => {
                let known = Known {
                    address: Some(which(source, failure)?),
                    ..self.known()
                };
                self.prepare(source, known)?
            }
        };
        let Some((question, before)) = one.question.as_deref() else {
            return Ok(one);
        };
        let spell = |text: &str| before.spell(text).into_owned();
        let chosen = confirm::choose(&source.to_string(), question, before.value(), &spell)
            .map_err(terminal_error)?;
        let known = Known {
            choice: Some(chosen.ok_or(Failure::Left)?),
            ..one.known
        };
        self.prepare(source, known)
    }
}
