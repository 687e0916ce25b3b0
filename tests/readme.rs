//! The README's transcripts are what the tool prints.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

fn blocks(language: &str) -> Vec<String> {
    let readme = fs::read_to_string("README.md").unwrap();
    readme
        .split(&format!("```{language}\n"))
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

/// What a shell prints, in a folder with the files of `testdata`.
fn shell(folder: &Path, line: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_ctpolicy"));
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("sh")
        .args(["-c", &format!("{line} 2>&1")])
        .current_dir(folder)
        .env(
            "PATH",
            format!("{}:{path}", binary.parent().unwrap().display()),
        )
        .env("REVIEWED", "0".repeat(64))
        .env_remove("CLICOLOR_FORCE")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn examples() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir("testdata").unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
    }
    fs::write(folder.path().join("accounts.json"), r#"["222222222222"]"#).unwrap();
    fs::create_dir(folder.path().join("policies")).unwrap();
    fs::write(folder.path().join("policies/a.json"), common::POLICY).unwrap();
    folder
}

/// A block with an answer in it is tested under a pseudo-terminal instead.
#[test]
fn transcripts() {
    let mut count = 0;
    for block in blocks("console")
        .iter()
        .filter(|block| !block.contains("[y/N]"))
    {
        let folder = examples();
        let mut shown = String::new();
        for line in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
            shown += &["$ ", line, "\n", &shell(folder.path(), line)].concat();
            count += 1;
        }
        assert_eq!(&shown, block);
    }
    assert!(count > 0);
}

/// The recipes' commands are ones that the tool takes.
#[test]
fn recipes() {
    let mut count = 0;
    for line in blocks("sh").iter().flat_map(|block| block.lines()) {
        if line.starts_with("ctpolicy ") {
            let folder = examples();
            let shown = shell(folder.path(), line);
            assert!(!shown.contains("--help"), "{line}: {shown}");
            count += 1;
        }
    }
    assert!(count > 3, "{count}");
}
