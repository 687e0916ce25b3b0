//! What holds for every policy, in every layout.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ctpolicy::document::Document;
use ctpolicy::plan::add::{self, Request};
use ctpolicy::plan::{CURRENT_SID, Case, Change, DEFAULT_SID, remove, sync};
use ctpolicy::policy::pattern::{Matcher, witnesses};
use ctpolicy::policy::{AccountId, Partition, Policy, TrailPattern, Verdict};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const KEY: &str = "kms:EncryptionContext:aws:cloudtrail:arn";

/// How a text is laid out.
#[derive(Debug, Clone)]
struct Style {
    indent: Option<String>,
    newline: &'static str,
    colon: &'static str,
    inline_arrays: bool,
    brackets_on_one_line: bool,
    pad: &'static str,
    comma: &'static str,
    ends_in_newline: bool,
    bom: bool,
    escape_slash: bool,
    envelope: bool,
}

fn style() -> impl Strategy<Value = Style> {
    let indent = prop_oneof![
        Just(None),
        Just(Some("  ".to_owned())),
        Just(Some("    ".to_owned())),
        Just(Some("\t".to_owned())),
        Just(Some(" ".to_owned())),
    ];
    let newline = prop_oneof![Just("\n"), Just("\r\n")];
    let colon = prop_oneof![Just(":"), Just(": "), Just(" : ")];
    let pad = prop_oneof![Just(""), Just(" ")];
    let comma = prop_oneof![Just(","), Just(", ")];
    ((indent, newline, colon, pad, comma), any::<[bool; 6]>()).prop_map(
        |((indent, newline, colon, pad, comma), flags)| Style {
            indent,
            newline,
            colon,
            inline_arrays: flags[0],
            brackets_on_one_line: flags[1],
            pad,
            comma,
            ends_in_newline: flags[2],
            bom: flags[3],
            escape_slash: flags[4],
            envelope: flags[5],
        },
    )
}

impl Style {
    fn write(&self, value: &Value, depth: usize) -> String {
        match value {
            Value::Array(items) if !items.is_empty() => {
                let scalars = !items.iter().any(Value::is_object);
                let inline = self.indent.is_none()
                    || (scalars && self.inline_arrays)
                    || (!scalars && self.brackets_on_one_line);
                let depth = if inline { depth } else { depth + 1 };
                let items: Vec<String> = items.iter().map(|v| self.write(v, depth)).collect();
                self.join(('[', ']'), &items, inline, depth)
            }
            Value::Object(map) if !map.is_empty() => {
                let inline = self.indent.is_none();
                let depth = depth + 1;
                let member = |(key, value): (&String, &Value)| {
                    let key = Value::from(key.as_str());
                    format!("{key}{}{}", self.colon, self.write(value, depth))
                };
                let members: Vec<String> = map.iter().map(member).collect();
                self.join(('{', '}'), &members, inline, depth)
            }
            Value::String(text) if self.escape_slash => {
                Value::from(text.as_str()).to_string().replace('/', "\\/")
            }
            other => other.to_string(),
        }
    }

    fn join(
        &self,
        (open, close): (char, char),
        items: &[String],
        inline: bool,
        depth: usize,
    ) -> String {
        if inline {
            let items = items.join(self.comma);
            return format!("{open}{pad}{items}{pad}{close}", pad = self.pad);
        }
        let unit = self.indent.as_deref().unwrap_or("");
        let line = format!("{}{}", self.newline, unit.repeat(depth));
        let end = format!("{}{}", self.newline, unit.repeat(depth - 1));
        format!(
            "{open}{line}{}{end}{close}",
            items.join(&format!(",{line}"))
        )
    }

    fn render(&self, value: &Value) -> Vec<u8> {
        let mut text = self.write(value, 0);
        if self.ends_in_newline {
            text.push_str(self.newline);
        }
        if self.envelope {
            text = json!({ "Policy": text, "PolicyName": "default" }).to_string();
        }
        if self.bom {
            text.insert(0, '\u{feff}');
        }
        text.into_bytes()
    }
}

fn arn() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[1-4]{12}".prop_map(|account| format!("arn:aws:cloudtrail:*:{account}:trail/*")),
        1 => Just("arn:aws:cloudtrail:*:22222222222?:trail/*".to_owned()),
        1 => Just("arn:aws:cloudtrail:*:*:trail/main".to_owned()),
        1 => "[ -~]{0,12}",
    ]
}

fn one_or_many(values: &[String]) -> Value {
    match values {
        [one] if one.len() % 2 == 0 => json!(one),
        _ => json!(values),
    }
}

fn statement() -> impl Strategy<Value = Value> {
    let sid = prop_oneof![
        Just(None),
        "[A-Za-z ]{1,8}".prop_map(Some),
        Just(Some("Allow CloudTrail to encrypt logs".to_owned())),
    ];
    let principal = prop_oneof![
        Just(json!({ "AWS": "arn:aws:iam::111111111111:root" })),
        Just(
            json!({ "AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:role/a"] })
        ),
        Just(json!({ "Service": "cloudtrail.amazonaws.com" })),
        Just(json!("*")),
    ];
    let action = prop_oneof![
        Just(json!("kms:*")),
        Just(json!(["kms:Decrypt", "kms:DescribeKey"])),
        Just(json!("kms:GenerateDataKey*")),
    ];
    let operator = prop_oneof![
        Just("StringLike"),
        Just("ArnLike"),
        Just("StringNotEquals"),
        Just("Null"),
    ];
    let key = prop_oneof![Just(KEY), Just("aws:SourceArn"), Just("aws:PrincipalOrgID")];
    let condition = prop::option::of((operator, key, prop::collection::vec(arn(), 0..4)));
    let effect = prop_oneof![4 => Just("Allow"), 1 => Just("Deny")];
    (sid, effect, principal, action, condition).prop_map(
        |(sid, effect, principal, action, condition)| {
            let mut map = Map::new();
            if let Some(sid) = sid {
                map.insert("Sid".to_owned(), json!(sid));
            }
            map.insert("Effect".to_owned(), json!(effect));
            map.insert("Principal".to_owned(), principal);
            map.insert("Action".to_owned(), action);
            map.insert("Resource".to_owned(), json!("*"));
            if let Some((operator, key, values)) = condition {
                map.insert(
                    "Condition".to_owned(),
                    json!({ operator: { key: one_or_many(&values) } }),
                );
            }
            Value::Object(map)
        },
    )
}

fn encrypt_statement() -> impl Strategy<Value = Value> {
    let operator = prop_oneof![Just("StringLike"), Just("ArnLike"), Just("ArnEquals")];
    let sid = prop_oneof![Just(DEFAULT_SID), Just(CURRENT_SID)];
    let source = prop::option::of(prop::collection::vec(arn(), 1..3));
    (operator, sid, prop::collection::vec(arn(), 0..5), source).prop_map(
        |(operator, sid, values, source)| {
            let mut condition = json!({ operator: { KEY: one_or_many(&values) } });
            if let Some(values) = source {
                condition["StringEquals"] = json!({ "aws:SourceArn": one_or_many(&values) });
            }
            json!({
                "Sid": sid,
                "Effect": "Allow",
                "Principal": { "Service": "cloudtrail.amazonaws.com" },
                "Action": "kms:GenerateDataKey*",
                "Resource": "*",
                "Condition": condition,
            })
        },
    )
}

fn policy() -> impl Strategy<Value = Value> {
    let others = prop::collection::vec(statement(), 0..4);
    (
        others,
        prop::option::of(encrypt_statement()),
        any::<prop::sample::Index>(),
        any::<bool>(),
    )
        .prop_map(|(mut statements, encrypt, at, alone)| {
            if let Some(encrypt) = encrypt {
                statements.insert(at.index(statements.len() + 1), encrypt);
            }
            let statement = match statements.as_slice() {
                [only] if alone => only.clone(),
                _ => json!(statements),
            };
            json!({ "Version": "2012-10-17", "Id": "k\u{e9}y", "Statement": statement })
        })
}

fn request(accounts: &[String]) -> Request {
    let mut request = Request::default();
    for account in accounts {
        let account: AccountId = account.parse().unwrap();
        if !request.accounts.contains(&account) {
            request.accounts.push(account);
        }
    }
    request
}

/// The part in the middle where two texts differ.
fn middles<'a>(old: &'a str, new: &'a str) -> (&'a str, &'a str) {
    let (old_bytes, new_bytes) = (old.as_bytes(), new.as_bytes());
    let prefix = old_bytes
        .iter()
        .zip(new_bytes)
        .take_while(|(a, b)| a == b)
        .count();
    let left = old.len().min(new.len()) - prefix;
    let suffix = old_bytes
        .iter()
        .rev()
        .zip(new_bytes.iter().rev())
        .take(left)
        .take_while(|(a, b)| a == b)
        .count();
    (
        &old[prefix..old.len() - suffix],
        &new[prefix..new.len() - suffix],
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_edit_changes_what_the_patch_says_and_nothing_else(
        policy in policy(),
        style in style(),
        accounts in prop::collection::vec("[1-4]{12}|222222222222", 1..4),
    ) {
        let bytes = style.render(&policy);
        let before = Document::parse(&bytes).unwrap();
        prop_assert_eq!(before.value(), &policy);
        prop_assert_eq!(&before.to_bytes(), &bytes);
        let request = request(&accounts);
        let Ok(plan) = add::plan(&Case::of(before.value()), &request) else {
            return Ok(());
        };
        let after = before.apply(&plan.operations).unwrap();

        // parse(edited text) = patched value
        let mut patched = policy.clone();
        json_patch::patch(&mut patched, &plan.json_patch(&policy)).unwrap();
        let read = Document::parse(&after.to_bytes()).unwrap();
        prop_assert_eq!(read.value(), &patched);

        // what was there is there still, byte for byte, and in its order
        let (old, new) = middles(before.text(), after.text());
        prop_assert!(new.contains(old), "{:?} became {:?}", old, new);
        let host = |document: &Document| String::from_utf8(document.to_bytes()).unwrap();
        let (old_host, new_host) = (host(&before), host(&after));
        let (old, new) = middles(&old_host, &new_host);
        prop_assert!(new.contains(old), "{:?} became {:?}", old, new);

        // the layout is the text's own
        if !before.text().contains('\n') {
            prop_assert!(!after.text()[..after.text().trim_end().len()].contains('\n'));
        }
        prop_assert_eq!(after.text().contains("\r\n"), before.text().contains("\r\n"));
        if before.text().contains("\r\n") {
            prop_assert!(!after.text().replace("\r\n", "").contains('\n'));
        }

        // a second run changes nothing
        let again = add::plan(&Case::of(after.value()), &request).unwrap();
        prop_assert_eq!(again.operations, vec![]);
    }

    #[test]
    fn who_is_added_without_a_warning_may_encrypt(policy in policy(), account in "[1-4]{12}") {
        let Ok(plan) = add::plan(&Case::of(&policy), &request(std::slice::from_ref(&account))) else {
            return Ok(());
        };
        let mut patched = policy.clone();
        json_patch::patch(&mut patched, &plan.operations).unwrap();
        let pattern = TrailPattern::every(Partition::AWS, account.parse().unwrap());
        let verdict = Policy::read(&patched).unwrap().evaluate(&pattern).verdict;
        prop_assert_eq!(plan.outcomes[0].verdict, verdict);
        if plan.findings.is_empty() {
            prop_assert_eq!(verdict, Verdict::Allowed);
        }
    }

    #[test]
    fn adding_then_removing_gives_back_the_first_bytes(
        policy in policy(),
        style in style(),
        account in "[5-9]{12}",
    ) {
        let bytes = style.render(&policy);
        let before = Document::parse(&bytes).unwrap();
        let request = request(&[account]);
        let Ok(plan) = add::plan(&Case::of(before.value()), &request) else {
            return Ok(());
        };
        let is_append = |operation: &json_patch::PatchOperation| {
            matches!(operation, json_patch::PatchOperation::Add(add) if add.path.as_str().ends_with("arn/-"))
        };
        // A scalar that became an array stays one, and an empty list is refused.
        let was_empty = before.text().contains("[]") || before.text().contains("[ ]");
        if was_empty || plan.operations.is_empty() || !plan.operations.iter().all(is_append) {
            return Ok(());
        }
        let after = before.apply(&plan.operations).unwrap();
        let undo = remove::Request { accounts: request.accounts, ..remove::Request::default() };
        let undo = remove::plan(&Case::of(after.value()), &undo).unwrap();
        prop_assert_eq!(after.apply(&undo.operations).unwrap().to_bytes(), bytes);
    }

    #[test]
    fn a_second_sync_changes_nothing(
        policy in policy(),
        style in style(),
        accounts in prop::collection::vec("[1-4]{12}|222222222222", 1..4),
    ) {
        let before = Document::parse(&style.render(&policy)).unwrap();
        let request = request(&accounts);
        let Ok(plan) = sync::plan(&Case::of(before.value()), &request) else {
            return Ok(());
        };
        let after = before.apply(&plan.operations).unwrap();
        let mut patched = policy.clone();
        json_patch::patch(&mut patched, &plan.operations).unwrap();
        prop_assert_eq!(after.value(), &patched);
        let again = sync::plan(&Case::of(after.value()), &request).unwrap();
        prop_assert_eq!(again.operations, vec![]);
        prop_assert!(again.outcomes.iter().all(|outcome| outcome.change != Change::Removed));
    }

    /// No trail answers in a way that no witness does.
    #[test]
    fn the_witnesses_are_all_there_is(
        patterns in prop::collection::vec("(arn:aws:cloudtrail:)?[*?a-e:2/-]{1,10}(:222222222222:trail/)?[*?ab-]{0,4}", 1..4),
        region in "[a-e0-2-]{1,4}",
        name in "[a-eA-B_-]{3,5}",
        arn_like in any::<bool>(),
    ) {
        let matchers: Vec<Matcher> = patterns
            .iter()
            .map(|p| if arn_like { Matcher::arn(p) } else { Matcher::glob(p) })
            .collect();
        let borrowed: Vec<&Matcher> = matchers.iter().collect();
        let account: AccountId = "222222222222".parse().unwrap();
        let universe = TrailPattern::every(Partition::AWS, account).universe();
        let Some(found) = witnesses(&universe, &borrowed) else {
            return Ok(());
        };
        let answer = |arn: &str| matchers.iter().map(|m| m.matches(arn)).collect::<Vec<_>>();
        let trail = format!("arn:aws:cloudtrail:{region}:222222222222:trail/{name}");
        prop_assert!(found.iter().any(|arn| answer(arn) == answer(&trail)), "{} {:?}", trail, found);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), text in "[\\[\\]{}\",:\\\\a\n u0-9]{0,40}") {
        for input in [bytes, text.into_bytes()] {
            if let Ok(document) = Document::parse(&input) {
                prop_assert_eq!(document.to_bytes(), input);
                let _ = add::plan(&Case::of(document.value()), &request(&["222222222222".to_owned()]));
            }
        }
    }
}
