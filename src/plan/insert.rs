//! The whole statement, where there is none.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::outcome::{Change, Outcome};
use super::request::Request;
use super::target::Target;
use super::{Plan, Spelling, source};
use crate::operations::Operation;
use crate::policy::{
    AccountId, CONTEXT_KEY, Code, Evaluator, Finding, Policy, SERVICE, SOURCE_ACCOUNT, SOURCE_ARN,
    Statement, TrailPattern, Trails, Verdict, pointer,
};

/// Inserts the whole statement for all the accounts, so that its list says who
/// is meant; unless other statements let each of them encrypt already, and
/// nobody has asked for it.
pub(super) fn insert(
    policy: &Policy<'_>,
    asked: &Trails,
    request: &Request,
) -> Result<Plan, Finding> {
    let scope = &request.scope;
    let evaluators = evaluators(policy);
    let allowing: Option<Vec<Arc<Target>>> = asked
        .patterns()
        .map(|pattern| allowed_by(&evaluators, &pattern).filter(|_| !scope.wants_new()))
        .collect();
    let mut plan = Plan::default();
    if let Some(allowing) = allowing {
        let spelling = Spelling::of(asked, None);
        let outcomes = asked.accounts().iter().zip(&allowing);
        let outcome = |(account, statement)| {
            Outcome::new(&spelling, account, Change::Allowed).within(statement)
        };
        plan.outcomes = outcomes.map(outcome).collect();
        return Ok(plan);
    }
    let spelling = scope.spelling(policy, std::iter::empty(), asked);
    let sid = scope.new_sid();
    if let Some(brought) = policy.statements.get(policy.own) {
        let is_named = scope.sid.is_some();
        plan.findings.push(may_replace(brought, sid, is_named)?);
    }
    if let (false, [only]) = (policy.is_array, policy.statements.as_slice())
        && let Some(expression) = only.body().as_str()
    {
        return Err(Finding::error(
            Code::ComputedList,
            format!("the statements are computed by {expression}: it has no place for one more"),
            only.at.clone(),
        ));
    }
    let arns = asked.accounts().iter().map(|own| spelling.arn(own));
    let statement = statement(sid, arns.collect(), asked, request);
    let index = policy.own;
    let target = Arc::new(Target {
        index,
        sid: Some(sid.to_owned()),
        at: pointer(["Statement", &index.to_string()]),
        is_new: true,
    });
    let added = |own| Outcome::new(&spelling, own, Change::Added).within(&target);
    plan.outcomes = asked.accounts().iter().map(added).collect();
    plan.targets.push(Arc::clone(&target));
    plan.findings.extend(source::wider(policy, asked, request));
    source::extend_beside(policy, None, asked, request, &mut plan)?;
    let statements = pointer(["Statement"]);
    plan.operations
        .push(Operation::append(statements, vec![statement]));
    Ok(plan)
}

/// A document's own statement takes the place of one with its Sid that is
/// merged into it, with all the accounts in that one.
///
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document>
fn may_replace(brought: &Statement<'_>, sid: &str, is_named: bool) -> Result<Finding, Finding> {
    let message = format!(
        "{} may have the Sid {sid:?} too: one of the two would take the place of the other, and its accounts would be cut off",
        brought.name()
    );
    let at = brought.at.clone();
    if is_named {
        return Ok(Finding::warning(Code::MayReplace, message, at));
    }
    Err(Finding::error(Code::MayReplace, message, at)
        .help("if the statement is there, add the account where it is written")
        .help("if it is not, say with --sid what the new statement's Sid shall be"))
}

/// The statements that let `CloudTrail` encrypt, each evaluated alone.
fn evaluators<'p, 'a>(policy: &'p Policy<'a>) -> Vec<(&'p Statement<'a>, Evaluator<'p, 'a>)> {
    let statements = policy.statements.iter();
    statements
        .filter(|statement| statement.lets_cloudtrail_encrypt())
        .map(|statement| (statement, Evaluator::of_statement(policy, statement)))
        .collect()
}

/// A statement that alone lets every trail of the account encrypt.
fn allowed_by(
    evaluators: &[(&Statement<'_>, Evaluator<'_, '_>)],
    pattern: &TrailPattern,
) -> Option<Arc<Target>> {
    let mut evaluators = evaluators.iter();
    let (allowing, _) =
        evaluators.find(|(_, evaluator)| evaluator.verdict(pattern) == Verdict::Allowed)?;
    Some(Arc::new(Target::of(allowing)))
}

/// The statement of AWS's guide.
fn statement(sid: &str, arns: Value, asked: &Trails, request: &Request) -> Value {
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
        let accounts: Value = asked.accounts().iter().map(AccountId::as_str).collect();
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
