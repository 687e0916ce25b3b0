//! What an evaluation rests on that the policy's host has as an expression.

use json_patch::jsonptr::PointerBuf;

use super::condition::{Condition, Context, Reading};
use super::operator::Operator;
use super::statement::{Effect, Statement};
use super::truth::Truth;
use super::verdict::Reason;
use super::walk::walk;
use super::{hole, variable};
use crate::value::{Text, Value};

impl<'a> Statement<'a> {
    /// The elements whose expressions decide whether the statement is about
    /// `CloudTrail` calling an action, each with its expressions.
    pub fn expressions(&self, action: &str) -> Vec<(PointerBuf, &'static str, Vec<&'a str>)> {
        if let Some(expression) = self.body().as_str() {
            return vec![(self.at.clone(), "Statement", vec![expression])];
        }
        let effect = if self.effect == Effect::Unknown {
            Truth::Unknown
        } else {
            Truth::True
        };
        let (who, what) = (self.is_for_cloudtrail(), self.covers_action(action));
        let found = |(element, truth): (&'static str, Truth)| {
            let mut found = Vec::new();
            let value = self.body().get(element)?;
            // A principal's kind may be one.
            if let Value::Object(kinds) = value {
                let kinds = kinds.keys().map(Text::as_str);
                found.extend(kinds.filter(|kind| hole::has_unknown(kind)));
            }
            walk(value, &PointerBuf::new(), &mut |text, _| {
                if hole::has_unknown(text) {
                    found.push(text);
                }
            });
            (truth == Truth::Unknown && !found.is_empty())
                .then(|| (self.path(element), element, found))
        };
        [
            ("Effect", effect),
            ("Principal", who),
            ("NotPrincipal", who),
            ("Action", what),
            ("NotAction", what),
            ("Resource", self.covers_key()),
        ]
        .into_iter()
        .filter_map(found)
        .collect()
    }
}

/// What a condition rests on that nobody can tell.
pub(super) fn unknown(
    condition: &Condition<'_>,
    context: &Context<'_>,
    reading: &Reading<'_>,
) -> (PointerBuf, Reason) {
    let names = [condition.operator_name, condition.key];
    if names.iter().any(|name| hole::has_unknown(name)) {
        let mut values: Vec<String> = names.map(str::to_owned).to_vec();
        values.dedup();
        let element = "Condition".to_owned();
        return (condition.at.clone(), Reason::Expression { element, values });
    }
    let (operator, key) = (condition.operator_name, condition.key);
    let reason = |words| {
        let key = key.to_owned();
        (condition.at.clone(), Reason::Unknown { key, words })
    };
    if condition.operator.is_none() {
        return reason(match Operator::near_miss(operator) {
            Some(near) => format!("{operator:?} is no condition operator: did you mean {near:?}?"),
            None => format!("{operator:?} is no condition operator of IAM"),
        });
    }
    if *context == Context::Unknown || *context == Context::Foreign {
        return reason(format!(
            "it also requires {key}; cannot tell whether CloudTrail's calls satisfy it"
        ));
    }
    let values = condition.concerning(reading.account);
    let mut open = values.filter(|(_, value)| hole::has_unknown(value));
    if let Some((first, value)) = open.next() {
        let values = std::iter::once(value).chain(open.map(|(_, value)| value));
        let reason = Reason::Expression {
            element: condition.key.to_owned(),
            values: values.map(|value| value.to_string()).collect(),
        };
        return (condition.at_value(first), reason);
    }
    let mut values = condition.concerning(reading.account);
    let open = values.find(|(_, value)| hole::has_unknown(&variable::fill(value)));
    if let Some((_, value)) = open.filter(|_| condition.compares_texts()) {
        return reason(format!(
            "cannot tell what {key} {value:?} means: CloudTrail's calls are not known to have its variable"
        ));
    }
    reason(format!(
        "cannot tell what {operator} on {key} means: it compares no such value"
    ))
}
