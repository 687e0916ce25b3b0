//! What several tests need.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub const POLICY: &str = include_str!("../../testdata/key-policy.json");
pub const ACCOUNT: &str = "222222222222";

/// A new folder that anyone may look into, with the policy in it.
pub fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("key-policy.json");
    fs::write(&policy, POLICY).unwrap();
    (folder, policy)
}

/// The binary, in a folder, with the colours' variables unset.
pub fn ctpolicy(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ctpolicy"));
    command.current_dir(folder);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI"] {
        command.env_remove(name);
    }
    command.env("TERM", "xterm-256color");
    command
}

/// The command as another program runs it.
pub fn under(mut wrapper: Command, inner: &Command) -> Command {
    wrapper.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => wrapper.env(name, value),
            None => wrapper.env_remove(name),
        };
    }
    if let Some(folder) = inner.get_current_dir() {
        wrapper.current_dir(folder);
    }
    wrapper
}

/// The command with no signal ignored, also where the tests run under nohup.
pub fn heeding_signals(inner: &Command) -> Command {
    let mut env = Command::new("env");
    env.arg("--default-signal=HUP,INT,TERM");
    under(env, inner)
}

/// A shell in a folder, whose mounts nobody else sees; `$CTPOLICY` is the program.
pub fn with_own_mounts(script: &str, folder: &Path) -> Command {
    let mut command = Command::new("unshare");
    command
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
        .env("CTPOLICY", env!("CARGO_BIN_EXE_ctpolicy"))
        .current_dir(folder);
    command
}

/// A status, standard output, standard error.
pub fn run(command: &mut Command) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    (
        status.code().unwrap_or(-1),
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    )
}

/// The status of a run, and those of its system calls that are named, in
/// order, each file descriptor with its path.
pub fn traced(command: &Command, calls: &str) -> (Option<i32>, Vec<String>) {
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut traced = Command::new("strace");
    traced.args(["-f", "-y", "-s", "4096", "-e", &format!("trace={calls}")]);
    traced.arg("-o").arg(log.path());
    traced.arg(command.get_program()).args(command.get_args());
    traced.current_dir(command.get_current_dir().unwrap());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => traced.env(name, value),
            None => traced.env_remove(name),
        };
    }
    let output = traced.output();
    let status = output
        .expect("strace is needed: apt-get install strace")
        .status;
    let text = fs::read_to_string(log.path()).unwrap();
    let call = |line: &str| Some(line.split_once(' ')?.1.trim_start().to_owned());
    (
        status.code(),
        text.lines()
            .filter_map(call)
            .filter(|call| !call.starts_with(['+', '-', '<']))
            .collect(),
    )
}

/// Not by `fs::copy`: a process that another test starts meanwhile would have
/// the copy open for writing, and then nobody may run it.
pub fn copy_binary(to: &Path) {
    let mut copy = Command::new("cp");
    copy.arg(env!("CARGO_BIN_EXE_ctpolicy")).arg(to);
    assert!(copy.status().unwrap().success());
}

/// The values of the context list, in order.
pub fn context_list(policy: &Path) -> Vec<String> {
    let text = fs::read_to_string(policy).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let path = "/Statement/2/Condition/StringLike/kms:EncryptionContext:aws:cloudtrail:arn";
    let list = value.pointer(path).unwrap().as_array().unwrap();
    list.iter()
        .map(|v| v.as_str().unwrap().to_owned())
        .collect()
}

/// Whom an entry of an ACL is about.
#[derive(Debug, Clone, Copy)]
pub enum Who {
    Owner,
    User(u32),
    Group,
    Mask,
    Other,
}

pub const ACL: &str = "system.posix_acl_access";
pub const DEFAULT_ACL: &str = "system.posix_acl_default";

/// An ACL as Linux has it in the attribute; each entry with the bits of `rwx`.
///
/// <https://github.com/torvalds/linux/blob/master/include/uapi/linux/posix_acl_xattr.h>
pub fn acl(entries: &[(Who, u16)]) -> Vec<u8> {
    let mut bytes = 2_u32.to_le_bytes().to_vec();
    for (who, may) in entries {
        let (tag, id) = match who {
            Who::Owner => (0x01_u16, u32::MAX),
            Who::User(id) => (0x02, *id),
            Who::Group => (0x04, u32::MAX),
            Who::Mask => (0x10, u32::MAX),
            Who::Other => (0x20, u32::MAX),
        };
        bytes.extend(tag.to_le_bytes());
        bytes.extend(may.to_le_bytes());
        bytes.extend(id.to_le_bytes());
    }
    bytes
}

/// Root may write anything, so be somebody else.
pub fn as_nobody(command: &mut Command) -> &mut Command {
    if is_root() {
        command.uid(65534).gid(65534)
    } else {
        command
    }
}

pub fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

#[cfg(feature = "kms")]
pub mod kms;
