//! The prompt, under a pseudo-terminal.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{ACCOUNT, POLICY, context_list, ctpolicy, folder, heeding_signals};
use rexpect::process::{Signal, WaitStatus};
use rexpect::session::{PtySession, spawn_command};

const TIMEOUT_MS: u64 = 20_000;
const SHOW_CURSOR: &str = "\u{1b}[?25h";

fn spawn(folder: &Path, args: &[&str]) -> PtySession {
    let mut command = ctpolicy(folder);
    command.args(args);
    spawn_command(heeding_signals(&command), Some(TIMEOUT_MS)).unwrap()
}

/// A run on the policy, at its question.
fn asked(folder: &Path) -> PtySession {
    let mut session = spawn(folder, &["add-account", ACCOUNT, "key-policy.json"]);
    session.exp_string("Write key-policy.json? [y/N]").unwrap();
    session
}

/// In a shell under the pseudo-terminal, for redirections.
fn spawn_shell(folder: &Path, line: &str) -> PtySession {
    let mut command = Command::new("sh");
    let line = line.replace("ctpolicy", env!("CARGO_BIN_EXE_ctpolicy"));
    command.args(["-c", &line]).current_dir(folder);
    spawn_command(heeding_signals(&command), Some(TIMEOUT_MS)).unwrap()
}

/// The rest of the output, and the status.
fn end(mut session: PtySession) -> (String, i32) {
    let rest = session.exp_eof().unwrap();
    match session.process().wait().unwrap() {
        WaitStatus::Exited(_, status) => (rest, status),
        other => panic!("{other:?} after {rest}"),
    }
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn yes_writes() {
    let (folder, policy) = folder();
    let mut session = asked(folder.path());
    session.send_line("y").unwrap();
    let (rest, status) = end(session);
    assert!(rest.contains("key-policy.json: written"), "{rest}");
    assert_eq!(status, 0);
    assert_eq!(context_list(&policy).len(), 2);
}

#[test]
fn the_answer_is_no_by_default() {
    let (folder, policy) = folder();
    let mut session = asked(folder.path());
    session.send_line("").unwrap();
    let (rest, status) = end(session);
    assert!(rest.contains("not written"), "{rest}");
    assert_eq!(status, 1);
    assert_eq!(fs::read_to_string(policy).unwrap(), POLICY);
}

#[test]
fn a_keystroke_is_no_answer_before_enter() {
    let (folder, policy) = folder();
    let mut session = asked(folder.path());
    session.send("y").unwrap();
    session.flush().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(fs::read_to_string(&policy).unwrap(), POLICY);
    // What is taken back counts as not typed.
    session.send("\u{7f}n").unwrap();
    session.send_line("").unwrap();
    assert_eq!(end(session).1, 1);
    assert_eq!(fs::read_to_string(policy).unwrap(), POLICY);
}

#[test]
fn only_yes_writes() {
    for typed in ["not yet", "maybe", "why?", "a", "q", "yn"] {
        let (folder, policy) = folder();
        let mut session = asked(folder.path());
        session.send_line(typed).unwrap();
        session.exp_string("answer y or n").unwrap();
        session.exp_string("[y/N]").unwrap();
        session.send_line("").unwrap();
        let (rest, status) = end(session);
        assert!(rest.contains("not written"), "{typed}: {rest}");
        assert_eq!(status, 1);
        assert_eq!(fs::read_to_string(policy).unwrap(), POLICY);
    }
    let (folder, policy) = folder();
    let mut session = asked(folder.path());
    session.send_line("Yes").unwrap();
    assert_eq!(end(session).1, 0);
    assert_eq!(context_list(&policy).len(), 2);
}

const SIGNALS: [(Signal, i32); 3] = [
    (Signal::SIGINT, 130),
    (Signal::SIGTERM, 143),
    (Signal::SIGHUP, 129),
];

#[test]
fn a_signal_at_the_question_writes_nothing() {
    let (folder, policy) = folder();
    let mut session = asked(folder.path());
    session.send_control('c').unwrap();
    assert_eq!(end(session).1, 130);
    for (signal, wanted) in SIGNALS {
        let mut session = asked(folder.path());
        session.process_mut().signal(signal).unwrap();
        assert_eq!(end(session).1, wanted);
    }
    assert_eq!(fs::read_to_string(policy).unwrap(), POLICY);
}

/// As under nohup.
#[test]
fn a_signal_that_is_ignored_stays_so() {
    let (folder, policy) = folder();
    let line = format!("trap '' HUP; exec ctpolicy add-account {ACCOUNT} key-policy.json");
    let mut session = spawn_shell(folder.path(), &line);
    session.exp_string("[y/N]").unwrap();
    session.process_mut().signal(Signal::SIGHUP).unwrap();
    session.send_line("y").unwrap();
    assert_eq!(end(session).1, 0);
    assert_eq!(context_list(&policy).len(), 2);
}

/// A run in a shell, at its menu, and its process.
fn at_the_menu(folder: &Path) -> (PtySession, String) {
    let module = fs::read_to_string("testdata/cases/tf-several/before.tf").unwrap();
    fs::write(folder.join("kms.tf"), module).unwrap();
    let run =
        format!("echo process $$.; exec ctpolicy add-account {ACCOUNT} kms.tf --resource \"*\"");
    let line = format!("stty echo; sh -c '{run}'; echo status $?; stty -a");
    let mut session = spawn_shell(folder, &line);
    session.exp_string("process ").unwrap();
    let process = session.exp_string(".").unwrap();
    session.exp_string("kms.tf holds 2 policies; take").unwrap();
    session.exp_string("aws_kms_key.ebs, line 34").unwrap();
    (session, process)
}

/// The menu reads key by key, and hides the cursor.
#[test]
fn a_signal_at_a_menu_gives_the_terminal_back() {
    for (signal, wanted) in SIGNALS {
        let (folder, _) = folder();
        let (session, process) = at_the_menu(folder.path());
        // Until the menu waits for a key.
        std::thread::sleep(std::time::Duration::from_millis(200));
        let name = signal.as_str().strip_prefix("SIG").unwrap();
        let kill = format!("kill -{name} {process}");
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
        let (rest, _) = end(session);
        assert!(rest.contains(&format!("status {wanted}")), "{rest:?}");
        assert!(rest.contains(SHOW_CURSOR), "{rest:?}");
        assert!(
            rest.contains(" icanon") && rest.contains(" echo "),
            "{rest:?}"
        );
    }
}

#[test]
fn a_menu_may_be_left() {
    for key in ["\u{1b}", "q", "\u{3}"] {
        let (folder, _) = folder();
        let (mut session, _) = at_the_menu(folder.path());
        session.send(key).unwrap();
        session.flush().unwrap();
        let (rest, _) = end(session);
        if key == "\u{3}" {
            assert!(rest.contains("status 130"), "{rest:?}");
        } else {
            assert!(rest.contains("kms.tf: not written"), "{rest:?}");
            assert!(rest.contains("status 1"), "{rest:?}");
        }
        assert!(rest.contains(SHOW_CURSOR), "{rest:?}");
        assert!(
            rest.contains(" icanon") && rest.contains(" echo "),
            "{rest:?}"
        );
    }
    let console = fs::read_to_string("testdata/cases/similar-console-policy/before.json").unwrap();
    let (folder, policy) = folder();
    fs::write(&policy, &console).unwrap();
    let mut session = spawn(folder.path(), &["add-account", ACCOUNT, "key-policy.json"]);
    session.exp_string("a new statement").unwrap();
    session.send("q").unwrap();
    session.flush().unwrap();
    let (rest, status) = end(session);
    assert!(rest.contains("key-policy.json: not written"), "{rest}");
    assert_eq!(status, 1);
    assert_eq!(fs::read_to_string(policy).unwrap(), console);
}

#[test]
fn the_end_of_the_input_is_no() {
    for typed in ["", "y"] {
        let (folder, policy) = folder();
        let mut session = asked(folder.path());
        session.send(typed).unwrap();
        // Behind letters the first one only sends these.
        session.send_control('d').unwrap();
        if !typed.is_empty() {
            session.send_control('d').unwrap();
        }
        let (rest, status) = end(session);
        assert!(rest.contains("not written"), "{rest}");
        assert_eq!(status, 1);
        assert_eq!(fs::read_to_string(policy).unwrap(), POLICY);
    }
}

#[test]
fn nobody_is_asked_unless_input_and_error_are_both_terminals() {
    for redirection in ["< /dev/null", "< key-policy.json", "2> error.txt"] {
        let (folder, policy) = folder();
        let line = format!(
            "ctpolicy add-account {ACCOUNT} key-policy.json {redirection}; echo status $?; cat error.txt 2>/dev/null"
        );
        let (rest, _) = end(spawn_shell(folder.path(), &line));
        assert!(rest.contains("status 2"), "{redirection}: {rest}");
        assert!(
            rest.contains("there is no terminal to ask on"),
            "{redirection}: {rest}"
        );
        assert_eq!(fs::read_to_string(policy).unwrap(), POLICY);
    }
    let (folder, _) = folder();
    let line = format!(
        "cat key-policy.json | ctpolicy add-account {ACCOUNT} key-policy.json; echo status $?"
    );
    let (rest, _) = end(spawn_shell(folder.path(), &line));
    assert!(rest.contains("status 2"), "{rest}");
}

#[test]
fn standard_output_may_go_elsewhere() {
    for (format, result) in [
        ("json", "\"changed\":true"),
        ("diff", "+++ b/key-policy.json"),
    ] {
        let (folder, policy) = folder();
        let line =
            format!("ctpolicy add-account {ACCOUNT} key-policy.json --format {format} > out");
        let mut session = spawn_shell(folder.path(), &line);
        // The diff, which is asked about.
        session.exp_string("222222222222:trail").unwrap();
        session.exp_string("[y/N]").unwrap();
        session.send_line("y").unwrap();
        assert_eq!(end(session).1, 0);
        assert_eq!(context_list(&policy).len(), 2);
        let out = fs::read_to_string(folder.path().join("out")).unwrap();
        assert_eq!(out.matches(result).count(), 1, "{out}");
    }
}

/// Four files, of which one has the account already, at the first question.
fn asked_about_several(folder: &Path) -> PtySession {
    for name in ["a.json", "b.json", "d.json"] {
        fs::write(folder.join(name), POLICY).unwrap();
    }
    let covered = POLICY.replace("111111111111:trail", "*:trail");
    fs::write(folder.join("c.json"), covered).unwrap();
    let mut session = spawn(
        folder,
        &[
            "add-account",
            ACCOUNT,
            "a.json",
            "b.json",
            "c.json",
            "d.json",
        ],
    );
    session.exp_string("(1/3) Write a.json? [y/N/a/q]").unwrap();
    session
}

#[test]
fn a_run_over_several_files_counts_them() {
    let (folder, _) = folder();
    let mut session = asked_about_several(folder.path());
    session.send_line("y").unwrap();
    session.exp_string("(2/3) Write b.json? [y/N/a/q]").unwrap();
    session.send_line("n").unwrap();
    session.exp_string("(3/3) Write d.json? [y/N/a/q]").unwrap();
    session.send_line("q").unwrap();
    let (rest, status) = end(session);
    let count = "4 policies: 1 written, 1 nothing to do, 2 not written\r\n";
    assert!(rest.ends_with(count), "{rest}");
    assert_eq!(status, 1);
}

#[test]
fn an_interruption_says_what_was_written_and_what_was_not() {
    let (folder, _) = folder();
    let mut session = asked_about_several(folder.path());
    session.send_line("y").unwrap();
    session.exp_string("(2/3) Write b.json? [y/N/a/q]").unwrap();
    session.send_control('c').unwrap();
    let (rest, status) = end(session);
    let said =
        "b.json: not written\r\nd.json: not written\r\ninterrupted: 1 written, 2 not written\r\n";
    assert!(rest.ends_with(said), "{rest}");
    assert_eq!(status, 130);
}

fn several(answers: &[&str]) -> (Vec<bool>, i32) {
    let (folder, _) = folder();
    let names = ["a.json", "b.json", "c.json"];
    for name in names {
        fs::write(folder.path().join(name), POLICY).unwrap();
    }
    let mut args = vec!["add-account", ACCOUNT];
    args.extend(names);
    let mut session = spawn(folder.path(), &args);
    for answer in answers {
        session.exp_string("[y/N/a/q]").unwrap();
        session.send_line(answer).unwrap();
    }
    let (rest, status) = end(session);
    if answers.contains(&"q") {
        assert!(plain(&rest).contains("c.json: not written"), "{rest}");
    }
    let written = names
        .iter()
        .map(|name| fs::read_to_string(folder.path().join(name)).unwrap() != POLICY)
        .collect();
    (written, status)
}

#[test]
fn with_several_files_there_are_four_answers() {
    assert_eq!(several(&["y", "n", "y"]), (vec![true, false, true], 1));
    assert_eq!(several(&["n", "a"]), (vec![false, true, true], 1));
    assert_eq!(several(&["a"]), (vec![true, true, true], 0));
    assert_eq!(several(&["y", "q"]), (vec![true, false, false], 1));
    assert_eq!(
        several(&["what?", "y", "", "q"]),
        (vec![true, false, false], 1)
    );
}

/// A run on a policy of a golden case, at its question about the statement.
fn at_the_question(folder: &Path, case: &str, accounts: &str) -> PtySession {
    let before = fs::read(format!("testdata/cases/{case}/before.json")).unwrap();
    fs::write(folder.join("key-policy.json"), before).unwrap();
    let mut session = spawn(folder, &["add-account", accounts, "key-policy.json"]);
    session.exp_string("; take").unwrap();
    session.exp_string("a new statement").unwrap();
    session
}

/// The lists of the policy's statements, after so many keystrokes down and yes.
fn chosen(mut session: PtySession, down: usize, policy: &Path) -> Vec<usize> {
    for _ in 0..down {
        session.send("\u{1b}[B").unwrap();
    }
    session.send_line("").unwrap();
    session.exp_string("[y/N]").unwrap();
    session.send_line("y").unwrap();
    let (rest, status) = end(session);
    assert_eq!(status, 0, "{rest}");
    let value: serde_json::Value = serde_json::from_slice(&fs::read(policy).unwrap()).unwrap();
    let key = "/Condition/StringLike/kms:EncryptionContext:aws:cloudtrail:arn";
    let statements = value["Statement"].as_array().unwrap().iter();
    let lists = statements.filter_map(|statement| statement.pointer(key));
    lists
        .map(|list| list.as_array().map_or(1, Vec::len))
        .collect()
}

#[test]
fn which_of_several_statements_is_asked() {
    for (down, lists) in [(0, vec![2, 1]), (1, vec![1, 2]), (2, vec![1, 1, 1])] {
        let (folder, policy) = folder();
        // One of the two is covered, and needs no answer.
        let accounts = "222222222222,333333333333";
        let session = at_the_question(folder.path(), "which-several", accounts);
        assert_eq!(chosen(session, down, &policy), lists);
    }
}

#[test]
fn a_statement_that_would_keep_the_account_out_is_asked_about() {
    for (down, lists) in [(0, vec![2, 1]), (1, vec![1, 1, 1])] {
        let (folder, policy) = folder();
        let session = at_the_question(folder.path(), "similar-console-policy", ACCOUNT);
        assert_eq!(chosen(session, down, &policy), lists);
    }
}

/// Two statements that let CloudTrail encrypt.
const TWO: &str = include_str!("../testdata/cases/which-several/before.json");

/// Adds an account to the first of them.
const BY_NUMBER: [&str; 5] = [
    "add-account",
    "333333333333",
    "key-policy.json",
    "--statement",
    "1",
];

/// Where the policy changes while the question is open, the number and the
/// answer are those of the statement that was shown.
#[test]
fn a_number_is_that_of_the_statement_that_was_shown() {
    let statement = |args: &[&str], changed: &str| {
        let (folder, policy) = folder();
        fs::write(&policy, TWO).unwrap();
        let mut session = spawn(folder.path(), args);
        if args.len() == 3 {
            session.exp_string("; take").unwrap();
            session.send_line("").unwrap();
        }
        session.exp_string("[y/N]").unwrap();
        fs::write(&policy, changed).unwrap();
        session.send_line("y").unwrap();
        (end(session), fs::read_to_string(policy).unwrap())
    };
    let (first, second) = (
        TWO.find(" {\"Sid\":\"A\"").unwrap(),
        TWO.find(" {\"Sid\":\"B\"").unwrap(),
    );
    let other = [&TWO[..first], &TWO[second..]].concat();
    for args in [&BY_NUMBER[..], &BY_NUMBER[..3]] {
        let ((said, status), left) = statement(args, &other);
        assert!(said.contains("no more the one that was shown"), "{said}");
        assert_eq!((status, left), (2, other.clone()));
    }
}

/// Neither of two statements that differ in their lists alone is taken for the
/// other.
#[test]
fn two_statements_without_a_sid_that_change_places_are_told_apart() {
    let (folder, policy) = folder();
    let two = TWO
        .replace("\"Sid\":\"A\",", "")
        .replace("\"Sid\":\"B\",", "");
    fs::write(&policy, &two).unwrap();
    let mut session = spawn(folder.path(), &BY_NUMBER);
    session.exp_string("statement 1 (no Sid)").unwrap();
    session.exp_string("[y/N]").unwrap();
    let swapped = two
        .replace("111111111111", "x")
        .replace("222222222222", "111111111111");
    let swapped = swapped.replace('x', "222222222222");
    assert_ne!(swapped, two);
    fs::write(&policy, &swapped).unwrap();
    session.send_line("y").unwrap();
    let (said, status) = end(session);
    assert!(said.contains("no more the one that was shown"), "{said}");
    assert_eq!(status, 2);
    assert_eq!(fs::read_to_string(policy).unwrap(), swapped);
}

#[test]
fn another_value_in_the_list_meanwhile_is_no_other_statement() {
    let (folder, policy) = folder();
    fs::write(&policy, TWO).unwrap();
    let mut session = spawn(folder.path(), &BY_NUMBER);
    session.exp_string("[y/N]").unwrap();
    let changed = TWO.replace("111111111111", "444444444444");
    fs::write(&policy, changed).unwrap();
    session.send_line("y").unwrap();
    session.exp_string("has changed since it was read").unwrap();
    session.exp_string("[y/N]").unwrap();
    session.send_line("y").unwrap();
    assert_eq!(end(session).1, 0);
    let written = fs::read_to_string(policy).unwrap();
    assert!(written.contains("444444444444:trail/*\",\"arn:aws:cloudtrail:*:333333333333"));
}

#[test]
fn which_policy_is_asked_where_a_file_holds_several() {
    let module = fs::read_to_string("testdata/cases/tf-several/before.tf").unwrap();
    for (down, place) in [(0, "@@ -9,7"), (1, "@@ -33,6")] {
        let (folder, _) = folder();
        let file = folder.path().join("kms.tf");
        fs::write(&file, &module).unwrap();
        let args = [
            "add-account",
            ACCOUNT,
            "kms.tf",
            "--resource",
            "*",
            "--sid",
            "Other",
        ];
        let args = if down == 0 { &args[..5] } else { &args[..] };
        let mut session = spawn(folder.path(), args);
        session.exp_string("kms.tf holds 2 policies; take").unwrap();
        session.exp_string("aws_kms_key.ebs, line 34").unwrap();
        for _ in 0..down {
            session.send("\u{1b}[B").unwrap();
        }
        session.send_line("").unwrap();
        session.exp_string(place).unwrap();
        session.exp_string("[y/N]").unwrap();
        session.send_line("y").unwrap();
        let (rest, status) = end(session);
        assert_eq!(status, 0, "{rest}");
        assert_ne!(fs::read_to_string(file).unwrap(), module);
    }
}

#[test]
fn what_changed_meanwhile_is_shown_and_asked_again() {
    let (folder, policy) = folder();
    let mut session = asked(folder.path());
    let changed = POLICY.replace(
        "\"arn:aws:cloudtrail:*:111111111111:trail/*\"",
        "\"arn:aws:cloudtrail:*:111111111111:trail/*\",\n            \"arn:aws:cloudtrail:*:333333333333:trail/*\"",
    );
    fs::write(&policy, &changed).unwrap();
    session.send_line("y").unwrap();
    session.exp_string("has changed since it was read").unwrap();
    session.exp_string("333333333333").unwrap();
    session.exp_string("[y/N]").unwrap();
    assert_eq!(fs::read_to_string(&policy).unwrap(), changed);
    session.send_line("y").unwrap();
    assert_eq!(end(session).1, 0);
    assert_eq!(context_list(&policy).len(), 3);
}

#[test]
fn a_change_elsewhere_in_the_file_is_kept_without_asking_again() {
    let (folder, policy) = folder();
    let mut session = asked(folder.path());
    let changed = POLICY.replace("break-glass", "break-class");
    fs::write(&policy, changed).unwrap();
    session.send_line("y").unwrap();
    assert_eq!(end(session).1, 0);
    assert!(fs::read_to_string(&policy).unwrap().contains("break-class"));
    assert_eq!(context_list(&policy).len(), 2);
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let diff = |set: &[(&str, &str)], args: &[&str]| {
        let (folder, _) = folder();
        let mut command = ctpolicy(folder.path());
        command
            .args(["add-account", ACCOUNT, "key-policy.json", "-n"])
            .args(args);
        command.envs(set.iter().copied());
        let (text, status) =
            end(spawn_command(heeding_signals(&command), Some(TIMEOUT_MS)).unwrap());
        assert_eq!(status, 0);
        text
    };
    let coloured = diff(&[], &[]);
    assert!(coloured.contains("\u{1b}[32m+"), "{coloured:?}");
    assert!(
        coloured.contains("\u{1b}[1m\u{1b}[4m"),
        "emphasis: {coloured:?}"
    );
    let wanted = plain(&coloured);
    for (set, args) in [
        (&[("NO_COLOR", "1")][..], &[][..]),
        (&[("CLICOLOR", "0")], &[]),
        (&[("TERM", "dumb")], &[]),
        (&[], &["--color", "never"]),
    ] {
        assert_eq!(diff(set, args), wanted, "{set:?} {args:?}");
    }
}

/// The run at the top of the README, as a person sees it.
#[test]
fn the_readme_opens_with_what_is_printed() {
    let readme = fs::read_to_string("README.md").unwrap();
    let transcript = readme
        .split("```console\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("a transcript");
    let (command, wanted) = transcript.split_once('\n').unwrap();
    let args = shlex::split(command.strip_prefix("$ ctpolicy ").unwrap()).unwrap();
    let (folder, _) = folder();
    let mut session = spawn(
        folder.path(),
        &args.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let shown = session.exp_string("[y/N]").unwrap();
    session.send_line("y").unwrap();
    let (rest, _) = end(session);
    // This pseudo-terminal does not show what is typed.
    let typed = rest.replacen(' ', " y\n", 1);
    let shown = plain(&format!("{shown}[y/N]{typed}")).replace("\r\n", "\n");
    assert_eq!(shown, wanted);
}
