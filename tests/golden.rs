//! Every folder in `testdata/cases`: the real binary on a real file.
//!
//! `args` is the command line, `before.EXT` becomes `policy.EXT` (without it
//! there is no file). `expected.txt` is what is printed, and `after.EXT` the
//! file's bytes if they changed. `UPDATE_GOLDEN=1` writes both anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs one case, and says what differs.
fn run(case: &Path, update: bool) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let extension = extension(case);
    let policy = folder.path().join(format!("policy.{extension}"));
    let before = fs::read(case.join(format!("before.{extension}"))).ok();
    if let Some(bytes) = &before {
        fs::write(&policy, bytes).unwrap();
    }
    let stat = || {
        fs::metadata(&policy)
            .map(|m| (m.ino(), m.mtime(), m.mtime_nsec()))
            .ok()
    };
    let stat_before = stat();
    let line = fs::read_to_string(case.join("args")).unwrap();
    let stdin = fs::File::open(case.join("stdin")).map_or(Stdio::null(), Stdio::from);
    let output = Command::new(env!("CARGO_BIN_EXE_ctpolicy"))
        .args(shlex::split(&line).unwrap())
        .current_dir(folder.path())
        .env_remove("CLICOLOR_FORCE")
        .env_remove("NO_COLOR")
        .stdin(stdin)
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let mut printed = format!("$ ctpolicy {}\n", line.trim_end());
    let _ = write!(
        printed,
        "status: {}\n--- standard output\n{stdout}",
        output.status.code().unwrap()
    );
    let _ = write!(printed, "--- standard error\n{stderr}");

    let after = fs::read(&policy)
        .ok()
        .filter(|after| before.as_ref() != Some(after));
    if update {
        fs::write(case.join("expected.txt"), &printed).unwrap();
        let golden = case.join(format!("after.{extension}"));
        match &after {
            Some(bytes) => fs::write(golden, bytes).unwrap(),
            None => {
                let _ = fs::remove_file(golden);
            }
        }
    }
    let expected = fs::read_to_string(case.join("expected.txt")).unwrap_or_default();
    if printed != expected {
        return Err(format!("printed\n{printed}\nand not\n{expected}"));
    }
    if after != fs::read(case.join(format!("after.{extension}"))).ok() {
        return Err(format!(
            "the bytes written are not those of after.{extension}"
        ));
    }
    if after.is_none() && stat() != stat_before {
        return Err("nothing changed, and yet the file was touched".to_owned());
    }
    if let (Some(before), Some(after)) = (&before, &after)
        && !is_only_for_reading(case, &stdout)
    {
        check_git_apply(&extension, before, &stdout, after)?;
    }
    let names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    if names
        .iter()
        .any(|name| name.to_string_lossy().contains("tmp"))
    {
        return Err(format!("litter: {names:?}"));
    }
    Ok(())
}

/// The extension of the case's file, `json` if there is none.
fn extension(case: &Path) -> String {
    let names = fs::read_dir(case).unwrap();
    let mut names = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let extension = names.find_map(|name| Some(name.strip_prefix("before.")?.to_owned()));
    extension.unwrap_or_else(|| "json".to_owned())
}

/// A policy inside an envelope is shown in its own lines, and control
/// characters are spelled out: such a diff is no patch of the file.
fn is_only_for_reading(case: &Path, stdout: &str) -> bool {
    case.file_name()
        .unwrap()
        .to_string_lossy()
        .starts_with("envelope")
        || stdout.contains("\\u{")
}

/// The printed diff, applied by git, gives the written bytes.
fn check_git_apply(extension: &str, before: &[u8], diff: &str, after: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join(format!("policy.{extension}"));
    fs::write(&policy, before).unwrap();
    fs::write(folder.path().join("edit.patch"), diff).unwrap();
    let git = Command::new("git")
        .args(["apply", "edit.patch"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    if !git.status.success() {
        return Err(format!(
            "git apply: {}",
            String::from_utf8_lossy(&git.stderr)
        ));
    }
    if fs::read(policy).unwrap() != after {
        return Err("git apply gives other bytes than ctpolicy wrote".to_owned());
    }
    Ok(())
}

#[test]
fn cases() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut cases: Vec<_> = fs::read_dir("testdata/cases")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let name = case.file_name().unwrap().to_string_lossy();
            run(case, update)
                .err()
                .map(|error| format!("{name}: {error}"))
        })
        .collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
    assert!(cases.len() > 60, "only {} cases", cases.len());
}
