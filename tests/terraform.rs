//! Terraform's files, judged by another parser than ours: python-hcl2.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What python-hcl2 reads in each of the files.
fn parse(files: &[PathBuf]) -> Vec<Value> {
    let python = Path::new(".venv/bin/python");
    assert!(python.exists(), "no .venv: make .venv");
    let output = Command::new(python)
        .arg("tests/parse_hcl.py")
        .args(files)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{error}");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn edited() -> Vec<(PathBuf, PathBuf)> {
    let mut cases: Vec<PathBuf> = fs::read_dir("testdata/cases")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    let files = |case: PathBuf| (case.join("before.tf"), case.join("after.tf"));
    let mut pairs: Vec<_> = cases.into_iter().map(files).collect();
    pairs.retain(|(_, after)| after.exists());
    pairs
}

/// Another parser takes each result, and reads in it what it read before, but
/// for lists that have grown or shrunk.
#[test]
fn python_hcl2_reads_what_is_written() {
    let pairs = edited();
    assert!(pairs.len() > 10, "only {} cases", pairs.len());
    let before = parse(&pairs.iter().map(|pair| pair.0.clone()).collect::<Vec<_>>());
    let after = parse(&pairs.iter().map(|pair| pair.1.clone()).collect::<Vec<_>>());
    for (((_, name), before), after) in pairs.iter().zip(&before).zip(&after) {
        assert_ne!(before, after, "{}", name.display());
        let mut differences = Vec::new();
        compare(before, after, String::new(), &mut differences);
        assert_eq!(differences.len(), 1, "{}: {differences:?}", name.display());
    }
}

/// The places where two values differ; a list that has grown or shrunk is one.
fn compare(before: &Value, after: &Value, at: String, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                compare(a, b, format!("{at}/{index}"), found);
            }
        }
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => {
            for (key, a) in a {
                compare(a, &b[key], format!("{at}/{key}"), found);
            }
        }
        (a, b) if a == b => {}
        _ => found.push(at),
    }
}

/// `terraform fmt` of a file; nothing if there is no Terraform, or the file is
/// none of its.
fn formatted(file: &Path) -> Option<Vec<u8>> {
    let output = Command::new("terraform")
        .args(["fmt", "-"])
        .stdin(fs::File::open(file).unwrap())
        .output()
        .ok()?;
    output.status.success().then_some(output.stdout)
}

/// What `terraform fmt` leaves alone it leaves alone after the edit. Without
/// Terraform on the path there is nobody to ask.
#[test]
fn terraform_fmt_has_nothing_to_do() {
    let is_formatted = |file: &Path| Some(formatted(file)? == fs::read(file).unwrap());
    let mut asked = 0;
    for (before, after) in edited() {
        let Some(true) = is_formatted(&before) else {
            continue;
        };
        asked += 1;
        assert_eq!(is_formatted(&after), Some(true), "{}", after.display());
    }
    eprintln!("terraform fmt was asked about {asked} files");
}
