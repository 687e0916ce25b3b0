//! Help, manual pages and completions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::Path;

use common::{ctpolicy, run};

const COMMANDS: [&str; 8] = [
    "add-account",
    "check",
    "list-accounts",
    "remove-account",
    "sync-accounts",
    "restore",
    "completions",
    "man",
];

#[test]
fn every_help_leads_with_an_example() {
    for flag in ["-h", "--help"] {
        for command in COMMANDS {
            let (status, stdout, _) = run(ctpolicy(Path::new(".")).args([command, flag]));
            assert_eq!(status, 0);
            assert!(
                stdout.starts_with(&format!("Example: ctpolicy {command}")),
                "{stdout}"
            );
        }
        let (_, stdout, _) = run(ctpolicy(Path::new(".")).arg(flag));
        for command in COMMANDS {
            assert!(stdout.contains(command), "{stdout}");
        }
    }
}

/// What no policy shows stands in the help.
#[test]
fn add_accounts_help_tells_what_the_policy_cannot() {
    let (_, stdout, _) = run(ctpolicy(Path::new(".")).args(["add-account", "--help"]));
    for words in [
        "organization trail",
        "multi-Region key's replicas",
        "kms:Decrypt",
    ] {
        assert!(stdout.contains(words), "{words}: {stdout}");
    }
}

/// Who searches for the error of CloudTrail's finds what may be meant by it.
#[test]
fn the_error_that_brings_people_here_is_explained() {
    for words in [["check", "--help"], ["man", "check"]] {
        let (_, stdout, _) = run(ctpolicy(Path::new(".")).args(words));
        let text = stdout
            .split_once("InsufficientEncryptionPolicyException")
            .unwrap()
            .1;
        for meant in [
            "the bucket",
            "disabled",
            "another Region",
            "kms:DescribeKey",
        ] {
            assert!(text.contains(meant), "{meant}: {text}");
        }
    }
    let readme = std::fs::read_to_string("README.md").unwrap();
    assert!(readme.contains("InsufficientEncryptionPolicyException"));
}

#[test]
fn every_command_has_a_manual_page() {
    for command in COMMANDS {
        let (status, stdout, _) = run(ctpolicy(Path::new(".")).args(["man", command]));
        assert_eq!(status, 0);
        assert!(
            stdout.contains(&format!("ctpolicy\\-{}", command.replace('-', "\\-"))),
            "{stdout}"
        );
    }
    assert_eq!(run(ctpolicy(Path::new(".")).arg("man")).0, 0);
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (status, stdout, _) = run(ctpolicy(Path::new(".")).args(["completions", shell]));
        assert_eq!(status, 0);
        assert!(stdout.contains("sync-accounts"), "{shell}");
    }
}

#[test]
fn completions_offer_what_an_argument_takes() {
    let script = |shell: &str| run(ctpolicy(Path::new(".")).args(["completions", shell])).1;
    let (bash, zsh) = (script("bash"), script("zsh"));
    assert!(bash.contains("aws-us-gov"), "{bash}");
    let option = |name: &str| zsh.lines().find(|line| line.contains(name)).unwrap();
    for name in ["'*--key=", "'--region=", "'--profile=", "'--sid="] {
        let line = option(name);
        assert!(
            !line.contains("_default") && !line.contains("_files"),
            "{line}"
        );
    }
    assert!(option("'--accounts-from=").contains("_files"));
    assert!(zsh.contains("The command:(add-account "), "{zsh}");
    // With two colons zsh completes no option behind the first argument.
    assert!(!zsh.contains("'*::"), "{zsh}");
}
