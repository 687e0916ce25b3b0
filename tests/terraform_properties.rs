//! What holds for every module, in every layout.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;

use ctpolicy::document::{Document, Selection};
use ctpolicy::plan::{Case, Request, Scope, add, remove};
use ctpolicy::policy::DEFAULT_SID;
use ctpolicy::value::Value;
use proptest::prelude::*;

/// How a list of ARNs is laid out.
#[derive(Debug, Clone)]
struct Layout {
    shape: Shape,
    multiline: bool,
    trailing_comma: bool,
    comments: bool,
    comment_below: bool,
    newline: &'static str,
    bom: bool,
    blank_lines: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    Document,
    Jsonencode,
    Heredoc,
    IndentedHeredoc,
    Quoted,
    Local,
    For,
    FormatList,
    Conditional,
    JsonSyntax,
}

fn layout() -> impl Strategy<Value = Layout> {
    let shape = prop_oneof![
        Just(Shape::Document),
        Just(Shape::Jsonencode),
        Just(Shape::Heredoc),
        Just(Shape::IndentedHeredoc),
        Just(Shape::Quoted),
        Just(Shape::Local),
        Just(Shape::For),
        Just(Shape::FormatList),
        Just(Shape::Conditional),
        Just(Shape::JsonSyntax),
    ];
    let newline = prop_oneof![3 => Just("\n"), 1 => Just("\r\n")];
    (shape, newline, any::<[bool; 6]>()).prop_map(|(shape, newline, flags)| Layout {
        shape,
        multiline: flags[0],
        trailing_comma: flags[1],
        comments: flags[2],
        comment_below: flags[3],
        newline,
        bom: flags[4],
        blank_lines: flags[5],
    })
}

impl Layout {
    /// A list as HCL.
    fn hcl(&self, values: &[String], indent: &str) -> String {
        let quoted: Vec<String> = values.iter().map(|v| format!("\"{v}\"")).collect();
        if !self.multiline {
            let comma = if self.trailing_comma && !values.is_empty() {
                ","
            } else {
                ""
            };
            return format!("[{}{comma}]", quoted.join(", "));
        }
        let mut out = "[\n".to_owned();
        for (index, value) in quoted.iter().enumerate() {
            let is_last = index + 1 == quoted.len();
            let comma = if !is_last || self.trailing_comma {
                ","
            } else {
                ""
            };
            let comment = match index % 3 {
                0 if self.comments => " # ours, [see] \"there\"",
                1 if self.comments => " // theirs",
                _ => "",
            };
            let _ = writeln!(out, "{indent}  {value}{comma}{comment}");
        }
        if self.comment_below {
            let _ = writeln!(out, "{indent}  # add accounts above");
        }
        out + indent + "]"
    }

    fn json(&self, values: &[String]) -> String {
        let quoted: Vec<String> = values.iter().map(|v| format!("\"{v}\"")).collect();
        if self.multiline {
            let list = quoted.join(",\n          ");
            format!("[\n          {list}\n        ]")
        } else {
            format!("[{}]", quoted.join(", "))
        }
    }

    fn module(&self, values: &[String]) -> String {
        let key = "kms:EncryptionContext:aws:cloudtrail:arn";
        let blank = if self.blank_lines { "\n" } else { "" };
        let json = |list: String| {
            format!(
                "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {{\"Sid\": \"{DEFAULT_SID}\", \"Effect\": \"Allow\", \"Principal\": {{\"Service\": \"cloudtrail.amazonaws.com\"}}, \"Action\": \"kms:GenerateDataKey*\", \"Resource\": \"*\", \"Condition\": {{\"StringLike\": {{\"{key}\": {list}}}}}}}\n  ]\n}}"
            )
        };
        let encoded = |list: String| {
            format!(
                "jsonencode({{\n    Version = \"2012-10-17\" # {{[( unbalanced\n    Statement = [\n      {{\n        Sid = \"{DEFAULT_SID}\", Effect = \"Allow\"\n        Principal = {{ Service = \"cloudtrail.amazonaws.com\" }}\n        Action    = [\"kms:GenerateDataKey*\"]\n        Resource  = \"*\"\n        Condition = {{ StringLike = {{\n          \"{key}\" = {list}\n        }} }}\n      }}\n    ]\n  }})"
            )
        };
        let key_resource = |policy: &str| {
            format!(
                "# a key\nresource \"aws_kms_key\" \"trail\" {{\n  policy = {policy}\n  tags   = {{ a = \"b\" }} # end\n}}\n"
            )
        };
        let text = match self.shape {
            Shape::Document => format!(
                "data \"aws_iam_policy_document\" \"trail\" {{\n  statement {{\n    sid       = \"{DEFAULT_SID}\"\n    actions   = [\"kms:GenerateDataKey*\"]\n    resources = [\"*\"]\n{blank}    principals {{\n      type        = \"Service\"\n      identifiers = [\"cloudtrail.amazonaws.com\"]\n    }}\n{blank}    condition {{\n      test     = \"StringLike\"\n      variable = \"{key}\"\n      values   = {}\n    }}\n  }} # last\n}}\n",
                self.hcl(values, "      ")
            ),
            Shape::Jsonencode => key_resource(&encoded(self.hcl(values, "          "))),
            Shape::Heredoc => key_resource(&format!("<<EOF\n{}\nEOF", json(self.json(values)))),
            Shape::IndentedHeredoc => {
                let text = json(self.json(values)).replace('\n', "\n    ");
                key_resource(&format!("<<-POLICY\n    {text}\n  POLICY"))
            }
            Shape::Quoted => {
                let text = json(self.json(values))
                    .replace('"', "\\\"")
                    .replace('\n', "\\n");
                key_resource(&format!("\"{text}\""))
            }
            Shape::Local => format!(
                "locals {{\n  arns = {}\n}}\n\n{}",
                self.hcl(values, "  "),
                key_resource(&encoded("local.arns".to_owned()))
            ),
            Shape::For | Shape::FormatList => {
                let accounts: Vec<String> = values
                    .iter()
                    .map(|arn| arn.split(':').nth(4).unwrap().to_owned())
                    .collect();
                let list = if self.shape == Shape::For {
                    "[for a in local.accounts : \"arn:aws:cloudtrail:*:${a}:trail/*\"]"
                } else {
                    "formatlist(\"arn:%s:cloudtrail:*:%s:trail/*\", data.aws_partition.this.id, toset(local.accounts))"
                };
                format!(
                    "locals {{\n  accounts = {}\n}}\n\n{}",
                    self.hcl(&accounts, "  "),
                    key_resource(&encoded(list.to_owned()))
                )
            }
            Shape::Conditional => key_resource(&format!(
                "var.policy == null ? {} : var.policy",
                encoded(self.hcl(values, "          "))
            )),
            Shape::JsonSyntax => {
                let policy = format!("${{{}}}", encoded(self.hcl(values, "          ")));
                let policy = serde_json::Value::from(policy);
                format!(
                    "{{\n  \"resource\": {{\"aws_kms_key\": {{\"trail\": {{\"policy\": {policy}}}}}}}\n}}\n"
                )
            }
        };
        let text = text.replace('\n', self.newline);
        if self.bom {
            format!("\u{feff}{text}")
        } else {
            text
        }
    }
}

fn values(shape: Shape) -> impl Strategy<Value = Vec<String>> {
    let arn = prop_oneof![
        4 => "[1-4]{12}".prop_map(|account| format!("arn:aws:cloudtrail:*:{account}:trail/*")),
        1 => Just("arn:aws:cloudtrail:*:${data.aws_caller_identity.current.account_id}:trail/*".to_owned()),
    ];
    prop::collection::vec(arn, 1..4).prop_map(move |mut values| {
        if matches!(shape, Shape::For | Shape::FormatList) {
            values.retain(|arn| !arn.contains('$'));
            if values.is_empty() {
                values.push("arn:aws:cloudtrail:*:111111111111:trail/*".to_owned());
            }
        }
        values
    })
}

fn module() -> impl Strategy<Value = (Layout, Vec<String>)> {
    layout().prop_flat_map(|layout| {
        let values = values(layout.shape);
        (Just(layout), values)
    })
}

fn open(bytes: &[u8]) -> Document {
    let selection = Selection {
        name: "kms.tf".to_owned(),
        ..Selection::default()
    };
    Document::open(bytes, &selection).unwrap()
}

/// Whether the old text is what is left of the new one without insertions.
fn is_left(old: &str, new: &str) -> bool {
    let mut chars = new.chars();
    old.chars().all(|c| chars.any(|other| other == c))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_added_account_is_there_and_taken_out_leaves_no_trace(
        (layout, values) in module(),
        accounts in prop::collection::hash_set("[5-9]{12}", 1..4),
    ) {
        let text = layout.module(&values);
        let before = open(text.as_bytes());
        prop_assert_eq!(before.as_bytes(), text.as_bytes());
        let request = Request {
            accounts: accounts.iter().map(|id| id.parse().unwrap()).collect(),
            ..Request::default()
        };
        let plan = add::plan(&Case::of(before.value()), &request).unwrap();
        let after = before.apply(&plan.operations).unwrap();
        let edited = String::from_utf8(after.as_bytes().to_vec()).unwrap();

        // nothing went, and each line that is not the list's last value's is there
        prop_assert!(is_left(&text, &edited), "{}\n{}", text, edited);
        prop_assert_eq!(edited.matches('\n').count() == edited.matches("\r\n").count(), layout.newline == "\r\n");
        for comment in ["# ours, [see] \"there\"", "// theirs", "# add accounts above"] {
            prop_assert_eq!(text.matches(comment).count(), edited.matches(comment).count());
        }
        // a comment stays behind its own value
        let commented = |text: &str| -> Vec<String> {
            text.lines()
                .filter(|line| line.contains(" # ours") || line.contains(" // theirs"))
                .map(|line| line.replacen("\",", "\"", 1))
                .collect()
        };
        // (in a string of JSON, all is one line)
        if layout.shape != Shape::JsonSyntax {
            prop_assert_eq!(commented(&text), commented(&edited));
        }

        // what was read back is the patched policy, and a second run does nothing
        let mut patched = serde_json::Value::from(before.value());
        json_patch::patch(&mut patched, &plan.operations.patch(before.value())).unwrap();
        let again = open(edited.as_bytes());
        prop_assert_eq!(again.value(), &Value::from(patched));
        prop_assert!(add::plan(&Case::of(again.value()), &request).unwrap().operations.is_empty());

        let undo = remove::Request { accounts: request.accounts, ..remove::Request::default() };
        let undo = remove::plan(&Case::of(again.value()), &undo).unwrap();
        let undone = again.apply(&undo.operations).unwrap();
        prop_assert_eq!(String::from_utf8(undone.as_bytes().to_vec()).unwrap(), text);
    }

    #[test]
    fn an_inserted_statement_is_there_and_dropped_leaves_no_trace(
        (layout, values) in module(),
        account in "[5-9]{12}",
    ) {
        let text = layout.module(&values);
        let before = open(text.as_bytes());
        let scope = Scope { sid: Some("New one".to_owned()), insert: true, ..Scope::default() };
        let request = Request {
            accounts: vec![account.parse().unwrap()],
            scope: scope.clone(),
            ..Request::default()
        };
        let plan = add::plan(&Case::of(before.value()), &request).unwrap();
        let after = before.apply(&plan.operations).unwrap();
        let edited = String::from_utf8(after.as_bytes().to_vec()).unwrap();
        prop_assert!(is_left(&text, &edited), "{}\n{}", text, edited);
        prop_assert!(add::plan(&Case::of(after.value()), &request).unwrap().operations.is_empty());
        let undo = remove::Request { accounts: request.accounts, scope, drop_statement: true };
        let undo = remove::plan(&Case::of(after.value()), &undo).unwrap();
        let undone = after.apply(&undo.operations).unwrap();
        prop_assert_eq!(String::from_utf8(undone.as_bytes().to_vec()).unwrap(), text);
    }

    #[test]
    fn no_text_makes_it_panic(
        start in prop_oneof![Just("data \"aws_iam_policy_document\" \"a\" {"), Just("locals { a = "), Just("{{"), Just("")],
        text in "[\\[\\]{}\",:=a\n ${%#/*<E0-9-]{0,60}",
        name in prop_oneof![Just("a.tf"), Just("a.json.tpl"), Just("a.tf.json"), Just("a")],
    ) {
        let text = format!("{start}{text}");
        let selection = Selection { name: name.to_owned(), ..Selection::default() };
        if let Ok(document) = Document::open(text.as_bytes(), &selection) {
            prop_assert_eq!(document.as_bytes(), text.as_bytes());
        }
    }
}
