//! `ctpolicy` alone, without the program that has the AWS client.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use common::{ACCOUNT, copy_binary, folder, run};

/// A folder with a policy and `ctpolicy` in it, and nothing else of ours.
fn alone() -> (tempfile::TempDir, Command) {
    let (folder, _) = folder();
    let binary = folder.path().join("ctpolicy");
    copy_binary(&binary);
    let mut command = Command::new(binary);
    command.current_dir(folder.path());
    (folder, command)
}

fn program(folder: &Path, text: &str) {
    let program = folder.join("ctpolicy-kms");
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_key_is_refused_with_the_way_out() {
    for arguments in [
        &["add-account", ACCOUNT, "--yes"][..],
        &["check", ACCOUNT],
        &["list-accounts"],
        &["restore", "key-policy.json"],
    ] {
        let (folder, mut command) = alone();
        let (status, _, stderr) = run(command.args(arguments).args(["--key", "alias/x"]));
        assert_eq!(status, 2, "{stderr}");
        let program = folder.path().canonicalize().unwrap().join("ctpolicy-kms");
        let words = format!("live keys need {}, and it is not there", program.display());
        assert!(stderr.contains(&words), "{stderr}");
        assert!(stderr.contains("install both"), "{stderr}");
    }
}

#[test]
fn files_are_edited_all_the_same() {
    let (folder, mut command) = alone();
    let (status, _, stderr) =
        run(command.args(["add-account", ACCOUNT, "key-policy.json", "--yes"]));
    assert_eq!(status, 0, "{stderr}");
    let policy = folder.path().join("key-policy.json");
    assert_eq!(common::context_list(&policy).len(), 2);
}

/// The program beside the binary gets every argument as it is, and standard
/// input unread; one elsewhere in PATH is never run.
#[test]
fn the_program_beside_it_takes_over() {
    let (folder, mut command) = alone();
    let bin = folder.path().join("elsewhere");
    fs::create_dir(&bin).unwrap();
    program(&bin, "#!/bin/sh\necho of PATH\n");
    let arguments = ["check", "--key", "alias/x", "--accounts-from", "-"];
    let (status, stdout, _) = run(command.args(arguments).env("PATH", &bin));
    assert_eq!((status, stdout.as_str()), (2, ""));

    program(folder.path(), "#!/bin/sh\nprintf '%s\\n' \"$@\"\ncat\n");
    let link = folder.path().join("elsewhere/linked");
    symlink(folder.path().join("ctpolicy"), &link).unwrap();
    let accounts = folder.path().join("accounts");
    fs::write(&accounts, "222222222222\n").unwrap();
    let mut command = Command::new(link);
    command
        .args(arguments)
        .stdin(fs::File::open(accounts).unwrap());
    let (status, stdout, stderr) = run(&mut command);
    let shown = [env!("CARGO_PKG_VERSION")]
        .into_iter()
        .chain(arguments)
        .chain(["222222222222"]);
    assert_eq!(
        stdout.lines().collect::<Vec<_>>(),
        shown.collect::<Vec<_>>(),
        "{stderr}"
    );
    assert_eq!(status, 0);
}

/// Half a copy of it, or that of another machine, is no shell script.
#[test]
fn what_is_no_program_is_not_run_by_a_shell() {
    for text in ["", "echo of a shell\n", "\u{7f}ELF\necho of a shell\n"] {
        let (folder, mut command) = alone();
        program(folder.path(), text);
        let (status, stdout, stderr) = run(command.args(["check", ACCOUNT, "--key", "alias/x"]));
        assert_eq!((status, stdout.as_str()), (2, ""), "{stderr}");
        assert!(
            stderr.contains("ctpolicy-kms: exec format error"),
            "{stderr}"
        );
        assert!(stderr.contains("install both anew"), "{stderr}");
    }
}

#[test]
fn a_program_that_cannot_be_run_is_named() {
    let (folder, mut command) = alone();
    fs::create_dir(folder.path().join("ctpolicy-kms")).unwrap();
    let (status, _, stderr) = run(command.args(["list-accounts", "--key", "alias/x"]));
    assert_eq!(status, 2);
    assert!(
        stderr.contains("ctpolicy-kms: permission denied"),
        "{stderr}"
    );
}
