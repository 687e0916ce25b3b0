//! Questions, which change nothing.

use json_patch::jsonptr::PointerBuf;

use super::{Status, load, refused, which};
use crate::confirm;
use crate::document::{Document, Selection};
use crate::plan::Case;
use crate::policy::{Finding, Policy};
use crate::report::{self, Failure};
use crate::source::{Argument, Source, Waits, locate, side_by_side};

/// A policy that was read, to be asked about.
#[derive(Debug)]
pub struct Reading<'r> {
    pub document: &'r Document,
    /// What its text means.
    pub policy: &'r Policy<'r>,
    /// What is known of it beside that.
    pub case: Case<'r>,
}

/// A policy's name, its document, and the answer about it.
pub type Inspected<T> = (String, Document, T);

/// Answers a question about every policy; one that cannot be read does not
/// hide the answers about the others.
pub fn inspect<T: Send>(
    arguments: &[Argument],
    selection: &Selection,
    ask: impl Fn(&Reading<'_>) -> Result<T, Finding> + Sync,
) -> (Vec<Inspected<T>>, Status) {
    let asking = report::spinner_for(arguments);
    let (sources, lost) = locate(arguments);
    let mut status = Status::Done;
    for (name, error) in lost {
        report::say(&report::failure(&name, &error.into()));
        status = Status::Failed;
    }
    let mut answers = Vec::new();
    side_by_side(
        &sources,
        Waits::to_read(&sources),
        |source| answer(source, selection, &ask),
        |one| answers.push(one),
    );
    drop(asking);
    let may_ask = confirm::is_interactive();
    let mut inspected = Vec::new();
    for (source, answer) in sources.iter().zip(answers) {
        let name = source.to_string();
        let answer = answer.or_else(|failure| {
            if !may_ask || *source == Source::Stdin {
                return Err(failure);
            }
            let selection = Selection {
                resource: Some(which(source, failure)?),
                ..selection.clone()
            };
            self::answer(source, &selection, &ask)
        });
        match answer {
            Ok((document, answer)) => {
                let ignored = document.ignored();
                let ignored = ignored
                    .map(|message| Finding::note("ignore-changes", message, PointerBuf::new()));
                let remarks = document.remarks().into_iter().chain(ignored);
                for finding in source.findings(false).into_iter().chain(remarks) {
                    report::say(&report::finding(&name, &document, &document, &finding));
                }
                inspected.push((name, document, answer));
            }
            Err(failure) => {
                report::say(&report::failure(&name, &failure));
                status = Status::Failed;
            }
        }
    }
    (inspected, status)
}

fn answer<T>(
    source: &Source,
    selection: &Selection,
    ask: &impl Fn(&Reading<'_>) -> Result<T, Finding>,
) -> Result<(Document, T), Failure> {
    let document = load(source, false, selection)?;
    let answer = Policy::read(document.value()).and_then(|policy| {
        let reading = Reading {
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
