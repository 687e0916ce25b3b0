//! The end of the line for one policy: show, ask, write.

use super::edit::{Prepared, Run};
use super::summary::Fate;
use super::{Format, Mode, output_error, terminal_error};
use crate::confirm::{self, Answer};
use crate::policy::{Finding, Policy, needs};
use crate::report::{self, Failure, diff, escape::one_line, github, json, markdown};
use crate::source::kms::Step;
use crate::source::{Commit, Source, SourceError};

/// How often a key that others edit at the same time is planned anew. A file
/// needs no bound: under its lock, each time another run has got on.
const MOST_ATTEMPTS: usize = 20;

impl Run<'_> {
    /// Finishes one policy after the other; a failure does not hide the rest.
    pub fn finish_all(&mut self, ready: Vec<(&Source, Prepared)>, fates: &mut Vec<(String, Fate)>) {
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

    /// Says what became of one policy, and whether the person wants no more.
    fn finish(
        &mut self,
        source: &Source,
        mut one: Prepared,
        several: bool,
    ) -> Result<(Fate, bool), Failure> {
        self.show(source, &one)?;
        let ended = self.write(source, &mut one, several)?;
        if self.options.format != Format::Diff {
            self.print_result(source, &one)?;
        }
        Ok(ended)
    }

    /// Asks and writes, until it is written or not wanted.
    fn write(
        &mut self,
        source: &Source,
        one: &mut Prepared,
        several: bool,
    ) -> Result<(Fate, bool), Failure> {
        let name = source.to_string();
        let said = |what: &str| report::say(&format!("{}: {what}\n", one_line(&name)));
        let mut confirmed = self.all || *source == Source::Stdin;
        let mut attempts = 0;
        loop {
            if !one.is_changed() {
                if self.options.mode == Mode::Check && one.plan.is_unmet {
                    return Ok((Fate::WouldChange, false));
                }
                if *source == Source::Stdin && self.options.mode == Mode::Write {
                    let bytes = one.before.as_bytes();
                    source.commit(bytes, bytes, None, &mut |_| ())?;
                }
                return Ok((Fate::Unchanged, false));
            }
            match self.options.mode {
                Mode::DryRun => {
                    said("not written (dry run)");
                    let hash = source.fingerprint(one.before.as_bytes(), one.before.value());
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
            let is_put = match self.commit(source, one)? {
                Commit::Written => {
                    if *source != Source::Stdin {
                        said("written");
                    }
                    return Ok((Fate::Written, false));
                }
                Commit::Changed => false,
                Commit::Overtaken => true,
            };
            attempts += 1;
            if attempts == MOST_ATTEMPTS && matches!(source, Source::Key(_)) {
                return Err(SourceError::Contended.into());
            }
            // To replace the whole would undo what the others did.
            if self.options.replacement.is_some() && self.all {
                return Err(SourceError::Overtaken.into());
            }
            let again = self.prepare(source, one.known(is_put))?;
            if is_put && !again.is_changed() {
                said("written, and edited by somebody else since");
                return Ok((Fate::Written, false));
            }
            if self.diff(source, &again) != self.diff(source, one) {
                said(if is_put {
                    "was written, and has been overwritten since; this is the edit now"
                } else {
                    "has changed since it was read; this is the edit now"
                });
                self.show(source, &again)?;
                confirmed = self.all;
            }
            *one = again;
        }
    }

    fn commit(&self, source: &Source, one: &Prepared) -> Result<Commit, Failure> {
        let name = source.to_string();
        let mut under_way = None;
        let mut tell = |step: &Step| match step {
            Step::Waiting => report::say(&format!(
                "{}: waits for another ctpolicy on this key\n",
                one_line(&name)
            )),
            Step::Saved(saved) => {
                report::say(&report::saved(&name, saved));
                let what = "putting the policy, and reading it back until it shows";
                under_way = Some((confirm::during_a_put(&name), report::spinner(what)));
            }
        };
        let (old, new) = (one.before.as_bytes(), one.after.as_bytes());
        let committed = source.commit(old, new, self.options.backup.as_ref(), &mut tell);
        drop(under_way);
        committed.map_err(|error| refused_principal(one, error))
    }

    fn diff(&self, source: &Source, one: &Prepared) -> String {
        diff::unified(
            &source.title(),
            one.before.text(),
            one.after.text(),
            &one.after.changes_from(&one.before),
            self.options.context,
        )
    }

    /// What is said to a person, to standard error; and the diff, where that is
    /// the result, or somebody is asked about it.
    fn show(&self, source: &Source, one: &Prepared) -> Result<(), Failure> {
        let name = source.to_string();
        let writes = self.options.mode == Mode::Write;
        report::say(&report::headline(&name, &one.plan));
        if writes && *source == Source::Stdin {
            report::say(&self.diff(source, one));
        } else if self.options.format == Format::Diff {
            self.print_result(source, one)?;
        } else if writes && !self.all {
            report::say(&self.diff(source, one));
        }
        for finding in &one.plan.findings {
            report::say(&report::finding(&name, &one.before, &one.after, finding));
        }
        Ok(())
    }

    /// The result, to standard output.
    fn print_result(&self, source: &Source, one: &Prepared) -> Result<(), Failure> {
        let name = source.to_string();
        let Prepared {
            plan,
            before,
            after,
            ..
        } = one;
        let result = match self.options.format {
            Format::Diff => self.diff(source, one),
            Format::JsonPatch => json::line(&json::patch(plan, before)),
            Format::Markdown => markdown::plan(&name, plan, &self.diff(source, one)),
            Format::Github => github::plan(&name, plan, before, after),
            Format::Json => json::line(&json::plan(&name, plan, before, after)),
        };
        report::output(&result).map_err(output_error)
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
