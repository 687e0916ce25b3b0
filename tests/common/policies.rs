//! Policies, and layouts of a text, to be generated.

use ctpolicy::policy::{CURRENT_SID, DEFAULT_SID};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const KEY: &str = "kms:EncryptionContext:aws:cloudtrail:arn";

/// How a text is laid out.
#[derive(Debug, Clone)]
pub struct Style {
    indent: Option<String>,
    newline: &'static str,
    colon: &'static str,
    inline_arrays: bool,
    brackets_on_one_line: bool,
    pad: &'static str,
    comma: &'static str,
    comma_first: bool,
    ends_in_newline: bool,
    bom: bool,
    escape_slash: bool,
    envelope: bool,
}

pub fn style() -> impl Strategy<Value = Style> {
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
    ((indent, newline, colon, pad, comma), any::<[bool; 7]>()).prop_map(
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
            comma_first: flags[6],
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
        let comma = if self.comma_first {
            format!("{line}, ")
        } else {
            format!(",{line}")
        };
        format!("{open}{line}{}{end}{close}", items.join(&comma))
    }

    pub fn render(&self, value: &Value) -> Vec<u8> {
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

pub fn arn() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[1-4]{12}".prop_map(|account| format!("arn:aws:cloudtrail:*:{account}:trail/*")),
        1 => Just("arn:aws:cloudtrail:*:22222222222?:trail/*".to_owned()),
        1 => Just("arn:aws:cloudtrail:*:*:trail/main".to_owned()),
        1 => "[ -~]{0,12}",
    ]
}

pub fn one_or_many(values: &[String]) -> Value {
    match values {
        [one] if one.len() % 2 == 0 => json!(one),
        _ => json!(values),
    }
}

pub fn statement() -> impl Strategy<Value = Value> {
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

pub fn encrypt_statement() -> impl Strategy<Value = Value> {
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

pub fn policy() -> impl Strategy<Value = Value> {
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

fn cloudtrail(sid: Option<&str>, action: &Value, condition: Value) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Action": action,
        "Resource": "*",
    });
    if let Some(sid) = sid {
        statement["Sid"] = json!(sid);
    }
    if condition
        .as_object()
        .is_some_and(|operators| !operators.is_empty())
    {
        statement["Condition"] = condition;
    }
    statement
}

/// A trail, a pattern of trails, or an event data store; of few accounts, so
/// that requests meet them.
fn source_arn() -> impl Strategy<Value = String> {
    let account = || prop::sample::select(vec!["111111111111", "222222222222"]);
    prop_oneof![
        4 => account().prop_map(|id| format!("arn:aws:cloudtrail:eu-west-1:{id}:trail/main")),
        1 => account().prop_map(|id| format!("arn:aws:cloudtrail:*:{id}:trail/*")),
        1 => account().prop_map(|id| format!("arn:aws:cloudtrail:eu-west-1:{id}:eventdatastore/1")),
    ]
}

/// A statement for `CloudTrail`, under one of the Sids that people give it, with
/// a list, with conditions on the source, with both or none.
pub fn cloudtrail_statement() -> impl Strategy<Value = Value> {
    let sid = prop::sample::select(vec![
        None,
        None,
        Some(DEFAULT_SID),
        Some(CURRENT_SID),
        Some("Allow CloudTrail to encrypt logs"),
        Some("AllowCloudTrailEncryptLogs"),
        Some("Trails"),
        Some("trails!"),
    ]);
    let action = prop::sample::select(vec![
        json!("kms:GenerateDataKey*"),
        json!(["kms:GenerateDataKey*", "kms:Decrypt"]),
        json!("kms:DescribeKey"),
        json!("kms:Decrypt"),
    ]);
    let id = prop::sample::select(vec!["1", "2", "3"]);
    let listed = id.prop_map(|id| format!("arn:aws:cloudtrail:*:{}:trail/*", id.repeat(12)));
    let list = prop::option::weighted(0.7, prop::collection::vec(listed, 1..4));
    let arns = prop::option::weighted(0.3, prop::collection::vec(source_arn(), 1..3));
    let account = prop::option::weighted(0.2, Just("111111111111"));
    (sid, action, list, arns, account).prop_map(|(sid, action, list, arns, account)| {
        let mut condition = json!({});
        if let Some(mut list) = list {
            list.dedup();
            condition["StringLike"] = json!({ KEY: one_or_many(&list) });
        }
        if let Some(arns) = arns {
            condition["StringEquals"] = json!({ "aws:SourceArn": one_or_many(&arns) });
        }
        if let Some(account) = account {
            condition["StringEquals"]["aws:SourceAccount"] = json!(account);
        }
        cloudtrail(sid, &action, condition)
    })
}

/// A policy with several statements for `CloudTrail`.
pub fn crowded_policy() -> impl Strategy<Value = Value> {
    let own = prop::collection::vec(cloudtrail_statement(), 1..4);
    let others = prop::collection::vec(statement(), 0..2);
    (own, others, any::<bool>()).prop_map(|(own, others, alone)| {
        let statements = [others, own].concat();
        let statement = match statements.as_slice() {
            [only] if alone => only.clone(),
            _ => json!(statements),
        };
        json!({ "Version": "2012-10-17", "Statement": statement })
    })
}
