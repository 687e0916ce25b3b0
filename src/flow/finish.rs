//! The end of the line for one policy: show, ask, write.

use std::sync::atomic::Ordering;

use super::edit::{Prepared, Run};
use super::out::Out;
use super::preview::Preview;
use super::summary::Fate;
use super::{Mode, selected, terminal_error};
use crate::confirm::{self, Answer};
use crate::document::{Document, Selection};
use crate::interrupt;
use crate::policy::{Finding, Policy, needs};
use crate::report::{self, Failure, escape::one_line};
use crate::source::{Attempt, Commit, Source, SourceError, Step, Waits, side_by_side};

/// How often a key that others edit at the same time is planned anew. A file
/// needs no bound: under its lock, each time another run has got on.
const MOST_ATTEMPTS: usize = 20;

impl Run<'_> {
    /// Finishes every policy; a failure does not hide the rest. Files that need
    /// no answer are written side by side, and told of in order.
    pub fn finish_all(&self, ready: &[(&Source, Prepared)], fates: &mut Vec<(String, Fate)>) {
        let changed = ready.iter().filter(|(_, one)| one.is_changed);
        let changed: Vec<_> = changed
            .map(|(source, _)| one_line(&source.to_string()))
            .collect();
        let all = changed.len();
        if self.options.mode == Mode::Write {
            // It takes a thread, which a single edit is not to wait for.
            if all > 1 {
                interrupt::heed();
            }
            interrupt::expect(changed);
        }
        let is_file = |(source, _): &(&Source, Prepared)| matches!(source, Source::File(_));
        let writes = self.options.mode == Mode::Write && self.is_all();
        if writes && ready.len() > 1 && ready.iter().all(is_file) {
            let finish = |(source, one): &(&Source, Prepared)| {
                let mut out = Out::Later(Vec::new());
                let ended = self.finish(source, one, None, &mut out);
                (source.to_string(), out, ended)
            };
            side_by_side(ready, Waits::ForDisk, finish, |(name, out, ended)| {
                let told = out.tell();
                let mut own = fate(&name, ended.map(|(fate, _)| fate));
                if let Err(failure) = told {
                    own = fate(&name, Err(failure));
                }
                interrupt::told(&one_line(&name));
                fates.push((name, own));
            });
            return;
        }
        let mut has_quit = false;
        let mut turn = 0;
        for (source, one) in ready {
            let name = source.to_string();
            turn += usize::from(one.is_changed);
            let ended = if has_quit && one.is_changed {
                report::say(&format!("{}: not written\n", one_line(&name)));
                Ok(Fate::NotWritten)
            } else {
                let turn = (all > 1).then_some((turn, all));
                let ended = self.finish(source, one, turn, &mut Out::AtOnce);
                ended.map(|(fate, quit)| {
                    has_quit |= quit;
                    fate
                })
            };
            fates.push((name.clone(), fate(&name, ended)));
            interrupt::told(&one_line(&name));
        }
    }

    /// Tells what became of one policy, and whether the person wants no more.
    fn finish(
        &self,
        source: &Source,
        one: &Prepared,
        turn: Option<(usize, usize)>,
        out: &mut Out,
    ) -> Result<(Fate, bool), Failure> {
        self.show(source, &one.preview, out)?;
        let mut newer = None;
        let ended = self.write(source, one, &mut newer, turn, out)?;
        if let Some(result) = &newer.as_ref().unwrap_or(one).preview.result {
            out.result(result)?;
        }
        Ok(ended)
    }

    /// Asks and writes, until it is written or not wanted. `newer` becomes the
    /// plan for what the source holds by then, if that is another one.
    fn write(
        &self,
        source: &Source,
        first: &Prepared,
        newer: &mut Option<Prepared>,
        turn: Option<(usize, usize)>,
        out: &mut Out,
    ) -> Result<(Fate, bool), Failure> {
        let name = one_line(&source.to_string());
        let line = |what: &str| format!("{name}: {what}\n");
        let mut confirmed = self.is_all() || source.is_pipe();
        let mut attempts = 0;
        loop {
            let one = newer.as_ref().unwrap_or(first);
            if !one.is_changed {
                if self.options.mode == Mode::Check && one.is_unmet {
                    return Ok((Fate::WouldChange, false));
                }
                if source.is_pipe() && self.options.mode == Mode::Write {
                    source.commit(&one.old, &one.old, &self.options.manner, &mut |_| ())?;
                }
                return Ok((Fate::Unchanged, false));
            }
            match self.options.mode {
                Mode::DryRun => {
                    out.say(line("not written (dry run)"));
                    if let Some(hash) = &one.hash {
                        out.say(line(&format!("sha256 {hash}")));
                    }
                    return Ok((Fate::WouldChange, false));
                }
                Mode::Check => return Ok((Fate::WouldChange, false)),
                Mode::Write => {}
            }
            if !confirmed {
                if !self.is_interactive {
                    return Err(SourceError::NoTerminal.into());
                }
                match confirm::write(&source.place(), turn).map_err(terminal_error)? {
                    Answer::Yes => {}
                    Answer::All => self.all.store(true, Ordering::Relaxed),
                    no => {
                        out.say(line("not written"));
                        return Ok((Fate::NotWritten, no == Answer::Quit));
                    }
                }
                confirmed = true;
            }
            let attempt = match self.commit(source, one, out)? {
                Commit::Written => return Ok((Fate::Written, false)),
                Commit::Changed(attempt) => attempt,
            };
            attempts += 1;
            if attempts == MOST_ATTEMPTS && matches!(source, Source::Key(_)) {
                return Err(SourceError::Contended.into());
            }
            // To replace the whole would undo what the others did.
            if self.options.replacement.is_some() {
                return Err(SourceError::Overtaken(attempt).into());
            }
            let happened = match attempt {
                Attempt::NotCarriedOut => "has changed since it was read",
                Attempt::Uncertain => {
                    "whether the policy was put is not known, and KMS shows another one now"
                }
                Attempt::CarriedOut => "the policy was put, and KMS shows another one now",
            };
            let again = match self.prepare(source, one.known.clone()) {
                Ok(again) => again,
                Err(failure) => {
                    out.say(line(happened));
                    return Err(failure);
                }
            };
            if again.preview.diff != one.preview.diff || attempt != Attempt::NotCarriedOut {
                out.say(line(&if again.is_changed {
                    format!("{happened}; this is the edit now")
                } else {
                    happened.to_owned()
                }));
                self.show(source, &again.preview, out)?;
                confirmed = self.is_all();
            }
            *newer = Some(again);
        }
    }

    fn commit(&self, source: &Source, one: &Prepared, out: &mut Out) -> Result<Commit, Failure> {
        let name = source.to_string();
        let is_file = matches!(source, Source::File(_));
        let mut under_way = None;
        let mut replacing = None;
        let mut tell = |step: &Step| match step {
            // At once, also where the other words are kept.
            Step::Waiting if is_file => report::say(&format!(
                "waits for another program's lock on {}\n",
                one_line(&name)
            )),
            Step::Waiting => out.say(format!(
                "{}: waits for another ctpolicy on this key\n",
                one_line(&name)
            )),
            Step::NoLocks => {
                if !self.is_lockless_told.swap(true, Ordering::Relaxed) {
                    out.say(report::note(&format!(
                        "{}: its file system has no locks: nothing keeps two runs on one file apart",
                        one_line(&name)
                    )));
                }
            }
            Step::Writing => replacing = Some(interrupt::replacing()),
            Step::Lost(lost) => out.say(report::note(&format!(
                "{}: the new file does not have what the old one had: {}",
                one_line(&name),
                one_line(&lost.join(", "))
            ))),
            Step::Saved(saved) => {
                out.say(report::saved(&name, saved));
                let what = "putting the policy, and reading it back until it shows…";
                let words = format!(
                    "{}: interrupted; whether the policy was put is not known: run the same command again, it looks first",
                    one_line(&name)
                );
                under_way = Some((
                    interrupt::put(&one_line(&name), words),
                    report::waiting(what),
                ));
            }
        };
        let committed = source.commit(&one.old, &one.new, &self.options.manner, &mut tell);
        let is_written = matches!(committed, Ok(Commit::Written));
        let name = one_line(&name);
        if is_written {
            interrupt::written(&name);
        }
        drop(under_way);
        // Before a signal that came meanwhile ends the run.
        if is_written {
            if !source.is_pipe() {
                out.say(format!("{name}: written\n"));
            }
            if matches!(out, Out::AtOnce) {
                interrupt::told(&name);
            }
        }
        drop(replacing);
        committed.map_err(|error| refused_principal(source, &one.new, error))
    }

    /// What is said to a person, to standard error; and the diff, where that is
    /// the result, or somebody is asked about it.
    fn show(&self, source: &Source, preview: &Preview, out: &mut Out) -> Result<(), Failure> {
        out.say(preview.headline.clone());
        if self.options.prints_diff(source) {
            out.result(&preview.diff)?;
        }
        if let Some(diff) = &preview.asked
            && (source.is_pipe() || !self.is_all())
        {
            out.say(diff.clone());
        }
        out.say(preview.findings.clone());
        Ok(())
    }
}

/// What became of a policy; a failure is said.
fn fate(name: &str, ended: Result<Fate, Failure>) -> Fate {
    ended.unwrap_or_else(|failure| {
        report::say(&report::failure(name, &failure));
        Fate::Failed
    })
}

/// KMS does not say which principal it refuses; the policy shows the deleted
/// ones.
fn refused_principal(source: &Source, new: &[u8], error: SourceError) -> Failure {
    if !error.is_invalid_principal() {
        return error.into();
    }
    let Ok(after) = Document::open(new, &selected(source, &Selection::default())) else {
        return error.into();
    };
    let policy = Policy::read(after.value());
    let deleted = policy.map_or_else(|_| Vec::new(), |own| needs::deleted_principals(&own));
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
    let findings = findings.collect();
    Failure::Refused(Box::new(after), findings)
}
