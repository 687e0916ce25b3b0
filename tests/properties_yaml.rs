//! What holds for every key policy in YAML, in every layout.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ctpolicy::document::{Document, HostKind, Selection};
use ctpolicy::plan::{Case, Plan, Request, Scope, add, remove};
use ctpolicy::policy::{AccountId, DEFAULT_SID};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const KEY: &str = "kms:EncryptionContext:aws:cloudtrail:arn";

/// How a text is laid out.
#[derive(Debug, Clone)]
struct Style {
    unit: usize,
    dash: usize,
    gap: usize,
    quote: &'static str,
    newline: &'static str,
    flow_lists: bool,
    /// Lists in brackets have a line for each item.
    flow_lines: bool,
    trailing_comma: bool,
    flow_objects: bool,
    /// A statement stands in brackets.
    flow_statements: bool,
    /// The text of an item stands on the line below.
    block_scalars: bool,
    comments: bool,
    template: bool,
    ends_in_newline: bool,
    /// An empty line sets the items of a list apart.
    blank_lines: bool,
}

fn style() -> impl Strategy<Value = Style> {
    let quote = prop_oneof![Just(""), Just("'"), Just("\"")];
    let newline = prop_oneof![3 => Just("\n"), 1 => Just("\r\n")];
    let flags = any::<[bool; 10]>();
    (2..5_usize, 0..2_usize, 1..4_usize, quote, newline, flags).prop_map(
        |(unit, dash, gap, quote, newline, flags)| Style {
            unit,
            dash: dash * unit,
            gap,
            quote,
            newline,
            flow_lists: flags[0],
            flow_lines: flags[5],
            trailing_comma: flags[6],
            flow_objects: flags[1],
            comments: flags[2],
            template: flags[3],
            ends_in_newline: flags[4],
            blank_lines: flags[7],
            flow_statements: flags[8],
            block_scalars: flags[9],
        },
    )
}

impl Style {
    fn scalar(&self, value: &Value) -> String {
        let Value::String(text) = value else {
            return value.to_string();
        };
        let needs = text.starts_with(['*', '$', '1']) || text.is_empty();
        let quote = if needs && self.quote.is_empty() {
            "'"
        } else {
            self.quote
        };
        let tag = if text.contains("${") { "!Sub " } else { "" };
        // In brackets `${…}` has to be quoted.
        let quote = if tag.is_empty() || !quote.is_empty() {
            quote
        } else {
            "\""
        };
        format!("{tag}{quote}{text}{quote}")
    }

    fn flow(&self, value: &Value) -> String {
        match value {
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.flow(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Object(map) => {
                let members = map.iter();
                let members: Vec<String> = members
                    .map(|(key, value)| format!("{}: {}", self.key(key), self.flow(value)))
                    .collect();
                let comma = if self.trailing_comma { "," } else { "" };
                format!("{{ {}{comma} }}", members.join(", "))
            }
            scalar => self.scalar(scalar),
        }
    }

    fn key(&self, key: &str) -> String {
        format!("{q}{key}{q}", q = self.quote)
    }

    fn comment(&self, number: usize) -> String {
        if self.comments && number.is_multiple_of(2) {
            format!("  # é {number}")
        } else {
            String::new()
        }
    }

    fn is_flow(&self, value: &Value) -> bool {
        match value {
            Value::Array(items) => items.is_empty() || (self.flow_lists && !items[0].is_object()),
            Value::Object(map) => {
                map.is_empty()
                    || (self.flow_objects && !map.values().any(Value::is_object))
                    || (self.flow_statements && map.contains_key("Sid"))
            }
            _ => true,
        }
    }

    fn block(&self, value: &Value, column: usize, lines: &mut Vec<String>, first: &str) {
        let mut lead = first.to_owned();
        let pad = " ".repeat(column);
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if self.blank_lines && index > 0 {
                        lines.push(String::new());
                    }
                    let dash = format!("{lead}-{}", " ".repeat(self.gap));
                    lead.clone_from(&pad);
                    let comment = self.comment(lines.len());
                    let text = item.as_str().filter(|text| !text.contains('$'));
                    if let (Some(text), true) = (text, self.block_scalars) {
                        lines.push(format!("{dash}>-{comment}"));
                        lines.push(format!("{pad}  {text}"));
                    } else if self.is_flow(item) {
                        lines.push(format!("{dash}{}{comment}", self.flow(item)));
                    } else {
                        self.block(item, column + 1 + self.gap, lines, &dash);
                    }
                }
            }
            Value::Object(map) => {
                for (key, value) in map {
                    let comment = self.comment(lines.len());
                    let key = self.key(key);
                    if let (Value::Array(items), true) =
                        (value, self.is_flow(value) && self.flow_lines)
                    {
                        lines.push(format!("{lead}{key}: ["));
                        self.flow_items(items, column, lines);
                    } else if self.is_flow(value) {
                        lines.push(format!("{lead}{key}: {}{comment}", self.flow(value)));
                    } else {
                        lines.push(format!("{lead}{key}:{comment}"));
                        let offset = if value.is_array() {
                            self.dash
                        } else {
                            self.unit
                        };
                        let inner = column + offset;
                        self.block(value, inner, lines, &" ".repeat(inner));
                    }
                    lead.clone_from(&pad);
                }
            }
            _ => {}
        }
    }

    fn flow_items(&self, items: &[Value], column: usize, lines: &mut Vec<String>) {
        for (index, item) in items.iter().enumerate() {
            let is_last = index + 1 == items.len() && !self.trailing_comma;
            let comma = if is_last { "" } else { "," };
            let pad = " ".repeat(column + self.unit);
            let comment = self.comment(lines.len());
            lines.push(format!("{pad}{}{comma}{comment}", self.flow(item)));
        }
        lines.push(format!("{}]", " ".repeat(column + 1)));
    }

    fn render(&self, policy: &Value) -> String {
        let mut lines = vec!["# a key".to_owned()];
        if self.template {
            lines.push("Resources:".to_owned());
            lines.push("  Key:  # the key".to_owned());
            lines.push("    Type: AWS::KMS::Key".to_owned());
            lines.push("    Properties:".to_owned());
            lines.push("      KeyPolicy:".to_owned());
            self.block(policy, 8, &mut lines, &" ".repeat(8));
            lines.push("      Description: >-".to_owned());
            lines.push("        CloudTrail é".to_owned());
        } else {
            self.block(policy, 0, &mut lines, "");
        }
        let mut text = lines.join(self.newline);
        if self.ends_in_newline {
            text.push_str(self.newline);
        }
        text
    }
}

fn arn() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[1-4]{12}".prop_map(|account| format!("arn:aws:cloudtrail:*:{account}:trail/*")),
        1 => "[1-4]{12}"
            .prop_map(|account| format!("arn:${{AWS::Partition}}:cloudtrail:*:{account}:trail/*")),
        1 => Just("arn:${AWS::Partition}:cloudtrail:*:${AWS::AccountId}:trail/*".to_owned()),
    ]
}

fn policy() -> impl Strategy<Value = Value> {
    let list = prop_oneof![
        3 => prop::collection::vec(arn(), 1..4).prop_map(Value::from),
        1 => arn().prop_map(Value::from),
    ];
    let sid = prop_oneof![3 => Just(DEFAULT_SID), 1 => Just("Another")];
    (list, sid, any::<bool>(), any::<bool>()).prop_map(|(list, sid, is_last, scalar)| {
        let action = if scalar {
            json!("kms:GenerateDataKey*")
        } else {
            json!(["kms:GenerateDataKey*", "kms:Decrypt"])
        };
        let mut like = Map::new();
        like.insert(KEY.to_owned(), list);
        let encrypt = json!({
            "Sid": sid,
            "Effect": "Allow",
            "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": action,
            "Resource": "*",
            "Condition": { "StringLike": like, "Bool": { "aws:SecureTransport": true } },
        });
        let root = json!({
            "Sid": "Root",
            "Effect": "Allow",
            "Principal": { "AWS": ["arn:${AWS::Partition}:iam::${AWS::AccountId}:root"] },
            "Action": "kms:*",
            "Resource": "*",
        });
        let statements = if is_last {
            vec![root, encrypt]
        } else {
            vec![encrypt, root]
        };
        json!({ "Version": "2012-10-17", "Statement": statements })
    })
}

fn open(text: &str) -> Document {
    let selection = Selection {
        kind: Some(HostKind::Cloudformation),
        ..Selection::default()
    };
    Document::open(text.as_bytes(), &selection).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn accounts(account: &str) -> Vec<AccountId> {
    vec![account.parse().unwrap()]
}

fn added(document: &Document, account: &str) -> Plan {
    let request = Request {
        accounts: accounts(account),
        scope: Scope {
            partition: Some("aws".parse().unwrap()),
            ..Scope::default()
        },
        ..Request::default()
    };
    add::plan(&Case::of(document.value()), &request).unwrap()
}

fn removed(document: &Document, account: &str) -> Plan {
    let request = remove::Request {
        accounts: accounts(account),
        scope: Scope {
            partition: Some("aws".parse().unwrap()),
            ..Scope::default()
        },
        ..remove::Request::default()
    };
    remove::plan(&Case::of(document.value()), &request).unwrap()
}

fn comments(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.split_once(" #").map(|(_, comment)| comment))
        .collect()
}

fn is_listed(policy: &Value) -> bool {
    let mut statements = policy["Statement"].as_array().unwrap().iter();
    statements.any(|statement| {
        statement["Sid"] == DEFAULT_SID && statement["Condition"]["StringLike"][KEY].is_array()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn what_is_written_is_read(style in style(), policy in policy()) {
        let text = style.render(&policy);
        let document = open(&text);
        let value = document.value().to_string();
        let value: Value = serde_json::from_str(&document.spell(&value)).unwrap();
        prop_assert_eq!(value, policy, "{}", text);
        prop_assert_eq!(document.as_bytes(), text.as_bytes());
    }

    #[test]
    fn an_added_account_is_there_and_every_comment_too(style in style(), policy in policy()) {
        let text = style.render(&policy);
        let before = open(&text);
        let plan = added(&before, "999999999999");
        prop_assert!(!plan.operations.is_empty());
        let after = before.apply(&plan.operations).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let edited = String::from_utf8(after.as_bytes().to_vec()).unwrap();
        prop_assert_eq!(comments(&text), comments(&edited), "{}", edited);
        prop_assert!(edited.matches(":999999999999:trail/*").count() == 1);
        // Line ends and what is around stay.
        prop_assert_eq!(text.contains('\r'), edited.contains('\r'));
        prop_assert_eq!(edited.replace("\r\n", "").contains('\n'), !edited.contains('\r') && edited.contains('\n'));
        let again = added(&open(&edited), "999999999999");
        prop_assert!(again.operations.is_empty());
    }

    #[test]
    fn adding_to_a_list_and_removing_gives_the_same_bytes(style in style(), policy in policy()) {
        prop_assume!(is_listed(&policy));
        let text = style.render(&policy);
        let before = open(&text);
        let after = before.apply(&added(&before, "999999999999").operations).unwrap();
        let plan = removed(&after, "999999999999");
        let again = after.apply(&plan.operations).unwrap_or_else(|error| panic!("{error}\n{text}"));
        prop_assert_eq!(String::from_utf8(again.as_bytes().to_vec()).unwrap(), text);
    }

    #[test]
    fn removing_an_item_takes_its_line_alone(style in style(), policy in policy()) {
        let style = Style { flow_lists: false, flow_objects: false, flow_statements: false, block_scalars: false, ..style };
        prop_assume!(is_listed(&policy));
        let text = style.render(&policy);
        let before = open(&text);
        let after = before.apply(&added(&before, "999999999999").operations).unwrap();
        let first = policy["Statement"].as_array().unwrap().iter().find(|s| s["Sid"] == DEFAULT_SID).unwrap();
        let value = first["Condition"]["StringLike"][KEY][0].as_str().unwrap().to_owned();
        let account = value.split(':').rev().nth(1).unwrap();
        prop_assume!(account.len() == 12);
        let plan = removed(&after, account);
        let rest = after.apply(&plan.operations).unwrap();
        let rest = String::from_utf8(rest.as_bytes().to_vec()).unwrap();
        let full = String::from_utf8(after.as_bytes().to_vec()).unwrap();
        let kept: Vec<&str> = full.lines().filter(|line| !line.contains(&format!(":{account}:"))).collect();
        prop_assert_eq!(rest.lines().collect::<Vec<_>>(), kept);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[-?:,\\[\\]{}#&*!|>'\"%@ a\r\n${}é]{0,60}", keys in any::<bool>()) {
        let text = if keys { format!("Resources:\n  K:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: {text}") } else { text };
        let selection = Selection { kind: Some(HostKind::Cloudformation), ..Selection::default() };
        if let Ok(document) = Document::open(text.as_bytes(), &selection) {
            prop_assert_eq!(document.as_bytes(), text.as_bytes());
            let _ = add::plan(&Case::of(document.value()), &Request { accounts: accounts("222222222222"), ..Request::default() });
        }
    }
}
