//! Many accounts at once get the answers of each alone.

#![allow(clippy::unwrap_used)]

use ctpolicy::policy::{
    AccountId, Call, Coverage, Evaluator, Partition, Policy, TrailPattern, Trails, Verdict,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const KEY: &str = "kms:EncryptionContext:aws:cloudtrail:arn";

/// Few digits, so that values and accounts meet.
fn account() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[12]{1}2{10}[123]{1}",
        1 => Just("111111111111".to_owned()),
    ]
}

fn value() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        4 => account(),
        2 => "[12?]{1}2{9}[2?]{1}[13?*]{1}",
        2 => "[*12?]{0,3}",
        1 => "[12*?a]{0,14}",
        1 => Just("${aws:SourceAccount}".to_owned()),
        1 => Just("${*}".to_owned()),
        1 => Just("${aws:PrincipalTag/x, '111111111111'}".to_owned()),
        1 => Just("\u{f0000}".to_owned()),
    ];
    let region = prop_oneof![4 => Just("*"), 1 => Just("eu-west-1"), 1 => Just("eu-*"), 1 => Just("e*-1"), 1 => Just("222222222222")];
    let trail = prop_oneof![4 => Just("*"), 2 => Just("main"), 1 => Just("m*a*"), 1 => Just("222222222222"), 1 => Just("${aws:SourceAccount}"), 1 => Just("a:b*")];
    let partition =
        prop_oneof![4 => Just("aws"), 1 => Just("*"), 1 => Just("\u{fc000}"), 1 => Just("aws-cn")];
    prop_oneof![
        4 => account().prop_map(|id| format!("arn:aws:cloudtrail:*:{id}:trail/*")),
        8 => (partition, region, field, trail).prop_map(|(partition, region, account, trail)| {
            format!("arn:{partition}:cloudtrail:{region}:{account}:trail/{trail}")
        }),
        1 => account(),
        1 => (account(), "[*?]{0,2}").prop_map(|(account, wild)| format!("arn:*:{account}:{wild}")),
        1 => (account(), account()).prop_map(|(one, other)| format!("*{one}:{other}*")),
        1 => "[*?:12a]{0,9}",
        1 => Just("*".to_owned()),
        1 => "[*]?[$][{]aws:SourceArn}[*a]?",
        1 => "[*][am]([*?a][am])?[*]?",
        1 => Just("arn:aws:cloudtrail:*:trail/*".to_owned()),
        1 => "arn:aws:cloudtrail:\\*:[12]{0,3}\\*",
    ]
}

fn condition() -> impl Strategy<Value = (String, String, Vec<String>)> {
    let operator = prop_oneof![
        6 => Just("StringLike"),
        2 => Just("ArnLike"),
        2 => Just("StringEquals"),
        1 => Just("StringEqualsIgnoreCase"),
        1 => Just("StringNotLike"),
        1 => Just("ArnNotEquals"),
        1 => Just("ForAllValues:StringLike"),
        1 => Just("StringLikeIfExists"),
        1 => Just("Null"),
        1 => Just("NumericEquals"),
        1 => Just("BinaryEquals"),
        1 => Just("Bool"),
        1 => Just("stringLike"),
    ];
    let key = prop_oneof![
        5 => Just(KEY),
        2 => Just("aws:SourceArn"),
        2 => Just("aws:SourceAccount"),
        1 => Just("aws:PrincipalOrgID"),
        1 => Just("aws:PrincipalServiceName"),
        1 => Just("kms:ViaService"),
    ];
    let account_value = prop_oneof![3 => account(), 1 => "[12*?]{0,12}", 1 => value()];
    (
        operator,
        key,
        prop::collection::vec(value(), 0..6),
        prop::collection::vec(account_value, 0..6),
    )
        .prop_map(|(operator, key, arns, accounts)| {
            let values = if key == "aws:SourceAccount" {
                accounts
            } else {
                arns
            };
            (operator.to_owned(), key.to_owned(), values)
        })
}

fn policy() -> impl Strategy<Value = Value> {
    let effect = prop_oneof![4 => Just("Allow"), 1 => Just("Deny")];
    let statement =
        (effect, prop::collection::vec(condition(), 0..3)).prop_map(|(effect, conditions)| {
            let mut all = json!({});
            for (operator, key, values) in conditions {
                all[operator.as_str()][key.as_str()] = json!(values);
            }
            statement(effect, &all)
        });
    let version = prop_oneof![Just("2012-10-17"), Just("2008-10-17")];
    (version, prop::collection::vec(statement, 1..4))
        .prop_map(|(version, statements)| json!({ "Version": version, "Statement": statements }))
}

fn trails(accounts: &[String], narrow: bool) -> Trails {
    let accounts = accounts.iter().map(|id| id.parse::<AccountId>().unwrap());
    let every = Trails::every(Partition::AWS, accounts.collect());
    if narrow {
        let (region, trail) = ("eu-west-1".parse().unwrap(), "main".parse().unwrap());
        Trails::new(every.partition, region, trail, every.accounts().to_vec())
    } else {
        every
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_evaluator_says_of_many_what_a_new_one_says_of_each(
        policy in policy(),
        accounts in prop::collection::vec(account(), 1..6),
    ) {
        let policy = policy.into();
        let policy = Policy::read(&policy).unwrap();
        let (all, narrow) = (trails(&accounts, false), trails(&accounts, true));
        let both: Vec<TrailPattern> = all.patterns().chain(narrow.patterns()).collect();
        let evaluator = Evaluator::new(&policy);
        for pattern in &both {
            let alone = Evaluator::new(&policy).evaluate(pattern);
            prop_assert_eq!(evaluator.verdict(pattern), alone.verdict);
            prop_assert_eq!(evaluator.evaluate(pattern), alone, "{}", pattern);
        }
        for statement in &policy.statements {
            let evaluator = Evaluator::of_statement(&policy, statement);
            for pattern in &both {
                let alone = Evaluator::of_statement(&policy, statement).evaluate(pattern);
                prop_assert_eq!(evaluator.evaluate(pattern), alone, "{}", pattern);
            }
        }
    }

    /// What is said of all trails is so for each of them, which is read without
    /// regard to what other trails there are.
    #[test]
    fn what_holds_for_every_trail_holds_for_each(
        policy in policy(),
        account in account(),
        trails in prop::collection::vec(("(eu|us|cx)-(west|a)-[12]", "[am2]{3}|main|m[.]a|[a-m]{3,5}"), 1..6),
    ) {
        let policy = policy.into();
        let policy = Policy::read(&policy).unwrap();
        let evaluator = Evaluator::new(&policy);
        let account: AccountId = account.parse().unwrap();
        let every = evaluator.verdict(&TrailPattern::every(Partition::AWS, account.clone()));
        for (region, trail) in trails {
            let (region, trail) = (region.parse().unwrap(), trail.parse().unwrap());
            let one = Trails::new(Partition::AWS, region, trail, vec![account.clone()]);
            let one = one.first().unwrap();
            let own = evaluator.verdict(&one);
            prop_assert!(own != Verdict::Partly);
            let agrees = match every {
                Verdict::Depends => true,
                Verdict::Partly => own != Verdict::Depends,
                every => own == every,
            };
            prop_assert!(agrees, "{}: {:?}, and every one: {:?}", one, own, every);
        }
    }

    #[test]
    fn coverage_is_that_of_each_account(
        policy in policy(),
        accounts in prop::collection::vec(account(), 1..6),
        narrow in any::<bool>(),
    ) {
        let policy = policy.into();
        let policy = Policy::read(&policy).unwrap();
        let trails = trails(&accounts, narrow);
        for condition in policy.statements.iter().flat_map(|one| &one.conditions) {
            let coverage = Coverage::new(&policy, condition);
            for pattern in trails.patterns() {
                let alone = Coverage::new(&policy, condition);
                prop_assert_eq!(coverage.covering(&pattern), alone.covering(&pattern), "{}", pattern);
                prop_assert_eq!(coverage.may_cover(&pattern), alone.may_cover(&pattern), "{}", pattern);
            }
        }
    }

    /// What the calls differ in is the encryption context: what is so of a trail
    /// whatever that is, is so of each call.
    #[test]
    fn what_does_not_rest_on_the_context_is_so_of_every_call(policy in policy(), account in account()) {
        let text = policy.to_string().replace("kms:GenerateDataKey*", "kms:*");
        let policy = serde_json::from_str::<Value>(&text).unwrap().into();
        let policy = Policy::read(&policy).unwrap();
        let pattern = trails(&[account], true).first().unwrap();
        let verdict = |call| Evaluator::of_call(&policy, call).verdict(&pattern);
        let whatever = verdict(Call::Decrypt);
        if whatever != Verdict::Depends {
            prop_assert_eq!(verdict(Call::Encrypt), whatever);
            prop_assert_eq!(verdict(Call::Describe), whatever);
        }
    }

    /// What covers an account allows it, where nothing else is asked for.
    #[test]
    fn what_covers_an_account_allows_it(value in value(), like in any::<bool>(), account in account()) {
        let operator = if like { "StringLike" } else { "ArnLike" };
        let policy = of_values(operator, &[&value]).into();
        let policy = Policy::read(&policy).unwrap();
        let pattern = TrailPattern::every(Partition::AWS, account.parse().unwrap());
        let coverage = Coverage::new(&policy, &policy.statements[0].conditions[0]);
        let verdict = policy.evaluate(&pattern).verdict;
        prop_assert_eq!(coverage.covering(&pattern).is_some(), verdict == Verdict::Allowed);
        if coverage.may_cover(&pattern).is_some() {
            prop_assert_eq!(verdict, Verdict::Depends);
        }
    }
}

fn statement(effect: &str, condition: &Value) -> Value {
    json!({
        "Effect": effect,
        "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
        "Condition": condition,
    })
}

fn of(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn of_values(operator: &str, values: &[&str]) -> Value {
    of(&[statement("Allow", &json!({ operator: { KEY: values } }))])
}

/// The two lists hold values that are the same but for the account.
#[test]
fn an_account_in_one_list_is_not_like_one_in_another() {
    let (one, other) = ("111111111111", "222222222222");
    let list = |effect, id| {
        let value = format!("arn:aws:cloudtrail:*:{id}:trail/*");
        statement(effect, &json!({ "StringLike": { KEY: value } }))
    };
    let policy = of(&[list("Allow", one), list("Deny", other)]).into();
    let policy = Policy::read(&policy).unwrap();
    let evaluator = Evaluator::new(&policy);
    let trails = trails(&[one.to_owned(), other.to_owned()], false);
    let verdicts: Vec<Verdict> = trails
        .patterns()
        .map(|own| evaluator.verdict(&own))
        .collect();
    assert_eq!(verdicts, [Verdict::Allowed, Verdict::Blocked]);
}

/// They say which trails may, and a Deny which may not.
#[test]
fn only_values_of_an_allow_bind() {
    let main = "arn:aws:cloudtrail:*:111111111111:trail/main";
    let policy = of(&[
        statement("Allow", &json!({})),
        statement("Deny", &json!({ "StringNotLike": { KEY: main } })),
    ])
    .into();
    let policy = Policy::read(&policy).unwrap();
    let trails = trails(&["111111111111".to_owned()], false);
    let evaluation = policy.evaluate(&trails.first().unwrap());
    assert_eq!(
        (evaluation.verdict, evaluation.patterns),
        (Verdict::Partly, Vec::new())
    );
}

#[test]
fn a_value_of_another_account_binds_nobody() {
    let values = ["arn:*:111111111111:trail/m*", "arn:*:122222222222:trail/m*"];
    let policy = of_values("StringLike", &values).into();
    let policy = Policy::read(&policy).unwrap();
    let trails = trails(&["111111111111".to_owned()], false);
    let evaluation = policy.evaluate(&trails.first().unwrap());
    assert_eq!(evaluation.patterns, values[..1]);
}
