//! When two policies are the same to KMS, which gives back another text than
//! it was given: values in another order, arrays of one value as that value,
//! account IDs as ARNs of the account.

use serde_json::json;

use super::arn::Arn;
use crate::value::{Map, Text, Value};

/// The policy in the one form that all policies of the same meaning have: the
/// order of statements, values and keys does not count, nor whether a single
/// value stands in an array, nor how a principal names an account.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>,
/// <https://github.com/hashicorp/awspolicyequivalence>
pub fn canonical(policy: &Value) -> Value {
    let Value::Object(root) = policy else {
        return policy.clone();
    };
    let element = |(key, value): (&Text, &Value)| match key.as_str() {
        "Statement" => set(value, statement),
        _ => value.clone(),
    };
    object(root, element)
}

/// A statement in the one form that all statements of the same meaning have.
pub fn statement(value: &Value) -> Value {
    with_values(value, |values| set(values, text))
}

/// A statement without the values of its conditions: an edit of a list does not
/// change it.
pub fn outline(value: &Value) -> Value {
    with_values(value, |_| Value::Null)
}

fn with_values(value: &Value, values: impl Fn(&Value) -> Value) -> Value {
    let Value::Object(statement) = value else {
        return value.clone();
    };
    object(statement, |(key, value)| match key.as_str() {
        "Principal" | "NotPrincipal" => match value {
            Value::Object(kinds) => object(kinds, |(_, value)| set(value, principal)),
            // To KMS the same.
            Value::String(text) if text == "*" => json!({ "AWS": ["*"] }).into(),
            other => other.clone(),
        },
        "Condition" => match value {
            Value::Object(operators) => object(operators, |(_, keys)| match keys {
                Value::Object(keys) => object(keys, |(_, value)| values(value)),
                other => other.clone(),
            }),
            other => other.clone(),
        },
        "Action" | "NotAction" | "Resource" | "NotResource" => set(value, Value::clone),
        _ => value.clone(),
    })
}

/// Numbers and Booleans may stand without quotes.
fn text(value: &Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) => Value::from(value.to_string()),
        other => other.clone(),
    }
}

/// `arn:aws:iam::111122223333:root` is the account `111122223333`.
fn principal(value: &Value) -> Value {
    let arn = value.as_str().map(Arn::of);
    let root = arn.filter(|arn| {
        let (service, region, resource) = (arn.service, arn.region, arn.resource);
        arn.scheme == "arn" && (service, region, resource) == (Some("iam"), Some(""), Some("root"))
    });
    let account = root.and_then(|arn| arn.account);
    account.map_or_else(|| value.clone(), Value::from)
}

fn object(map: &Map, form: impl Fn((&Text, &Value)) -> Value) -> Value {
    let mut members: Vec<_> = map
        .iter()
        .map(|(key, value)| (key.clone(), form((key, value))))
        .collect();
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    Value::Object(members.into_iter().collect())
}

fn set(value: &Value, form: impl Fn(&Value) -> Value) -> Value {
    let mut items: Vec<Value> = match value {
        Value::Array(items) => items.iter().map(form).collect(),
        single => vec![form(single)],
    };
    items.sort_by_cached_key(Value::to_string);
    items.dedup();
    Value::Array(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(value: &serde_json::Value) -> Value {
        super::canonical(&value.clone().into())
    }

    #[test]
    fn what_kms_rewrites_does_not_count() {
        let put = json!({
            "Version": "2012-10-17",
            "Statement": [
                { "Sid": "a", "Principal": { "AWS": ["111122223333", "arn:aws:iam::1:role/x"] },
                  "Action": ["kms:A", "kms:B"] },
                { "Sid": "b", "Condition": { "Null": { "k": false }, "StringLike": { "k": ["1", "2"] } } },
            ],
        });
        let got = json!({
            "Statement": [
                { "Sid": "b", "Condition": { "StringLike": { "k": ["2", "1"] }, "Null": { "k": ["false"] } } },
                { "Principal": { "AWS": ["arn:aws:iam::1:role/x", "arn:aws:iam::111122223333:root"] },
                  "Sid": "a", "Action": ["kms:B", "kms:A", "kms:B"] },
            ],
            "Version": "2012-10-17",
        });
        assert_eq!(canonical(&put), canonical(&got));
        assert_eq!(
            canonical(&json!({ "Statement": { "Action": "kms:A" } })),
            canonical(&json!({ "Statement": [{ "Action": ["kms:A"] }] }))
        );
        assert_eq!(
            canonical(&json!({ "Statement": { "Principal": "*" } })),
            canonical(&json!({ "Statement": { "Principal": { "AWS": "*" } } }))
        );
    }

    #[test]
    fn what_means_something_counts() {
        let base = json!({ "Statement": [{ "Sid": "a", "Action": ["kms:A", "kms:B"] }] });
        for other in [
            json!({ "Statement": [{ "Sid": "A", "Action": ["kms:A", "kms:B"] }] }),
            json!({ "Statement": [{ "Sid": "a", "Action": ["kms:A"] }] }),
            json!({ "Statement": [{ "Sid": "a", "NotAction": ["kms:A", "kms:B"] }] }),
            json!({ "Statement": [] }),
            json!([]),
        ] {
            assert_ne!(canonical(&base), canonical(&other), "{other}");
        }
        let named = |name: &str| json!({ "Statement": [{ "Principal": { "AWS": name } }] });
        let account = canonical(&named("111122223333"));
        assert_eq!(canonical(&named("arn:aws:iam::111122223333:root")), account);
        let other = "arn:aws:iam:eu-west-1:111122223333:root";
        assert_ne!(canonical(&named(other)), account);
    }
}
