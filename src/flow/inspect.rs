//! Questions, which change nothing.

use json_patch::jsonptr::PointerBuf;

use super::{Status, refused, selected};
use crate::document::{Document, Selection};
use crate::plan::Case;
use crate::policy::{Code, Finding, Policy, Severity};
use crate::report::{self, Failure};
use crate::source::{Argument, Purpose, Source, Waits, locate, side_by_side};

/// A policy that was read, to be asked about.
#[derive(Debug)]
pub struct Reading<'r> {
    pub source: &'r Source,
    pub document: &'r Document,
    /// What its text means.
    pub policy: &'r Policy<'r>,
    /// What is known of it beside that.
    pub case: Case<'r>,
}

/// Where a policy is, its document, and the answer about it.
pub type Inspected<T> = (Source, Document, T);

/// The answers about all policies.
#[derive(Debug)]
pub struct Inspection<T> {
    pub answers: Vec<Inspected<T>>,
    /// The policies without an answer, by their names.
    pub failures: Vec<(String, Failure)>,
    /// Whether there was a warning about a policy.
    pub has_warned: bool,
}

impl<T> Inspection<T> {
    /// How the command ends by what could be read.
    pub fn status(&self) -> Status {
        if self.failures.is_empty() {
            Status::Done
        } else {
            Status::Failed
        }
    }

    fn fail(&mut self, name: String, failure: Failure) {
        report::say(&report::failure(&name, &failure));
        self.failures.push((name, failure));
    }
}

/// Answers a question about every policy; one that cannot be read does not
/// hide the answers about the others.
pub fn inspect<T: Send>(
    arguments: &[Argument],
    selection: &Selection,
    ask: impl Fn(&Reading<'_>) -> Result<T, Finding> + Sync,
) -> Inspection<T> {
    let asking = report::waiting_for_keys(arguments);
    let (sources, lost) = locate(arguments);
    drop(asking);
    let mut inspection = Inspection {
        answers: Vec::new(),
        failures: Vec::new(),
        has_warned: false,
    };
    for (name, error) in lost {
        inspection.fail(name, error.into());
    }
    report::say(&report::keys(&sources));
    let asking = report::waiting_for_keys(arguments);
    let mut answers = Vec::new();
    side_by_side(
        &sources,
        Waits::to_read(&sources),
        |source| self::answers(source, selection, &ask),
        |one| answers.push(one),
    );
    drop(asking);
    for (source, answers) in sources.iter().zip(answers) {
        for answer in answers {
            match answer {
                Ok((document, answer)) => {
                    let ignored = document.ignored();
                    let ignored = ignored.map(|message| {
                        Finding::note(Code::IgnoreChanges, message, PointerBuf::new())
                    });
                    let remarks = document.remarks().into_iter().chain(ignored);
                    for finding in source.findings(false).into_iter().chain(remarks) {
                        inspection.has_warned |= finding.severity == Severity::Warning;
                        report::say_finding(source, &document, &finding);
                    }
                    inspection.answers.push((source.clone(), document, answer));
                }
                Err(failure) => inspection.fail(source.to_string(), failure),
            }
        }
    }
    inspection
}

/// The answers about every policy of a source.
fn answers<T>(
    source: &Source,
    selection: &Selection,
    ask: &impl Fn(&Reading<'_>) -> Result<T, Finding>,
) -> Vec<Result<(Document, T), Failure>> {
    let documents = source
        .read(Purpose::Question)
        .map_err(Failure::from)
        .and_then(|bytes| Ok(Document::open_all(bytes, &selected(source, selection))?));
    match documents {
        Ok(documents) => {
            let answers = documents.into_iter();
            answers
                .map(|document| answer(source, document?, ask))
                .collect()
        }
        Err(failure) => vec![Err(failure)],
    }
}

fn answer<T>(
    source: &Source,
    document: Document,
    ask: &impl Fn(&Reading<'_>) -> Result<T, Finding>,
) -> Result<(Document, T), Failure> {
    let answer = Policy::read(document.value()).and_then(|policy| {
        let policy = match source.key() {
            Some(key) => policy.of_key(key),
            None => policy,
        };
        let reading = Reading {
            source,
            document: &document,
            policy: &policy,
            case: Case {
                value: document.value(),
                choice: None,
                sids: &[],
                partition: source.partition(),
            },
        };
        ask(&reading).map_err(|finding| vec![finding])
    });
    match answer {
        Ok(answer) => Ok((document, answer)),
        Err(findings) => Err(refused(&source.to_string(), &document, findings)),
    }
}
