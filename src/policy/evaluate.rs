//! Would `CloudTrail`, writing a trail of an account, be allowed to encrypt
//! with the key, or to make another call? The one place that decides what
//! *covered* and *blocked* mean.
//!
//! All that a policy compares with a trail's ARN is one automaton. It reads the
//! ARNs of all the trails that an account can have, and says what each comes to.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use json_patch::jsonptr::PointerBuf;

use super::automaton::Builder;
use super::call::Call;
use super::condition::{Condition, Context, Reading};
use super::condition_value::{ConditionValue, Subject};
use super::judge::{Answer, Judge, MANY, Read, Rule};
use super::pattern::Matcher;
use super::statement::{Effect, Statement};
use super::truth::{Truth, Truths};
use super::verdict::{Evaluation, Obstacle, Reason, Verdict};
use super::{AccountId, Partition, Policy, RegionPattern, TrailName, TrailPattern, expressions};

/// How many values of a condition a reason names.
pub(super) const SHOWN: usize = 3;
/// How many patterns an answer names.
const SHOWN_PATTERNS: usize = 10;

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
    /// Whether what a value means depends on the account that is asked about.
    is_by_account: bool,
    judges: RefCell<HashMap<Asked, Rc<Judge>>>,
}

/// What trails have in common that one judge is for.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Asked {
    trails: (Partition, RegionPattern, TrailName),
    account: Option<AccountId>,
}

/// A statement about `CloudTrail` making the call.
#[derive(Debug)]
struct Concerning<'p, 'a> {
    statement: &'p Statement<'a>,
    /// Whether it allows, or may.
    allows: bool,
    /// Whether it denies, or may.
    denies: bool,
    /// Whether it applies as far as its conditions do not say.
    truth: Truth,
    /// Why not, if it does not or may not.
    obstacles: Vec<(Truth, Obstacle)>,
    /// The first of each value of its conditions.
    distinct: OnceCell<Vec<Vec<usize>>>,
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
        let mut evaluator = Self::new(policy);
        for one in &mut evaluator.statements {
            one.allows &= one.statement.index == own.index;
        }
        evaluator.statements.retain(|one| one.allows || one.denies);
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
        let mut conditions = statements.iter().flat_map(|own| &own.statement.conditions);
        Self {
            policy,
            call,
            is_by_account: policy.has_variables && conditions.any(Condition::is_by_account),
            statements,
            judges: RefCell::default(),
        }
    }

    /// Whether the trails of `pattern` may encrypt.
    pub fn evaluate(&self, pattern: &TrailPattern) -> Evaluation {
        if self.lists(pattern) {
            return Evaluation {
                verdict: Verdict::Allowed,
                obstacles: Vec::new(),
                patterns: Vec::new(),
                has_more: false,
            };
        }
        let judge = self.judge(pattern);
        let answer = self.answer(&judge, pattern);
        let (patterns, has_more) = if answer.verdict == Verdict::Partly {
            self.binding(&judge, pattern)
        } else {
            (Vec::new(), false)
        };
        Evaluation {
            verdict: answer.verdict,
            obstacles: if answer.is_common() {
                let told = answer.told.get_or_init(|| self.obstacles(&answer, pattern));
                told.clone()
            } else {
                self.obstacles(&answer, pattern)
            },
            patterns,
            has_more,
        }
    }

    /// Whether the trails of `pattern` may encrypt, without the reasons.
    pub fn verdict(&self, pattern: &TrailPattern) -> Verdict {
        if self.lists(pattern) {
            return Verdict::Allowed;
        }
        self.answer(&self.judge(pattern), pattern).verdict
    }

    /// Whether a list that is all that its statement asks for has these very
    /// trails, and nothing denies. Most often it is so, and no automaton need be
    /// made for the answer.
    fn lists(&self, pattern: &TrailPattern) -> bool {
        let (text, reading) = (pattern.to_string(), self.policy.reading(pattern));
        let has = |condition: &Condition<'_>| {
            let operator = condition.operator;
            condition.subject == Subject::Trail
                && operator.is_some_and(|own| own.has_wildcards() && !own.negated)
                && condition.values.iter().any(|value| **value == text)
        };
        self.statements.iter().all(|own| !own.denies)
            && self.statements.iter().any(|own| {
                let known = self.all_known(own, &reading);
                let mut conditions = own.statement.conditions.iter().zip(&known);
                own.is_plain(&known) && conditions.any(|(own, known)| known.is_none() && has(own))
            })
    }

    fn answer(&self, judge: &Judge, pattern: &TrailPattern) -> Rc<Answer> {
        judge.answer(&pattern.account, || self.at_most(judge, pattern))
    }

    /// What judges trails that differ from these in the account alone.
    fn judge(&self, pattern: &TrailPattern) -> Rc<Judge> {
        let asked = Asked {
            trails: (
                pattern.partition,
                pattern.region.clone(),
                pattern.trail.clone(),
            ),
            account: self.is_by_account.then(|| pattern.account.clone()),
        };
        let mut judges = self.judges.borrow_mut();
        let judge = judges
            .entry(asked)
            .or_insert_with(|| Rc::new(self.new_judge(pattern)));
        Rc::clone(judge)
    }

    /// The first part has the lists that are all that their statements ask for:
    /// what one of them matches is allowed, whichever it is.
    fn new_judge(&self, pattern: &TrailPattern) -> Judge {
        let reading = self.policy.reading(pattern);
        let mut builder = Builder::default();
        let plain = builder.part();
        let mut only_allow = vec![false];
        let mut rules = Vec::new();
        for own in &self.statements {
            let known = self.all_known(own, &reading);
            let is_plain = own.is_plain(&known);
            let conditions = own.statement.conditions.iter().zip(known);
            let read = |(condition, known): (&Condition<'_>, Option<Truth>)| {
                let Some(operator) = condition.operator.filter(|_| known.is_none()) else {
                    return Read::Known(known.unwrap_or(Truth::Unknown));
                };
                let matchers = condition.values.iter();
                let matchers: Vec<Matcher> = matchers
                    .map(|value| condition.matcher(operator, value, &reading))
                    .collect();
                let is_plain = is_plain && matchers.iter().all(Matcher::is_certain);
                let part = if is_plain && !operator.negated {
                    plain
                } else {
                    only_allow.push(!own.denies);
                    builder.part()
                };
                for matcher in matchers {
                    builder.add(part, &matcher.tokens, matcher.certainty());
                }
                Read::Part {
                    part,
                    negated: operator.negated,
                }
            };
            rules.push(Rule {
                allows: own.allows,
                denies: own.denies,
                truth: own.truth,
                reads: conditions.map(read).collect(),
            });
        }
        let parts = only_allow.len();
        Judge::new(builder, parts, rules, pattern, MANY, |part| {
            only_allow[part]
        })
    }

    /// Whether each condition of a statement holds, if that does not depend on
    /// the trail.
    fn all_known(&self, own: &Concerning<'_, '_>, reading: &Reading<'_>) -> Vec<Option<Truth>> {
        let known = |condition: &Condition<'_>| {
            let context = self.call.context(condition, reading.partition);
            let is_open = context == Context::Own && condition.compares_texts();
            (!is_open).then(|| condition.holds(&context, reading))
        };
        own.statement.conditions.iter().map(known).collect()
    }

    /// What each part matches at most, by each of its values alone. Of a value
    /// that does not say which accounts it concerns it is not asked.
    fn at_most(&self, judge: &Judge, pattern: &TrailPattern) -> Vec<Truths> {
        let (reading, account) = (self.policy.reading(pattern), &pattern.account);
        judge.at_most(|rule, place| {
            let condition = &self.statements[rule].statement.conditions[place];
            let own = |operator, index, value: &ConditionValue<'_>| {
                let matcher = condition.matcher(operator, value, &reading);
                let open = [Truth::False, matcher.certainty()].into_iter().collect();
                if !value.is_narrow() {
                    return open;
                }
                match judge
                    .of_value((rule, place, index), || matcher)
                    .judge
                    .verdict(account)
                {
                    Verdict::Allowed => Truth::True.into(),
                    Verdict::Blocked => Truth::False.into(),
                    _ => open,
                }
            };
            let values = condition.concerning(account);
            values.fold(Truth::False.into(), |all: Truths, (index, value)| {
                let operator = condition.operator.into_iter();
                operator.fold(all, |all, operator| {
                    all.with(own(operator, index, value), Truth::max)
                })
            })
        })
    }

    /// Which values let some trails of `pattern` encrypt and not others, and
    /// whether there are more than are named.
    fn binding(&self, judge: &Judge, pattern: &TrailPattern) -> (Vec<String>, bool) {
        let reading = self.policy.reading(pattern);
        let mut patterns: Vec<String> = Vec::new();
        for (rule, own) in self.statements.iter().enumerate() {
            if own.denies || !own.allows {
                continue;
            }
            for (place, condition) in own.statement.conditions.iter().enumerate() {
                let Some(operator) = condition.operator.filter(|operator| !operator.negated) else {
                    continue;
                };
                if !judge.reads(rule, place) || condition.subject != Subject::Trail {
                    continue;
                }
                for index in &own.distinct()[place] {
                    let value = &condition.values[*index];
                    let matcher = || condition.matcher(operator, value, &reading);
                    if !value.concerns(&pattern.account)
                        || patterns.iter().any(|own| **own == **value)
                        || !judge.is_bound_by((rule, place, *index), matcher, &pattern.account)
                    {
                        continue;
                    }
                    if patterns.len() == SHOWN_PATTERNS {
                        return (patterns, true);
                    }
                    patterns.push(value.to_string());
                }
            }
        }
        (patterns, false)
    }

    /// What stands in the way, or may.
    fn obstacles(&self, answer: &Answer, pattern: &TrailPattern) -> Vec<Obstacle> {
        let everywhere = |reason| Obstacle {
            statement: None,
            at: PointerBuf::new(),
            reason,
        };
        let mut obstacles = Vec::new();
        if answer.is_entangled && answer.verdict == Verdict::Depends {
            obstacles.push(everywhere(Reason::TooEntangled));
        }
        if answer.is_nothing {
            obstacles.push(everywhere(Reason::NoStatement));
        }
        let mut told = HashSet::new();
        for (why, conditions) in &answer.whys {
            let own = &self.statements[why.rule];
            let given = own
                .obstacles
                .iter()
                .filter(|(truth, _)| *truth == why.truth);
            let given = given.map(|(_, obstacle)| obstacle.clone());
            let conditions = conditions.iter().map(|place| {
                let condition = &own.statement.conditions[*place];
                self.obstacle(own.statement.index, condition, why.truth, pattern)
            });
            let all = given.chain(conditions);
            if why.denies && own.statement.effect == Effect::Deny {
                obstacles.push(denial(own.statement, why.truth, all));
            } else {
                obstacles.extend(all.filter(|obstacle| told.insert(obstacle.clone())));
            }
        }
        obstacles
    }

    fn obstacle(
        &self,
        statement: usize,
        condition: &Condition<'_>,
        truth: Truth,
        pattern: &TrailPattern,
    ) -> Obstacle {
        let (at, reason) = if truth == Truth::Unknown {
            let context = self.call.context(condition, pattern.partition);
            expressions::unknown(condition, &context, &self.policy.reading(pattern))
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
            statement: Some(statement),
            at,
            reason,
        }
    }
}

impl<'p, 'a> Concerning<'p, 'a> {
    /// The values of its conditions by their places, each text once.
    fn distinct(&self) -> &[Vec<usize>] {
        self.distinct.get_or_init(|| {
            let conditions = self.statement.conditions.iter();
            let distinct = conditions.map(|condition| {
                let mut seen = HashSet::new();
                let values = condition.values.iter().enumerate();
                let values = values.filter(|(_, value)| seen.insert(&***value));
                values.map(|(index, _)| index).collect()
            });
            distinct.collect()
        })
    }

    /// Whether all that it asks for is one list: what else it says is known.
    fn is_plain(&self, known: &[Option<Truth>]) -> bool {
        let mut others = known.iter().flatten();
        self.allows
            && !self.denies
            && self.truth == Truth::True
            && others.all(|truth| *truth == Truth::True)
            && known.iter().filter(|truth| truth.is_none()).count() == 1
    }

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
            denies: statement.effect != Effect::Allow,
            truth,
            obstacles,
            distinct: OnceCell::new(),
        }
    }
}

/// What a Deny statement adds, if it applies or may.
fn denial(
    statement: &Statement<'_>,
    truth: Truth,
    obstacles: impl Iterator<Item = Obstacle>,
) -> Obstacle {
    let key = |obstacle: Obstacle| match obstacle.reason {
        Reason::Unknown { key, .. } => Some(key),
        Reason::Resource(_) => Some("its Resource".to_owned()),
        Reason::Expression { element, values } => {
            Some(format!("{element} ({})", values.join(", ")))
        }
        _ => None,
    };
    Obstacle {
        statement: Some(statement.index),
        at: statement.at.clone(),
        reason: if truth == Truth::True {
            Reason::Denied
        } else {
            Reason::MayBeDenied {
                keys: obstacles.filter_map(key).collect(),
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn statement(effect: &str, conditions: &Value) -> Value {
        json!({
            "Effect": effect,
            "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": conditions,
        })
    }

    /// What is asked of patterns, so many that the policy has 32 kB.
    fn of(make: impl Fn(usize) -> Vec<Value>) -> Value {
        let all = statement("Allow", &json!({}));
        let mut statements = vec![all];
        for number in 0.. {
            statements.extend(make(number));
            if json!(statements).to_string().len() > 32_000 {
                break;
            }
        }
        json!({ "Version": "2012-10-17", "Statement": statements })
    }

    fn like(effect: &str, key: &str, pattern: &str) -> Value {
        statement(effect, &json!({ "StringLike": { key: pattern } }))
    }

    /// The answers about many accounts, and the steps that all of them took.
    fn ask(policy: &Value) -> (Vec<Evaluation>, usize) {
        let value = policy.clone().into();
        let policy = Policy::read(&value).unwrap();
        let evaluator = Evaluator::new(&policy);
        let accounts =
            (0..100).map(|number: u64| format!("{:012}", 111_111_111_111 + number * 7_919));
        let every = accounts.map(|id| TrailPattern::every(Partition::AWS, id.parse().unwrap()));
        let answers = every.enumerate().map(|(place, pattern)| {
            let answer = evaluator.evaluate(&pattern);
            if place == 9 {
                assert_eq!(answer, policy.evaluate(&pattern), "{pattern}");
            }
            answer
        });
        let answers = answers.collect();
        let judges = evaluator.judges.borrow();
        (answers, judges.values().map(|judge| judge.work()).sum())
    }

    /// However many patterns there are, and however they can match, the answers
    /// about many accounts take a bounded number of steps: so many are a
    /// tenth of a second. None depends on who else is asked about.
    #[test]
    fn the_steps_are_bounded() {
        const KEY: &str = "kms:EncryptionContext:aws:cloudtrail:arn";
        let from = |text| serde_json::from_str::<Value>(text).unwrap();
        let letter = |number: usize| char::from(b'a' + u8::try_from(number % 26).unwrap());
        let mut policies = vec![
            from(include_str!("../../testdata/slow-10-patterns.json")),
            from(include_str!("../../testdata/slow-40-patterns.json")),
            of(|n| vec![like("Deny", KEY, &format!("*{n}*?a"))]),
            of(|n| vec![like("Deny", KEY, &format!("*:trail/*{}{n}*?a", letter(n)))]),
            of(|n| vec![like("Deny", KEY, &format!("*a{}", "?".repeat(n % 40)))]),
            of(|n| {
                let condition = json!({
                    "StringLike": { KEY: format!("*{n}*?a") },
                    "StringNotLike": { "aws:SourceArn": format!("*{}*?b", letter(n)) },
                });
                vec![statement("Deny", &condition)]
            }),
        ];
        let lists: [fn(usize, char) -> String; 3] = [
            |n, c| format!("*{n}*?{c}"),
            |n, c| format!("*{c}{}", "?".repeat(n % 40)),
            |n, c| format!("*:222222222222:trail/*{c}*{n}{}", "?".repeat(n % 30)),
        ];
        for make in lists {
            let values: Vec<String> = (0..300).map(|n| make(n, letter(n))).collect();
            let list = statement("Allow", &json!({ "StringLike": { KEY: values } }));
            policies.push(json!({ "Version": "2012-10-17", "Statement": [list] }));
        }
        for policy in policies {
            let (_, steps) = ask(&policy);
            assert!(steps < 8_000_000, "{steps}: {policy:.300}");
        }
    }
}
