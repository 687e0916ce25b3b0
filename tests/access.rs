//! A file that is edited lets nobody in whom it kept out before.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use common::{
    ACCOUNT, ACL, DEFAULT_ACL, POLICY, Who, acl, as_nobody, context_list, copy_binary, ctpolicy,
    folder, is_root, run,
};

fn add(folder: &Path) -> (i32, String, String) {
    run(ctpolicy(folder).args(["add-account", ACCOUNT, "key-policy.json", "--yes"]))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn attributes(path: &Path) -> Vec<OsString> {
    let mut names: Vec<OsString> = xattr::list(path).unwrap().collect();
    names.sort();
    names
}

/// `user` may write, the group may not, though the mode shows `rw-` for it.
fn for_one_user(user: u32) -> Vec<u8> {
    acl(&[
        (Who::Owner, 6),
        (Who::User(user), 6),
        (Who::Group, 0),
        (Who::Mask, 6),
        (Who::Other, 0),
    ])
}

#[test]
fn an_acl_stays_and_so_do_attributes() {
    let (folder, policy) = folder();
    let own = for_one_user(4242);
    xattr::set(&policy, ACL, &own).unwrap();
    xattr::set(&policy, "user.origin", b"by hand").unwrap();
    assert_eq!(mode(&policy), 0o660);
    let before = attributes(&policy);
    let mut command = ctpolicy(folder.path());
    command.args(["add-account", ACCOUNT, "key-policy.json"]);
    let (status, _, stderr) = run(command.args(["--yes", "--backup"]));
    assert_eq!(status, 0, "{stderr}");
    assert!(!stderr.contains("note: key-policy.json: "), "{stderr}");
    assert_eq!(context_list(&policy).len(), 2);
    let backup = folder.path().join("key-policy.json.bak");
    for path in [&policy, &backup] {
        assert_eq!(xattr::get(path, ACL).unwrap(), Some(own.clone()));
        let origin = xattr::get(path, "user.origin").unwrap();
        assert_eq!(origin.as_deref(), Some(&b"by hand"[..]));
        assert_eq!(mode(path), 0o660);
        assert_eq!(attributes(path), before);
    }
}

#[test]
fn the_directory_s_default_acl_lets_nobody_into_the_file() {
    let (folder, policy) = folder();
    fs::set_permissions(&policy, Permissions::from_mode(0o660)).unwrap();
    xattr::set(folder.path(), DEFAULT_ACL, &for_one_user(4242)).unwrap();
    let (status, _, stderr) = add(folder.path());
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(xattr::get(&policy, ACL).unwrap(), None);
    assert_eq!(mode(&policy), 0o660);

    // And in the place of a file with an ACL of its own comes that one.
    fs::write(&policy, POLICY).unwrap();
    let own = for_one_user(4343);
    xattr::set(&policy, ACL, &own).unwrap();
    assert_eq!(add(folder.path()).0, 0);
    assert_eq!(xattr::get(&policy, ACL).unwrap(), Some(own));
}

/// The run under strace, which lets these calls fail.
fn injected(folder: &Path, inject: &[&str]) -> (i32, String, String) {
    let mut command = Command::new("strace");
    command.args(["-f", "-o", "/dev/null"]);
    for inject in inject {
        command.args(["-e", &format!("inject={inject}")]);
    }
    command.arg(env!("CARGO_BIN_EXE_ctpolicy")).args([
        "add-account",
        ACCOUNT,
        "key-policy.json",
        "--yes",
    ]);
    run(command.current_dir(folder))
}

fn names(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn an_acl_that_cannot_be_kept_refuses_the_edit() {
    for inject in ["fsetxattr:error=EPERM", "fgetxattr:error=EIO"] {
        let (folder, policy) = folder();
        xattr::set(&policy, ACL, &for_one_user(4242)).unwrap();
        let (status, _, stderr) = injected(folder.path(), &[inject]);
        assert_eq!(status, 2, "{stderr}");
        let words = if inject.starts_with("fset") {
            "cannot keep its ACL, and others might gain access: operation not permitted"
        } else {
            "cannot read who may access it: input/output error"
        };
        assert!(stderr.contains(words), "{stderr}");
        assert_eq!(fs::read_to_string(&policy).unwrap(), POLICY);
        assert_eq!(names(folder.path()), 1);
    }
    let (folder, policy) = folder();
    fs::set_permissions(&policy, Permissions::from_mode(0o660)).unwrap();
    xattr::set(folder.path(), DEFAULT_ACL, &for_one_user(4242)).unwrap();
    let (status, _, stderr) = injected(folder.path(), &["fremovexattr:error=EPERM"]);
    assert_eq!(status, 2, "{stderr}");
    assert!(stderr.contains("cannot keep its ACL"), "{stderr}");
    assert_eq!(fs::read_to_string(&policy).unwrap(), POLICY);
}

#[test]
fn an_attribute_that_cannot_be_kept_is_said_once() {
    let (folder, policy) = folder();
    xattr::set(&policy, "user.origin", b"by hand").unwrap();
    xattr::set(&policy, "user.\x1b", b"").unwrap();
    let (status, _, stderr) = injected(folder.path(), &["fsetxattr:error=ENOSPC"]);
    assert_eq!(status, 0, "{stderr}");
    let said: Vec<&str> = stderr
        .lines()
        .filter(|line| line.starts_with("note: "))
        .collect();
    assert_eq!(said.len(), 1, "{stderr}");
    let words = "note: key-policy.json: the new file does not have what the old one had: its attribute user.";
    assert!(said[0].starts_with(words), "{stderr}");
    assert!(!stderr.contains('\x1b'), "{stderr}");
    assert_eq!(context_list(&policy).len(), 2);
}

#[test]
fn a_file_system_without_attributes_is_no_obstacle() {
    let (folder, policy) = folder();
    let without = ["flistxattr", "fgetxattr", "fsetxattr", "fremovexattr"];
    let without = without.map(|call| format!("{call}:error=EOPNOTSUPP"));
    let without: Vec<&str> = without.iter().map(String::as_str).collect();
    let (status, _, stderr) = injected(folder.path(), &without);
    assert_eq!(status, 0, "{stderr}");
    assert!(!stderr.contains("note: key-policy.json: "), "{stderr}");
    assert_eq!(context_list(&policy).len(), 2);
}

/// What the system derives from the content is not the new content's.
#[test]
fn what_belongs_to_the_old_content_is_not_copied() {
    if !is_root() {
        return;
    }
    let (folder, policy) = folder();
    // CAP_NET_RAW, permitted; <linux/capability.h>, VFS_CAP_REVISION_2.
    let mut capability = 0x0200_0000_u32.to_le_bytes().to_vec();
    capability.extend(0x2000_u32.to_le_bytes());
    capability.extend([0; 12]);
    xattr::set(&policy, "security.capability", &capability).unwrap();
    xattr::set(&policy, "security.selinux", b"system_u:object_r:etc_t:s0").unwrap();
    xattr::set(&policy, "trusted.origin", b"by hand").unwrap();
    let (status, _, stderr) = add(folder.path());
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(attributes(&policy), ["security.selinux"]);
    let words = "the new file does not have what the old one had: its attribute trusted.origin\n";
    assert!(stderr.contains(words), "{stderr}");
}

/// Somebody else edits: `(owner, group, mode)` of the file before, its mode
/// after, and what is said.
#[test]
fn another_user_s_file_becomes_one_s_own_without_its_powers() {
    if !is_root() {
        return;
    }
    let nobody = 65534;
    for ((owner, group, before), after, said) in [
        ((4242, nobody, 0o4775), 0o775, "its owner (user 4242)"),
        ((4242, nobody, 0o6775), 0o2775, "its owner (user 4242)"),
        ((nobody, nobody, 0o4755), 0o4755, ""),
        ((nobody, 4242, 0o2664), 0o644, "its group (4242)"),
        ((nobody, 4242, 0o660), 0o600, "its group (4242)"),
        ((nobody, 4242, 0o606), 0o600, "its group (4242)"),
        (
            (4242, 4242, 0o6776),
            0o766,
            "its owner (user 4242), its group (4242)",
        ),
    ] {
        let (folder, policy) = folder();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        let binary = folder.path().join("ctpolicy");
        copy_binary(&binary);
        chown(&policy, Some(owner), Some(group)).unwrap();
        fs::set_permissions(&policy, Permissions::from_mode(before)).unwrap();
        let mut command = Command::new(&binary);
        command
            .args(["add-account", ACCOUNT, "key-policy.json", "--yes"])
            .current_dir(folder.path());
        let (status, _, stderr) = run(as_nobody(&mut command));
        assert_eq!(status, 0, "{before:o}: {stderr}");
        assert_eq!(context_list(&policy).len(), 2);
        assert_eq!(mode(&policy), after, "{before:o}: {stderr}");
        let note = "the new file does not have what the old one had: ";
        let note = stderr.split_once(note).map_or("", |(_, rest)| rest);
        assert_eq!(note.lines().next().unwrap_or_default(), said, "{stderr}");
    }
}

/// The entry for the group would be another group's.
#[test]
fn an_acl_of_another_group_refuses_the_edit() {
    if !is_root() {
        return;
    }
    let (folder, policy) = folder();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let binary = folder.path().join("ctpolicy");
    copy_binary(&binary);
    chown(&policy, Some(4242), Some(4242)).unwrap();
    xattr::set(&policy, ACL, &for_one_user(65534)).unwrap();
    let mut command = Command::new(&binary);
    command
        .args(["add-account", ACCOUNT, "key-policy.json", "--yes"])
        .current_dir(folder.path());
    let (status, _, stderr) = run(as_nobody(&mut command));
    assert_eq!(status, 2, "{stderr}");
    assert!(stderr.contains("cannot keep its ACL"), "{stderr}");
    assert_eq!(fs::read_to_string(&policy).unwrap(), POLICY);
}
