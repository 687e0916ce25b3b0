//! Conditions: when they hold, by IAM's rules.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use std::borrow::Cow;

use json_patch::jsonptr::PointerBuf;

use super::account::AccountId;
use super::code::Code;
use super::condition_key::is_key;
use super::condition_value::{ConditionValue, Subject};
use super::finding::{Finding, wrong_type};
use super::operator::{Comparison, Operator, SetPrefix};
use super::partition::Partition;
use super::pattern::Matcher;
use super::truth::Truth;
use super::{hole, variable};
use crate::value::Value;

/// What a request holds under a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Context<'r> {
    /// The trail's ARN or its account.
    Own,
    /// These values.
    Present(Vec<&'r str>),
    /// Nothing.
    Absent,
    /// Nothing that a value could name, or nothing.
    Foreign,
    /// A value that the policy does not tell; nor whether there is one.
    Unknown,
}

/// By what the values of conditions are read.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'r> {
    pub partition: Partition,
    pub account: &'r AccountId,
    /// Whether `${…}` is a policy variable.
    pub has_variables: bool,
}

/// One condition key under one operator.
#[derive(Debug, Clone)]
pub struct Condition<'a> {
    /// The operator's name as it stands.
    pub operator_name: &'a str,
    /// The operator, if IAM has it.
    pub operator: Option<Operator>,
    /// The key as it stands; keys match without case.
    pub key: &'a str,
    /// What the key holds.
    pub(super) subject: Subject,
    /// Its values; a scalar is one.
    pub values: Vec<ConditionValue<'a>>,
    /// Whether the values stand in an array.
    pub is_array: bool,
    /// Where they stand.
    pub at: PointerBuf,
}

impl<'a> Condition<'a> {
    pub(super) fn read_all(
        statement: &PointerBuf,
        value: Option<&'a Value>,
        findings: &mut Vec<Finding>,
    ) -> Vec<Self> {
        let mut root = statement.clone();
        root.push_back("Condition");
        let operators = match value {
            None => return Vec::new(),
            Some(Value::Object(operators)) => operators,
            // What is not known is a condition that nobody can tell about.
            Some(Value::String(text)) if hole::is_whole(text) => {
                return vec![Self::unknown(text, root)];
            }
            Some(other) => {
                findings.push(wrong_type("Condition", "an object", other, root));
                return Vec::new();
            }
        };
        let mut conditions = Vec::new();
        for (operator_name, keys) in operators {
            let mut at = root.clone();
            at.push_back(operator_name.as_str());
            if let Value::String(text) = keys
                && hole::is_whole(text)
            {
                conditions.push(Self::unknown(text, at));
                continue;
            }
            let Value::Object(keys) = keys else {
                findings.push(wrong_type(operator_name, "an object", keys, at));
                continue;
            };
            if operator_name == "Condition" {
                let message =
                    "\"Condition\" is no condition operator: it stands inside \"Condition\"";
                findings.push(
                    Finding::error(Code::NestedCondition, message, at)
                        .help("take the inner one away, and leave what it holds"),
                );
                continue;
            }
            for (key, value) in keys {
                let mut at = at.clone();
                at.push_back(key.as_str());
                let (items, is_array) = match value {
                    Value::Array(items) => (items.as_slice(), true),
                    scalar => (std::slice::from_ref(scalar), false),
                };
                let subject = Subject::of(key);
                // With room for the one value that an edit mostly adds.
                let mut values = Vec::with_capacity(items.len() + 1);
                for item in items {
                    let text = match item {
                        Value::String(text) => Cow::Borrowed(text.as_str()),
                        Value::Bool(_) | Value::Number(_) => Cow::Owned(item.to_string()),
                        _ => {
                            findings.push(wrong_type(
                                key,
                                "a string or an array of strings",
                                item,
                                at.clone(),
                            ));
                            break;
                        }
                    };
                    values.push(ConditionValue::new(text, subject));
                }
                conditions.push(Self {
                    operator_name,
                    operator: Operator::parse(operator_name),
                    key,
                    subject,
                    values,
                    is_array,
                    at,
                });
            }
        }
        conditions
    }

    fn unknown(expression: &'a str, at: PointerBuf) -> Self {
        Self {
            operator_name: expression,
            operator: None,
            key: expression,
            subject: Subject::Other,
            values: vec![ConditionValue::new(expression.into(), Subject::Other)],
            is_array: false,
            at,
        }
    }

    /// Whether the key is this one, where the partition is `aws`.
    pub fn is_on(&self, key: &str) -> bool {
        is_key(self.key, key)
    }

    /// Whether the key is another one in this partition, by an expression.
    pub fn is_another_in(&self, partition: Partition) -> bool {
        partition != Partition::AWS && hole::partition(self.key).is_some()
    }

    /// Whether the key has an expression, and may be this one by it.
    pub fn may_be_on(&self, key: &str) -> bool {
        let own = Matcher::literal(&self.key.to_ascii_lowercase());
        own.truth(&key.to_ascii_lowercase()) == Truth::Unknown
    }

    /// Where a value stands.
    pub fn at_value(&self, index: usize) -> PointerBuf {
        let mut at = self.at.clone();
        if self.is_array {
            at.push_back(index);
        }
        at
    }

    /// Puts values at the end.
    pub fn extend(&mut self, texts: impl Iterator<Item = &'a str>) {
        let value = |text| ConditionValue::new(Cow::Borrowed(text), self.subject);
        self.values.extend(texts.map(value));
    }

    /// The values that can match a trail of the account, with their places.
    pub(super) fn concerning<'c>(
        &'c self,
        account: &AccountId,
    ) -> impl Iterator<Item = (usize, &'c ConditionValue<'a>)> + Clone {
        let values = self.values.iter().enumerate();
        values.filter(move |(_, value)| value.concerns(account))
    }

    /// Whether the list is computed by an expression, so that nothing can be
    /// added to it where it stands: the expression.
    pub fn computed(&self) -> Option<&str> {
        let mut values = self.values.iter();
        values
            .find(|value| hole::is_whole(value))
            .map(AsRef::as_ref)
    }

    /// Whether the operator compares texts, so that `${…}` may be a variable.
    pub(super) fn compares_texts(&self) -> bool {
        self.operator.is_some_and(|operator| {
            !matches!(
                operator.comparison,
                Comparison::Bool | Comparison::Null | Comparison::Other
            )
        })
    }

    /// Whether what a value matches depends on the account, beyond its place in
    /// a trail's ARN.
    pub(super) fn is_by_account(&self) -> bool {
        let mut values = self.values.iter();
        self.compares_texts()
            && values.any(|value| {
                let filled = variable::fill(value);
                filled.contains(variable::ACCOUNT) && !self.is_own_account(&filled)
            })
    }

    /// Whether the variable for the account stands just where the account does.
    fn is_own_account(&self, filled: &str) -> bool {
        let fields: Vec<&str> = filled.split(':').collect();
        let place = match (self.subject, fields.len()) {
            (Subject::Trail, 6) => 4,
            (Subject::Account, 1) => 0,
            _ => return false,
        };
        let mut fields = fields.iter().enumerate();
        fields.all(|(at, field)| {
            let mut chars = field.chars();
            if at == place {
                chars.next() == Some(variable::ACCOUNT) && chars.next().is_none()
            } else {
                !field.contains(variable::ACCOUNT)
            }
        })
    }

    /// How the operator reads a value, with what is known in the place of
    /// variables. Of what is compared with the account, a matcher of the trail's
    /// ARN is made.
    pub(super) fn matcher(
        &self,
        operator: Operator,
        value: &str,
        reading: &Reading<'_>,
    ) -> Matcher {
        let text = hole::fill(value, reading.partition);
        if !reading.has_variables || !self.compares_texts() || !variable::has_variable(&text) {
            return self.of_subject(operator, &text);
        }
        let mut filled = variable::fill(&text).into_owned();
        let is_known = hole::has_unknown(&text) || !hole::has_unknown(&filled);
        // AWS does not say what a variable without a value means where a text
        // is not to match.
        if operator.negated && !is_known {
            return Matcher::glob(variable::UNKNOWN.encode_utf8(&mut [0; 4]));
        }
        if filled.contains(variable::ARN) {
            // No ARN is part of another one of the same length.
            let is_free = |c: char| (c == '*' && operator.has_wildcards()) || hole::is_unknown(c);
            let rest = filled.replacen(variable::ARN, "", 1);
            return match self.subject {
                Subject::Trail if rest.chars().all(is_free) => Matcher::glob(&format!("*{rest}")),
                Subject::Trail | Subject::Account => Matcher::nothing(),
                Subject::Other => Matcher::glob(variable::UNKNOWN.encode_utf8(&mut [0; 4])),
            };
        }
        if self.subject == Subject::Other {
            filled = filled.replace(
                variable::ACCOUNT,
                variable::UNKNOWN.encode_utf8(&mut [0; 4]),
            );
        } else if !self.is_own_account(&filled) {
            filled = filled.replace(variable::ACCOUNT, reading.account.as_str());
        }
        self.of_subject(operator, &filled)
    }

    fn of_subject(&self, operator: Operator, text: &str) -> Matcher {
        match self.subject {
            // As many colons as an ARN has match colon by colon.
            Subject::Trail
                if operator.comparison == Comparison::StringLike
                    && text.bytes().filter(|byte| *byte == b':').count() == 5 =>
            {
                Matcher::arn(text)
            }
            Subject::Account => operator.matcher(text).in_account(),
            _ => operator.matcher(text),
        }
    }

    /// Whether the condition holds for what a call has under the key, which is
    /// the trail's own only where no texts are compared.
    pub(super) fn holds(&self, context: &Context<'_>, reading: &Reading<'_>) -> Truth {
        let Some(operator) = self.operator else {
            return Truth::Unknown;
        };
        let own = Vec::new();
        let present = match context {
            // Whether the key is there makes no difference to these.
            Context::Foreign
                if operator.comparison != Comparison::Null
                    && !operator.if_exists
                    && (operator.set.is_none()
                        || (operator.set == Some(SetPrefix::Any) && !operator.negated)) =>
            {
                None
            }
            Context::Foreign | Context::Unknown => return Truth::Unknown,
            Context::Absent => None,
            Context::Own => Some(&own),
            Context::Present(values) => Some(values),
        };
        if operator.comparison == Comparison::Null {
            let absent = present.is_none().to_string();
            let values = self.values.iter();
            let truths = values.map(|value| operator.matcher(value).truth(&absent));
            return truths.max().unwrap_or(Truth::False);
        }
        let Some(given) = present else {
            return match operator.set {
                Some(SetPrefix::All) => Truth::True,
                Some(SetPrefix::Any) => Truth::False,
                None => (operator.if_exists || operator.negated).into(),
            };
        };
        let is_bool = |text: &&str| matches!(*text, "true" | "false");
        if *context == Context::Own
            || operator.comparison == Comparison::Other
            || (operator.comparison == Comparison::Bool && !given.iter().all(is_bool))
        {
            return Truth::Unknown;
        }
        let values = self.values.iter();
        let matchers = values.map(|value| self.matcher(operator, value, reading));
        let matchers: Vec<Matcher> = matchers.collect();
        let each = given.iter().map(|text| {
            let truths = matchers.iter().map(|own| own.truth(text));
            let listed = truths.max().unwrap_or(Truth::False);
            if operator.negated {
                listed.opposite()
            } else {
                listed
            }
        });
        match operator.set {
            Some(SetPrefix::All) => each.min().unwrap_or(Truth::True),
            _ if operator.negated && operator.set.is_none() => each.min().unwrap_or(Truth::True),
            _ => each.max().unwrap_or(Truth::False),
        }
    }
}
