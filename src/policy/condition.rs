//! Conditions: when they hold, by IAM's rules.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use std::borrow::Cow;

use json_patch::jsonptr::PointerBuf;

use super::account::AccountId;
use super::code::Code;
use super::condition_value::{ConditionValue, Subject, is_key};
use super::finding::{Finding, wrong_type};
use super::hole;
use super::operator::{Comparison, Operator, SetPrefix};
use super::partition::Partition;
use super::pattern::Matcher;
use super::truth::Truth;
use crate::value::Value;

/// What a request holds under a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Context<'r> {
    /// These values.
    Present(Vec<&'r str>),
    /// Nothing.
    Absent,
    /// Nothing that a value could name, or nothing.
    Foreign,
    /// A value that the policy does not tell; nor whether there is one.
    Unknown,
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

    /// Whether the condition holds for what a request of the account has under
    /// the key. `has_variables` says whether `${…}` is a policy variable here.
    pub(super) fn holds(
        &self,
        context: &Context<'_>,
        has_variables: bool,
        partition: Partition,
        account: &AccountId,
    ) -> Truth {
        let Some(operator) = self.operator else {
            return Truth::Unknown;
        };
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
            Context::Present(values) => Some(values),
        };
        if operator.comparison == Comparison::Null {
            let absent = present.is_none().to_string();
            let truths = self
                .values
                .iter()
                .map(|value| operator.matcher(value).truth(&absent));
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
        if operator.comparison == Comparison::Other
            || (operator.comparison == Comparison::Bool && !given.iter().all(is_bool))
        {
            return Truth::Unknown;
        }
        // Whether a value matches a text.
        let truth = |value: &str, text: &str| {
            if has_variables && value.contains("${") {
                Truth::Unknown
            } else {
                operator.matcher(&hole::fill(value, partition)).truth(text)
            }
        };
        let each = given.iter().map(|text| {
            let truths = self
                .concerning(account)
                .map(|(_, value)| truth(value, text));
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
