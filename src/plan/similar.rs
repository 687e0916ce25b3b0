//! Statements that may be meant where none has the Sid.

use super::target::Target;
use crate::policy::pattern::Matcher;
use crate::policy::{CONTEXT_KEY, CURRENT_SID, DEFAULT_SID, Finding, Statement, hole};

/// The refusal to take an expression for another Sid than the one that is
/// looked for.
pub const COMPUTED_SID: &str = "computed-sid";

/// Whether a statement is there to let `CloudTrail` encrypt for a list of
/// accounts, whatever its Sid.
pub(super) fn is_encrypt_statement(statement: &Statement<'_>) -> bool {
    statement.names_cloudtrail()
        && statement.lets_cloudtrail_encrypt()
        && statement
            .conditions
            .iter()
            .any(|condition| condition.is_on(CONTEXT_KEY) || condition.may_be_on(CONTEXT_KEY))
}

/// Whether a Sid is an expression that may be what is looked for.
fn may_be_default(sid: &str) -> bool {
    let own = Matcher::literal(sid);
    let mut sids = [DEFAULT_SID, CURRENT_SID].into_iter();
    hole::has_unknown(sid) && sids.any(|sid| own.matches(sid))
}

fn computed_sid(candidate: &Target, own: &str, sid: &str) -> Finding {
    let mut at = candidate.at.clone();
    at.push_back("Sid");
    let number = candidate.index + 1;
    let message = format!(
        "the Sid of statement {number}, which lets CloudTrail encrypt, is an expression, {own}: whether it is {sid:?} cannot be told"
    );
    Finding::error(COMPUTED_SID, message, at)
        .help(format!("to add to that statement: --sid '{own}'"))
        .help("to insert a statement beside it: --sid SID, with a Sid that no other has")
}

/// What there is to say of a statement that looks like the one that is missing.
pub(super) fn finding(candidate: &Target, sid: &str) -> Finding {
    match candidate.sid.as_deref().filter(|own| may_be_default(own)) {
        Some(own) => computed_sid(candidate, own, sid),
        None => similar(candidate, sid),
    }
}

fn similar(candidate: &Target, sid: &str) -> Finding {
    let finding = Finding::warning(
        "similar-statement",
        format!(
            "no statement has the Sid {sid:?}, so one is inserted; {} lets CloudTrail encrypt too",
            candidate.name()
        ),
        candidate.at.clone(),
    );
    match &candidate.sid {
        Some(own) if hole::has_unknown(own) => finding.help(format!(
            "its Sid is an expression; to add to that statement instead: --sid '{own}'"
        )),
        Some(own) => finding.help(format!("to add to that statement instead: --sid {own:?}")),
        None => {
            finding.help("to add to that statement instead, give it a Sid and name it with --sid")
        }
    }
}
