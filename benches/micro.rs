//! Where a regression is: parse, plan, splice and diff, each alone.

#![allow(clippy::unwrap_used, missing_docs)]

use ctpolicy::document::Document;
use ctpolicy::plan::{Case, Plan};
use ctpolicy::plan::{Request, add};
use ctpolicy::report::diff::{self, Look};
use divan::Bencher;
use serde_json::json;

const SIZES: [usize; 3] = [20, 1_000, 50_000];

fn main() {
    divan::main();
}

fn arn(number: usize) -> String {
    format!("arn:aws:cloudtrail:*:{number:012}:trail/*")
}

fn text(values: usize) -> Vec<u8> {
    let values: Vec<String> = (0..values).map(arn).collect();
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "Enable CloudTrail Encrypt Permissions",
            "Effect": "Allow",
            "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": { "StringLike": { "kms:EncryptionContext:aws:cloudtrail:arn": values } },
        }],
    });
    serde_json::to_vec_pretty(&policy).unwrap()
}

fn request(accounts: usize) -> Request {
    let ids = (0..accounts).map(|number| format!("9{number:011}").parse().unwrap());
    Request {
        accounts: ids.collect(),
        ..Request::default()
    }
}

fn planned(document: &Document) -> Plan {
    add::plan(&Case::of(document.value()), &request(1)).unwrap()
}

#[divan::bench(args = SIZES)]
fn parse(bencher: Bencher, values: usize) {
    let bytes = text(values);
    bencher.bench_local(|| Document::parse(&bytes).unwrap());
}

#[divan::bench(args = SIZES)]
fn plan_one_account(bencher: Bencher, values: usize) {
    let document = Document::parse(&text(values)).unwrap();
    bencher.bench_local(|| planned(&document));
}

#[divan::bench(args = SIZES)]
fn plan_as_many_accounts(bencher: Bencher, values: usize) {
    let document = Document::parse(&text(values)).unwrap();
    let request = request(values);
    bencher.bench_local(|| add::plan(&Case::of(document.value()), &request).unwrap());
}

#[divan::bench(args = SIZES)]
fn splice(bencher: Bencher, values: usize) {
    let document = Document::parse(&text(values)).unwrap();
    let plan = planned(&document);
    bencher.bench_local(|| document.apply(&plan.operations).unwrap());
}

#[divan::bench(args = SIZES)]
fn diff(bencher: Bencher, values: usize) {
    let document = Document::parse(&text(values)).unwrap();
    let after = document.apply(&planned(&document).operations).unwrap();
    let look = Look {
        context: 3,
        is_coloured: false,
    };
    bencher.bench_local(|| {
        let changes = after.changes_from(&document);
        diff::unified(
            "policy.json",
            document.diff_text(),
            after.diff_text(),
            &changes,
            look,
        )
        .to_string()
    });
}
