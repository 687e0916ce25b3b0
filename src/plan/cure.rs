//! The edit that would let accounts encrypt that may not, if there is one, and
//! what is wrong with the statement that it would be in.

use super::request::Request;
use super::target::{self, Choice, Scope, Which};
use super::{Plan, add, advice, lists, pitfalls};
use crate::accounts::unique;
use crate::policy::listed;
use crate::policy::operator::Operator;
use crate::policy::{
    AccountId, Code, Evaluator, Finding, Policy, Reason, Severity, Statement, TrailPattern, Trails,
    Verdict, source_option,
};

/// How many values beside accounts are looked at for a cure, at most. Each is
/// read for each account, which takes seconds where both are many.
const MOST_PAIRS: usize = 100_000;

/// A run of `add-account` that lets accounts encrypt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cure {
    pub accounts: Vec<AccountId>,
    /// Its options, as they are written.
    pub options: Vec<String>,
    /// Whether it leaves nothing to warn of.
    pub is_whole: bool,
}

/// Trails that are asked about, and whether by their ARNs or by their accounts.
#[derive(Debug)]
pub struct Unmet<'q> {
    pub trails: Vec<&'q TrailPattern>,
    pub are_single: bool,
    /// Whether no trail of theirs may encrypt.
    pub is_blocked: bool,
}

/// The statement that an account would be added to, if it is one.
pub fn nearest<'s, 'a>(policy: &'s Policy<'a>, scope: &Scope) -> Option<&'s Statement<'a>> {
    match target::which(policy, scope) {
        Ok(Which::One(statement, _)) => Some(statement),
        _ => None,
    }
}

/// Why the statement lets nobody encrypt, or not by its list, in the words of
/// the refusal to add to it.
pub fn wrong(statement: &Statement<'_>, trail: &TrailPattern) -> Option<Finding> {
    let asked = Trails::one(trail);
    if statement.is_expression() {
        return None;
    }
    let refused = lists::check_statement(statement).err();
    let refused = refused.or_else(|| match lists::context_lists(statement, Some(&asked)) {
        Ok(lists) if lists.is_empty() => lists::misspelt(statement),
        Ok(_) => None,
        Err(refused) => Some(refused),
    });
    let mut lists = listed::lists(statement).flat_map(|list| &list.values);
    let has_pattern = lists.any(|value| value.contains(['*', '?']));
    let refused = refused.filter(|own| match own.code {
        // What an expression stands for is not wrong, but unknown.
        Code::ComputedList => false,
        // One trail may stand there.
        Code::OperatorLiteral => has_pattern,
        _ => true,
    });
    refused.or_else(|| pitfalls::grants_nothing(statement))
}

/// The runs of `add-account` of which each lets these trails encrypt: one, or
/// one for each statement that may be meant. Only a run that `can_be_made` is
/// one, and none makes a statement narrower. One that leaves nothing to warn of
/// goes before one that does; and a statement that is wider than one that is
/// there is inserted only where nothing else lets any trail encrypt.
pub fn cures(
    policy: &Policy<'_>,
    scope: &Scope,
    unmet: &Unmet<'_>,
    can_be_made: &dyn Fn(&Plan) -> bool,
) -> Vec<Cure> {
    let accounts = unmet.trails.iter().map(|own| own.account.clone());
    let accounts = unique(accounts.collect());
    let conditions = policy.statements.iter().flat_map(|own| &own.conditions);
    let values: usize = conditions.map(|own| own.values.len()).sum();
    if values * accounts.len() > MOST_PAIRS {
        return Vec::new();
    }
    let attempt = |request: Request, options: &[String]| {
        let plan = add::plan_policy(policy.clone(), &request).ok()?;
        let mends = plan.question.is_none()
            && !plan.operations.is_empty()
            && lets_encrypt(policy, &plan, &unmet.trails)
            && can_be_made(&plan);
        let is_whole = plan
            .findings
            .iter()
            .all(|own| own.severity < Severity::Warning);
        mends.then(|| Cure {
            accounts: accounts.clone(),
            options: options.to_vec(),
            is_whole,
        })
    };
    let meant: Vec<Option<usize>> = match target::unanswered(policy, scope) {
        Ok(Which::Several(several)) => several.iter().map(|own| Some(own.number())).collect(),
        _ => vec![None],
    };
    let mut cures = Vec::new();
    for number in meant {
        let mut found: Option<Cure> = None;
        for (mut request, mut options) in variants(&accounts, scope, unmet) {
            if let Some(number) = number {
                request.scope.choice = Some(Choice::Number(number, None));
                options.splice(0..0, ["--statement".to_owned(), number.to_string()]);
            }
            let cure = attempt(request, &options);
            if cure.as_ref().is_some_and(|cure| cure.is_whole) {
                found = cure;
                break;
            }
            found = found.or(cure);
        }
        cures.extend(found);
    }
    if cures.is_empty() && unmet.is_blocked {
        let request = Request {
            accounts: accounts.clone(),
            scope: Scope {
                insert: true,
                ..scope.clone()
            },
            ..Request::default()
        };
        cures.extend(attempt(request, &["--insert".to_owned()]));
    }
    cures
}

/// What to do about a reason, where no run of `add-account` helps.
pub fn advice(reason: &Reason, trail: &TrailPattern) -> Option<String> {
    match (reason, reason.code()) {
        (Reason::Condition { operator, key, .. }, Code::SourceArn)
            if Operator::parse(operator).is_some_and(|own| !own.negated) =>
        {
            let option = source_option(key, trail.partition, &[&trail.account]);
            Some(if trail.is_wild() {
                format!("to let its trails through there: {option}")
            } else {
                format!("to let it through there: --source-arn {trail}")
            })
        }
        (_, Code::NullContradiction | Code::Denied) => Some(reason.help().to_owned()),
        _ => None,
    }
}

/// The requests that take a statement that is there, each with its options.
fn variants(
    accounts: &[AccountId],
    scope: &Scope,
    unmet: &Unmet<'_>,
) -> Vec<(Request, Vec<String>)> {
    let arns: Vec<String> = unmet.trails.iter().map(ToString::to_string).collect();
    let mut variants = Vec::new();
    let narrow = match unmet.trails.as_slice() {
        [only] if unmet.are_single => vec![None, Some(*only)],
        _ => vec![None],
    };
    for only in narrow {
        for (with_arn, source_account) in
            [(false, false), (false, true), (true, false), (true, true)]
        {
            if with_arn && !unmet.are_single {
                continue;
            }
            let mut request = Request {
                accounts: accounts.to_vec(),
                scope: scope.clone(),
                source_account,
                ..Request::default()
            };
            let mut options = Vec::new();
            if let Some(only) = only {
                request.scope.region = only.region.clone();
                request.scope.trail = only.trail.clone();
                let (region, trail) = (only.region.to_string(), only.trail.to_string());
                options.extend(["--trail-region".to_owned(), region]);
                options.extend(["--trail".to_owned(), trail]);
            }
            if with_arn {
                request.source_arns.clone_from(&arns);
                for arn in &arns {
                    options.extend(["--source-arn".to_owned(), arn.clone()]);
                }
            }
            if source_account {
                options.push("--source-account".to_owned());
            }
            variants.push((request, options));
        }
    }
    variants
}

/// Whether all the trails may encrypt after the edit.
fn lets_encrypt(policy: &Policy<'_>, plan: &Plan, trails: &[&TrailPattern]) -> bool {
    let Ok(value) = advice::patched(policy.value(), &plan.operations) else {
        return false;
    };
    Policy::read(&value).is_ok_and(|after| {
        let evaluator = Evaluator::new(&after);
        let mut trails = trails.iter();
        trails.all(|trail| evaluator.verdict(trail) == Verdict::Allowed)
    })
}
