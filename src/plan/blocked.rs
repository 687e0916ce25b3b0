//! Why an edit does not grant what was meant.

use std::cell::LazyCell;

use indexmap::IndexMap;

use crate::policy::{
    AccountId, Effect, Evaluation, Evaluator, Finding, Obstacle, Policy, Reason, Statement, Trails,
    Verdict, accounts_text,
};

/// Why these accounts may not encrypt after the edit, with each reason once.
/// That another statement does not allow an account either is no news.
pub(super) fn blocked<'q>(
    evaluator: &Evaluator<'_, '_>,
    after: &Policy<'_>,
    target: Option<&Statement<'_>>,
    asked: &'q Trails,
) -> Vec<Finding> {
    let mut reasons: IndexMap<Obstacle, ([Verdict; 2], Vec<&'q AccountId>)> = IndexMap::new();
    // One that allows; one whose effect is not known may deny.
    let allows = |index: usize| {
        let statement = after.statements.get(index);
        statement.is_some_and(|own| own.effect == Effect::Allow && own.lets_cloudtrail_encrypt())
    };
    // Most often every account is allowed, and nobody need be asked why not.
    let of_target = LazyCell::new(|| target.map(|target| Evaluator::of_statement(after, target)));
    for account in asked.accounts() {
        let pattern = asked.of(account);
        let whole = evaluator.evaluate(&pattern);
        let own = of_target.as_ref().map(|target| target.evaluate(&pattern));
        let of_whole = whole.verdict;
        for Evaluation {
            verdict, obstacles, ..
        } in own.into_iter().chain([whole])
        {
            let is_own = |obstacle: &Obstacle| {
                target.is_some_and(|target| obstacle.statement == Some(target.index))
            };
            for obstacle in obstacles {
                let is_told = match obstacle.reason {
                    Reason::Condition { .. } | Reason::Unknown { .. } | Reason::Resource(_) => {
                        is_own(&obstacle)
                    }
                    // `target_findings` tells why.
                    Reason::NoStatement => false,
                    // A whole statement that is an expression may deny.
                    Reason::Expression { ref element, .. } => {
                        is_own(&obstacle)
                            || element == "Statement"
                            || obstacle.statement.is_none_or(|index| !allows(index))
                    }
                    Reason::Denied
                    | Reason::MayBeDenied { .. }
                    | Reason::TooEntangled
                    | Reason::Host { .. } => true,
                };
                match reasons.get_mut(&obstacle) {
                    // Each account comes once.
                    Some((_, accounts)) if accounts.last() == Some(&account) => {}
                    Some((_, accounts)) => accounts.push(account),
                    None if is_told => {
                        reasons.insert(obstacle, ([verdict, of_whole], vec![account]));
                    }
                    None => {}
                }
            }
        }
    }
    reasons
        .into_iter()
        .map(|(obstacle, (verdicts, accounts))| finding(after, &obstacle, verdicts, &accounts))
        .collect()
}

fn finding(
    after: &Policy<'_>,
    obstacle: &Obstacle,
    [own, of_whole]: [Verdict; 2],
    accounts: &[&AccountId],
) -> Finding {
    let who = accounts_text(accounts);
    let one = accounts.len() == 1;
    let consequence = match of_whole {
        Verdict::Depends => format!("{who} may stay blocked"),
        Verdict::Partly => format!("some trails of {who} stay blocked"),
        _ => format!("{who} {} blocked", if one { "stays" } else { "stay" }),
    };
    let (code, help) = (obstacle.reason.code(), obstacle.reason.help());
    let message = format!("{consequence}: {}", obstacle.explain(after, &who));
    let at = obstacle.at.clone();
    if own == Verdict::Partly && of_whole != Verdict::Blocked {
        Finding::note(code, message, at)
    } else {
        Finding::warning(code, message, at).help(help)
    }
}
