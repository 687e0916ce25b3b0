//! What is said of a policy with expressions holds whatever they stand for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ctpolicy::policy::{Partition, Policy, TrailPattern, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

const HOLE: char = '\u{f0000}';
const PARTITION: char = '\u{fc000}';

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("222222222222".to_owned()),
        Just("*".to_owned()),
        Just("cloudtrail.amazonaws.com".to_owned()),
        Just("Allow".to_owned()),
        Just("kms:GenerateDataKey*".to_owned()),
        Just("arn:aws:cloudtrail:*:222222222222:trail/*".to_owned()),
        Just(String::new()),
        "[a-z0-9:*?/-]{0,8}",
    ]
}

fn arn() -> impl Strategy<Value = String> {
    let field = |own: &'static str| prop_oneof![3 => Just(own.to_owned()), 1 => Just(HOLE.to_string()), 1 => Just(format!("{HOLE}{own}"))];
    let partition = prop_oneof![Just("aws".to_owned()), Just(PARTITION.to_string())];
    let account = prop_oneof![field("222222222222"), field("111111111111"), field("*")];
    let whole = (partition, field("*"), account, field("*")).prop_map(
        |(partition, region, account, trail)| {
            format!("arn:{partition}:cloudtrail:{region}:{account}:trail/{trail}")
        },
    );
    prop_oneof![8 => whole, 1 => Just(HOLE.to_string())]
}

fn or_hole(own: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![5 => Just(own.to_owned()), 1 => Just(HOLE.to_string())]
}

fn statement() -> impl Strategy<Value = Value> {
    let operator = prop_oneof![
        Just("StringLike"),
        Just("ArnLike"),
        Just("StringNotLike"),
        Just("StringEquals"),
        Just("ForAllValues:StringLike"),
    ];
    let key = prop_oneof![
        Just("kms:EncryptionContext:aws:cloudtrail:arn"),
        Just("aws:SourceArn"),
        Just("aws:SourceAccount"),
    ];
    let effect = prop_oneof![Just("Allow"), Just("Allow"), Just("Deny")];
    (
        effect,
        or_hole("cloudtrail.amazonaws.com"),
        or_hole("kms:GenerateDataKey*"),
        operator,
        key,
        prop::collection::vec(arn(), 1..3),
    )
        .prop_map(|(effect, service, action, operator, key, values)| {
            json!({
                "Effect": effect,
                "Principal": { "Service": service },
                "Action": action,
                "Resource": "*",
                "Condition": { operator: { key: values } },
            })
        })
}

fn filled(value: &Value, text: &str) -> Value {
    let filled = value
        .to_string()
        .replace(HOLE, text)
        .replace(PARTITION, "aws");
    serde_json::from_str(&filled).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_certain_answer_is_the_answer_whatever_stands_in_the_holes(
        statements in prop::collection::vec(statement(), 1..3),
        text in text(),
    ) {
        let policy = json!({ "Version": "2008-10-17", "Statement": statements });
        let pattern = TrailPattern::every(Partition::AWS, "222222222222".parse().unwrap());
        let answer = |value: &Value| {
            let value = value.clone().into();
            Policy::read(&value).unwrap().evaluate(&pattern)
        };
        let known = answer(&policy);
        if known.verdict == Verdict::Depends {
            // and what it rests on is named
            prop_assert!(!known.obstacles.is_empty());
        } else {
            let filled = answer(&filled(&policy, &text));
            prop_assert_eq!(known.verdict, filled.verdict, "{}", text);
        }
    }
}
