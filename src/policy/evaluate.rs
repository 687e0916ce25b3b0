//! Would `CloudTrail`, writing a trail of an account, be allowed to encrypt
//! with the key, or to make another call? The one place that decides what *covered* and *blocked* mean.
//!
//! A policy is evaluated for single trail ARNs. To speak of every trail of an
//! account, it is evaluated for one trail of each kind that the policy's
//! patterns can tell apart (`witness::witnesses`).
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use json_patch::jsonptr::PointerBuf;

use super::call::Call;
use super::condition::{Condition, Context};
use super::condition_value::{ConditionValue, Subject};
use super::operator::Operator;
use super::pattern::Matcher;
use super::statement::{Effect, Statement};
use super::trails::{binding, matchers};
use super::truth::Truth;
use super::verdict::{Evaluation, Obstacle, Reason, Verdict};
use super::witness::witnesses;
use super::{
    AccountId, Partition, Policy, RegionPattern, SERVICE, TrailName, TrailPattern, expressions,
};

/// How many values of a condition a reason names.
pub(super) const SHOWN: usize = 3;

/// A call that `CloudTrail` makes for one trail.
struct Request<'r> {
    call: Call,
    account: &'r AccountId,
    partition: Partition,
    arn: &'r str,
}

impl Request<'_> {
    /// What the request has under a condition's key.
    ///
    /// `kms:ViaService` is about calls on behalf of a principal, and
    /// `CloudTrail` calls as itself:
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>.
    /// KMS takes no call without TLS. A service such as `CloudTrail` is in no
    /// organization:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.
    fn context(&self, condition: &Condition<'_>) -> Context<'_> {
        let present = |value| Context::Present(vec![value]);
        if let Some(context) = self.call.other_context(condition.key) {
            return context;
        }
        match condition.subject {
            _ if condition.is_another_in(self.partition) => return Context::Unknown,
            Subject::Trail => return present(self.arn),
            Subject::Account => return present(self.account.as_str()),
            Subject::Other => {}
        }
        match condition.key.to_ascii_lowercase().as_str() {
            "aws:principalisawsservice" | "aws:securetransport" => present("true"),
            "aws:principalservicename" => present(SERVICE),
            "kms:encryptioncontextkeys" => {
                Context::Present(vec!["aws:cloudtrail:arn", "aws:s3:arn"])
            }
            "kms:viaservice" => Context::Absent,
            "aws:principalorgid" => Context::Foreign,
            _ => Context::Unknown,
        }
    }
}

impl Policy<'_> {
    /// Whether the trails of `pattern` may encrypt.
    pub fn evaluate(&self, pattern: &TrailPattern) -> Evaluation {
        Evaluator::new(self).evaluate(pattern)
    }
}

/// A policy's answers. What is the same for all accounts is worked out once,
/// and accounts that the policy's values treat alike get one answer.
#[derive(Debug)]
pub struct Evaluator<'p, 'a> {
    policy: &'p Policy<'a>,
    call: Call,
    statements: Vec<Concerning<'p, 'a>>,
    /// The conditions whose values tell accounts apart, with the number of each
    /// value's frame.
    by_account: Vec<(&'p Condition<'a>, Vec<Option<usize>>)>,
    known: RefCell<HashMap<Kind, Rc<Answer>>>,
}

/// A statement about `CloudTrail` making the call.
#[derive(Debug)]
struct Concerning<'p, 'a> {
    statement: &'p Statement<'a>,
    /// Whether it allows, or may allow; if not, it denies, or may deny.
    allows: bool,
    /// Whether it applies as far as its conditions do not say.
    truth: Truth,
    /// Why not, if it does not or may not.
    obstacles: Vec<(Truth, Obstacle)>,
}

/// What accounts that are treated alike have in common: the trails asked about
/// but for the account, and the frames of the values that concern them.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Kind {
    trails: (Partition, RegionPattern, TrailName),
    frames: Vec<usize>,
}

/// The answer for all accounts of a kind.
#[derive(Debug)]
struct Answer {
    verdict: Verdict,
    obstacles: Vec<Obstacle>,
    /// Which of the values that concern the account bind, by their number.
    binding: Vec<usize>,
}

impl<'p, 'a> Evaluator<'p, 'a> {
    /// Of the whole policy, on encrypting.
    pub fn new(policy: &'p Policy<'a>) -> Self {
        Self::of_call(policy, Call::Encrypt)
    }

    /// Of the whole policy, on a call.
    pub fn of_call(policy: &'p Policy<'a>, call: Call) -> Self {
        let statements = policy.statements.iter();
        let statements = statements.filter(|own| own.concerns(call.action()));
        Self::of(policy, call, statements)
    }

    /// Of one statement, on encrypting, as if no other allowed anything; what
    /// denies, denies.
    pub fn of_allow(policy: &'p Policy<'a>, own: &'p Statement<'a>) -> Self {
        let call = Call::Encrypt;
        let is_meant = |one: &&'p Statement<'a>| {
            one.index == own.index || (one.effect != Effect::Allow && one.concerns(call.action()))
        };
        let statements = policy.statements.iter().filter(is_meant);
        let mut evaluator = Self::of(policy, call, statements);
        for one in &mut evaluator.statements {
            one.allows &= one.statement.index == own.index;
        }
        evaluator
    }

    /// Of one statement alone, on encrypting.
    pub fn of_statement(policy: &'p Policy<'a>, statement: &'p Statement<'a>) -> Self {
        Self::of(policy, Call::Encrypt, [statement])
    }

    fn of(
        policy: &'p Policy<'a>,
        call: Call,
        statements: impl IntoIterator<Item = &'p Statement<'a>>,
    ) -> Self {
        let statements = statements.into_iter();
        let statements: Vec<_> = statements.map(|own| Concerning::of(own, call)).collect();
        let mut frames = HashMap::new();
        let mut by_account = Vec::new();
        for condition in statements.iter().flat_map(|own| &own.statement.conditions) {
            if condition.subject == Subject::Other {
                continue;
            }
            let number = |value: &'p ConditionValue<'a>| {
                let next = frames.len();
                Some(*frames.entry(value.frame()?).or_insert(next))
            };
            by_account.push((condition, condition.values.iter().map(number).collect()));
        }
        Self {
            policy,
            call,
            statements,
            by_account,
            known: RefCell::default(),
        }
    }

    /// Whether the trails of `pattern` may encrypt.
    pub fn evaluate(&self, pattern: &TrailPattern) -> Evaluation {
        let answer = self.answer(pattern);
        let mut patterns: Vec<String> = Vec::new();
        let mut listed = self.listed(pattern).enumerate();
        for place in &answer.binding {
            if let Some((_, (_, value))) = listed.find(|(own, _)| own == place)
                && !patterns.iter().any(|pattern| pattern == value)
            {
                patterns.push(value.to_owned());
            }
        }
        Evaluation {
            verdict: answer.verdict,
            obstacles: answer.obstacles.clone(),
            patterns,
        }
    }

    /// Whether the trails of `pattern` may encrypt, without the reasons.
    pub fn verdict(&self, pattern: &TrailPattern) -> Verdict {
        self.answer(pattern).verdict
    }
}

impl<'p> Evaluator<'p, '_> {
    fn answer(&self, pattern: &TrailPattern) -> Rc<Answer> {
        let Some(kind) = self.kind(pattern) else {
            return Rc::new(self.work_out(pattern));
        };
        let known = self.known.borrow().get(&kind).map(Rc::clone);
        known.unwrap_or_else(|| {
            let answer = Rc::new(self.work_out(pattern));
            self.known.borrow_mut().insert(kind, Rc::clone(&answer));
            answer
        })
    }

    /// By what accounts that are treated alike are known, if that can be told.
    fn kind(&self, pattern: &TrailPattern) -> Option<Kind> {
        let mut frames = Vec::new();
        for (condition, numbers) in &self.by_account {
            for (value, number) in condition.values.iter().zip(numbers) {
                if value.concerns(&pattern.account) {
                    frames.push((*number)?);
                }
            }
            // No frame has this number.
            frames.push(usize::MAX);
        }
        let (region, trail) = (pattern.region.clone(), pattern.trail.clone());
        Some(Kind {
            trails: (pattern.partition, region, trail),
            frames,
        })
    }

    fn work_out(&self, pattern: &TrailPattern) -> Answer {
        let universe = pattern.universe();
        let statements = self.statements.iter();
        let conditions = statements.flat_map(|own| &own.statement.conditions);
        let conditions = conditions.filter(|own| self.is_of_trails(own));
        let trails = matchers(conditions, pattern, &universe).and_then(|matchers| {
            let borrowed: Vec<&Matcher> = matchers.iter().collect();
            witnesses(&universe, &borrowed)
        });
        let Some(trails) = trails else {
            return Answer {
                verdict: Verdict::Depends,
                obstacles: vec![Obstacle {
                    statement: None,
                    at: PointerBuf::new(),
                    reason: Reason::TooEntangled,
                }],
                binding: Vec::new(),
            };
        };
        let mut obstacles: Vec<Obstacle> = Vec::new();
        let mut told = HashSet::new();
        let mut allowed = Vec::new();
        let mut unknown = false;
        for arn in &trails {
            let request = Request {
                call: self.call,
                account: &pattern.account,
                partition: pattern.partition,
                arn,
            };
            let (truth, found) = self.decide(&request);
            match truth {
                Truth::True => allowed.push(arn.as_str()),
                Truth::Unknown => unknown = true,
                Truth::False => {}
            }
            obstacles.extend(found.into_iter().filter(|own| told.insert(own.clone())));
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
        let binding = if verdict == Verdict::Partly {
            binding(self.listed(pattern), &allowed, &trails, pattern)
        } else {
            Vec::new()
        };
        Answer {
            verdict,
            obstacles,
            binding,
        }
    }

    /// Whether a condition's values are compared with the trail's ARN.
    fn is_of_trails(&self, condition: &Condition<'_>) -> bool {
        condition.subject == Subject::Trail && self.call.other_context(condition.key).is_none()
    }

    /// The values of allowing statements that concern the account's trails.
    fn listed(&self, pattern: &TrailPattern) -> impl Iterator<Item = (Operator, &'p str)> {
        let statements = self.statements.iter().map(|own| own.statement);
        let conditions = statements
            .filter(|statement| statement.effect == Effect::Allow)
            .flat_map(|statement| &statement.conditions)
            .filter(|condition| self.is_of_trails(condition));
        conditions.flat_map(|condition| {
            let values = condition.concerning(&pattern.account);
            let operator = condition.operator.into_iter();
            operator.flat_map(move |operator| {
                values.clone().map(move |(_, value)| (operator, &**value))
            })
        })
    }

    /// Deny beats allow; what is not allowed is denied.
    fn decide(&self, request: &Request<'_>) -> (Truth, Vec<Obstacle>) {
        let applies: Vec<Truth> = self
            .statements
            .iter()
            .map(|own| self.applies(own, request))
            .collect();
        let (mut allow, mut deny) = (Truth::False, Truth::False);
        for (own, applies) in self.statements.iter().zip(&applies) {
            let may = (*applies).min(Truth::Unknown);
            match own.statement.effect {
                Effect::Allow => allow = allow.max(*applies),
                Effect::Deny => deny = deny.max(*applies),
                Effect::Unknown if own.allows => (allow, deny) = (allow.max(may), deny.max(may)),
                Effect::Unknown => deny = deny.max(may),
            }
        }
        if (allow, deny) == (Truth::True, Truth::False) {
            return (Truth::True, Vec::new());
        }
        let mut missing = Vec::new();
        let mut denials = Vec::new();
        for (own, applies) in self.statements.iter().zip(applies) {
            let obstacles = self.obstacles(own, applies, request);
            match own.statement.effect {
                Effect::Allow => missing.extend(obstacles),
                Effect::Deny => denials.extend(denial(own.statement, applies, obstacles)),
                Effect::Unknown => {
                    if own.allows {
                        missing.extend(obstacles.clone());
                    }
                    denials.extend(obstacles);
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
            (_, Truth::True) => {
                denials.retain(|denial| denial.reason == Reason::Denied);
                (Truth::False, denials)
            }
            (Truth::False, _) => (Truth::False, missing),
            (Truth::True, _) => (Truth::Unknown, denials),
            (Truth::Unknown, _) => {
                missing.retain(|obstacle| !matches!(obstacle.reason, Reason::Condition { .. }));
                missing.extend(denials);
                (Truth::Unknown, missing)
            }
        }
    }

    /// Whether the statement's resource and conditions hold; all must.
    fn applies(&self, own: &Concerning<'_, '_>, request: &Request<'_>) -> Truth {
        let conditions = own.statement.conditions.iter();
        let truths = conditions.map(|condition| self.holds(condition, request));
        truths.fold(own.truth, Truth::min)
    }

    fn holds(&self, condition: &Condition<'_>, request: &Request<'_>) -> Truth {
        let context = request.context(condition);
        let (variables, partition) = (self.policy.has_variables, request.partition);
        condition.holds(&context, variables, partition, request.account)
    }

    /// Why a statement does not apply, or may not. If something fails for
    /// certain, what is unknown beside it does not matter.
    fn obstacles(
        &self,
        own: &Concerning<'_, '_>,
        applies: Truth,
        request: &Request<'_>,
    ) -> Vec<Obstacle> {
        if applies == Truth::True {
            return Vec::new();
        }
        let index = own.statement.index;
        let is_why = |truth: Truth| truth == applies;
        let given = own.obstacles.iter().filter(|(truth, _)| is_why(*truth));
        let given = given.map(|(_, obstacle)| obstacle.clone());
        let conditions = own.statement.conditions.iter();
        let conditions = conditions.filter(|condition| is_why(self.holds(condition, request)));
        let conditions = conditions.map(|condition| {
            let (at, reason) = if applies == Truth::Unknown {
                let context = request.context(condition);
                expressions::unknown(condition, &context, request.account)
            } else {
                let values = condition.values.iter();
                let reason = Reason::Condition {
                    operator: condition.operator_name.to_owned(),
                    key: condition.key.to_owned(),
                    values: values.take(SHOWN).map(|value| value.to_string()).collect(),
                    more: condition.values.len().saturating_sub(SHOWN),
                };
                (condition.at.clone(), reason)
            };
            Obstacle {
                statement: Some(index),
                at,
                reason,
            }
        });
        given.chain(conditions).collect()
    }
}

impl<'p, 'a> Concerning<'p, 'a> {
    fn of(statement: &'p Statement<'a>, call: Call) -> Self {
        let mut truth = statement.covers_key();
        let expressions = statement.expressions(call.action());
        let obstacle = |at, reason| Obstacle {
            statement: Some(statement.index),
            at,
            reason,
        };
        let mut obstacles = Vec::new();
        let is_told = expressions
            .iter()
            .any(|(_, element, _)| matches!(*element, "Resource" | "Statement"));
        if truth != Truth::True && !is_told {
            let reason = Reason::Resource(statement.other_resource());
            obstacles.push((truth, obstacle(statement.path("Resource"), reason)));
        }
        for (at, element, values) in expressions {
            truth = truth.min(Truth::Unknown);
            let reason = Reason::Expression {
                element: element.to_owned(),
                values: values.into_iter().map(str::to_owned).collect(),
            };
            obstacles.push((Truth::Unknown, obstacle(at, reason)));
        }
        Self {
            statement,
            allows: statement.effect != Effect::Deny,
            truth,
            obstacles,
        }
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
                    Reason::Resource(_) => Some("its Resource".to_owned()),
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
