//! Each command that `check` gives as help does what it says: the account, or
//! the trail, may encrypt then.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

const ACCOUNTS: &str = "222222222222,333333333333,111111111111";
const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:222222222222:trail/main";

fn run(folder: &Path, args: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ctpolicy"))
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// What `check` says of each policy of a file.
fn check(folder: &Path, question: &[&str], file: &str) -> Vec<Value> {
    let words = ["check", "--format", "json"].iter().chain(question);
    let args: Vec<String> = words.chain([&file]).map(ToString::to_string).collect();
    let answers = run(folder, &args);
    let lines = answers.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Runs the commands, and gives back how many there were.
fn mended(case: &str, file: &str, before: &[u8], question: &[&str]) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    fs::write(&path, before).unwrap();
    let mut count = 0;
    for checked in check(folder.path(), question, file) {
        let help = checked["help"].as_array().unwrap();
        let lines = help.iter().map(|line| line.as_str().unwrap());
        for line in lines.inspect(|line| assert!(!line.contains("--restrict"), "{case}: {line}")) {
            let Some(command) = line.strip_prefix("ctpolicy ") else {
                continue;
            };
            let mut words = shlex::split(command).unwrap();
            let accounts = words[1].clone();
            words.push("--yes".to_owned());
            run(folder.path(), &words);
            let is_asked = |answer: &Value| accounts.contains(answer["account"].as_str().unwrap());
            for after in check(folder.path(), question, file) {
                let answers = after["answers"].as_array().unwrap();
                if after["resource"] == checked["resource"] {
                    for answer in answers.iter().filter(|own| is_asked(own)) {
                        assert_eq!(answer["verdict"], "allowed", "{case}: {line}: {answer}");
                    }
                }
            }
            fs::write(&path, before).unwrap();
            count += 1;
        }
    }
    count
}

#[test]
fn each_command_mends_what_it_says() {
    let mut count = 0;
    let mut seen = HashSet::new();
    for case in fs::read_dir("testdata/cases").unwrap() {
        let case = case.unwrap().path();
        for entry in fs::read_dir(&case).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(extension) = name.strip_prefix("before.") else {
                continue;
            };
            let file = format!("policy.{extension}");
            let before = fs::read(entry.path()).unwrap();
            if !seen.insert((file.clone(), before.clone())) {
                continue;
            }
            for question in [vec![ACCOUNTS], vec!["--trail-arn", TRAIL]] {
                count += mended(&case.display().to_string(), &file, &before, &question);
            }
        }
    }
    assert!(count > 300, "{count}");
}
