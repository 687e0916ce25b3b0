//! `add-account`: the accounts' trail ARNs at the end of the context list.

use std::collections::HashSet;
use std::sync::Arc;

use json_patch::{AddOperation, PatchOperation, ReplaceOperation};
use serde_json::{Map, Value, json};

use super::target::{self, DEFAULT_SID, Scope, Target};
use super::{Case, Change, Outcome, Plan, Spelling, accounts_text, advice, lists, similar, source};
use crate::operations::Operations;
use crate::policy::condition::Condition;
use crate::policy::{
    AccountId, CONTEXT_KEY, Coverage, Finding, Judge, Policy, SERVICE, SOURCE_ACCOUNT, SOURCE_ARN,
    Statement, TrailPattern, Verdict, arn, hole, pointer,
};

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The accounts, each once.
    pub accounts: Vec<AccountId>,
    /// The statement and the ARNs.
    pub scope: Scope,
    /// Add the list to a statement that has none.
    pub restrict: bool,
    /// Trail ARNs for the condition on `aws:SourceArn`.
    pub source_arns: Vec<String>,
    /// Add the accounts to the condition on `aws:SourceAccount`.
    pub source_account: bool,
}

/// Plans the edit of one policy.
///
/// # Errors
/// Every reason to refuse it.
pub fn plan(case: &Case<'_>, request: &Request) -> Result<Plan, Vec<Finding>> {
    let policy = Policy::read(case.value)?;
    let request = Request {
        scope: request.scope.in_case(case),
        ..request.clone()
    };
    plan_policy(policy, &request).map_err(|finding| vec![finding])
}

pub(super) fn plan_policy(policy: Policy<'_>, request: &Request) -> Result<Plan, Finding> {
    let (patterns, mismatch) = request.scope.patterns(&policy, &request.accounts)?;
    if let Some(pattern) = patterns.first() {
        source::check_partition(pattern.partition, &request.source_arns)?;
    }
    let mut plan = match target::find(&policy, &request.scope)? {
        Some(statement) => merge(&policy, statement, &patterns, request)?,
        None => insert(&policy, &patterns, request)?,
    };
    plan.findings.extend(mismatch);
    advice::advise(policy, &patterns, &mut plan)?;
    Ok(plan)
}

/// Adds to the lists of a statement that is there.
fn merge(
    policy: &Policy<'_>,
    statement: &Statement<'_>,
    patterns: &[TrailPattern],
    request: &Request,
) -> Result<Plan, Finding> {
    lists::check_statement(statement)?;
    let lists = lists::context_lists(statement, patterns)?;
    let mut operations = Operations::default();
    let mut outcomes = Vec::new();
    let mut findings = Vec::new();
    if lists.is_empty() {
        lists::check_conditions(statement)?;
        if !request.restrict {
            return Err(match patterns.first() {
                Some(any) => lists::no_list(policy, statement, any),
                None => Finding::error("no-list", "no account given", statement.at.clone()),
            });
        }
        if let Some(expression) = statement.body().get("Condition").and_then(Value::as_str) {
            return Err(Finding::error(
                "computed-list",
                format!("the condition is computed by {expression}: it has no place for a list"),
                statement.path("Condition"),
            ));
        }
        let scope = &request.scope;
        let spelling = scope.spelling(policy, std::iter::empty(), patterns);
        let arns = patterns.iter().map(|own| spelling.arn(&own.account));
        operations.push(lists::restrict(statement, arns.collect()));
        let added = |own: &TrailPattern| outcome(&spelling, &own.account, Change::Added);
        outcomes.extend(patterns.iter().map(added));
    } else {
        let mut new: Vec<Vec<String>> = vec![Vec::new(); lists.len()];
        let known: Vec<Known<'_, '_>> = lists
            .iter()
            .map(|list| Known::of(policy, list, patterns, &request.scope))
            .collect();
        outcomes.reserve_exact(patterns.len());
        for pattern in patterns {
            let account = &pattern.account;
            let mut whole: Option<Outcome> = None;
            for (known, new) in known.iter().zip(&mut new) {
                let change = known.change(pattern);
                if change == Change::Added {
                    new.push(known.spelling.arn(account));
                }
                if whole.is_none() || change == Change::Added {
                    whole = Some(outcome(&known.spelling, account, change));
                }
            }
            outcomes.extend(whole);
        }
        for (known, new) in known.iter().zip(new) {
            operations.extend(lists::append(policy, known.list, new)?);
            findings.extend(may_cover(known, patterns, &outcomes));
        }
    }
    operations.extend(source::extend(policy, statement, request, &mut findings)?);
    Ok(Plan {
        operations,
        outcomes,
        findings,
        ..Plan::about(Some(Target::of(statement)))
    })
}

pub(super) fn outcome(spelling: &Spelling, account: &AccountId, change: Change) -> Outcome {
    Outcome {
        account: account.clone(),
        spelling: spelling.clone(),
        change,
        // `advice` sets it once the edit is known.
        verdict: Verdict::Depends,
    }
}

/// A list, and what it means for the accounts asked for.
struct Known<'p, 'a> {
    list: &'p Condition<'a>,
    present: HashSet<AccountId>,
    coverage: Coverage<'p, 'a>,
    spelling: Spelling,
}

impl<'p, 'a> Known<'p, 'a> {
    fn of(
        policy: &'p Policy<'a>,
        list: &'p Condition<'a>,
        patterns: &[TrailPattern],
        scope: &Scope,
    ) -> Self {
        let values = list.values.iter().map(AsRef::as_ref);
        Self {
            list,
            present: lists::plain_accounts(list, patterns),
            coverage: Coverage::new(policy, list, patterns),
            spelling: scope.spelling(policy, values, patterns),
        }
    }

    /// What becomes of an account.
    fn change(&self, pattern: &TrailPattern) -> Change {
        if self.present.contains(&pattern.account) {
            return Change::Present;
        }
        let by = self.coverage.covering(pattern);
        match by.and_then(|by| self.list.values.get(by)) {
            Some(by) => Change::Covered { by: by.to_string() },
            None => Change::Added,
        }
    }
}

/// Notes on values that may cover the accounts that are added, by an expression.
fn may_cover(
    known: &Known<'_, '_>,
    patterns: &[TrailPattern],
    outcomes: &[Outcome],
) -> Vec<Finding> {
    let mut found: Vec<(usize, Vec<&AccountId>)> = Vec::new();
    for (pattern, outcome) in patterns.iter().zip(outcomes) {
        if outcome.change != Change::Added {
            continue;
        }
        if let Some(index) = known.coverage.may_cover(pattern) {
            match found.iter_mut().find(|(other, _)| *other == index) {
                Some((_, accounts)) => accounts.push(&pattern.account),
                None => found.push((index, vec![&pattern.account])),
            }
        }
    }
    let finding = |(index, accounts): (usize, Vec<&AccountId>)| {
        let value = known.list.values.get(index).map_or("", AsRef::as_ref);
        let what = match arn::account(value) {
            Some(field) if hole::has_unknown(field) => "its account is an expression",
            _ => "it is an expression",
        };
        Finding::note(
            "may-cover",
            format!(
                "{value:?} may already cover {}: {what}",
                accounts_text(&accounts)
            ),
            known.list.at_value(index),
        )
    };
    found.into_iter().map(finding).collect()
}

/// Inserts the whole statement for all the accounts, so that its list says who
/// is meant; unless other statements let each of them encrypt already.
fn insert(
    policy: &Policy<'_>,
    patterns: &[TrailPattern],
    request: &Request,
) -> Result<Plan, Finding> {
    let explicit = request.scope.sid.is_some();
    let judges = judges(policy, patterns);
    let allowing: Option<Vec<Change>> = patterns
        .iter()
        .map(|pattern| allowed_by(&judges, pattern).filter(|_| !explicit))
        .collect();
    let changes = allowing
        .clone()
        .unwrap_or_else(|| vec![Change::Added; patterns.len()]);
    let spelling = match allowing {
        Some(_) => Spelling::of(patterns, None),
        None => (request.scope).spelling(policy, std::iter::empty(), patterns),
    };
    let outcomes = patterns.iter().zip(changes);
    let mut plan = Plan {
        outcomes: outcomes
            .map(|(pattern, change)| outcome(&spelling, &pattern.account, change))
            .collect(),
        ..Plan::about(None)
    };
    if allowing.is_some() {
        return Ok(plan);
    }
    let sid = request.scope.sid.as_deref().unwrap_or(DEFAULT_SID);
    if let Some(brought) = policy.statements.get(policy.own) {
        plan.findings.push(may_replace(brought, sid, explicit)?);
    }
    if let (false, [only]) = (policy.is_array, policy.statements.as_slice())
        && let Some(expression) = only.body().as_str()
    {
        return Err(Finding::error(
            "computed-list",
            format!("the statements are computed by {expression}: it has no place for one more"),
            only.at.clone(),
        ));
    }
    if !explicit && request.scope.choice.is_none() {
        plan.candidates = policy
            .statements
            .iter()
            .filter(|s| similar::is_encrypt_statement(s))
            .map(Target::of)
            .collect();
    }
    let arns = patterns.iter().map(|own| spelling.arn(&own.account));
    let statement = statement(sid, arns.collect(), request);
    let found = plan.candidates.iter();
    let found = found.map(|candidate| similar::finding(candidate, sid));
    plan.findings.extend(found);
    let index = policy.own;
    plan.operations.push(match policy.value().get("Statement") {
        Some(single) if !policy.is_array => PatchOperation::Replace(ReplaceOperation {
            path: pointer(["Statement"]),
            value: json!([single, statement]),
        }),
        _ => PatchOperation::Add(AddOperation {
            path: pointer(["Statement", "-"]),
            value: statement,
        }),
    });
    plan.target = Some(Target {
        index,
        sid: Some(sid.to_owned()),
        at: pointer(["Statement", &index.to_string()]),
        is_new: true,
    });
    Ok(plan)
}

/// A document's own statement takes the place of one with its Sid that is
/// merged into it, with all the accounts in that one.
///
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document>
fn may_replace(brought: &Statement<'_>, sid: &str, explicit: bool) -> Result<Finding, Finding> {
    let message = format!(
        "{} may have the Sid {sid:?} too: one of the two would take the place of the other, and its accounts would be cut off",
        brought.name()
    );
    let at = brought.at.clone();
    if explicit {
        return Ok(Finding::warning("may-replace", message, at));
    }
    Err(Finding::error("may-replace", message, at)
        .help("if the statement is there, add the account where it is written")
        .help("if it is not, say with --sid what the new statement's Sid shall be"))
}

/// The statements that let `CloudTrail` encrypt, each with its judge.
fn judges<'p, 'a>(
    policy: &'p Policy<'a>,
    patterns: &[TrailPattern],
) -> Vec<(&'p Statement<'a>, Judge<'p, 'a>)> {
    let statements = policy.statements.iter();
    let judge = |statement| {
        let accounts = patterns.iter().map(|pattern| &pattern.account);
        (statement, Judge::of_statement(policy, statement, accounts))
    };
    statements
        .filter(|statement| statement.lets_cloudtrail_encrypt())
        .map(judge)
        .collect()
}

/// A statement that alone lets every trail of the account encrypt.
fn allowed_by(
    judges: &[(&Statement<'_>, Judge<'_, '_>)],
    pattern: &TrailPattern,
) -> Option<Change> {
    let mut judges = judges.iter();
    let (allowing, _) =
        judges.find(|(_, judge)| judge.evaluate(pattern).verdict == Verdict::Allowed)?;
    Some(Change::AllowedBy {
        statement: Arc::new(Target::of(allowing)),
    })
}

/// The statement of AWS's guide.
fn statement(sid: &str, arns: Value, request: &Request) -> Value {
    let mut like = Map::new();
    like.insert(CONTEXT_KEY.to_owned(), arns);
    let mut equals = Map::new();
    if !request.source_arns.is_empty() {
        let is_wild = request
            .source_arns
            .iter()
            .any(|arn| arn.contains(['*', '?']));
        let operator = if is_wild { &mut like } else { &mut equals };
        operator.insert(SOURCE_ARN.to_owned(), json!(request.source_arns));
    }
    if request.source_account {
        let accounts: Value = request.accounts.iter().map(AccountId::as_str).collect();
        equals.insert(SOURCE_ACCOUNT.to_owned(), accounts);
    }
    let mut condition = json!({ "StringLike": like });
    if let (Value::Object(condition), false) = (&mut condition, equals.is_empty()) {
        condition.insert("StringEquals".to_owned(), Value::Object(equals));
    }
    json!({
        "Sid": sid,
        "Effect": "Allow",
        "Principal": { "Service": SERVICE },
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
        "Condition": condition,
    })
}
