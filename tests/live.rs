//! Live keys, on a server that speaks the KMS API.

#![cfg(feature = "kms")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use common::kms::{self, Answer, Proxy, TestKey, address, call, key, key_with, saved};
use common::{ACCOUNT, POLICY, context_list, run, traced};
use rexpect::process::WaitStatus;
use rexpect::session::spawn_command;
use serde_json::{Value, json};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn ctpolicy(folder: &Path, args: &[&str]) -> (i32, String, String) {
    run(kms::ctpolicy(folder, address()).args(args))
}

/// The policy with the account in it, as a file's edit would have it.
fn edited(accounts: &[&str]) -> String {
    let line =
        |account: &&str| format!(",\n            \"arn:aws:cloudtrail:*:{account}:trail/*\"");
    let lines: String = accounts.iter().map(line).collect();
    let old = "\"arn:aws:cloudtrail:*:111111111111:trail/*\"";
    POLICY.replace(old, &format!("{old}{lines}"))
}

#[test]
fn the_same_edit_as_on_a_file() {
    let folder = folder();
    let key = key(POLICY);
    let args = ["add-account", ACCOUNT, "--key", &key.alias];
    let (status, stdout, stderr) = ctpolicy(folder.path(), &[&args[..], &["--dry-run"]].concat());
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(key.policy(), POLICY);
    let header = format!("--- a/{} ({})\t\n+++ b/", key.arn, key.alias);
    assert!(stdout.starts_with(&header), "{stdout}");
    assert!(stderr.contains("not written (dry run)"), "{stderr}");

    let (status, _, stderr) = ctpolicy(folder.path(), &[&args[..], &["--check"]].concat());
    assert_eq!(status, 1, "{stderr}");
    let (status, stdout_again, stderr) = ctpolicy(folder.path(), &[&args[..], &["--yes"]].concat());
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(stdout_again, stdout);
    assert_eq!(key.policy(), edited(&[ACCOUNT]));
    let (status, _, stderr) = ctpolicy(folder.path(), &[&args[..], &["--check"]].concat());
    assert_eq!(status, 0, "{stderr}");
}

#[test]
fn the_accounts_may_come_from_standard_input() {
    let folder = folder();
    let key = key(POLICY);
    let accounts = folder.path().join("accounts");
    fs::write(&accounts, format!("{ACCOUNT}\n")).unwrap();
    let mut command = kms::ctpolicy(folder.path(), address());
    command.args(["add-account", "--accounts-from", "-", "--yes", "--key"]);
    command.arg(&key.alias);
    command.stdin(fs::File::open(accounts).unwrap());
    let (status, _, stderr) = run(&mut command);
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(key.policy(), edited(&[ACCOUNT]));
}

#[test]
fn what_is_there_already_is_not_put_again() {
    let folder = folder();
    let key = key(&edited(&[ACCOUNT]));
    let proxy = Proxy::new(|_, _| Answer::Pass);
    let mut command = kms::ctpolicy(folder.path(), &proxy.address);
    command.args(["add-account", ACCOUNT, "--yes", "--key", &key.arn]);
    let (status, _, stderr) = run(&mut command);
    assert_eq!(status, 0, "{stderr}");
    assert!(stderr.contains("nothing to do"), "{stderr}");
    assert_eq!(proxy.count("PutKeyPolicy"), 0);
    assert!(saved(folder.path()).is_empty());
}

#[test]
fn a_key_has_four_names() {
    let key = key(&edited(&[ACCOUNT]));
    let alias_arn = key.arn.replace(&format!("key/{}", key.id), &key.alias);
    for name in [&key.id, &key.arn, &key.alias, &alias_arn] {
        let (status, stdout, stderr) =
            ctpolicy(folder().path(), &["check", ACCOUNT, "--key", name]);
        assert_eq!(status, 0, "{name}: {stderr}");
        assert_eq!(stdout, format!("{name}: account {ACCOUNT}: allowed\n"));
    }
    let args = [
        "list-accounts",
        "--key",
        &key.id,
        "--key",
        &key.arn,
        "--format",
        "ids",
    ];
    let (status, stdout, _) = ctpolicy(folder().path(), &args);
    assert_eq!(
        (status, stdout.as_str()),
        (0, "111111111111\n222222222222\n")
    );
    for (name, words) in [
        ("cloudtrail", "did you mean alias/cloudtrail?"),
        ("key-policy.json", "a key is named by its ID"),
    ] {
        let (status, _, stderr) = ctpolicy(folder().path(), &["check", ACCOUNT, "--key", name]);
        assert_eq!(status, 2);
        assert!(stderr.contains(words), "{stderr}");
    }
}

/// Whatever the command and its output: which key was read is said.
#[test]
fn the_key_that_is_read_is_said() {
    let key = key(POLICY);
    let folder = folder();
    fs::write(folder.path().join("old.json"), edited(&[ACCOUNT])).unwrap();
    fs::write(folder.path().join("accounts"), "111111111111 222222222222").unwrap();
    for command in [
        // One of them is not allowed, which is a result for SARIF.
        &["check", "111111111111,222222222222"][..],
        &["list-accounts"],
        &["add-account", ACCOUNT, "--dry-run"],
        &[
            "remove-account",
            "111111111111",
            "--dry-run",
            "--drop-statement",
        ],
        &["sync-accounts", "--accounts-from", "accounts", "--dry-run"],
        &["restore", "old.json", "--dry-run"],
    ] {
        let (_, _, stderr) = ctpolicy(folder.path(), &[command, &["--key", &key.alias]].concat());
        let said = format!("{}: the key is {}\n", key.alias, key.arn);
        assert!(stderr.starts_with(&said), "{stderr}");
        let by_arn = [command, &["--key", &key.arn, "--format", "json"]].concat();
        let (_, stdout, stderr) = ctpolicy(folder.path(), &by_arn);
        assert!(!stderr.contains("the key is"), "{stderr}");
        let object: Value = serde_json::from_str(&stdout).unwrap();
        let wanted = json!({ "arn": key.arn, "account": "123456789012", "region": kms::REGION });
        assert_eq!(object["key"], wanted, "{stdout}");
        // What is posted elsewhere, without standard error.
        for format in ["markdown", "github", "sarif"] {
            if format == "sarif" && command[0] != "check" {
                continue;
            }
            let arguments = [command, &["--key", &key.alias, "--format", format]].concat();
            let (_, stdout, stderr) = ctpolicy(folder.path(), &arguments);
            let stdout = stdout.replace("%3A", ":");
            assert!(stdout.contains(&key.arn), "{arguments:?}: {stdout}{stderr}");
        }
    }
}

#[test]
fn another_run_on_the_key_is_waited_for_and_given_up() {
    let key = key(POLICY);
    let folder = folder();
    let state = folder.path().join("state/ctpolicy").join(&key.id);
    fs::create_dir_all(&state).unwrap();
    let lock = fs::File::create(state.join("lock")).unwrap();
    lock.lock().unwrap();
    let arguments = [
        "add-account",
        ACCOUNT,
        "--yes",
        "--wait",
        "2",
        "--key",
        &key.alias,
    ];
    let (status, _, stderr) = ctpolicy(folder.path(), &arguments);
    assert_eq!(status, 2, "{stderr}");
    for words in [
        "waits for another ctpolicy on this key",
        "another program holds its lock, and still does after 2 s",
    ] {
        assert!(stderr.contains(words), "{stderr}");
    }
    assert_eq!(key.policy(), POLICY);
    drop(lock);
    assert_eq!(ctpolicy(folder.path(), &arguments).0, 0);
    assert_eq!(key.policy(), edited(&[ACCOUNT]));
}

#[test]
fn the_other_commands_edit_keys_too() {
    let folder = folder();
    let key = key(&edited(&[ACCOUNT, "333333333333"]));
    let removed = [
        "remove-account",
        "333333333333",
        "--yes",
        "--key",
        &key.alias,
    ];
    assert_eq!(ctpolicy(folder.path(), &removed).0, 0);
    assert_eq!(key.policy(), edited(&[ACCOUNT]));
    fs::write(
        folder.path().join("accounts.txt"),
        "111111111111\n444444444444\n",
    )
    .unwrap();
    let synced = [
        "sync-accounts",
        "--accounts-from",
        "accounts.txt",
        "--yes",
        "--key",
        &key.id,
    ];
    assert_eq!(ctpolicy(folder.path(), &synced).0, 0);
    assert_eq!(key.policy(), edited(&["444444444444"]));
}

#[test]
fn files_and_keys_go_together() {
    let folder = folder();
    fs::write(folder.path().join("key-policy.json"), POLICY).unwrap();
    let key = key(POLICY);
    let args = [
        "add-account",
        ACCOUNT,
        "key-policy.json",
        "--yes",
        "--key",
        &key.alias,
    ];
    let (status, _, stderr) = ctpolicy(folder.path(), &args);
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(key.policy(), edited(&[ACCOUNT]));
    let file = fs::read_to_string(folder.path().join("key-policy.json")).unwrap();
    assert_eq!(file, key.policy());
    let summary = format!(
        "summary:\n  key-policy.json: written\n  {}: written\n2 policies: 2 written\n",
        key.alias
    );
    assert!(stderr.ends_with(&summary), "{stderr}");
}

/// A multi-Region key with two replicas that have its policy.
fn multi_region() -> TestKey {
    let key = key_with(&json!({ "Policy": POLICY, "MultiRegion": true }));
    for region in ["us-east-1", "ap-south-1"] {
        let request = json!({ "KeyId": key.id, "ReplicaRegion": region });
        call(kms::REGION, "ReplicateKey", &request);
        let request = json!({ "KeyId": key.id, "PolicyName": "default", "Policy": POLICY });
        call(region, "PutKeyPolicy", &request);
    }
    key
}

#[test]
fn replicas_are_edited_each_or_left_alone_and_named() {
    let folder = folder();
    let key = multi_region();
    let args = ["add-account", ACCOUNT, "--yes", "--key", &key.alias];
    let (status, _, stderr) = ctpolicy(folder.path(), &args);
    assert_eq!(status, 0, "{stderr}");
    assert!(
        stderr.contains("policies in us-east-1, ap-south-1 are their own, and are left alone"),
        "{stderr}"
    );
    assert_eq!(key.policy(), edited(&[ACCOUNT]));
    assert_eq!(key.policy_in("us-east-1"), POLICY);

    let several = [&args[..], &["--replicas", "--statement", "3"]].concat();
    let (status, _, stderr) = ctpolicy(folder.path(), &several);
    assert_eq!(status, 2, "{stderr}");
    assert!(stderr.contains("--statement is for one policy"), "{stderr}");
    let (status, stdout, stderr) = ctpolicy(folder.path(), &[&args[..], &["--replicas"]].concat());
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(stdout.matches("+++ b/").count(), 2);
    assert!(!stderr.contains("left alone"), "{stderr}");
    let replica = key.arn.replace(kms::REGION, "us-east-1");
    let both = ["check", ACCOUNT, "--key", &key.arn, "--key", &replica];
    let (_, _, stderr) = ctpolicy(folder.path(), &both);
    assert!(
        stderr.contains("policies in ap-south-1 are their own"),
        "{stderr}"
    );
    assert!(
        !stderr.contains("us-east-1 are") && !stderr.contains("us-east-1, "),
        "{stderr}"
    );
    for region in ["us-east-1", "ap-south-1"] {
        assert_eq!(key.policy_in(region), edited(&[ACCOUNT]));
        assert!(
            stdout.contains(&format!("+++ b/arn:aws:kms:{region}:")),
            "{stdout}"
        );
    }
    let own = folder.path().join("state/ctpolicy").join(&key.id);
    for region in [kms::REGION, "us-east-1", "ap-south-1"] {
        assert_eq!(saved(&own.join(region)).len(), 1, "{region}");
    }
    assert_eq!(saved(&own).len(), 3);
}

#[test]
fn a_replica_leads_to_its_primary_key() {
    let key = multi_region();
    let replica = key.arn.replace(kms::REGION, "us-east-1");
    let args = ["check", "111111111111", "--replicas", "--key", &replica];
    let (status, stdout, stderr) = ctpolicy(folder().path(), &args);
    assert_eq!(status, 0, "{stderr}");
    let regions: Vec<&str> = stdout
        .lines()
        .filter_map(|line| line.split(':').nth(3))
        .collect();
    assert_eq!(
        regions,
        [kms::REGION, "us-east-1", "ap-south-1"],
        "{stdout}"
    );
}

#[test]
fn the_old_policy_is_saved_and_restored() {
    let folder = folder();
    let key = key(POLICY);
    let args = [
        "add-account",
        ACCOUNT,
        "--yes",
        "--key",
        &key.alias,
        "--backup-dir",
        "old",
    ];
    let (status, _, stderr) = ctpolicy(folder.path(), &args);
    assert_eq!(status, 0, "{stderr}");
    let saved = saved(&folder.path().join("old").join(&key.id));
    assert_eq!(saved.len(), 1);
    assert_eq!(fs::read_to_string(&saved[0]).unwrap(), POLICY);
    let file = saved[0].canonicalize().unwrap();
    let command = format!("ctpolicy restore {} --key {}", file.display(), key.arn);
    assert!(stderr.contains(&command), "{stderr}");

    let words = shlex::split(&command).unwrap();
    let mut restore: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    let (status, _, stderr) = ctpolicy(folder.path(), &restore);
    assert_eq!(status, 2, "nobody to ask");
    assert!(stderr.contains("no terminal"), "{stderr}");
    restore.push("--yes");
    let (status, stdout, stderr) = ctpolicy(folder.path(), &restore);
    assert_eq!(status, 0, "{stderr}");
    assert!(stderr.contains("removes account 222222222222"), "{stderr}");
    assert!(stderr.contains("[cut-off]"), "{stderr}");
    assert!(
        stdout.contains("\n-            \"arn:aws:cloudtrail:*:222222222222"),
        "{stdout}"
    );
    assert_eq!(key.policy(), POLICY);
    let (status, _, stderr) = ctpolicy(folder.path(), &restore);
    assert_eq!(
        (status, stderr.contains("nothing to do")),
        (0, true),
        "{stderr}"
    );
}

/// KMS shows a principal of sts as one of iam.
fn of_iam(mut answer: Value) -> Value {
    let shown = answer["Policy"].as_str().unwrap();
    let shown = shown.replace(
        "arn:aws:sts::111111111111:assumed-role/break-glass/ann",
        "arn:aws:iam::111111111111:role/break-glass",
    );
    answer["Policy"] = Value::from(shown);
    answer
}

#[test]
fn what_is_shown_in_another_form_was_put_all_the_same() {
    let folder = folder();
    let key = key(&edited(&[ACCOUNT]));
    let old = POLICY.replace(
        "arn:aws:iam::111111111111:role/break-glass",
        "arn:aws:sts::111111111111:assumed-role/break-glass/ann",
    );
    assert_ne!(old, POLICY);
    fs::write(folder.path().join("old.json"), &old).unwrap();
    let proxy = Proxy::new(|operation, _| match operation {
        "GetKeyPolicy" => Answer::Change(of_iam),
        _ => Answer::Pass,
    });
    let mut command = kms::ctpolicy(folder.path(), &proxy.address);
    command.args(["restore", "old.json", "--yes", "--key", &key.alias]);
    let (status, _, stderr) = run(&mut command);
    assert_eq!(status, 2, "{stderr}");
    let words = "the policy was put, and KMS shows another one: somebody else's, or this one in another form";
    assert!(stderr.contains(words), "{stderr}");
    assert_eq!(key.policy(), old);
    assert_eq!(proxy.count("PutKeyPolicy"), 1);
}

#[test]
fn what_is_no_key_policy_is_not_restored() {
    let folder = folder();
    let key = key(POLICY);
    let twice = json!({ "Policy": json!({ "Policy": POLICY }).to_string() }).to_string();
    let iam = r#"{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#;
    for (text, words) in [
        (iam, "this is an IAM policy"),
        ("{", "not JSON"),
        (&twice, "is such an envelope itself"),
        // It would go into the key as it is written.
        (include_str!("../testdata/kms.tf"), "not JSON"),
        (include_str!("../testdata/trail-key.yaml"), "not JSON"),
        ("Version: 2012-10-17\nStatement: []\n", "not JSON"),
    ] {
        fs::write(folder.path().join("old.json"), text).unwrap();
        let args = ["restore", "old.json", "--yes", "--key", &key.alias];
        let (status, _, stderr) = ctpolicy(folder.path(), &args);
        assert_eq!(status, 2, "{stderr}");
        assert!(
            stderr.starts_with("error: old.json") && stderr.contains(words),
            "{stderr}"
        );
        assert_eq!(key.policy(), POLICY);
    }
    let (status, _, stderr) = ctpolicy(folder.path(), &["restore", "old.json"]);
    assert_eq!(status, 2);
    assert!(stderr.contains("no key given"), "{stderr}");
}

#[test]
fn without_a_place_for_the_old_policy_nothing_is_put() {
    let folder = folder();
    let key = key(POLICY);
    fs::write(folder.path().join("file"), "").unwrap();
    let args = [
        "add-account",
        ACCOUNT,
        "--yes",
        "--key",
        &key.alias,
        "--backup-dir",
        "file",
    ];
    let (status, _, stderr) = ctpolicy(folder.path(), &args);
    assert_eq!(status, 2);
    assert!(
        stderr.contains("cannot save the old policy in file/"),
        "{stderr}"
    );
    assert_eq!(key.policy(), POLICY);
}

#[test]
fn only_the_reviewed_policy_is_edited() {
    let folder = folder();
    let key = key(POLICY);
    let args = ["add-account", ACCOUNT, "--key", &key.alias];
    let (_, _, stderr) = ctpolicy(folder.path(), &[&args[..], &["--dry-run"]].concat());
    let hash = stderr.split("sha256 ").nth(1).unwrap().trim().to_owned();
    let apply = [&args[..], &["--yes", "--expect-sha256", &hash]].concat();

    key.put(&edited(&["333333333333"]));
    let (status, _, stderr) = ctpolicy(folder.path(), &apply);
    assert_eq!(status, 2);
    assert!(
        stderr.contains("is not the policy that was reviewed"),
        "{stderr}"
    );
    assert_eq!(key.policy(), edited(&["333333333333"]));
    key.put(POLICY);
    assert_eq!(ctpolicy(folder.path(), &apply).0, 0);
    assert_eq!(key.policy(), edited(&[ACCOUNT]));
}

#[test]
fn a_person_is_asked_about_the_key_in_its_account_and_region() {
    for (answer, status) in [("n", 1), ("y", 0)] {
        let folder = folder();
        let key = key(POLICY);
        let mut command = kms::ctpolicy(folder.path(), address());
        command.args(["add-account", ACCOUNT, "--key", &key.alias]);
        let mut session = spawn_command(common::heeding_signals(&command), Some(20_000)).unwrap();
        let question = format!("Write {} in 123456789012, eu-west-1? [y/N] ", key.alias);
        session.exp_string(&question).unwrap();
        session.send_line(answer).unwrap();
        let rest = session.exp_eof().unwrap();
        assert_eq!(rest.contains("reading it back"), answer == "y", "{rest}");
        let ended = session.process().wait().unwrap();
        assert!(
            matches!(ended, WaitStatus::Exited(_, code) if code == status),
            "{ended:?}"
        );
        let policy = if answer == "y" {
            edited(&[ACCOUNT])
        } else {
            POLICY.to_owned()
        };
        assert_eq!(key.policy(), policy);
    }
}

#[test]
fn a_signal_during_a_put_says_what_it_leaves() {
    use rexpect::process::Signal;
    for (signal, ends_with) in [
        (Signal::SIGINT, 130),
        (Signal::SIGTERM, 143),
        (Signal::SIGHUP, 129),
    ] {
        during_a_put(signal, ends_with);
    }
}

fn during_a_put(signal: rexpect::process::Signal, ends_with: i32) {
    let folder = folder();
    let key = key(POLICY);
    let proxy = Proxy::new(|operation, _| match operation {
        "PutKeyPolicy" => Answer::Late(Duration::from_secs(2)),
        _ => Answer::Pass,
    });
    let mut command = kms::ctpolicy(folder.path(), &proxy.address);
    command.args(["add-account", ACCOUNT, "--yes", "--key", &key.alias]);
    let mut session = spawn_command(common::heeding_signals(&command), Some(20_000)).unwrap();
    session.exp_string("putting the policy").unwrap();
    session.process_mut().signal(signal).unwrap();
    let rest = session.exp_eof().unwrap();
    assert!(
        rest.contains("interrupted; whether the policy was put is not known"),
        "{rest}"
    );
    let ended = session.process().wait().unwrap();
    assert!(
        matches!(ended, WaitStatus::Exited(_, status) if status == ends_with),
        "{ended:?}"
    );
}

#[test]
fn ctrl_c_at_a_later_question_leaves_nothing_unknown() {
    let folder = folder();
    let keys = [key(POLICY), key(POLICY)];
    let mut command = kms::ctpolicy(folder.path(), address());
    command.args(["add-account", ACCOUNT]);
    for key in &keys {
        command.args(["--key", &key.arn]);
    }
    let mut session = spawn_command(common::heeding_signals(&command), Some(20_000)).unwrap();
    session.exp_string("[y/N/a/q]").unwrap();
    session.send_line("y").unwrap();
    session.exp_string(": written").unwrap();
    session.exp_string("[y/N/a/q]").unwrap();
    session.send_control('c').unwrap();
    let rest = session.exp_eof().unwrap();
    assert!(!rest.contains("not known"), "{rest}");
    assert!(
        rest.contains("interrupted: 1 written, 1 not written"),
        "{rest}"
    );
    let ended = session.process().wait().unwrap();
    assert!(matches!(ended, WaitStatus::Exited(_, 130)), "{ended:?}");
    assert_eq!(keys[0].policy(), edited(&[ACCOUNT]));
    assert_eq!(keys[1].policy(), POLICY);
}

/// After a crash the old policy is there.
#[test]
fn the_old_policy_is_on_the_disk_before_the_put() {
    let folder = folder();
    let key = key(POLICY);
    let mut command = kms::ctpolicy(folder.path(), address());
    command.args(["add-account", ACCOUNT, "--yes", "--key", &key.alias]);
    let calls = "fsync,fdatasync,link,linkat,rename,renameat,renameat2,write,writev,sendto,sendmsg";
    let (status, calls) = traced(&command, calls);
    assert_eq!(status, Some(0));
    let own = folder.path().canonicalize().unwrap();
    let own = own.join("state/ctpolicy").join(&key.id);
    let own = own.to_str().unwrap();
    let at = |what: &str, is_it: &dyn Fn(&str) -> bool| {
        let found = calls.iter().position(|call| is_it(call));
        found.unwrap_or_else(|| panic!("no {what} in {calls:#?}"))
    };
    let order = [
        at("fsync of the copy", &|call| {
            call.starts_with("fsync(") && call.contains(&format!("<{own}/.saving-"))
        }),
        at("name for the copy", &|call| {
            call.starts_with(['r', 'l']) && call.contains(own) && call.contains(".json\"")
        }),
        at("fsync of the folder", &|call| {
            call.starts_with("fsync(") && call.contains(&format!("<{own}>"))
        }),
        at("put", &|call| call.contains("TrentService.PutKeyPolicy")),
    ];
    assert!(order.is_sorted(), "{order:?} in {calls:#?}");
}

/// What KMS takes only without white space goes there without it.
#[test]
fn a_policy_that_is_too_large_as_laid_out() {
    let folder = folder();
    let room = 32_768 - POLICY.len();
    let padded = POLICY.replacen('\n', &format!("\n{}", " ".repeat(room)), 1);
    let key = key(&padded);
    let args = ["add-account", ACCOUNT, "--yes", "--key", &key.alias];
    let (status, _, stderr) = ctpolicy(folder.path(), &args);
    assert_eq!(status, 0, "{stderr}");
    assert!(stderr.contains("[without-white-space]"), "{stderr}");
    let after: Value = serde_json::from_str(&edited(&[ACCOUNT])).unwrap();
    assert_eq!(key.policy(), after.to_string());
}

#[test]
fn a_result_comes_once_however_often_it_is_planned() {
    let folder = folder();
    let key = key(POLICY);
    let id = key.id.clone();
    let others = edited(&["333333333333"]);
    let proxy = Proxy::new(move |operation, before| {
        if operation == "GetKeyPolicy" && before == 1 {
            let request = json!({ "KeyId": id, "PolicyName": "default", "Policy": others });
            call(kms::REGION, "PutKeyPolicy", &request);
        }
        Answer::Pass
    });
    let mut command = kms::ctpolicy(folder.path(), &proxy.address);
    command.args([
        "add-account",
        ACCOUNT,
        "--yes",
        "--key",
        &key.alias,
        "--format",
        "json",
    ]);
    let (status, stdout, stderr) = run(&mut command);
    assert_eq!(status, 0, "{stderr}");
    let result: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        result["patch"][0]["value"]["Statement"][2]["Condition"]["StringLike"]["kms:EncryptionContext:aws:cloudtrail:arn"]
            [1],
        "arn:aws:cloudtrail:*:333333333333:trail/*"
    );
}

#[test]
fn what_changed_meanwhile_is_shown_and_asked_again() {
    let folder = folder();
    let key = key(POLICY);
    let mut command = kms::ctpolicy(folder.path(), address());
    command.args(["add-account", ACCOUNT, "--key", &key.alias]);
    let mut session = spawn_command(common::heeding_signals(&command), Some(20_000)).unwrap();
    session.exp_string("[y/N]").unwrap();
    key.put(&edited(&["333333333333"]));
    session.send_line("y").unwrap();
    session.exp_string("has changed since it was read").unwrap();
    session.exp_string("333333333333").unwrap();
    session.exp_string("[y/N]").unwrap();
    assert_eq!(key.policy(), edited(&["333333333333"]));
    session.send_line("y").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(key.policy(), edited(&["333333333333", ACCOUNT]));
}

/// Runs that add an account each, at the same moment. Those of one user wait
/// for each other; those of several people see each other's puts.
fn at_the_same_moment(runs: usize, share_state: bool) {
    let folders: Vec<_> = (0..runs).map(|_| folder()).collect();
    let key = key(POLICY);
    let proxy = Proxy::new(|_, _| Answer::Pass);
    let children: Vec<_> = folders
        .iter()
        .enumerate()
        .map(|(index, own)| {
            let folder = if share_state { &folders[0] } else { own };
            kms::ctpolicy(folder.path(), &proxy.address)
                .args(["add-account", &format!("30000000000{index}")])
                .args(["--yes", "--key", &key.alias])
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
    }
    let file = folders[0].path().join("policy.json");
    fs::write(&file, key.policy()).unwrap();
    assert_eq!(context_list(&file).len(), 1 + runs);
    let puts = proxy.count("PutKeyPolicy");
    assert!(puts == runs || !share_state, "{puts} puts");
}

#[test]
fn runs_of_one_user_lose_no_edit() {
    at_the_same_moment(6, true);
}

#[test]
fn runs_of_several_people_lose_no_edit() {
    at_the_same_moment(3, false);
}

/// KMS gives values in another order at each reading, and one value without
/// its array.
fn reordered(mut answer: Value) -> Value {
    static TURN: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    let mut policy: Value = serde_json::from_str(answer["Policy"].as_str().unwrap()).unwrap();
    let turned = TURN.fetch_xor(true, std::sync::atomic::Ordering::SeqCst);
    let principal = &mut policy["Statement"][0]["Principal"]["AWS"];
    *principal = if turned {
        json!([
            "arn:aws:iam::111111111111:root",
            "arn:aws:iam::111111111111:role/a"
        ])
    } else {
        json!(["arn:aws:iam::111111111111:role/a", "111111111111"])
    };
    answer["Policy"] = Value::from(serde_json::to_string_pretty(&policy).unwrap());
    answer
}

#[test]
fn another_order_is_no_other_policy() {
    let folder = folder();
    let key = key(POLICY);
    let proxy = Proxy::new(|operation, _| match operation {
        "GetKeyPolicy" => Answer::Change(reordered),
        _ => Answer::Pass,
    });
    let args = ["add-account", ACCOUNT, "--key", &key.alias];
    let dry_run = || {
        let mut command = kms::ctpolicy(folder.path(), &proxy.address);
        run(command.args(args).arg("--dry-run")).2
    };
    assert_eq!(
        dry_run(),
        dry_run(),
        "the hash is that of the policy's meaning"
    );
    let mut command = kms::ctpolicy(folder.path(), &proxy.address);
    let (status, _, stderr) = run(command.args(args).arg("--yes"));
    assert_eq!(status, 0, "{stderr}");
    assert!(!stderr.contains("has changed"), "{stderr}");
    assert_eq!(proxy.count("PutKeyPolicy"), 1);
}
