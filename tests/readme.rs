//! The README's transcripts are what the tool prints.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

#[cfg(feature = "kms")]
use std::fmt::Write as _;
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
        // No live key is reached from here.
        .env("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:9")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_MAX_ATTEMPTS", "1")
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
        .filter(|block| !block.contains("[y/N]") && !block.contains("--key "))
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

/// The run on a key: its commands as they stand, but for the port and the
/// folders; its transcript but for the key's ID and the time.
#[cfg(feature = "kms")]
#[test]
fn the_run_on_a_live_key() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("old").display().to_string();
    let blocks_of = |language, marker: &str| {
        let all = blocks(language);
        all.into_iter()
            .find(|block| block.contains(marker))
            .unwrap()
    };
    let setup = blocks_of("sh", "moto_server");
    let transcript = blocks_of("console", "--key ");
    let wait = format!(
        ".venv/bin/python -c 'import socket, time\nwhile socket.socket().connect_ex((\"127.0.0.1\", {port})): time.sleep(0.1)'"
    );
    assert!(setup.starts_with("make .venv\n") && setup.contains("\nsleep 5\n"));
    let mut script = setup
        .replace("make .venv\n", "trap 'kill $!' EXIT\n")
        .replace("\nsleep 5\n", &format!("\n{wait}\n"))
        .replace("5000", &port.to_string())
        .replace("moto.log", "/dev/null");
    for line in transcript.lines().filter(|line| line.starts_with("$ ")) {
        let _ = write!(script, "printf '%s\\n' '{line}'\n{} 2>&1\n", &line[2..]);
    }
    let binary = Path::new(env!("CARGO_BIN_EXE_ctpolicy")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    common::kms::isolate(&mut command, folder.path());
    let output = command
        .args(["-c", &script.replace("target/old", &old)])
        .env("PATH", path)
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let shown = shown.replace(&old, "target/old");
    let id = regex::Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap();
    let time = regex::Regex::new(r"\d{4}-\d\d-\d\dT\d{6}(\.\d+)?Z").unwrap();
    let same = |text: &str| {
        let text = id.replace_all(text, "1234abcd-12ab-34cd-56ef-1234567890ab");
        time.replace_all(&text, "2026-11-24T181315.345678Z")
            .into_owned()
    };
    assert_eq!(same(&shown), same(&transcript), "{stderr}");
}
