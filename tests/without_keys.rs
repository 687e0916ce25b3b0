//! A build without live keys says so.

#![cfg(not(feature = "kms"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{ACCOUNT, ctpolicy, folder, run};

#[test]
fn a_key_is_refused_with_the_way_out() {
    let (folder, _) = folder();
    for command in [
        &["add-account", ACCOUNT, "--yes"][..],
        &["check", ACCOUNT],
        &["list-accounts"],
        &["restore", "key-policy.json"],
    ] {
        let mut command_line = ctpolicy(folder.path());
        let (status, _, stderr) = run(command_line.args(command).args(["--key", "alias/x"]));
        assert_eq!(status, 2, "{stderr}");
        assert!(stderr.contains("built without live keys"), "{stderr}");
        assert!(stderr.contains("cargo feature kms"), "{stderr}");
    }
}

#[test]
fn files_are_edited_all_the_same() {
    let (folder, policy) = folder();
    let mut command = ctpolicy(folder.path());
    let (status, _, stderr) =
        run(command.args(["add-account", ACCOUNT, "key-policy.json", "--yes"]));
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(common::context_list(&policy).len(), 2);
}
