//! What holds for every key policy in YAML, in every layout.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ctpolicy::document::{ApplyError, Document, HostKind, Selection};
use ctpolicy::operations::Operation;
use ctpolicy::plan::{Case, Plan, Request, Scope, add, remove};
use ctpolicy::policy::{AccountId, DEFAULT_SID, pointer};
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

/// A list of accounts' ARNs, with comments, tags and line ends wherever YAML
/// takes them.
#[derive(Debug, Clone)]
struct Rough {
    newline: &'static str,
    /// What stands before and behind each item, or only before the first.
    gaps: Vec<(usize, usize)>,
    quotes: Vec<usize>,
    form: usize,
    trailing_comma: bool,
    commas_first: bool,
    ends_in_newline: bool,
    after: usize,
}

fn rough() -> impl Strategy<Value = Rough> {
    let gaps = prop::collection::vec((0..8_usize, 0..8_usize), 1..5);
    let quotes = prop::collection::vec(0..8_usize, 5);
    let newline = prop_oneof![3 => Just("\n"), 1 => Just("\r\n")];
    (
        gaps,
        quotes,
        newline,
        0..8_usize,
        0..4_usize,
        any::<[bool; 3]>(),
    )
        .prop_map(|(gaps, quotes, newline, form, after, flags)| Rough {
            newline,
            gaps,
            quotes,
            form,
            trailing_comma: flags[0],
            commas_first: flags[1],
            ends_in_newline: flags[2],
            after,
        })
}

impl Rough {
    fn account(index: usize) -> String {
        format!("{}", index + 1).repeat(12)
    }

    fn item(&self, index: usize, indent: &str) -> String {
        let arn = format!("arn:aws:cloudtrail:*:{}:trail/*", Self::account(index));
        let newline = self.newline;
        match self.quotes[index] {
            0 | 1 => arn,
            2 => format!("'{arn}'"),
            3 => format!("\"{arn}\""),
            4 => format!("!Sub '{arn}'"),
            5 => format!("!Sub{newline}{indent}   {arn}"),
            6 => format!("{newline}{indent}     !Sub{newline}{indent}{arn}"),
            _ => format!("{newline}{indent}  !Sub # of {index}{newline}{indent}'{arn}'"),
        }
    }

    /// White space and comments; `number` tells the comments apart.
    fn gap(&self, kind: usize, number: &mut usize, indent: &str) -> String {
        let newline = self.newline;
        let mut comment = || {
            *number += 1;
            format!("# k{number}.")
        };
        match kind {
            0 | 1 => String::new(),
            2 => " ".to_owned(),
            3 => format!("{newline}{indent}"),
            4 => format!(" {}{newline}{indent}", comment()),
            5 => format!("{newline}{indent}{}{newline}{indent}", comment()),
            6 => format!(
                "  {}{newline}{newline}{indent}{}{newline}{indent}",
                comment(),
                comment()
            ),
            _ => format!("{newline}{newline}{indent}"),
        }
    }

    fn list(&self) -> String {
        let indent = " ".repeat(10);
        let mut number = 0;
        let mut text = String::new();
        if self.form == 0 {
            for (index, (before, behind)) in self.gaps.iter().enumerate() {
                let gap = self.gap(*before, &mut number, &format!("{indent}  "));
                let gap = if gap.is_empty() { " " } else { &gap };
                let item = self.item(index, &format!("{indent}  "));
                let behind = self.gap(*behind, &mut number, &indent);
                let parts = [
                    self.newline,
                    indent.as_str(),
                    "-",
                    gap,
                    &item,
                    behind.trim_end(),
                ];
                text += &parts.concat();
            }
            return text;
        }
        if self.form == 1 {
            let (before, behind) = self.gaps[0];
            let before = self.gap(before, &mut number, &indent);
            text += if before.is_empty() { " " } else { &before };
            text += &self.item(0, &indent);
            text += self.gap(behind, &mut number, &indent).trim_end();
            return text;
        }
        text += " [";
        if self.form == 2 {
            let (before, behind) = self.gaps[0];
            text += &self.gap(before, &mut number, &indent);
            text += &self.gap(behind, &mut number, &indent);
            return text + "]";
        }
        let last = self.gaps.len() - 1;
        for (index, (before, behind)) in self.gaps.iter().enumerate() {
            text += &self.gap(*before, &mut number, &indent);
            if self.commas_first && index > 0 {
                text += ", ";
            }
            text += &self.item(index, &indent);
            if !self.commas_first && (index < last || self.trailing_comma) {
                text.push(',');
            }
            let gap = self.gap(*behind, &mut number, &indent);
            text += if gap.is_empty() && index < last {
                " "
            } else {
                &gap
            };
        }
        text + "]"
    }

    fn render(&self) -> String {
        let newline = self.newline;
        let head = "Version: '2012-10-17'\nStatement:\n  - Sid: Enable CloudTrail Encrypt Permissions\n    Effect: Allow\n    Principal: {Service: cloudtrail.amazonaws.com}\n    Action: kms:GenerateDataKey*\n    Resource: '*'\n    Condition:\n      StringLike:\n        kms:EncryptionContext:aws:cloudtrail:arn:";
        let mut text = head.replace('\n', newline) + &self.list();
        // In a mapping in brackets.
        if self.form > 5 && self.quotes.iter().all(|own| *own < 5) {
            text = text.replacen("kms:EncryptionContext", "{ kms:EncryptionContext", 1);
            text += [
                "}",
                " , }",
                ", # k80.\n         }",
                "\n   # k81.\n          }",
            ][self.quotes[4] % 4]
                .replace('\n', newline)
                .as_str();
        }
        let after = [
            "",
            "  # k90.",
            "\n    # k91.",
            "\n  - Sid: Other\n    Effect: Allow\n    Principal: {AWS: 'arn:aws:iam::999999999999:root'}\n    Action: 'kms:*'\n    Resource: '*'",
        ];
        text += &after[self.after].replace('\n', newline);
        if self.ends_in_newline {
            text += newline;
        }
        text
    }
}

/// Each comment's number with the account that it stands behind on its line.
fn owners(text: &str) -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    for line in text.lines() {
        let Some((before, comment)) = line.split_once("# k") else {
            continue;
        };
        // Behind its bracket it is the list's.
        let own = before
            .rsplit_once(":trail/*")
            .filter(|(_, rest)| !rest.contains(']'));
        let account = own.and_then(|(own, _)| own.rsplit(':').next());
        let number = comment.split('.').next().unwrap();
        found.push((number.to_owned(), account.map(str::to_owned)));
    }
    found
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
    fn no_comment_is_lost_or_comes_to_another_account(rough in rough(), removed in 0..31_u32, add in any::<bool>()) {
        let text = rough.render();
        let before = open(&text);
        let list = pointer(["Statement", "0", "Condition", "StringLike", KEY]);
        let gone: Vec<usize> = (0..rough.gaps.len()).filter(|own| removed >> own & 1 == 1).collect();
        let count = usize::from(add) * (1 + usize::from(rough.ends_in_newline));
        let new = ["999999999999", "888888888888"].iter().take(count);
        let new = new.map(|own| json!(format!("arn:aws:cloudtrail:*:{own}:trail/*")));
        let gone = if matches!(rough.form, 1 | 2) { Vec::new() } else { gone };
        prop_assume!(add || (!gone.is_empty() && gone.len() < rough.gaps.len()));
        let operation = Operation::List { list, remove: gone.clone(), add: new.collect() };
        let after = match before.apply(&[operation].into_iter().collect()) {
            Ok(after) => String::from_utf8(after.as_bytes().to_vec()).unwrap(),
            Err(ApplyError::Unwritable { .. }) => return Ok(()),
            Err(error) => panic!("{error}\n{text}"),
        };
        let accounts: Vec<String> = gone.iter().map(|own| Rough::account(*own)).collect();
        let is_gone = |account: &Option<String>| account.as_ref().is_some_and(|own| accounts.contains(own));
        let kept = |mut owners: Vec<(String, Option<String>)>| {
            owners.retain(|(_, account)| !is_gone(account));
            owners
        };
        prop_assert_eq!(kept(owners(&text)), owners(&after), "\n{}\n{}", text, after);
        prop_assert_eq!(text.contains("\r\n"), after.contains("\r\n"));
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
