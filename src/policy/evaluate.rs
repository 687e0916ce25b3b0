//! Would `CloudTrail`, writing a trail of an account, be allowed to encrypt
//! with the key? The one place that decides what *covered* and *blocked* mean.
//!
//! A policy is evaluated for single trail ARNs. To speak of every trail of an
//! account, it is evaluated for one trail of each kind that the policy's
//! patterns can tell apart (`witness::witnesses`).
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::collections::HashSet;

use json_patch::jsonptr::PointerBuf;

use super::condition::Context;
use super::pattern::Matcher;
use super::statement::{Effect, Statement};
use super::trails::{binding, is_of_other_account, is_on_trail, matchers};
use super::truth::Truth;
use super::verdict::{Evaluation, Obstacle, Reason, Verdict};
use super::view::View;
use super::witness::witnesses;
use super::{AccountId, ENCRYPT_ACTION, Partition, Policy, SERVICE, TrailPattern, expressions};

/// How many values of a condition a reason names.
pub(super) const SHOWN: usize = 3;

/// The call that `CloudTrail` makes for one trail.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/services-cloudtrail.html>
struct Request<'r> {
    account: &'r AccountId,
    partition: Partition,
    arn: &'r str,
}

impl Request<'_> {
    /// What the request has under a condition key.
    ///
    /// `kms:ViaService` is about calls on behalf of a principal, and
    /// `CloudTrail` calls as itself:
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>.
    /// KMS takes no call without TLS.
    fn context(&self, key: &str) -> Context {
        let present = |value: &str| Context::Present(vec![value.to_owned()]);
        match key.to_ascii_lowercase().as_str() {
            "kms:encryptioncontext:aws:cloudtrail:arn" | "aws:sourcearn" => present(self.arn),
            "aws:sourceaccount" => present(self.account.as_str()),
            "aws:principalisawsservice" | "aws:securetransport" => present("true"),
            "aws:principalservicename" => present(SERVICE),
            "kms:encryptioncontextkeys" => Context::Present(vec![
                "aws:cloudtrail:arn".to_owned(),
                "aws:s3:arn".to_owned(),
            ]),
            "kms:viaservice" => Context::Absent,
            _ => Context::Unknown,
        }
    }
}

impl<'a> Policy<'a> {
    /// Whether the trails of `pattern` may encrypt.
    #[must_use]
    pub fn evaluate(&self, pattern: &TrailPattern) -> Evaluation {
        let views: Vec<View<'_, '_>> = self.concerning().map(View::whole).collect();
        self.evaluate_views(&views, pattern)
    }

    /// Whether one statement alone lets the trails of `pattern` encrypt.
    #[must_use]
    pub fn evaluate_statement(
        &self,
        statement: &Statement<'_>,
        pattern: &TrailPattern,
    ) -> Evaluation {
        self.evaluate_views(&[View::whole(statement)], pattern)
    }

    /// The statements about `CloudTrail` encrypting.
    pub(super) fn concerning(&self) -> impl Iterator<Item = &Statement<'a>> {
        self.statements.iter().filter(|statement| {
            statement.is_for_cloudtrail() != Truth::False
                && statement.covers_action(ENCRYPT_ACTION) != Truth::False
        })
    }

    /// Whether statements, of each of which only some values concern the
    /// account, let the trails of `pattern` encrypt.
    pub(super) fn evaluate_views(
        &self,
        views: &[View<'_, '_>],
        pattern: &TrailPattern,
    ) -> Evaluation {
        let universe = pattern.universe();
        let matchers = matchers(views, &pattern.account, pattern.partition, &universe);
        let trails = matchers.and_then(|matchers| {
            let borrowed: Vec<&Matcher> = matchers.iter().collect();
            witnesses(&universe, &borrowed)
        });
        let Some(trails) = trails else {
            return Evaluation {
                verdict: Verdict::Depends,
                obstacles: vec![Obstacle {
                    statement: None,
                    at: PointerBuf::new(),
                    reason: Reason::TooEntangled,
                }],
                patterns: Vec::new(),
            };
        };
        let mut obstacles: Vec<Obstacle> = Vec::new();
        let mut allowed = Vec::new();
        let mut unknown = false;
        for arn in &trails {
            let request = Request {
                account: &pattern.account,
                partition: pattern.partition,
                arn,
            };
            let (truth, found) = self.decide(views, &request);
            match truth {
                Truth::True => allowed.push(arn.as_str()),
                Truth::Unknown => unknown = true,
                Truth::False => {}
            }
            let mut told: HashSet<&Obstacle> = obstacles.iter().collect();
            let is_new: Vec<bool> = found.iter().map(|own| told.insert(own)).collect();
            let found = found.into_iter().zip(is_new);
            obstacles.extend(found.filter_map(|(own, is_new)| is_new.then_some(own)));
        }
        let verdict = if allowed.len() == trails.len() {
            Verdict::Allowed
        } else if unknown {
            Verdict::Depends
        } else if allowed.is_empty() {
            Verdict::Blocked
        } else {
            Verdict::Partly
        };
        let patterns = if verdict == Verdict::Partly {
            binding(views, &allowed, &trails, pattern)
        } else {
            Vec::new()
        };
        Evaluation {
            verdict,
            obstacles,
            patterns,
        }
    }

    /// Deny beats allow; what is not allowed is denied.
    fn decide(&self, views: &[View<'_, '_>], request: &Request<'_>) -> (Truth, Vec<Obstacle>) {
        let mut allow = Truth::False;
        let mut missing = Vec::new();
        let mut deny = Truth::False;
        let mut denials = Vec::new();
        for view in views {
            let statement = view.statement;
            let (applies, obstacles) = self.applies(view, request);
            match statement.effect {
                Effect::Allow => {
                    allow = allow.max(applies);
                    missing.extend(obstacles);
                }
                Effect::Deny => {
                    deny = deny.max(applies);
                    denials.extend(denial(statement, applies, obstacles));
                }
                Effect::Unknown => {
                    let may = applies.min(Truth::Unknown);
                    allow = allow.max(may);
                    deny = deny.max(may);
                    denials.extend(obstacles.clone());
                    missing.extend(obstacles);
                }
            }
        }
        if missing.is_empty() && allow == Truth::False {
            missing.push(Obstacle {
                statement: None,
                at: PointerBuf::new(),
                reason: Reason::NoStatement,
            });
        }
        match (allow, deny) {
            (Truth::True, Truth::False) => (Truth::True, Vec::new()),
            (_, Truth::True) => {
                denials.retain(|denial| denial.reason == Reason::Denied);
                (Truth::False, denials)
            }
            (Truth::False, _) => (Truth::False, missing),
            (Truth::True, Truth::Unknown) => (Truth::Unknown, denials),
            (Truth::Unknown, _) => {
                missing.retain(|obstacle| !matches!(obstacle.reason, Reason::Condition { .. }));
                missing.extend(denials);
                (Truth::Unknown, missing)
            }
        }
    }

    /// Whether the statement's resource and conditions hold; all must. If one
    /// fails for certain, what is unknown beside it does not matter.
    fn applies(&self, view: &View<'_, '_>, request: &Request<'_>) -> (Truth, Vec<Obstacle>) {
        let statement = view.statement;
        let mut all = statement.covers_key();
        let mut obstacles = Vec::new();
        let expressions = statement.expressions();
        let is_told = |(_, element, _): &(PointerBuf, &str, Vec<&str>)| {
            matches!(*element, "Resource" | "Statement")
        };
        let mut add = |truth, at, reason| {
            if truth != Truth::True {
                obstacles.push((
                    truth,
                    Obstacle {
                        statement: Some(statement.index),
                        at,
                        reason,
                    },
                ));
            }
        };
        if !expressions.iter().any(is_told) {
            add(all, statement.path("Resource"), Reason::Resource);
        }
        for (at, element, values) in expressions {
            all = all.min(Truth::Unknown);
            let reason = Reason::Expression {
                element: element.to_owned(),
                values: values.into_iter().map(str::to_owned).collect(),
            };
            add(Truth::Unknown, at, reason);
        }
        for (condition, values) in view.conditions() {
            let context = request.context(condition.key);
            let may_match = |value: &str| {
                !is_on_trail(condition) || !is_of_other_account(value, request.account)
            };
            let (variables, partition) = (self.has_variables, request.partition);
            let truth = condition.holds(values, &context, variables, partition, &may_match);
            all = all.min(truth);
            if truth == Truth::Unknown {
                let (at, reason) = expressions::unknown(condition, values, &context, &may_match);
                add(truth, at, reason);
            } else if truth == Truth::False {
                let reason = Reason::Condition {
                    operator: condition.operator_name.to_owned(),
                    key: condition.key.to_owned(),
                    values: condition
                        .values
                        .iter()
                        .take(SHOWN)
                        .map(ToString::to_string)
                        .collect(),
                    more: condition.values.len().saturating_sub(SHOWN),
                };
                add(truth, condition.at.clone(), reason);
            }
        }
        let obstacles = obstacles
            .into_iter()
            .filter(|(truth, _)| *truth == all)
            .map(|(_, obstacle)| obstacle)
            .collect();
        (all, obstacles)
    }
}

/// What a Deny statement adds, if it applies or may.
fn denial(statement: &Statement<'_>, applies: Truth, obstacles: Vec<Obstacle>) -> Option<Obstacle> {
    let reason = match applies {
        Truth::False => return None,
        Truth::True => Reason::Denied,
        Truth::Unknown => Reason::MayBeDenied {
            keys: obstacles
                .into_iter()
                .filter_map(|obstacle| match obstacle.reason {
                    Reason::Unknown { key } => Some(key),
                    Reason::Expression { element, values } => {
                        Some(format!("{element} ({})", values.join(", ")))
                    }
                    _ => None,
                })
                .collect(),
        },
    };
    Some(Obstacle {
        statement: Some(statement.index),
        at: statement.at.clone(),
        reason,
    })
}
