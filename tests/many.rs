//! Many files in one call: finished side by side, told of in order.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::path::Path;

use common::{ACCOUNT, POLICY, context_list, ctpolicy, run};

/// More than are planned once alone, and more than one batch.
const COUNT: usize = 300;

fn files(folder: &Path) -> Vec<String> {
    let names: Vec<String> = (0..COUNT).map(|number| format!("{number}.json")).collect();
    for name in &names {
        fs::write(folder.join(name), POLICY).unwrap();
    }
    names
}

fn add(folder: &Path, names: &[String], options: &[&str]) -> (i32, String, String) {
    run(ctpolicy(folder)
        .args(["add-account", ACCOUNT])
        .args(names)
        .args(options))
}

/// The files that a text names at the start of its lines that end in `what`.
fn told(text: &str, what: &str) -> Vec<String> {
    let names = text.lines().filter_map(|line| line.strip_suffix(what));
    names.map(str::to_owned).collect()
}

#[test]
fn all_are_written_and_told_of_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let names = files(folder.path());
    let (status, stdout, stderr) = add(folder.path(), &names, &["--yes"]);
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(told(&stderr, ": written"), names);
    let headers: Vec<&str> = stdout
        .lines()
        .filter_map(|line| line.strip_prefix("+++ b/"))
        .collect();
    assert_eq!(headers, names);
    for name in &names {
        assert_eq!(context_list(&folder.path().join(name)).len(), 2, "{name}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), COUNT);
    let (status, _, stderr) = add(folder.path(), &names, &["--check"]);
    assert_eq!(status, 0);
    assert_eq!(told(&stderr, ": nothing to do"), names);
}

#[test]
fn one_that_cannot_be_planned_stops_all_before_the_first_write() {
    let folder = tempfile::tempdir().unwrap();
    let names = files(folder.path());
    fs::write(folder.path().join("277.json"), "{").unwrap();
    let (status, stdout, stderr) = add(folder.path(), &names, &["--yes"]);
    assert_eq!((status, stdout.as_str()), (2, ""));
    assert!(stderr.contains("277.json:1:2: not JSON"), "{stderr}");
    assert!(stderr.contains("nothing was written"), "{stderr}");
    for name in names.iter().filter(|name| *name != "277.json") {
        assert_eq!(
            fs::read_to_string(folder.path().join(name)).unwrap(),
            POLICY
        );
    }
}

#[test]
fn one_that_cannot_be_written_does_not_hold_up_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let names = files(folder.path());
    // In the way of the temporary file.
    fs::create_dir(folder.path().join(".280.json.ctpolicy.tmp")).unwrap();
    let (status, _, stderr) = add(folder.path(), &names, &["--yes"]);
    assert_eq!(status, 2);
    let others: Vec<String> = names
        .into_iter()
        .filter(|name| name != "280.json")
        .collect();
    assert_eq!(told(&stderr, ": written"), others);
    assert!(
        stderr.contains("error: 280.json: cannot clear a temporary file away"),
        "{stderr}"
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("280.json")).unwrap(),
        POLICY
    );
}

#[test]
fn a_dry_run_shows_each_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let names = files(folder.path());
    let (status, stdout, stderr) = add(folder.path(), &names, &["--dry-run", "--format", "json"]);
    assert_eq!(status, 0, "{stderr}");
    let policies = stdout.lines().map(|line| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        value["policy"].as_str().unwrap().to_owned()
    });
    assert_eq!(policies.collect::<Vec<_>>(), names);
    assert_eq!(told(&stderr, ": not written (dry run)"), names);
}
