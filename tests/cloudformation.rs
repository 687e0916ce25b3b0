//! Templates, judged by their own linter: cfn-lint.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Templates that CloudFormation takes as they are, before or after an edit.
/// What is left out is wrong on purpose.
fn templates(side: &str) -> Vec<PathBuf> {
    let wrong = [
        "cfn-duplicate-key",
        "cfn-empty-sub",
        "cfn-iam-key-user",
        "cfn-mapping-in-odd-join",
        "cfn-mapping-in-odd-sub",
        "cfn-not-yaml",
        "cfn-two-documents",
        "cfn-without-sub",
        "cfn-without-sub-check",
        "cfn-json-sub-list",
        "cfn-mapping-alone-in-if",
        "cfn-mapping-unknown",
        "cfn-duplicate-key-deep",
        "cfn-json-computed-lines",
        "cfn-json-example-before",
        "cfn-json-join-tabs",
        "cfn-mapping-looped-denied",
        "cfn-stack-set-beside-a-key",
        "cfn-without-sub-among-others",
    ];
    let mut files: Vec<PathBuf> = fs::read_dir("testdata/cases")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|case| {
            let name = case.file_name().unwrap().to_string_lossy();
            name.starts_with("cfn-") && !wrong.contains(&name.as_ref())
        })
        .flat_map(|case| fs::read_dir(case).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|file| file.file_stem().is_some_and(|stem| stem == side))
        .collect();
    files.sort();
    files
}

fn lint(files: &[PathBuf]) -> (Option<i32>, String) {
    let linter = Path::new(".venv/bin/cfn-lint");
    assert!(linter.exists(), "no .venv: make .venv");
    // Aliases and merge keys are for `aws cloudformation package`.
    let output = Command::new(linter)
        .args(["--ignore-checks", "W1100", "W1101", "--"])
        .args(files)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), said)
}

#[test]
fn every_edited_template_passes_the_linter() {
    for (side, least) in [("before", 40), ("after", 20)] {
        let files = templates(side);
        assert!(files.len() > least, "only {} files", files.len());
        let (status, said) = lint(&files);
        assert_eq!(status, Some(0), "{said}");
    }
}

#[test]
fn the_linter_finds_what_is_wrong() {
    let wrong = PathBuf::from("testdata/cases/cfn-duplicate-key/before.yaml");
    assert_eq!(lint(&[wrong]).0, Some(2));
}
