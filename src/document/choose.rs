//! Which policies of a host are meant.

use super::error::{Candidate, DocumentError};
use super::found::{Found, Selection};
use super::text::Position;
use crate::policy::pattern::Matcher;
use crate::policy::truth::Truth;
use crate::policy::{Policy, Statement};

/// The policies that are meant, and the key policies that are not.
pub(super) struct Chosen {
    pub(super) meant: Vec<usize>,
    pub(super) passed_over: Vec<Candidate>,
}

/// The policy to edit: the one that is named, or the only key policy, or the
/// only one with an encrypt statement.
pub(super) fn one(
    host: &str,
    found: &[Found],
    selection: &Selection,
) -> Result<(usize, Vec<Candidate>), DocumentError> {
    let has = |index: &usize| has_encrypt_statement(&found[*index]);
    let is_named = !selection.resources.is_empty();
    let candidates = candidates(host, found, selection)?;
    if let [only] = candidates.as_slice() {
        return Ok((*only, Vec::new()));
    }
    let mut meant = candidates.iter().filter(|index| has(index) != Truth::False);
    match (meant.next(), meant.next()) {
        (Some(only), None) if !is_named => {
            let others = candidates.iter().filter(|index| *index != only);
            let others = others.map(|index| unmeant(host, &found[*index]));
            Ok((*only, others.collect()))
        }
        _ => {
            let mark = |index: &usize| Candidate {
                remark: match has(index) {
                    Truth::True => Some("has an encrypt statement"),
                    Truth::Unknown => Some("may have an encrypt statement"),
                    Truth::False => None,
                },
                ..candidate(host, &found[*index])
            };
            Err(DocumentError::Several {
                candidates: candidates.iter().map(mark).collect(),
            })
        }
    }
}

/// The policies that a question is about: those that are named, or the key
/// policies with a statement by which `CloudTrail` encrypts, or all of them if
/// there is no such one.
pub(super) fn all(
    host: &str,
    found: &[Found],
    selection: &Selection,
) -> Result<Chosen, DocumentError> {
    let lets = |index: &usize| lets_cloudtrail(&found[*index]);
    let candidates = candidates(host, found, selection)?;
    if candidates.len() == 1 || !selection.resources.is_empty() {
        return Ok(Chosen {
            meant: candidates,
            passed_over: Vec::new(),
        });
    }
    let (meant, others): (Vec<usize>, Vec<usize>) = candidates
        .iter()
        .partition(|index| lets(index) != Truth::False);
    if meant.is_empty() {
        return Ok(Chosen {
            meant: candidates,
            passed_over: Vec::new(),
        });
    }
    let others = others.iter().map(|index| unmeant(host, &found[*index]));
    Ok(Chosen {
        passed_over: others.collect(),
        meant,
    })
}

/// The policies that are named, or every key policy; there is one at least.
fn candidates(
    host: &str,
    found: &[Found],
    selection: &Selection,
) -> Result<Vec<usize>, DocumentError> {
    let mut meant = Vec::new();
    for name in &selection.resources {
        let own = named(found, name);
        if own.is_empty() {
            return Err(DocumentError::NoSuchResource {
                name: name.clone(),
                candidates: addressed(host, found).collect(),
            });
        }
        meant.extend(own);
    }
    if selection.resources.is_empty() {
        meant = indices(found, |one| !one.is_other);
    }
    if meant.is_empty() {
        return Err(DocumentError::NoPolicy {
            others: addressed(host, found).collect(),
        });
    }
    meant.sort_unstable();
    meant.dedup();
    Ok(meant)
}

/// The policies at an address; else those that a resource of this name uses;
/// else the key policies whose address, or a user's, a pattern matches.
fn named(found: &[Found], name: &str) -> Vec<usize> {
    let at = indices(found, |one| one.address.as_deref() == Some(name));
    if !at.is_empty() {
        return at;
    }
    let used = indices(found, |one| one.is_used_by(name));
    if !used.is_empty() || !name.contains('*') {
        return used;
    }
    let pattern = Matcher::glob(name);
    indices(found, |one| {
        let mut names = one.aliases.iter().chain(&one.address);
        // The host may be the policy, and have no address.
        !one.is_other && (name == "*" || names.any(|own| pattern.matches(own)))
    })
}

fn indices(found: &[Found], is_meant: impl Fn(&Found) -> bool) -> Vec<usize> {
    let all = found.iter().enumerate();
    all.filter(|(_, one)| is_meant(one))
        .map(|(index, _)| index)
        .collect()
}

fn has_encrypt_statement(found: &Found) -> Truth {
    ask(found, |policy| {
        let statements = policy.statements.iter();
        statements.map(Statement::is_encrypt_statement).max()
    })
}

/// Whether a statement is `CloudTrail`'s for `kms:GenerateDataKey`.
fn lets_cloudtrail(found: &Found) -> Truth {
    ask(found, |policy| {
        let statements = policy.statements.iter();
        statements.map(Statement::lets_service_encrypt).max()
    })
}

/// The answer about a policy; no, if it cannot be read.
fn ask(found: &Found, question: fn(&Policy<'_>) -> Option<Truth>) -> Truth {
    let body = found.body.as_ref().ok();
    let policy = body.and_then(|body| Policy::read(&body.value).ok());
    let answer = policy.as_ref().and_then(question);
    answer.unwrap_or(Truth::False)
}

fn addressed(host: &str, found: &[Found]) -> impl Iterator<Item = Candidate> {
    let addressed = found.iter().filter(|one| one.address.is_some());
    addressed.map(|one| candidate(host, one))
}

fn unmeant(host: &str, found: &Found) -> Candidate {
    Candidate {
        remark: Some(match &found.body {
            Ok(_) => "has no encrypt statement",
            Err(_) => "cannot be read",
        }),
        ..candidate(host, found)
    }
}

fn candidate(host: &str, found: &Found) -> Candidate {
    Candidate {
        address: found.address.clone().unwrap_or_default(),
        at: Position::of(host, found.at),
        remark: None,
    }
}
