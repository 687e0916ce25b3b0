//! Many files in one call: finished side by side, told of in order.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use common::{ACCOUNT, POLICY, context_list, ctpolicy, heeding_signals, run};
use tempfile::NamedTempFile;

/// More than are written at once.
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
        stderr.contains("error: 280.json: cannot clear the temporary file /"),
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

#[test]
fn a_backup_that_is_edited_too_is_refused() {
    let (folder, policy) = common::folder();
    let old = folder.path().join("key-policy.json.bak");
    fs::write(&old, POLICY).unwrap();
    let names = ["key-policy.json", "key-policy.json.bak"].map(str::to_owned);
    let (status, _, stderr) = add(folder.path(), &names, &["--yes", "--backup"]);
    assert_eq!(status, 2);
    assert!(
        stderr.starts_with(
            "error: key-policy.json: its backup would take the place of key-policy.json.bak"
        ),
        "{stderr}"
    );
    for path in [policy, old] {
        assert_eq!(fs::read_to_string(path).unwrap(), POLICY);
    }
}

#[test]
fn what_cannot_be_shown_is_not_written_but_for_what_was_begun() {
    let folder = tempfile::tempdir().unwrap();
    let names = files(folder.path());
    let full = || {
        fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap()
    };
    let one = |names: &[String]| {
        let mut command = ctpolicy(folder.path());
        command
            .args(["add-account", ACCOUNT])
            .args(names)
            .arg("--yes");
        let told = command.stdout(full()).output().unwrap();
        (told.status.code(), String::from_utf8(told.stderr).unwrap())
    };
    let is_written =
        |name: &&String| fs::read_to_string(folder.path().join(name)).unwrap() != POLICY;
    let (status, stderr) = one(&names[..1]);
    assert_eq!(status, Some(2), "{stderr}");
    assert_eq!(names.iter().filter(is_written).count(), 0);
    let (status, stderr) = one(&names);
    assert_eq!(status, Some(2), "{stderr}");
    let written: Vec<String> = names.iter().filter(is_written).cloned().collect();
    assert_eq!(told(&stderr, ": written"), written);
    assert!(written.len() < COUNT / 2, "{}", written.len());
    assert_eq!(
        stderr.matches("cannot write to standard output").count(),
        COUNT
    );
}

#[test]
fn what_is_done_is_told_while_a_later_file_waits() {
    let folder = tempfile::tempdir().unwrap();
    let names = files(folder.path());
    let held = fs::File::open(folder.path().join("200.json")).unwrap();
    held.lock().unwrap();
    let (mut run, stderr) = waiting(folder.path(), &names);
    assert_eq!(told(&said(&stderr), ": written"), names[..200]);
    held.unlock().unwrap();
    assert!(run.wait().unwrap().success());
    assert_eq!(told(&said(&stderr), ": written"), names);
}

#[test]
fn a_run_that_is_killed_leaves_whole_files_and_has_told_of_all_but_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let names = files(folder.path());
    let held = fs::File::open(folder.path().join("200.json")).unwrap();
    held.lock().unwrap();
    let (mut run, stderr) = waiting(folder.path(), &names);
    // Time for the others to get as far as they do.
    std::thread::sleep(std::time::Duration::from_millis(300));
    run.kill().unwrap();
    run.wait().unwrap();
    let path = |name: &String| folder.path().join(name);
    let is_written = |name: &&String| context_list(&path(name)).len() == 2;
    let written: Vec<String> = names.iter().filter(is_written).cloned().collect();
    assert_eq!(told(&said(&stderr), ": written"), written[..200]);
    assert!(written.len() <= 200 + 32, "{}", written.len());
    for name in names.iter().filter(|name| !written.contains(name)) {
        assert_eq!(fs::read_to_string(path(name)).unwrap(), POLICY);
    }
}

#[test]
fn a_run_that_is_interrupted_tells_of_all() {
    let folder = tempfile::tempdir().unwrap();
    let names = files(folder.path());
    let held = fs::File::open(folder.path().join("200.json")).unwrap();
    held.lock().unwrap();
    let (mut run, stderr) = waiting(folder.path(), &names);
    let kill = format!("kill -TERM {}", run.id());
    let kill = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(kill.success());
    assert_eq!(run.wait().unwrap().code(), Some(143));
    let is_written = |name: &String| context_list(&folder.path().join(name)).len() == 2;
    let (mut written, mut left) = (
        told(&said(&stderr), ": written"),
        told(&said(&stderr), ": not written"),
    );
    assert!(written.iter().all(is_written));
    assert!(!left.iter().any(is_written));
    let count = format!(
        "interrupted: {} written, {} not written\n",
        written.len(),
        left.len()
    );
    assert!(said(&stderr).ends_with(&count), "{}", said(&stderr));
    written.append(&mut left);
    written.sort_unstable();
    let mut names = names;
    names.sort_unstable();
    assert_eq!(written, names);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        COUNT,
        "litter"
    );
}

/// A run on the files, once it has told of those before one that is locked.
fn waiting(folder: &Path, names: &[String]) -> (Child, NamedTempFile) {
    let stderr = NamedTempFile::new().unwrap();
    let mut command = ctpolicy(folder);
    command.args(["add-account", ACCOUNT]).args(names);
    command.arg("--yes");
    let mut command = heeding_signals(&command);
    command
        .stdout(Stdio::null())
        .stderr(stderr.reopen().unwrap());
    let mut run = command.spawn().unwrap();
    while told(&said(&stderr), ": written").len() < 200 {
        assert!(run.try_wait().unwrap().is_none(), "it waits for the file");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    (run, stderr)
}

fn said(stderr: &NamedTempFile) -> String {
    fs::read_to_string(stderr.path()).unwrap()
}
